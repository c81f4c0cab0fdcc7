//! What a pass sees and shares: the lists, what they may not show yet, and a note of every write.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream::StreamExt;
use tokio::time::Instant;

use crate::erased::{AnyKind, Item, Items};
use crate::memory::{Last, Slot, Trace, left};
use crate::report::{Event, Step, Verb};
use crate::tries::Try;
use crate::{Change, Fault, Hold, Id, Key, Memory, Mode, Options, Proposal, Standing};

/// What the nodes and the sweep share.
pub(crate) struct World<'a> {
    pub(crate) options: &'a Options<'a>,
    pub(crate) listed: HashMap<&'static str, Items>,
    /// What was made or changed by us, is in no list, and could not be read.
    pub(crate) unseen: Vec<Unseen>,
    listed_at: Instant,
    /// How long every list is doubted.
    restarted: Option<Duration>,
    /// How long what things hold is doubted, after an earlier pass changed one.
    changed: Option<Duration>,
    /// How long a key's absence is doubted.
    unclear: Vec<(Slot, Duration)>,
    memory: Mutex<&'a mut Memory>,
}

/// A thing that must exist, or may still be leaving, and does not show.
pub(crate) struct Unseen {
    pub(crate) slot: Slot,
    pub(crate) wanted: bool,
    /// How long until it must show, or why it could not be read.
    pub(crate) why: Result<Duration, Fault>,
}

impl<'a> World<'a> {
    /// Lists every kind once, and asks by id for what was written of late and is in no list.
    pub(crate) async fn see(kinds: &[Arc<dyn AnyKind>], memory: &'a mut Memory, options: &'a Options<'a>) -> Self {
        let listed_at = Instant::now();
        let mut world = Self {
            options,
            listed: list(kinds, options).await,
            unseen: vec![],
            listed_at,
            restarted: memory.restarted(listed_at, options.settle),
            changed: None,
            unclear: memory.unclear(listed_at, options.settle),
            memory: Mutex::new(memory),
        };
        let missing = world.compare();
        // Collected first: a closure kept across an await would make the future's Send hard to prove.
        let reads: Vec<_> = missing
            .into_iter()
            .filter_map(|(slot, id, trace)| {
                let kind = kinds.iter().find(|kind| kind.name() == slot.0)?;
                Some(async move { (kind.read(&slot.1, &id).await, slot, id, trace) })
            })
            .collect();
        let answers: Vec<_> = futures::stream::iter(reads).buffer_unordered(options.concurrency.max(1)).collect().await;
        for (answer, slot, id, trace) in answers {
            world.learn(answer, slot, id, trace);
        }
        world
    }

    /// Compares the lists with what was written of late; answers what they lack.
    fn compare(&mut self) -> Vec<(Slot, Id, Trace)> {
        let mut missing = vec![];
        let mut traces = self.memory(|memory| memory.traces());
        // In one order always: a simulated life can be lived again.
        traces.sort_by(|(slot, id, _), (other, of, _)| (slot, id).cmp(&(other, of)));
        for (slot, id, trace) in traces {
            let Some(Ok(items)) = self.listed.get_mut(slot.0) else { continue };
            let it = |item: &Item| item.id == id && item.key == slot.1;
            match (items.iter().any(it), trace.last, left(trace.at, self.listed_at, self.options.settle)) {
                (true, Last::Gone, Some(_)) => items.retain(|item| !it(item)),
                (true, Last::Leaving, Some(_)) => items.iter_mut().filter(|item| it(item)).for_each(Item::leave),
                (true, Last::Written, left @ Some(_)) if trace.changed() => self.changed = self.changed.max(left),
                (false, Last::Written | Last::Deleted | Last::Leaving, _) => missing.push((slot, id, trace)),
                (_, _, Some(_)) => {}
                (_, _, None) => self.memory(|memory| memory.forget(&slot, &id)),
            }
        }
        missing
    }

