//! What AWS Backup may do, in the site's name. See "IAM service roles" and "Managed policies for AWS Backup" in the AWS
//! Backup Developer Guide.

use crate::iam::{ServiceRole, Wearer};

/// The kind.
pub type Role = ServiceRole<AwsBackup>;

/// AWS Backup, which makes backups and restores them.
pub enum AwsBackup {}

impl Wearer for AwsBackup {
    const NAME: &'static str = "iam/backup-role";
    const COMPONENT: &'static str = super::ROLE;
    const PATH: &'static str = "backup.role";
    const DESCRIPTION: &'static str = "What AWS Backup may do for a WordPressCluster";
    const SERVICE: &'static str = "backup.amazonaws.com";
    const POLICIES: &'static [&'static str] =
        &["service-role/AWSBackupServiceRolePolicyForBackup", "service-role/AWSBackupServiceRolePolicyForRestores"];
    /// The last copy of what else goes is made under it.
    const LAST: bool = true;
}
