//! What a pass does for one node: create if absent, update if different, read once by id after a write.

use std::time::Duration;

use crate::erased::{Item, Value, Want};
use crate::kind::{Data, Identity};
use crate::node::Node;
use crate::report::{Component, Outcome, Step, Verb};
use crate::settle::settle;
use crate::state::State;
use crate::world::{Unseen, World, foreign};
use crate::{Change, Disruption, Fault, Hold, Key, Outputs, Standing};

/// What came of one node.
pub(crate) struct Advance {
    pub(crate) key: Option<Key>,
    pub(crate) item: Option<Item>,
    pub(crate) outcome: Outcome,
    pub(crate) steps: Vec<Step>,
    pub(crate) held: Vec<(Change, Hold)>,
    pub(crate) usable: Option<Value>,
    /// Found under the node's name while its inputs are unknown: which of them is wanted is unknown too.
    pub(crate) claims_name: bool,
    /// What must go before this node's thing can come.
    pub(crate) in_the_way: Vec<Item>,
}

impl Advance {
    pub(crate) fn of(key: Key, outcome: Outcome) -> Self {
        Self {
            key: Some(key),
            item: None,
            outcome,
            steps: vec![],
            held: vec![],
            usable: None,
            claims_name: false,
            in_the_way: vec![],
        }
    }

    pub(crate) fn failed(key: Key, fault: Fault) -> Self {
        Self::of(key, Outcome::Failed(fault))
    }

    pub(crate) fn planned(key: Key) -> Self {
        Self { steps: vec![Step::of(Verb::Create)], ..Self::of(key, Outcome::Absent) }
    }

    pub(crate) fn component(self, name: &str, kind: &'static str) -> Component {
        let Self { key, item, outcome, steps, held, usable: _, claims_name: _, in_the_way: _ } = self;
        Component {
            key: key.unwrap_or_else(|| Key::of(name)),
            kind,
            id: item.map(|item| item.id),
            outcome,
            steps,
            held,
            claimed: true,
            age: Duration::ZERO,
        }
    }
}

/// Moves one node one step nearer to what is wanted.
pub(crate) async fn advance(node: &dyn Node, world: &World<'_>, outputs: &Outputs, upstream: Outcome) -> Advance {
    let kind = node.kind();
    let listed = &world.listed[kind.name()];
    let Some((key, want)) = node.want(outputs) else {
        return observe(node, world, listed.as_deref().unwrap_or_default(), upstream);
    };
    let listed = match listed {
        Ok(items) => items,
        Err(fault) => return Advance::failed(key, fault.clone()),
    };
    let candidates: Vec<&Item> = listed.iter().filter(|item| item.key == key).collect();
    if let Some(item) = choose(&candidates, world) {
        return settle(node, world, (&key, &want), item.clone(), false).await;
    }
    for item in &candidates {
        if let Standing::Foreign(owner) = &item.standing {
            return Advance::failed(key, Fault::not_ours(format!("{} {}", kind.name(), item.id), Some(owner)));
        }
    }
    let it = |unseen: &&Unseen| unseen.wanted && unseen.slot.0 == kind.name() && unseen.slot.1 == key;
    if let Some(unseen) = world.unseen.iter().find(it) {
        return match &unseen.why {
            Ok(_) => Advance::of(key, Outcome::Settling { reason: "Creating", usable: false }),
            Err(fault) => Advance::failed(key, fault.clone()),
        };
    }
    if let Some(hold) = world.held(&key.name, Verb::Create, None) {
        let held = vec![(missing(&key), hold)];
        return Advance { held, ..Advance::of(key, Outcome::Absent) };
    }
    let in_the_way: Vec<Item> = listed.iter().filter(|item| in_the_way(node, item, &key)).cloned().collect();
    match (world.applying(), in_the_way.is_empty()) {
        (false, _) => Advance { in_the_way, ..Advance::planned(key) },
        (true, false) => {
            Advance { in_the_way, ..Advance::of(key, Outcome::Settling { reason: "Replacing", usable: false }) }
        }
        (true, true) => {
            let dead = candidates.iter().filter(|item| matches!(item.state, State::Dead { .. }));
            let dead = dead.map(|item| item.id.clone()).collect();
            create(node, world, key, &want, dead).await
        }
    }
}

