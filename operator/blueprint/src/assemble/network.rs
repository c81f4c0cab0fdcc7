use wpc_engine::{Graph, Handle, Id};

use super::Ipv6;
use super::security::{SecurityGroups, security_groups};
use super::ways::{Subnets, interface_endpoints, ways};
use crate::existing::{Existing, Place};
use crate::network::{subnet, vpc};
use crate::{Blueprint, Kinds, Zone};

/// What the other areas stand on.
#[derive(Debug, Clone)]
pub struct Network {
    /// The private network.
    pub vpc: Handle<Id>,
    /// The load balancer's and NAT gateways' subnets, one per zone, in the blueprint's order of zones.
    pub public: Vec<Handle<Id>>,
    /// Everything else's subnets, one per zone, in the blueprint's order of zones.
    pub private: Vec<Handle<Id>>,
    /// Who may talk to whom.
    pub security_groups: SecurityGroups,
    /// What must be there before the world reaches a public subnet.
    pub ways_in: Vec<Handle<Id>>,
    /// What must be there before an instance in a private subnet reaches the world.
    pub ways_out: Vec<Handle<Id>>,
    /// IPv6, where it is wanted.
    pub ipv6: Option<Ipv6>,
}

/// The stack's own network, or one that exists.
pub(super) fn network(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint) -> Network {
    match &blueprint.existing {
        Some(existing) => given(graph, kinds, blueprint, existing),
        None => made(graph, kinds, blueprint),
    }
}

/// A network that exists, with the stack's own security groups in it. Its ways in and out are its owner's.
fn given(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, existing: &Existing) -> Network {
    let vpc = graph.given(existing.vpc.clone());
    let mut each = |subnet: fn(&Place) -> &Id| {
        existing.places.iter().map(|place| graph.given(subnet(place).clone())).collect::<Vec<_>>()
    };
    let (public, private) = (each(|place| &place.public), each(|place| &place.private));
    let (security_groups, doors) = security_groups(graph, kinds, blueprint, vpc);
    Network { vpc, public, private, security_groups, ways_in: doors.inward, ways_out: doors.outward, ipv6: None }
}

/// A VPC over the zones, with a public and a private subnet in each, their ways in and out, and the security groups.
fn made(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint) -> Network {
    let cidr = blueprint.spec.network.cidr;
    let vpc = graph.add("network/vpc", &kinds.vpc, (), move |()| vpc::Desired { cidr });
    let mut subnet =
        |side: &str, zone: &Zone, cidr| {
            let name = zone.name.clone();
            graph.add(format!("{}{side}-{}", subnet::PREFIX, zone.letter), &kinds.subnet, vpc, move |vpc| {
                subnet::Desired { vpc, zone: name.clone(), cidr }
            })
        };
    let public: Vec<_> = blueprint.zones.iter().map(|zone| subnet("public", zone, zone.plan.public)).collect();
    let private: Vec<_> = blueprint.zones.iter().map(|zone| subnet("private", zone, zone.plan.private)).collect();
    let mut ways = ways(graph, kinds, blueprint, &Subnets { vpc, public: &public, private: &private });
    let (security_groups, doors) = security_groups(graph, kinds, blueprint, vpc);
    ways.inward.extend(doors.inward);
    ways.outward.extend(doors.outward);
    ways.outward.extend(ways.ipv6.iter().flat_map(|ipv6| ipv6.outward.clone()));
    let door = security_groups.endpoints;
    ways.outward.extend(interface_endpoints(graph, kinds, blueprint, (vpc, &private), door));
    Network { vpc, public, private, security_groups, ways_in: ways.inward, ways_out: ways.outward, ipv6: ways.ipv6 }
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::ExistingNetwork;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn in_a_network_that_exists_only_security_groups_are_ours() {
        let mut spec = WordPressCluster::fixture().spec;
        let ids = |ids: [&str; 2]| ids.map(str::to_owned).into();
        spec.network.existing = Some(ExistingNetwork {
            vpc_id: "vpc-1".into(),
            public_subnet_ids: ids(["subnet-1", "subnet-2"]),
            private_subnet_ids: ids(["subnet-3", "subnet-4"]),
        });
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let kinds = graph.nodes().filter(|(name, _)| name.starts_with("network/")).map(|(_, kind)| kind);
        let kinds: std::collections::BTreeSet<_> = kinds.collect();
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["ec2/security-group", "ec2/security-group-rule"]);
        let zones: Vec<_> = graph.nodes().filter(|(_, kind)| *kind == "efs/mount-target").collect();
        assert_eq!(zones.len(), 2, "its zones are the network's");
    }
}