    fn learn(&mut self, answer: Result<Option<Item>, Fault>, slot: Slot, id: Id, trace: Trace) {
        let left = left(trace.at, self.listed_at, self.options.settle);
        let wanted = trace.last == Last::Written;
        let unsure = wanted || trace.deniable(self.options.settle);
        match (answer, left) {
            (Ok(Some(item)), _) => {
                if let Some(Ok(items)) = self.listed.get_mut(slot.0) {
                    items.push(Item { key: slot.1, ..item });
                }
            }
            (Ok(None), Some(left)) if unsure => self.unseen.push(Unseen { slot, wanted, why: Ok(left) }),
            // It was there and is gone.
            (Ok(None), Some(_)) => self.memory(|memory| memory.wrote(slot, id, Last::Gone)),
            (Ok(None), None) => self.memory(|memory| memory.forget(&slot, &id)),
            (Err(fault), _) => self.unseen.push(Unseen { slot, wanted, why: Err(fault) }),
        }
    }

    pub(crate) fn memory<T>(&self, f: impl FnOnce(&mut Memory) -> T) -> T {
        f(&mut self.memory.lock().expect("no panic while the memory is held"))
    }

    pub(crate) fn applying(&self) -> bool {
        self.options.mode == Mode::Apply
    }

    pub(crate) fn halted(&self) -> bool {
        (self.options.halted)()
    }

    /// Everything that was found, of every kind.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.listed.values().flatten().flatten()
    }

    /// Who keeps this thing from being deleted.
    pub(crate) fn holders<'w>(&'w self, item: &Item) -> Vec<&'w Item> {
        let holds = |other: &&Item| !same(other, item) && other.holds.contains(&item.id);
        self.items().filter(holds).collect()
    }

    /// These, all that holds them, all that holds those, and so on.
    pub(crate) fn all_holders<'w>(&'w self, items: impl Iterator<Item = &'w Item>) -> Vec<&'w Item> {
        let mut all: Vec<&Item> = items.collect();
        let mut next = 0;
        while let Some(item) = all.get(next).copied() {
            next += 1;
            for holder in self.holders(item) {
                if !all.iter().any(|other| same(other, holder)) {
                    all.push(holder);
                }
            }
        }
        all
    }

    /// How long it is still open whether the lists show all there is.
    pub(crate) fn doubt(&self) -> Option<Duration> {
        let unclear = self.unclear.iter().map(|(_, left)| *left);
        let unseen = self.unseen.iter().map(|unseen| unseen.why.clone().unwrap_or_default());
        self.restarted.into_iter().chain(self.changed).chain(unclear).chain(unseen).max()
    }

    /// Whether the lists show all there is, so that something may be removed.
    pub(crate) fn certain(&self) -> bool {
        self.doubt().is_none() && self.listed.values().all(Result::is_ok)
    }

    /// How long the absence of these keys is still doubted.
    pub(crate) fn doubt_of(&self, kind: &str, wanted: impl Fn(&Key) -> bool) -> Option<Duration> {
        let wanted = |slot: &Slot| slot.0 == kind && wanted(&slot.1);
        let unclear = self.unclear.iter().filter(|(slot, _)| wanted(slot)).map(|(_, left)| *left);
        let unseen = self.unseen.iter().filter(|unseen| wanted(&unseen.slot));
        let unseen = unseen.map(|unseen| unseen.why.clone().unwrap_or_default());
        self.restarted.into_iter().chain(unclear).chain(unseen).max()
    }

    /// Whether the list may show this thing as it was before the last write to it.
    pub(crate) fn outdated(&self, item: &Item) -> bool {
        let slot = (item.kind, item.key.clone());
        self.restarted.is_some()
            || self.memory(|memory| memory.outdated(slot, &item.id, self.listed_at, self.options.settle))
    }

    /// Notes that a delete took, as far as is known.
    pub(crate) fn left(&self, item: &Item, last: Last) {
        self.memory(|memory| memory.wrote((item.kind, item.key.clone()), item.id.clone(), last));
    }

    /// Notes that fields of a thing were written.
    pub(crate) fn tried(&self, item: &Item, changes: &[Change]) {
        self.memory(|memory| memory.tries.wrote((item.kind, item.key.clone()), item.id.clone(), changes));
    }

    /// Notes which fields of a thing differ.
    pub(crate) fn saw(&self, item: &Item, differ: &[&Change]) {
        self.memory(|memory| memory.tries.saw((item.kind, item.key.clone()), &item.id, differ));
    }

    /// Whether a field of a thing may be written once more. A plan says what would be done by who starts now.
    pub(crate) fn judge(&self, item: &Item, change: &Change) -> Try {
        let slot = (item.kind, item.key.clone());
        match self.applying() {
            true => self.memory(|memory| memory.tries.judge(slot, &item.id, change, self.options.settle)),
            false => Try::Go,
        }
    }

    /// Whether the cloud may deny that this thing exists, because it is so new.
    pub(crate) fn deniable(&self, item: &Item) -> bool {
        let slot = (item.kind, item.key.clone());
        self.memory(|memory| memory.deniable(slot, &item.id, self.options.settle))
    }

    pub(crate) fn held(&self, component: &str, verb: Verb, change: Option<&Change>) -> Option<Hold> {
        (self.options.hold)(Proposal { component, verb, change })
    }

    /// To be held while a thing is made.
    pub(crate) fn creating<'w>(&'w self, kind: &'static str, key: &Key) -> Writing<'w, 'a> {
        Writing { world: self, slot: (kind, key.clone()), trace: Note::Lost }
    }

    /// To be held while a thing is changed or deleted.
    pub(crate) fn writing<'w>(&'w self, item: &Item, last: Last) -> Writing<'w, 'a> {
        let trace = Note::Wrote(item.id.clone(), last);
        Writing { world: self, slot: (item.kind, item.key.clone()), trace }
    }

    pub(crate) fn done(&self, component: &Key, id: &Id, step: &Step) {
        self.tell(Event::Done { component: component.name.clone(), id: id.clone(), step: step.clone() });
    }

    pub(crate) fn tell(&self, event: Event) {
        (self.options.observer)(event);
    }
}

