//! AWS's time: what is being made, changed or deleted, until when, and what that looks like.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::protocol::{Request, Scope, Tree};
use super::table::{Row, States};

/// One thing: kind, where, id.
pub type Key = (&'static str, Scope, String);

/// What AWS is doing with a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Being made.
    Creating,
    /// Being changed.
    Modifying,
    /// Being deleted: the cloud still has it.
    Deleting,
}

#[derive(Debug, Clone)]
struct Life {
    phase: Phase,
    until: Duration,
    visible: Duration,
    before: Before,
}

/// Values of fields before a change that is under way.
pub type Before = Vec<(&'static str, String)>;

/// How a thing is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What AWS is doing with it.
    pub phase: Phase,
    /// What its changing fields still show.
    pub before: Before,
}

/// A delete that the cloud has yet to hear of.
#[derive(Debug)]
pub struct Doom {
    /// When.
    pub due: Duration,
    /// The call, as the client made it.
    pub request: Request,
    /// What it deletes.
    pub keys: Vec<Key>,
}

#[derive(Debug, Default)]
struct Inner {
    lives: HashMap<Key, Life>,
    dooms: Vec<Doom>,
    known: HashSet<Key>,
    graves: HashSet<Key>,
}

/// Everything that AWS is still busy with.
#[derive(Debug, Default)]
pub struct Lifecycle(Mutex<Inner>);

/// The key of a thing.
pub fn key(row: &'static Row, scope: &Scope, id: &str) -> Key {
    (row.kind, scope.clone(), row.plain(id).to_owned())
}

impl Lifecycle {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cloud has made it: AWS will have it ready at `until`, and show it from `visible` on. A create that only
    /// found it (a load balancer of the same settings, a policy put once more) changes nothing; was it new?
    pub fn born(&self, key: Key, until: Duration, visible: Duration) -> bool {
        let mut inner = self.inner();
        if !inner.known.insert(key.clone()) {
            return false;
        }
        inner.graves.remove(&key);
        inner.lives.insert(key, Life { phase: Phase::Creating, until, visible, before: Vec::new() });
        true
    }

    /// The cloud has changed it: AWS is done at `until`. Nothing that is slower becomes faster by it.
    pub fn changed(&self, key: Key, until: Duration, before: Before) {
        let mut inner = self.inner();
        let fresh = Life { phase: Phase::Modifying, until, visible: Duration::ZERO, before: before.clone() };
        let life = inner.lives.entry(key).or_insert(fresh);
        if life.phase != Phase::Deleting && until > life.until {
            *life = Life { phase: Phase::Modifying, until, visible: life.visible, before };
        }
    }

    /// AWS deletes these at `due`, by this call.
    pub fn doom(&self, keys: Vec<Key>, due: Duration, request: Request) {
        let mut inner = self.inner();
        for key in &keys {
            let visible = inner.lives.get(key).map_or(Duration::ZERO, |life| life.visible);
            let life = Life { phase: Phase::Deleting, until: Duration::MAX, visible, before: Vec::new() };
            inner.lives.insert(key.clone(), life);
        }
        inner.dooms.push(Doom { due, request, keys });
    }

    /// Takes the deletes that are due, in order.
    pub fn due(&self, now: Duration) -> Vec<Doom> {
        let mut inner = self.inner();
        let (mut due, later): (Vec<_>, Vec<_>) = inner.dooms.drain(..).partition(|doom| doom.due <= now);
        inner.dooms = later;
        due.sort_by_key(|doom| doom.due);
        due
    }

    /// Is a delete due?
    pub fn is_due(&self, now: Duration) -> bool {
        self.inner().dooms.iter().any(|doom| doom.due <= now)
    }

    /// The cloud has deleted these.
    pub fn bury(&self, keys: &[Key]) {
        let mut inner = self.inner();
        for key in keys {
            inner.lives.remove(key);
            inner.known.remove(key);
            inner.graves.insert(key.clone());
        }
    }

    /// The cloud would not delete these after all: they are back.
    pub fn spare(&self, keys: &[Key]) {
        let mut inner = self.inner();
        for key in keys {
            inner.lives.remove(key);
        }
    }

    /// Has it been deleted since it was made through here?
    pub fn is_gone(&self, key: &Key) -> bool {
        self.inner().graves.contains(key)
    }

    /// What AWS is doing with it.
    pub fn phase(&self, key: &Key, now: Duration) -> Option<Phase> {
        self.inner().lives.get(key).filter(|life| life.until > now).map(|life| life.phase)
    }

