//! What a pass does for one node: create if absent, update if different, read once by id after a write.

use std::time::Duration;

use crate::erased::{Item, Value, Want};
use crate::kind::{Data, Identity};
use crate::node::Node;
use crate::pass::{World, outcome_of};
use crate::report::{Component, Outcome, Step, Verb};
use crate::state::State;
use crate::{Change, Class, Delta, Fault, Hold, Key, Outputs, Standing};

/// Writes that one node may make in one pass: a create, and updates of what create cannot set.
const WRITES_PER_PASS: usize = 4;

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
}

impl Advance {
    fn of(key: Key, outcome: Outcome) -> Self {
        let (item, usable, claims_name) = (None, None, false);
        Self { key: Some(key), item, outcome, steps: vec![], held: vec![], usable, claims_name }
    }

    fn failed(key: Key, fault: Fault) -> Self {
        Self::of(key, Outcome::Failed(fault))
    }

    pub(crate) fn component(self, name: &str, kind: &'static str) -> Component {
        let Self { key, item, outcome, steps, held, usable: _, claims_name: _ } = self;
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
    let Some((key, want)) = node.want(outputs) else { return observe(node, world, upstream) };
    let listed = match &world.listed[node.kind().name()] {
        Ok(items) => items,
        Err(fault) => return Advance::failed(key, fault.clone()),
    };
    let candidates: Vec<&Item> = listed.iter().filter(|item| item.key == key).collect();
    if let Some(item) = choose(&candidates, world) {
        world.memory(|memory| memory.seen(item.kind, &key));
        return settle(node, world, &key, &want, item.clone(), vec![]).await;
    }
    if let Some(owner) = candidates.iter().find_map(|item| match &item.standing {
        Standing::Foreign(owner) => Some(owner),
        _ => None,
    }) {
        let what = format!("{} {}", node.kind().name(), candidates[0].id);
        return Advance::failed(key, Fault::not_ours(what, Some(owner)));
    }
    match unseen(node, world, &key).await {
        Err(fault) => return Advance::failed(key, fault),
        Ok(Some(Unseen::Found(item))) => return settle(node, world, &key, &want, *item, vec![]).await,
        Ok(Some(Unseen::NotYet)) => {
            return Advance::of(key, Outcome::Settling { reason: "Creating", usable: false });
        }
        Ok(None) => {}
    }
    let alone = node.kind().identity() == Identity::Name || !node.kind().coexists();
    let in_the_way = listed.iter().filter(|item| {
        let named = item.key == key || (item.key.name == key.name && !node.kind().coexists());
        named && alone && !matches!(item.standing, Standing::Foreign(_))
    });
    match in_the_way.collect::<Vec<_>>().as_slice() {
        [] => create(node, world, key, &want).await,
        old => make_room(node, world, key, old).await,
    }
}

/// The inputs are not known: say what is there all the same.
fn observe(node: &dyn Node, world: &World<'_>, upstream: Outcome) -> Advance {
    let listed = world.listed[node.kind().name()].as_deref().unwrap_or_default();
    let item = listed
        .iter()
        .find(|item| item.key.name == node.name() && !matches!(item.standing, Standing::Foreign(_)))
        .cloned();
    Advance { key: None, item, outcome: upstream, steps: vec![], held: vec![], usable: None, claims_name: true }
}

/// Of several things under one key: the one that others hold, else the one with the lowest id.
fn choose<'i>(candidates: &[&'i Item], world: &World<'_>) -> Option<&'i Item> {
    let alive = |item: &&&Item| {
        !matches!(item.state, State::Leaving | State::Dead { .. }) && !matches!(item.standing, Standing::Foreign(_))
    };
    candidates.iter().filter(alive).min_by_key(|item| (world.holders(item).is_empty(), &item.id)).copied()
}

enum Unseen {
    Found(Box<Item>),
    NotYet,
}

/// What this process made and no list shows: ask for it by id.
async fn unseen(node: &dyn Node, world: &World<'_>, key: &Key) -> Result<Option<Unseen>, Fault> {
    let kind = node.kind();
    let Some((id, age)) = world.memory(|memory| memory.unseen(kind.name(), key)) else { return Ok(None) };
    Ok(match kind.read(key, &id).await? {
        Some(item) if !matches!(item.state, State::Leaving | State::Dead { .. }) => Some(Unseen::Found(Box::new(item))),
        None if age < world.options.settle => Some(Unseen::NotYet),
        // It was there and is gone: somebody removed it.
        _ => {
            world.memory(|memory| memory.seen(kind.name(), key));
            None
        }
    })
}

/// The old must go before the new can come.
async fn make_room(node: &dyn Node, world: &World<'_>, key: Key, old: &[&Item]) -> Advance {
    let settling = |reason| Outcome::Settling { reason, usable: false };
    let step = Step { verb: Verb::Delete, changes: vec![] };
    for item in old {
        if item.data != Data::None || matches!(item.state, State::Leaving) {
            continue;
        }
        let holders = world.holders(item);
        if !holders.is_empty() {
            let by = holders.iter().map(|holder| holder.key.name.clone()).collect();
            return Advance { item: Some((*item).clone()), ..Advance::of(key, Outcome::Held { by }) };
        }
        if world.held(&key.name, Verb::Delete, None).is_some() || (world.options.halted)() {
            return Advance::of(key, settling("Held"));
        }
        if world.applying() {
            if let Err(fault) = node.kind().delete(item, world.options.removal).await {
                return Advance::failed(key, fault);
            }
            world.done(&item.key, &item.id, &step);
        }
    }
    let steps = match world.applying() {
        true => vec![step],
        // The sweep plans the delete.
        false => vec![Step { verb: Verb::Create, changes: vec![] }],
    };
    Advance { steps, ..Advance::of(key, settling("Replacing")) }
}

