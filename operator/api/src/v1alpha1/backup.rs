//! `spec.backup`: backups of database and files, beside the database's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// Backups of database and files by AWS Backup, beside the database's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "!has(self.coldStorageAfterDays) || self.retentionDays >= self.coldStorageAfterDays + 90",
    "backup.retentionDays is too short: cold storage keeps a backup for 90 days at least; write coldStorageAfterDays + 90 or more",
)]))]
pub struct Backup {
    /// Makes backups.
    pub enabled: bool,

    /// When, as AWS writes schedules: minute, hour, day of month, month, day of week, year, in UTC.
    #[schemars(length(max = 100), extend("x-kubernetes-validations" = [rule(
        "self.matches('^cron[(]([0-9A-Za-z*?,/#-]+ ){5}[0-9A-Za-z*?,/#-]+[)]$')",
        "backup.schedule is none of AWS's: write six fields such as cron(0 5 * * ? *)",
    )]))]
    pub schedule: String,

    /// For how many days a backup is kept.
    #[schemars(range(min = 1, max = 36_500))]
    pub retention_days: u16,

    /// Backups move to cold storage after so many days. Left out: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36_410))]
    pub cold_storage_after_days: Option<u16>,

    /// Keeps a copy of each backup in this region too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 25), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$')",
        "backup.copyToRegion is no AWS region: write one such as us-west-2",
    )]))]
    pub copy_to_region: Option<String>,

    /// Locks the vaults: nobody deletes a backup before its time, but who may also take the lock off (AWS's governance
    /// mode).
    pub lock_vault: bool,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            enabled: true,
            schedule: "cron(0 5 * * ? *)".into(),
            retention_days: 35,
            cold_storage_after_days: None,
            copy_to_region: None,
            lock_vault: false,
        }
    }
}
