use std::collections::BTreeSet;

use aws_sdk_efs::types::MountTargetDescription as Sdk;
use wpc_blueprint::storage::mount_target::{
    CREATE, DELETE, DESCRIBE, DESCRIBE_GROUPS, Desired, MODIFY_GROUPS, MountTarget, Observed, key,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Standing, Verbs};

use super::phase;
use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["MountTargetNotFound"];
const WITHOUT_FILE_SYSTEM: &[&str] = &["FileSystemNotFound"];
const EXISTS: &[&str] = &["MountTargetConflict"];
/// It is too young or too old to say its groups.
const NO_GROUPS: &[&str] = &["MountTargetNotFound", "IncorrectMountTargetState"];

impl Verbs<MountTarget> for Cloud {
    /// Every mount target of the stack's file systems is the stack's: a file system goes only after all of them.
    async fn list(&self) -> Result<Vec<Found<MountTarget>>, Fault> {
        let mut found = vec![];
        for system in self.own_file_systems().await? {
            for target in self.mount_targets(&system.have.id).await? {
                let standing = match &system.standing {
                    Standing::Foreign(owner) => Standing::Foreign(owner.clone()),
                    _ => Standing::Ours,
                };
                found.push(Found { standing, ..target });
            }
        }
        Ok(found)
    }

    async fn read(&self, _: &Key, id: &Id) -> Result<Option<Found<MountTarget>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.efs.describe_mount_targets().mount_target_id(&id.0).send()).await;
        let targets = absent(answer, NOT_FOUND)?.and_then(|answer| answer.mount_targets).unwrap_or_default();
        match targets.first() {
            Some(sdk) => Ok(Some(self.mount_target(sdk).await?)),
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self
            .clients
            .efs
            .create_mount_target()
            .file_system_id(&want.file_system.0)
            .subnet_id(&want.subnet.0)
            .set_security_groups(Some(want.security_groups.iter().map(|id| id.0.clone()).collect()))
            .send();
        match self.call(CREATE, request).await {
            Ok(made) => CREATE.id(Some(made.mount_target_id)),
            Err(fault) if fault.is(EXISTS) => {
                let targets = self.mount_targets(&want.file_system).await?;
                claim(CREATE, targets.into_iter().find(|target| target.key == *key))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, _: &[Change]) -> Result<(), Fault> {
        let groups = want.security_groups.iter().map(|id| id.0.clone()).collect();
        let request = self.clients.efs.modify_mount_target_security_groups().mount_target_id(&have.id.0);
        let done = self.call(MODIFY_GROUPS, request.set_security_groups(Some(groups)).send()).await;
        self.forget(&have.id.0);
        done.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.efs.delete_mount_target().mount_target_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }
}

impl Cloud {
    async fn mount_targets(&self, file_system: &Id) -> Result<Vec<Found<MountTarget>>, Fault> {
        let request = self.clients.efs.describe_mount_targets().file_system_id(&file_system.0);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let answer = self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>()).await;
        let mut found = vec![];
        for sdk in absent(answer, WITHOUT_FILE_SYSTEM)?.unwrap_or_default() {
            found.push(self.mount_target(&sdk).await?);
        }
        Ok(found)
    }

    /// A mount target with its security groups, one call each, which seldom change by another hand.
    async fn mount_target(&self, sdk: &Sdk) -> Result<Found<MountTarget>, Fault> {
        let id = sdk.mount_target_id();
        let groups = self.seldom(id, async {
            let request = self.clients.efs.describe_mount_target_security_groups().mount_target_id(id).send();
            let answer = self.call(DESCRIBE_GROUPS, request).await?;
            Ok(answer.security_groups.into_iter().map(Id).collect::<BTreeSet<Id>>())
        });
        let security_groups = absent(groups.await, NO_GROUPS)?.unwrap_or_default();
        let zone = DESCRIBE.id(sdk.availability_zone_name())?;
        let have = Observed {
            id: Id(id.to_owned()),
            file_system: Id(sdk.file_system_id().to_owned()),
            subnet: Id(sdk.subnet_id().to_owned()),
            security_groups,
            phase: phase(sdk.life_cycle_state()),
        };
        Ok(Found::ours(key(zone.as_str(), &have.file_system, &have.subnet), have))
    }
}