async fn create(node: &dyn Node, world: &World<'_>, key: Key, want: &Want) -> Advance {
    let kind = node.kind();
    if let Some(hold) = world.held(&key.name, Verb::Create, None) {
        let missing = Change {
            path: key.name.clone(),
            from: "absent".into(),
            to: "present".into(),
            disruption: crate::Disruption::None,
        };
        return Advance { held: vec![(missing, hold)], ..Advance::of(key, Outcome::Absent) };
    }
    let step = Step { verb: Verb::Create, changes: vec![] };
    if !world.applying() {
        return Advance { steps: vec![step], ..Advance::of(key, Outcome::Absent) };
    }
    if kind.identity() == Identity::Neither
        && let Some(left) = world.memory(|memory| memory.doubt(kind.name(), &key, world.options.settle))
    {
        return Advance::of(key, Outcome::Doubted { left });
    }
    if (world.options.halted)() {
        return Advance::of(key, Outcome::Settling { reason: "Halted", usable: false });
    }
    let id = match node.create(&key, want).await {
        Ok(id) => id,
        Err(fault) => {
            // Also a refusal that follows the SDK's own repeat of a lost answer leaves doubt.
            if matches!(fault.class, Class::Unclear | Class::Transient | Class::Throttled) {
                world.memory(|memory| memory.lost(kind.name(), &key));
            }
            return Advance::failed(key, fault);
        }
    };
    world.memory(|memory| memory.made(kind.name(), &key, id.clone()));
    world.done(&key, &id, &step);
    match kind.read(&key, &id).await {
        Ok(Some(item)) => settle(node, world, &key, want, item, vec![step]).await,
        Ok(None) => {
            Advance { steps: vec![step], ..Advance::of(key, Outcome::Settling { reason: "Creating", usable: false }) }
        }
        Err(fault) => Advance { steps: vec![step], ..Advance::failed(key, fault) },
    }
}

/// The thing is there: make what differs as wanted.
async fn settle(
    node: &dyn Node,
    world: &World<'_>,
    key: &Key,
    want: &Want,
    mut item: Item,
    mut steps: Vec<Step>,
) -> Advance {
    let mut held = vec![];
    let mut before: Option<Vec<Change>> = None;
    let outcome = loop {
        // What the cloud is still at work on is not pulled at.
        if matches!(item.state, State::Settling { .. } | State::Leaving) && world.applying() {
            break outcome_of(&item);
        }
        if steps.len() >= WRITES_PER_PASS || (world.options.halted)() {
            break Outcome::Settling { reason: "Updating", usable: item.usable.is_some() };
        }
        let step = match proposal(node, world, key, want, &item, &mut held) {
            Next::Nothing => break outcome_of(&item),
            Next::Refused(changes) => break Outcome::Refused(changes),
            Next::Step(step) => step,
        };
        // AWS still answers what it answered before the write: look again in the next pass.
        if before.as_ref() == Some(&step.changes) {
            break Outcome::Settling { reason: "Updating", usable: item.usable.is_some() };
        }
        if !world.applying() {
            steps.push(step);
            break outcome_of(&item);
        }
        let written = match step.verb {
            Verb::Relabel => node.relabel(&item).await,
            _ => node.update(want, &item, &step.changes).await,
        };
        let read = match written {
            Ok(()) => {
                world.done(key, &item.id, &step);
                before = Some(step.changes.clone());
                steps.push(step);
                node.kind().read(key, &item.id).await
            }
            Err(fault) => Err(fault),
        };
        match read {
            Ok(Some(next)) => item = next,
            Ok(None) => break Outcome::Settling { reason: "Updating", usable: item.usable.is_some() },
            Err(fault) => break Outcome::Failed(fault),
        }
    };
    let usable = item.usable.clone();
    Advance { key: Some(key.clone()), item: Some(item), outcome, steps, held, usable, claims_name: false }
}

enum Next {
    Nothing,
    Refused(Vec<Change>),
    Step(Step),
}

/// The next write that a found thing needs, less what is held back.
fn proposal(
    node: &dyn Node,
    world: &World<'_>,
    key: &Key,
    want: &Want,
    item: &Item,
    held: &mut Vec<(Change, Hold)>,
) -> Next {
    held.clear();
    let mut allowed = |verb: Verb, changes: Vec<Change>| {
        let mut left = vec![];
        for change in changes {
            match world.held(&key.name, verb, Some(&change)) {
                Some(hold) => held.push((change, hold)),
                None => left.push(change),
            }
        }
        left
    };
    if let Standing::Mislabelled(which) = &item.standing {
        let (from, to) = (which.clone(), String::new());
        let change = Change { path: "tags".into(), from, to, disruption: crate::Disruption::None };
        let changes = allowed(Verb::Relabel, vec![change]);
        if !changes.is_empty() {
            return Next::Step(Step { verb: Verb::Relabel, changes });
        }
    }
    match node.diff(want, item) {
        Delta::Same => Next::Nothing,
        Delta::Refused(changes) => Next::Refused(changes),
        Delta::Update(changes) => match allowed(Verb::Update, changes) {
            changes if changes.is_empty() => Next::Nothing,
            changes => Next::Step(Step { verb: Verb::Update, changes }),
        },
    }
}
