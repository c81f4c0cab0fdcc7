//! The file system that all instances share for uploads. See "Creating EFS file systems", "Amazon EFS performance
//! specifications", "Managing storage lifecycle", "Using IAM to control file system data access" and "Backing up EFS file
//! systems" in the Amazon EFS User Guide.
//!
//! It has no snapshot of its own. Where there is a vault of ours, its last copy goes there before it goes itself.

use serde_json::{Value, json};
use wpc_api::v1alpha1::ThroughputMode;
use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Kind, State};

use super::Phase;
use super::recovery_point::{self, Progress, Restore};
use crate::iam::PASS;
use crate::{backup, encryption};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticfilesystem:DescribeFileSystems");
/// Reads when files move to Infrequent Access, which the list does not show.
pub const DESCRIBE_LIFECYCLE: Action = Action::read("elasticfilesystem:DescribeLifecycleConfiguration");
/// Reads whether AWS backs it up by itself, which the list does not show.
pub const DESCRIBE_BACKUP: Action = Action::read("elasticfilesystem:DescribeBackupPolicy");
/// Reads who may mount it, which the list does not show.
pub const DESCRIBE_POLICY: Action = Action::read("elasticfilesystem:DescribeFileSystemPolicy");
/// Lists the copies of it that are or were being made.
pub const LIST_JOBS: Action = Action::read("backup:ListBackupJobs");
/// Reads how far a copy is.
pub const DESCRIBE_JOB: Action = Action::read("backup:DescribeBackupJob");
/// Makes it.
pub const CREATE: Action = Action::write("elasticfilesystem:CreateFileSystem");
/// Sets how throughput is paid for; AWS allows it once in 24 hours.
pub const UPDATE: Action = Action::write("elasticfilesystem:UpdateFileSystem");
/// Sets when files move to Infrequent Access.
pub const PUT_LIFECYCLE: Action = Action::write("elasticfilesystem:PutLifecycleConfiguration");
/// Sets whether AWS backs it up by itself.
pub const PUT_BACKUP: Action = Action::write("elasticfilesystem:PutBackupPolicy");
/// Sets who may mount it.
pub const PUT_POLICY: Action = Action::write("elasticfilesystem:PutFileSystemPolicy");
/// Begins its last copy.
pub const START_JOB: Action = Action::write("backup:StartBackupJob");
/// Takes the mark of its end off it, when it lives on, or that of a beginning that nobody wants any more.
pub const UNTAG: Action = Action::write("elasticfilesystem:UntagResource");
/// Writes tags, of file systems and access points.
pub const TAG: Action = Action::write("elasticfilesystem:TagResource");
/// Removes it, once it has no mount target.
pub const DELETE: Action = Action::write("elasticfilesystem:DeleteFileSystem");

/// The kind.
#[derive(Debug, Clone)]
pub struct FileSystem;

/// What is wanted. It is always encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// How throughput is paid for.
    pub throughput_mode: ThroughputMode,
    /// Files unread for so many days move to Infrequent Access.
    pub transition_to_ia_days: Option<u16>,
    /// The key that it is encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
    /// What it begins with, if not empty.
    pub restore: Option<Restore>,
}

/// Where its last copy can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The vault's ARN.
    pub vault: Id,
    /// The ARN of the role that AWS Backup works under.
    pub role: String,
}

/// The tag that says since when it is leaving, in seconds since 1970.
pub const LEAVING_TAG: &str = "wordpresscluster.dev/leaving-since";

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// Its ARN.
    pub arn: String,
    /// The key that it is encrypted with.
    pub key: Option<Id>,
    /// Whether it is encrypted at rest.
    pub encrypted: bool,
    /// How throughput is paid for, as AWS writes it.
    pub throughput_mode: String,
    /// Files unread for so many days move to Infrequent Access; read only while it is available.
    pub transition_to_ia_days: Option<u16>,
    /// Whether AWS backs it up by itself; read only while it is available.
    pub automatic_backups: bool,
    /// Who may mount it; read only while it is available.
    pub policy: Option<Value>,
    /// Where its last copy can go, if anywhere.
    pub home: Option<Home>,
    /// How far it is with the files that it begins with; none where it began empty.
    pub restore: Option<Progress>,
    /// Since when nobody can reach it and its last copy is made, in seconds since 1970.
    pub leaving_since: Option<i64>,
    /// Where it is in its life.
    pub phase: Phase,
}

