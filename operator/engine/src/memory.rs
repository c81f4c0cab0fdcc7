use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::requeue::backoff;
use crate::tries::Tries;
use crate::{Id, Key};

/// A place in the stack: a kind's name and a key.
pub(crate) type Slot = (&'static str, Key);

/// Hints that one object's passes leave each other. Losing them (a restart) costs a settle window, never a duplicate.
#[derive(Debug)]
pub struct Memory {
    /// Before this moment somebody else may have written what no list shows yet.
    restarted: Option<Instant>,
    /// Creates that were sent and not answered for certain, and when.
    unclear: HashMap<Slot, Instant>,
    /// What was written to of late: lists may still show it as it was before.
    traces: HashMap<(Slot, Id), Trace>,
    /// Things that died under a key before one lived, and when the last one did.
    deaths: HashMap<Slot, (HashSet<Id>, Instant)>,
    /// What was written to fields, and how often.
    pub(crate) tries: Tries,
    /// Each component's state, and since when.
    states: HashMap<String, (String, Instant)>,
    /// Passes in a row that ended with a failure worth repeating.
    pub(crate) failures: u32,
}

/// What was last done to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    /// Made or changed.
    Written,
    /// A delete was sent.
    Deleted,
    /// It was deleted, and the cloud is at work on that.
    Leaving,
    /// It was deleted, and the cloud does not know it any more.
    Gone,
}

/// What was last done to a thing, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trace {
    pub(crate) last: Last,
    pub(crate) at: Instant,
    /// When it was made, if that was seen: for a while after it the cloud may deny that the thing exists.
    made: Option<Instant>,
}

impl Trace {
    /// Whether it was written to after it was made.
    pub(crate) fn changed(&self) -> bool {
        self.made != Some(self.at)
    }

    /// Whether "not found" does not mean that it is gone.
    pub(crate) fn deniable(&self, window: Duration) -> bool {
        self.made.is_some_and(|made| made.elapsed() < window)
    }
}

impl Memory {
    /// For an object whose first pass this process makes: nobody has created anything for it before.
    pub fn fresh() -> Self {
        Self {
            restarted: None,
            unclear: HashMap::new(),
            traces: HashMap::new(),
            deaths: HashMap::new(),
            tries: Tries::default(),
            states: HashMap::new(),
            failures: 0,
        }
    }

    /// For an object that another process may have worked on until a moment ago.
    pub fn inherited() -> Self {
        Self { restarted: Some(Instant::now()), ..Self::fresh() }
    }

    /// Forgets how often fields were written: a person asked to try again.
    pub fn try_again(&mut self) {
        self.tries = Tries::default();
    }

    /// How long lists must still be doubted because another process may have written what they do not show.
    pub(crate) fn restarted(&self, listed: Instant, window: Duration) -> Option<Duration> {
        left(self.restarted?, listed, window)
    }

    /// The keys whose absence from lists must still be doubted, and for how long.
    pub(crate) fn unclear(&mut self, listed: Instant, window: Duration) -> Vec<(Slot, Duration)> {
        self.unclear.retain(|_, since| left(*since, listed, window).is_some());
        self.unclear.iter().filter_map(|(slot, since)| Some((slot.clone(), left(*since, listed, window)?))).collect()
    }

    /// Notes a create that was sent and not answered for certain.
    pub(crate) fn lost(&mut self, slot: Slot) {
        self.unclear.insert(slot, Instant::now());
    }

    /// Notes a thing just made.
    pub(crate) fn made(&mut self, slot: Slot, id: Id) {
        let now = Instant::now();
        self.tries.begin(slot.clone(), id.clone());
        self.traces.insert((slot, id), Trace { last: Last::Written, at: now, made: Some(now) });
    }

    /// Notes what was just done to a thing.
    pub(crate) fn wrote(&mut self, slot: Slot, id: Id, last: Last) {
        let at = Instant::now();
        let trace = self.traces.entry((slot, id)).or_insert(Trace { last, at, made: None });
        *trace = Trace { last, at, made: trace.made };
    }

    /// Whether a thing was made so short a time ago that the cloud may deny it.
    pub(crate) fn deniable(&self, slot: Slot, id: &Id, window: Duration) -> bool {
        self.traces.get(&(slot, id.clone())).is_some_and(|trace| trace.deniable(window))
    }

    /// Whether a list made at this moment may show a thing as it was before our last write.
    pub(crate) fn outdated(&self, slot: Slot, id: &Id, listed: Instant, window: Duration) -> bool {
        self.traces.get(&(slot, id.clone())).is_some_and(|trace| left(trace.at, listed, window).is_some())
    }

    pub(crate) fn traces(&self) -> Vec<(Slot, Id, Trace)> {
        self.traces.iter().map(|((slot, id), trace)| (slot.clone(), id.clone(), *trace)).collect()
    }

    pub(crate) fn forget(&mut self, slot: &Slot, id: &Id) {
        self.traces.remove(&(slot.clone(), id.clone()));
    }

    /// Notes what died under a key, and answers how long to wait before the next one is made: one death is an
    /// accident, several in a row are not mended by haste.
    pub(crate) fn mourn(&mut self, slot: Slot, dead: impl Iterator<Item = Id>) -> Option<Duration> {
        for id in dead {
            let (ids, at) = self.deaths.entry(slot.clone()).or_insert_with(|| (HashSet::new(), Instant::now()));
            if ids.insert(id) {
                *at = Instant::now();
            }
        }
        let (ids, at) = self.deaths.get(&slot)?;
        let before = u32::try_from(ids.len()).unwrap_or(u32::MAX) - 1;
        let wait = if before == 0 { Duration::ZERO } else { backoff(before) };
        Some(wait.saturating_sub(at.elapsed())).filter(|left| !left.is_zero())
    }

    /// Notes that what was made under a key lives.
    pub(crate) fn lives(&mut self, slot: &Slot) {
        self.deaths.remove(slot);
    }

    /// Notes each component's state and answers how long each has been in it.
    pub(crate) fn ages(&mut self, states: impl Iterator<Item = (String, String)>) -> Vec<Duration> {
        let mut next = HashMap::new();
        let ages = states
            .map(|(name, state)| {
                let since = match self.states.get(&name) {
                    Some((before, since)) if *before == state => *since,
                    _ => Instant::now(),
                };
                next.insert(name, (state, since));
                since.elapsed()
            })
            .collect();
        self.states = next;
        ages
    }
}

/// How long until a list can begin that shows what happened at `since`; `None` if the one made at `listed` does.
pub(crate) fn left(since: Instant, listed: Instant, window: Duration) -> Option<Duration> {
    let end = since + window;
    (listed < end).then(|| end.saturating_duration_since(Instant::now()))
}
