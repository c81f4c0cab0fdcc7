//! Kinds of AWS Backup.

mod last_copy;
mod plan;
mod selection;
mod vault;

use std::collections::HashMap;

use wpc_blueprint::backup::vault::{LIST_TAGS, TAG};
use wpc_engine::{Fault, Key};

use crate::Cloud;
use crate::call::absent;
use crate::tag_cache::Tags;

/// What AWS Backup says of what is not there.
const NOT_FOUND: &[&str] = &["ResourceNotFoundException"];
/// What it says of what is there already.
const EXISTS: &[&str] = &["AlreadyExistsException"];
/// Names of vaults and selections take this many characters.
const NAME_LENGTH: usize = 50;

impl Cloud {
    fn backup_tags(&self, key: &Key) -> HashMap<String, String> {
        self.tags(key, |name, value| (name, value)).into_iter().collect()
    }

    /// The tags of a vault or a plan, in the region that its ARN names; none of what is gone.
    async fn tags_of_backup(&self, arn: &str) -> Result<Option<Tags>, Fault> {
        let tags = self.tags_of(arn, async {
            let request = self.clients.backup_of(arn).list_tags().resource_arn(arn).send();
            Ok(self.call(LIST_TAGS, request).await?.tags.unwrap_or_default().into_iter().collect())
        });
        absent(tags.await, NOT_FOUND)
    }

    async fn tag_backup(&self, arn: &str, tags: HashMap<String, String>) -> Result<(), Fault> {
        let request = self.clients.backup_of(arn).tag_resource().resource_arn(arn).set_tags(Some(tags)).send();
        let done = self.call(TAG, request).await;
        self.forget(arn);
        done.map(drop)
    }
}
