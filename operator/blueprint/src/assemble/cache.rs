use std::collections::BTreeSet;

use wpc_api::v1alpha1::{CacheEngine, CacheUse};
use wpc_engine::{Data, Graph, Handle, Id};

use super::{Encryption, Network};
use crate::cache::replication_group::Endpoints;
use crate::cache::{Engine, cluster, parameter_group, replication_group, subnet_group};
use crate::secret::{self, Format, Stored};
use crate::{Blueprint, Kinds};

/// The cache for objects and sessions.
#[derive(Debug, Clone)]
pub struct Cache {
    /// Where it answers.
    pub group: Handle<Endpoints>,
    /// Where the token is that clients must show; Memcached asks for none.
    pub auth_token: Option<Handle<Stored>>,
    /// What it speaks.
    pub engine: CacheEngine,
    /// What it is for.
    pub uses: Vec<CacheUse>,
}

/// Nodes in the private subnets, with what their engine needs; nothing where no cache is asked for.
pub(super) fn cache(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    network: &Network,
    encryption: &Encryption,
) -> Option<Cache> {
    let spec = &blueprint.spec.cache;
    let version = spec.version()?.to_owned();
    let subnets = graph.add("cache/subnet-group", &kinds.cache_subnet_group, network.private.clone(), |subnets| {
        subnet_group::Desired { subnets: subnets.into_iter().collect() }
    });
    let ground = (network, encryption);
    let (group, auth_token) = match spec.engine {
        CacheEngine::Valkey => group(graph, kinds, blueprint, ground, (Engine::Valkey, version, subnets)),
        CacheEngine::Redis => group(graph, kinds, blueprint, ground, (Engine::Redis, version, subnets)),
        CacheEngine::Memcached => (cluster(graph, kinds, blueprint, network, (version, subnets)), None),
        CacheEngine::None => return None,
    };
    Some(Cache { group, auth_token, engine: spec.engine, uses: spec.uses.clone() })
}

/// A replication group, with its token and its parameters.
fn group(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    (network, encryption): (&Network, &Encryption),
    (engine, version, subnets): (Engine, String, Handle<Id>),
) -> (Handle<Endpoints>, Option<Handle<Stored>>) {
    let spec = blueprint.spec.cache.clone();
    let description = format!("What clients of the cache of {} must show", blueprint.stack);
    let (key, seal) = (encryption.key(), encryption.key());
    let auth_token = graph.add("cache/auth-token", &kinds.secret, encryption.made, move |made| secret::Desired {
        description: description.clone(),
        format: Format::Bare,
        length: 64,
        data: Data::None,
        key: seal(made),
    });
    let family = engine.family(&version);
    let parameters = graph.add("cache/parameter-group", &kinds.cache_parameter_group, (), move |()| {
        parameter_group::Desired { family: family.clone() }
    });
    let inputs = (subnets, parameters, network.security_groups.cache, auth_token, encryption.made);
    let group = graph.add("cache/group", &kinds.replication_group, inputs, move |inputs| {
        let (subnet_group, parameter_group, security_group, auth_token, made) = inputs;
        replication_group::Desired {
            engine,
            version: version.clone(),
            node_type: spec.node_type.clone(),
            nodes: spec.nodes,
            subnet_group,
            parameter_group,
            security_groups: BTreeSet::from([security_group]),
            auth_token,
            key: key(made),
        }
    });
    (group, Some(auth_token))
}

/// A cluster of Memcached.
fn cluster(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    network: &Network,
    (version, subnets): (String, Handle<Id>),
) -> Handle<Endpoints> {
    let spec = blueprint.spec.cache.clone();
    let inputs = (subnets, network.security_groups.cache);
    graph.add(cluster::COMPONENT, &kinds.cache_cluster, inputs, move |(subnet_group, security_group)| {
        cluster::Desired {
            version: version.clone(),
            node_type: spec.node_type.clone(),
            nodes: spec.nodes,
            subnet_group,
            security_groups: BTreeSet::from([security_group]),
        }
    })
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn an_engine_has_a_cache_and_none_has_none() {
        let nodes = |engine: CacheEngine| {
            let spec = WordPressCluster::fixture().with_cache(engine).spec;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            let assembly = assemble(&blueprint, &Kinds::offline());
            let nodes = assembly.graph.nodes().filter(|(name, _)| name.starts_with("cache/"));
            nodes.map(|(name, kind)| format!("{name} {kind}")).collect::<Vec<_>>()
        };
        let expected = [
            "cache/subnet-group elasticache/subnet-group",
            "cache/auth-token secretsmanager/secret",
            "cache/parameter-group elasticache/parameter-group",
            "cache/group elasticache/replication-group",
        ];
        assert_eq!(nodes(CacheEngine::Valkey), expected);
        assert_eq!(nodes(CacheEngine::Redis), expected);
        let expected = ["cache/subnet-group elasticache/subnet-group", "cache/cluster elasticache/cluster"];
        assert_eq!(nodes(CacheEngine::Memcached), expected);
        assert!(nodes(CacheEngine::None).is_empty());
    }
}
