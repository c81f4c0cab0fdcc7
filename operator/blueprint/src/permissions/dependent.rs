//! What AWS asks for beside the call itself: permissions that no call of ours has the name of. Each page of the "Actions,
//! resources, and condition keys for AWS services" lists them as dependent actions; some stand only in user guides.

/// One such permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependent {
    /// The call.
    pub of: &'static str,
    /// What it needs.
    pub needs: &'static str,
    /// The service that it is for: whom a role is passed to, or whose role is made.
    pub service: Option<&'static str>,
    /// Why.
    pub why: &'static str,
}

const fn needs(of: &'static str, needs: &'static str, why: &'static str) -> Dependent {
    Dependent { of, needs, service: None, why }
}

/// A service makes itself a role the first time that an account uses it.
const fn own_role(of: &'static str, service: &'static str) -> Dependent {
    Dependent {
        of,
        needs: "iam:CreateServiceLinkedRole",
        service: Some(service),
        why: "the service's own role, made with the first one in an account",
    }
}

const fn pass(of: &'static str, service: &'static str, why: &'static str) -> Dependent {
    Dependent { of, needs: "iam:PassRole", service: Some(service), why }
}

/// Every dependent permission, by the call that needs it.
pub const DEPENDENT: &[Dependent] = &[
    needs("budgets:DescribeBudget", "budgets:ViewBudget", "the permission's name"),
    needs("budgets:CreateBudget", "budgets:ModifyBudget", "the permission's name"),
    needs("budgets:UpdateBudget", "budgets:ModifyBudget", "the permission's name"),
    needs("budgets:DeleteBudget", "budgets:ModifyBudget", "the permission's name"),
    needs("autoscaling:CreateAutoScalingGroup", "ec2:RunInstances", "Auto Scaling starts instances of the template"),
    needs("autoscaling:CreateAutoScalingGroup", "ec2:CreateTags", "the instances carry the group's tags"),
    pass("autoscaling:CreateAutoScalingGroup", "ec2.amazonaws.com", "the instances wear the role of their profile"),
    own_role("autoscaling:CreateAutoScalingGroup", "autoscaling.amazonaws.com"),
    needs("autoscaling:UpdateAutoScalingGroup", "ec2:RunInstances", "another template is tried"),
    pass("autoscaling:UpdateAutoScalingGroup", "ec2.amazonaws.com", "the instances wear the role of their profile"),
    needs("autoscaling:StartInstanceRefresh", "ec2:RunInstances", "a refresh starts instances of another template"),
    pass("autoscaling:StartInstanceRefresh", "ec2.amazonaws.com", "the instances wear the role of their profile"),
    pass("iam:AddRoleToInstanceProfile", "ec2.amazonaws.com", "a profile is how an instance gets its role"),
    pass("ec2:CreateLaunchTemplate", "ec2.amazonaws.com", "the template names the profile"),
    own_role("elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing.amazonaws.com"),
    own_role("rds:CreateDBInstance", "rds.amazonaws.com"),
    needs("rds:CreateDBInstance", "rds:AddTagsToResource", "tags at creation"),
    needs("rds:CreateDBInstanceReadReplica", "rds:AddTagsToResource", "tags at creation"),
    needs("rds:RestoreDBInstanceFromDBSnapshot", "rds:AddTagsToResource", "tags at creation"),
    needs("rds:RestoreDBInstanceFromDBSnapshot", "kms:CreateGrant", "the database uses its key by a grant"),
    needs("rds:RestoreDBInstanceToPointInTime", "rds:AddTagsToResource", "tags at creation"),
    needs("rds:RestoreDBInstanceToPointInTime", "kms:CreateGrant", "the database uses its key by a grant"),
    needs("rds:RestoreDBClusterFromSnapshot", "rds:AddTagsToResource", "tags at creation"),
    needs("rds:RestoreDBClusterFromSnapshot", "kms:CreateGrant", "the database uses its key by a grant"),
    needs("rds:RestoreDBClusterToPointInTime", "rds:AddTagsToResource", "tags at creation"),
    needs("rds:RestoreDBClusterToPointInTime", "kms:CreateGrant", "the database uses its key by a grant"),
    needs("rds:DeleteDBInstance", "rds:CreateDBSnapshot", "the final snapshot"),
    own_role("elasticache:CreateReplicationGroup", "elasticache.amazonaws.com"),
    needs("elasticache:CreateReplicationGroup", "elasticache:AddTagsToResource", "tags at creation"),
    own_role("elasticfilesystem:CreateFileSystem", "elasticfilesystem.amazonaws.com"),
    needs("elasticfilesystem:CreateMountTarget", "ec2:CreateNetworkInterface", "the mount target's interface"),
    needs("elasticfilesystem:CreateMountTarget", "ec2:DescribeSubnets", "where the interface lies"),
    needs("elasticfilesystem:CreateMountTarget", "ec2:DescribeNetworkInterfaces", "the mount target's interface"),
    needs("elasticfilesystem:DeleteMountTarget", "ec2:DeleteNetworkInterface", "the mount target's interface"),
    needs(
        "elasticfilesystem:ModifyMountTargetSecurityGroups",
        "ec2:ModifyNetworkInterfaceAttribute",
        "the mount target's interface",
    ),
    needs("ec2:CreateVpcEndpoint", "ec2:DescribePrefixLists", "the ranges that a route to the service leads to"),
    needs("ec2:CreateVolume", "kms:CreateGrant", "the disk uses its key by a grant"),
    needs("ec2:CreateVolume", "kms:DescribeKey", "the key must be there"),
    needs("ec2:CreateVolume", "kms:GenerateDataKeyWithoutPlaintext", "the disk's own key is made with it"),
    pass("rds:CreateDBInstance", "monitoring.rds.amazonaws.com", "enhanced monitoring wears a role"),
    pass("rds:ModifyDBInstance", "monitoring.rds.amazonaws.com", "enhanced monitoring wears a role"),
    needs("rds:CreateDBInstance", "kms:CreateGrant", "the database uses its key by a grant"),
    needs("rds:CreateDBInstance", "kms:DescribeKey", "the key must be there"),
    needs("elasticache:CreateReplicationGroup", "kms:CreateGrant", "the cache uses its key by a grant"),
    needs("elasticache:CreateReplicationGroup", "kms:DescribeKey", "the key must be there"),
    needs("elasticfilesystem:CreateFileSystem", "kms:CreateGrant", "the files' key is used by a grant"),
    needs("elasticfilesystem:CreateFileSystem", "kms:DescribeKey", "the key must be there"),
    needs("secretsmanager:CreateSecret", "kms:Decrypt", "the secret's key is used as the caller"),
    needs("secretsmanager:CreateSecret", "kms:GenerateDataKey", "the secret's key is used as the caller"),
    pass("backup:CreateBackupSelection", "backup.amazonaws.com", "backups are made under a role"),
    pass("backup:StartBackupJob", "backup.amazonaws.com", "backups are made under a role"),
    pass("backup:StartRestoreJob", "backup.amazonaws.com", "files are restored under a role"),
    own_role("backup:CreateBackupPlan", "backup.amazonaws.com"),
    needs("backup:CreateBackupVault", "backup-storage:MountCapsule", "the vault's storage is made with it"),
    needs("backup:CreateBackupVault", "kms:CreateGrant", "the vault uses its key by a grant"),
    needs("backup:CreateBackupVault", "kms:DescribeKey", "the key must be there"),
    needs("backup:CreateBackupVault", "kms:GenerateDataKey", "the vault uses its key as the caller"),
    needs("backup:CreateBackupVault", "kms:RetireGrant", "the vault gives its key's grants back"),
    needs(
        "wafv2:AssociateWebACL",
        "elasticloadbalancing:SetWebACL",
        "a load balancer has a say in what stands before it",
    ),
    needs(
        "wafv2:DisassociateWebACL",
        "elasticloadbalancing:SetWebACL",
        "a load balancer has a say in what stands before it",
    ),
    pass("ec2:CreateFlowLogs", "vpc-flow-logs.amazonaws.com", "flow logs are written under a role"),
    needs("wafv2:PutLoggingConfiguration", "logs:CreateLogDelivery", "the firewall's log is delivered"),
    needs("wafv2:PutLoggingConfiguration", "logs:PutResourcePolicy", "AWS lets itself write into the log group"),
    needs("wafv2:PutLoggingConfiguration", "logs:DescribeResourcePolicies", "AWS lets itself write into the log group"),
    needs("wafv2:DeleteLoggingConfiguration", "logs:DeleteLogDelivery", "the firewall's log is delivered"),
    needs(
        "logs:PutDeliverySource",
        "cloudfront:AllowVendedLogDeliveryForResource",
        "the distribution has a say in where its log goes",
    ),
    needs("cloudfront:CreateDistribution", "wafv2:GetWebACL", "the distribution names a web ACL"),
    needs("cloudfront:UpdateDistribution", "wafv2:GetWebACL", "the distribution names a web ACL"),
];
