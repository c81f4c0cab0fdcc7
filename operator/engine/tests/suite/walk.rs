//! How a pass goes about it: how much at a time, in what order, what it tells, what it holds back, when it stops.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::sleep;
use wpc_engine::{Event, Graph, Hold, Mode, Options, Outcome, Proposal, Verb};

use crate::cloud::{Op, Weather};
use crate::kinds::Of;
use crate::stack::{Spec, Stack, full, outcome};
use crate::things::Phase;

fn wide() -> Spec {
    let parts = (0..12).fold(Spec::default().with("net", Of::Net, &[]), |spec, index| {
        spec.with(&format!("part-{index}"), Of::Part, &["net"])
    });
    parts.with("group", Of::Group, &["part-0", "part-11"])
}

#[tokio::test(start_paused = true)]
async fn ready_nodes_run_side_by_side_under_a_limit() {
    // Of the parts two are held by the group, so eleven things can be removed at first.
    for (limit, making, removing) in [(0, 1, 1), (1, 1, 1), (3, 3, 3), (100, 12, 11)] {
        let mut stack = Stack::new(Weather { latency: Duration::from_millis(100), ..Weather::default() }, wide());
        for (spec, peak) in [(wide(), making), (Spec::default(), removing)] {
            stack.spec = spec;
            sleep(Duration::from_secs(60)).await;
            stack.cloud.with(|state| state.peak = 0);
            stack.pass_with(Options { concurrency: limit, ..stack.options() }).await.unwrap();
            assert_eq!(stack.cloud.with(|state| state.peak), peak, "limit {limit}");
        }
        stack.assert_as_wanted(&[]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pass_lists_each_kind_once_and_reads_what_it_wrote() {
    let mut stack = Stack::new(Weather::default(), wide());
    stack.pass().await.unwrap();
    let count = |stack: &Stack, op| stack.cloud.with(|state| state.calls.iter().filter(|call| call.op == op).count());
    assert_eq!(count(&stack, Op::List), Of::ALL.len());
    assert_eq!(count(&stack, Op::Read), 14);
    stack.pass().await.unwrap();
    assert_eq!((count(&stack, Op::List), count(&stack, Op::Read)), (2 * Of::ALL.len(), 14), "rest costs lists alone");
}

#[tokio::test(start_paused = true)]
async fn steps_and_outcomes_are_told_as_they_happen() {
    let told = Mutex::new(vec![]);
    let observer = |event: Event| {
        told.lock().unwrap().push(match event {
            Event::Done { component, step, .. } => format!("{:?} {component}", step.verb),
            Event::Observed { component, outcome } => format!("{component} {}", outcome.word()),
            Event::Failed { component, fault } => format!("{component} {}", fault.reason),
        });
    };
    let spec = Spec::default().with("net", Of::Net, &[]).with("part", Of::Part, &["net"]);
    let mut stack = Stack::new(Weather::default(), spec.clone());
    stack.pass_with(Options { observer: &observer, ..stack.options() }).await.unwrap();
    stack.spec = spec.without(&["part"]).size("net", 2);
    sleep(Duration::from_secs(60)).await;
    stack.pass_with(Options { observer: &observer, ..stack.options() }).await.unwrap();
    let wanted =
        ["Create net", "net Ready", "Create part", "part Ready", "Update net", "net Ready", "Delete part", "part Gone"];
    assert_eq!(told.into_inner().unwrap(), wanted);
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_it_writes_nothing_and_still_sees() {
    let mut stack = Stack::new(Weather::default(), full());
    stack.converge().await;
    stack.spec = full().without(&["table"]).size("base", 2).with("more", Of::Net, &[]);
    let before = stack.writes().len();
    let report = stack.pass_with(Options { halted: &|| true, ..stack.options() }).await.unwrap();
    assert_eq!(stack.wrote(before), [] as [String; 0]);
    assert!(report.halted && !report.settled() && !report.ready());
    assert_eq!(outcome(&report, "net"), &Outcome::Ready);
    assert_eq!(outcome(&report, "base"), &Outcome::Settling { reason: "Halted", usable: true });
    assert_eq!(outcome(&report, "more"), &Outcome::Settling { reason: "Halted", usable: false });
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_while_a_write_runs_it_starts_no_other() {
    let stop = AtomicBool::new(false);
    let observer = |event: Event| {
        if matches!(event, Event::Done { .. }) {
            stop.store(true, Ordering::SeqCst);
        }
    };
    let mut stack = Stack::new(Weather::default(), full());
    let halted = || stop.load(Ordering::SeqCst);
    let options = Options { halted: &halted, observer: &observer, concurrency: 1, ..stack.options() };
    stack.pass_with(options).await.unwrap();
    assert_eq!(stack.wrote(0), ["Create net"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_is_reported_with_its_reason() {
    let spec = Spec::default().with("net", Of::Net, &[]).with("group", Of::Group, &["net"]);
    let mut stack = Stack::new(Weather::default(), spec.clone());
    stack.converge().await;
    let hold = |step: Proposal<'_>| match step.change.map(|change| change.path.as_str()) {
        Some("size") => Some(Hold::Reported),
        Some("tags") => Some(Hold::Ignored),
        _ => None,
    };
    stack.spec = spec.clone().with("other", Of::Net, &[]);
    stack.spec.0.swap(1, 2);
    stack.spec = stack.spec.clone().size("group", 2).edit("group", |group| group.needs.push("other".into()));
    stack.cloud.with(|state| state.named("net").change(|version| version.labelled = false));
    let before = stack.writes().len();
    let report = stack.pass_with(Options { hold: &hold, ..stack.options() }).await.unwrap();
    assert_eq!(stack.wrote(before), ["Create other", "Update group"], "only the field that may be changed");
    let held: Vec<_> =
        report.components.iter().flat_map(|c| &c.held).map(|(c, hold)| (c.path.as_str(), *hold)).collect();
    assert_eq!(held, [("tags", Hold::Ignored), ("size", Hold::Reported)]);
    assert!(report.ready(), "what is left on purpose is as wanted");
    assert_eq!(stack.cloud.with(|state| state.named("group").now().unwrap().size), 1);
}

#[tokio::test(start_paused = true)]
async fn a_held_create_makes_those_wait_that_need_it_and_spares_what_it_would_replace() {
    let spec = Spec::default().with("door", Of::Door, &[]).with("table", Of::Table, &["door"]);
    let hold = |step: Proposal<'_>| (step.verb == Verb::Create).then_some(Hold::Awaiting);
    let mut stack = Stack::new(Weather::default(), spec.clone());
    let report = stack.pass_with(Options { hold: &hold, ..stack.options() }).await.unwrap();
    assert_eq!(outcome(&report, "door"), &Outcome::Absent);
    assert_eq!(report.components[0].held[0].1, Hold::Awaiting);
    assert_eq!(outcome(&report, "table"), &Outcome::Waiting { on: vec!["door".into()] });

    // Of a replacement neither half is done without the other.
    stack.converge().await;
    let before = stack.writes().len();
    for (held, verb) in
        [("door", Verb::Create), ("door", Verb::Delete), ("table", Verb::Create), ("table", Verb::Delete)]
    {
        stack.spec = spec.clone().fixed("door", "b");
        let hold = move |step: Proposal<'_>| (step.component == held && step.verb == verb).then_some(Hold::Awaiting);
        let report = stack.pass_with(Options { hold: &hold, ..stack.options() }).await.unwrap();
        assert!(!report.ready());
        assert_eq!(stack.wrote(before), [] as [String; 0], "{held} {verb:?}");
    }
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn a_held_delete_leaves_the_thing_and_says_so() {
    let mut stack = Stack::new(Weather::default(), Spec::default().with("net", Of::Net, &[]));
    stack.converge().await;
    stack.spec = Spec::default();
    let hold = |step: Proposal<'_>| (step.verb == Verb::Delete).then_some(Hold::Reported);
    let report = stack.pass_with(Options { hold: &hold, ..stack.options() }).await.unwrap();
    assert_eq!(outcome(&report, "net"), &Outcome::Unclaimed);
    assert!(!report.removed() && report.settled(), "what is left on purpose is no work");
    assert_eq!(report.components[0].held[0].1, Hold::Reported);
    assert_eq!(stack.wrote(1), [] as [String; 0]);
}

#[tokio::test(start_paused = true)]
async fn outputs_are_known_after_a_pass() {
    let stack = Stack::new(Weather::default(), Spec::default());
    let mut graph = Graph::new();
    let net = Of::Net.add(&mut graph, &stack.client, "net", vec![], |refs| crate::kinds::Desired {
        fixed: "a".into(),
        size: 1,
        refs,
    });
    for (mode, known) in [(Mode::Plan, "(known after apply of net)"), (Mode::Apply, "net-0")] {
        let options = Options { mode, ..Options::apply() };
        let report = wpc_engine::run(&graph, &stack.kinds(), &mut wpc_engine::Memory::fresh(), &options).await;
        assert_eq!(report.outputs.get(net).map(|id| id.as_str()), Some(known));
    }
    stack.cloud.with(|state| state.named("net").change(|version| version.phase = Phase::Broken));
    let report = wpc_engine::run(&graph, &stack.kinds(), &mut wpc_engine::Memory::fresh(), &Options::apply()).await;
    assert_eq!(report.outputs.get(net), None);
}

/// A controller spawns passes.
#[test]
fn a_pass_may_move_between_threads() {
    fn moves<T: Send>(_: T) {}
    let stack = Stack::new(Weather::default(), Spec::default());
    moves(wpc_engine::run(&Graph::new(), &stack.kinds(), &mut wpc_engine::Memory::fresh(), &Options::apply()));
}
