//! A network that somebody else made: it is used, never changed, never deleted. See "Subnets for your load balancer" in the
//! Elastic Load Balancing documentation and "Working with a DB instance in a VPC" in the Amazon RDS User Guide: both ask
//! for subnets in at least two zones, and the load balancer for one in each zone that it sends to.

use wpc_api::WordPressClusterSpec;
use wpc_api::v1alpha1::ExistingNetwork;
use wpc_engine::Id;

use crate::{Facts, Subnet};

/// A network that is used, with one public and one private subnet in each of its zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// The VPC.
    pub vpc: Id,
    /// Its zones, by name, with the public and the private subnet of each.
    pub places: Vec<Place>,
}

/// One zone of such a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The zone.
    pub zone: String,
    /// Where the load balancer lies.
    pub public: Id,
    /// Where everything else lies.
    pub private: Id,
}

impl Existing {
    /// The names of its zones, in order.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|place| place.zone.as_str())
    }
}

/// Why the network that a spec names cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// There is no such subnet.
    #[error("network.existing names {0}, which is not there; name subnets of this account and region")]
    NoSubnet(String),
    /// A subnet lies in another VPC.
    #[error("network.existing names {subnet} of {vpc}, and {wanted} as the VPC; name subnets of one VPC")]
    OtherVpc {
        /// The subnet.
        subnet: String,
        /// Where it is.
        vpc: String,
        /// Where it should be.
        wanted: String,
    },
    /// Two subnets of one side lie in one zone.
    #[error("network.existing.{side} names {one} and {other}, both in {zone}; name one for each zone")]
    OneZone {
        /// Which of the two lists.
        side: &'static str,
        /// The one.
        one: String,
        /// The other.
        other: String,
        /// The zone.
        zone: String,
    },
    /// A zone has a subnet of one side only.
    #[error("network.existing.{side} names none in {zone}; each zone needs a public and a private subnet")]
    OneSide {
        /// The list that lacks one.
        side: &'static str,
        /// The zone.
        zone: String,
    },
    /// All subnets lie in one zone.
    #[error("network.existing names subnets in {0} alone; the load balancer and the database need two zones")]
    TooFewZones(String),
}

const PUBLIC: &str = "publicSubnetIds";
const PRIVATE: &str = "privateSubnetIds";

/// The network that a spec brings along, if it can be used.
pub(crate) fn existing(spec: &WordPressClusterSpec, facts: &Facts) -> Result<Option<Existing>, Unusable> {
    let Some(asked) = &spec.network.existing else { return Ok(None) };
    let public = side(asked, PUBLIC, &asked.public_subnet_ids, facts)?;
    let private = side(asked, PRIVATE, &asked.private_subnet_ids, facts)?;
    let mut places = vec![];
    for Subnet { id, zone, .. } in &private {
        let Some(door) = public.iter().find(|subnet| subnet.zone == *zone) else {
            return Err(Unusable::OneSide { side: PUBLIC, zone: zone.clone() });
        };
        places.push(Place { zone: zone.clone(), public: Id(door.id.clone()), private: Id(id.clone()) });
    }
    if let Some(alone) = public.iter().find(|subnet| places.iter().all(|place| place.zone != subnet.zone)) {
        return Err(Unusable::OneSide { side: PRIVATE, zone: alone.zone.clone() });
    }
    if let [only] = places.as_slice() {
        return Err(Unusable::TooFewZones(only.zone.clone()));
    }
    places.sort_by(|one, other| one.zone.cmp(&other.zone));
    Ok(Some(Existing { vpc: Id(asked.vpc_id.clone()), places }))
}