impl Observed {
    /// Whether the files that it begins with are still to come.
    fn is_pending(&self) -> bool {
        self.restore.as_ref().is_some_and(Progress::is_pending)
    }
}

/// The path of the change of how throughput is paid for.
pub const THROUGHPUT_MODE: &str = "sharedStorage.throughputMode";
/// The path of the change of when files move to Infrequent Access.
pub const TRANSITION_TO_IA: &str = "sharedStorage.transitionToIADays";

/// The path of the change of whether AWS backs it up by itself.
pub const AUTOMATIC_BACKUPS: &str = "sharedStorage.automaticBackups";
/// The path of the change of who may mount it.
pub const POLICY: &str = "sharedStorage.policy";
/// The path of the change that says that it lives on.
pub const LEAVING: &str = "sharedStorage.leaving";

/// Who may mount a file system, by its ARN: nobody without TLS, and nobody but through an access point. Whoever may at all
/// has that from their own role; AWS Backup does not mount.
pub fn policy(arn: &str) -> Value {
    const CLIENTS: [&str; 3] =
        ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientRootAccess", "elasticfilesystem:ClientWrite"];
    let points = backup::beside(arn, "elasticfilesystem", "access-point/*");
    let deny = |sid: &str, condition: Value| {
        json!({
            "Sid": sid,
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": CLIENTS,
            "Resource": arn,
            "Condition": condition,
        })
    };
    json!({"Version": "2012-10-17", "Id": "wordpresscluster", "Statement": [
        deny("OnlyByTLS", json!({"Bool": {"aws:SecureTransport": "false"}})),
        deny("OnlyByAccessPoint", json!({"StringNotLike": {"elasticfilesystem:AccessPointArn": points}})),
    ]})
}

fn names(policy: Option<&Value>) -> String {
    let statements = policy.and_then(|policy| policy["Statement"].as_array()).into_iter().flatten();
    statements.map(|it| it["Sid"].as_str().unwrap_or("unnamed")).collect::<Vec<_>>().join(",")
}

/// A throughput mode as AWS writes it.
pub fn aws_mode(mode: ThroughputMode) -> &'static str {
    match mode {
        ThroughputMode::Elastic => "elastic",
        ThroughputMode::Bursting => "bursting",
    }
}

