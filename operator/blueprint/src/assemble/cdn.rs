use wpc_api::v1alpha1::{GeoPolicy, GeoRestriction};
use wpc_engine::{Graph, Handle, Id};

use super::{Firewall, Traffic};
use crate::cdn::cache_policy::{self, PAGES, STATIC};
use crate::cdn::distribution::{Behaviour, Countries, Desired, DistributionOutput, Origin};
use crate::cdn::media_origin::MediaOrigin;
use crate::cdn::{CACHING_DISABLED, origin_access_control};
use crate::media::bucket::BucketOutput;
use crate::{Blueprint, Kinds};

/// The content delivery network's outputs.
#[derive(Debug, Clone, Copy)]
pub struct Cdn {
    /// The distribution.
    pub distribution: Handle<DistributionOutput>,
}

/// A distribution before the load balancer and, where uploads lie in a bucket, before that; with its cache policies.
/// Files that are kept for no time need none.
pub(super) fn cdn(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    traffic: &Traffic,
    (bucket, firewall): (Option<Handle<BucketOutput>>, Option<&Firewall>),
) -> Option<Cdn> {
    let spec = blueprint.spec.cdn.clone();
    if !spec.enabled {
        return None;
    }
    let pages = graph.add(PAGES, &kinds.cache_policy, (), |()| cache_policy::Desired::pages());
    let seconds = spec.static_ttl_seconds;
    let static_files = (seconds > 0)
        .then(|| graph.add(STATIC, &kinds.cache_policy, (), move |()| cache_policy::Desired::static_files(seconds)));
    let media = bucket.map(|bucket| {
        let name = origin_access_control::MEDIA;
        (bucket, graph.add(name, &kinds.origin_access_control, (), |()| origin_access_control::Desired))
    });
    let inputs = (traffic.load_balancer, pages, static_files, media, firewall.map(|firewall| firewall.web_acl));
    let distribution = graph.add(
        "cdn/distribution",
        &kinds.distribution,
        inputs,
        move |(door, pages, static_files, media, web_acl)| Desired {
            origin: Origin::load_balancer(door.dns_name),
            behaviours: behaviours(pages, static_files, media.is_some()),
            media: media.map(|(BucketOutput { domain, .. }, access_control)| MediaOrigin { domain, access_control }),
            price_class: spec.price_class.name().into(),
            countries: spec.geo_restriction.as_ref().map_or_else(Countries::all, countries),
            http: "http2and3".into(),
            ipv6: true,
            web_acl,
        },
    );
    Some(Cdn { distribution })
}

/// What WordPress needs. Uploads that lie in a bucket are asked for there, before the rest of `/wp-content`.
fn behaviours(pages: Id, static_files: Option<Id>, media: bool) -> Vec<Behaviour> {
    let cache = static_files.clone().unwrap_or_else(|| CACHING_DISABLED.into());
    let uploads = media.then(|| Behaviour::uploads(cache));
    uploads.into_iter().chain(Behaviour::of_wordpress(pages, static_files)).collect()
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
    fn uploads_come_from_the_bucket_where_there_is_one() {
        let paths = |media| behaviours("p-pages".into(), None, media).into_iter().map(|it| (it.path, it.origin));
        let first = ("/wp-content/uploads/*".to_owned(), "media".to_owned());
        assert!(paths(true).eq([first].into_iter().chain(paths(false))));
        assert!(paths(false).all(|(_, origin)| origin == "load-balancer"));
        assert_eq!(behaviours("p-pages".into(), None, true)[0].cache, CACHING_DISABLED.into());
    }

    #[test]
    fn countries_are_named_as_cloudfront_does() {
        let only = GeoRestriction { policy: GeoPolicy::Allow, countries: vec!["FR".into(), "DE".into()] };
        assert_eq!(countries(&only).to_string(), "whitelist DE,FR");
        assert_eq!(countries(&GeoRestriction { policy: GeoPolicy::Deny, ..only }).policy, "blacklist");
    }
}
