//! Which route table a subnet follows. See "Subnet route tables" in the Amazon VPC User Guide.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

use super::{route_table, subnet};

/// Makes it.
pub const CREATE: Action = Action::write("ec2:AssociateRouteTable");
/// Moves the subnet to another table, which gives the association another id.
pub const REPLACE: Action = Action::write("ec2:ReplaceRouteTableAssociation");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DisassociateRouteTable");

/// The path of the change that moves the subnet to another table.
pub const TABLE: &str = "network.subnet.routeTable";

/// The kind.
#[derive(Debug, Clone)]
pub struct Association;

/// What is wanted. A subnet has one association at most.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The subnet.
    pub subnet: Id,
    /// The table it follows.
    pub table: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The subnet.
    pub subnet: Id,
    /// The table it follows.
    pub table: Id,
    /// How far it is.
    pub phase: Phase,
}

/// How far an association is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// It is being made.
    Associating,
    /// The subnet follows the table.
    Associated,
    /// It will never work.
    Failed(String),
    /// It is being removed.
    Leaving,
}

/// The component's name of a subnet's association, by the subnet's side and zone: `public-a`.
pub fn name(subnet: &str) -> String {
    format!("network/association-{subnet}")
}

impl Kind for Association {
    const NAME: &'static str = "ec2/route-table-association";
    const ACTIONS: &'static [Action] = &[route_table::DESCRIBE, subnet::DESCRIBE, CREATE, REPLACE, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { subnet, table: _ }: &Desired) -> Option<String> {
        Some(digest(&[&subnet.0]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.table.clone()]
    }

    fn diff(Desired { subnet: _, table }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, subnet: _, table: found, phase: _ } = have;
        let mut changes = Changes::new();
        changes.compare(TABLE, found, table, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        match &have.phase {
            Phase::Associating => State::Settling { usable: None, reason: "Associating" },
            Phase::Associated => State::Ready(have.id.clone()),
            Phase::Failed(why) => State::Dead { message: why.clone() },
            Phase::Leaving => State::Leaving,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have(table: &str, phase: Phase) -> Observed {
        Observed { id: "rtbassoc-1".into(), subnet: "subnet-1".into(), table: table.into(), phase }
    }

    #[test]
    fn a_subnet_is_moved_in_place() {
        let want = Desired { subnet: "subnet-1".into(), table: "rtb-1".into() };
        assert_eq!(Association::diff(&want, &have("rtb-1", Phase::Associated)), Delta::Same);
        let Delta::Update(changes) = Association::diff(&want, &have("rtb-2", Phase::Associated)) else {
            panic!("another table is as wanted")
        };
        assert_eq!(changes[0].path, TABLE);
        let elsewhere = Desired { table: "rtb-2".into(), ..want.clone() };
        assert_eq!(Association::variant(&want), Association::variant(&elsewhere));
        assert_eq!(Association::holds(&have("rtb-2", Phase::Associated)), [Id::from("rtb-2")]);
    }

    #[test]
    fn only_a_finished_one_is_used() {
        let table = [
            (Phase::Associating, State::Settling { usable: None, reason: "Associating" }),
            (Phase::Associated, State::Ready("rtbassoc-1".into())),
            (Phase::Failed("no".into()), State::Dead { message: "no".into() }),
            (Phase::Leaving, State::Leaving),
        ];
        for (phase, state) in table {
            assert_eq!(Association::state(&have("rtb-1", phase)), state);
        }
    }
}
