//! A person at work: edits what is wanted, at random, and meddles in the cloud.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use wpc_engine::{Data, Id, Identity};

use crate::cloud::{Cloud, State};
use crate::kinds::Of;
use crate::stack::{Node, Spec};
use crate::things::{Phase, Thing};

/// A thing that may be wanted.
struct Slot {
    node: Node,
    wanted: bool,
}

/// What a person writes, edit by edit.
pub struct Author {
    slots: Vec<Slot>,
}

impl Author {
    pub fn new(rng: &mut StdRng, things: usize) -> Self {
        let slots = (0..things).map(|index| {
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

    pub fn edit(&mut self, rng: &mut StdRng) {
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
    pub fn spec(&self) -> Spec {
        let wanted = |name: &String| self.slots.iter().any(|slot| slot.wanted && slot.node.name == *name);
        let nodes = self.slots.iter().filter(|slot| slot.wanted).map(|slot| {
            let needs = slot.node.needs.iter().filter(|need| wanted(need)).cloned().collect();
            Node { needs, ..slot.node.clone() }
        });
        Spec(nodes.collect())
    }
}

/// What a person does in the cloud, past us: as far as the cloud permits, and never to data.
pub fn meddle(cloud: &Cloud, rng: &mut StdRng) {
    cloud.with(|state| {
        let ready = |thing: &&Thing| thing.now().is_some_and(|version| version.phase == Phase::Ready);
        let Some(id) = state.present().filter(ready).map(|thing| thing.id.clone()).choose(rng) else { return };
        let held = !holders(state, &id).is_empty();
        let needed = needed_by_data(state, &id);
        let thing = state.find(&id).expect("it is present");
        let traits = thing.traits;
        // What data hangs on can be followed only by something that may live beside it.
        let mortal = !needed || (traits.coexists && traits.identity != Identity::Name);
        match rng.random_range(0..5) {
            0 => thing.change(|version| version.size += 1),
            1 => thing.change(|version| version.labelled = false),
            2 => thing.change(|version| version.phase = Phase::Broken),
            3 if mortal && traits.data == Data::None => thing.change(|version| version.phase = Phase::Dead),
            4 if !held && traits.data == Data::None => thing.change(|version| version.phase = Phase::Gone),
            _ => {}
        }
    });
}

fn holders(state: &State, id: &Id) -> Vec<Id> {
    let holds = |thing: &&Thing| thing.now().is_some_and(|version| version.refs.contains(id));
    state.present().filter(holds).map(|thing| thing.id.clone()).collect()
}

fn needed_by_data(state: &State, id: &Id) -> bool {
    let data = |id: &Id| state.present().any(|thing| thing.id == *id && thing.traits.data != Data::None);
    holders(state, id).iter().any(|holder| data(holder) || needed_by_data(state, holder))
}
