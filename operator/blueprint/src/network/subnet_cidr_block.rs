//! A subnet's IPv6 addresses, a part of its network's. See "IP addressing for your VPCs and subnets" in the Amazon VPC
//! User Guide.

use ipnet::Ipv6Net;
use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

use super::vpc_cidr_block::Phase;
use super::{subnet, vpc};

/// Gives them to the subnet.
pub const CREATE: Action = Action::write("ec2:AssociateSubnetCidrBlock");
/// Takes them away.
pub const DELETE: Action = Action::write("ec2:DisassociateSubnetCidrBlock");

/// The kind.
#[derive(Debug, Clone)]
pub struct SubnetCidrBlock;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The subnet.
    pub subnet: Id,
    /// Its addresses.
    pub cidr: Ipv6Net,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The association's id.
    pub id: Id,
    /// The subnet.
    pub subnet: Id,
    /// Its addresses.
    pub cidr: Ipv6Net,
    /// What they are a part of.
    pub network: Option<Id>,
    /// How far they are.
    pub phase: Phase,
}

/// The component's name of the addresses of a subnet, by its side and zone: `public-a`.
pub fn name(subnet: &str) -> String {
    format!("network/ipv6-{subnet}")
}

impl Kind for SubnetCidrBlock {
    const NAME: &'static str = "ec2/subnet-cidr-block";
    const ACTIONS: &'static [Action] = &[subnet::DESCRIBE, vpc::DESCRIBE, CREATE, DELETE];
    const IDENTITY: Identity = Identity::Name;
    /// A subnet has one range.
    const COEXISTS: bool = false;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { subnet, cidr }: &Desired) -> Option<String> {
        Some(digest(&[&subnet.0, &cidr.to_string()]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        [&have.subnet].into_iter().chain(&have.network).cloned().collect()
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        match &have.phase {
            Phase::Associated => State::Ready(have.id.clone()),
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
    fn only_addresses_that_are_there_are_used() {
        let cidr: Ipv6Net = "2001:db8:42:1::/64".parse().unwrap();
        let have = |phase| Observed {
            id: "subnet-cidr-assoc-1".into(),
            subnet: "subnet-1".into(),
            cidr,
            network: Some("vpc-cidr-assoc-1".into()),
            phase,
        };
        let table = [
            (Phase::Associating, State::Settling { usable: None, reason: "Associating" }),
            (Phase::Associated, State::Ready("subnet-cidr-assoc-1".into())),
            (Phase::Failed("no".into()), State::Dead { message: "no".into() }),
            (Phase::Leaving, State::Leaving),
        ];
        for (phase, state) in table {
            assert_eq!(SubnetCidrBlock::state(&have(phase)), state);
        }
        assert_eq!(SubnetCidrBlock::holds(&have(Phase::Leaving)), ["subnet-1", "vpc-cidr-assoc-1"].map(Id::from));
        let want = Desired { subnet: "subnet-1".into(), cidr };
        let others = [
            Desired { subnet: "subnet-2".into(), ..want.clone() },
            Desired { cidr: Ipv6Net::default(), ..want.clone() },
        ];
        assert!(others.iter().all(|other| SubnetCidrBlock::variant(other) != SubnetCidrBlock::variant(&want)));
    }
}
