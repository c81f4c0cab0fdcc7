//! What the plan takes: the database that is written to and the files, by their ARNs. See "Assigning resources to a backup
//! plan" in the AWS Backup Developer Guide. By tag it would take the replicas too, which carry the site's.

use std::collections::BTreeSet;

use wpc_engine::{Action, Delta, Id, Identity, Key, Kind, State, digest};

use crate::iam::PASS;

/// Lists those of one plan.
pub const LIST: Action = Action::read("backup:ListBackupSelections");
/// Makes it.
pub const CREATE: Action = Action::write("backup:CreateBackupSelection");
/// Removes it.
pub const DELETE: Action = Action::write("backup:DeleteBackupSelection");

/// The kind.
#[derive(Debug, Clone)]
pub struct Selection;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The plan that takes it.
    pub plan: Id,
    /// The ARN of the role that AWS Backup does it under.
    pub role: String,
    /// What is taken, by ARN.
    pub resources: BTreeSet<Id>,
}

/// What was found. Nothing of it can be changed, so its name says what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The plan that it belongs to.
    pub plan: Id,
}

/// The name of a selection within its plan.
pub fn name(key: &Key) -> String {
    format!("site-{}", key.variant.as_deref().unwrap_or_default())
}

/// The key of a selection that was found in a plan of ours; whatever is selected there is ours.
pub fn key(name: &str) -> Key {
    let variant = name.strip_prefix("site-").unwrap_or(name);
    Key { name: super::SELECTION.into(), variant: Some(variant.to_owned()) }
}

impl Kind for Selection {
    const NAME: &'static str = "backup/selection";
    const ACTIONS: &'static [Action] = &[super::plan::LIST, super::vault::LIST_TAGS, LIST, CREATE, PASS, DELETE];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { plan, role, resources }: &Desired) -> Option<String> {
        let parts: Vec<&str> = [plan.as_str(), role].into_iter().chain(resources.iter().map(Id::as_str)).collect();
        Some(digest(&parts))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.plan.clone()]
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
    fn its_name_says_what_it_takes() {
        let want = |files: &str| Desired {
            plan: "plan-1".into(),
            role: "arn:role".into(),
            resources: BTreeSet::from(["arn:db".into(), files.into()]),
        };
        let of = |want: &Desired| Key { name: super::super::SELECTION.into(), variant: Selection::variant(want) };
        assert_eq!(key(&name(&of(&want("arn:fs-1")))), of(&want("arn:fs-1")));
        assert_ne!(of(&want("arn:fs-1")), of(&want("arn:fs-2")));
        assert_ne!(key("by-hand"), of(&want("arn:fs-1")));
    }

    #[test]
    fn it_goes_before_its_plan() {
        let have = Observed { id: "selection-1".into(), plan: "plan-1".into() };
        assert_eq!(Selection::holds(&have), [Id::from("plan-1")]);
    }
}
