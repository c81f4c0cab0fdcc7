//! When to look again.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use wpc_engine::{Change, Class, Component, Disruption, Fault, Key, Memory, Outcome, Pace, Report, requeue};

use crate::cloud::{Fate, Op, Weather};
use crate::kinds::Of;
use crate::stack::{Spec, Stack};

fn component(outcome: Outcome, age: Duration) -> Component {
    let key = Key::of("thing");
    Component { key, kind: "fake/net", id: None, outcome, steps: vec![], held: vec![], claimed: true, age }
}

fn wait(components: Vec<Component>) -> Duration {
    requeue(&Report { components, ..Report::default() }, &mut Memory::fresh(), Pace { jitter: 0.5, ..Pace::default() })
}

#[test]
fn each_outcome_has_its_pace() {
    let (millis, seconds) = (Duration::from_millis, Duration::from_secs);
    let pace = Pace::default();
    let failed = |class| Outcome::Failed(Fault::new(class, ""));
    let settling = || Outcome::Settling { reason: "Creating", usable: false };
    let change = || Change { path: "size".into(), from: "1".into(), to: "2".into(), disruption: Disruption::None };
    let names = || vec!["net".to_owned()];
    let cases = [
        (Outcome::Ready, seconds(0), pace.resync),
        (Outcome::Kept, seconds(0), pace.resync),
        (Outcome::Gone, seconds(0), pace.resync),
        (Outcome::Absent, seconds(0), pace.resync),
        (Outcome::Unclaimed, seconds(0), pace.resync),
        (Outcome::Waiting { on: names() }, seconds(0), pace.resync),
        (Outcome::Blocked { by: names() }, seconds(0), pace.resync),
        // A twentieth of the time so far, within bounds.
        (settling(), seconds(0), millis(250)),
        (settling(), seconds(5), millis(250)),
        (settling(), seconds(60), seconds(3)),
        (settling(), seconds(600), seconds(30)),
        (settling(), seconds(6000), seconds(30)),
        (Outcome::Deleting, seconds(60), seconds(3)),
        (Outcome::Held { by: names() }, seconds(60), seconds(3)),
        (Outcome::Broken("no".into()), seconds(60), seconds(3)),
        (Outcome::Doubted { left: millis(10) }, seconds(60), millis(250)),
        (Outcome::Doubted { left: seconds(4) }, seconds(60), seconds(4)),
        (failed(Class::Busy), seconds(60), seconds(3)),
        (failed(Class::Blocked), seconds(60), seconds(3)),
        (failed(Class::Throttled), seconds(60), seconds(1)),
        (failed(Class::Transient), seconds(60), seconds(1)),
        (failed(Class::Unclear), seconds(60), seconds(1)),
        (failed(Class::Denied), seconds(60), pace.slow),
        (failed(Class::Quota), seconds(60), pace.slow),
        (failed(Class::Invalid), seconds(60), pace.slow),
        (failed(Class::NotOurs), seconds(60), pace.slow),
        (Outcome::Refused(vec![change()]), seconds(60), pace.slow),
    ];
    for (outcome, age, expected) in cases {
        let text = format!("{outcome:?} for {age:?}");
        let sooner = vec![component(Outcome::Ready, age), component(outcome, age)];
        assert_eq!(wait(sooner), expected, "{text}");
    }
    assert_eq!(wait(vec![]), pace.resync);
}

#[test]
fn the_nearest_counts() {
    let seconds = Duration::from_secs;
    let settling = component(Outcome::Settling { reason: "Creating", usable: true }, seconds(100));
    let failed = component(Outcome::Failed(Fault::new(Class::Denied, "")), seconds(0));
    assert_eq!(wait(vec![failed, settling]), seconds(5));

    let doubt = |left| Report { doubt: Some(left), ..Report::default() };
    assert_eq!(requeue(&doubt(seconds(4)), &mut Memory::fresh(), Pace::default()), seconds(4));
    let unlisted = vec![("fake/net", Fault::new(Class::Throttled, ""))];
    let report = Report { unlisted, ..Report::default() };
    assert_eq!(requeue(&report, &mut Memory::fresh(), Pace { jitter: 0.5, ..Pace::default() }), seconds(1));
    let halted = Report { halted: true, ..Report::default() };
    assert_eq!(requeue(&halted, &mut Memory::fresh(), Pace::default()), Duration::from_millis(250));
}

#[test]
fn passing_failures_back_off_per_object_and_start_over() {
    let mut memory = Memory::fresh();
    let report = |outcome| Report { components: vec![component(outcome, Duration::ZERO)], ..Report::default() };
    let mut next =
        |outcome| requeue(&report(outcome), &mut memory, Pace { jitter: 0.5, ..Pace::default() }).as_millis();
    let throttled = || Outcome::Failed(Fault::new(Class::Throttled, ""));
    let waits: Vec<u128> = (0..9).map(|_| next(throttled())).collect();
    assert_eq!(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000]);
    next(Outcome::Ready);
    assert_eq!(next(throttled()), 1000);
}

#[test]
fn jitter_spreads_objects_apart() {
    let at = |jitter| requeue(&Report::default(), &mut Memory::fresh(), Pace { jitter, ..Pace::default() });
    assert_eq!((at(0.0), at(1.0)), (Duration::from_secs(540), Duration::from_secs(660)));
}

/// The time in a state goes on though the cloud's text, with its request ids, is another one each time.
#[tokio::test(start_paused = true)]
async fn what_stays_busy_is_asked_ever_more_rarely() {
    let mut stack = Stack::new(Weather::default(), Spec::default().with("group", Of::Group, &[]));
    stack.cloud.script(|_, call| match call.op {
        Op::Create => Fate::Fails(Class::Busy),
        _ => Fate::Served,
    });
    let start = Instant::now();
    let mut passes = 0;
    while start.elapsed() < Duration::from_secs(3600) {
        let report = stack.pass().await.unwrap();
        passes += 1;
        sleep(requeue(&report, &mut stack.memory, Pace::default())).await;
    }
    assert!((120..300).contains(&passes), "{passes} passes in an hour");
}
