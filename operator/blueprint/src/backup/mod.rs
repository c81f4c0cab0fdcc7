//! Backups of database and files beside their own: an AWS Backup vault, a plan, what the plan takes, and the role that AWS
//! Backup does it under.

pub mod plan;
pub mod role;
pub mod selection;
pub mod vault;

/// The component of the vault in the site's own region.
pub const VAULT: &str = "backup/vault";
/// The role's component.
pub const ROLE: &str = "backup/role";
/// The plan's component.
pub const PLAN: &str = "backup/plan";
/// The component of what the plan takes.
pub const SELECTION: &str = "backup/selection";

/// The component of the vault that copies go to.
pub fn copies(region: &str) -> String {
    format!("{VAULT}-{region}")
}

/// An ARN in the partition, region and account of another.
pub fn beside(arn: &str, service: &str, resource: &str) -> String {
    let mut parts = arn.split(':').skip(1);
    let partition = parts.next().unwrap_or("aws");
    let (region, account) = (parts.nth(1).unwrap_or_default(), parts.next().unwrap_or_default());
    format!("arn:{partition}:{service}:{region}:{account}:{resource}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_lies_beside_another() {
        let vault = "arn:aws-cn:backup:cn-north-1:210987654321:backup-vault:gazette";
        let files = "arn:aws-cn:elasticfilesystem:cn-north-1:210987654321:file-system/fs-1";
        assert_eq!(beside(vault, "elasticfilesystem", "file-system/fs-1"), files);
        assert_eq!(copies("us-west-2"), "backup/vault-us-west-2");
    }
}
