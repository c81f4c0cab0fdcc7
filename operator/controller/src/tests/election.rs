//! Elections against a Lease that is a few lines, in virtual time. Its watch stays silent: who trusts the watch alone
//! believes every leader dead.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::*;
use crate::leadership::{Candidate, Election, Leadership, Lost, Now};

const WRITE: Duration = Duration::from_secs(20);

fn election(name: &str) -> Election {
    Election {
        namespace: None,
        name: "operator".into(),
        identity: name.into(),
        duration: Duration::from_secs(30),
        renew: Duration::from_secs(2),
    }
}

/// The Lease that all replicas share, and whether the API answers.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<(Option<Value>, u64)>>, Arc<Mutex<bool>>);

impl Shared {
    fn answer(&self, call: &Call) -> (u16, Value) {
        let mut shared = self.0.lock().expect("no panic while held");
        let (lease, version) = &mut *shared;
        let known = lease.clone();
        let mut store = |mut body: Value| {
            *version += 1;
            body["metadata"]["resourceVersion"] = json!(version.to_string());
            *lease = Some(body.clone());
            (200, body)
        };
        if *self.1.lock().expect("no panic while held") || call.query.contains("watch=true") {
            return (0, Value::Null);
        }
        match (call.method.as_str(), known) {
            ("GET", known) if call.path.ends_with("/leases") => {
                let items: Vec<_> = known.into_iter().collect();
                let list = json!({
                    "apiVersion": "coordination.k8s.io/v1", "kind": "LeaseList",
                    "metadata": { "resourceVersion": "1" }, "items": items,
                });
                (200, list)
            }
            ("GET", Some(known)) => (200, known),
            ("POST", None) => store(call.body.clone()),
            ("PUT", Some(known))
                if known["metadata"]["resourceVersion"] == call.body["metadata"]["resourceVersion"] =>
            {
                store(call.body.clone())
            }
            ("POST" | "PUT", Some(_)) => refusal(409, "Conflict"),
            _ => refusal(404, "NotFound"),
        }
    }

    /// The part of the holder's name that it was given.
    fn holder(&self) -> String {
        let shared = self.0.lock().expect("no panic while held");
        let holder = shared.0.as_ref().and_then(|lease| lease["spec"]["holderIdentity"].as_str());
        holder.unwrap_or("nobody").split('_').next().unwrap_or_default().to_owned()
    }

    /// The API answers nothing while this is so.
    fn away(&self, away: bool) {
        *self.1.lock().expect("no panic while held") = away;
    }

    fn edit(&self, edit: impl FnOnce(&mut Option<Value>, u64)) {
        let mut shared = self.0.lock().expect("no panic while held");
        shared.1 += 1;
        let version = shared.1;
        edit(&mut shared.0, version);
    }

    fn replica(&self, name: &str) -> Replica {
        let leadership = Leadership::new(true, WRITE);
        let shared = self.clone();
        let (client, _) = Kube::with(move |call| Some(shared.answer(call)));
        let candidate = Candidate::new(client, &election(name), WRITE, leadership.clone());
        let (ending, _) = watch::channel(false);
        let asked = |mut asked: watch::Receiver<bool>| async move { drop(asked.wait_for(|asked| *asked).await) };
        let (at_once, over) = (asked(ending.subscribe()), asked(ending.subscribe()));
        let running = tokio::spawn(candidate.run(at_once, over, |_| ()));
        Replica { leadership, ending, running }
    }
}

struct Replica {
    leadership: Arc<Leadership>,
    ending: watch::Sender<bool>,
    running: JoinHandle<Result<(), Lost>>,
}

impl Replica {
    fn acts(&self) -> bool {
        self.leadership.now() == Now::Act
    }

    async fn begins(&self) {
        while !self.acts() {
            sleep(Duration::from_millis(100)).await;
        }
    }

    fn end(&self) {
        self.leadership.end();
        self.ending.send_replace(true);
    }

    async fn ended(self) -> Result<(), Lost> {
        self.running.await.expect("no panic")
    }
}

/// Two replicas; the first leads.
async fn pair() -> (Shared, Replica, Replica) {
    let shared = Shared::default();
    let first = shared.replica("first");
    first.begins().await;
    let second = shared.replica("second");
    (shared, first, second)
}

#[tokio::test(start_paused = true)]
async fn one_leads_and_the_other_waits_for_as_long_as_it_renews() {
    let (shared, first, second) = pair().await;
    for _ in 0..600 {
        sleep(Duration::from_secs(1)).await;
        assert!(first.acts() && !second.acts());
    }
    assert_eq!(shared.holder(), "first");
}

