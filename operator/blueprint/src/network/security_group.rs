//! The firewall of one part of the stack. See "Security groups for your VPC" in the Amazon VPC User Guide.
//!
//! # Guarantees
//! What a group allows is exactly its [rules](super::security_group_rule), each a thing of its own: the rule that lets
//! everything out, which AWS puts into every new group, goes at once.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeSecurityGroups");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateSecurityGroup");
/// Removes the rule that a new group comes with.
pub const CLOSE: Action = Action::write("ec2:RevokeSecurityGroupEgress");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteSecurityGroup");

/// The kind.
#[derive(Debug, Clone)]
pub struct SecurityGroup;

/// What is wanted. Its name derives from its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The network it is for.
    pub vpc: Id,
    /// What people read beside it.
    pub description: String,
}

/// What was found. Nothing of a group can be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The network it is for.
    pub vpc: Id,
}

/// What every group's component is called, before its part of the stack: `web`.
const PREFIX: &str = "network/security-group-";

/// The component's name of a part's group.
pub fn name(part: &str) -> String {
    format!("{PREFIX}{part}")
}

/// The part of the stack that a group's component is for.
pub fn part(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)
}

impl Kind for SecurityGroup {
    const NAME: &'static str = "ec2/security-group";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, CLOSE, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// Another wording is not worth another group.
    fn variant(Desired { vpc, description: _ }: &Desired) -> Option<String> {
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
    fn a_group_belongs_to_one_network() {
        let want = Desired { vpc: "vpc-1".into(), description: "one".into() };
        let moved = Desired { vpc: "vpc-2".into(), ..want.clone() };
        let reworded = Desired { description: "two".into(), ..want.clone() };
        assert_ne!(SecurityGroup::variant(&want), SecurityGroup::variant(&moved));
        assert_eq!(SecurityGroup::variant(&want), SecurityGroup::variant(&reworded));
        let have = Observed { id: "sg-1".into(), vpc: "vpc-1".into() };
        assert_eq!(SecurityGroup::holds(&have), [Id::from("vpc-1")]);
        assert_eq!(SecurityGroup::state(&have), State::Ready("sg-1".into()));
    }

    #[test]
    fn a_components_name_tells_its_part() {
        assert_eq!(part(&name("web")), Some("web"));
        assert_eq!(part("network/vpc"), None);
    }
}
