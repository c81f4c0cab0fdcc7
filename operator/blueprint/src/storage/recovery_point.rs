//! A file system that begins with a recovery point of AWS Backup. See "Restore an Amazon EFS file system" and
//! "StartRestoreJob" in the AWS Backup Developer Guide.
//!
//! The job restores into the site's own new file system, so that this is encrypted, tagged and named like any other. How
//! far that is stands in a tag of the file system. One without the tag began otherwise, and is left as it is.

use std::fmt;

use wpc_engine::Action;

use crate::Unfit;

/// Begins to restore.
pub const START: Action = Action::write("backup:StartRestoreJob");
/// Reads how far that is.
pub const DESCRIBE: Action = Action::read("backup:DescribeRestoreJob");

/// The path of the change of the files that it begins with.
pub const PATH: &str = "sharedStorage.restoreFrom.recoveryPointArn";

/// The tag that says how far it is.
pub const TAG: &str = "wordpresscluster.dev/restore";

/// The tag's value when the file system is made.
pub const ASKED: &str = "asked";

/// What to restore, and under what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// The recovery point's ARN.
    pub recovery_point: String,
    /// The ARN of the role that AWS Backup works under.
    pub role: String,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// No job has begun. Another word begins another one.
    Asked(String),
    /// This job has begun.
    Begun(String),
    /// The files of this recovery point are in.
    Done(String),
}

impl Progress {
    /// What a tag's value says.
    pub fn of(value: &str) -> Self {
        match value.strip_prefix("job ") {
            Some(job) => Self::Begun(job.to_owned()),
            None if value.starts_with("arn:") => Self::Done(value.to_owned()),
            None => Self::Asked(value.to_owned()),
        }
    }

    /// Whether the files are still to come.
    pub fn is_pending(&self) -> bool {
        !matches!(self, Self::Done(_))
    }
}

/// The tag's value.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(text) | Self::Done(text) => f.write_str(text),
            Self::Begun(job) => write!(f, "job {job}"),
        }
    }
}

/// What AWS Backup says of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its status.
    pub status: String,
    /// How much is done.
    pub percent: Option<String>,
    /// Why it is so.
    pub message: Option<String>,
}

/// Whether a job has brought the files; none is no longer known.
pub fn judge(id: &str, job: Option<&Job>) -> Result<(), Unfit> {
    let unfit = |message: String| {
        let message = format!(
            "{message}. Put that right and write after-{id} into the tag {TAG} of the file system, which has it tried once \
             more; or delete this WordPressCluster and create it with another recovery point"
        );
        Err(Unfit { message, passes: false })
    };
    let Some(Job { status, percent, message }) = job else {
        return unfit(format!("AWS Backup does not know the restore job {id} any more"));
    };
    match status.as_str() {
        "COMPLETED" => Ok(()),
        "FAILED" | "ABORTED" => {
            let why = message.as_deref().unwrap_or("it gives no reason").trim_end_matches('.');
            unfit(format!("AWS Backup could not restore the files: {why}"))
        }
        _ => {
            let percent = percent.as_deref().map(|done| done.trim_end_matches('%')).filter(|done| !done.is_empty());
            let done = percent.map(|done| format!(", {done} % so far")).unwrap_or_default();
            let message = format!("AWS Backup restores the files{done} (restore job {id}); no instance starts before");
            Err(Unfit { message, passes: true })
        }
    }
}

/// What is wrong with a recovery point that is not there.
pub fn unknown(recovery_point: &str) -> String {
    format!(
        "there is no recovery point {recovery_point} in this account and region. Create the WordPressCluster with one \
         that is there in {PATH}"
    )
}

/// Whether files can be restored from a recovery point in a region and an account: AWS Backup restores where it is.
pub fn reachable(recovery_point: &str, region: &str, account: &str) -> Result<(), Unfit> {
    let unfit = |message: String| Err(Unfit { message, passes: false });
    let mut parts = recovery_point.split(':').skip(3);
    let (there, whose) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if whose != account {
        return unfit(format!(
            "the recovery point is in the account {whose}, and the site in {account}. Copy it into a vault of {account} in \
             {region}, and write the copy's ARN in {PATH}"
        ));
    }
    if there != region {
        return unfit(format!(
            "the recovery point is in {there}, and the site in {region}. Copy it into a vault in {region}, and write the \
             copy's ARN in {PATH}; or write region: {there}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: &str = "arn:aws:backup:eu-west-1:210987654321:recovery-point:1EB3B5E7-9EB0";

    #[test]
    fn the_tag_says_how_far_it_is() {
        let table = [
            (ASKED, Progress::Asked("asked".into()), true),
            ("after-j-1", Progress::Asked("after-j-1".into()), true),
            ("job j-1", Progress::Begun("j-1".into()), true),
            (POINT, Progress::Done(POINT.into()), false),
        ];
        for (value, progress, pending) in table {
            assert_eq!(Progress::of(value), progress);
            assert_eq!((progress.to_string().as_str(), progress.is_pending()), (value, pending));
        }
    }

    #[test]
    fn only_a_complete_job_has_brought_the_files() {
        let said = |status: &str, percent: Option<&str>, message: Option<&str>| {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let job = Job { status: status.into(), percent: text(percent), message: text(message) };
            judge("j-1", Some(&job)).map_err(|unfit| (unfit.passes, unfit.message))
        };
        assert_eq!(said("COMPLETED", Some("100.00%"), None), Ok(()));
        let (passes, message) = said("RUNNING", Some("47.35%"), None).unwrap_err();
        assert!(passes && message.contains("47.35 % so far") && message.contains("j-1"), "{message}");
        assert!(said("PENDING", None, None).unwrap_err().0);
        for status in ["FAILED", "ABORTED"] {
            let (passes, message) = said(status, None, Some("Access Denied.")).unwrap_err();
            assert!(!passes && message.contains("Access Denied. Put that right"), "{message}");
            assert!(message.contains("after-j-1") && message.contains(TAG), "{message}");
        }
        let gone = judge("j-1", None).unwrap_err();
        assert!(!gone.passes && gone.message.contains("any more"), "{gone:?}");
    }

    #[test]
    fn a_recovery_point_is_restored_where_it_is() {
        let of = |region: &str, account: &str| reachable(POINT, region, account).map_err(|unfit| unfit.message);
        assert_eq!(of("eu-west-1", "210987654321"), Ok(()));
        let region = of("eu-central-1", "210987654321").unwrap_err();
        assert!(region.contains("is in eu-west-1, and the site in eu-central-1. Copy it"), "{region}");
        let account = of("eu-west-1", "123456789012").unwrap_err();
        assert!(account.contains("in the account 210987654321") && account.contains("Copy it"), "{account}");
    }
}
