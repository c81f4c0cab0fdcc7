//! A file system's first files, from a recovery point. See "StartRestoreJob" in the AWS Backup Developer Guide.

use std::collections::HashMap;

use wpc_blueprint::Unfit;
use wpc_blueprint::backup::vault::LIST_TAGS;
use wpc_blueprint::storage::file_system::Observed;
use wpc_blueprint::storage::recovery_point::{DESCRIBE, Job, Progress, Restore, START, TAG, judge, unknown};
use wpc_engine::{Class, Fault, Id, Key};

use crate::call::absent;
use crate::{Account, Cloud};

const NOT_FOUND: &[&str] = &["ResourceNotFoundException"];

impl Cloud {
    /// Does what is left to do until the files are in.
    pub(super) async fn restore_files(&self, key: &Key, want: &Restore, have: &Observed) -> Result<(), Fault> {
        let job = match &have.restore {
            Some(Progress::Asked(word)) => self.begin_restore(key, want, have, word).await?,
            Some(Progress::Begun(job)) => job.clone(),
            Some(Progress::Done(_)) | None => return Ok(()),
        };
        let request = self.clients.backup.describe_restore_job().restore_job_id(&job).send();
        let found = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let found = match found {
            Some(sdk) => Some(Job {
                status: sdk.status().ok_or_else(nonsense)?.as_str().to_owned(),
                percent: sdk.percent_done().map(Into::into),
                message: sdk.status_message().map(Into::into),
            }),
            None => None,
        };
        judge(&job, found.as_ref()).map_err(|Unfit { message, passes }| {
            let class = if passes { Class::Busy } else { Class::Invalid };
            Fault::new(class, message).in_action(DESCRIBE)
        })?;
        self.note_restore(have, Progress::Done(want.recovery_point.clone())).await
    }

    /// A token that is repeated begins no second job; AWS remembers it for an hour, the tag remembers the job for ever.
    async fn begin_restore(&self, key: &Key, want: &Restore, have: &Observed, word: &str) -> Result<String, Fault> {
        let into = [("file-system-id", have.id.as_str()), ("newFileSystem", "false"), ("Encrypted", "true")];
        let into = into.into_iter().chain([("PerformanceMode", "generalPurpose")]);
        let metadata: HashMap<_, _> = into.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let attempt = Id(format!("{} {word}", have.id));
        let request = self.clients.backup.start_restore_job().recovery_point_arn(&want.recovery_point);
        let request = request.iam_role_arn(&want.role).resource_type("EFS").set_metadata(Some(metadata));
        let request = request.idempotency_token(self.labels.stack.token_after(&self.token(key), &attempt));
        // They say whose the files were.
        let request = request.copy_source_tags_to_restored_resource(false);
        let begun = self.call(START, request.send()).await.map_err(|fault| match fault.is(NOT_FOUND) {
            true => Fault { code: fault.code, ..Fault::invalid(unknown(&want.recovery_point)).in_action(START) },
            false => fault,
        });
        let Id(job) = START.id(begun?.restore_job_id)?;
        self.note_restore(have, Progress::Begun(job.clone())).await?;
        Ok(job)
    }

    async fn note_restore(&self, have: &Observed, progress: Progress) -> Result<(), Fault> {
        self.tag_efs(&have.id, TAG, &progress.to_string()).await
    }
}

fn nonsense() -> Fault {
    Fault::new(Class::Transient, "the answer shows a restore job without its status").in_action(DESCRIBE)
}

impl Account {
    /// Whether a recovery point is there. Its tags are what AWS tells of it without its vault's name.
    pub(crate) async fn has_recovery_point(&self, arn: &str) -> Result<bool, Fault> {
        let answer = self.ask(LIST_TAGS, self.clients.backup.list_tags().resource_arn(arn).send()).await;
        Ok(absent(answer, NOT_FOUND)?.is_some())
    }
}
