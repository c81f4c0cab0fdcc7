//! How instances wear a role. See "Instance profiles" in the IAM User Guide.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

use crate::iam::PASS;

/// Reads it, role and tags included.
pub const GET: Action = Action::read("iam:GetInstanceProfile");
/// Makes it.
pub const CREATE: Action = Action::write("iam:CreateInstanceProfile");
/// Puts the role in.
pub const ADD_ROLE: Action = Action::write("iam:AddRoleToInstanceProfile");
/// Takes a role out.
pub const REMOVE_ROLE: Action = Action::write("iam:RemoveRoleFromInstanceProfile");
/// Writes tags, also at creation.
pub const TAG: Action = Action::write("iam:TagInstanceProfile");
/// Removes it.
pub const DELETE: Action = Action::write("iam:DeleteInstanceProfile");

/// The kind.
#[derive(Debug, Clone)]
pub struct InstanceProfile;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The role's name.
    pub role: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub id: Id,
    /// The name of the role in it; AWS allows one.
    pub role: Option<Id>,
}

/// The path of the change of the role in it.
pub const ROLE: &str = "compute.profile.role";

impl Kind for InstanceProfile {
    const NAME: &'static str = "iam/instance-profile";
    const ACTIONS: &'static [Action] = &[GET, CREATE, ADD_ROLE, REMOVE_ROLE, TAG, DELETE, PASS];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.role.iter().cloned().collect()
    }

    fn diff(Desired { role }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, role: found } = have;
        let mut changes = Changes::new();
        changes.compare(ROLE, found, &Some(role.clone()), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_wears_the_wanted_role() {
        let want = Desired { role: "gazette-web".into() };
        let have = |role: Option<&str>| Observed { id: "gazette-profile".into(), role: role.map(Id::from) };
        assert_eq!(InstanceProfile::diff(&want, &have(Some("gazette-web"))), Delta::Same);
        for other in [None, Some("another")] {
            assert!(matches!(InstanceProfile::diff(&want, &have(other)), Delta::Update(list) if list[0].path == ROLE));
        }
        assert_eq!(InstanceProfile::holds(&have(Some("gazette-web"))), [Id::from("gazette-web")]);
        assert_eq!(InstanceProfile::state(&have(None)), State::Ready("gazette-profile".into()));
    }
}
