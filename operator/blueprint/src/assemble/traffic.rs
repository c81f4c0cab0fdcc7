use std::collections::BTreeSet;

use wpc_engine::{Graph, Handle, Id};

use super::Network;
use crate::traffic::{listener, load_balancer, target_group};
use crate::{Blueprint, Kinds};

/// The door of the compute pool.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// The load balancer.
    pub load_balancer: Handle<load_balancer::LoadBalancerOutput>,
    /// The instances behind it.
    pub target_group: Handle<Id>,
    /// Its port for HTTP.
    pub listener: Handle<Id>,
}

/// A load balancer over the zones that forwards HTTP to the group of the web instances.
pub(super) fn traffic(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, network: &Network) -> Traffic {
    let spec = blueprint.spec.load_balancer.clone();
    let (internal, port) = (spec.internal, blueprint.spec.compute.port);
    let check = target_group::Check::of(&spec.health_check);
    let subnets = if spec.internal { &network.private } else { &network.public }.clone();

    // AWS refuses a public one in a network without a way in; and no door is left before another is open.
    let ways_in = if spec.internal { vec![] } else { network.ways_in.clone() };

    let groups: Vec<_> = [network.security_groups.lb].into_iter().chain(network.security_groups.lb_https).collect();
    let inputs = (subnets, groups, ways_in);
    let load_balancer =
        graph.add("traffic/load-balancer", &kinds.load_balancer, inputs, move |(subnets, groups, _)| {
            load_balancer::Desired {
                internal: spec.internal,
                subnets: BTreeSet::from_iter(subnets),
                security_groups: groups.into_iter().collect(),
                idle_timeout: spec.idle_timeout_seconds,
                deletion_protection: spec.deletion_protection,
            }
        });
    let target_group = graph.add("traffic/target-group", &kinds.target_group, network.vpc, move |vpc| {
        target_group::Desired { internal, vpc, port, check: check.clone() }
    });
    let listener =
        graph.add("traffic/listener-http", &kinds.listener, (load_balancer, target_group), |(door, target_group)| {
            listener::Desired { load_balancer: door.arn, port: 80, target_group }
        });
    Traffic { load_balancer, target_group, listener }
}
