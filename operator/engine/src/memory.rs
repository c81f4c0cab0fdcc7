use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::{Id, Key};

/// Hints that one object's passes leave each other. Losing them (a restart) costs a settle window, never a duplicate.
#[derive(Debug)]
pub struct Memory {
    /// Before this moment somebody else may have created things that no list shows yet.
    doubt: Option<Instant>,
    /// Creates whose answer was lost, and when.
    unclear: HashMap<(&'static str, Key), Instant>,
    /// What we made, until a list shows it.
    made: HashMap<(&'static str, Key), (Id, Instant)>,
    /// Each component's state, and since when.
    states: HashMap<String, (String, Instant)>,
    /// Passes in a row that ended with a failure worth repeating.
    pub(crate) failures: u32,
}

impl Memory {
    /// For an object whose first pass this process makes: nobody has created anything for it before.
    pub fn fresh() -> Self {
        Self { doubt: None, unclear: HashMap::new(), made: HashMap::new(), states: HashMap::new(), failures: 0 }
    }

    /// For an object that another process may have worked on until a moment ago.
    pub fn inherited() -> Self {
        Self { doubt: Some(Instant::now()), ..Self::fresh() }
    }

    /// How long an empty list of this key must still be doubted.
    pub(crate) fn doubt(&self, kind: &'static str, key: &Key, window: Duration) -> Option<Duration> {
        let unclear = self.unclear.get(&(kind, key.clone())).copied();
        let since = self.doubt.into_iter().chain(unclear).max()?;
        let left = window.saturating_sub(since.elapsed());
        (!left.is_zero()).then_some(left)
    }

    pub(crate) fn lost(&mut self, kind: &'static str, key: &Key) {
        self.unclear.insert((kind, key.clone()), Instant::now());
    }

    pub(crate) fn made(&mut self, kind: &'static str, key: &Key, id: Id) {
        self.made.insert((kind, key.clone()), (id, Instant::now()));
    }

    /// What we made under this key and no list has shown since, and for how long.
    pub(crate) fn unseen(&self, kind: &'static str, key: &Key) -> Option<(Id, Duration)> {
        self.made.get(&(kind, key.clone())).map(|(id, at)| (id.clone(), at.elapsed()))
    }

    pub(crate) fn seen(&mut self, kind: &'static str, key: &Key) {
        self.made.remove(&(kind, key.clone()));
        self.unclear.remove(&(kind, key.clone()));
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
