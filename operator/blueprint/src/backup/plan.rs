//! When backups are made and how long they are kept. See "Creating a backup plan" and "Backup plan options and
//! configuration" in the AWS Backup Developer Guide.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

/// Lists, without what the plans say.
pub const LIST: Action = Action::read("backup:ListBackupPlans");
/// Reads what one says.
pub const GET: Action = Action::read("backup:GetBackupPlan");
/// Makes it.
pub const CREATE: Action = Action::write("backup:CreateBackupPlan");
/// Changes it.
pub const UPDATE: Action = Action::write("backup:UpdateBackupPlan");
/// Removes it, once nothing is selected.
pub const DELETE: Action = Action::write("backup:DeleteBackupPlan");

/// The name of its one rule.
pub const RULE: &str = "site";

/// The kind.
#[derive(Debug, Clone)]
pub struct Plan;

/// What a plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Where backups are kept, by name.
    pub vault: String,
    /// When they are made: `cron(0 5 * * ? *)`.
    pub schedule: String,
    /// For how many days they are kept.
    pub retention_days: i64,
    /// After how many days they move to cold storage; kinds of things that have none stay where they are.
    pub cold_days: Option<i64>,
    /// The ARN of the vault that gets a copy of each.
    pub copies: Option<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// Its ARN, which its tags are read and written by.
    pub arn: String,
    /// How many rules it has: one is ours.
    pub rules: usize,
    /// What its first rule says.
    pub says: Option<Desired>,
    /// The vault's ARN.
    pub vault: Option<Id>,
}

/// The path of the change of when backups are made.
pub const SCHEDULE: &str = "backup.schedule";
/// The path of the change of how long they are kept.
pub const RETENTION: &str = "backup.retentionDays";
/// The path of the change of when they move to cold storage.
pub const COLD: &str = "backup.coldStorageAfterDays";
/// The path of the change of where copies go.
pub const COPIES: &str = "backup.copyToRegion";

impl Kind for Plan {
    const NAME: &'static str = "backup/plan";
    const ACTIONS: &'static [Action] = &[LIST, GET, super::vault::LIST_TAGS, CREATE, UPDATE, super::vault::TAG, DELETE];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// AWS would let the vaults go, and the next backup would fail.
    fn holds(have: &Observed) -> Vec<Id> {
        let copies = have.says.as_ref().and_then(|says| says.copies.as_ref());
        have.vault.iter().chain(copies).cloned().collect()
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, arn: _, rules, says, vault: _ } = have;
        let mut changes = Changes::new();
        changes.compare("backup.rules", rules, &1, Disruption::None);
        if let Some(Desired { vault, schedule, retention_days, cold_days, copies }) = says {
            changes.compare(SCHEDULE, schedule, &want.schedule, Disruption::None);
            changes.compare(RETENTION, retention_days, &want.retention_days, Disruption::None);
            changes.compare(COLD, cold_days, &want.cold_days, Disruption::None);
            changes.compare(COPIES, copies, &want.copies, Disruption::None);
            changes.compare("backup.vault", vault, &want.vault, Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        Desired {
            vault: "gazette-vault".into(),
            schedule: "cron(0 5 * * ? *)".into(),
            retention_days: 35,
            cold_days: None,
            copies: Some("arn:copies".into()),
        }
    }

    fn have(says: Desired) -> Observed {
        let vault = Some("arn:vault".into());
        Observed { id: "plan-1".into(), arn: "arn:plan".into(), rules: 1, says: Some(says), vault }
    }

    fn paths(have: &Observed) -> Vec<String> {
        match Plan::diff(&want(), have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|c| c.path).collect(),
        }
    }

    #[test]
    fn diff_knows_each_field() {
        let table = [
            (want(), vec![]),
            (Desired { vault: "other".into(), ..want() }, vec!["backup.vault"]),
            (Desired { schedule: "cron(0 6 * * ? *)".into(), ..want() }, vec![SCHEDULE]),
            (Desired { retention_days: 7, ..want() }, vec![RETENTION]),
            (Desired { cold_days: Some(30), ..want() }, vec![COLD]),
            (Desired { copies: None, ..want() }, vec![COPIES]),
        ];
        for (says, expected) in table {
            assert_eq!(paths(&have(says)), expected);
        }
        assert_eq!(paths(&Observed { rules: 2, ..have(want()) }), ["backup.rules"]);
        assert_eq!(paths(&Observed { rules: 0, says: None, ..have(want()) }), ["backup.rules"]);
    }

    #[test]
    fn it_holds_the_vaults_that_it_writes_to() {
        assert_eq!(Plan::holds(&have(want())), ["arn:vault", "arn:copies"].map(Id::from));
    }
}
