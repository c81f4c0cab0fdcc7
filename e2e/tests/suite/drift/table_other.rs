//! The kinds that the production sample has others in place of: Memcached.

use super::hands::Case;
use super::hands::Drift::Field;
use super::hands::Hand::Call;

pub const CASES: &[Case] = &[Case {
    kind: "elasticache/cluster",
    component: "cache/cluster",
    hands: &[Call(
        "elasticache",
        "ModifyCacheCluster",
        &[("CacheClusterId", "{cache/cluster}"), ("NumCacheNodes", "3"), ("ApplyImmediately", "true")],
    )],
    drift: Field("cache.nodes", "3", "2"),
    writes: &[("ModifyCacheCluster", 1)],
}];
