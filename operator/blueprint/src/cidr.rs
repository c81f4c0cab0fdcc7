//! The address plan: where each zone's subnets lie in the stack's network.

use ipnet::{Ipv4Net, Ipv6Net};

/// The addresses of one zone.
///
/// The network is cut into eight blocks, one for each zone letter, so a zone that is added later moves no other. Half
/// of a block is private, a quarter public (the load balancer's /27 in the smallest network), and a quarter is spare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZonePlan {
    /// The instances', the database's, the cache's and the file system's addresses.
    pub private: Ipv4Net,
    /// The load balancer's and the NAT gateway's addresses.
    pub public: Ipv4Net,
    /// Room to grow.
    pub spare: Ipv4Net,
}

/// A zone that has no place in the plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// The zone's name does not end in a letter from a to h.
    #[error("zone {0:?} does not end in a letter from a to h; name other zones in network.availabilityZones")]
    Zone(String),
    /// The network is too small or too large.
    #[error("network {0} is not between /16 and /22")]
    Size(Ipv4Net),
}

/// The addresses of a zone in a network of /16 to /22.
pub fn plan(network: Ipv4Net, zone: &str) -> Result<ZonePlan, NoPlace> {
    let letter = zone.bytes().last().filter(u8::is_ascii_lowercase).map(|letter| usize::from(letter - b'a'));
    let index = letter.filter(|index| *index < 8).ok_or_else(|| NoPlace::Zone(zone.to_owned()))?;
    if !(16..=22).contains(&network.prefix_len()) {
        return Err(NoPlace::Size(network));
    }
    let part = |net: Ipv4Net, bits: u8, index: usize| {
        let mut parts = net.subnets(net.prefix_len() + bits).expect("a /22 leaves room for six bits more");
        parts.nth(index).expect("the index is within the bits")
    };
    let block = part(network.trunc(), 3, index);
    Ok(ZonePlan { private: part(block, 1, 0), public: part(block, 2, 2), spare: part(block, 2, 3) })
}

/// The IPv6 addresses of a zone's private or public subnet: a /64 of the network's, at the place that its IPv4 addresses
/// have among the eight zones'.
pub fn ipv6(network: Ipv6Net, letter: &str, public: bool) -> Ipv6Net {
    let zone = letter.bytes().last().unwrap_or(b'a').saturating_sub(b'a');
    let index = u128::from(zone) * 4 + if public { 2 } else { 0 };
    let address = u128::from(network.network()) | (index << 64);
    Ipv6Net::new_assert(address.into(), 64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_zone_keeps_its_block() {
        let plan = plan("10.42.0.0/16".parse().unwrap(), "us-east-1b").unwrap();
        assert_eq!(plan.private.to_string(), "10.42.32.0/20");
        assert_eq!(plan.public.to_string(), "10.42.48.0/21");
        assert_eq!(plan.spare.to_string(), "10.42.56.0/21");
    }

    #[test]
    fn each_subnet_has_a_range_of_its_own() {
        let network: Ipv6Net = "2001:db8:42:ff00::/56".parse().unwrap();
        let zones = ('a'..='h').flat_map(|zone| [(zone, false), (zone, true)]);
        let nets: Vec<_> = zones.map(|(zone, public)| ipv6(network, &zone.to_string(), public)).collect();
        assert_eq!(
            (nets[2].to_string(), nets[3].to_string()),
            ("2001:db8:42:ff04::/64".into(), "2001:db8:42:ff06::/64".into())
        );
        for (index, one) in nets.iter().enumerate() {
            assert!(network.contains(one) && !nets[index + 1..].contains(one), "{one}");
        }
    }

    #[test]
    fn what_has_no_place_is_said() {
        let network = "10.42.0.0/16".parse().unwrap();
        assert_eq!(plan(network, "us-east-1z"), Err(NoPlace::Zone("us-east-1z".into())));
        let small = "10.42.0.0/24".parse().unwrap();
        assert_eq!(plan(small, "us-east-1a"), Err(NoPlace::Size(small)));
    }

    proptest! {
        #[test]
        fn no_two_subnets_overlap(prefix in 16u8..=22, address in any::<u32>()) {
            let network = Ipv4Net::new(address.into(), prefix).unwrap().trunc();
            let plans: Vec<_> = ('a'..='h').map(|zone| plan(network, &format!("eu-west-1{zone}")).unwrap()).collect();
            let nets: Vec<_> = plans.iter().flat_map(|p| [p.private, p.public, p.spare]).collect();
            for (index, one) in nets.iter().enumerate() {
                prop_assert!(network.contains(one));
                // ALB subnets need a /27.
                prop_assert!(one.prefix_len() <= 27);
                for other in &nets[index + 1..] {
                    prop_assert!(!one.contains(other) && !other.contains(one), "{one} {other}");
                }
            }
        }
    }
}
