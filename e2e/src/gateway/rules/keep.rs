//! Keys and backups.

use super::{Check, Look, Rule, text};
use crate::gateway::protocol::service::{BACKUP, KMS};
use crate::gateway::protocol::{Request, Tree};

const KEY: Rule = Rule { service: KMS, about: "kms/key", code: "KMSInvalidStateException", ..Rule::NONE };
const VAULT: Rule = Rule { service: BACKUP, about: "backup/vault", code: "InvalidRequestException", ..Rule::NONE };

const THE_KEY: Look = Look::one("kms/key", "KeyId", "KeyId");

pub(super) const RULES: &[Rule] = &[
    Rule {
        actions: &["ScheduleKeyDeletion", "EnableKey", "EnableKeyRotation", "TagResource"],
        when: "it waits for its end",
        check: Check::Seen(THE_KEY, ending),
        page: "key-state: Pending deletion",
        ..KEY
    },
    Rule {
        actions: &["CancelKeyDeletion"],
        when: "it does not wait for its end",
        check: Check::Seen(THE_KEY, |request, key| {
            let waits = ending(request, key).is_some();
            (!waits).then(|| format!("{} is not pending deletion.", text(key, "Arn")))
        }),
        page: "key-state: Enabled, Disabled",
        ..KEY
    },
    Rule {
        actions: &["EnableKeyRotation"],
        code: "DisabledException",
        when: "it is switched off",
        check: Check::Seen(THE_KEY, |_, key| {
            (text(key, "KeyState") == "Disabled").then(|| format!("{} is disabled.", text(key, "Arn")))
        }),
        page: "API_EnableKeyRotation: DisabledException",
        ..KEY
    },
    Rule {
        actions: &["DeleteBackupVault"],
        when: "there is a backup in it",
        check: Check::Held { what: "backup/vault", param: "BackupVaultName" },
        page: "deleting-a-vault: contains recovery points",
        ..VAULT
    },
    Rule {
        about: "backup/plan",
        actions: &["DeleteBackupPlan"],
        when: "something is selected",
        check: Check::Held { what: "backup/plan", param: "BackupPlanId" },
        page: "API_DeleteBackupPlan: after all associated selections",
        ..VAULT
    },
    Rule {
        about: "efs/file-system",
        actions: &["StartRestoreJob"],
        code: "InvalidParameterValueException",
        when: "the file system that it restores into is not there, or not available",
        check: Check::Needs(
            Look::one("efs/file-system", "*.file-system-id", "FileSystemId"),
            |files| text(files, "LifeCycleState") == "available",
            "Provided file system is not available.",
        ),
        page: "restoring-efs: newFileSystem false, file-system-id; API_StartRestoreJob: InvalidParameterValueException",
        ..VAULT
    },
];

fn ending(_: &Request, key: &Tree) -> Option<String> {
    (text(key, "KeyState") == "PendingDeletion").then(|| format!("{} is pending deletion.", text(key, "Arn")))
}
