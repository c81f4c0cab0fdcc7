//! ElastiCache.

use super::{Check, Look, Rule, text, unless};
use crate::gateway::protocol::service::CACHE;

const RULE: Rule = Rule { service: CACHE, about: "elasticache/replication-group", ..Rule::NONE };

const GROUP: Look = Look::one("elasticache/replication-group", "ReplicationGroupId", "ReplicationGroupId");

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
];
