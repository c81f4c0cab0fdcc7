//! Database, cache, files, secrets: one case for each kind. What holds data is never deleted by hand here: a second one
//! would be made without it.

use super::hands::Case;
use super::hands::Drift::{Field, Missing};
use super::hands::Hand::{Call, Json};

const SUBNETS: &str = "{network/subnet-private-a},{network/subnet-private-b},{network/subnet-private-c}";
const SUBNETS_LEFT: &str = "{network/subnet-private-a},{network/subnet-private-b}";

pub const CASES: &[Case] = &[
    Case {
        kind: "secretsmanager/secret",
        component: "database/credentials",
        hands: &[Json(
            "secretsmanager",
            "UntagResource",
            &[],
            r#"{"SecretId":"{database/credentials}","TagKeys":["team"]}"#,
        )],
        drift: Field("tags.team", "nothing", "press"),
        writes: &[("TagResource", 1)],
    },
    Case {
        kind: "rds/subnet-group",
        component: "database/subnet-group",
        hands: &[Call(
            "rds",
            "ModifyDBSubnetGroup",
            &[
                ("DBSubnetGroupName", "{database/subnet-group}"),
                ("SubnetIds.SubnetIdentifier.1", "{network/subnet-private-a}"),
                ("SubnetIds.SubnetIdentifier.2", "{network/subnet-private-b}"),
            ],
        )],
        drift: Field("database.subnets", SUBNETS_LEFT, SUBNETS),
        writes: &[("ModifyDBSubnetGroup", 1)],
    },
    Case {
        kind: "rds/parameter-group",
        component: "database/parameters",
        hands: &[Call(
            "rds",
            "ModifyDBParameterGroup",
            &[
                ("DBParameterGroupName", "{database/parameters}"),
                ("Parameters.Parameter.1.ParameterName", "max_connections"),
                ("Parameters.Parameter.1.ParameterValue", "300"),
                ("Parameters.Parameter.1.ApplyMethod", "immediate"),
            ],
        )],
        drift: Field("database.parameters.max_connections", "300", "500"),
        writes: &[("ModifyDBParameterGroup", 1)],
    },
    Case {
        kind: "rds/instance",
        component: "database/primary",
        hands: &[Call(
            "rds",
            "ModifyDBInstance",
            &[
                ("DBInstanceIdentifier", "{database/primary}"),
                ("BackupRetentionPeriod", "3"),
                ("ApplyImmediately", "true"),
            ],
        )],
        drift: Field("database.backupRetentionDays", "3", "7"),
        writes: &[("ModifyDBInstance", 1)],
    },
    Case {
        kind: "rds/replica",
        component: "database/replica-1",
        hands: &[Call(
            "rds",
            "ModifyDBInstance",
            &[
                ("DBInstanceIdentifier", "{database/replica-1}"),
                ("DBInstanceClass", "db.m7g.xlarge"),
                ("ApplyImmediately", "true"),
            ],
        )],
        drift: Field("database.instanceClass", "db.m7g.xlarge", "db.m7g.large"),
        writes: &[("ModifyDBInstance", 1)],
    },
    Case {
        kind: "elasticache/subnet-group",
        component: "cache/subnet-group",
        hands: &[Call(
            "elasticache",
            "ModifyCacheSubnetGroup",
            &[
                ("CacheSubnetGroupName", "{cache/subnet-group}"),
                ("SubnetIds.SubnetIdentifier.1", "{network/subnet-private-a}"),
                ("SubnetIds.SubnetIdentifier.2", "{network/subnet-private-b}"),
            ],
        )],
        drift: Field("cache.subnets", SUBNETS_LEFT, SUBNETS),
        writes: &[("ModifyCacheSubnetGroup", 1)],
    },
    Case {
        kind: "elasticache/parameter-group",
        component: "cache/parameter-group",
        hands: &[Call(
            "elasticache",
            "ModifyCacheParameterGroup",
            &[
                ("CacheParameterGroupName", "{cache/parameter-group}"),
                ("ParameterNameValues.ParameterNameValue.1.ParameterName", "maxmemory-policy"),
                ("ParameterNameValues.ParameterNameValue.1.ParameterValue", "noeviction"),
            ],
        )],
        drift: Field("cache.maxmemoryPolicy", "noeviction", "allkeys-lru"),
        writes: &[("ModifyCacheParameterGroup", 1)],
    },
    Case {
        kind: "elasticache/replication-group",
        component: "cache/group",
        hands: &[Call(
            "elasticache",
            "ModifyReplicationGroup",
            &[
                ("ReplicationGroupId", "{cache/group}"),
                ("CacheNodeType", "cache.t4g.medium"),
                ("ApplyImmediately", "true"),
            ],
        )],
        drift: Field("cache.nodeType", "cache.t4g.medium", "cache.t4g.small"),
        writes: &[("ModifyReplicationGroup", 1)],
    },
    Case {
        kind: "efs/file-system",
        component: "storage/file-system",
        hands: &[Json(
            "elasticfilesystem",
            "PutLifecycleConfiguration",
            &[("FileSystemId", "{storage/file-system}")],
            r#"{"LifecyclePolicies":[{"TransitionToIA":"AFTER_7_DAYS"}]}"#,
        )],
        drift: Field("sharedStorage.transitionToIADays", "7", "30"),
        writes: &[("PutLifecycleConfiguration", 1)],
    },
    Case {
        kind: "efs/mount-target",
        component: "storage/mount-target-a",
        hands: &[Json(
            "elasticfilesystem",
            "ModifyMountTargetSecurityGroups",
            &[("MountTargetId", "{storage/mount-target-a}")],
            r#"{"SecurityGroups":["{network/security-group-web}"]}"#,
        )],
        drift: Field("sharedStorage.securityGroups", "{network/security-group-web}", "{network/security-group-files}"),
        writes: &[("ModifyMountTargetSecurityGroups", 1)],
    },
    Case {
        kind: "efs/access-point",
        component: "storage/access-point",
        hands: &[Call(
            "elasticfilesystem",
            "UntagResource",
            &[("ResourceId", "{storage/access-point}"), ("tagKeys", "team")],
        )],
        drift: Field("tags.team", "nothing", "press"),
        writes: &[("TagResource", 1)],
    },
    Case {
        kind: "kms/key",
        component: "encryption/key",
        hands: &[Json("kms", "DisableKeyRotation", &[], r#"{"KeyId":"{encryption/key}"}"#)],
        drift: Field("encryption.key.rotation", "false", "true"),
        writes: &[("EnableKeyRotation", 1)],
    },
    Case {
        kind: "backup/vault",
        component: "backup/vault",
        hands: &[Json("backup", "UntagResource", &[("ResourceArn", "{backup/vault}")], r#"{"TagKeyList":["team"]}"#)],
        drift: Field("tags.team", "nothing", "press"),
        writes: &[("TagResource", 1)],
    },
    Case {
        kind: "iam/backup-role",
        component: "backup/role",
        hands: &[Call(
            "iam",
            "UpdateAssumeRolePolicy",
            &[("RoleName", "{backup/role}"), ("PolicyDocument", super::table_site::STRANGER)],
        )],
        drift: Field("backup.role.trust", "Stranger", "backup.amazonaws.com"),
        writes: &[("UpdateAssumeRolePolicy", 1)],
    },
    Case {
        kind: "backup/plan",
        component: "backup/plan",
        hands: &[Json(
            "backup",
            "UpdateBackupPlan",
            &[("BackupPlanId", "{backup/plan}")],
            r#"{"BackupPlan":{"BackupPlanName":"theirs","Rules":[{"RuleName":"site","TargetBackupVaultName":"{name:backup/vault}","ScheduleExpression":"cron(0 5 * * ? *)","Lifecycle":{"DeleteAfterDays":7}}]}}"#,
        )],
        drift: Field("backup.retentionDays", "7", "35"),
        writes: &[("UpdateBackupPlan", 1)],
    },
    Case {
        kind: "backup/selection",
        component: "backup/selection",
        hands: &[Call(
            "backup",
            "DeleteBackupSelection",
            &[("BackupPlanId", "{backup/plan}"), ("SelectionId", "{backup/selection}")],
        )],
        drift: Missing,
        writes: &[("CreateBackupSelection", 1)],
    },
];
