//! Where backups are kept. See "Creating backup vaults" and "Deleting backups" in the AWS Backup Developer Guide.
//!
//! There is one in the site's region and, where copies are asked for, one in another region. Which regions there were is
//! written on the first one, since AWS has no list over all of them; so it goes after the others.

use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Kind, Output as Outputs, State};

use crate::encryption;

/// Lists.
pub const LIST: Action = Action::read("backup:ListBackupVaults");
/// Reads one.
pub const DESCRIBE: Action = Action::read("backup:DescribeBackupVault");
/// Reads the backups in it.
pub const LIST_POINTS: Action = Action::read("backup:ListRecoveryPointsByBackupVault");
/// Reads tags, of everything in AWS Backup.
pub const LIST_TAGS: Action = Action::read("backup:ListTags");
/// Makes it.
pub const CREATE: Action = Action::write("backup:CreateBackupVault");
/// Writes tags, of everything in AWS Backup.
pub const TAG: Action = Action::write("backup:TagResource");
/// Locks it, so that no backup goes before its time.
pub const LOCK: Action = Action::write("backup:PutBackupVaultLockConfiguration");
/// Takes the lock off.
pub const UNLOCK: Action = Action::write("backup:DeleteBackupVaultLockConfiguration");
/// Removes a backup.
pub const DELETE_POINT: Action = Action::write("backup:DeleteRecoveryPoint");
/// Removes it, once it is empty.
pub const DELETE: Action = Action::write("backup:DeleteBackupVault");
/// What AWS Backup's storage asks for, as a part of the create.
pub const MOUNT: Action = Action::write("backup-storage:MountCapsule");

/// The kind.
#[derive(Debug, Clone)]
pub struct Vault;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The region it is in, where that is not the site's.
    pub region: Option<String>,
    /// The key that its backups are encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
    /// Before how many days no backup may go; it is not locked where there are none.
    pub lock_days: Option<i64>,
}

/// The path of the change of its lock.
pub const LOCKED: &str = "backup.lockVault";

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// Its name.
    pub name: String,
    /// The key that its backups are encrypted with.
    pub key: Option<Id>,
    /// Before how many days no backup may go, if it is locked; 0 for a lock that does not say.
    pub lock_days: Option<i64>,
    /// The backups in it, whatever their state.
    pub points: usize,
    /// When the oldest complete one was begun, in seconds since 1970.
    pub oldest: Option<i64>,
    /// When the newest complete one was begun.
    pub newest: Option<i64>,
    /// The vault that knows of this one.
    pub known_by: Option<Id>,
    /// What backups are restored under: it stays as long as they do.
    pub role: Id,
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its ARN.
    pub arn: Id,
    /// Its name.
    pub name: String,
    /// When the oldest complete backup was begun, in seconds since 1970.
    pub oldest: Option<i64>,
    /// When the newest complete backup was begun.
    pub newest: Option<i64>,
}

impl Outputs for Output {
    fn unknown(node: &str) -> Self {
        let arn = Id::unknown(node);
        Self { name: arn.0.clone(), arn, oldest: None, newest: None }
    }
}

impl Kind for Vault {
    const NAME: &'static str = "backup/vault";
    const ACTIONS: &'static [Action] =
        &[LIST, DESCRIBE, LIST_POINTS, LIST_TAGS, CREATE, TAG, LOCK, UNLOCK, DELETE_POINT, DELETE, MOUNT];
    const IDENTITY: Identity = Identity::Name;
    /// It takes the last copy of what else goes.
    const LAST: bool = true;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Output;

    /// It may hold backups.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        let role = (have.points > 0).then(|| have.role.clone());
        have.key.iter().chain(&have.known_by).cloned().chain(role).collect()
    }

    fn diff(Desired { region: _, key, lock_days }: &Desired, have: &Observed) -> Delta {
        let Observed {
            arn: _,
            name: _,
            key: found,
            lock_days: locked,
            points: _,
            oldest: _,
            newest: _,
            known_by: _,
            role: _,
        } = have;
        let mut changes = Changes::new();
        if key.is_some() {
            changes.refuse(encryption::PATH, found, key);
        }
        changes.compare(LOCKED, locked, lock_days, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Output> {
        State::Ready(Output {
            arn: have.arn.clone(),
            name: have.name.clone(),
            oldest: have.oldest,
            newest: have.newest,
        })
    }

    /// It is as dear as what is in it.
    fn data(have: &Observed) -> Data {
        if have.points > 0 { Data::Kept } else { Data::None }
    }
}

#[cfg(test)]
mod tests {
    use wpc_engine::Removal;

    use super::*;

    fn have() -> Observed {
        Observed {
            arn: "arn:vault".into(),
            name: "gazette-vault".into(),
            key: Some("arn:key".into()),
            lock_days: None,
            points: 0,
            oldest: None,
            newest: None,
            known_by: None,
            role: "gazette-role".into(),
        }
    }

    #[test]
    fn it_is_kept_as_long_as_there_is_a_backup_in_it() {
        let full = Observed { points: 3, ..have() };
        let kept = |have: &Observed| {
            [Removal::Live, Removal::Retain, Removal::Snapshot, Removal::Delete]
                .map(|removal| removal.keeps(Vault::data(have)))
        };
        assert_eq!(kept(&have()), [false; 4]);
        assert_eq!(kept(&full), [true, true, true, false]);
        assert_eq!(Vault::holds(&have()), [Id::from("arn:key")]);
        assert_eq!(Vault::holds(&full), ["arn:key", "gazette-role"].map(Id::from));
        let copies = Observed { known_by: Some("arn:home".into()), key: None, ..have() };
        assert_eq!(Vault::holds(&copies), [Id::from("arn:home")]);
    }

    #[test]
    fn its_key_is_chosen_when_it_is_made() {
        let want = |key: Option<&str>| Desired { region: None, key: key.map(Id::from), lock_days: None };
        assert_eq!(Vault::diff(&want(Some("arn:key")), &have()), Delta::Same);
        assert_eq!(Vault::diff(&want(None), &have()), Delta::Same, "AWS's own has an ARN too");
        assert!(matches!(Vault::diff(&want(Some("arn:other")), &have()), Delta::Refused(_)));
        let locked = Desired { lock_days: Some(35), ..want(None) };
        assert!(matches!(Vault::diff(&locked, &have()), Delta::Update(changes) if changes[0].path == LOCKED));
        assert_eq!(Vault::diff(&locked, &Observed { lock_days: Some(35), ..have() }), Delta::Same);
    }
}
