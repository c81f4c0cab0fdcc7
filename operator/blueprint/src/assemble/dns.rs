use std::collections::BTreeSet;

use wpc_engine::{Graph, Handle, Id, Inputs, Outputs};

use super::{Cdn, Certificates, Traffic};
use crate::cdn::distribution::DistributionOutput;
use crate::certificate::{CertificateOutput, Cname};
use crate::dns::alias::{self, Record, Routing, Target};
use crate::dns::{health_check, validation};
use crate::traffic::load_balancer::LoadBalancerOutput;
use crate::{Blueprint, Kinds};

/// More names than a site may have.
const NAMES: usize = 20;

/// The site's names in its hosted zone, if one is named: what the certificates are issued by, and what leads visitors to
/// the site as soon as it can be reached under its names.
pub(super) fn dns(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    (traffic, cdn): (&Traffic, Option<&Cdn>),
    certificates: &Certificates,
) {
    let spec = &blueprint.spec;
    let Some(dns) = &spec.dns else { return };
    let zone = Id(dns.hosted_zone_id.clone());
    let domains: BTreeSet<String> = spec.site.domains.iter().take(NAMES).cloned().collect();
    // ACM gives one record for every certificate of a name, so one certificate tells all.
    if let Some(certificate) = certificates.requested().next() {
        for domain in &domains {
            let (name, zone, domain) = (validation::component(domain), zone.clone(), domain.clone());
            let told = Told { certificate, domain };
            graph.add(name, &kinds.validation, told, move |cname| validation::Desired { zone: zone.clone(), cname });
        }
    }
    let routing = Routing::of(&dns.routing, &spec.region);
    // A check reaches neither what is inside the network nor what answers only the distribution.
    let reachable = cdn.is_none() && !spec.load_balancer.internal;
    let check = (dns.health_check && reachable).then(|| {
        let (tls, path) = (traffic.https.is_some(), spec.load_balancer.health_check.path.clone());
        let inputs = (traffic.load_balancer, traffic.https);
        graph.add(health_check::COMPONENT, &kinds.health_check, inputs, move |(door, _)| {
            health_check::Desired::of(tls, door.dns_name.to_ascii_lowercase(), path.clone())
        })
    });
    // Where there is only one record of a name, it is answered whatever its health.
    let check = check.filter(|_| routing != Routing::Simple);
    for domain in domains {
        let door = match cdn {
            Some(cdn) => Door::Distribution(cdn.distribution, domain.clone()),
            // A port that let only the distribution in lets visitors in before they are led there.
            None => Door::LoadBalancer(traffic.load_balancer, traffic.https.or(traffic.listener)),
        };
        let (zone, routing) = (zone.clone(), routing.clone());
        graph.add(alias::component(&domain), &kinds.alias, (door, check), move |(target, health_check)| {
            let record = Record { target, routing: routing.clone(), health_check };
            alias::Desired { zone: zone.clone(), domain: domain.clone(), record }
        });
    }
}

/// The validation record of a name, once ACM has told it.
struct Told {
    certificate: Handle<CertificateOutput>,
    domain: String,
}

impl Inputs for Told {
    type Value = Cname;

    fn edges(&self, edges: &mut Vec<usize>) {
        self.certificate.edges(edges);
    }

    fn value(&self, outputs: &Outputs) -> Option<Cname> {
        outputs.get(self.certificate)?.records.get(&self.domain).cloned()
    }
}

/// What visitors come to, once it serves them under the site's name.
enum Door {
    Distribution(Handle<DistributionOutput>, String),
    LoadBalancer(Handle<LoadBalancerOutput>, Option<Handle<Id>>),
}

impl Inputs for Door {
    type Value = Target;

    fn edges(&self, edges: &mut Vec<usize>) {
        match self {
            Self::Distribution(distribution, _) => distribution.edges(edges),
            Self::LoadBalancer(door, https) => (*door, *https).edges(edges),
        }
    }

    fn value(&self, outputs: &Outputs) -> Option<Target> {
        match self {
            Self::Distribution(distribution, domain) => {
                let distribution = outputs.get(*distribution)?;
                distribution.names.contains(domain).then(|| Target::distribution(&distribution.domain))
            }
            Self::LoadBalancer(door, https) => {
                let (door, _) = (*door, *https).value(outputs)?;
                Some(Target::load_balancer(door.zone, &door.dns_name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::{Dns, Tls};

    use super::*;
    use crate::{Facts, Stack, assemble};

    fn nodes(change: impl Fn(&mut wpc_api::WordPressClusterSpec)) -> Vec<String> {
        let mut spec = WordPressCluster::fixture().spec;
        spec.site.domains = vec!["www.example.com".into(), "example.com".into(), "example.com".into()];
        let dns = r#"{"hostedZoneId": "Z1", "routing": {"policy": "Simple"}}"#;
        spec.dns = Some(serde_json::from_str::<Dns>(dns).unwrap());
        change(&mut spec);
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let nodes = graph.nodes().filter(|(name, _)| name.starts_with("dns/"));
        nodes.map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn each_name_once_and_a_check_of_what_can_be_reached() {
        let validation = ["dns/validation-example.com", "dns/validation-www.example.com"];
        let names = ["dns/example.com", "dns/www.example.com"];
        assert_eq!(nodes(|_| {}), [validation, names].concat());
        let checked = [&validation[..], &["dns/health-check"], &names].concat();
        assert_eq!(nodes(|spec| spec.cdn.enabled = false), checked);
        let internal = nodes(|spec| {
            spec.cdn.enabled = false;
            spec.load_balancer.internal = true;
        });
        assert_eq!(internal, [validation, names].concat());
        let plain = nodes(|spec| {
            spec.cdn.enabled = false;
            spec.tls = Tls::Disabled;
        });
        assert_eq!(plain, [&["dns/health-check"][..], &names].concat());
        assert!(nodes(|spec| spec.dns = None).is_empty());
    }
}
