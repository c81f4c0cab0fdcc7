use std::collections::BTreeMap;

use wpc_api::WordPressClusterSpec;
use wpc_engine::Id;

use crate::bootstrap::{self, Family};
use crate::existing::{self, Existing, Unusable};
use crate::{NoPlace, Stack, ZonePlan, plan};

/// What a plan depends on beside the spec: what AWS says of a region, and what the operator was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The region's availability zones, by name.
    pub zones: Vec<String>,
    /// What was found of the subnets that the spec brings along; none where nobody was asked.
    pub subnets: Option<Vec<Subnet>>,
    /// AWS's list of the addresses that CloudFront calls origins from, where the region has one.
    pub cdn_ranges: Option<Id>,
    /// The ARN of the policy that says how much a role of ours can be allowed at most.
    pub boundary: Option<String>,
}

/// A subnet that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// The VPC it is in.
    pub vpc: String,
    /// Its availability zone.
    pub zone: String,
}

/// The name of that list. See "AWS-managed prefix lists" in the Amazon VPC User Guide.
pub const CDN_RANGES: &str = "com.amazonaws.global.cloudfront.origin-facing";

impl Facts {
    /// What a region probably has, for plans without AWS.
    pub fn assumed(region: &str) -> Self {
        let zones = ('a'..='f').map(|letter| format!("{region}{letter}")).collect();
        Self { zones, cdn_ranges: Some("pl-cloudfront".into()), boundary: None, subnets: None }
    }
}

/// Everything that a stack is built from: the spec, whose stack it is, and where things lie. Pure.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// What the user asked for.
    pub spec: WordPressClusterSpec,
    /// Whose it is.
    pub stack: Stack,
    /// The zones the stack spreads over, with their addresses, in order.
    pub zones: Vec<Zone>,
    /// The network that is used in place of one of its own.
    pub existing: Option<Existing>,
    /// The addresses that CloudFront calls from, where the region has a list of them.
    pub cdn_ranges: Option<Id>,
    /// How much a role can be allowed at most.
    pub boundary: Option<String>,
}

/// One zone of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// `us-east-1a`.
    pub name: String,
    /// `a`: what component names end in.
    pub letter: String,
    /// Its addresses.
    pub plan: ZonePlan,
}

/// A spec that no stack can be built from, though its schema allows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// A zone has no place in the address plan.
    #[error(transparent)]
    NoPlace(#[from] NoPlace),
    /// The network that the spec brings along cannot be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The region has fewer zones than asked for.
    #[error("network.availabilityZones asks for {wanted} zones, {region} has {}: {}; ask for fewer", zones.len(), zones.join(", "))]
    TooFewZones {
        /// How many were asked for.
        wanted: usize,
        /// The region.
        region: String,
        /// What it has.
        zones: Vec<String>,
    },
    /// A release of WordPress whose checksum is not known here.
    #[error(
        "wordpress.version {version} is no release that this operator knows the checksum of: write one of {known}, or give the archive with its sha256 in wordpress.source"
    )]
    UnknownRelease {
        /// The release.
        version: String,
        /// What is known.
        known: String,
    },
    /// A version of PHP that the image's family does not package.
    #[error("wordpress.php.version: {family} has no PHP {version}; write one of {}, or leave it out", known.join(", "))]
    NoSuchPhp {
        /// The version.
        version: String,
        /// The family.
        family: &'static str,
        /// What it has.
        known: &'static [&'static str],
    },
    /// Two named zones would have one place.
    #[error("network.availabilityZones names {one} and {other}; each zone must end in a letter of its own")]
    OnePlace {
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// A named zone does not exist there.
    #[error("network.availabilityZones names {zone}, {region} has {}", zones.join(", "))]
    NoSuchZone {
        /// The zone.
        zone: String,
        /// The region.
        region: String,
        /// What it has.
        zones: Vec<String>,
    },
}

impl Blueprint {
    /// The blueprint of a stack, or what makes it impossible.
    pub fn new(spec: WordPressClusterSpec, stack: Stack, facts: &Facts) -> Result<Self, Impossible> {
        release(&spec)?;
        php(&spec)?;
        let existing = existing::existing(&spec, facts)?;
        let names = match &existing {
            Some(existing) => existing.zones().map(str::to_owned).collect(),
            None => names(&spec, facts)?,
        };
        let zones = zones(&spec, names)?;
        let Facts { zones: _, subnets: _, cdn_ranges, boundary } = facts.clone();
        Ok(Self { spec, stack, zones, existing, cdn_ranges, boundary })
    }

    /// The user's tags.
    pub fn tags(&self) -> BTreeMap<String, String> {
        self.spec.tags.clone()
    }
}

/// Whether the release can be fetched: it is known, or the source is named.
fn release(spec: &WordPressClusterSpec) -> Result<(), Impossible> {
    match &spec.wordpress.version {
        Some(version) if spec.wordpress.source.is_none() && bootstrap::release(version).is_none() => {
            let known: Vec<_> = bootstrap::RELEASES.iter().map(|release| release.version).collect();
            Err(Impossible::UnknownRelease { version: version.clone(), known: known.join(", ") })
        }
        _ => Ok(()),
    }
}

/// Whether the image's family packages the version of PHP.
fn php(spec: &WordPressClusterSpec) -> Result<(), Impossible> {
    let image = spec.compute.image.family;
    let (family, version) = (Family::of(image), spec.wordpress.php.version(image));
    match family.versions.contains(&version) {
        true => Ok(()),
        false => Err(Impossible::NoSuchPhp { version: version.into(), family: family.title, known: family.versions }),
    }
}

/// The zones asked for by name, or the first ones of the region. Names are sorted, so the choice is the same in every
/// pass; a zone that AWS adds comes last.
fn names(spec: &WordPressClusterSpec, facts: &Facts) -> Result<Vec<String>, Impossible> {
    let asked = &spec.network.availability_zones;
    let region = || spec.region.clone();
    let mut all = facts.zones.clone();
    all.sort();
    let names = match asked.names() {
        Some(names) => names.to_vec(),
        None => all.iter().take(asked.count()).cloned().collect(),
    };
    if names.len() < asked.count() {
        return Err(Impossible::TooFewZones { wanted: asked.count(), region: region(), zones: all });
    }
    if let Some(zone) = names.iter().find(|name| !all.contains(name)) {
        return Err(Impossible::NoSuchZone { zone: zone.clone(), region: region(), zones: all });
    }
    Ok(names)
}

/// Each zone with its letter, which names its components, and its place in the stack's own network.
fn zones(spec: &WordPressClusterSpec, names: Vec<String>) -> Result<Vec<Zone>, Impossible> {
    for (index, one) in names.iter().enumerate() {
        let same = |other: &&String| other.chars().last() == one.chars().last();
        if let Some(other) = names[index + 1..].iter().find(same) {
            return Err(Impossible::OnePlace { one: one.clone(), other: other.clone() });
        }
    }
    let zone = |name: String| {
        let plan = plan(spec.network.cidr, &name)?;
        let letter = name.chars().last().map(String::from).unwrap_or_default();
        Ok(Zone { name, letter, plan })
    };
    names.into_iter().map(zone).collect()
}
