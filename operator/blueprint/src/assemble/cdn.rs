use wpc_api::v1alpha1::{GeoPolicy, GeoRestriction};
use wpc_engine::{Graph, Handle};

use super::{Firewall, Traffic};
use crate::cdn::cache_policy::{self, PAGES, STATIC};
use crate::cdn::distribution::{Behaviour, Countries, Desired, DistributionOutput, Origin};
use crate::{Blueprint, Kinds};

/// The content delivery network's outputs.
#[derive(Debug, Clone, Copy)]
pub struct Cdn {
    /// The distribution.
    pub distribution: Handle<DistributionOutput>,
}

/// A distribution before the load balancer, with its cache policies. Files that are kept for no time need none.
pub(super) fn cdn(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    traffic: &Traffic,
    firewall: Option<&Firewall>,
) -> Option<Cdn> {
    let spec = blueprint.spec.cdn.clone();
    if !spec.enabled {
        return None;
    }
    let pages = graph.add(PAGES, &kinds.cache_policy, (), |()| cache_policy::Desired::pages());
    let seconds = spec.static_ttl_seconds;
    let static_files = (seconds > 0)
        .then(|| graph.add(STATIC, &kinds.cache_policy, (), move |()| cache_policy::Desired::static_files(seconds)));
    let inputs = (traffic.load_balancer, pages, static_files, firewall.map(|firewall| firewall.web_acl));
    let distribution =
        graph.add("cdn/distribution", &kinds.distribution, inputs, move |(door, pages, static_files, web_acl)| {
            Desired {
                origin: Origin::load_balancer(door.dns_name),
                behaviours: Behaviour::of_wordpress(pages, static_files),
                price_class: spec.price_class.name().into(),
                countries: spec.geo_restriction.as_ref().map_or_else(Countries::all, countries),
                http: "http2and3".into(),
                ipv6: true,
                web_acl,
            }
        });
    Some(Cdn { distribution })
}

fn countries(GeoRestriction { policy, countries }: &GeoRestriction) -> Countries {
    let policy = match policy {
        GeoPolicy::Allow => "whitelist",
        GeoPolicy::Deny => "blacklist",
    };
    Countries { policy: policy.into(), codes: countries.iter().cloned().collect() }
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::Cdn as Spec;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn a_distribution_and_no_more_policies_than_it_needs() {
        let nodes = |cdn: Spec| {
            let mut spec = WordPressCluster::fixture().spec;
            spec.cdn = cdn;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            let graph = assemble(&blueprint, &Kinds::offline()).graph;
            let nodes = graph.nodes().filter(|(name, _)| name.starts_with("cdn/"));
            nodes.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(nodes(Spec::default()), [PAGES, STATIC, "cdn/distribution"]);
        let uncached = Spec { static_ttl_seconds: 0, ..Spec::default() };
        assert_eq!(nodes(uncached), [PAGES, "cdn/distribution"]);
        assert!(nodes(Spec { enabled: false, ..Spec::default() }).is_empty());
    }

    #[test]
    fn countries_are_named_as_cloudfront_does() {
        let only = GeoRestriction { policy: GeoPolicy::Allow, countries: vec!["FR".into(), "DE".into()] };
        assert_eq!(countries(&only).to_string(), "whitelist DE,FR");
        assert_eq!(countries(&GeoRestriction { policy: GeoPolicy::Deny, ..only }).policy, "blacklist");
    }
}
