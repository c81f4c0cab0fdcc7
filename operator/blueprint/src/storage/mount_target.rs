//! The file system's address in one zone. See "Creating mount targets" and "Managing mount targets" in the Amazon EFS
//! User Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State, digest};

use super::Phase;

/// Lists those of one file system, and reads.
pub const DESCRIBE: Action = Action::read("elasticfilesystem:DescribeMountTargets");
/// Reads its security groups, which the list does not show.
pub const DESCRIBE_GROUPS: Action = Action::read("elasticfilesystem:DescribeMountTargetSecurityGroups");
/// Makes it.
pub const CREATE: Action = Action::write("elasticfilesystem:CreateMountTarget");
/// Sets its security groups.
pub const MODIFY_GROUPS: Action = Action::write("elasticfilesystem:ModifyMountTargetSecurityGroups");
/// Removes it.
pub const DELETE: Action = Action::write("elasticfilesystem:DeleteMountTarget");

/// The kind.
#[derive(Debug, Clone)]
pub struct MountTarget;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Whose address it is.
    pub file_system: Id,
    /// Where its network interface lies.
    pub subnet: Id,
    /// Who may talk to it.
    pub security_groups: BTreeSet<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// Whose address it is.
    pub file_system: Id,
    /// Where its network interface lies.
    pub subnet: Id,
    /// Who may talk to it; empty while AWS does not say.
    pub security_groups: BTreeSet<Id>,
    /// Where it is in its life.
    pub phase: Phase,
}

/// The path of the change of its security groups.
pub const SECURITY_GROUPS: &str = "sharedStorage.securityGroups";

/// The component's name, by its zone's letter.
pub fn name(letter: &str) -> String {
    format!("storage/mount-target-{letter}")
}

/// The key of a mount target that was found. It takes no tags: the file system says whose it is, its place which.
pub fn key(zone: &str, file_system: &Id, subnet: &Id) -> Key {
    let letter = zone.chars().last().map(String::from).unwrap_or_default();
    Key { name: name(&letter), variant: Some(variant(file_system, subnet)) }
}

fn variant(file_system: &Id, subnet: &Id) -> String {
    digest(&[&file_system.0, &subnet.0])
}

impl Kind for MountTarget {
    const NAME: &'static str = "efs/mount-target";
    const ACTIONS: &'static [Action] = &[DESCRIBE, DESCRIBE_GROUPS, CREATE, MODIFY_GROUPS, DELETE];
    /// A file system has one in each zone; a second conflicts.
    const IDENTITY: Identity = Identity::Name;
    const COEXISTS: bool = false;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { file_system, subnet, security_groups: _ }: &Desired) -> Option<String> {
        Some(variant(file_system, subnet))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// Its network interface lies in the subnet and wears the groups; it lingers for minutes.
    fn holds(have: &Observed) -> Vec<Id> {
        let place = [have.file_system.clone(), have.subnet.clone()];
        place.into_iter().chain(have.security_groups.iter().cloned()).collect()
    }

    fn diff(Desired { file_system: _, subnet: _, security_groups }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, file_system: _, subnet: _, security_groups: found, phase: _ } = have;
        let mut changes = Changes::new();
        changes.compare(SECURITY_GROUPS, found, security_groups, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        have.phase.state(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have() -> Observed {
        Observed {
            id: "fsmt-1".into(),
            file_system: "fs-1".into(),
            subnet: "subnet-1".into(),
            security_groups: BTreeSet::from(["sg-1".into()]),
            phase: Phase::Available,
        }
    }

    fn want() -> Desired {
        Desired { file_system: "fs-1".into(), subnet: "subnet-1".into(), security_groups: have().security_groups }
    }

    #[test]
    fn it_is_known_by_its_place() {
        let found = key("eu-west-1b", &"fs-1".into(), &"subnet-1".into());
        assert_eq!(found, Key { name: name("b"), variant: MountTarget::variant(&want()) });
        let moved = Desired { subnet: "subnet-2".into(), ..want() };
        assert_ne!(MountTarget::variant(&moved), found.variant);
    }

    #[test]
    fn it_holds_what_its_interface_touches() {
        assert_eq!(MountTarget::holds(&have()), ["fs-1", "subnet-1", "sg-1"].map(Id::from));
    }

    #[test]
    fn its_groups_change_in_place() {
        assert_eq!(MountTarget::diff(&want(), &have()), Delta::Same);
        let other = Observed { security_groups: BTreeSet::from(["sg-2".into()]), ..have() };
        let Delta::Update(changes) = MountTarget::diff(&want(), &other) else { panic!("no change") };
        assert_eq!((changes[0].path.as_str(), changes[0].to.as_str()), (SECURITY_GROUPS, "sg-1"));
    }
}
