//! One zone's public or private part of the network. See "Subnets for your VPC" in the Amazon VPC User Guide.

use ipnet::Ipv4Net;
use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeSubnets");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateSubnet");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteSubnet");

/// The kind.
#[derive(Debug, Clone)]
pub struct Subnet;

/// What is wanted. Public addresses are never given out on launch: only the load balancer and NAT gateways have one.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The network it is a part of.
    pub vpc: Id,
    /// The zone's name.
    pub zone: String,
    /// Its addresses.
    pub cidr: Ipv4Net,
}

/// What was found. Nothing of a subnet that we set can be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The network it is a part of.
    pub vpc: Id,
    /// False while it is pending.
    pub available: bool,
}

/// What every subnet's component is called, before its side and zone: `public-a`.
pub const PREFIX: &str = "network/subnet-";

impl Kind for Subnet {
    const NAME: &'static str = "ec2/subnet";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, DELETE];
    /// A second create of the same range conflicts, but says not with what.
    const IDENTITY: Identity = Identity::Neither;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { vpc, zone, cidr }: &Desired) -> Option<String> {
        Some(digest(&[&vpc.0, zone, &cidr.to_string()]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.vpc.clone()]
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        match have.available {
            true => State::Ready(have.id.clone()),
            false => State::Settling { usable: None, reason: "Pending" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_place_is_another_subnet() {
        let want = Desired { vpc: "vpc-1".into(), zone: "us-east-1a".into(), cidr: "10.42.0.0/20".parse().unwrap() };
        let others = [
            Desired { vpc: "vpc-2".into(), ..want.clone() },
            Desired { zone: "us-east-1b".into(), ..want.clone() },
            Desired { cidr: "10.42.16.0/20".parse().unwrap(), ..want.clone() },
        ];
        for other in others {
            assert_ne!(Subnet::variant(&want), Subnet::variant(&other));
        }
        assert_eq!(Subnet::variant(&want), Subnet::variant(&want.clone()));
    }

    #[test]
    fn it_holds_its_network() {
        let have = Observed { id: "subnet-1".into(), vpc: "vpc-1".into(), available: false };
        assert_eq!(Subnet::holds(&have), [Id::from("vpc-1")]);
        assert_eq!(Subnet::state(&have), State::Settling { usable: None, reason: "Pending" });
    }
}
