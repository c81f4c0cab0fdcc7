use std::fmt;

use wpc_engine::Id;

/// What a group's instances are made from: one version of a launch template, on one of several instance types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The launch template.
    pub template: Id,
    /// Its version, always a number: with `$Latest` or `$Default` AWS refuses to roll back.
    pub version: i64,
    /// Instance types in order of preference; none where the template's own is the only one.
    pub types: Vec<String>,
}

impl Launch {
    /// One version, on these types, the template's own first.
    pub fn new(template: Id, version: i64, types: &[String]) -> Self {
        let types = if types.len() > 1 { types.to_vec() } else { vec![] };
        Self { template, version, types }
    }
}

impl fmt::Display for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.types.is_empty() {
            true => write!(f, "version {}", self.version),
            false => write!(f, "version {} on {}", self.version, self.types.join(", ")),
        }
    }
}
