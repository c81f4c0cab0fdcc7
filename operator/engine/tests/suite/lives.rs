//! Random lives: random stacks, edits, hands, faults and deaths, all at once; then calm, and everything must be right.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tokio::time::sleep;
use wpc_engine::{Class, Pace, Removal, requeue};

use crate::author::{Author, meddle};
use crate::cloud::{Fate, Moment, Weather};
use crate::stack::{Spec, Stack};
use crate::things::Phase;

/// Faults and deaths, so many of a hundred calls.
fn storm(stack: &Stack, rng: &mut StdRng) {
    let percent = *[0, 2, 10, 30].choose(rng).expect("four");
    let mut rng = StdRng::seed_from_u64(rng.random());
    stack.cloud.script(move |_, _| {
        if rng.random_range(0..100) >= percent {
            return Fate::Served;
        }
        let passing = *[Class::Throttled, Class::Transient, Class::Unclear].choose(&mut rng).expect("three");
        let any = *[Class::Throttled, Class::Transient, Class::Unclear, Class::Denied, Class::Quota, Class::Busy]
            .choose(&mut rng)
            .expect("six");
        match rng.random_range(0..6) {
            0 | 1 => Fate::Fails(any),
            2 => Fate::Lost(passing),
            3 => Fate::Late(passing),
            _ => Fate::Dies(*[Moment::Before, Moment::After, Moment::Late].choose(&mut rng).expect("three")),
        }
    });
}

fn weather(rng: &mut StdRng) -> Weather {
    let mut upto = |millis: u64| Duration::from_millis(rng.random_range(0..=millis));
    Weather { lag: upto(3000), hidden: upto(900), work: upto(5000), latency: upto(50) }
}

async fn passes(stack: &mut Stack, rng: &mut StdRng) {
    for _ in 0..rng.random_range(0..20) {
        if rng.random_ratio(1, 10) {
            meddle(stack, rng);
        }
        if let Some(report) = stack.pass().await {
            let wait = requeue(&report, &mut stack.memory, Pace::default());
            // A watch event may cut the wait short.
            sleep(wait.mul_f64(rng.random())).await;
        }
    }
    if rng.random_ratio(1, 4) {
        stack.restart();
    }
}

async fn live(seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let rng = &mut rng;
    let mut author = Author::new(rng);
    let mut stack = Stack::seeded(weather(rng), author.spec(), seed);
    let _history = History(seed, stack.cloud.clone());
    for _ in 0..rng.random_range(1..6) {
        storm(&stack, rng);
        passes(&mut stack, rng).await;
        (0..rng.random_range(0..4)).for_each(|_| author.edit(rng));
        stack.spec = author.spec();
    }
    settle(&mut stack).await;

    stack.spec = Spec::default();
    stack.removal = *[Removal::Retain, Removal::Snapshot, Removal::Delete].choose(rng).expect("three");
    storm(&stack, rng);
    passes(&mut stack, rng).await;
    settle(&mut stack).await;
}

/// Calm: everything must come to be as wanted, each thing once, data untouched; and then rest.
async fn settle(stack: &mut Stack) {
    stack.cloud.calm();
    stack.cloud.with(|state| {
        let broken =
            |thing: &&mut crate::things::Thing| thing.now().is_some_and(|version| version.phase == Phase::Broken);
        state.things.iter_mut().filter(broken).for_each(|thing| thing.change(|version| version.phase = Phase::Ready));
    });
    // What was done by hand or comes late shows at last.
    sleep(Duration::from_secs(5)).await;
    stack.converge().await;
    stack.assert_at_rest().await;
    stack.assert_as_policy_wants();
    for (name, made) in stack.data_made() {
        assert_eq!(made, 1, "{name} was made again");
    }
}

/// Tells how a life went wrong.
struct History(u64, std::sync::Arc<crate::cloud::Cloud>);

impl Drop for History {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let history = self.1.with(|state| state.history.join("\n"));
            eprintln!("seed {}: repeat with WPC_SEED={0}. Its history:\n{history}", self.0);
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[tokio::test(start_paused = true)]
async fn every_random_life_ends_well() {
    if let Some(seed) = number("WPC_SEED") {
        return live(seed).await;
    }
    for seed in 0..number("WPC_LIVES").unwrap_or(400) {
        live(seed).await;
    }
}
