//! How often each field was written: what does not become as wanted, or does not stay so, is not written for ever.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::memory::Slot;
use crate::{Change, Contest, Id};

/// How many times one field is written to one value within [`SPAN`].
const MOST: usize = 3;

/// How long a write counts. Longer than three resyncs, so that a fight with somebody who comes once in each is noticed.
const SPAN: Duration = Duration::from_secs(60 * 60);

/// The fields of each thing that were written of late.
#[derive(Debug, Default)]
pub(crate) struct Tries(HashMap<(Slot, Id), HashMap<String, Field>>);

/// What was written to one field.
#[derive(Debug)]
struct Field {
    from: String,
    to: String,
    /// When, oldest first.
    writes: Vec<Instant>,
    /// Whether it was seen as wanted after the last write.
    took: bool,
}

/// Whether a field may be written once more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Try {
    /// It may.
    Go,
    /// It was written a moment ago, and the cloud may not show that yet.
    Wait,
    /// It was written often enough.
    Stop(Contest),
}

impl Tries {
    pub(crate) fn judge(&self, slot: Slot, id: &Id, change: &Change, window: Duration) -> Try {
        let Some(field) = self.0.get(&(slot, id.clone())).and_then(|fields| fields.get(&change.path)) else {
            return Try::Go;
        };
        let same = field.to == change.to;
        let young = field.writes.last().is_some_and(|last| last.elapsed() < window);
        let recent = field.writes.iter().filter(|at| at.elapsed() < SPAN).count();
        match (same, young && !field.took && field.from == change.from, recent >= MOST) {
            (true, true, _) => Try::Wait,
            (true, false, true) => Try::Stop(Contest { change: change.clone(), writes: recent, took: field.took }),
            (true, false, false) | (false, _, _) => Try::Go,
        }
    }

    /// Notes a write that the cloud accepted.
    pub(crate) fn wrote(&mut self, slot: Slot, id: Id, changes: &[Change]) {
        let old = |field: &Field| field.writes.last().is_none_or(|last| last.elapsed() >= SPAN);
        self.0.retain(|_, fields| !fields.values().all(old));
        let fields = self.0.entry((slot, id)).or_default();
        for Change { path, from, to, disruption: _ } in changes {
            let before = fields.remove(path).filter(|field| field.to == *to);
            let mut writes = before.map(|field| field.writes).unwrap_or_default();
            writes.retain(|at| at.elapsed() < SPAN);
            writes.push(Instant::now());
            fields.insert(path.clone(), Field { from: from.clone(), to: to.clone(), writes, took: false });
        }
    }

    /// Forgets a thing of this id: another was made, whose fields nobody has changed yet.
    pub(crate) fn begin(&mut self, slot: Slot, id: Id) {
        self.0.remove(&(slot, id));
    }

    /// Notes what was seen: what does not differ has taken.
    pub(crate) fn saw(&mut self, slot: Slot, id: &Id, differ: &[&Change]) {
        for (path, field) in self.0.get_mut(&(slot, id.clone())).into_iter().flatten() {
            field.took |= !differ.iter().any(|change| change.path == *path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;
    use crate::{Disruption, Key};

    /// A thing that goes and comes again under its name is finished by the same writes each time.
    #[tokio::test(start_paused = true)]
    async fn what_is_made_again_begins_anew() {
        let (slot, id) = (|| ("role", Key::of("role")), Id::from("role"));
        let (from, to, disruption) = ("".to_owned(), "attached".to_owned(), Disruption::None);
        let change = Change { path: "policy".into(), from, to, disruption };
        let mut memory = Memory::fresh();
        for _ in 0..MOST {
            memory.tries.wrote(slot(), id.clone(), std::slice::from_ref(&change));
            memory.tries.saw(slot(), &id, &[]);
        }
        assert!(matches!(memory.tries.judge(slot(), &id, &change, Duration::ZERO), Try::Stop(_)));
        memory.made(slot(), id.clone());
        assert_eq!(memory.tries.judge(slot(), &id, &change, Duration::ZERO), Try::Go);
    }
}
