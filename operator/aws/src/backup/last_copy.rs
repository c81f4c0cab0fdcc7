//! The last copy of a file system that is about to go. See "Creating an on-demand backup" in the AWS Backup Developer
//! Guide.

use std::time::SystemTime;

use aws_sdk_backup::primitives::DateTime;
use aws_sdk_backup::types::BackupJobState;
use wpc_blueprint::backup::ROLE;
use wpc_blueprint::storage::file_system::{DESCRIBE_JOB, Home, LEAVING_TAG, LIST_JOBS, Observed, START_JOB};
use wpc_engine::{Class, Fault, Id, Key};

use crate::Cloud;

impl Cloud {
    /// Where the last copy of the files can go: there is a vault, and a role to do it under.
    pub(crate) async fn last_home(&self) -> Result<Option<Home>, Fault> {
        let Some(vault) = self.home_vault().await? else { return Ok(None) };
        Ok(self.service_role_arn(ROLE).await?.map(|role| Home { vault, role }))
    }

    /// Does what is left to do until a complete copy of the files as they are now exists.
    ///
    /// When that began is written on the file system, which nobody can reach any more then: it has no mount targets. So
    /// a copy that was begun later has everything, whoever made it, and one that was begun earlier does not count.
    pub(crate) async fn copy_before_end(&self, key: &Key, have: &Observed, home: &Home) -> Result<(), Fault> {
        let since = match have.leaving_since {
            Some(since) => since,
            None => {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
                self.tag_efs(&have.id, LEAVING_TAG, &now.to_string()).await?;
                i64::try_from(now).unwrap_or(i64::MAX)
            }
        };
        let vault = home.vault.0.rsplit(':').next().unwrap_or_default();
        let request = self
            .clients
            .backup
            .list_backup_jobs()
            .by_resource_arn(&have.arn)
            .by_backup_vault_name(vault)
            .by_created_after(DateTime::from_secs(since))
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        let jobs = self.call(LIST_JOBS, request.collect::<Result<Vec<_>, _>>()).await?;
        let later = jobs.iter().filter(|job| job.creation_date().is_some_and(|begun| begun.secs() >= since));
        let states: Vec<&BackupJobState> = later.filter_map(|job| job.state()).collect();
        if states.contains(&&BackupJobState::Completed) {
            return Ok(());
        }
        if states.iter().any(|state| !failed(state)) {
            return Err(copying().in_action(LIST_JOBS));
        }
        // Each attempt has a token of its own: one that is repeated begins no second job.
        let attempt = Id(format!("{} {since} {}", have.id, states.len()));
        let request = self
            .clients
            .backup
            .start_backup_job()
            .backup_vault_name(vault)
            .resource_arn(&have.arn)
            .iam_role_arn(&home.role)
            .idempotency_token(self.labels.stack.token_after(&self.token(key), &attempt))
            .set_recovery_point_tags(Some(self.tags(key, |name, value| (name, value)).into_iter().collect()))
            .send();
        let job = START_JOB.id(self.call(START_JOB, request).await?.backup_job_id)?;
        let request = self.clients.backup.describe_backup_job().backup_job_id(&job.0).send();
        let job = self.call(DESCRIBE_JOB, request).await?;
        match job.state() {
            Some(BackupJobState::Completed) => Ok(()),
            Some(state) if failed(state) => {
                let why = job.status_message().unwrap_or("it gives no reason");
                let message = format!(
                    "AWS Backup could not make the last copy of the files: {why}. They stay until it can; with \
                     deletionPolicy Retain they are kept, confirmed with Delete they go without a copy"
                );
                Err(Fault::invalid(message).in_action(DESCRIBE_JOB))
            }
            _ => Err(copying().in_action(DESCRIBE_JOB)),
        }
    }
}

fn copying() -> Fault {
    Fault::new(Class::Busy, "AWS Backup is making the last copy of the files; the file system goes when it is complete")
}

fn failed(state: &BackupJobState) -> bool {
    use BackupJobState as State;
    !matches!(state, State::Created | State::Pending | State::Running | State::Completed)
}
