use std::collections::BTreeSet;

use wpc_api::v1alpha1::Tls as Spec;
use wpc_engine::{Graph, Handle, Id, Maybe};

use super::{Cdn, Certificates, Network, logs};
use crate::media::{LOAD_BALANCER_LOGS, bucket_policy};
use crate::traffic::listener::{Leads, Tls};
use crate::traffic::{entrance, listener, load_balancer, target_group};
use crate::{Blueprint, Kinds};

/// The door of the compute pool.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// The load balancer.
    pub load_balancer: Handle<load_balancer::LoadBalancerOutput>,
    /// The instances behind it.
    pub target_group: Handle<Id>,
    /// Its port for HTTPS, unless the site speaks plain HTTP.
    pub https: Option<Handle<Id>>,
    /// Its port for HTTP, which is wanted last.
    pub listener: Option<Handle<Id>>,
}

/// A load balancer over the zones that forwards HTTPS to the group of the web instances. Its port for HTTP comes after
/// the distribution: see [`plain`].
pub(super) fn traffic(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    network: &Network,
    certificates: &Certificates,
) -> Traffic {
    let spec = blueprint.spec.load_balancer.clone();
    let (internal, port) = (spec.internal, blueprint.spec.compute.port);
    let (check, policy) = (target_group::Check::of(&spec.health_check), spec.tls_policy.clone());
    let subnets = if spec.internal { &network.private } else { &network.public }.clone();

    // AWS refuses a public one in a network without a way in; and no door is left before another is open.
    let ways_in = if spec.internal { vec![] } else { network.ways_in.clone() };
    // Inside the network everybody comes by IPv4.
    let ipv6 = network.ipv6.as_ref().filter(|_| !spec.internal);
    let dual_stack = ipv6.is_some();
    let addresses: Vec<_> =
        ipv6.into_iter().flat_map(|ipv6| ipv6.public.iter().copied().chain([ipv6.inward])).collect();

    let groups: Vec<_> = [network.security_groups.lb].into_iter().chain(network.security_groups.lb_https).collect();
    let allowed = |bucket: &_| vec![bucket_policy::load_balancers(bucket)];
    let logs = spec.access_logs.then(|| logs::bucket(graph, kinds, blueprint, LOAD_BALANCER_LOGS, allowed));
    let inputs = (subnets, groups, (ways_in, addresses), logs);
    let load_balancer =
        graph.add("traffic/load-balancer", &kinds.load_balancer, inputs, move |(subnets, groups, _, access_logs)| {
            load_balancer::Desired {
                internal: spec.internal,
                dual_stack,
                subnets: BTreeSet::from_iter(subnets),
                security_groups: groups.into_iter().collect(),
                idle_timeout: spec.idle_timeout_seconds,
                deletion_protection: spec.deletion_protection,
                access_logs,
            }
        });
    let target_group = graph.add("traffic/target-group", &kinds.target_group, network.vpc, move |vpc| {
        target_group::Desired { internal, vpc, port, check: check.clone() }
    });
    // Where there is a distribution, the entrance says who is let in.
    let leads = if blueprint.spec.cdn.enabled { Leads::Guarded } else { Leads::Forward };
    let https = certificates.load_balancer.clone().map(|certificate| {
        let inputs = (load_balancer, target_group, certificate);
        graph.add("traffic/listener-https", &kinds.listener, inputs, move |(door, target_group, certificate)| {
            let tls = Some(Tls { certificate, policy: policy.clone() });
            listener::Desired { load_balancer: door.arn, port: 443, tls, leads, target_group }
        })
    });
    Traffic { load_balancer, target_group, https, listener: None }
}

/// The port for HTTP. It sends visitors to HTTPS as soon as that is there; with a distribution, once that asks by HTTPS
/// wherever it serves, since it would be sent in circles.
pub(super) fn plain(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    traffic: &Traffic,
    cdn: Option<&Cdn>,
) -> Handle<Id> {
    let disabled = blueprint.spec.tls == Spec::Disabled;
    let open = if cdn.is_some() { Leads::Guarded } else { Leads::Forward };
    let https = Maybe(traffic.https);
    let secure = Maybe(cdn.map(|cdn| cdn.distribution.when(|distribution| distribution.secure)));
    let inputs = (traffic.load_balancer, traffic.target_group, https, secure);
    graph.add("traffic/listener-http", &kinds.listener, inputs, move |(door, target_group, https, secure)| {
        let leads = match (disabled, https.flatten(), secure) {
            (true, ..) => open,
            (false, Some(_), Some(_)) => Leads::Redirect,
            (false, ..) => Leads::AsIs,
        };
        listener::Desired { load_balancer: door.arn, port: 80, tls: None, leads, target_group }
    })
}

/// Only the distribution is let in where there is one, by the port at which it asks. A port for HTTP that visitors are
/// sent away from needs no guard.
pub(super) fn entrance(graph: &mut Graph, kinds: &Kinds, traffic: &Traffic, cdn: Option<&Cdn>) {
    let (Some(cdn), Some(port)) = (cdn, traffic.https.or(traffic.listener)) else { return };
    let sent = Maybe(cdn.distribution.when(|distribution| distribution.proof.is_some()));
    let inputs = (port, traffic.target_group, cdn.secret, sent);
    graph.add(entrance::COMPONENT, &kinds.entrance, inputs, |(listener, target_group, secret, distribution)| {
        let sent = distribution.and_then(|distribution| distribution.proof);
        entrance::Desired { listener, target_group, secret, sent }
    });
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn a_log_has_a_bucket_that_may_be_written_to_first() {
        let assembled = |access_logs| {
            let mut spec = WordPressCluster::fixture().spec;
            spec.load_balancer.access_logs = access_logs;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            assemble(&blueprint, &Kinds::offline()).graph
        };
        let logged = assembled(true).edges();
        let needs = |to: &str, from: &str| logged.iter().any(|edge| edge.to == to && edge.from == from);
        assert!(needs("traffic/load-balancer", "traffic/logs-bucket-policy"));
        assert!(needs("traffic/logs-bucket-policy", "traffic/logs-bucket"));
        assert!(!assembled(false).nodes().any(|(name, _)| name.contains("logs-bucket")));
    }
}
