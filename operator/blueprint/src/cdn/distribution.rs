//! The distribution before the load balancer. See "Work with distributions" and "Delete a distribution" in the Amazon
//! CloudFront Developer Guide.
//!
//! # Assumptions
//! Its comment and its tags say whose it is; one whose comment a person has changed is not found any more.
//!
//! # Caveats
//! A name can be served only with a certificate that is issued: until then the distribution keeps the names that it has.
//! CloudFront deletes only what is disabled, and disabled everywhere: the first step disables it, minutes later the
//! second one deletes it. One that somebody else disables comes back by the same way.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, Output, State};

use super::media_origin::MediaOrigin;
pub use super::settings::{Behaviour, Countries, DEFAULT, Desired, LOAD_BALANCER, Names, Origin};
use crate::firewall::web_acl;
use crate::secret::VALUE;

/// Lists.
pub const LIST: Action = Action::read("cloudfront:ListDistributions");
/// Reads the tags, which the list does not show.
pub const LIST_TAGS: Action = Action::read("cloudfront:ListTagsForResource");
/// Reads one.
pub const GET: Action = Action::read("cloudfront:GetDistribution");
/// Reads its settings, with the version that writes must name.
pub const GET_CONFIG: Action = Action::read("cloudfront:GetDistributionConfig");
/// Makes it; the permission is that of `CreateDistributionWithTags` too.
pub const CREATE: Action = Action::write("cloudfront:CreateDistribution");
/// Changes, enables and disables it.
pub const UPDATE: Action = Action::write("cloudfront:UpdateDistribution");
/// Writes tags, also at creation.
pub const TAG: Action = Action::write("cloudfront:TagResource");
/// Removes it.
pub const DELETE: Action = Action::write("cloudfront:DeleteDistribution");

/// The path of the change of the origins.
pub const ORIGIN: &str = "cdn.origin";
/// The path of the change of what is cached where.
pub const BEHAVIOURS: &str = "cdn.behaviors";
/// The path of the change of edge locations.
pub const PRICE_CLASS: &str = "cdn.priceClass";
/// The path of the change of countries.
pub const COUNTRIES: &str = "cdn.geoRestriction";
/// The path of the change of protocols.
pub const PROTOCOLS: &str = "cdn.protocols";
/// The path of the change of names and their certificate.
pub const NAMES: &str = "cdn.names";
/// The path of the change of its firewall.
pub const WEB_ACL: &str = "cdn.webACL";
/// The path of the change that enables it again.
pub const ENABLED: &str = "cdn.enabled";

/// The kind.
#[derive(Debug, Clone)]
pub struct Distribution;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What dependants learn.
    pub output: DistributionOutput,
    /// How it is set.
    pub set: Desired,
    /// Whether it serves.
    pub enabled: bool,
    /// Whether all edge locations know its newest settings.
    pub deployed: bool,
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributionOutput {
    /// Its id.
    pub id: Id,
    /// Its ARN.
    pub arn: String,
    /// The name it answers under.
    pub domain: String,
    /// The other names it answers under.
    pub names: BTreeSet<String>,
    /// Whether it asks its origin by HTTPS, wherever it serves.
    pub secure: bool,
    /// The digest of the secret that it sends its origin, wherever it serves.
    pub proof: Option<String>,
}

impl Output for DistributionOutput {
    fn unknown(node: &str) -> Self {
        let id = Id::unknown(node);
        Self { arn: id.0.clone(), domain: id.0.clone(), id, names: BTreeSet::new(), secure: true, proof: None }
    }
}

impl Kind for Distribution {
    const NAME: &'static str = "cloudfront/distribution";
    const ACTIONS: &'static [Action] = &[LIST, LIST_TAGS, GET, GET_CONFIG, VALUE, CREATE, UPDATE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Token;
    /// An alias belongs to one distribution in the world; one that is being disabled is awaited and enabled again.
    const COEXISTS: bool = false;
    /// Edge locations learn of other settings one after the other: until the last has, visitors may still be led to
    /// what was there before, or come by another way.
    const LEADS_BACK: bool = true;
    type Desired = Desired;
    type Observed = Observed;
    type Output = DistributionOutput;