impl Kind for FileSystem {
    const NAME: &'static str = "efs/file-system";
    const ACTIONS: &'static [Action] = &[
        DESCRIBE,
        DESCRIBE_LIFECYCLE,
        DESCRIBE_BACKUP,
        DESCRIBE_POLICY,
        LIST_JOBS,
        DESCRIBE_JOB,
        CREATE,
        UPDATE,
        PUT_LIFECYCLE,
        PUT_BACKUP,
        PUT_POLICY,
        START_JOB,
        recovery_point::START,
        recovery_point::DESCRIBE,
        PASS,
        TAG,
        UNTAG,
        DELETE,
    ];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// It holds the site's files.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// Of the network nothing: it is its mount targets that lie there, and they go even where it is kept.
    fn holds(have: &Observed) -> Vec<Id> {
        have.key.iter().cloned().collect()
    }

    fn diff(Desired { throughput_mode, transition_to_ia_days, key, restore }: &Desired, have: &Observed) -> Delta {
        let Observed {
            id: _,
            arn,
            key: found,
            encrypted,
            throughput_mode: mode,
            transition_to_ia_days: days,
            automatic_backups,
            policy: mounts,
            home: _,
            restore: progress,
            leaving_since,
            phase: _,
        } = have;
        let mut changes = Changes::new();
        changes.refuse("sharedStorage.encrypted", encrypted, &true);
        if key.is_some() {
            changes.refuse(encryption::PATH, found, key);
        }
        changes.compare(THROUGHPUT_MODE, &mode.as_str(), &aws_mode(*throughput_mode), Disruption::None);
        changes.compare(TRANSITION_TO_IA, days, transition_to_ia_days, Disruption::None);
        // The plan of the site covers it, or nobody asked for backups.
        changes.compare(AUTOMATIC_BACKUPS, automatic_backups, &false, Disruption::None);
        let wanted = policy(arn);
        // What AWS completes beside the statements is no difference.
        if mounts.as_ref().map(|mounts| &mounts["Statement"]) != Some(&wanted["Statement"]) {
            changes.push(POLICY, names(mounts.as_ref()), names(Some(&wanted)), Disruption::None);
        }
        changes.compare(LEAVING, leaving_since, &None, Disruption::None);
        // Once: what it began with is no matter any more when the files are in.
        if let Some(progress) = progress.as_ref().filter(|progress| progress.is_pending()) {
            let wanted = restore.as_ref().map(|restore| restore.recovery_point.clone());
            changes.push(recovery_point::PATH, progress.to_string(), wanted.unwrap_or_default(), Disruption::None);
        }
        changes.delta()
    }

    /// Nobody mounts it before the files are in: an instance would make the folder for uploads, and serve it empty.
    fn state(have: &Observed) -> State<Id> {
        match have.phase {
            Phase::Available if have.is_pending() => {
                State::Broken { usable: None, message: "the files that it begins with are not in it yet".into() }
            }
            Phase::Updating if have.is_pending() => State::Settling { usable: None, reason: "Updating" },
            phase => phase.state(have.id.clone()),
        }
    }

    /// It has no snapshot of its own; only AWS Backup can leave a copy.
    fn data(have: &Observed) -> Data {
        if have.home.is_some() { Data::Copied } else { Data::Kept }
    }
}

#[cfg(test)]
mod tests {
    use wpc_engine::Removal;

    use super::*;

    const POINT: &str = "arn:aws:backup:eu-west-1:210987654321:recovery-point:1EB3B5E7-9EB0";
    const ARN: &str = "arn:aws:elasticfilesystem:eu-west-1:210987654321:file-system/fs-1";

    fn have() -> Observed {
        Observed {
            id: "fs-1".into(),
            arn: ARN.into(),
            key: None,
            encrypted: true,
            throughput_mode: "elastic".into(),
            transition_to_ia_days: Some(14),
            automatic_backups: false,
            policy: Some(policy(ARN)),
            home: None,
            restore: None,
            leaving_since: None,
            phase: Phase::Available,
        }
    }

    #[test]
    fn diff_knows_each_field() {
        let want = Desired { restore: None, ..want() };
        let table = [
            (have(), vec![]),
            (Observed { throughput_mode: "bursting".into(), ..have() }, vec![(THROUGHPUT_MODE, "bursting", "elastic")]),
            // Just made, or switched off by hand.
            (Observed { transition_to_ia_days: None, ..have() }, vec![(TRANSITION_TO_IA, "", "14")]),
            (Observed { transition_to_ia_days: Some(90), ..have() }, vec![(TRANSITION_TO_IA, "90", "14")]),
            (Observed { automatic_backups: true, ..have() }, vec![(AUTOMATIC_BACKUPS, "true", "false")]),
            (Observed { policy: None, ..have() }, vec![(POLICY, "", "OnlyByTLS,OnlyByAccessPoint")]),
            // Its end was begun, and then somebody wanted it again.
            (Observed { leaving_since: Some(7), ..have() }, vec![(LEAVING, "7", "")]),
        ];
        for (have, expected) in table {
            let found = match FileSystem::diff(&want, &have) {
                Delta::Same => vec![],
                Delta::Update(changes) => changes,
                Delta::Refused(changes) => panic!("{changes:?}"),
            };
            let found: Vec<_> = found.iter().map(|c| (c.path.as_str(), c.from.as_str(), c.to.as_str())).collect();
            assert_eq!(found, expected);
        }
        let never = Desired { transition_to_ia_days: None, ..want.clone() };
        assert!(matches!(FileSystem::diff(&never, &have()), Delta::Update(changes) if changes[0].to.is_empty()));
        let plain = Observed { encrypted: false, ..have() };
        assert!(matches!(FileSystem::diff(&want, &plain), Delta::Refused(_)));
        let own = Desired { key: Some("arn:key".into()), ..want };
        assert!(matches!(FileSystem::diff(&own, &have()), Delta::Refused(_)));
        assert_eq!(FileSystem::diff(&own, &Observed { key: own.key.clone(), ..have() }), Delta::Same);
    }

