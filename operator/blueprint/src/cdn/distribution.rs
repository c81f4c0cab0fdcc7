//! The distribution before the load balancer. See "Work with distributions" and "Delete a distribution" in the Amazon
//! CloudFront Developer Guide.
//!
//! # Assumptions
//! Its comment and its tags say whose it is; one whose comment a person has changed is not found any more.
//!
//! # Caveats
//! CloudFront deletes only what is disabled, and disabled everywhere: the first step disables it, minutes later the
//! second one deletes it. One that somebody else disables comes back by the same way.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, Output, State};

use super::media_origin::MediaOrigin;
use super::{ALL_VIEWER_AND_CLOUDFRONT_HEADERS, CACHING_DISABLED};
use crate::firewall::web_acl;

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
/// The path of the change of its firewall.
pub const WEB_ACL: &str = "cdn.webACL";
/// The path of the change that enables it again.
pub const ENABLED: &str = "cdn.enabled";

/// The kind.
#[derive(Debug, Clone)]
pub struct Distribution;

/// What is wanted of a distribution, and what is found.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Where answers come from.
    pub origin: Origin,
    /// Where uploads come from, if they do not come from there.
    pub media: Option<MediaOrigin>,
    /// What is cached where, the first match first; the last one is for everything else.
    pub behaviours: Vec<Behaviour>,
    /// Which edge locations serve.
    pub price_class: String,
    /// Who may see it.
    pub countries: Countries,
    /// `http2and3`.
    pub http: String,
    /// Whether it has IPv6 addresses.
    pub ipv6: bool,
    /// The firewall before it.
    pub web_acl: Option<Id>,
}

/// Where answers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its name.
    pub domain: String,
    /// `http-only`.
    pub protocol: String,
    /// Its port for HTTP.
    pub port: i32,
    /// Seconds to wait for an answer.
    pub read_timeout: i32,
}

/// What is cached under one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// The path's pattern; `*` for everything else.
    pub path: String,
    /// Where answers come from, by the origin's name inside the distribution.
    pub origin: String,
    /// The cache policy.
    pub cache: Id,
    /// The origin request policy.
    pub forward: Option<Id>,
    /// `redirect-to-https`.
    pub viewers: String,
    /// What may be asked.
    pub methods: BTreeSet<String>,
    /// Whether answers are compressed.
    pub compress: bool,
}

/// Who may see it: `none` for everybody, `whitelist`, `blacklist`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countries {
    /// CloudFront's word.
    pub policy: String,
    /// Two letters each.
    pub codes: BTreeSet<String>,
}

/// The load balancer's name inside a distribution.
pub const LOAD_BALANCER: &str = "load-balancer";

/// Everything else's pattern.
pub const DEFAULT: &str = "*";

impl Origin {
    /// The load balancer. Slow pages of WordPress get the longest time that CloudFront gives without being asked.
    pub fn load_balancer(domain: String) -> Self {
        Self { domain, protocol: "http-only".into(), port: 80, read_timeout: 60 }
    }
}

impl Behaviour {
    /// Everything may be asked under every path: plugins take forms under `/wp-content` too.
    pub fn new(path: &str, cache: Id) -> Self {
        let methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map(String::from).into();
        let (forward, viewers) = (Some(ALL_VIEWER_AND_CLOUDFRONT_HEADERS.into()), "redirect-to-https".into());
        Self { path: path.into(), origin: LOAD_BALANCER.into(), cache, forward, viewers, methods, compress: true }
    }

    /// What WordPress needs: administration and interfaces never cached, code and uploads as static files, everything
    /// else as pages. Without a policy for static files they are not cached either.
    pub fn of_wordpress(pages: Id, static_files: Option<Id>) -> Vec<Self> {
        let never = Id::from(CACHING_DISABLED);
        let static_files = static_files.unwrap_or_else(|| never.clone());
        vec![
            Self::new("/wp-admin/*", never.clone()),
            Self::new("/wp-login.php", never.clone()),
            Self::new("/wp-json/*", never),
            Self::new("/wp-content/*", static_files.clone()),
            Self::new("/wp-includes/*", static_files),
            Self::new(DEFAULT, pages),
        ]
    }
}