    /// All of it can be changed in place.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.output.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        let policies = have.set.behaviours.iter().map(|behaviour| behaviour.cache.clone());
        // A bucket goes after it: whoever took the free name would answer in the site's place.
        let media = have.set.media.iter().flat_map(|media| [media.access_control.clone(), media.bucket()]);
        let certificate = match &have.set.names {
            Some(Names::Aliases { certificate, .. }) => Some(certificate.clone()),
            _ => None,
        };
        policies.chain(media).chain(have.set.web_acl.clone()).chain(certificate).collect()
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Observed { output: _, set, enabled, deployed: _ } = have;
        let Desired { origin, secret: _, media, behaviours, price_class, countries, http, ipv6, web_acl, names } =
            &want.over(set);
        let protocols = |http: &str, ipv6: bool| format!("{http}, IPv6 {}", if ipv6 { "on" } else { "off" });
        let mut changes = Changes::new();
        let mut compare =
            |path: &str, have: String, want: String| changes.compare(path, &have, &want, Disruption::None);
        compare(ORIGIN, origins(&set.origin, set.media.as_ref()), origins(origin, media.as_ref()));
        compare(PRICE_CLASS, set.price_class.clone(), price_class.clone());
        compare(COUNTRIES, set.countries.to_string(), countries.to_string());
        compare(PROTOCOLS, protocols(&set.http, set.ipv6), protocols(http, *ipv6));
        if let (Some(found), Some(wanted)) = (&set.names, names) {
            compare(NAMES, found.to_string(), wanted.to_string());
        }
        // Where the firewall is off, another's that somebody put there stays.
        let counts = |acl: &&Id| web_acl.is_some() || web_acl::may_be_ours(acl.as_str());
        let firewall = set.web_acl.as_ref().filter(counts).cloned();
        changes.compare(WEB_ACL, &firewall, web_acl, Disruption::None);
        changes.compare(ENABLED, enabled, &true, Disruption::None);
        if set.behaviours != *behaviours {
            let (from, to) = (without(&set.behaviours, behaviours), without(behaviours, &set.behaviours));
            changes.push(BEHAVIOURS, from, to, Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<DistributionOutput> {
        let output = || have.output.clone();
        match (have.enabled, have.deployed) {
            (true, true) => State::Ready(output()),
            (true, false) => State::Settling { usable: Some(output()), reason: "Deploying" },
            (false, false) => State::Leaving,
            (false, true) => State::Broken { usable: None, message: "it is disabled".into() },
        }
    }
}

fn origins(origin: &Origin, media: Option<&MediaOrigin>) -> String {
    media.map_or_else(|| origin.to_string(), |media| format!("{origin}, {media}"))
}

/// The behaviours that the others lack, as text; just their paths where only the order differs.
fn without(these: &[Behaviour], others: &[Behaviour]) -> String {
    let new: Vec<String> = these.iter().filter(|one| !others.contains(one)).map(Behaviour::to_string).collect();
    match new.is_empty() {
        true => these.iter().map(|one| one.path.as_str()).collect::<Vec<_>>().join(" "),
        false => new.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cdn::CACHING_DISABLED;

    fn want() -> Desired {
        Desired {
            origin: Origin::load_balancer("lb.example.com".into(), Some("http-only")),
            secret: None,
            media: None,
            behaviours: Behaviour::of_wordpress("p-pages".into(), Some("p-static".into())),
            price_class: "PriceClass_100".into(),
            countries: Countries::all(),
            http: "http2and3".into(),
            ipv6: true,
            names: Some(Names::Own),
            web_acl: None,
        }
    }

    fn media() -> MediaOrigin {
        MediaOrigin { domain: "b-1.s3.eu-west-1.amazonaws.com".into(), access_control: "oac-1".into() }
    }

    fn have(set: Desired, enabled: bool, deployed: bool) -> Observed {
        let output = DistributionOutput { id: "E1".into(), ..DistributionOutput::unknown("x") };
        Observed { output, set, enabled, deployed }
    }

    #[test]
    fn diff_knows_each_field() {
        let set = want();
        let countries = Countries { policy: "whitelist".into(), codes: ["DE".to_owned()].into() };
        let table = [
            (Desired { origin: Origin::load_balancer("other".into(), Some("http-only")), ..set.clone() }, ORIGIN),
            (Desired { names: Some(aliases("arn:certificate")), ..set.clone() }, NAMES),
            (Desired { media: Some(media()), ..set.clone() }, ORIGIN),
            (Desired { behaviours: Behaviour::of_wordpress("p-pages".into(), None), ..set.clone() }, BEHAVIOURS),
            (Desired { price_class: "PriceClass_All".into(), ..set.clone() }, PRICE_CLASS),
            (Desired { countries, ..set.clone() }, COUNTRIES),
            (Desired { http: "http1.1".into(), ..set.clone() }, PROTOCOLS),
            (Desired { ipv6: false, ..set.clone() }, PROTOCOLS),
            (Desired { web_acl: Some("arn:blog-0a-firewall-web-acl-cloudfront".into()), ..set.clone() }, WEB_ACL),
        ];
        assert_eq!(Distribution::diff(&set, &have(set.clone(), true, false)), Delta::Same);
        for (other, path) in table {
            let Delta::Update(changes) = Distribution::diff(&set, &have(other, true, true)) else { panic!("{path}") };
            assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [path]);
        }
        let Delta::Update(changes) = Distribution::diff(&set, &have(set.clone(), false, true)) else { panic!() };
        assert_eq!(changes[0].path, ENABLED);
    }

    #[test]
    fn it_keeps_its_names_and_its_way_to_the_origin_until_it_is_told_others() {
        let origin = |protocol| Origin::load_balancer("lb.example.com".into(), protocol);
        let set = Desired { origin: origin(Some("https-only")), names: Some(aliases("arn:old")), ..want() };
        let pending = Desired { origin: origin(None), names: None, ..want() };
        assert_eq!(Distribution::diff(&pending, &have(set.clone(), true, true)), Delta::Same);
        assert_eq!(pending.over(&set), set, "nor does another change take them away");
        let renewed = Desired { names: Some(aliases("arn:new")), ..pending };
        let Delta::Update(changes) = Distribution::diff(&renewed, &have(set, true, true)) else { panic!() };
        assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [NAMES]);
        assert_eq!(changes[0].to, "blog.example.com (arn:new, TLSv1.2_2021)");
    }

    #[test]
    fn the_secret_is_compared_by_its_digest_and_stays_while_it_is_not_known() {
        let sends = |proof: &str| want().origin.proven(Some(proof.to_owned()));
        let wanted = Desired { origin: sends("d2"), ..want() };
        let found = |origin| have(Desired { origin, ..want() }, true, true);
        for (origin, from) in [(want().origin, "60 s)"), (sends("d1"), "60 s, secret d1)")] {
            let Delta::Update(changes) = Distribution::diff(&wanted, &found(origin)) else { panic!("{from}") };
            assert_eq!((changes[0].path.as_str(), changes.len()), (ORIGIN, 1));
            assert!(changes[0].from.ends_with(from) && changes[0].to.ends_with("60 s, secret d2)"), "{changes:?}");
        }
        assert_eq!(Distribution::diff(&wanted, &found(sends("d2"))), Delta::Same);
        assert_eq!(Distribution::diff(&want(), &found(sends("d1"))), Delta::Same);
    }

    fn aliases(certificate: &str) -> Names {
        Names::aliases(["blog.example.com".to_owned()].into(), certificate.into())
    }

    #[test]
    fn somebody_elses_firewall_stays_where_ours_is_off_and_goes_where_it_is_on() {
        let found = have(Desired { web_acl: Some("arn:theirs".into()), ..want() }, true, true);
        assert_eq!(Distribution::diff(&want(), &found), Delta::Same);
        let wanted = Desired { web_acl: Some("arn:ours".into()), ..want() };
        let Delta::Update(changes) = Distribution::diff(&wanted, &found) else { panic!() };
        assert_eq!(changes[0].to_string(), "cdn.webACL found arn:theirs, wanted arn:ours");
        assert!(Distribution::holds(&found).contains(&"arn:theirs".into()));
    }

    #[test]
    fn a_change_of_behaviours_shows_only_what_differs() {
        let mut set = want();
        set.behaviours[5].viewers = "allow-all".into();
        let Delta::Update(changes) = Distribution::diff(&want(), &have(set, true, true)) else { panic!() };
        assert!(changes[0].from.starts_with("*: ") && changes[0].from.contains("allow-all"), "{}", changes[0].from);
        let mut set = want();
        set.behaviours.swap(0, 1);
        let Delta::Update(changes) = Distribution::diff(&want(), &have(set, true, true)) else { panic!() };
        assert!(changes[0].from.starts_with("/wp-login.php /wp-admin/* "), "{}", changes[0].from);
    }

    #[test]
    fn it_serves_while_it_changes_and_leaves_by_being_disabled() {
        let state = |enabled, deployed| Distribution::state(&have(want(), enabled, deployed));
        assert!(matches!(state(true, true), State::Ready(_)));
        assert!(matches!(state(true, false), State::Settling { usable: Some(_), .. }));
        assert_eq!(state(false, false), State::Leaving);
        assert!(matches!(state(false, true), State::Broken { usable: None, .. }));
    }

    #[test]
    fn it_holds_its_policies_and_its_certificate_and_the_bucket_that_it_reads() {
        let holds = Distribution::holds(&have(
            Desired { media: Some(media()), names: Some(aliases("arn:certificate")), ..want() },
            true,
            true,
        ));
        for held in ["p-pages", "p-static", "oac-1", "b-1", "arn:certificate"] {
            assert!(holds.contains(&held.into()), "{held}");
        }
    }

    #[test]
    fn personal_pages_and_administration_are_never_kept() {
        let behaviours = want().behaviours;
        let cache = |path: &str| behaviours.iter().find(|behaviour| behaviour.path == path).map(|b| b.cache.as_str());
        for path in ["/wp-admin/*", "/wp-login.php", "/wp-json/*"] {
            assert_eq!(cache(path), Some(CACHING_DISABLED), "{path}");
        }
        assert_eq!(cache("/wp-content/*"), Some("p-static"));
        assert_eq!(behaviours.last().map(|behaviour| behaviour.path.as_str()), Some(DEFAULT));
    }
}
