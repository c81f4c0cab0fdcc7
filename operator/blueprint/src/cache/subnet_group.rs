//! The subnets that the cache's nodes may lie in. See "Subnets and subnet groups" in the Amazon ElastiCache User Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

use super::replication_group::{LIST_TAGS, TAG};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticache:DescribeCacheSubnetGroups");
/// Makes it.
pub const CREATE: Action = Action::write("elasticache:CreateCacheSubnetGroup");
/// Gives it other subnets.
pub const MODIFY: Action = Action::write("elasticache:ModifyCacheSubnetGroup");
/// Removes it, once no node uses it.
pub const DELETE: Action = Action::write("elasticache:DeleteCacheSubnetGroup");

/// The path of the change that gives it back the subnets that somebody else took out.
pub const SUBNETS: &str = "cache.subnets";

/// The kind.
#[derive(Debug, Clone)]
pub struct SubnetGroup;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The subnets.
    pub subnets: BTreeSet<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: Id,
    /// Its ARN, which its tags are read and written by.
    pub arn: String,
    /// The subnets.
    pub subnets: BTreeSet<Id>,
}

impl Kind for SubnetGroup {
    const NAME: &'static str = "elasticache/subnet-group";
    const ACTIONS: &'static [Action] = &[DESCRIBE, LIST_TAGS, CREATE, TAG, MODIFY, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// AWS takes no subnet out of a group in which a node lies, so other subnets are another group, and another cache.
    fn variant(Desired { subnets }: &Desired) -> Option<String> {
        Some(digest(&subnets.iter().map(Id::as_str).collect::<Vec<_>>()))
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.subnets.iter().cloned().collect()
    }

    fn diff(Desired { subnets }: &Desired, Observed { name: _, arn: _, subnets: found }: &Observed) -> Delta {
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

    #[test]
    fn other_subnets_are_another_group() {
        let group = |subnets: &[&str]| Desired { subnets: subnets.iter().map(|id| Id::from(*id)).collect() };
        let variant = |subnets: &[&str]| SubnetGroup::variant(&group(subnets));
        assert_eq!(variant(&["subnet-1", "subnet-2"]), variant(&["subnet-2", "subnet-1"]));
        assert_ne!(variant(&["subnet-1", "subnet-2"]), variant(&["subnet-1"]));
        let wanted = group(&["subnet-1", "subnet-2"]);
        let less = Observed { name: "subnets".into(), arn: "arn".into(), subnets: [Id::from("subnet-1")].into() };
        assert!(matches!(SubnetGroup::diff(&wanted, &less), Delta::Update(changes) if changes[0].path == SUBNETS));
        let Desired { subnets } = wanted;
        let have = Observed { name: "subnets".into(), arn: "arn".into(), subnets };
        assert_eq!(SubnetGroup::holds(&have), ["subnet-1", "subnet-2"].map(Id::from));
        assert_eq!(SubnetGroup::state(&have), State::Ready("subnets".into()));
    }
}
