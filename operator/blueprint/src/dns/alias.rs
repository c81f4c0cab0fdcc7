//! One of the site's names: the records that lead visitors to it. See "Choosing between alias and non-alias records",
//! "Latency-based routing" and "Geolocation routing" in the Amazon Route 53 Developer Guide.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

use super::{CHANGE_RECORDS, LIST_RECORDS, LIST_ZONES};
use wpc_api::v1alpha1::RoutingPolicy;

/// CloudFront's zone, for alias records to any distribution.
pub const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";

/// The types of record that lead to the site: by IPv4, and by IPv6.
pub const TYPES: [&str; 2] = ["A", "AAAA"];

/// The path of the change of how one of several sites is chosen.
pub const ROUTING: &str = "dns.routing";

/// Continents; all other codes are countries.
const CONTINENTS: [&str; 7] = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"];

/// The component of a name.
pub fn component(domain: &str) -> String {
    format!("dns/{domain}")
}

/// The path of the change of the records of a type.
pub fn path(kind: &str) -> String {
    format!("dns.{kind}")
}

/// The kind.
#[derive(Debug, Clone)]
pub struct Alias;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The hosted zone.
    pub zone: Id,
    /// The name.
    pub domain: String,
    /// What each of its records says.
    pub record: Record,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it leads.
    pub target: Target,
    /// How it is chosen among those of other sites.
    pub routing: Routing,
    /// Whose health decides whether it is answered at all.
    pub health_check: Option<Id>,
}

/// Where a record leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The hosted zone of the target's name.
    pub zone: String,
    /// The target's name, in lower case and without its last dot.
    pub name: String,
    /// Whether the target's own health counts. CloudFront has none.
    pub evaluate: bool,
}

impl Target {
    /// A load balancer.
    pub fn load_balancer(zone: String, name: &str) -> Self {
        Self { zone, name: name.to_ascii_lowercase(), evaluate: true }
    }

    /// A distribution.
    pub fn distribution(name: &str) -> Self {
        Self { zone: CLOUDFRONT_ZONE.into(), name: name.to_ascii_lowercase(), evaluate: false }
    }
}

/// How one of several sites of one name is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routing {
    /// There is only one.
    Simple,
    /// The nearest; this one is in a region.
    Latency(String),
    /// By the visitor's place; this one serves a place.
    Geolocation(Place),
}

impl Routing {
    /// As a spec asks for it.
    pub fn of(spec: &wpc_api::v1alpha1::Routing, region: &str) -> Self {
        match spec.policy {
            RoutingPolicy::Simple => Self::Simple,
            RoutingPolicy::Latency => Self::Latency(region.to_owned()),
            RoutingPolicy::Geolocation => Self::Geolocation(Place::of(spec.location.as_deref().unwrap_or("*"))),
        }
    }
}

/// Where visitors are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On a continent.
    Continent(String),
    /// In a country; `*` is all that no other record names.
    Country(String),
}

impl Place {
    fn of(code: &str) -> Self {
        match CONTINENTS.contains(&code) {
            true => Self::Continent(code.to_owned()),
            false => Self::Country(code.to_owned()),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The name.
    pub domain: String,
    /// Its records by type; what is no alias is not understood, and is not there.
    pub records: BTreeMap<String, Option<Record>>,
    /// How the TXT record beside them is chosen, which must be as they are.
    pub mark: Option<Routing>,
}

impl Kind for Alias {
    const NAME: &'static str = "route53/alias";
    const ACTIONS: &'static [Action] = &[LIST_ZONES, LIST_RECORDS, CHANGE_RECORDS];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = ();

    /// The zone itself: where its records are must be known from the key.
    fn variant(Desired { zone, domain: _, record: _ }: &Desired) -> Option<String> {
        Some(zone.0.clone())
    }

    fn id(have: &Observed) -> Id {
        Id(have.domain.clone())
    }

    fn holds(have: &Observed) -> Vec<Id> {
        let checks: BTreeSet<&Id> =
            have.records.values().flatten().filter_map(|record| record.health_check.as_ref()).collect();
        checks.into_iter().cloned().collect()
    }

    fn diff(Desired { zone: _, domain: _, record }: &Desired, have: &Observed) -> Delta {
        let Observed { domain: _, records, mark } = have;
        let mut changes = Changes::new();
        let routing = |routing: &Routing| routing.to_string();
        changes.compare(ROUTING, &mark.as_ref().map(routing), &Some(routing(&record.routing)), Disruption::None);
        for kind in TYPES {
            let found = records.get(kind).cloned().flatten().map(|record| record.to_string());
            changes.compare(&path(kind), &found, &Some(record.to_string()), Disruption::None);
        }
        changes.delta()
    }

    fn state(_: &Observed) -> State<()> {
        State::Ready(())
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target: Target { zone, name, evaluate }, routing, health_check } = self;
        let health = if *evaluate { ", if healthy" } else { "" };
        let check = health_check.as_ref().map(|check| format!(", checked by {check}")).unwrap_or_default();
        write!(f, "{name} in {zone} ({routing}{health}{check})")
    }
}

impl fmt::Display for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simple => f.write_str("simple"),
            Self::Latency(region) => write!(f, "nearest to {region}"),
            Self::Geolocation(Place::Continent(code)) => write!(f, "for continent {code}"),
            Self::Geolocation(Place::Country(code)) => write!(f, "for country {code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let target = Target::load_balancer("Z35SXDOTRQ7X7K".into(), "LB-1.us-east-1.elb.amazonaws.com");
        Record { target, routing: Routing::Latency("us-east-1".into()), health_check: Some("check-1".into()) }
    }

    fn have(records: [Option<Record>; 2], mark: Option<Routing>) -> Observed {
        let records = TYPES.map(String::from).into_iter().zip(records).collect();
        Observed { domain: "www.example.com".into(), records, mark }
    }

    #[test]
    fn each_record_is_compared_as_a_whole() {
        let want = Desired { zone: "Z1".into(), domain: "www.example.com".into(), record: record() };
        let same = || have([Some(record()), Some(record())], Some(record().routing));
        assert_eq!(Alias::diff(&want, &same()), Delta::Same);
        let other = Record { target: Target::distribution("d1.cloudfront.net"), ..record() };
        let unchecked = Record { health_check: None, ..record() };
        let table = [
            (have([Some(other), Some(record())], Some(record().routing)), "dns.A"),
            (have([Some(record()), None], Some(record().routing)), "dns.AAAA"),
            (have([Some(unchecked), Some(record())], Some(record().routing)), "dns.A"),
            (have([Some(record()), Some(record())], Some(Routing::Simple)), ROUTING),
        ];
        for (found, path) in table {
            let Delta::Update(changes) = Alias::diff(&want, &found) else { panic!("{path}") };
            assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [path]);
        }
        assert_eq!(Alias::holds(&same()), [Id::from("check-1")], "one check, held once");
    }

    #[test]
    fn a_place_is_a_continent_or_a_country() {
        let of = |location: &str| {
            let spec =
                wpc_api::v1alpha1::Routing { policy: RoutingPolicy::Geolocation, location: Some(location.into()) };
            Routing::of(&spec, "eu-west-1").to_string()
        };
        assert_eq!(["EU", "DE", "*"].map(of), ["for continent EU", "for country DE", "for country *"]);
    }
}
