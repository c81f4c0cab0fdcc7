//! Every call of a whole life fails, loses its answer, or is the process's last; and again during the recovery.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::sleep;
use wpc_engine::{Class, Removal};

use crate::cloud::{Call, Fate, Moment, Op, Weather};
use crate::stack::{Spec, Stack, full};

const MOMENTS: [Moment; 3] = [Moment::Before, Moment::After, Moment::Late];

fn weather() -> Weather {
    let millis = Duration::from_millis;
    Weather { lag: millis(2500), hidden: millis(400), work: millis(600), latency: millis(10) }
}

/// Replaces, changes and removes much.
fn edited() -> Spec {
    full()
        .without(&["template"])
        .fixed("part-a", "b")
        .fixed("range", "b")
        .fixed("mount", "b")
        .size("base", 2)
        .size("group", 2)
}

/// One whole life (created, edited, destroyed) in which these calls meet these fates; answers the calls.
async fn live(fates: &[(usize, Fate)]) -> Vec<Call> {
    let mut stack = Stack::new(weather(), full());
    let planned = fates.to_vec();
    stack.cloud.script(move |number, _| match planned.iter().find(|(at, _)| *at == number) {
        Some((_, fate)) => *fate,
        None => Fate::Served,
    });
    stack.converge().await;
    stack.assert_as_wanted(&[]);
    stack.spec = edited();
    stack.converge().await;
    stack.assert_as_wanted(&[]);
    assert!(stack.data_made().iter().all(|(_, made)| *made == 1), "data was made again: {:?}", stack.data_made());
    stack.spec = Spec::default();
    stack.removal = Removal::Delete;
    stack.converge().await;
    sleep(Duration::from_secs(60)).await;
    stack.assert_as_wanted(&[]);
    let deadly = fates.iter().any(|(_, fate)| matches!(fate, Fate::Dies(_)));
    assert_eq!(stack.deaths > 0, deadly, "the process died as planned");
    stack.cloud.with(|state| state.calls.clone())
}

#[tokio::test(start_paused = true)]
async fn dead_at_any_call() {
    let mut before = None;
    for (number, call) in live(&[]).await.iter().enumerate() {
        // Before and after a read are the same, and so is one list or the next.
        let same = call.op == Op::List && before == Some(Op::List);
        let moments = match call.writes() {
            true => &MOMENTS[..],
            false => &MOMENTS[..usize::from(!same)],
        };
        before = Some(call.op);
        for moment in moments {
            live(&[(number, Fate::Dies(*moment))]).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn dead_again_in_the_recovery() {
    let calls = live(&[]).await;
    let mut rng = StdRng::seed_from_u64(7);
    for (number, _) in calls.iter().enumerate().filter(|(_, call)| call.writes()) {
        for moment in MOMENTS {
            let mut deaths = vec![(number, Fate::Dies(moment))];
            for _ in 0..rng.random_range(1..4) {
                let next = deaths[deaths.len() - 1].0 + rng.random_range(1..40);
                deaths.push((next, Fate::Dies(MOMENTS[rng.random_range(0..3)])));
            }
            deaths.retain(|(at, _)| *at + 40 < calls.len());
            live(&deaths).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_call_fails_once() {
    let classes = [Class::Throttled, Class::Transient, Class::Unclear, Class::Busy, Class::Denied, Class::Quota];
    let calls = live(&[]).await;
    // Of the lists, every fourth: in the end each kind's fails many times.
    let calls = calls.iter().enumerate().filter(|(number, call)| call.op != Op::List || number % 4 == 0);
    for ((number, _), class) in calls.zip(classes.into_iter().cycle()) {
        live(&[(number, Fate::Fails(class))]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn any_answer_is_lost_once() {
    for (number, _) in live(&[]).await.iter().enumerate().filter(|(_, call)| call.writes()) {
        for class in [Class::Throttled, Class::Transient, Class::Unclear] {
            live(&[(number, Fate::Lost(class))]).await;
            live(&[(number, Fate::Late(class))]).await;
        }
    }
}
