use std::fmt::{self, Display};

use serde::Serialize;

/// What a change does to the site while it is made, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Disruption {
    /// Nothing is felt.
    None,
    /// Instances are replaced one after the other.
    Rolling,
    /// The thing fails over or restarts: seconds to minutes.
    Restart,
    /// The thing is away while the change runs.
    Interruption,
}

/// One field that is not as wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The field, as the spec names it where it does: `storage.size`.
    pub path: String,
    /// What was found.
    pub from: String,
    /// What is wanted.
    pub to: String,
    /// What the change does to the site.
    pub disruption: Disruption,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |text: &'_ str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
        write!(f, "{} found {}, wanted {}", self.path, value(&self.from), value(&self.to))
    }
}

/// How wanted and found differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// They do not.
    Same,
    /// These fields can be changed in place.
    Update(Vec<Change>),
    /// These fields cannot be changed while the thing's data lives; nothing is done.
    Refused(Vec<Change>),
}

/// Collects the differences of one thing, field by field, into a [`Delta`].
#[derive(Debug, Default)]
pub struct Changes {
    updates: Vec<Change>,
    refused: Vec<Change>,
}

impl Changes {
    /// No difference so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a field that can be changed in place, if it differs.
    pub fn compare<T: PartialEq + Shown>(&mut self, path: &str, have: &T, want: &T, disruption: Disruption) {
        if have != want {
            self.updates.push(Change { path: path.into(), from: have.shown(), to: want.shown(), disruption });
        }
    }

    /// Notes a field that cannot be changed in place, if it differs.
    pub fn refuse<T: PartialEq + Shown>(&mut self, path: &str, have: &T, want: &T) {
        if have != want {
            let disruption = Disruption::Interruption;
            self.refused.push(Change { path: path.into(), from: have.shown(), to: want.shown(), disruption });
        }
    }

    /// Notes a change that the caller found.
    pub fn push(&mut self, path: &str, from: impl Display, to: impl Display, disruption: Disruption) {
        self.updates.push(Change { path: path.into(), from: from.to_string(), to: to.to_string(), disruption });
    }

    /// The sum: one refused field refuses the whole.
    pub fn delta(self) -> Delta {
        match (self.refused.is_empty(), self.updates.is_empty()) {
            (false, _) => Delta::Refused(self.refused),
            (true, false) => Delta::Update(self.updates),
            (true, true) => Delta::Same,
        }
    }
}

/// How a field's value is shown in plans, events and status.
pub trait Shown {
    /// The value as text; empty for nothing.
    fn shown(&self) -> String;
}

macro_rules! shown_by_display {
    ($($type:ty),*) => { $(impl Shown for $type {
        fn shown(&self) -> String {
            self.to_string()
        }
    })* };
}
shown_by_display!(String, &str, str, bool, u8, u16, u32, u64, i32, i64, usize, f64, crate::Id);

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> String {
        self.as_ref().map(Shown::shown).unwrap_or_default()
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> String {
        self.iter().map(Shown::shown).collect::<Vec<_>>().join(",")
    }
}

impl<T: Shown> Shown for std::collections::BTreeSet<T> {
    fn shown(&self) -> String {
        self.iter().map(Shown::shown).collect::<Vec<_>>().join(",")
    }
}

impl<V: Shown> Shown for std::collections::BTreeMap<String, V> {
    fn shown(&self) -> String {
        self.iter().map(|(key, value)| format!("{key}={}", value.shown())).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_field_refuses_the_whole() {
        let mut changes = Changes::new();
        changes.compare("size", &1u32, &2u32, Disruption::None);
        assert!(matches!(changes.delta(), Delta::Update(list) if list[0].from == "1" && list[0].to == "2"));

        let mut changes = Changes::new();
        changes.compare("size", &1u32, &2u32, Disruption::None);
        changes.refuse("engine", &"mysql", &"mariadb");
        assert!(matches!(changes.delta(), Delta::Refused(list) if list.len() == 1 && list[0].path == "engine"));

        let mut changes = Changes::new();
        changes.compare("size", &2u32, &2u32, Disruption::None);
        assert_eq!(changes.delta(), Delta::Same);
    }
}
