//! Where a subnet's traffic goes. See "Route tables" in the Amazon VPC User Guide.
//!
//! Its [routes](super::route) and [associations](super::association) are things of their own.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeRouteTables");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateRouteTable");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteRouteTable");

/// The kind.
#[derive(Debug, Clone)]
pub struct RouteTable;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The network it is for.
    pub vpc: Id,
}

/// What was found. Nothing of the table itself can be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The network it is for.
    pub vpc: Id,
}

const PREFIX: &str = "network/route-table-";

/// The component's name of the table of some subnets: `public`, `private-a`.
pub fn name(subnets: &str) -> String {
    format!("{PREFIX}{subnets}")
}

/// The subnets that a table's component is for.
pub fn subnets(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)
}

impl Kind for RouteTable {
    const NAME: &'static str = "ec2/route-table";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, DELETE];
    const IDENTITY: Identity = Identity::Token;
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
        vec![have.vpc.clone()]
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_belongs_to_one_network_and_says_to_which_subnets() {
        let (one, two) = (Desired { vpc: "vpc-1".into() }, Desired { vpc: "vpc-2".into() });
        assert_ne!(RouteTable::variant(&one), RouteTable::variant(&two));
        assert_eq!(RouteTable::holds(&Observed { id: "rtb-1".into(), vpc: "vpc-1".into() }), [Id::from("vpc-1")]);
        assert_eq!(subnets(&name("private-a")), Some("private-a"));
        assert_eq!(subnets("network/vpc"), None);
    }
}
