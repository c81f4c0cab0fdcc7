//! `spec.cache`: the cache for objects and sessions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// The cache for objects and sessions, on Amazon ElastiCache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule(
        "self.engine != 'Memcached' || !('Sessions' in self.uses)",
        "Memcached keeps no copy, and a node that goes takes its sessions along: set cache.uses to [ObjectCache], or use Valkey",
    ),
    rule(
        "self.engine != 'Memcached' || !has(self.version) || self.version.matches('^1[.]6[.](1[2-9]|[2-9][0-9])$')",
        "Memcached encrypts connections from 1.6.12 on: set cache.version to one such as 1.6.22, or leave it out",
    ),
]))]
pub struct Cache {
    /// The engine, or `None`.
    pub engine: CacheEngine,

    /// The engine's version. Left out: `8.1` for Valkey, `7.1` for Redis, `1.6.22` for Memcached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[0-9]+([.][0-9]+){1,2}$')",
        "cache.version is none: write one such as 8.1",
    )]))]
    pub version: Option<String>,

    /// The size of its nodes.
    #[schemars(length(max = 40), extend("x-kubernetes-validations" = [rule(
        "self.matches('^cache[.][a-z0-9-]+[.][a-z0-9-]+$')",
        "cache.nodeType is none: write one such as cache.t4g.small",
    )]))]
    pub node_type: String,

    /// How many nodes, 1 to 6; from two on, one takes over when another fails. Memcached spreads what it holds over them.
    #[schemars(range(min = 1, max = 6))]
    pub nodes: u8,

    /// What it is used for. Memcached takes no sessions: it keeps no copy of them.
    #[schemars(length(max = 2), extend("x-kubernetes-validations" = [rule(
        "self.all(it, self.exists_one(other, other == it))",
        "cache.uses holds a use twice: write each once",
    )]))]
    pub uses: Vec<CacheUse>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            engine: CacheEngine::default(),
            version: None,
            node_type: "cache.t4g.small".into(),
            nodes: 2,
            uses: vec![CacheUse::ObjectCache, CacheUse::Sessions],
        }
    }
}

impl Cache {
    /// The engine's version, or nothing without an engine.
    pub fn version(&self) -> Option<&str> {
        let default = match self.engine {
            CacheEngine::Valkey => "8.1",
            CacheEngine::Redis => "7.1",
            CacheEngine::Memcached => "1.6.22",
            CacheEngine::None => return None,
        };
        Some(self.version.as_deref().unwrap_or(default))
    }
}

/// The cache's engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum CacheEngine {
    /// Valkey.
    #[default]
    Valkey,
    /// Redis OSS.
    Redis,
    /// Memcached.
    Memcached,
    /// No cache.
    None,
}

/// What the cache is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum CacheUse {
    /// WordPress's object cache.
    ObjectCache,
    /// PHP's sessions.
    Sessions,
}