#[tokio::test(start_paused = true)]
async fn a_dead_leader_is_followed_when_its_lease_is_over_and_not_before() {
    let (shared, first, second) = pair().await;
    sleep(Duration::from_secs(61)).await;
    first.running.abort();
    while !second.acts() {
        assert!(first.leadership.aws().is_none() || shared.holder() == "first", "two of them");
        sleep(Duration::from_millis(100)).await;
    }
    assert!(first.leadership.aws().is_none() && first.leadership.now() == Now::Pause);
    assert_eq!(shared.holder(), "second");
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_to_end_releases_the_lease_once_nothing_is_under_way() {
    let (shared, first, second) = pair().await;
    let write = first.leadership.aws().expect("leave");
    first.end();
    sleep(Duration::from_secs(19)).await;
    assert_eq!(shared.holder(), "first", "a write is under way");
    assert!(!second.acts());
    drop(write);
    assert_eq!(first.ended().await, Ok(()));
    assert_eq!(shared.holder(), "");
    second.begins().await;
    second.end();
    assert_eq!(second.ended().await, Ok(()));
    let standby = shared.replica("third");
    standby.begins().await;
    let last = shared.replica("fourth");
    sleep(Duration::from_secs(5)).await;
    last.end();
    assert_eq!(last.ended().await, Ok(()));
    assert_eq!(shared.holder(), "third", "a standby has nothing to release");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_pauses_and_goes_on_if_nobody_else_led() {
    let (shared, first, second) = pair().await;
    sleep(Duration::from_secs(10)).await;
    shared.away(true);
    while first.acts() {
        sleep(Duration::from_millis(100)).await;
    }
    assert!(first.leadership.aws().is_none());
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(first.leadership.now(), Now::Pause);
    // The second one believes it dead, but what it saw of the Lease is not what it is.
    shared.away(false);
    first.begins().await;
    assert!(!second.acts());
    assert_eq!(shared.holder(), "first");
}

#[tokio::test(start_paused = true)]
async fn who_finds_another_in_the_lease_is_through() {
    type Edit = fn(&mut Option<Value>, u64);
    let cases: [(Edit, Lost); 3] = [
        (
            |lease, version| {
                let lease = lease.as_mut().expect("a lease");
                lease["spec"]["holderIdentity"] = json!("another");
                lease["metadata"]["resourceVersion"] = json!(version.to_string());
            },
            Lost::Taken("another".into()),
        ),
        (
            |lease, version| {
                let lease = lease.as_mut().expect("a lease");
                lease["spec"]["holderIdentity"] = json!("");
                lease["metadata"]["resourceVersion"] = json!(version.to_string());
            },
            Lost::Removed,
        ),
        (|lease, _| *lease = None, Lost::Removed),
    ];
    for (edit, expected) in cases {
        let shared = Shared::default();
        let leader = shared.replica("first");
        leader.begins().await;
        shared.edit(edit);
        let leadership = leader.leadership.clone();
        assert_eq!(leader.ended().await, Err(expected));
        assert!(leadership.aws().is_none() && leadership.kubernetes().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_label_on_the_lease_takes_nothing_from_its_holder() {
    let (shared, first, _second) = pair().await;
    shared.edit(|lease, version| {
        let lease = lease.as_mut().expect("a lease");
        lease["metadata"]["labels"] = json!({ "team": "press" });
        lease["metadata"]["resourceVersion"] = json!(version.to_string());
    });
    sleep(Duration::from_secs(60)).await;
    assert!(first.acts());
    let kept = shared.0.lock().expect("no panic while held").0.clone();
    assert_eq!(kept.expect("a lease")["metadata"]["labels"]["team"], "press");
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_stands_by_looks_at_nothing_and_writes_nothing() {
    let (client, kube) = Kube::new();
    let config = Config { election: Some(election("first")), ..Config::default() };
    let context = Arc::new(Context::new(client, config, Accounts::default(), "operator-uid".into()));
    let object = readable(WordPressCluster::fixture().paused());
    assert_eq!(pass(&object, &context).await.expect("no error"), Action::await_change());
    // Whoever would write all the same is refused by the client.
    let refused = crate::finalize::adopt(&context, &WordPressCluster::fixture(), &scope()).await;
    assert!(refused.expect_err("refused").to_string().contains("does not lead"));
    assert_eq!(kube.words(), [""; 0]);
    // Reading is everybody's.
    crate::finalize::stand_in(&context, WordPressCluster::fixture().metadata).await.expect("read");
    assert_eq!(kube.words(), ["GET object"]);
}

fn scope() -> wpc_api::annotations::Scope {
    wpc_api::annotations::Scope {
        account: "111122223333".into(),
        region: "us-east-1".into(),
        role: None,
        stack: "default/press/gazette".into(),
    }
}

#[test]
fn times_that_make_no_sense_together_are_refused() {
    let check = |duration, renew, write| {
        let election = Election {
            duration: Duration::from_millis(duration),
            renew: Duration::from_millis(renew),
            ..election("first")
        };
        election.check(Duration::from_millis(write))
    };
    assert_eq!(check(30_000, 2_000, 20_000), Ok(()));
    assert_eq!(check(26_000, 2_000, 20_000), Ok(()));
    assert!(check(15_000, 2_000, 20_000).unwrap_err().contains("make it 26s at least"));
    assert!(check(26_500, 2_000, 20_000).unwrap_err().contains("whole seconds"));
    assert!(check(30_000, 0, 20_000).unwrap_err().contains("after a while"));
}
