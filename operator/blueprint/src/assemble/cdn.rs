use std::collections::BTreeSet;

use wpc_api::v1alpha1::{GeoPolicy, GeoRestriction, Tls};
use wpc_engine::{Data, Graph, Handle, Id, Maybe};

use super::{Certificates, Encryption, Firewall, Traffic};
use crate::bootstrap::Uploads;
use crate::cdn::cache_policy::{self, PAGES, STATIC};
use crate::cdn::distribution::{Behaviour, Countries, Desired, DistributionOutput, Names, Origin};
use crate::cdn::media_origin::MediaOrigin;
use crate::cdn::{CACHING_DISABLED, ORIGIN_SECRET, ORIGIN_SECRET_LENGTH, origin_access_control};
use crate::media::bucket::BucketOutput;
use crate::secret::{self, Format, Stored};
use crate::{Blueprint, Kinds};

/// The content delivery network's outputs.
#[derive(Debug, Clone, Copy)]
pub struct Cdn {
    /// The distribution.
    pub distribution: Handle<DistributionOutput>,
    /// What lets it in at the load balancer.
    pub secret: Handle<Stored>,
}

/// A distribution before the load balancer and, once all uploads lie in a bucket, before that; with its cache policies.
/// Files that are kept for no time need none.
pub(super) fn cdn(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    (traffic, certificates, encryption): (&Traffic, &Certificates, &Encryption),
    (bucket, firewall): (Option<Handle<BucketOutput>>, Option<&Firewall>),
) -> Option<Cdn> {
    let doors = Doors::of(blueprint);
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
    // What lay elsewhere is not in the bucket at once: until it is, the instances serve uploads from both places.
    let all_there = Uploads::of(&blueprint.spec).before.is_none();
    let secure = (Maybe(certificates.cdn.clone()), Maybe(traffic.https));
    let web_acl = firewall.map(|firewall| firewall.web_acl);
    let secret = origin_secret(graph, kinds, blueprint, encryption);
    let inputs = ((traffic.load_balancer, secret), pages, static_files, media, web_acl, secure);
    let distribution = graph.add(
        "cdn/distribution",
        &kinds.distribution,
        inputs,
        move |((door, secret), pages, static_files, media, web_acl, (certificate, https))| {
            let media = media.filter(|(bucket, _)| all_there || bucket.moved);
            let (names, protocol) = doors.with(certificate.flatten(), https.flatten());
            Desired {
                origin: Origin::load_balancer(door.dns_name, protocol).proven(secret.digest.clone()),
                secret: Some(secret),
                behaviours: behaviours(pages, static_files, media.is_some()),
                media: media
                    .map(|(BucketOutput { domain, .. }, access_control)| MediaOrigin { domain, access_control }),
                price_class: spec.price_class.name().into(),
                countries: spec.geo_restriction.as_ref().map_or_else(Countries::all, countries),
                http: "http2and3".into(),
                ipv6: true,
                web_acl,
                names,
            }
        },
    );
    Some(Cdn { distribution, secret })
}

/// What the distribution proves itself with. Nothing is lost with it: the next one is told to both sides.
fn origin_secret(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, encryption: &Encryption) -> Handle<Stored> {
    let description = format!("what lets the distribution of WordPressCluster {} in", blueprint.stack);
    let seal = encryption.key();
    graph.add(ORIGIN_SECRET, &kinds.secret, encryption.made, move |made| secret::Desired {
        description: description.clone(),
        format: Format::Bare,
        length: ORIGIN_SECRET_LENGTH,
        data: Data::None,
        key: seal(made),
    })
}

/// What WordPress needs. Uploads that lie in a bucket are asked for there, before the rest of `/wp-content`.
fn behaviours(pages: Id, static_files: Option<Id>, media: bool) -> Vec<Behaviour> {
    let cache = static_files.clone().unwrap_or_else(|| CACHING_DISABLED.into());
    let uploads = media.then(|| Behaviour::uploads(cache));
    uploads.into_iter().chain(Behaviour::of_wordpress(pages, static_files)).collect()
}

/// How the distribution speaks with visitors and with its origin.
struct Doors {
    tls: Tls,
    domains: BTreeSet<String>,
}

impl Doors {
    fn of(blueprint: &Blueprint) -> Self {
        Self { tls: blueprint.spec.tls, domains: blueprint.spec.site.domains.iter().cloned().collect() }
    }

    /// It takes the site's names with a certificate, and asks by HTTPS once it has them too: its origin's certificate is
    /// for those names, and it asks under the name that it was asked under.
    fn with(&self, certificate: Option<Id>, https: Option<Id>) -> (Option<Names>, Option<&'static str>) {
        if self.tls == Tls::Disabled {
            return (Some(Names::Own), Some("http-only"));
        }
        let protocol = (certificate.is_some() && https.is_some()).then_some("https-only");
        (certificate.map(|certificate| Names::aliases(self.domains.clone(), certificate)), protocol)
    }
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
        assert_eq!(nodes(Spec::default()), [PAGES, STATIC, ORIGIN_SECRET, "cdn/distribution"]);
        let uncached = Spec { static_ttl_seconds: 0, ..Spec::default() };
        assert_eq!(nodes(uncached), [PAGES, ORIGIN_SECRET, "cdn/distribution"]);
        assert!(nodes(Spec { enabled: false, ..Spec::default() }).is_empty());
    }

    #[test]
    fn it_is_as_it_is_until_certificates_are_there() {
        let doors = |tls| Doors { tls, domains: ["blog.example.com".to_owned()].into() };
        let (certificate, https) = (|| Some(Id::from("arn:certificate")), || Some(Id::from("arn:listener")));
        let managed = doors(Tls::Managed);
        let aliases = Some(Names::aliases(managed.domains.clone(), "arn:certificate".into()));
        assert_eq!(managed.with(None, None), (None, None));
        assert_eq!(managed.with(None, https()), (None, None), "its own name is in no certificate of the origin's");
        assert_eq!(managed.with(certificate(), None), (aliases.clone(), None));
        assert_eq!(managed.with(certificate(), https()), (aliases, Some("https-only")));
        assert_eq!(doors(Tls::Disabled).with(certificate(), https()), (Some(Names::Own), Some("http-only")));
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