/// A write under way. Whatever becomes of it (an answer, a fault, a pass that is dropped), it leaves its trace.
pub(crate) struct Writing<'w, 'a> {
    world: &'w World<'a>,
    slot: Slot,
    trace: Note,
}

enum Note {
    /// Also a refused create leaves doubt: the refusal may have answered a client's own repeat of a lost call.
    Lost,
    Made(Id),
    Wrote(Id, Last),
}

impl Writing<'_, '_> {
    /// The create was answered.
    pub(crate) fn made(mut self, id: &Id) {
        self.trace = Note::Made(id.clone());
    }
}

impl Drop for Writing<'_, '_> {
    fn drop(&mut self) {
        let slot = self.slot.clone();
        self.world.memory(|memory| match &self.trace {
            Note::Lost => memory.lost(slot),
            Note::Made(id) => memory.made(slot, id.clone()),
            Note::Wrote(id, last) => memory.wrote(slot, id.clone(), *last),
        });
    }
}

/// Whether two items are one and the same thing.
pub(crate) fn same(a: &Item, b: &Item) -> bool {
    a.kind == b.kind && a.id == b.id && a.key == b.key
}

/// What people know a thing by: its component, or its id where it is not one of ours.
fn label(item: &Item) -> String {
    match foreign(item) {
        true => item.id.0.clone(),
        false => item.key.name.clone(),
    }
}

/// The labels of things, each once, in order.
pub(crate) fn labels<'i>(items: impl IntoIterator<Item = &'i Item>) -> Vec<String> {
    let mut labels: Vec<String> = items.into_iter().map(label).collect();
    labels.sort();
    labels.dedup();
    labels
}

pub(crate) fn foreign(item: &Item) -> bool {
    matches!(item.standing, Standing::Foreign(_))
}

async fn list(kinds: &[Arc<dyn AnyKind>], options: &Options<'_>) -> HashMap<&'static str, Items> {
    let lists: Vec<_> = kinds.iter().map(|kind| async move { (kind.name(), kind.list().await) }).collect();
    let lists = futures::stream::iter(lists);
    let mut listed: HashMap<_, _> = lists.buffer_unordered(options.concurrency.max(1)).collect().await;
    for (kind, items) in &mut listed {
        match items {
            Err(fault) => {
                (options.observer)(Event::Failed { component: (*kind).to_owned(), fault: fault.clone() });
            }
            // Pages that shift while they are read show a thing twice.
            Ok(items) => {
                let mut shown = HashSet::new();
                items.retain(|item| shown.insert((item.key.clone(), item.id.clone())));
            }
        }
    }
    listed
}
