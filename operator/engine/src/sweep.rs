//! What nobody claims goes, as soon as nothing holds it.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::stream::StreamExt;

use crate::erased::{AnyKind, Item};
use crate::memory::Last;
use crate::node::Node;
use crate::pass::tell;
use crate::report::{Component, Outcome, Step, Verb};
use crate::room::make_room;
use crate::state::State;
use crate::step::Advance;
use crate::world::{World, foreign, labels, same};
use crate::{Change, Data, Disruption, Graph, Hold, Id};

/// What may happen to unclaimed things that hold data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// The stack lives: an edited field never removes data.
    Live,
    /// The stack goes, its data stays.
    Retain,
    /// The stack goes; data goes where a copy is left behind, and stays elsewhere.
    Snapshot,
    /// Everything goes: deletion was confirmed.
    Delete,
}

impl Removal {
    /// Whether a thing that holds such data stays.
    pub fn keeps(self, data: Data) -> bool {
        match (self, data) {
            (_, Data::Needed) => true,
            (_, Data::None) | (Self::Snapshot, Data::Copied) | (Self::Delete, _) => false,
            (Self::Live | Self::Retain, _) | (Self::Snapshot, Data::Kept) => true,
        }
    }
}

/// Removes what nobody claims, one layer after the other as far as the cloud is quick, and says what came of each.
pub(crate) async fn sweep(
    world: &mut World<'_>,
    kinds: &[Arc<dyn AnyKind>],
    graph: &Graph,
    advanced: &mut [Advance],
) -> Vec<Component> {
    let going = make_room(world, graph, advanced);
    let goes = |item: &Item| going.iter().any(|other| same(other, item));
    let claimed = |item: &Item| advanced.iter().any(|advance| claimed(item, advance));
    let unclaimed = world.items().filter(|item| !foreign(item) && (goes(item) || !claimed(item)));
    let mut found: Vec<Leftover> = unclaimed.cloned().map(Leftover::new).collect();
    found.sort_by(|Leftover { item: a, .. }, Leftover { item: b, .. }| {
        (&a.key, a.kind, &a.id).cmp(&(&b.key, b.kind, &b.id))
    });
    let kept = kept(world, &found);
    let all = all_usable(graph, advanced);
    for left in &mut found {
        if kept.contains(&left.item.id) {
            left.outcome = Outcome::Kept;
        } else if matches!(left.item.state, State::Leaving) {
            left.outcome = Outcome::Deleting;
        } else if let Some(hold) = world.held(&left.item.key.name, Verb::Delete, None) {
            let (path, from, to) = (left.item.key.name.clone(), "present".into(), "absent".into());
            left.held.push((Change { path, from, to, disruption: Disruption::None }, hold));
        } else if !world.applying() {
            left.steps.push(Step::of(Verb::Delete));
        } else {
            left.due = world.certain() && (all || goes(&left.item));
        }
    }
    while remove_one_layer(world, kinds, &mut found).await {}
    look_again(world.options.removal, &mut found);
    found.iter().for_each(|left| tell(world, &left.item.key.name, &left.outcome));
    found.into_iter().map(Leftover::component).collect()
}

/// Something that nobody claims.
struct Leftover {
    item: Item,
    outcome: Outcome,
    steps: Vec<Step>,
    held: Vec<(Change, Hold)>,
    /// It is to be deleted as soon as nothing holds it.
    due: bool,
}

impl Leftover {
    fn new(item: Item) -> Self {
        Self { item, outcome: Outcome::Unclaimed, steps: vec![], held: vec![], due: false }
    }

    fn component(self) -> Component {
        Component {
            key: self.item.key,
            kind: self.item.kind,
            id: Some(self.item.id),
            outcome: self.outcome,
            steps: self.steps,
            held: self.held,
            claimed: false,
            age: Duration::ZERO,
        }
    }
}

