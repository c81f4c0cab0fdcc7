//! Keys and backups.

use super::{
    Ended, Mirror, ROW, Read, Reply, Row, Row as R, STATES, States, Tags, Under, create, delete, error, modify, read,
};
use crate::gateway::protocol::service::{BACKUP, KMS};

const BACKUP_TAGS: &str = "ListTags";

/// The job that makes a recovery point.
const JOB: Mirror = Mirror {
    id: "RecoveryPointArn",
    states: States { path: "State", creating: "RUNNING", hidden: &["CompletionDate"], ..STATES },
};

pub(super) const ROWS: &[Row] = &[
    R {
        kind: "kms/key",
        service: KMS,
        id: "KeyId",
        reads: &[read("ListKeys", "Keys/*", &[]), read("DescribeKey", "KeyMetadata", &["KeyId"])],
        creates: &[create("CreateKey", "KeyMetadata", "", 0)],
        deletes: &[delete("ScheduleKeyDeletion", "KeyId", 0, Reply::Bare)],
        missing: error(400, "NotFoundException"),
        tags: Tags::Asked { action: "ListResourceTags", param: "KeyId", of: "KeyId", items: "Tags/*" },
        // It stays listed for weeks; and a service's own keys come with their first use.
        ended: Some(Ended {
            action: "DescribeKey",
            param: "KeyId",
            says: &[("KeyMetadata/KeyState", "PendingDeletion"), ("KeyMetadata/KeyManager", "AWS")],
        }),
        ..ROW
    },
    R {
        kind: "backup/vault",
        service: BACKUP,
        id: "BackupVaultName",
        reads: &[
            read("ListBackupVaults", "BackupVaultList/*", &[]),
            read("DescribeBackupVault", "", &["BackupVaultName"]),
        ],
        creates: &[create("CreateBackupVault", "", "", 0)],
        deletes: &[delete("DeleteBackupVault", "BackupVaultName", 0, Reply::Bare)],
        missing: error(400, "ResourceNotFoundException"),
        tags: Tags::Asked { action: BACKUP_TAGS, param: "ResourceArn", of: "BackupVaultArn", items: "Tags" },
        ..ROW
    },
    R {
        kind: "backup/plan",
        service: BACKUP,
        id: "BackupPlanId",
        reads: &[read("ListBackupPlans", "BackupPlansList/*", &[]), read("GetBackupPlan", "", &["BackupPlanId"])],
        creates: &[create("CreateBackupPlan", "", "", 0)],
        modifies: &[modify("UpdateBackupPlan", "BackupPlanId", "", 0)],
        deletes: &[delete("DeleteBackupPlan", "BackupPlanId", 0, Reply::Bare)],
        missing: error(400, "ResourceNotFoundException"),
        tags: Tags::Asked { action: BACKUP_TAGS, param: "ResourceArn", of: "BackupPlanArn", items: "Tags" },
        ..ROW
    },
    R {
        kind: "backup/selection",
        service: BACKUP,
        id: "SelectionId",
        reads: &[read("ListBackupSelections", "BackupSelectionsList/*", &[])],
        creates: &[create("CreateBackupSelection", "", "", 0)],
        deletes: &[delete("DeleteBackupSelection", "SelectionId", 0, Reply::Bare)],
        under: Some(Under { kind: "backup/plan", param: "BackupPlanId" }),
        owner: Some(("backup/plan", "BackupPlanId")),
        ..ROW
    },
    R {
        kind: "backup/recovery-point",
        service: BACKUP,
        id: "RecoveryPointArn",
        reads: &[
            read("ListRecoveryPointsByBackupVault", "RecoveryPoints/*", &[]),
            Read { mirror: Some(JOB), ..read("ListBackupJobs", "BackupJobs/*", &[]) },
            Read { mirror: Some(JOB), ..read("DescribeBackupJob", "", &[]) },
        ],
        creates: &[create("StartBackupJob", "", "", 300)],
        deletes: &[delete("DeleteRecoveryPoint", "RecoveryPointArn", 0, Reply::Bare)],
        states: Some(States { path: "Status", creating: "CREATING", ..STATES }),
        missing: error(400, "ResourceNotFoundException"),
        under: Some(Under { kind: "backup/vault", param: "BackupVaultName" }),
        owner: Some(("backup/vault", "BackupVaultName")),
        ..ROW
    },
    R {
        kind: "backup/restore-job",
        service: BACKUP,
        id: "RestoreJobId",
        reads: &[read("ListRestoreJobs", "RestoreJobs/*", &[]), read("DescribeRestoreJob", "", &["RestoreJobId"])],
        creates: &[create("StartRestoreJob", "", "", 600)],
        states: Some(States {
            path: "Status",
            creating: "RUNNING",
            hidden: &["CompletionDate", "PercentDone", "StatusMessage"],
            ..STATES
        }),
        missing: error(400, "ResourceNotFoundException"),
        // A job is listed for weeks after its end.
        ended: Some(Ended {
            action: "DescribeRestoreJob",
            param: "RestoreJobId",
            says: &[("Status", "COMPLETED"), ("Status", "FAILED"), ("Status", "ABORTED")],
        }),
        ..ROW
    },
];
