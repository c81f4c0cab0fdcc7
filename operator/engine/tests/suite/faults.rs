//! What a failure stops, and what it does not.

use wpc_engine::{Class, Event, Options, Outcome};

use crate::cloud::{Fate, Op, Weather};
use crate::kinds::Of;
use crate::stack::{Spec, Stack, full, outcome};
use crate::things::Phase;

/// Two branches from one root, and a leaf that needs both.
fn branches() -> Spec {
    Spec::default()
        .with("root", Of::Net, &[])
        .with("left", Of::Part, &["root"])
        .with("right", Of::Table, &["root"])
        .with("below-left", Of::Group, &["left"])
        .with("below-both", Of::Group, &["left", "right"])
        .with("leaf", Of::Template, &["below-left"])
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_only_what_depends_on_it() {
    for class in [Class::Throttled, Class::Transient, Class::Denied, Class::Quota, Class::Invalid, Class::Busy] {
        let mut stack = Stack::new(Weather::default(), branches());
        stack.cloud.script(move |_, call| if call.is(Op::Create, "left") { Fate::Fails(class) } else { Fate::Served });
        let report = stack.pass().await.unwrap();
        assert_eq!(outcome(&report, "root"), &Outcome::Ready);
        assert!(matches!(outcome(&report, "left"), Outcome::Failed(fault) if fault.class == class));
        assert_eq!(outcome(&report, "right"), &Outcome::Ready);
        assert_eq!(outcome(&report, "below-left"), &Outcome::Blocked { by: vec!["left".into()] });
        assert_eq!(outcome(&report, "below-both"), &Outcome::Blocked { by: vec!["left".into()] });
        assert_eq!(outcome(&report, "leaf"), &Outcome::Blocked { by: vec!["below-left".into()] });
        assert!(!report.ready());
        stack.cloud.calm();
        stack.converge().await;
        stack.assert_as_wanted(&[]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_is_waited_for() {
    let mut stack = Stack::new(Weather { work: std::time::Duration::from_secs(60), ..Weather::default() }, branches());
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "root"), &Outcome::Settling { reason: "Creating", usable: false });
    assert_eq!(outcome(&report, "left"), &Outcome::Waiting { on: vec!["root".into()] });
    assert_eq!(outcome(&report, "below-both"), &Outcome::Waiting { on: vec!["left".into(), "right".into()] });
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

/// A thing that is being changed, or that fails to be, is usable all the same.
#[tokio::test(start_paused = true)]
async fn what_is_usable_blocks_nobody() {
    let mut stack = Stack::new(Weather::default(), branches().without(&["leaf"]));
    stack.converge().await;
    stack.cloud.with(|state| state.weather.work = std::time::Duration::from_secs(60));
    stack.spec = branches().size("root", 2).size("below-left", 2);
    stack.cloud.script(|_, call| match call.is(Op::Update, "below-left") {
        true => Fate::Fails(Class::Denied),
        false => Fate::Served,
    });
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "root"), &Outcome::Settling { reason: "Updating", usable: true });
    assert!(matches!(outcome(&report, "below-left"), Outcome::Failed(_)));
    assert!(matches!(outcome(&report, "leaf"), Outcome::Settling { reason: "Creating", .. }));
    stack.cloud.calm();
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_list_stops_its_kind_and_what_depends_on_it() {
    for of in Of::ALL {
        let kind = of.traits().kind;
        let mut stack = Stack::new(Weather::default(), full());
        stack.cloud.script(move |_, call| match call.op == Op::List && call.kind == kind {
            true => Fate::Fails(Class::Throttled),
            false => Fate::Served,
        });
        let report = stack.pass().await.unwrap();
        for component in &report.components {
            match &component.outcome {
                Outcome::Ready => assert_ne!(component.kind, kind),
                Outcome::Failed(fault) => assert_eq!((component.kind, fault.class), (kind, Class::Throttled)),
                Outcome::Blocked { .. } => {}
                other => panic!("{} is {other:?}", component.key),
            }
        }
        assert_eq!(report.unlisted.len(), 1);
        assert!(stack.writes().iter().all(|call| call.kind != kind), "nothing is made of what could not be listed");
        stack.cloud.calm();
        stack.converge().await;
        stack.assert_as_wanted(&[]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_made_and_cannot_be_read_is_not_made_again() {
    for of in Of::ALL {
        let spec = Spec::default().with("thing", *of, &[]).with("leaf", Of::Part, &["thing"]);
        let weather = Weather { lag: std::time::Duration::from_secs(4), ..Weather::default() };
        let mut stack = Stack::new(weather, spec);
        stack.cloud.script(|_, call| match call.is(Op::Read, "thing") {
            true => Fate::Fails(Class::Transient),
            false => Fate::Served,
        });
        for _ in 0..3 {
            let report = stack.pass().await.unwrap();
            assert!(matches!(outcome(&report, "thing"), Outcome::Failed(fault) if fault.class == Class::Transient));
            assert_eq!(outcome(&report, "leaf"), &Outcome::Blocked { by: vec!["thing".into()] });
            assert_eq!(report.faults().count(), 1, "told once");
        }
        assert_eq!(stack.wrote(0), ["Create thing"]);
        // Not wanted any more it is still not forgotten.
        stack.spec = Spec::default();
        stack.removal = wpc_engine::Removal::Delete;
        let report = stack.pass().await.unwrap();
        assert_eq!(report.unlisted.len(), 1);
        assert!(!report.removed());
        stack.cloud.calm();
        stack.converge().await;
        stack.assert_as_wanted(&[]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_work_is_said_to_and_hides_nothing() {
    let mut stack = Stack::new(Weather::default(), branches());
    stack.converge().await;
    stack.cloud.with(|state| state.named("left").change(|version| version.phase = Phase::Broken));
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "left"), &Outcome::Broken("it does not answer".into()));
    assert_eq!(outcome(&report, "leaf"), &Outcome::Blocked { by: vec!["below-left".into()] });
    assert!(report.components.iter().all(|c| c.id.is_some()), "what is there is observed");
}

#[tokio::test(start_paused = true)]
async fn every_fault_is_reported_and_told() {
    let told = std::sync::Mutex::new(vec![]);
    let observer = |event: Event| {
        if let Event::Failed { component, fault } = event {
            told.lock().unwrap().push((component, fault.class));
        }
    };
    let mut stack = Stack::new(Weather::default(), branches());
    stack.cloud.script(|_, call| match (call.op, call.kind) {
        (Op::List, "fake/vault") => Fate::Fails(Class::Denied),
        (Op::Create, "fake/table") => Fate::Fails(Class::Quota),
        _ => Fate::Served,
    });
    let report = stack.pass_with(Options { observer: &observer, ..stack.options() }).await.unwrap();
    let faults: Vec<_> = report.faults().map(|(name, fault)| (name.to_owned(), fault.class)).collect();
    assert_eq!(faults, [("fake/vault".to_owned(), Class::Denied), ("right".to_owned(), Class::Quota)]);
    assert_eq!(told.into_inner().unwrap(), faults);
}