impl Countries {
    /// Everybody may.
    pub fn all() -> Self {
        Self { policy: "none".into(), codes: BTreeSet::new() }
    }
}

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
}

impl Output for DistributionOutput {
    fn unknown(node: &str) -> Self {
        let id = Id::unknown(node);
        Self { arn: id.0.clone(), domain: id.0.clone(), id }
    }
}

impl Kind for Distribution {
    const NAME: &'static str = "cloudfront/distribution";
    const ACTIONS: &'static [Action] = &[LIST, LIST_TAGS, GET, GET_CONFIG, CREATE, UPDATE, TAG, DELETE];
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
        policies.chain(media).chain(have.set.web_acl.clone()).collect()
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { origin, media, behaviours, price_class, countries, http, ipv6, web_acl } = want;
        let Observed { output: _, set, enabled, deployed: _ } = have;
        let protocols = |http: &str, ipv6: bool| format!("{http}, IPv6 {}", if ipv6 { "on" } else { "off" });
        let mut changes = Changes::new();
        let mut compare =
            |path: &str, have: String, want: String| changes.compare(path, &have, &want, Disruption::None);
        compare(ORIGIN, origins(&set.origin, set.media.as_ref()), origins(origin, media.as_ref()));
        compare(PRICE_CLASS, set.price_class.clone(), price_class.clone());
        compare(COUNTRIES, set.countries.to_string(), countries.to_string());
        compare(PROTOCOLS, protocols(&set.http, set.ipv6), protocols(http, *ipv6));
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

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { domain, protocol, port, read_timeout } = self;
        write!(f, "{domain}:{port} ({protocol}, {read_timeout} s)")
    }
}

impl std::fmt::Display for Countries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes: Vec<&str> = self.codes.iter().map(String::as_str).collect();
        write!(f, "{} {}", self.policy, codes.join(","))
    }
}

/// The behaviours that the others lack, as text; just their paths where only the order differs.
fn without(these: &[Behaviour], others: &[Behaviour]) -> String {
    let new: Vec<String> = these.iter().filter(|one| !others.contains(one)).map(Behaviour::to_string).collect();
    match new.is_empty() {
        true => these.iter().map(|one| one.path.as_str()).collect::<Vec<_>>().join(" "),
        false => new.join("; "),
    }
}

impl std::fmt::Display for Behaviour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, origin, cache, forward, viewers, methods, compress } = self;
        let forward = forward.as_ref().map_or("nothing", Id::as_str);
        let compress = if *compress { "compressed" } else { "plain" };
        let methods = methods.len();
        write!(f, "{path}: from {origin}, cache {cache}, forward {forward}, {viewers}, {methods} methods, {compress}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        Desired {
            origin: Origin::load_balancer("lb.example.com".into()),
            media: None,
            behaviours: Behaviour::of_wordpress("p-pages".into(), Some("p-static".into())),
            price_class: "PriceClass_100".into(),
            countries: Countries::all(),
            http: "http2and3".into(),
            ipv6: true,
            web_acl: None,
        }
    }

    fn media() -> MediaOrigin {
        MediaOrigin { domain: "b-1.s3.eu-west-1.amazonaws.com".into(), access_control: "oac-1".into() }
    }

    fn have(set: Desired, enabled: bool, deployed: bool) -> Observed {
        let output = DistributionOutput { id: "E1".into(), arn: "arn:1".into(), domain: "d1.example.net".into() };
        Observed { output, set, enabled, deployed }
    }

    #[test]
    fn diff_knows_each_field() {
        let set = want();
        let countries = Countries { policy: "whitelist".into(), codes: ["DE".to_owned()].into() };
        let table = [
            (Desired { origin: Origin::load_balancer("other".into()), ..set.clone() }, ORIGIN),
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
    fn it_holds_its_policies_and_the_bucket_that_it_reads() {
        let holds = Distribution::holds(&have(Desired { media: Some(media()), ..want() }, true, true));
        for held in ["p-pages", "p-static", "oac-1", "b-1"] {
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
