use wpc_api::v1alpha1::{CacheEngine, Tls};
use wpc_engine::{Graph, Handle, Id};

use super::ways::Ways;
use crate::cache::{cluster, replication_group};
use crate::network::security_group_rule::{Direction, Peer, Traffic};
use crate::network::{security_group, security_group_rule};
use crate::{Blueprint, Kinds};

/// The security groups, one for each part of the stack.
#[derive(Debug, Clone, Copy)]
pub struct SecurityGroups {
    /// The load balancer's: open to the world, or only to the content delivery network.
    pub lb: Handle<Id>,
    /// The load balancer's second one, for HTTPS from the content delivery network.
    pub lb_https: Option<Handle<Id>>,
    /// The instances': open to the load balancer.
    pub web: Handle<Id>,
    /// The database's: open to the instances.
    pub database: Handle<Id>,
    /// The cache's: open to the instances.
    pub cache: Handle<Id>,
    /// The mount targets': open to the instances.
    pub files: Handle<Id>,
    /// The interface endpoints', where there are any: open to the instances, once the rule is there.
    pub endpoints: Option<(Handle<Id>, Handle<Id>)>,
}

/// One group and what it is called in names of rules.
#[derive(Clone, Copy)]
struct Part {
    name: &'static str,
    group: Handle<Id>,
}

/// Who may talk to whom: visitors to the load balancer, the load balancer to the instances, the instances to the
/// database, the cache, the files and the interface endpoints; and only the instances out. Also answers the rules that let visitors in and instances out.
pub(super) fn security_groups(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    vpc: Handle<Id>,
) -> (SecurityGroups, Ways) {
    let mut part = |name: &'static str| {
        let description = format!("{name} of WordPressCluster {}", blueprint.stack);
        let group = graph.add(security_group::name(name), &kinds.security_group, vpc, move |vpc| {
            security_group::Desired { vpc, description: description.clone() }
        });
        Part { name, group }
    };
    let [lb, web, database, cache, files] = ["lb", "web", "database", "cache", "files"].map(&mut part);
    // Only the content delivery network may come where there is one, or it could be passed by with its firewall. A group
    // takes 60 rules and AWS's list counts for 55: each port has a group of its own.
    let cdn_only = blueprint.cdn_ranges.clone().filter(|_| blueprint.spec.cdn.enabled);
    let lb_https = (cdn_only.is_some() && blueprint.spec.tls == Tls::Managed).then(|| part("lb-https"));
    let endpoints = blueprint.spec.network.interface_endpoints().then(|| part("endpoints"));
    let (port, ipv6) = (blueprint.spec.compute.port, blueprint.spec.network.ipv6);
    let cache_port = match blueprint.spec.cache.engine {
        CacheEngine::Memcached => cluster::PORT,
        CacheEngine::Valkey | CacheEngine::Redis | CacheEngine::None => replication_group::PORT,
    };

    let mut between = |part: Part, traffic: Traffic, peer: Part| {
        let name = traffic.name(part.name, peer.name);
        graph.add(name, &kinds.security_group_rule, (part.group, peer.group), move |(group, peer)| {
            security_group_rule::Desired { group, traffic: traffic.clone(), peer: Peer::Group(peer) }
        })
    };
    between(lb, Traffic::tcp(Direction::Out, port), web);
    between(web, Traffic::tcp(Direction::In, port), lb);
    between(database, Traffic::tcp(Direction::In, 3306), web);
    between(cache, Traffic::tcp(Direction::In, cache_port), web);
    between(files, Traffic::tcp(Direction::In, 2049), web);
    let endpoints = endpoints.map(|part| (part.group, between(part, Traffic::tcp(Direction::In, 443), web)));

    let mut world = |part: Part, traffic: Traffic, peer: Peer| {
        let name = traffic.name(part.name, peer.as_str());
        graph.add(name, &kinds.security_group_rule, part.group, move |group| security_group_rule::Desired {
            group,
            traffic: traffic.clone(),
            peer: peer.clone(),
        })
    };
    let inward = match cdn_only {
        None => {
            let everybody = |port| [(port, Peer::Ipv4("0.0.0.0/0".into())), (port, Peer::Ipv6("::/0".into()))];
            let rules = [80, 443].into_iter().flat_map(everybody);
            rules.map(|(port, peer)| world(lb, Traffic::tcp(Direction::In, port), peer)).collect()
        }
        Some(list) => {
            let doors = [(80, Some(lb)), (443, lb_https)];
            let doors = doors.into_iter().filter_map(|(port, part)| Some((port, part?)));
            let rules = doors
                .map(|(port, part)| world(part, Traffic::tcp(Direction::In, port), Peer::PrefixList(list.clone())));
            rules.collect()
        }
    };
    let everywhere = [Some(Peer::Ipv4("0.0.0.0/0".into())), ipv6.then(|| Peer::Ipv6("::/0".into()))];
    let outward = everywhere.into_iter().flatten().map(|peer| world(web, Traffic::all(Direction::Out), peer)).collect();

    let [lb, web, database, cache, files] = [lb, web, database, cache, files].map(|part| part.group);
    let lb_https = lb_https.map(|part| part.group);
    (SecurityGroups { lb, lb_https, web, database, cache, files, endpoints }, Ways { inward, outward, ipv6: None })
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    fn rules(edit: impl Fn(&mut wpc_api::WordPressClusterSpec), facts: impl Fn(&mut Facts)) -> Vec<String> {
        let mut spec = WordPressCluster::fixture().spec;
        edit(&mut spec);
        let mut known = Facts::assumed(&spec.region);
        facts(&mut known);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &known).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let rules = graph.nodes().filter(|(name, _)| name.starts_with("network/rule-lb-") && name.contains("-in-"));
        rules.map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn with_a_content_delivery_network_the_door_is_open_to_nobody_else() {
        let both = ["network/rule-lb-in-tcp-80-pl-cloudfront", "network/rule-lb-https-in-tcp-443-pl-cloudfront"];
        assert_eq!(rules(|_| {}, |_| {}), both);
        assert_eq!(rules(|spec| spec.tls = Tls::Disabled, |_| {}), both[..1]);
        assert_eq!(rules(|spec| spec.cdn.enabled = false, |_| {}).len(), 4);
        // A region without AWS's list leaves no choice.
        assert_eq!(rules(|_| {}, |facts| facts.cdn_ranges = None).len(), 4);
    }

    #[test]
    fn each_part_talks_to_the_next_and_only_instances_to_the_world() {
        let mut spec = WordPressCluster::fixture().spec;
        spec.compute.port = 8081;
        spec.cdn.enabled = false;
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
