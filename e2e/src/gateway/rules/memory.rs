//! What the rules remember: what was done to a thing not long ago, and interfaces that outlive what had them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::engine::Engine;
use super::super::lifecycle::Key;
use super::super::protocol::{Request, Scope};
use super::super::table;
use super::holds::{HOLDS, Holder};

/// Whose interfaces AWS takes down only after it is gone from the lists, and for how long, in AWS seconds.
const LINGER: &[(&str, u32)] = &[("elb/load-balancer", 120)];

/// What is remembered of a call once it has succeeded.
#[derive(Debug)]
pub enum Mark {
    /// Done to a thing: a rule refuses it for a while.
    Done {
        /// Which rule, by its words.
        rule: &'static str,
        /// The thing.
        key: Key,
        /// For how long.
        secs: u32,
    },
    /// Held still by what is gone.
    Held {
        /// As what.
        what: &'static str,
        /// Its id.
        id: String,
        /// Where.
        scope: Scope,
        /// By what.
        by: Holder,
        /// For how long.
        secs: u32,
    },
}

type Held = (&'static str, String, Scope);

#[derive(Debug, Default)]
struct Inner {
    done: HashMap<(&'static str, Key), Duration>,
    held: HashMap<Held, (Holder, Duration)>,
}

/// What the rules remember.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Inner>);

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Was this done to the thing not long ago?
    pub fn recalls(&self, rule: &'static str, key: &Key, now: Duration) -> bool {
        self.inner().done.get(&(rule, key.clone())).is_some_and(|until| *until > now)
    }

    /// What is gone and still holds this.
    pub fn holder(&self, what: &'static str, id: &str, scope: &Scope, now: Duration) -> Option<Holder> {
        let inner = self.inner();
        let (holder, until) = inner.held.get(&(what, id.to_owned(), scope.clone()))?;
        (*until > now).then(|| holder.clone())
    }

    fn keep(&self, mark: Mark, until: Duration) {
        let mut inner = self.inner();
        match mark {
            Mark::Done { rule, key, .. } => {
                inner.done.insert((rule, key), until);
            }
            Mark::Held { what, id, scope, by, .. } => {
                inner.held.insert((what, id, scope), (by, until));
            }
        }
    }

    fn prune(&self, now: Duration) {
        let mut inner = self.inner();
        inner.done.retain(|_, until| *until > now);
        inner.held.retain(|_, (_, until)| *until > now);
    }
}

impl Engine {
    /// What the thing that a call deletes goes on to hold for a while.
    pub(super) async fn lingering(&self, request: &Request) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (row, delete) in table::deletes(&request.service, &request.action) {
            let secs = LINGER.iter().find(|(kind, _)| *kind == row.kind).map(|(_, secs)| *secs);
            let ask = row.reads.iter().find_map(|read| read.ask.first());
            let (Some(secs), Some(ask), Some(id)) = (secs, ask, request.params.get(delete.param)) else { continue };
            // What cannot be seen is for the cloud to refuse.
            for item in self.look(row, ask, id, &request.scope).await.unwrap_or_default() {
                for hold in HOLDS.iter().filter(|hold| hold.by == row.kind && (hold.when)(&item)) {
                    let by = Holder { kind: row.kind, id: id.to_owned() };
                    marks.extend(hold.ids(&item).into_iter().map(|id| Mark::Held {
                        what: hold.what,
                        id,
                        scope: request.scope.clone(),
                        by: by.clone(),
                        secs,
                    }));
                }
            }
        }
        marks
    }

    /// Remembers what a call has done.
    pub(in crate::gateway) fn remember(&self, marks: Vec<Mark>) {
        let now = self.clock.now();
        self.memory.prune(now);
        for mark in marks {
            let (Mark::Done { secs, .. } | Mark::Held { secs, .. }) = mark;
            let lasts = self.profile().scaled(f64::from(secs));
            self.memory.keep(mark, now + lasts);
        }
    }
}
