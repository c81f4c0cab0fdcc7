//! `spec.sharedStorage`: the file system that all instances share for uploads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{quantity::Size, schema::rule};

/// The file system that all instances share for uploads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "has(self.restoreFrom) == has(oldSelf.restoreFrom) && (!has(self.restoreFrom) || self.restoreFrom == oldSelf.restoreFrom)",
    "sharedStorage.restoreFrom is immutable: files are restored when the file system is made; create another WordPressCluster",
), rule(
    "!has(self.restoreFrom) || (self.type == 'EBS' && has(self.restoreFrom.snapshotId)) || (self.type == 'EFS' && has(self.restoreFrom.recoveryPointArn))",
    "sharedStorage.restoreFrom does not fit the type: write snapshotId with EBS, recoveryPointArn with EFS, or leave it out",
), rule(
    "!isQuantity(self.size) || quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0",
    "sharedStorage.size cannot shrink: keep the old size or a larger one",
)]))]
pub struct SharedStorage {
    /// `EFS`: a file system for all instances. `EBS`: a disk for the only one. `None`: uploads go to S3. Immutable.
    #[serde(rename = "type")]
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self == oldSelf",
        "sharedStorage.type is immutable: create another WordPressCluster with the new type and move the files",
    )]))]
    pub kind: SharedStorageType,

    /// The size of the disk, 1Gi to 16Ti, with `EBS`. It never shrinks.
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self.matches('^[1-9][0-9]{0,4}(Gi|Ti)$') && quantity(self).compareTo(quantity('1Gi')) >= 0 && quantity(self).compareTo(quantity('16Ti')) <= 0",
        "sharedStorage.size is none: write one from 1Gi to 16Ti, such as 50Gi",
    )]))]
    pub size: Size,

    /// `Elastic` pays for what is read and written; `Bursting` earns throughput with size.
    pub throughput_mode: ThroughputMode,

    /// Files unread for so many days move to Infrequent Access: 1, 7, 14, 30, 60, 90, 180, 270 or 365. Null: never.
    #[serde(rename = "transitionToIADays")]
    #[schemars(range(min = 1, max = 365), extend("x-kubernetes-validations" = [rule(
        "self in [1, 7, 14, 30, 60, 90, 180, 270, 365]",
        "sharedStorage.transitionToIADays is none of EFS's: write 1, 7, 14, 30, 60, 90, 180, 270, 365 or null",
    )]))]
    pub transition_to_ia_days: Option<u16>,

    /// Begins with the files of a recovery point, or of a disk's snapshot. Immutable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_from: Option<StorageRestore>,
}

impl SharedStorage {
    /// The recovery point that a file system begins with.
    pub fn recovery_point(&self) -> Option<&str> {
        let from = self.restore_from.as_ref().filter(|_| self.kind == SharedStorageType::Efs);
        from?.recovery_point_arn.as_deref()
    }
}

impl Default for SharedStorage {
    fn default() -> Self {
        Self {
            kind: SharedStorageType::default(),
            size: Size::gibibytes(50),
            throughput_mode: ThroughputMode::default(),
            transition_to_ia_days: Some(30),
            restore_from: None,
        }
    }
}

/// What holds uploads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SharedStorageType {
    /// Amazon Elastic File System.
    #[default]
    #[serde(rename = "EFS")]
    Efs,
    /// An Amazon EBS volume.
    #[serde(rename = "EBS")]
    Ebs,
    /// Nothing: uploads go to S3.
    None,
}

/// How a file system's throughput is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ThroughputMode {
    /// By what is read and written.
    #[default]
    Elastic,
    /// By size.
    Bursting,
}

/// Where the first files come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "has(self.recoveryPointArn) != has(self.snapshotId)",
    "sharedStorage.restoreFrom needs either recoveryPointArn, with EFS, or snapshotId, with EBS",
)]))]
pub struct StorageRestore {
    /// A recovery point of AWS Backup, with `EFS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), extend("x-kubernetes-validations" = [rule(
        "self.matches('^arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:recovery-point:[A-Za-z0-9-]+$')",
        "sharedStorage.restoreFrom.recoveryPointArn is no recovery point's ARN: copy it from AWS Backup",
    )]))]
    pub recovery_point_arn: Option<String>,
    /// A snapshot of a disk, with `EBS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [rule(
        "self.matches('^snap-[0-9a-f]{8,17}$')",
        "sharedStorage.restoreFrom.snapshotId is no snapshot's id: copy it from EC2",
    )]))]
    pub snapshot_id: Option<String>,
}
