//! What waits for something usable to come into a state: it is not made before, and keeps nothing else from going.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wpc_engine::{
    Action, Bound, Change, Delta, Fault, Found, Graph, Id, Identity, Key, Kind, Maybe, Memory, Options, Outcome,
    Removal, Report, State, Verbs, run,
};

/// A thing that can be used before it is done.
struct Thing;

impl Kind for Thing {
    const NAME: &'static str = "test/thing";
    const ACTIONS: &'static [Action] = &[];
    const IDENTITY: Identity = Identity::Name;
    type Desired = String;
    type Observed = (Id, bool);
    type Output = Id;

    fn variant(_: &String) -> Option<String> {
        None
    }

    fn id((id, _): &(Id, bool)) -> Id {
        id.clone()
    }

    fn holds(_: &(Id, bool)) -> Vec<Id> {
        vec![]
    }

    fn diff(_: &String, _: &(Id, bool)) -> Delta {
        Delta::Same
    }

    fn state((id, done): &(Id, bool)) -> State<Id> {
        match done {
            true => State::Ready(Id(format!("{id} done"))),
            false => State::Settling { usable: Some(id.clone()), reason: "Begun" },
        }
    }
}

/// A cloud of such things, by name: whether each is done.
#[derive(Default)]
struct Cloud(Mutex<BTreeMap<String, bool>>);

impl Verbs<Thing> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Thing>>, Fault> {
        let things = self.0.lock().unwrap();
        Ok(things.iter().map(|(name, done)| Found::ours(Key::of(name), (Id(name.clone()), *done))).collect())
    }

    async fn read(&self, key: &Key, _: &Id) -> Result<Option<Found<Thing>>, Fault> {
        let done = self.0.lock().unwrap().get(&key.name).copied();
        Ok(done.map(|done| Found::ours(key.clone(), (Id(key.name.clone()), done))))
    }

    async fn create(&self, key: &Key, _: &String) -> Result<Id, Fault> {
        self.0.lock().unwrap().insert(key.name.clone(), key.name != "slow");
        Ok(Id(key.name.clone()))
    }

    async fn update(&self, _: &Key, _: &String, _: &(Id, bool), _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, key: &Key, _: &(Id, bool), _: Removal) -> Result<(), Fault> {
        self.0.lock().unwrap().remove(&key.name);
        Ok(())
    }
}

async fn pass(cloud: &Arc<Cloud>) -> Report {
    let kind = Bound::<Thing>::new(cloud.clone());
    let mut graph = Graph::new();
    let slow = graph.add("slow", &kind, (), |()| String::new());
    let done = slow.when(|id| id.as_str().ends_with("done"));
    graph.add("patient", &kind, done, |id| id.0);
    graph.add("eager", &kind, Maybe(done), |id| id.map(|id| id.0).unwrap_or_default());
    let options = Options { settle: Duration::ZERO, ..Options::apply() };
    run(&graph, &[kind.any()], &mut Memory::fresh(), &options).await
}

#[tokio::test]
async fn it_waits_for_the_state_and_what_nobody_wants_goes_meanwhile() {
    let cloud = Arc::new(Cloud::default());
    cloud.0.lock().unwrap().insert("leftover".into(), true);
    let report = pass(&cloud).await;
    let outcome = |report: &Report, name: &str| {
        report.components.iter().find(|component| component.key.name == name).map(|component| component.outcome.clone())
    };
    assert_eq!(outcome(&report, "patient"), Some(Outcome::Waiting { on: vec!["slow".into()] }));
    assert_eq!(outcome(&report, "eager"), Some(Outcome::Ready));
    assert_eq!(outcome(&report, "leftover"), Some(Outcome::Gone));

    cloud.0.lock().unwrap().insert("slow".into(), true);
    assert!(pass(&cloud).await.ready());
}
