use wpc_api::v1alpha1::{GeoPolicy, GeoRestriction};
use wpc_engine::{Graph, Handle};

use super::Traffic;
use crate::cdn::cache_policy::{self, PAGES, STATIC};
use crate::cdn::distribution::{Behaviour, Countries, Desired, DistributionOutput, Origin};
use crate::{Blueprint, Kinds};

/// The content delivery network's outputs.
#[derive(Debug, Clone, Copy)]
pub struct Cdn {
    /// The distribution, where there is one.
    pub distribution: Option<Handle<DistributionOutput>>,
}

/// A distribution before the load balancer, with its cache policies. Files that are kept for no time need none.
pub(super) fn cdn(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, traffic: &Traffic) -> Cdn {
    let spec = blueprint.spec.cdn.clone();
    if !spec.enabled {
        return Cdn { distribution: None };
    }
    let pages = graph.add(PAGES, &kinds.cache_policy, (), |()| cache_policy::Desired::pages());
    let seconds = spec.static_ttl_seconds;
    let static_files = (seconds > 0)
        .then(|| graph.add(STATIC, &kinds.cache_policy, (), move |()| cache_policy::Desired::static_files(seconds)));
    let inputs = (traffic.load_balancer, pages, static_files);
    let distribution =
        graph.add("cdn/distribution", &kinds.distribution, inputs, move |(door, pages, static_files)| Desired {
            origin: Origin::load_balancer(door.dns_name),
            behaviours: Behaviour::of_wordpress(pages, static_files),
            price_class: spec.price_class.name().into(),
            countries: spec.geo_restriction.as_ref().map_or_else(Countries::all, countries),
            http: "http2and3".into(),
            ipv6: true,
        });
    Cdn { distribution: Some(distribution) }
}

fn countries(GeoRestriction { policy, countries }: &GeoRestriction) -> Countries {
    let policy = match policy {
        GeoPolicy::Allow => "whitelist",
        GeoPolicy::Deny => "blacklist",
    };
    Countries { policy: policy.into(), codes: countries.iter().cloned().collect() }
}
