use wpc_api::v1alpha1::CacheEngine;
use wpc_engine::{Graph, Handle, Id};

use crate::cache::{cluster, replication_group};
use crate::network::security_group_rule::{Direction, Peer, Traffic};
use crate::network::{security_group, security_group_rule};
use crate::{Blueprint, Kinds};

/// The security groups, one for each part of the stack.
#[derive(Debug, Clone, Copy)]
pub struct SecurityGroups {
    /// The load balancer's: open to the world.
    pub lb: Handle<Id>,
    /// The instances': open to the load balancer.
    pub web: Handle<Id>,
    /// The database's: open to the instances.
    pub database: Handle<Id>,
    /// The cache's: open to the instances.
    pub cache: Handle<Id>,
    /// The mount targets': open to the instances.
    pub files: Handle<Id>,
}

/// One group and what it is called in names of rules.
#[derive(Clone, Copy)]
struct Part {
    name: &'static str,
    group: Handle<Id>,
}

/// Who may talk to whom: the world to the load balancer, the load balancer to the instances, the instances to the
/// database, the cache and the files; and only the instances out. Also answers the rule that lets the instances out.
pub(super) fn security_groups(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    vpc: Handle<Id>,
) -> (SecurityGroups, Handle<Id>) {
    let mut part = |name: &'static str| {
        let description = format!("{name} of WordPressCluster {}", blueprint.stack);
        let group = graph.add(security_group::name(name), &kinds.security_group, vpc, move |vpc| {
            security_group::Desired { vpc, description: description.clone() }
        });
        Part { name, group }
    };
    let [lb, web, database, cache, files] = ["lb", "web", "database", "cache", "files"].map(&mut part);
    let port = blueprint.spec.compute.port;
    let cache_port = match blueprint.spec.cache.engine {
        CacheEngine::Memcached => cluster::PORT,
        CacheEngine::Valkey | CacheEngine::Redis | CacheEngine::None => replication_group::PORT,
    };

    let mut between = |part: Part, traffic: Traffic, peer: Part| {
        let name = traffic.name(part.name, peer.name);
        graph.add(name, &kinds.security_group_rule, (part.group, peer.group), move |(group, peer)| {
            security_group_rule::Desired { group, traffic: traffic.clone(), peer: Peer::Group(peer) }
        });
    };
    between(lb, Traffic::tcp(Direction::Out, port), web);
    between(web, Traffic::tcp(Direction::In, port), lb);
    between(database, Traffic::tcp(Direction::In, 3306), web);
    between(cache, Traffic::tcp(Direction::In, cache_port), web);
    between(files, Traffic::tcp(Direction::In, 2049), web);

    let mut world = |part: Part, traffic: Traffic, peer: Peer| {
        let name = traffic.name(part.name, peer.as_str());
        graph.add(name, &kinds.security_group_rule, part.group, move |group| security_group_rule::Desired {
            group,
            traffic: traffic.clone(),
            peer: peer.clone(),
        })
    };
    for port in [80, 443] {
        world(lb, Traffic::tcp(Direction::In, port), Peer::Ipv4("0.0.0.0/0".into()));
        world(lb, Traffic::tcp(Direction::In, port), Peer::Ipv6("::/0".into()));
    }
    let egress = world(web, Traffic::all(Direction::Out), Peer::Ipv4("0.0.0.0/0".into()));

    let [lb, web, database, cache, files] = [lb, web, database, cache, files].map(|part| part.group);
    (SecurityGroups { lb, web, database, cache, files }, egress)
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn each_part_talks_to_the_next_and_only_instances_to_the_world() {
        let mut spec = WordPressCluster::fixture().spec;
        spec.compute.port = 8081;
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let rules: Vec<&str> =
            graph.nodes().filter(|(_, kind)| *kind == "ec2/security-group-rule").map(|(name, _)| name).collect();
        let expected = [
            "network/rule-lb-out-tcp-8081-web",
            "network/rule-web-in-tcp-8081-lb",
            "network/rule-database-in-tcp-3306-web",
            "network/rule-cache-in-tcp-6379-web",
            "network/rule-files-in-tcp-2049-web",
            "network/rule-lb-in-tcp-80-0.0.0.0-0",
            "network/rule-lb-in-tcp-80-::-0",
            "network/rule-lb-in-tcp-443-0.0.0.0-0",
            "network/rule-lb-in-tcp-443-::-0",
            "network/rule-web-out-all-0.0.0.0-0",
        ];
        assert_eq!(rules, expected);
    }
}
