//! What nobody claims goes, as soon as nothing holds it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::StreamExt;

use crate::erased::{AnyKind, Item};
use crate::pass::{World, same};
use crate::report::{Component, Event, Outcome, Step, Verb};
use crate::state::State;
use crate::step::Advance;
use crate::{Data, Fault, Id, Standing};

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
            (_, Data::None) | (Self::Snapshot, Data::Copied) | (Self::Delete, _) => false,
            (Self::Live | Self::Retain, _) | (Self::Snapshot, Data::Kept) => true,
        }
    }
}

/// Removes what nobody claims, one layer after the other as far as the cloud is quick, and says what came of each.
pub(crate) async fn sweep(world: &mut World<'_>, kinds: &[Arc<dyn AnyKind>], advanced: &[Advance]) -> Vec<Component> {
    let unclaimed: Vec<Item> = world
        .items()
        .filter(|item| !matches!(item.standing, Standing::Foreign(_)) && !claimed(item, advanced))
        .cloned()
        .collect();
    let mut found: Vec<(Item, Outcome, Vec<Step>)> =
        unclaimed.into_iter().map(|item| (item, Outcome::Unclaimed, vec![])).collect();
    found.sort_by(|(a, ..), (b, ..)| (&a.key, a.kind, &a.id).cmp(&(&b.key, b.kind, &b.id)));
    let kept = kept(world, found.iter().map(|(item, ..)| item));
    found.iter_mut().filter(|(item, ..)| kept.contains(&item.id)).for_each(|(_, outcome, _)| *outcome = Outcome::Kept);

    let usable = |outcome: &Outcome| matches!(outcome, Outcome::Ready | Outcome::Settling { usable: true, .. });
    let complete = world.listed.values().all(Result::is_ok);
    let allowed = complete && advanced.iter().all(|advance| usable(&advance.outcome));
    if !world.applying() {
        for (_, _, steps) in found.iter_mut().filter(|(_, outcome, _)| *outcome == Outcome::Unclaimed) {
            steps.push(Step { verb: Verb::Delete, changes: vec![] });
        }
    } else if allowed {
        while remove_one_layer(world, kinds, &mut found).await {}
    }
    found.into_iter().map(component).collect()
}

fn claimed(item: &Item, advanced: &[Advance]) -> bool {
    advanced.iter().any(|advance| match (&advance.item, advance.claims_name) {
        // Which variant is wanted is not known: all of the name are claimed.
        (Some(other), true) => other.kind == item.kind && other.key.name == item.key.name,
        (Some(other), false) => same(other, item),
        (None, _) => false,
    })
}

/// What policy keeps, and what is held by what it keeps: a kept database keeps its subnets.
fn kept<'i>(world: &World<'_>, unclaimed: impl Iterator<Item = &'i Item> + Clone) -> HashSet<Id> {
    let removal = world.options.removal;
    let mut kept: Vec<&Item> = unclaimed.clone().filter(|item| removal.keeps(item.data)).collect();
    let mut ids: HashSet<Id> = kept.iter().map(|item| item.id.clone()).collect();
    while let Some(holder) = kept.pop() {
        for item in unclaimed.clone().filter(|item| holder.holds.contains(&item.id)) {
            if ids.insert(item.id.clone()) {
                kept.push(item);
            }
        }
    }
    ids
}

/// Deletes everything that nothing holds now; true if something is gone, so that others may be free.
async fn remove_one_layer(
    world: &mut World<'_>,
    kinds: &[Arc<dyn AnyKind>],
    found: &mut [(Item, Outcome, Vec<Step>)],
) -> bool {
    let mut free = vec![];
    for (index, (item, outcome, steps)) in found.iter_mut().enumerate() {
        if matches!(outcome, Outcome::Kept | Outcome::Gone | Outcome::Failed(_)) || !steps.is_empty() {
            continue;
        }
        let holders = world.holders(item);
        *outcome = if matches!(item.state, State::Leaving) {
            Outcome::Deleting
        } else if !holders.is_empty() {
            Outcome::Held { by: holders.iter().map(|holder| holder.key.name.clone()).collect() }
        } else if world.held(&item.key.name, Verb::Delete, None).is_some() {
            Outcome::Unclaimed
        } else {
            free.push(index);
            Outcome::Deleting
        };
    }
    if (world.options.halted)() {
        return false;
    }
    let deletes = free.into_iter().map(|index| {
        let item = &found[index].0;
        let world = &*world;
        async move { (index, delete(world, kinds, item).await) }
    });
    let results: Vec<_> =
        futures::stream::iter(deletes).buffer_unordered(world.options.concurrency.max(1)).collect().await;
    let mut progress = false;
    for (index, result) in results {
        let (item, outcome, steps) = &mut found[index];
        steps.push(Step { verb: Verb::Delete, changes: vec![] });
        *outcome = match result {
            Ok(true) => {
                progress = true;
                forget(world, item);
                Outcome::Gone
            }
            Ok(false) => Outcome::Deleting,
            Err(fault) => Outcome::Failed(fault),
        };
    }
    progress
}

/// Deletes one thing; true if it is gone already.
async fn delete(world: &World<'_>, kinds: &[Arc<dyn AnyKind>], item: &Item) -> Result<bool, Fault> {
    let kind = kinds.iter().find(|kind| kind.name() == item.kind).expect("only these kinds were listed");
    let deleted = kind.delete(item, world.options.removal).await;
    if let Err(fault) = &deleted {
        let (component, fault) = (item.key.name.clone(), fault.clone());
        (world.options.observer)(Event::Failed { component, fault });
    }
    deleted?;
    world.done(&item.key, &item.id, &Step { verb: Verb::Delete, changes: vec![] });
    Ok(kind.read(&item.key, &item.id).await?.is_none())
}

fn forget(world: &mut World<'_>, gone: &Item) {
    if let Some(Ok(items)) = world.listed.get_mut(gone.kind) {
        items.retain(|item| !same(item, gone));
    }
}

fn component((item, outcome, steps): (Item, Outcome, Vec<Step>)) -> Component {
    Component {
        key: item.key,
        kind: item.kind,
        id: Some(item.id),
        outcome,
        steps,
        held: vec![],
        claimed: false,
        age: Duration::ZERO,
    }
}
