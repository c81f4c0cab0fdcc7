use wpc_engine::{Graph, Handle, Id};

use super::security::{SecurityGroups, security_groups};
use super::ways::{Subnets, ways};
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
}

/// A VPC over the zones, with a public and a private subnet in each, their ways in and out, and the security groups.
pub(super) fn network(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint) -> Network {
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
    Network { vpc, public, private, security_groups, ways_in: ways.inward, ways_out: ways.outward }
}
