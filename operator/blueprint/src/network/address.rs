//! A public address that stays the same, for a NAT gateway. See "Elastic IP addresses" in the Amazon EC2 User Guide.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeAddresses");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:AllocateAddress");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:ReleaseAddress");

/// The kind.
#[derive(Debug, Clone)]
pub struct Address;

/// What is wanted: any address will do.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The allocation's id.
    pub id: Id,
}

impl Kind for Address {
    const NAME: &'static str = "ec2/address";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, DELETE];
    const IDENTITY: Identity = Identity::Neither;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(Desired: &Desired, Observed { id: _ }: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}
