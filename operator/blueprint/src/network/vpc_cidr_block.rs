//! The network's IPv6 addresses, which Amazon gives. See "IP addressing for your VPCs and subnets" in the Amazon VPC User
//! Guide.
//!
//! They are a thing of their own, since they come and go on a living network. Those that somebody brings along from
//! another pool are left alone.

use ipnet::Ipv6Net;
use wpc_engine::{Action, Delta, Id, Identity, Kind, Output, State, digest};

use super::vpc;

/// Asks for them.
pub const CREATE: Action = Action::write("ec2:AssociateVpcCidrBlock");
/// Gives them back.
pub const DELETE: Action = Action::write("ec2:DisassociateVpcCidrBlock");

/// The component.
pub const COMPONENT: &str = "network/ipv6";

/// Where Amazon's addresses come from.
pub const POOL: &str = "Amazon";

/// The kind.
#[derive(Debug, Clone)]
pub struct VpcCidrBlock;

/// What is wanted: any range will do.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The network.
    pub vpc: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The association's id.
    pub id: Id,
    /// The network.
    pub vpc: Id,
    /// The addresses.
    pub cidr: Ipv6Net,
    /// How far they are.
    pub phase: Phase,
}

/// How far a range of addresses is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// On its way.
    Associating,
    /// There.
    Associated,
    /// It will never come.
    Failed(String),
    /// On its way out.
    Leaving,
}

/// What dependants learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range(pub Ipv6Net);

impl Output for Range {
    /// Addresses that lead nowhere: "IPv6 Address Prefix Reserved for Documentation", RFC 3849.
    fn unknown(_: &str) -> Self {
        Self(Ipv6Net::new_assert(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 56))
    }
}

impl Kind for VpcCidrBlock {
    const NAME: &'static str = "ec2/vpc-cidr-block";
    const ACTIONS: &'static [Action] = &[vpc::DESCRIBE, CREATE, DELETE];
    const IDENTITY: Identity = Identity::Neither;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Range;

    fn variant(Desired { vpc }: &Desired) -> Option<String> {
        Some(digest(&[&vpc.0]))
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

    fn state(have: &Observed) -> State<Range> {
        match &have.phase {
            Phase::Associated => State::Ready(Range(have.cidr)),
            Phase::Associating => State::Settling { usable: None, reason: "Associating" },
            Phase::Failed(why) => State::Dead { message: why.clone() },
            Phase::Leaving => State::Leaving,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_learn_the_addresses_once_they_are_there() {
        let cidr: Ipv6Net = "2001:db8:42::/56".parse().unwrap();
        let have = |phase| Observed { id: "vpc-cidr-assoc-1".into(), vpc: "vpc-1".into(), cidr, phase };
        let table = [
            (Phase::Associating, State::Settling { usable: None, reason: "Associating" }),
            (Phase::Associated, State::Ready(Range(cidr))),
            (Phase::Failed("no".into()), State::Dead { message: "no".into() }),
            (Phase::Leaving, State::Leaving),
        ];
        for (phase, state) in table {
            assert_eq!(VpcCidrBlock::state(&have(phase)), state);
        }
        assert_eq!(VpcCidrBlock::holds(&have(Phase::Leaving)), [Id::from("vpc-1")]);
        let (one, other) = (Desired { vpc: "vpc-1".into() }, Desired { vpc: "vpc-2".into() });
        assert_ne!(VpcCidrBlock::variant(&one), VpcCidrBlock::variant(&other));
    }
}
