//! Caches.

use anyhow::Result;

use super::{Case, unknown};
use crate::rules::world::{Call, World, cache, call, memcached};

pub async fn caches(aws: &World, case: &Case) -> Result<Call> {
    let name = ("ReplicationGroupId", "cache");
    let (zones, failover) = (("MultiAZEnabled", "true"), ("AutomaticFailoverEnabled", "true"));
    match (case.action, case.because) {
        ("CreateReplicationGroup", "failover with one node") => Ok(cache("1", &[failover])),
        ("CreateReplicationGroup", _) => Ok(cache("2", &[zones])),
        ("ModifyReplicationGroup", because) => {
            aws.cache(&[]).await?;
            let change: &[_] = match because {
                "Multi-AZ without failover" => &[zones],
                "encryption at rest" => &[("AtRestEncryptionEnabled", "true")],
                _ => &[("TransitEncryptionEnabled", "true"), ("TransitEncryptionMode", "required")],
            };
            Ok(call("elasticache", case.action, &[&[name, ("ApplyImmediately", "true")], change].concat()))
        }
        ("DecreaseReplicaCount", _) => {
            aws.cache(&[zones, failover]).await?;
            Ok(call("elasticache", case.action, &[name, ("NewReplicaCount", "0"), ("ApplyImmediately", "true")]))
        }
        ("CreateCacheCluster", _) => Ok(memcached(&[("AuthToken", "not-a-secret-at-all")])),
        ("ModifyCacheCluster", _) => {
            aws.make(memcached(&[]), "").await?;
            let fewer = [("CacheClusterId", "memcached"), ("NumCacheNodes", "1"), ("ApplyImmediately", "true")];
            Ok(call("elasticache", case.action, &fewer))
        }
        ("DeleteCacheSubnetGroup", because) => {
            let (_, subnets) = aws.subnets().await?;
            aws.cache_subnets(&subnets).await?;
            let lies = [("CacheSubnetGroupName", "cache")];
            match because {
                "a cache lies in it" => aws.cache(&lies).await?,
                _ => drop(aws.make(memcached(&lies), "").await?),
            }
            Ok(call("elasticache", case.action, &[("CacheSubnetGroupName", "cache")]))
        }
        ("DeleteCacheParameterGroup", _) => {
            let name = ("CacheParameterGroupName", "cache");
            let wanted = [name, ("CacheParameterGroupFamily", "valkey8"), ("Description", "cache")];
            aws.make(call("elasticache", "CreateCacheParameterGroup", &wanted), "").await?;
            aws.cache(&[name]).await?;
            Ok(call("elasticache", case.action, &[name]))
        }
        _ => Err(unknown(case.action)),
    }
}
