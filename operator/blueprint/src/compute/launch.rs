use std::fmt;

use wpc_engine::Id;

/// What a group's instances are made from: one version of a launch template, on one of several instance types, some of
/// them as spot instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The launch template.
    pub template: Id,
    /// Its version, always a number: with `$Latest` or `$Default` AWS refuses to roll back.
    pub version: i64,
    /// Instance types in order of preference; none where the template's own is the only one and all is on demand.
    pub types: Vec<String>,
    /// How many percent of the instances are spot instances.
    pub spot: u8,
}

impl Launch {
    /// One version, on these types, the template's own first.
    pub fn new(template: Id, version: i64, types: &[String], spot: u8) -> Self {
        let types = if types.len() > 1 || spot > 0 { types.to_vec() } else { vec![] };
        Self { template, version, types, spot }
    }
}

impl fmt::Display for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version {}", self.version)?;
        if !self.types.is_empty() {
            write!(f, " on {}", self.types.join(", "))?;
        }
        match self.spot {
            0 => Ok(()),
            spot => write!(f, ", {spot} % spot"),
        }
    }
}
