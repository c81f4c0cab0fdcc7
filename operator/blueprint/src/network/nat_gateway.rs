//! The way out of private subnets. See "NAT gateways" in the Amazon VPC User Guide.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeNatGateways");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateNatGateway");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteNatGateway");

/// The kind.
#[derive(Debug, Clone)]
pub struct NatGateway;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The public subnet it stands in.
    pub subnet: Id,
    /// Its public address.
    pub address: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The subnet it stands in.
    pub subnet: Id,
    /// Its public address.
    pub address: Option<Id>,
    /// The internet gateway of its network, which cannot be detached while an address is mapped behind it.
    pub internet_gateway: Option<Id>,
    /// How far it is.
    pub phase: Phase,
}

/// How far a NAT gateway is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// It is being made.
    Pending,
    /// It works.
    Available,
    /// It will never work; AWS removes it within the hour.
    Failed(String),
    /// It is being removed.
    Deleting,
}

impl Kind for NatGateway {
    const NAME: &'static str = "ec2/nat-gateway";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, DELETE];
    const IDENTITY: Identity = Identity::Token;
    /// Old and new would share one address.
    const COEXISTS: bool = false;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// Nothing of it can be changed in place.
    fn variant(Desired { subnet, address }: &Desired) -> Option<String> {
        Some(digest(&[&subnet.0, &address.0]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        let Observed { id: _, subnet, address, internet_gateway, phase: _ } = have;
        [Some(subnet), address.as_ref(), internet_gateway.as_ref()].into_iter().flatten().cloned().collect()
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        match &have.phase {
            Phase::Available => State::Ready(have.id.clone()),
            Phase::Pending => State::Settling { usable: None, reason: "Pending" },
            Phase::Deleting => State::Leaving,
            Phase::Failed(why) => State::Dead { message: why.clone() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have(phase: Phase) -> Observed {
        let internet_gateway = Some("igw-1".into());
        Observed {
            id: "nat-1".into(),
            subnet: "subnet-1".into(),
            address: Some("eip-1".into()),
            internet_gateway,
            phase,
        }
    }

    #[test]
    fn only_an_available_one_is_used() {
        let table = [
            (Phase::Pending, State::Settling { usable: None, reason: "Pending" }),
            (Phase::Available, State::Ready("nat-1".into())),
            (Phase::Failed("no".into()), State::Dead { message: "no".into() }),
            (Phase::Deleting, State::Leaving),
        ];
        for (phase, state) in table {
            assert_eq!(NatGateway::state(&have(phase)), state);
        }
    }

    #[test]
    fn it_holds_what_it_stands_on() {
        let ids = ["subnet-1", "eip-1", "igw-1"].map(Id::from);
        assert_eq!(NatGateway::holds(&have(Phase::Deleting)), ids);
        let want = Desired { subnet: "subnet-1".into(), address: "eip-1".into() };
        let other = Desired { address: "eip-2".into(), ..want.clone() };
        assert_ne!(NatGateway::variant(&want), NatGateway::variant(&other));
    }
}