    /// How it is to be shown; `None`: as the cloud has it.
    pub fn look(&self, key: &Key, now: Duration) -> Option<Look> {
        let inner = self.inner();
        let life = inner.lives.get(key).filter(|life| life.until > now)?;
        Some(Look { phase: life.phase, before: life.before.clone() })
    }

    /// Does AWS show it yet?
    pub fn is_visible(&self, key: &Key, now: Duration) -> bool {
        self.inner().lives.get(key).is_none_or(|life| life.visible <= now)
    }

    /// Everything that AWS is busy with, for people.
    pub fn busy(&self, now: Duration) -> Vec<(Key, Phase, Duration)> {
        let inner = self.inner();
        let dues: HashMap<&Key, Duration> =
            inner.dooms.iter().flat_map(|doom| doom.keys.iter().map(|key| (key, doom.due))).collect();
        let mut busy: Vec<_> = inner
            .lives
            .iter()
            .filter(|(_, life)| life.until > now)
            .map(|(key, life)| {
                let until = dues.get(key).copied().unwrap_or(life.until.min(Duration::from_secs(u64::from(u32::MAX))));
                (key.clone(), life.phase, until.saturating_sub(now))
            })
            .collect();
        busy.sort_by(|a, b| a.0.cmp(&b.0));
        busy
    }

    /// Forgets what is long over, so that a long run stays small.
    pub fn prune(&self, now: Duration) {
        self.inner().lives.retain(|_, life| life.until > now || life.visible > now);
    }
}

/// Shows an item as AWS does.
pub fn dress(states: &States, look: &Look, item: &mut Tree) {
    let word = match look.phase {
        Phase::Creating => states.creating,
        Phase::Modifying => states.modifying,
        Phase::Deleting => states.deleting,
    };
    if !word.is_empty() {
        item.set(states.path, word);
    }
    if look.phase == Phase::Creating {
        states.hidden.iter().for_each(|path| item.remove(path));
    }
    for (path, old) in &look.before {
        if let Some(new) = item.text(path).filter(|new| new != old) {
            item.set(path, old);
            if !states.pending.is_empty() {
                item.set(&format!("{}/{path}", states.pending), &new);
            }
        }
    }
}

impl From<Phase> for Look {
    fn from(phase: Phase) -> Self {
        Self { phase, before: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn database() -> Key {
        key(table::row("rds/instance").unwrap(), &Scope::new("eu-central-1"), "arn:aws:rds:eu-central-1:1:db:db-a")
    }

    #[test]
    fn a_life_from_birth_to_grave() {
        let lifecycle = Lifecycle::default();
        assert_eq!(database().2, "db-a");
        lifecycle.born(database(), SECOND * 10, SECOND * 2);
        assert_eq!(lifecycle.phase(&database(), SECOND), Some(Phase::Creating));
        assert!(!lifecycle.is_visible(&database(), SECOND));
        assert!(lifecycle.is_visible(&database(), SECOND * 2));
        assert_eq!(lifecycle.phase(&database(), SECOND * 10), None);
        lifecycle.changed(database(), SECOND * 15, Vec::new());
        assert_eq!(lifecycle.phase(&database(), SECOND * 12), Some(Phase::Modifying));
        let request = Request::build("rds", "DeleteDBInstance", &[], &Scope::new("eu-central-1")).unwrap();
        lifecycle.doom(vec![database()], SECOND * 30, request);
        assert_eq!(lifecycle.phase(&database(), SECOND * 40), Some(Phase::Deleting), "until the cloud has done it");
        assert!(lifecycle.due(SECOND * 29).is_empty());
        let due = lifecycle.due(SECOND * 30);
        assert_eq!(due.len(), 1);
        lifecycle.bury(&due[0].keys);
        assert_eq!(lifecycle.phase(&database(), SECOND * 30), None);
        assert!(lifecycle.is_gone(&database()));
        assert!(lifecycle.born(database(), SECOND * 50, SECOND));
        assert!(!lifecycle.is_gone(&database()), "a name may come back");
        assert!(!lifecycle.born(database(), SECOND * 99, SECOND), "found, not made");
    }

    #[test]
    fn a_change_never_shortens_a_birth() {
        let lifecycle = Lifecycle::default();
        lifecycle.born(database(), SECOND * 10, SECOND);
        lifecycle.changed(database(), SECOND * 5, Vec::new());
        assert_eq!(lifecycle.phase(&database(), SECOND * 7), Some(Phase::Creating));
        lifecycle.prune(SECOND * 11);
        assert!(lifecycle.busy(SECOND).is_empty());
    }
}
