//! What CloudFront keeps, for how long, and by what it tells answers apart. See "Control the cache key with a policy" in
//! the Amazon CloudFront Developer Guide.
//!
//! # Caveats
//! CloudFront cannot bypass its cache on a cookie. So the cookies that make a page personal are in the key, nothing is
//! kept that the origin does not say may be kept, and to whom carries such a cookie the origin answers `no-store`.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

/// Lists.
pub const LIST: Action = Action::read("cloudfront:ListCachePolicies");
/// Reads one, with the version that writes must name.
pub const GET: Action = Action::read("cloudfront:GetCachePolicy");
/// Makes it.
pub const CREATE: Action = Action::write("cloudfront:CreateCachePolicy");
/// Changes it.
pub const UPDATE: Action = Action::write("cloudfront:UpdateCachePolicy");
/// Removes it.
pub const DELETE: Action = Action::write("cloudfront:DeleteCachePolicy");

/// The path of the change of times.
pub const TTL: &str = "cdn.staticTTLSeconds";
/// The path of the change of what answers are told apart by.
pub const CACHE_KEY: &str = "cdn.cacheKey";

/// The component of the policy for pages.
pub const PAGES: &str = "cdn/policy-pages";
/// The component of the policy for static files.
pub const STATIC: &str = "cdn/policy-static";

/// Everything that a policy can be: it takes no tags, and is found by its exact name.
pub fn keys() -> [Key; 2] {
    [Key::of(PAGES), Key::of(STATIC)]
}

/// Cookies that make a page personal.
const PERSONAL: [&str; 5] =
    ["comment_author_*", "woocommerce_*", "wordpress_logged_in_*", "wp-postpass_*", "wp_woocommerce_session_*"];

/// The kind.
#[derive(Debug, Clone)]
pub struct CachePolicy;

/// What is wanted, and what is found. All query strings and the accepted compressions are always part of the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// How long answers are kept that do not say so.
    pub ttl: Ttl,
    /// Cookies in the key; a `*` stands for any end.
    pub cookies: BTreeSet<String>,
    /// Headers in the key, in lower case.
    pub headers: BTreeSet<String>,
    /// Whether all query strings and accepted compressions are in the key.
    pub whole: bool,
}

/// Seconds for which answers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ttl {
    /// At least, whatever the origin says. Zero, or `no-store` would be ignored.
    pub least: u32,
    /// Where the origin says nothing.
    pub usual: u32,
    /// At most.
    pub most: u32,
}

impl std::fmt::Display for Ttl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{} ({})", self.least, self.most, self.usual)
    }
}

impl Desired {
    /// For pages: only what the origin says may be kept, for a day at most.
    pub fn pages() -> Self {
        Self {
            ttl: Ttl { least: 0, usual: 0, most: 86_400 },
            cookies: PERSONAL.map(String::from).into(),
            headers: ["host".to_owned()].into(),
            whole: true,
        }
    }

    /// For static files: the same for everybody, kept for so many seconds unless the origin says less.
    pub fn static_files(seconds: u32) -> Self {
        let ttl = Ttl { least: 0, usual: seconds, most: seconds };
        Self { ttl, cookies: BTreeSet::new(), headers: BTreeSet::new(), whole: true }
    }

    fn key(&self) -> String {
        let Self { ttl: _, cookies, headers, whole } = self;
        let names: Vec<&str> = cookies.iter().chain(headers).map(String::as_str).collect();
        format!("{}{}", names.join(" "), if *whole { "" } else { " (query strings or compression left out)" })
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// What it says.
    pub says: Desired,
}

impl Kind for CachePolicy {
    const NAME: &'static str = "cloudfront/cache-policy";
    const ACTIONS: &'static [Action] = &[LIST, GET, CREATE, UPDATE, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// All of it can be changed in place, and the distribution follows.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(want: &Desired, Observed { id: _, says }: &Observed) -> Delta {
        let mut changes = Changes::new();
        changes.compare(TTL, &says.ttl.to_string(), &want.ttl.to_string(), Disruption::None);
        changes.compare(CACHE_KEY, &says.key(), &want.key(), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_that_the_origin_forbids_to_keep() {
        assert_eq!(Desired::pages().ttl.least, 0);
        assert_eq!(Desired::static_files(604_800).ttl.least, 0);
    }

    #[test]
    fn diff_tells_times_from_keys() {
        let paths = |want: &Desired, says: Desired| match CachePolicy::diff(want, &Observed { id: "p-1".into(), says })
        {
            Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
            _ => vec![],
        };
        let want = Desired::static_files(604_800);
        assert!(paths(&want, want.clone()).is_empty());
        assert_eq!(paths(&want, Desired::static_files(60)), [TTL]);
        assert_eq!(paths(&want, Desired { whole: false, ..want.clone() }), [CACHE_KEY]);
        assert_eq!(paths(&want, Desired { cookies: ["a".to_owned()].into(), ..want.clone() }), [CACHE_KEY]);
        assert_eq!(paths(&Desired::pages(), want.clone()), [TTL, CACHE_KEY]);
    }
}
