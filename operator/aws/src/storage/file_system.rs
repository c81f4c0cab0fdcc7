use std::sync::Arc;

use aws_sdk_efs::types::{
    BackupPolicy, FileSystemDescription as Sdk, LifecyclePolicy, Status, ThroughputMode as SdkMode, TransitionToIaRules,
};
use serde_json::Value;
use wpc_blueprint::storage::Phase;
use wpc_blueprint::storage::file_system::{
    AUTOMATIC_BACKUPS, CREATE, DELETE, DESCRIBE, DESCRIBE_BACKUP, DESCRIBE_LIFECYCLE, DESCRIBE_POLICY, Desired,
    FileSystem, LEAVING, LEAVING_TAG, Observed, POLICY, PUT_BACKUP, PUT_LIFECYCLE, PUT_POLICY, THROUGHPUT_MODE,
    TRANSITION_TO_IA, UNTAG, UPDATE, aws_mode, policy as mounts,
};
use wpc_blueprint::storage::recovery_point::{self, ASKED, Progress};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use super::{phase, tag, tags};
use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::incarnation::{INCARNATIONS, endless};

const NOT_FOUND: &[&str] = &["FileSystemNotFound"];
const EXISTS: &[&str] = &["FileSystemAlreadyExists"];
const NO_POLICY: &[&str] = &["PolicyNotFound"];

impl Verbs<FileSystem> for Cloud {
    async fn list(&self) -> Result<Vec<Found<FileSystem>>, Fault> {
        let mut found = vec![];
        for mut mine in self.own_file_systems().await? {
            self.read_settings(&mut mine.have).await?;
            mine.have.home = self.last_home().await?;
            found.push(mine);
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<FileSystem>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.efs.describe_file_systems().file_system_id(&id.0).send()).await;
        let systems = absent(answer, NOT_FOUND)?.and_then(|answer| answer.file_systems).unwrap_or_default();
        let Some(sdk) = systems.first() else { return Ok(None) };
        let mut have = observed(sdk);
        self.forget(&settings_of(&have.id));
        self.read_settings(&mut have).await?;
        have.home = self.last_home().await?;
        Ok(Some(self.at(key, &tags(sdk.tags()), have)))
    }

    /// A token seen before is refused as long as its file system is listed, also while that is being deleted.
    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let mut token = self.token(key);
        for _ in 0..INCARNATIONS {
            let request = self.clients.efs.create_file_system().creation_token(&token).encrypted(true);
            let request = request.set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()));
            let request = request.throughput_mode(SdkMode::from(aws_mode(want.throughput_mode)));
            let mut tags = self.efs_tags(key);
            tags.extend(want.restore.iter().map(|_| tag(recovery_point::TAG, ASKED)));
            match self.call(CREATE, request.set_tags(Some(tags)).send()).await {
                Err(fault) if fault.is(EXISTS) => {}
                made => return CREATE.id(Some(made?.file_system_id)),
            }
            let found = self.file_system_of(key, &token).await?;
            match found {
                Some(Found { have: Observed { phase: Phase::Deleting, id, .. }, .. }) => {
                    token = self.labels.stack.token_after(&token, &id);
                }
                found => return claim(CREATE, found),
            }
        }
        Err(endless().in_action(CREATE))
    }

    async fn update(&self, key: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        // The lifecycle first: AWS refuses it while another mode is on its way.
        if changed(TRANSITION_TO_IA) {
            let policies = want.transition_to_ia_days.map(policy).into_iter().collect();
            let request = self.clients.efs.put_lifecycle_configuration().file_system_id(&have.id.0);
            self.call(PUT_LIFECYCLE, request.set_lifecycle_policies(Some(policies)).send()).await?;
        }
        if changed(AUTOMATIC_BACKUPS) {
            let off = BackupPolicy::builder().status(Status::Disabled).build().expect("the status is set");
            let request = self.clients.efs.put_backup_policy().file_system_id(&have.id.0).backup_policy(off);
            self.call(PUT_BACKUP, request.send()).await?;
        }
        if changed(POLICY) {
            let request = self.clients.efs.put_file_system_policy().file_system_id(&have.id.0);
            self.call(PUT_POLICY, request.policy(mounts(&have.arn).to_string()).send()).await?;
        }
        if changed(LEAVING) {
            let request = self.clients.efs.untag_resource().resource_id(&have.id.0).tag_keys(LEAVING_TAG).send();
            self.call(UNTAG, request).await?;
        }
        if changed(THROUGHPUT_MODE) {
            let mode = SdkMode::from(aws_mode(want.throughput_mode));
            let request = self.clients.efs.update_file_system().file_system_id(&have.id.0).throughput_mode(mode);
            self.call(UPDATE, request.send()).await?;
        }
        if changed(recovery_point::PATH) {
            // It takes hours, and what was set above is to be read before it ends.
            self.forget(&settings_of(&have.id));
            match &want.restore {
                Some(restore) => self.restore_files(key, restore, have).await?,
                None => {
                    let request = self.clients.efs.untag_resource().resource_id(&have.id.0);
                    self.call(UNTAG, request.tag_keys(recovery_point::TAG).send()).await?;
                }
            }
        }
        Ok(())
    }

    /// Under a policy that keeps copies it goes only once there is one.
    async fn delete(&self, key: &Key, have: &Observed, removal: Removal) -> Result<(), Fault> {
        if let (Removal::Snapshot, Some(home)) = (removal, &have.home) {
            if have.phase != Phase::Available {
                let message = "the file system is not in a state in which it can be copied";
                return Err(Fault::new(Class::Busy, message).in_action(DELETE));
            }
            self.copy_before_end(key, have, home).await?;
        }
        gone(
            self.call(DELETE, self.clients.efs.delete_file_system().file_system_id(&have.id.0).send()).await,
            NOT_FOUND,
        )
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_efs(key, &have.id).await
    }
}

