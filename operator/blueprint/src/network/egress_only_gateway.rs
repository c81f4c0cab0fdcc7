//! The way out of private subnets for IPv6, which lets nobody in and costs nothing. See "Egress-only internet gateways" in
//! the Amazon VPC User Guide.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeEgressOnlyInternetGateways");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateEgressOnlyInternetGateway");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteEgressOnlyInternetGateway");

/// The kind.
#[derive(Debug, Clone)]
pub struct EgressOnlyGateway;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The network that it leads out of.
    pub vpc: Id,
}

/// What was found. Nothing of it can be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The network that it leads out of.
    pub vpc: Option<Id>,
    /// Whether it is on its way out.
    pub leaving: bool,
}

impl Kind for EgressOnlyGateway {
    const NAME: &'static str = "ec2/egress-only-internet-gateway";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, DELETE];
    const IDENTITY: Identity = Identity::Token;
    /// A network has one.
    const COEXISTS: bool = false;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { vpc }: &Desired) -> Option<String> {
        Some(digest(&[&vpc.0]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.vpc.clone().into_iter().collect()
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        match have.leaving {
            true => State::Leaving,
            false => State::Ready(have.id.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_belongs_to_one_network() {
        let have = |leaving| Observed { id: "eigw-1".into(), vpc: Some("vpc-1".into()), leaving };
        assert_eq!(EgressOnlyGateway::state(&have(false)), State::Ready("eigw-1".into()));
        assert_eq!(EgressOnlyGateway::state(&have(true)), State::Leaving);
        assert_eq!(EgressOnlyGateway::holds(&have(true)), [Id::from("vpc-1")]);
        let (one, other) = (Desired { vpc: "vpc-1".into() }, Desired { vpc: "vpc-2".into() });
        assert_ne!(EgressOnlyGateway::variant(&one), EgressOnlyGateway::variant(&other));
    }
}
