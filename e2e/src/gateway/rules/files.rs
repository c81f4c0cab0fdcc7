//! EFS, and disks of EBS.

use super::{Check, Look, Rule, text, unless};
use crate::gateway::protocol::service::{EC2, EFS};

const RULE: Rule = Rule { service: EFS, status: 409, about: "efs/file-system", ..Rule::NONE };

const FILE_SYSTEM: Look = Look::one("efs/file-system", "FileSystemId", "FileSystemId");
const MOUNT_TARGET: Look = Look::one("efs/mount-target", "MountTargetId", "MountTargetId");

const VOLUME: Look = Look::one("ec2/volume", "VolumeId", "VolumeId.1");

pub(super) const RULES: &[Rule] = &[
    Rule {
        about: "ec2/volume",
        service: EC2,
        actions: &["DeleteVolume"],
        status: 400,
        code: "VolumeInUse",
        when: "an instance has it",
        check: Check::Seen(VOLUME, |_, volume| {
            let id = text(volume, "volumeId");
            (!volume.items("attachmentSet/*").is_empty()).then(|| format!("Volume {id} is currently attached"))
        }),
        page: "API_DeleteVolume, errors-overview: VolumeInUse",
    },
    Rule {
        about: "ec2/volume",
        service: EC2,
        actions: &["ModifyVolume"],
        status: 400,
        code: "VolumeModificationRateExceeded",
        when: "it was changed in the last six hours",
        check: Check::Again { look: VOLUME, change: |_, _| true, secs: 6 * 3600 },
        page: "API_ModifyVolume; errors-overview: VolumeModificationRateExceeded",
    },
    Rule {
        actions: &["CreateMountTarget", "CreateAccessPoint", "UpdateFileSystem", "PutLifecycleConfiguration"],
        code: "IncorrectFileSystemLifeCycleState",
        when: "it is not available",
        check: Check::Seen(FILE_SYSTEM, |_, files| {
            let message = || format!("File system {} is not available.", text(files, "FileSystemId"));
            unless(files, "LifeCycleState", "available", message)
        }),
        page: "API_CreateMountTarget: IncorrectFileSystemLifeCycleState",
        ..RULE
    },
    Rule {
        actions: &["DeleteFileSystem"],
        code: "FileSystemInUse",
        when: "it has mount targets",
        check: Check::Seen(FILE_SYSTEM, |_, files| {
            let message = || format!("File system {} has mount targets.", text(files, "FileSystemId"));
            unless(files, "NumberOfMountTargets", "0", message)
        }),
        page: "API_DeleteFileSystem: FileSystemInUse",
        ..RULE
    },
    Rule {
        about: "efs/mount-target",
        actions: &["ModifyMountTargetSecurityGroups"],
        code: "IncorrectMountTargetState",
        when: "it is not available",
        check: Check::Seen(MOUNT_TARGET, |_, target| {
            let message = || format!("Mount target {} is not available.", text(target, "MountTargetId"));
            unless(target, "LifeCycleState", "available", message)
        }),
        page: "API_ModifyMountTargetSecurityGroups: IncorrectMountTargetState",
        ..RULE
    },
    Rule {
        actions: &["UpdateFileSystem"],
        status: 429,
        code: "TooManyRequests",
        when: "its throughput mode was changed in the last day",
        check: Check::Again {
            look: FILE_SYSTEM,
            change: |request, files| {
                let asked = request.params.get("ThroughputMode");
                asked.is_some_and(|mode| mode != text(files, "ThroughputMode"))
            },
            secs: 24 * 3600,
        },
        page: "API_UpdateFileSystem: TooManyRequests",
        ..RULE
    },
];
