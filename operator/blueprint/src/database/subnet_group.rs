//! The subnets that database instances may be in. See "Working with a DB instance in a VPC" in the Amazon RDS User
//! Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("rds:DescribeDBSubnetGroups");
/// Reads its tags, which no list shows.
pub const TAGS: Action = Action::read("rds:ListTagsForResource");
/// Makes it.
pub const CREATE: Action = Action::write("rds:CreateDBSubnetGroup");
/// Sets its subnets.
pub const MODIFY: Action = Action::write("rds:ModifyDBSubnetGroup");
/// Writes its tags.
pub const TAG: Action = Action::write("rds:AddTagsToResource");
/// Removes it.
pub const DELETE: Action = Action::write("rds:DeleteDBSubnetGroup");

/// The kind.
#[derive(Debug, Clone)]
pub struct SubnetGroup;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Its subnets, in at least two zones.
    pub subnets: BTreeSet<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub name: Id,
    /// Its ARN.
    pub arn: String,
    /// Its subnets.
    pub subnets: BTreeSet<Id>,
}

/// The path of the change that sets the subnets, all in one call.
pub const SUBNETS: &str = "database.subnets";

impl Kind for SubnetGroup {
    const NAME: &'static str = "rds/subnet-group";
    const ACTIONS: &'static [Action] = &[DESCRIBE, TAGS, CREATE, MODIFY, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// An instance stays in its group for ever: other subnets are set in place.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.subnets.iter().cloned().collect()
    }

    fn diff(Desired { subnets }: &Desired, have: &Observed) -> Delta {
        let Observed { name: _, arn: _, subnets: found } = have;
        let mut changes = Changes::new();
        changes.compare(SUBNETS, found, subnets, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<const N: usize>(ids: [&str; N]) -> BTreeSet<Id> {
        ids.map(Id::from).into()
    }

    #[test]
    fn it_follows_its_subnets_and_holds_them() {
        let have = Observed { name: "group".into(), arn: "arn".into(), subnets: ids(["subnet-1", "subnet-2"]) };
        assert_eq!(SubnetGroup::holds(&have), [Id::from("subnet-1"), Id::from("subnet-2")]);
        assert_eq!(SubnetGroup::state(&have), State::Ready("group".into()));
        assert_eq!(SubnetGroup::diff(&Desired { subnets: ids(["subnet-2", "subnet-1"]) }, &have), Delta::Same);
        let delta = SubnetGroup::diff(&Desired { subnets: ids(["subnet-1", "subnet-3"]) }, &have);
        assert!(matches!(delta, Delta::Update(changes) if changes[0].path == SUBNETS));
    }
}