/// The inputs are not known: say what is there all the same.
fn observe(node: &dyn Node, world: &World<'_>, listed: &[Item], upstream: Outcome) -> Advance {
    let named: Vec<&Item> = listed.iter().filter(|item| item.key.name == node.name() && !foreign(item)).collect();
    let item = choose(&named, world).or(named.first().copied()).cloned();
    let key = Key::of(node.name());
    // Apply would wait for the inputs, and then make it.
    let planned = !world.applying() && item.is_none() && matches!(upstream, Outcome::Waiting { .. });
    if planned && world.held(&key.name, Verb::Create, None).is_none() {
        return Advance::planned(key);
    }
    Advance { key: None, item, claims_name: true, ..Advance::of(key, upstream) }
}

/// Of several things under one key: the one that data depends on, else one that others hold, else the lowest id.
fn choose<'i>(candidates: &[&'i Item], world: &World<'_>) -> Option<&'i Item> {
    let alive: Vec<&Item> = candidates
        .iter()
        .filter(|item| !matches!(item.state, State::Leaving | State::Dead { .. }) && !foreign(item))
        .copied()
        .collect();
    if alive.len() < 2 {
        return alive.first().copied();
    }
    alive.into_iter().min_by_key(|item| {
        let all = world.all_holders([*item].into_iter());
        (all.iter().all(|item| item.data == Data::None), all.len() == 1, &item.id)
    })
}

/// Whether the old must go before the new can come. Somebody else's stays in the way.
fn in_the_way(node: &dyn Node, item: &Item, key: &Key) -> bool {
    let (identity, coexists) = (node.kind().identity(), node.kind().coexists());
    let replaced = item.key == *key && (identity == Identity::Name || !coexists);
    let excluded = item.key.name == key.name && !coexists;
    replaced || excluded
}

fn missing(key: &Key) -> Change {
    let (from, to) = ("absent".into(), "present".into());
    Change { path: key.name.clone(), from, to, disruption: Disruption::None }
}

async fn create(node: &dyn Node, world: &World<'_>, key: Key, want: &Want, dead: Vec<crate::Id>) -> Advance {
    let kind = node.kind();
    let doubt = match (kind.identity(), kind.coexists()) {
        (_, false) => world.doubt_of(kind.name(), |other| other.name == key.name),
        (Identity::Neither, true) => world.doubt_of(kind.name(), |other| *other == key),
        (Identity::Token | Identity::Name, true) => None,
    };
    if let Some(left) = doubt {
        return Advance::of(key, Outcome::Doubted { left });
    }
    let slot = (kind.name(), key.clone());
    if world.memory(|memory| memory.mourn(slot, dead.into_iter())).is_some() {
        return Advance::of(key, Outcome::Settling { reason: "BackingOff", usable: false });
    }
    if world.halted() {
        return Advance::of(key, Outcome::Settling { reason: "Halted", usable: false });
    }
    let writing = world.creating(kind.name(), &key);
    let id = match node.create(&key, want).await {
        Ok(id) => id,
        Err(fault) => return Advance::failed(key, fault),
    };
    writing.made(&id);
    let step = Step::of(Verb::Create);
    world.done(&key, &id, &step);
    match kind.read(&key, &id).await {
        Ok(Some(item)) => {
            let settled = settle(node, world, (&key, want), Item { key: key.clone(), ..item }, true).await;
            Advance { steps: [vec![step], settled.steps].concat(), ..settled }
        }
        Ok(None) => {
            let creating = Outcome::Settling { reason: "Creating", usable: false };
            Advance { steps: vec![step], ..Advance::of(key, creating) }
        }
        Err(fault) => Advance { steps: vec![step], ..Advance::failed(key, fault) },
    }
}