impl Cloud {
    /// The stack's file systems, without their settings; mount targets are listed by them.
    pub(super) async fn own_file_systems(&self) -> Result<Vec<Found<FileSystem>>, Fault> {
        let systems = self.every_file_system().await?;
        Ok(systems.iter().filter_map(|sdk| self.listed(&tags(sdk.tags()), observed(sdk))).collect())
    }

    async fn every_file_system(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request =
            self.clients.efs.describe_file_systems().into_paginator().stop_on_duplicate_token(false).items().send();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await
    }

    /// The file system that was made with a token.
    async fn file_system_of(&self, key: &Key, token: &str) -> Result<Option<Found<FileSystem>>, Fault> {
        let request = self.clients.efs.describe_file_systems().creation_token(token).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let systems = answer.and_then(|answer| answer.file_systems).unwrap_or_default();
        Ok(systems.first().map(|sdk| self.at(key, &tags(sdk.tags()), observed(sdk))))
    }

    /// What the list does not show, and what seldom changes by another hand.
    async fn read_settings(&self, have: &mut Observed) -> Result<(), Fault> {
        if have.phase != Phase::Available {
            return Ok(());
        }
        let (efs, id) = (&self.clients.efs, &have.id.0);
        let about = settings_of(&have.id);
        let settings = self.seldom(&about, async {
            let request = efs.describe_lifecycle_configuration().file_system_id(id).send();
            let lifecycle = self.call(DESCRIBE_LIFECYCLE, request).await?.lifecycle_policies.unwrap_or_default();
            let request = efs.describe_backup_policy().file_system_id(id).send();
            let backup = absent(self.call(DESCRIBE_BACKUP, request).await, NO_POLICY)?;
            let backup = backup.and_then(|answer| answer.backup_policy).map(|policy| policy.status);
            let request = efs.describe_file_system_policy().file_system_id(id).send();
            let policy = absent(self.call(DESCRIBE_POLICY, request).await, NO_POLICY)?;
            let policy = policy.and_then(|answer| serde_json::from_str::<Value>(&answer.policy?).ok());
            let automatic = matches!(backup, Some(Status::Enabled | Status::Enabling));
            Ok((lifecycle.iter().find_map(days), automatic, policy))
        });
        if let Some(found) = absent(settings.await, NOT_FOUND)? {
            (have.transition_to_ia_days, have.automatic_backups, have.policy) = found;
        }
        Ok(())
    }
}

/// What a file system's settings are remembered by.
fn settings_of(id: &Id) -> String {
    format!("{id} settings")
}

/// `AFTER_30_DAYS`, and `AFTER_1_DAY`.
fn policy(days: u16) -> LifecyclePolicy {
    let rule = if days == 1 { "AFTER_1_DAY".to_owned() } else { format!("AFTER_{days}_DAYS") };
    LifecyclePolicy::builder().transition_to_ia(TransitionToIaRules::from(rule.as_str())).build()
}

fn days(policy: &LifecyclePolicy) -> Option<u16> {
    policy.transition_to_ia()?.as_str().split('_').nth(1)?.parse().ok()
}

fn observed(sdk: &Sdk) -> Observed {
    let tagged = |key: &str| sdk.tags().iter().find(|tag| tag.key() == key).map(|tag| tag.value());
    Observed {
        id: Id(sdk.file_system_id().to_owned()),
        arn: sdk.file_system_arn().unwrap_or_default().to_owned(),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        encrypted: sdk.encrypted().unwrap_or_default(),
        throughput_mode: sdk.throughput_mode().map(|mode| mode.as_str().to_owned()).unwrap_or_default(),
        transition_to_ia_days: None,
        automatic_backups: false,
        policy: None,
        home: None,
        restore: tagged(recovery_point::TAG).map(Progress::of),
        leaving_since: tagged(LEAVING_TAG).and_then(|since| since.parse().ok()),
        phase: phase(sdk.life_cycle_state()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_back_as_aws_writes_them() {
        for count in [1, 7, 14, 30, 60, 90, 180, 270, 365] {
            let policy = policy(count);
            assert!(TransitionToIaRules::values().contains(&policy.transition_to_ia().unwrap().as_str()), "{policy:?}");
            assert_eq!(days(&policy), Some(count));
        }
    }
}
