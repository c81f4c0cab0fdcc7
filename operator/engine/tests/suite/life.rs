//! A life: a world, and what happens in it. Every life can be made again from its seed, and made smaller while it still
//! goes wrong.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tokio::time::sleep;
use wpc_engine::{Class, Removal};

use crate::author::{Author, meddle};
use crate::cloud::{Call, Cloud, Fate, Moment, Weather};
use crate::operator::World;
use crate::stack::Spec;
use crate::things::{Phase, Thing};

/// A promise that the operator or the cloud does not keep, to show that a life would tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Writes start whatever becomes of the lease.
    NoFence,
    /// Empty lists are believed at once.
    NoSettle,
    /// A new process thinks that nobody was there before it.
    NoInheritance,
    /// Nothing is written to the object before the first create.
    NoFinalizer,
    /// Deletion is taken for the permission to delete data.
    DeletesData,
    /// The next pass follows at once.
    NeverRests,
    /// The cloud makes a second thing for the same client token.
    NoTokens,
    /// Nobody says what a thing holds.
    NoHolders,
    /// Whoever is asked to end gives the lease away though an answer was lost.
    HastyRelease,
}

#[derive(Debug, Clone)]
pub struct Life {
    weather: Weather,
    things: usize,
    seed: u64,
    policy: Removal,
    /// What happens, each so many milliseconds after the one before it.
    events: Vec<(u64, Event)>,
    /// What happens while the object is deleted.
    end: Vec<(u64, Event)>,
}

#[derive(Debug, Clone)]
enum Event {
    /// The spec is edited.
    Edit {
        seed: u64,
    },
    /// Somebody changes something in the cloud, past us.
    Hand {
        seed: u64,
    },
    /// From now on so many of a hundred calls fail, lose their answer, or are their process's last.
    Storm {
        percent: u32,
        seed: u64,
    },
    /// A process does not run for a while.
    Stop {
        replica: usize,
        seconds: u64,
    },
    /// A process reaches the cloud, and not the cluster.
    CutOff {
        replica: usize,
        seconds: u64,
    },
    Kill {
        replica: usize,
    },
    /// A process is asked to end.
    Terminate {
        replica: usize,
    },
    /// The object is paused, or goes on.
    Pause,
}

impl Life {
    /// How much happens in it.
    pub fn happenings(&self) -> usize {
        self.events.len() + self.end.len()
    }
}

fn weather() -> impl Strategy<Value = Weather> {
    (0..=3000u64, 0..=900u64, 0..=5000u64, 0..=300u64).prop_map(|(lag, hidden, work, latency)| {
        let millis = Duration::from_millis;
        Weather { lag: millis(lag), hidden: millis(hidden), work: millis(work), latency: millis(latency) }
    })
}

fn event() -> impl Strategy<Value = (u64, Event)> {
    let seed = || any::<u64>().no_shrink();
    let happens = prop_oneof![
        6 => seed().prop_map(|seed| Event::Edit { seed }),
        2 => seed().prop_map(|seed| Event::Hand { seed }),
        3 => (select(&[0u32, 2, 10, 30][..]), seed()).prop_map(|(percent, seed)| Event::Storm { percent, seed }),
        3 => (0..2usize, 1..60u64).prop_map(|(replica, seconds)| Event::Stop { replica, seconds }),
        2 => (0..2usize, 1..60u64).prop_map(|(replica, seconds)| Event::CutOff { replica, seconds }),
        2 => (0..2usize).prop_map(|replica| Event::Kill { replica }),
        2 => (0..2usize).prop_map(|replica| Event::Terminate { replica }),
        1 => Just(Event::Pause),
    ];
    // Half of it while a pass is under way.
    (prop_oneof![0..5000u64, 0..300u64], happens)
}

fn life() -> impl Strategy<Value = Life> {
    let policy = select(&[Removal::Retain, Removal::Snapshot, Removal::Delete][..]);
    let (things, seed) = (3..=8usize, any::<u64>().no_shrink());
    (weather(), things, seed, policy, vec(event(), 0..14), vec(event(), 0..6))
        .prop_map(|(weather, things, seed, policy, events, end)| Life { weather, things, seed, policy, events, end })
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases: 1, max_shrink_iters: 600, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Lives the life of a seed; when it goes wrong, answers the smallest one that does, and its history.
pub fn of_seed(seed: u64, flaw: Option<Flaw>) -> Option<(Life, String)> {
    let well = |life: Life| live(&life, flaw).0.map_or(Ok(()), |wrong| Err(TestCaseError::fail(wrong)));
    let mut runner = runner(seed);
    let life = life().new_tree(&mut runner).expect("nothing is filtered");
    match runner.run_one(life, well) {
        Ok(_) => None,
        Err(TestError::Fail(why, life)) => {
            let (wrong, history) = live(&life, flaw);
            let wrong = wrong.unwrap_or_else(|| format!("{why}, but not again"));
            let again = format!("WPC_SEED={seed} cargo test --workspace --test suite -- lives");
            let text = format!("seed {seed}: {wrong}\nrepeat: {again}\nthe least of it: {life:#?}\n{history}");
            Some((life, text))
        }
        Err(TestError::Abort(why)) => panic!("seed {seed}: {why}"),
    }
}

/// What went wrong in the life of a seed, if something did, and its history.
pub fn history(seed: u64, flaw: Option<Flaw>) -> (Option<String>, String) {
    live(&whole(seed), flaw)
}

/// The life of a seed.
pub fn whole(seed: u64) -> Life {
    life().new_tree(&mut runner(seed)).expect("nothing is filtered").current()
}

fn live(life: &Life, flaw: Option<Flaw>) -> (Option<String>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let author = Author::new(&mut StdRng::seed_from_u64(life.seed), life.things);
        let cloud = Cloud::new(life.weather, life.seed);
        cloud.with(|state| {
            state.forgets_tokens = flaw == Some(Flaw::NoTokens);
            state.hides_holders = flaw == Some(Flaw::NoHolders);
        });
        let world = World::new(cloud.clone(), author.spec(), life.policy, flaw);
        let lived = AssertUnwindSafe(to_the_end(&world, author, life)).catch_unwind().await;
        let wrong = lived.unwrap_or_else(|_| Err("it panics".into())).err();
        let history = cloud.with(|state| state.history.join("\n"));
        (wrong, format!("{history}\nin the end:\n{}", cloud.truth()))
    })
}

