//! Files, disks and their backups.

use anyhow::Result;
use wpc_e2e::inventory::COMPONENT_TAG;

use super::Case;
use crate::rules::world::{Call, World, call, mount_target};

const ROLE: &str = "arn:aws:iam::000000000000:role/web";

pub async fn files(aws: &World, case: &Case) -> Result<Call> {
    let files = aws.file_system().await?;
    if case.action == "UpdateFileSystem" {
        let mode = |mode| {
            call("efs", "UpdateFileSystem", &[("FileSystemId", &files)])
                .body(format!(r#"{{"ThroughputMode": "{mode}"}}"#))
        };
        aws.make(mode("elastic"), "").await?;
        return Ok(mode("bursting"));
    }
    let (_, subnets) = aws.subnets().await?;
    aws.mount_target(&files, &subnets[0], None).await?;
    match case.action {
        "CreateMountTarget" => Ok(mount_target(&files, &subnets[0], None)),
        _ => Ok(call("efs", case.action, &[("FileSystemId", &files)])),
    }
}

pub async fn volumes(aws: &World, case: &Case) -> Result<Call> {
    let wanted = [
        ("AvailabilityZone", "us-east-1a"),
        ("Size", "8"),
        ("VolumeType", "gp3"),
        ("TagSpecification.1.ResourceType", "volume"),
        ("TagSpecification.1.Tag.1.Key", COMPONENT_TAG),
        ("TagSpecification.1.Tag.1.Value", "storage/volume"),
    ];
    let volume = aws.make(call("ec2", "CreateVolume", &wanted), "volumeId").await?;
    if case.action == "ModifyVolume" {
        let size = |size| call("ec2", "ModifyVolume", &[("VolumeId", &volume), ("Size", size)]);
        aws.make(size("9"), "").await?;
        return Ok(size("10"));
    }
    let template = aws.launch_template(&[]).await?;
    let instance = [
        ("LaunchTemplate.LaunchTemplateId", template.as_str()),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("Placement.AvailabilityZone", "us-east-1a"),
    ];
    let instance = aws.make(call("ec2", "RunInstances", &instance), "instancesSet/item/instanceId").await?;
    let attach = [("VolumeId", volume.as_str()), ("InstanceId", &instance), ("Device", "/dev/sdf")];
    aws.make(call("ec2", "AttachVolume", &attach), "").await?;
    Ok(call("ec2", case.action, &[("VolumeId", &volume)]))
}

pub async fn backups(aws: &World, case: &Case) -> Result<Call> {
    let name = ("BackupVaultName", "vault");
    aws.make(call("backup", "CreateBackupVault", &[name]).body("{}"), "").await?;
    let database = "arn:aws:rds:us-east-1:000000000000:db:db";
    if case.action == "DeleteBackupVault" {
        let job = format!(r#"{{"BackupVaultName": "vault", "ResourceArn": "{database}", "IamRoleArn": "{ROLE}"}}"#);
        aws.make(call("backup", "StartBackupJob", &[]).body(job), "").await?;
        return Ok(call("backup", case.action, &[name]));
    }
    let plan = r#"{"BackupPlan": {"BackupPlanName": "plan", "Rules": [{"RuleName": "site", "TargetBackupVaultName": "vault"}]}}"#;
    let plan = aws.make(call("backup", "CreateBackupPlan", &[]).body(plan), "BackupPlanId").await?;
    let id = ("BackupPlanId", plan.as_str());
    let selection = format!(
        r#"{{"BackupSelection": {{"SelectionName": "site", "IamRoleArn": "{ROLE}", "Resources": ["{database}"]}}}}"#
    );
    aws.make(call("backup", "CreateBackupSelection", &[id]).body(selection), "").await?;
    Ok(call("backup", case.action, &[id]))
}

pub async fn bucket(aws: &World, case: &Case) -> Result<Call> {
    let name = format!("media-{}", aws.scope.access_key.to_ascii_lowercase());
    let bucket = ("Bucket", name.as_str());
    aws.make(call("s3", "CreateBucket", &[bucket]), "").await?;
    let kept = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>";
    aws.make(call("s3", "PutBucketVersioning", &[bucket]).body(kept), "").await?;
    let object = [bucket, ("Key", "wp-content/uploads/a.png")];
    aws.make(call("s3", "PutObject", &object).body("a"), "").await?;
    aws.make(call("s3", "DeleteObject", &object), "").await?;
    Ok(call("s3", case.action, &[bucket]))
}