/// Whether a node wants this thing, or may find that it does.
pub(crate) fn claimed(item: &Item, by: &Advance) -> bool {
    match (&by.item, by.claims_name) {
        // Which variant is wanted is not known: all of the name are claimed.
        (Some(other), true) => other.kind == item.kind && other.key.name == item.key.name,
        (Some(other), false) => same(other, item),
        (None, _) => false,
    }
}

/// Whether what is wanted can be used. What waits for something usable to come into a state (a certificate that is
/// requested, and not yet issued) may wait for days, and keeps nothing from going that nothing holds.
fn all_usable(graph: &Graph, advanced: &[Advance]) -> bool {
    let nodes = || graph.nodes.iter().map(|node| node.as_ref()).zip(advanced);
    let usable = |(node, advance): (&dyn Node, &Advance)| match advance.outcome {
        Outcome::Ready | Outcome::Contested(_) => true,
        // What it used before may still be in use.
        Outcome::Settling { usable, .. } => usable && !node.kind().leads_back(),
        _ => false,
    };
    let named = |name: &String| nodes().find(|(node, _)| node.name() == name).is_some_and(usable);
    nodes().all(|(node, advance)| match &advance.outcome {
        Outcome::Waiting { on } => !on.is_empty() && on.iter().all(named),
        _ => usable((node, advance)),
    })
}

/// What policy keeps, and what is held by what it keeps: a kept database keeps its subnets.
fn kept(world: &World<'_>, unclaimed: &[Leftover]) -> HashSet<Id> {
    let removal = world.options.removal;
    let items = || unclaimed.iter().map(|left| &left.item);
    let stays = |item: &&Item| removal.keeps(item.data) && !matches!(item.state, State::Leaving);
    let mut kept: Vec<&Item> = items().filter(stays).collect();
    let mut ids: HashSet<Id> = kept.iter().map(|item| item.id.clone()).collect();
    while let Some(holder) = kept.pop() {
        for item in items().filter(|item| holder.holds.contains(&item.id)) {
            if ids.insert(item.id.clone()) {
                kept.push(item);
            }
        }
    }
    ids
}

/// What stays only for somebody's need of it is judged anew when something went meanwhile: that may have been the need.
fn look_again(removal: Removal, found: &mut [Leftover]) {
    let went: BTreeSet<String> =
        found.iter().filter(|left| left.outcome == Outcome::Gone).map(|left| left.item.key.name.clone()).collect();
    let needed = |left: &&mut Leftover| {
        left.outcome == Outcome::Kept && left.item.data == Data::Needed && !removal.keeps(Data::Kept)
    };
    if !went.is_empty() {
        found
            .iter_mut()
            .filter(needed)
            .for_each(|left| left.outcome = Outcome::Held { by: went.iter().cloned().collect() });
    }
}

/// Deletes everything due that nothing holds now; true if something is gone, so that others may be free.
async fn remove_one_layer(world: &mut World<'_>, kinds: &[Arc<dyn AnyKind>], found: &mut [Leftover]) -> bool {
    let mut free = vec![];
    let last = |kind: &str| kinds.iter().any(|other| other.name() == kind && other.last());
    let going = |left: &&Leftover| !matches!(left.outcome, Outcome::Kept | Outcome::Gone) && !last(left.item.kind);
    let earlier: Vec<Item> = found.iter().filter(going).map(|left| left.item.clone()).collect();
    for (index, left) in found.iter_mut().enumerate().filter(|(_, left)| left.due) {
        let mut holders = world.holders(&left.item);
        if last(left.item.kind) {
            // But for what it holds itself, or another that goes last.
            let held = |other: &Item| world.all_holders([other].into_iter()).iter().any(|by| last(by.kind));
            holders.extend(earlier.iter().filter(|other| !held(other)));
        }
        if holders.is_empty() {
            left.due = false;
            free.push(index);
        } else {
            left.outcome = Outcome::Held { by: labels(holders) };
        }
    }
    let delete_at = |index: usize| {
        let (world, item) = (&*world, &found[index].item);
        async move { (index, delete(world, kinds, item).await) }
    };
    let deletes: Vec<_> = free.into_iter().map(delete_at).collect();
    let deleted = futures::stream::iter(deletes).buffer_unordered(world.options.concurrency.max(1));
    let mut progress = false;
    for (index, (outcome, steps)) in deleted.collect::<Vec<_>>().await {
        if outcome == Outcome::Gone {
            progress = true;
            forget(world, &found[index].item);
        }
        found[index].outcome = outcome;
        found[index].steps = steps;
    }
    progress
}

