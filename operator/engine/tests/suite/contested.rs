//! A field that does not become as wanted, or does not stay so, is written a few times, then left and named.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use wpc_engine::{Contest, Hold, Memory, Options, Outcome, Pace, Proposal, Report, requeue};

use crate::cloud::Weather;
use crate::kinds::Of;
use crate::stack::{Spec, Stack, outcome};

const MINUTE: Duration = Duration::from_secs(60);

fn spec() -> Spec {
    Spec::default().with("net", Of::Net, &[]).with("group", Of::Group, &["net"])
}

async fn settled() -> Stack {
    let mut stack = Stack::new(Weather::default(), spec());
    stack.converge().await;
    stack
}

/// A stack in which the cloud takes no size of the group.
async fn deaf() -> Stack {
    let mut stack = settled().await;
    stack.cloud.with(|state| state.deaf = Some("size"));
    stack.spec = spec().size("group", 2);
    stack
}

/// Passes for so long, as a controller would make them; what was written, and the last report.
async fn passes(stack: &mut Stack, time: Duration) -> (Vec<String>, Report) {
    let (start, before) = (Instant::now(), stack.writes().len());
    loop {
        let report = stack.pass().await.expect("nobody dies");
        sleep(requeue(&report, &mut stack.memory, Pace::default())).await;
        if start.elapsed() >= time {
            return (stack.wrote(before), report);
        }
    }
}

/// The group's contested fields: the path, what was found and wanted, and the reason.
fn contested<'r>(report: &'r Report) -> Vec<((&'r str, &'r str, &'r str), &'static str)> {
    let Outcome::Contested(fields) = outcome(report, "group") else {
        panic!("the group is {:?}", outcome(report, "group"))
    };
    let text = |Contest { change, .. }: &'r Contest| (&*change.path, &*change.from, &*change.to);
    fields.iter().map(|contest| (text(contest), contest.reason())).collect()
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_accepts_and_does_not_show_is_written_three_times_and_named() {
    let mut stack = deaf().await;
    // Not before the cloud has had time to show the last write.
    assert_eq!(passes(&mut stack, Duration::from_secs(4)).await.0, ["Update group"]);
    assert_eq!(passes(&mut stack, 5 * MINUTE).await.0, ["Update group"; 2]);
    let (written, report) = passes(&mut stack, 40 * MINUTE).await;
    assert_eq!(written, [""; 0], "writes after the last");
    assert_eq!(contested(&report), [(("size", "1", "2"), "NotTaken")]);
    assert_eq!(outcome(&report, "net"), &Outcome::Ready);
    assert!(!report.ready() && !report.settled());
    assert_eq!(requeue(&report, &mut stack.memory, Pace { jitter: 0.5, ..Pace::default() }), Pace::default().slow);
    let text = outcome(&report, "group").detail();
    assert_eq!(text, "size found 1, wanted 2: written 3 times, accepted and not shown");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changes_back_each_time_is_left_to_them() {
    let mut stack = settled().await;
    let before = stack.writes().len();
    for pass in 1..=5 {
        // Their values need not be the same.
        stack.cloud.with(|state| state.named("group").change(|version| version.size = 6 + pass));
        let report = stack.pass().await.unwrap();
        match pass {
            1..=3 => assert_eq!(outcome(&report, "group"), &Outcome::Ready),
            _ => assert_eq!(contested(&report), [(("size", &*(6 + pass).to_string(), "1"), "ChangedBack")]),
        }
        sleep(10 * MINUTE).await;
    }
    assert_eq!(stack.wrote(before), ["Update group"; 3]);
}

#[tokio::test(start_paused = true)]
async fn everything_else_goes_on() {
    let mut stack = deaf().await;
    stack.spec = stack.spec.clone().with("old", Of::Net, &[]);
    passes(&mut stack, 20 * MINUTE).await;
    // Another field of the same thing, another thing, one that hangs on it, and one that nobody wants any more.
    stack.spec = spec().with("new", Of::Net, &[]).size("group", 2).with("template", Of::Template, &["group"]);
    stack.spec.0.swap(1, 2);
    stack.spec = stack.spec.clone().edit("group", |group| group.needs.push("new".into()));
    let (mut written, report) = passes(&mut stack, 20 * MINUTE).await;
    written.sort();
    assert_eq!(written, ["Create new", "Create template", "Delete old", "Update group"]);
    assert_eq!(contested(&report), [(("size", "1", "2"), "NotTaken")]);
    assert_eq!(stack.cloud.with(|state| state.named("group").now().unwrap().refs.len()), 2);
}

#[tokio::test(start_paused = true)]
async fn it_is_tried_again_when_there_is_a_reason_to() {
    type Reason = fn(&mut Stack);
    let table: [(&str, Reason, Duration, usize); 6] = [
        ("none", |_| {}, Duration::ZERO, 0),
        ("another value is wanted", |stack| stack.spec = spec().size("group", 3), Duration::ZERO, 3),
        ("a person asks", |stack| stack.memory.try_again(), Duration::ZERO, 3),
        ("a new process knows nothing of it", |stack| stack.memory = Memory::fresh(), Duration::ZERO, 3),
        ("an hour is over", |_| {}, 60 * MINUTE, 3),
        ("nobody wants it any more", |stack| stack.spec = spec(), Duration::ZERO, 0),
    ];
    for (why, reason, wait, writes) in table {
        let mut stack = deaf().await;
        passes(&mut stack, 5 * MINUTE).await;
        sleep(wait).await;
        reason(&mut stack);
        assert_eq!(passes(&mut stack, 5 * MINUTE).await.0, vec!["Update group"; writes], "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_over_when_the_field_is_as_wanted() {
    let mut stack = deaf().await;
    passes(&mut stack, 5 * MINUTE).await;
    stack.cloud.with(|state| {
        state.deaf = None;
        state.named("group").change(|version| version.size = 2);
    });
    let (written, report) = passes(&mut stack, MINUTE).await;
    assert!(report.settled() && written.is_empty(), "{written:?}");
}

/// What is named as somebody else's is no contest.
#[tokio::test(start_paused = true)]
async fn what_is_held_back_is_not_contested() {
    let mut stack = deaf().await;
    passes(&mut stack, 5 * MINUTE).await;
    let hold = |step: Proposal<'_>| step.change.filter(|change| change.path == "size").map(|_| Hold::Ignored);
    let report = stack.pass_with(Options { hold: &hold, ..stack.options() }).await.unwrap();
    assert!(report.settled());
}

/// A list that is late is no reason to call a field contested.
#[tokio::test(start_paused = true)]
async fn a_late_list_costs_no_write() {
    for seed in 0..50 {
        let weather = Weather { lag: Duration::from_secs(3), work: Duration::from_secs(1), ..Weather::default() };
        let mut stack = Stack::seeded(weather, spec(), seed);
        stack.converge().await;
        for size in 2..8 {
            let before = stack.writes().len();
            stack.spec = spec().size("group", size);
            let (written, report) = passes(&mut stack, Duration::from_secs(20)).await;
            assert!(report.settled(), "seed {seed}");
            assert_eq!(written, ["Update group"], "seed {seed}");
            stack.cloud.with(|state| state.named("group").change(|version| version.size = 1));
            sleep(Duration::from_secs(5)).await;
            assert_eq!(passes(&mut stack, Duration::from_secs(20)).await.0, ["Update group"], "seed {seed}");
            assert_eq!(stack.wrote(before).len(), 2, "seed {seed}");
        }
    }
}