/// The subnets of one list, each in a zone of its own. Where nobody was asked, they lie in the region's zones in order.
fn side(asked: &ExistingNetwork, side: &'static str, ids: &[String], facts: &Facts) -> Result<Vec<Subnet>, Unusable> {
    let Some(found) = &facts.subnets else {
        let zones = facts.zones.iter().cloned();
        let subnet = |(id, zone): (&String, String)| Subnet { id: id.clone(), vpc: asked.vpc_id.clone(), zone };
        return Ok(ids.iter().zip(zones).map(subnet).collect());
    };
    let mut subnets: Vec<Subnet> = vec![];
    for id in ids {
        let Some(subnet) = found.iter().find(|subnet| subnet.id == *id) else {
            return Err(Unusable::NoSubnet(id.clone()));
        };
        if subnet.vpc != asked.vpc_id {
            let (vpc, wanted) = (subnet.vpc.clone(), asked.vpc_id.clone());
            return Err(Unusable::OtherVpc { subnet: id.clone(), vpc, wanted });
        }
        if let Some(other) = subnets.iter().find(|other| other.zone == subnet.zone) {
            let (one, other, zone) = (other.id.clone(), id.clone(), subnet.zone.clone());
            return Err(Unusable::OneZone { side, one, other, zone });
        }
        subnets.push(subnet.clone());
    }
    Ok(subnets)
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;

    fn spec(public: &[&str], private: &[&str]) -> WordPressClusterSpec {
        let mut spec = WordPressCluster::fixture().spec;
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let (public_subnet_ids, private_subnet_ids) = (ids(public), ids(private));
        spec.network.existing = Some(ExistingNetwork { vpc_id: "vpc-1".into(), public_subnet_ids, private_subnet_ids });
        spec
    }

    fn facts(found: &[(&str, &str, &str)]) -> Facts {
        let subnet = |(id, vpc, zone): &(&str, &str, &str)| Subnet {
            id: (*id).into(),
            vpc: (*vpc).into(),
            zone: (*zone).into(),
        };
        Facts { subnets: Some(found.iter().map(subnet).collect()), ..Facts::assumed("eu-west-1") }
    }

    #[test]
    fn subnets_are_paired_by_zone() {
        let found =
            [("pub-b", "vpc-1", "b"), ("pub-a", "vpc-1", "a"), ("pri-a", "vpc-1", "a"), ("pri-b", "vpc-1", "b")];
        let existing = existing(&spec(&["pub-b", "pub-a"], &["pri-a", "pri-b"]), &facts(&found)).unwrap().unwrap();
        let places =
            existing.places.iter().map(|place| (place.zone.as_str(), place.public.as_str(), place.private.as_str()));
        assert_eq!(places.collect::<Vec<_>>(), [("a", "pub-a", "pri-a"), ("b", "pub-b", "pri-b")]);
        assert_eq!(existing.vpc, Id::from("vpc-1"));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let found = [
            ("a1", "vpc-1", "a"),
            ("a2", "vpc-1", "a"),
            ("a3", "vpc-1", "a"),
            ("b1", "vpc-1", "b"),
            ("b2", "vpc-1", "b"),
            ("c1", "vpc-1", "c"),
            ("x", "vpc-2", "c"),
        ];
        let table: [(&[&str], &[&str], &str); 6] = [
            (&["a1", "gone"], &["a2", "b2"], "names gone, which is not there"),
            (&["a1", "x"], &["a2", "b2"], "names x of vpc-2, and vpc-1 as the VPC"),
            (&["a1", "a2"], &["a3", "b2"], "publicSubnetIds names a1 and a2, both in a"),
            (&["a1", "b1"], &["a2", "c1"], "publicSubnetIds names none in c"),
            (&["a1", "b1", "c1"], &["a2", "b2"], "privateSubnetIds names none in c"),
            (&["a1"], &["a2"], "names subnets in a alone"),
        ];
        for (public, private, said) in table {
            let error = existing(&spec(public, private), &facts(&found)).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn without_aws_the_zones_are_assumed() {
        let existing = existing(&spec(&["p1", "p2"], &["q1", "q2"]), &Facts::assumed("eu-west-1")).unwrap().unwrap();
        assert_eq!(existing.zones().collect::<Vec<_>>(), ["eu-west-1a", "eu-west-1b"]);
        assert_eq!(super::existing(&WordPressCluster::fixture().spec, &Facts::assumed("eu-west-1")), Ok(None));
    }
}