    fn want() -> Desired {
        let restore = Restore { recovery_point: POINT.into(), role: "arn:role".into() };
        let (throughput_mode, restore) = (ThroughputMode::Elastic, Some(restore));
        Desired { throughput_mode, transition_to_ia_days: Some(14), key: None, restore }
    }

    #[test]
    fn it_is_filled_once_and_nobody_mounts_it_before() {
        let with = |progress: Option<&str>| Observed { restore: progress.map(Progress::of), ..have() };
        let to = |want: &Desired, progress: &str| match FileSystem::diff(want, &with(Some(progress))) {
            Delta::Update(changes) if changes[0].path == recovery_point::PATH => changes[0].to.clone(),
            other => panic!("{other:?}"),
        };
        for progress in [recovery_point::ASKED, "job j-1"] {
            assert_eq!(to(&want(), progress), POINT);
            assert_eq!(to(&Desired { restore: None, ..want() }, progress), "", "nobody wants it any more");
            let have = with(Some(progress));
            assert!(matches!(FileSystem::state(&have), State::Broken { usable: None, .. }), "{have:?}");
            let state = FileSystem::state(&Observed { phase: Phase::Updating, ..have.clone() });
            assert_eq!(state, State::Settling { usable: None, reason: "Updating" });
            let state = FileSystem::state(&Observed { phase: Phase::Creating, ..have });
            assert_eq!(state, State::Settling { usable: None, reason: "Creating" });
        }
        // One that is full, of whatever recovery point, and one that began otherwise.
        for have in [with(Some(POINT)), with(Some("arn:another")), with(None)] {
            assert_eq!(FileSystem::diff(&want(), &have), Delta::Same);
            assert_eq!(FileSystem::state(&have), State::Ready("fs-1".into()));
        }
    }

    #[test]
    fn nobody_mounts_it_but_by_tls_and_through_an_access_point() {
        let policy = policy(ARN);
        let [tls, point] = policy["Statement"].as_array().unwrap().as_slice() else { panic!("{policy}") };
        assert!([tls, point].iter().all(|it| it["Effect"] == "Deny" && it["Resource"] == ARN), "{policy}");
        assert_eq!(tls["Condition"]["Bool"]["aws:SecureTransport"], "false");
        let points = "arn:aws:elasticfilesystem:eu-west-1:210987654321:access-point/*";
        assert_eq!(point["Condition"]["StringNotLike"]["elasticfilesystem:AccessPointArn"], points);
    }

    #[test]
    fn it_stays_until_deletion_is_confirmed_or_a_copy_of_it_can_be_kept() {
        let kept = |have: &Observed| {
            [Removal::Live, Removal::Retain, Removal::Snapshot, Removal::Delete]
                .map(|removal| removal.keeps(FileSystem::data(have)))
        };
        assert_eq!(kept(&have()), [true, true, true, false]);
        let home = Some(Home { vault: "arn:vault".into(), role: "arn:role".into() });
        assert_eq!(kept(&Observed { home, ..have() }), [true, true, false, false]);
        assert_eq!(FileSystem::holds(&have()), []);
        assert_eq!(FileSystem::holds(&Observed { key: Some("arn:key".into()), ..have() }), [Id::from("arn:key")]);
        assert_eq!(FileSystem::state(&have()), State::Ready("fs-1".into()));
    }
}