async fn to_the_end(world: &Arc<World>, mut author: Author, life: &Life) -> Result<(), String> {
    for slot in 0..2 {
        tokio::spawn(world.clone().replica(slot));
    }
    happen(world, &mut author, &life.events).await;
    calm(world).await?;
    let spec = world.object().map_or_else(Spec::default, |object| object.spec);
    world.cloud.as_policy_wants(&spec, Removal::Live)?;

    world.delete();
    happen(world, &mut author, &life.end).await;
    calm(world).await?;
    world.cloud.as_policy_wants(&Spec::default(), life.policy)
}

async fn happen(world: &Arc<World>, author: &mut Author, events: &[(u64, Event)]) {
    for (after, event) in events {
        sleep(Duration::from_millis(*after)).await;
        world.cloud.with(|state| state.note(format!("{event:?}")));
        match *event {
            Event::Edit { seed } => {
                author.edit(&mut StdRng::seed_from_u64(seed));
                world.edit(|object| object.spec = author.spec());
            }
            Event::Hand { seed } => meddle(&world.cloud, &mut StdRng::seed_from_u64(seed)),
            Event::Storm { percent, seed } => world.cloud.script(storm(percent, seed)),
            Event::Kill { replica } => world.process(replica).kill(),
            Event::Pause => world.edit(|object| object.paused ^= true),
            Event::Terminate { replica } => {
                let process = world.process(replica);
                process.ending.store(true, Ordering::Relaxed);
                process.woken.notify_one();
            }
            Event::Stop { replica, seconds } => {
                let process = world.process(replica);
                process.stop(true);
                tokio::spawn(async move {
                    sleep(Duration::from_secs(seconds)).await;
                    process.stop(false);
                });
            }
            Event::CutOff { replica, seconds } => {
                let process = world.process(replica);
                process.cut_off.store(true, Ordering::Relaxed);
                tokio::spawn(async move {
                    sleep(Duration::from_secs(seconds)).await;
                    process.cut_off.store(false, Ordering::Relaxed);
                });
            }
        }
    }
}

fn storm(percent: u32, seed: u64) -> impl FnMut(usize, &Call) -> Fate + Send + 'static {
    use Class::{Busy, Denied, Quota, Throttled, Transient, Unclear};
    let mut rng = StdRng::seed_from_u64(seed);
    move |_, _| {
        if rng.random_range(0..100) >= percent {
            return Fate::Served;
        }
        let passing = *[Throttled, Transient, Unclear].choose(&mut rng).expect("three");
        let any = *[Throttled, Transient, Unclear, Denied, Quota, Busy].choose(&mut rng).expect("six");
        match rng.random_range(0..8) {
            0..=3 => Fate::Fails(any),
            4 | 5 => Fate::Lost(passing),
            // What was refused has no effect later.
            6 => Fate::Late(Unclear),
            _ => Fate::Dies(*[Moment::Before, Moment::After, Moment::Late].choose(&mut rng).expect("three")),
        }
    }
}

/// No more trouble: everything must come to be as wanted; and then rest.
async fn calm(world: &World) -> Result<(), String> {
    world.calm();
    world.cloud.with(|state| {
        let broken = |thing: &&mut Thing| thing.now().is_some_and(|version| version.phase == Phase::Broken);
        state.things.iter_mut().filter(broken).for_each(|thing| thing.change(|version| version.phase = Phase::Ready));
    });
    // What was done by hand or comes late shows at last.
    sleep(Duration::from_secs(5)).await;
    world.ask();
    let mut seconds = 0;
    while !world.settled() {
        right(world)?;
        seconds += 1;
        if seconds > 3600 {
            return Err("it is not settled after an hour".into());
        }
        sleep(Duration::from_secs(1)).await;
    }
    let writes = world.cloud.writes().len();
    // Lists may still show what was; to look again is not to write again.
    sleep(Duration::from_secs(10)).await;
    let passes = world.passes();
    // Longer than it takes until the next look at what is at rest; at what is gone nobody looks.
    sleep(Duration::from_secs(if world.object().is_some() { 150 } else { 30 })).await;
    right(world)?;
    let (writes, passes) = (world.cloud.writes().split_off(writes), world.passes() - passes);
    match (writes.first(), passes) {
        (Some(write), _) => Err(format!("{write:?} at rest")),
        (None, 5..) => Err(format!("{passes} passes at rest")),
        (None, _) if !world.settled() => Err("it does not stay settled".into()),
        (None, _) => Ok(()),
    }
}

fn right(world: &World) -> Result<(), String> {
    world.cloud.with(|state| state.wrongs.first().cloned().map_or(Ok(()), Err))
}
