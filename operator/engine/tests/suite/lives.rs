//! Random lives: random stacks, edits, hands, faults and deaths, all at once; then calm, and everything must be right.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use rand::{Rng, SeedableRng};
use tokio::time::sleep;
use wpc_engine::{Class, Data, Pace, Removal, requeue};

use crate::cloud::{Fate, Moment, Phase, Weather};
use crate::kinds::Of;
use crate::stack::{Node, Spec, Stack};

/// A thing that may be wanted.
struct Slot {
    node: Node,
    wanted: bool,
}

/// What a person writes, edit by edit.
struct Author {
    slots: Vec<Slot>,
}

impl Author {
    fn new(rng: &mut StdRng) -> Self {
        let slots = (0..rng.random_range(3..=10)).map(|index| {
            let of = *Of::ALL.choose(rng).expect("there are kinds");
            let node =
                Node { name: format!("{of:?}-{index}").to_lowercase(), of, fixed: "a".into(), size: 1, needs: vec![] };
            Slot { node, wanted: false }
        });
        let mut author = Self { slots: slots.collect() };
        for index in 0..author.slots.len() {
            author.try_edit(rng, index, 0);
            author.try_edit(rng, index, 1);
        }
        author
    }

    fn edit(&mut self, rng: &mut StdRng) {
        let index = rng.random_range(0..self.slots.len());
        let what = rng.random_range(0..4);
        self.try_edit(rng, index, what);
    }

    fn try_edit(&mut self, rng: &mut StdRng, index: usize, what: u32) {
        let before = self.slots[index].node.clone();
        let needs = self.some_below(rng, index);
        let node = &mut self.slots[index].node;
        match what {
            0 => self.slots[index].wanted ^= true,
            1 => node.needs = needs,
            2 if node.of.variant() => node.fixed = ["a", "b", "c"].choose(rng).expect("three").to_string(),
            _ => node.size = rng.random_range(1..9),
        }
        // What data hangs on must be able to live beside its successor, or nothing could ever replace it.
        let stuck = (0..self.slots.len()).any(|data| self.holds_data(data) && !self.coexists(data));
        if stuck {
            self.slots[index].node = before;
        }
    }

    fn some_below(&self, rng: &mut StdRng, index: usize) -> Vec<String> {
        let amount = rng.random_range(0..=3);
        let below = self.slots[..index].iter().map(|slot| slot.node.name.clone());
        below.choose_multiple(rng, amount)
    }

    fn holds_data(&self, index: usize) -> bool {
        self.slots[index].node.of.traits().data != Data::None
    }

    fn coexists(&self, index: usize) -> bool {
        let node = &self.slots[index].node;
        let needs = self.slots.iter().enumerate().filter(|(_, slot)| node.needs.contains(&slot.node.name));
        node.of.traits().coexists
            && needs.map(|(need, _)| need).collect::<Vec<_>>().into_iter().all(|need| self.coexists(need))
    }

    /// What is wanted; what is not takes the need for it along.
    fn spec(&self) -> Spec {
        let wanted = |name: &String| self.slots.iter().any(|slot| slot.wanted && slot.node.name == *name);
        let nodes = self.slots.iter().filter(|slot| slot.wanted).map(|slot| {
            let needs = slot.node.needs.iter().filter(|need| wanted(need)).cloned().collect();
            Node { needs, ..slot.node.clone() }
        });
        Spec(nodes.collect())
    }
}

/// What a person does in the cloud, past us.
fn hand(stack: &Stack, rng: &mut StdRng) {
    stack.cloud.with(|state| {
        let Some(id) = state.present().filter(|thing| !thing.foreign).map(|thing| thing.id.clone()).choose(rng) else {
            return;
        };
        let holders = |id: &wpc_engine::Id, things: &[&crate::cloud::Thing]| -> Vec<usize> {
            let holds = |thing: &&crate::cloud::Thing| thing.now().is_some_and(|version| version.refs.contains(id));
            things.iter().enumerate().filter(|(_, thing)| holds(thing)).map(|(index, _)| index).collect()
        };
        let present: Vec<&crate::cloud::Thing> = state.present().collect();
        let mut all = holders(&id, &present);
        let held = !all.is_empty();
        let mut next = 0;
        while let Some(index) = all.get(next).copied() {
            next += 1;
            let more = holders(&present[index].id, &present);
            all.extend(more.into_iter().filter(|index| !all.contains(index)).collect::<Vec<_>>());
        }
        let below_data = all.iter().any(|index| present[*index].traits.data != Data::None);
        let thing = state.find(&id).expect("it is present");
        let (phase, traits) = (thing.now().expect("it is present").phase, thing.traits);
        if phase != Phase::Ready {
            return;
        }
        let mortal = traits.data == Data::None
            && (!below_data || (traits.coexists && !matches!(traits.identity, wpc_engine::Identity::Name)));
        match rng.random_range(0..5) {
            0 => thing.change(|version| version.size += 1),
            1 => thing.change(|version| version.labelled = false),
            2 => thing.change(|version| version.phase = Phase::Broken),
            3 if mortal => thing.change(|version| version.phase = Phase::Dead),
            4 if !held && traits.data == Data::None => thing.change(|version| version.phase = Phase::Gone),
            _ => {}
        }
    });
}

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
            hand(stack, rng);
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
            |thing: &&mut crate::cloud::Thing| thing.now().is_some_and(|version| version.phase == Phase::Broken);
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
