use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use crate::events::cut;

/// The longest message of a condition.
pub(super) const LONGEST_MESSAGE: usize = 512;

/// A condition's three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    /// An error hides the truth.
    Unknown,
}

impl Truth {
    fn word(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// Builds the list of conditions. A condition whose status does not change keeps its transition time.
pub(crate) struct Conditions<'a> {
    previous: &'a [Condition],
    generation: Option<i64>,
    now: Timestamp,
    list: Vec<Condition>,
}

impl<'a> Conditions<'a> {
    pub(crate) fn new(previous: &'a [Condition], generation: Option<i64>, now: Timestamp) -> Self {
        Self { previous, generation, now, list: vec![] }
    }

    pub(crate) fn set(&mut self, name: &str, truth: Truth, reason: &str, message: impl Into<String>) {
        let before = self.before(name).filter(|before| before.status == truth.word());
        self.list.push(Condition {
            type_: name.to_owned(),
            status: truth.word().to_owned(),
            reason: reason.to_owned(),
            message: cut(message.into(), LONGEST_MESSAGE),
            observed_generation: self.generation,
            last_transition_time: before.map_or(Time(self.now), |before| before.last_transition_time.clone()),
        });
    }

    /// Leaves a condition as it was, if it was.
    pub(crate) fn keep(&mut self, name: &str) {
        self.list.extend(self.before(name).cloned());
    }

    /// Leaves every condition that was not set as it was.
    pub(crate) fn keep_others(&mut self) {
        let others = self.previous.iter().filter(|before| !self.list.iter().any(|set| set.type_ == before.type_));
        let others: Vec<_> = others.cloned().collect();
        self.list.extend(others);
    }

    pub(crate) fn done(self) -> Vec<Condition> {
        self.list
    }

    fn before(&self, name: &str) -> Option<&'a Condition> {
        self.previous.iter().find(|condition| condition.type_ == name)
    }
}
