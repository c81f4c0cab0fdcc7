//! The cache for objects and sessions, on Amazon ElastiCache: a replication group of Valkey or Redis with its subnet and
//! parameter groups, or a cluster of Memcached.

pub mod cluster;
pub mod parameter_group;
pub mod replication_group;
pub mod subnet_group;

use wpc_engine::{Changes, Disruption};

use replication_group::VERSION;

/// An engine whose nodes form a replication group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Redis OSS.
    Redis,
    /// Valkey.
    Valkey,
}

impl Engine {
    /// The engine as AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Valkey => "valkey",
        }
    }

    /// The family that the parameters of a version belong to: `valkey8`, `redis7`, `redis6.x`.
    pub fn family(self, version: &str) -> String {
        let major = version.split('.').next().unwrap_or_default();
        match (self, major) {
            (Self::Redis, "6") => "redis6.x".into(),
            (engine, major) => format!("{}{major}", engine.as_str()),
        }
    }
}

/// A version that begins with the wanted places is the wanted one: AWS patches it. There is no way back to an older.
/// Answers whether there is a change.
pub(super) fn version_change(changes: &mut Changes, have: Option<&str>, want: &str) -> bool {
    let Some(have) = have else { return false };
    let places = |version: &str| version.split('.').map_while(|place| place.parse().ok()).collect::<Vec<u32>>();
    let (found, wanted) = (places(have), places(want));
    if found.starts_with(&wanted) {
        return false;
    }
    match found < wanted {
        true => changes.push(VERSION, have, want, Disruption::Restart),
        false => changes.refuse(VERSION, &have, &want),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_a_family() {
        let table = [
            (Engine::Valkey, "8.1", "valkey8"),
            (Engine::Valkey, "7.2", "valkey7"),
            (Engine::Redis, "7.1", "redis7"),
            (Engine::Redis, "6.2", "redis6.x"),
        ];
        for (engine, version, family) in table {
            assert_eq!(engine.family(version), family);
        }
    }
}