/// Deletes one thing, and looks whether it is gone already.
async fn delete(world: &World<'_>, kinds: &[Arc<dyn AnyKind>], item: &Item) -> (Outcome, Vec<Step>) {
    let kind = kinds.iter().find(|kind| kind.name() == item.kind).expect("only these kinds were listed");
    let mut item = item.clone();
    if world.outdated(&item) {
        match kind.read(&item.key, &item.id).await {
            Ok(Some(now)) if matches!(now.state, State::Leaving) => return (Outcome::Deleting, vec![]),
            Ok(Some(now)) => item = Item { key: item.key, ..now },
            // Lists still show it; they have the last word on what is left.
            Ok(None) => return (Outcome::Deleting, vec![]),
            Err(fault) => return (Outcome::Failed(fault), vec![]),
        }
    }
    if world.halted() {
        return (Outcome::Unclaimed, vec![]);
    }
    let writing = world.writing(&item, Last::Deleted);
    let deleted = kind.delete(&item, world.options.removal).await;
    drop(writing);
    if let Err(fault) = deleted {
        return (Outcome::Failed(fault), vec![]);
    }
    let step = Step::of(Verb::Delete);
    world.done(&item.key, &item.id, &step);
    let outcome = match kind.read(&item.key, &item.id).await {
        Ok(None) if !world.deniable(&item) => {
            world.left(&item, Last::Gone);
            Outcome::Gone
        }
        Ok(now) => {
            // Otherwise only the first of its steps is done.
            if now.is_none_or(|now| matches!(now.state, State::Leaving)) {
                world.left(&item, Last::Leaving);
            }
            Outcome::Deleting
        }
        Err(fault) => Outcome::Failed(fault),
    };
    (outcome, vec![step])
}

fn forget(world: &mut World<'_>, gone: &Item) {
    if let Some(Ok(items)) = world.listed.get_mut(gone.kind) {
        items.retain(|item| !same(item, gone));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Key, Standing};

    fn left(name: &str, data: Data, outcome: Outcome) -> Leftover {
        let (state, standing) = (State::Ready(()), Standing::Ours);
        let (id, have) = (Id::from(name), Arc::new(()));
        let item = Item { key: Key::of(name), id, kind: "k", holds: vec![], state, data, standing, usable: None, have };
        Leftover { outcome, ..Leftover::new(item) }
    }

    /// A key whose last snapshot went in the very pass that found it.
    #[test]
    fn what_was_needed_is_looked_at_again_once_something_went() {
        let after = |removal, went: Outcome| {
            let mut found = [
                left("key", Data::Needed, Outcome::Kept),
                left("files", Data::Kept, Outcome::Kept),
                left("database", Data::Copied, went),
            ];
            look_again(removal, &mut found);
            found.map(|left| left.outcome)
        };
        let by = vec!["database".to_owned()];
        let [key, files, _] = after(Removal::Delete, Outcome::Gone);
        assert_eq!((key, files), (Outcome::Held { by }, Outcome::Kept));
        assert_eq!(after(Removal::Delete, Outcome::Kept)[0], Outcome::Kept, "nothing went: it is needed still");
        for removal in [Removal::Retain, Removal::Snapshot, Removal::Live] {
            assert_eq!(after(removal, Outcome::Gone)[0], Outcome::Kept, "{removal:?} keeps it in any case");
        }
    }
}
