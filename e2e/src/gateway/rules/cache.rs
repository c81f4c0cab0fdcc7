//! ElastiCache.

use super::{Check, Look, Rule, text, unless};
use crate::gateway::protocol::service::CACHE;

const RULE: Rule = Rule { service: CACHE, about: "elasticache/replication-group", ..Rule::NONE };

const GROUP: Look = Look::one("elasticache/replication-group", "ReplicationGroupId", "ReplicationGroupId");

const CLUSTER: Look = Look::one("elasticache/cluster", "CacheClusterId", "CacheClusterId");

pub(super) const RULES: &[Rule] = &[
    Rule {
        actions: &["ModifyReplicationGroup", "IncreaseReplicaCount", "DecreaseReplicaCount", "DeleteReplicationGroup"],
        code: "InvalidReplicationGroupState",
        when: "it is not available",
        check: Check::Seen(GROUP, |_, group| {
            let message =
                || format!("Replication group {} is not in available state.", text(group, "ReplicationGroupId"));
            unless(group, "Status", "available", message)
        }),
        page: "API_ModifyReplicationGroup: InvalidReplicationGroupState",
        ..RULE
    },
    Rule {
        about: "elasticache/cluster",
        actions: &["ModifyCacheCluster", "DeleteCacheCluster"],
        code: "InvalidCacheClusterState",
        when: "it is not available",
        check: Check::Seen(CLUSTER, |_, cluster| {
            let message = || format!("Cache cluster {} is not in available state.", text(cluster, "CacheClusterId"));
            unless(cluster, "CacheClusterStatus", "available", message)
        }),
        page: "API_ModifyCacheCluster: InvalidCacheClusterState",
        ..RULE
    },
    Rule {
        about: "elasticache/cluster",
        actions: &["CreateCacheCluster"],
        code: "InvalidParameterCombination",
        when: "it is Memcached and a token, encryption at rest or snapshots are asked for",
        check: Check::Asked(|request| {
            let memcached = request.params.get("Engine") == Some("memcached");
            let unknown = ["AuthToken", "AtRestEncryptionEnabled", "SnapshotRetentionLimit"];
            let asked = unknown.iter().find(|name| request.params.get(name).is_some()).filter(|_| memcached)?;
            Some(format!("{asked} is not supported for Memcached."))
        }),
        page: "API_CreateCacheCluster: AuthToken, SnapshotRetentionLimit; SelectEngine: encryption at rest",
        ..RULE
    },
    Rule {
        about: "elasticache/cluster",
        actions: &["ModifyCacheCluster"],
        code: "InvalidParameterCombination",
        when: "nodes are to go and it is not said which, or not as many as go",
        check: Check::Seen(CLUSTER, |request, cluster| {
            let wanted: usize = request.params.get("NumCacheNodes")?.parse().ok()?;
            let have: usize = text(cluster, "NumCacheNodes").parse().unwrap_or_default();
            let named = request.params.list("CacheNodeIdsToRemove").len();
            (wanted + named != have.max(wanted))
                .then(|| format!("{named} node ids are to be removed, but {} nodes are.", have.saturating_sub(wanted)))
        }),
        page: "API_ModifyCacheCluster: CacheNodeIdsToRemove",
        ..RULE
    },
    Rule {
        about: "elasticache/subnet-group",
        actions: &["DeleteCacheSubnetGroup"],
        code: "CacheSubnetGroupInUse",
        when: "a cluster lies in it",
        check: Check::Held { what: "elasticache/subnet-group", param: "CacheSubnetGroupName" },
        page: "API_DeleteCacheSubnetGroup: CacheSubnetGroupInUse",
        ..RULE
    },
    Rule {
        about: "elasticache/parameter-group",
        actions: &["DeleteCacheParameterGroup"],
        code: "InvalidCacheParameterGroupState",
        when: "a cluster uses it",
        check: Check::Held { what: "elasticache/parameter-group", param: "CacheParameterGroupName" },
        page: "API_DeleteCacheParameterGroup: cannot be deleted if associated with any cache clusters",
        ..RULE
    },
    Rule {
        actions: &["CreateReplicationGroup"],
        code: "InvalidParameterCombination",
        when: "Multi-AZ is asked for without failover, or either with one node",
        check: Check::Asked(|request| {
            let on = |name: &str| request.params.get(name) == Some("true");
            let (failover, zones) = (on("AutomaticFailoverEnabled"), on("MultiAZEnabled"));
            let nodes = request.params.get("NumCacheClusters").and_then(|nodes| nodes.parse().ok()).unwrap_or(1_u32);
            failover_limits(zones && !failover, (zones || failover) && nodes < 2)
        }),
        page: "AutoFailover: limitations",
        ..RULE
    },
    Rule {
        actions: &["ModifyReplicationGroup"],
        code: "InvalidParameterCombination",
        when: "Multi-AZ would be without failover, or either would have one node",
        check: Check::Seen(GROUP, |request, group| {
            let then = |name: &str, path: &str| {
                request.params.get(name).map_or_else(|| text(group, path) == "enabled", |asked| asked == "true")
            };
            let failover = then("AutomaticFailoverEnabled", "AutomaticFailover");
            let zones = then("MultiAZEnabled", "MultiAZ");
            let asked = |name: &str| request.params.get(name) == Some("true");
            let single = group.items("MemberClusters/*").len() < 2;
            let wanted = asked("AutomaticFailoverEnabled") || asked("MultiAZEnabled");
            failover_limits(zones && !failover, single && wanted)
        }),
        page: "AutoFailover: limitations",
        ..RULE
    },
    Rule {
        actions: &["DecreaseReplicaCount"],
        code: "InvalidParameterValue",
        when: "no replica would be left and it is Multi-AZ",
        check: Check::Seen(GROUP, |request, group| {
            let last = request.params.get("NewReplicaCount") == Some("0") && text(group, "MultiAZ") == "enabled";
            last.then(|| "The minimum number of replicas is 1 if Multi-AZ is enabled.".into())
        }),
        page: "API_DecreaseReplicaCount: NewReplicaCount",
        ..RULE
    },
    Rule {
        actions: &["ModifyReplicationGroup"],
        code: "InvalidParameterCombination",
        when: "a setting of its creation is to change: encryption at rest and its key, port, subnets",
        check: Check::Asked(|request| {
            let fixed = ["AtRestEncryptionEnabled", "KmsKeyId", "Port", "CacheSubnetGroupName"];
            let asked = fixed.iter().find(|name| request.params.get(name).is_some())?;
            Some(format!("{asked} can only be set when a replication group is created."))
        }),
        page: "at-rest-encryption: only at creation",
        ..RULE
    },
    Rule {
        actions: &["ModifyReplicationGroup"],
        code: "InvalidParameterCombination",
        when: "encryption in transit is to become required without having been preferred",
        check: Check::Seen(GROUP, |request, group| {
            let required = request.params.get("TransitEncryptionMode") == Some("required");
            let ready = text(group, "TransitEncryptionEnabled") == "true";
            (required && !ready).then(|| "Set TransitEncryptionMode to preferred first.".into())
        }),
        page: "API_ModifyReplicationGroup: TransitEncryptionMode",
        ..RULE
    },
];

/// What AWS says to several zones without failover, and to either with one node.
fn failover_limits(no_failover: bool, too_few: bool) -> Option<String> {
    match (no_failover, too_few) {
        (true, _) => Some("Multi-AZ requires automatic failover to be enabled.".into()),
        (_, true) => Some("Automatic failover requires at least two nodes.".into()),
        _ => None,
    }
}
