use wpc_engine::{Graph, Handle, Id};

use super::ways::{Subnets, default};
use crate::cidr;
use crate::network::route::{Everywhere, Target};
use crate::network::vpc_cidr_block::{self, Range};
use crate::network::{egress_only_gateway, subnet_cidr_block};
use crate::{Blueprint, Kinds};

/// IPv6 beside IPv4.
#[derive(Debug, Clone)]
pub struct Ipv6 {
    /// The public subnets' addresses, in the blueprint's order of zones.
    pub public: Vec<Handle<Id>>,
    /// The private subnets' addresses.
    pub private: Vec<Handle<Id>>,
    /// The route in.
    pub inward: Handle<Id>,
    /// The routes out, one for each private subnet.
    pub outward: Vec<Handle<Id>>,
}

/// Addresses for every subnet, in by the same door as IPv4, out by one that lets nobody in. The first table is that of the
/// public subnets, the others are those of the private ones.
pub(super) fn ipv6(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    subnets: &Subnets<'_>,
    door: Handle<Id>,
    tables: &[Handle<Id>],
) -> Ipv6 {
    let Subnets { vpc, public, private } = *subnets;
    let network =
        graph.add(vpc_cidr_block::COMPONENT, &kinds.vpc_cidr_block, vpc, |vpc| vpc_cidr_block::Desired { vpc });
    let mut addresses = |side: &str, subnets: &[Handle<Id>]| -> Vec<Handle<Id>> {
        let each = blueprint.zones.iter().zip(subnets).map(|(zone, subnet)| {
            let (letter, is_public) = (zone.letter.clone(), side == "public");
            let name = subnet_cidr_block::name(&format!("{side}-{letter}"));
            graph.add(name, &kinds.subnet_cidr_block, (*subnet, network), move |(subnet, Range(network))| {
                subnet_cidr_block::Desired { subnet, cidr: cidr::ipv6(network, &letter, is_public) }
            })
        });
        each.collect()
    };
    let (public, private) = (addresses("public", public), addresses("private", private));
    let exit = graph.add("network/egress-only-gateway", &kinds.egress_only_gateway, vpc, |vpc| {
        egress_only_gateway::Desired { vpc }
    });
    let inward = default(graph, kinds, "public", Everywhere::Ipv6, (tables[0], door), Target::InternetGateway);
    let outward = blueprint.zones.iter().zip(&tables[1..]).map(|(zone, table)| {
        let subnets = format!("private-{}", zone.letter);
        default(graph, kinds, &subnets, Everywhere::Ipv6, (*table, exit), Target::EgressOnlyGateway)
    });
    let outward = outward.collect();
    Ipv6 { public, private, inward, outward }
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use crate::{Blueprint, Facts, Kinds, Stack, assemble};

    #[test]
    fn instances_and_their_door_wait_for_addresses() {
        let mut spec = WordPressCluster::fixture().in_zones(2).spec;
        spec.network.ipv6 = true;
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let edges = graph.edges();
        let needs = |to: &str, from: &str| edges.iter().any(|edge| edge.to == to && edge.from == from);
        for (to, from) in [
            ("network/ipv6-public-a", "network/ipv6"),
            ("network/route-ipv6-public", "network/internet-gateway"),
            ("network/route-ipv6-private-b", "network/egress-only-gateway"),
            ("traffic/load-balancer", "network/ipv6-public-a"),
            ("traffic/load-balancer", "network/route-ipv6-public"),
            ("compute/launch-template", "network/ipv6-private-b"),
            ("compute/group", "network/route-ipv6-private-a"),
            ("compute/group", "network/rule-web-out-all-::-0"),
        ] {
            assert!(needs(to, from), "{to} needs {from}");
        }
        assert!(!needs("traffic/load-balancer", "network/ipv6-private-a"));
    }
}
