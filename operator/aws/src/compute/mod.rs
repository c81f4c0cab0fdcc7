//! Compute kinds: of Amazon EC2, of Auto Scaling, and of IAM.

mod group;
mod instance_profile;
mod instance_refresh;
mod launch;
mod launch_template;
mod policy;
mod role;
mod schedule;

use std::collections::BTreeMap;

use aws_sdk_iam::types::Tag;
use wpc_engine::Key;

use crate::Cloud;

/// What IAM says of what is not there.
pub(crate) const NO_ENTITY: &[&str] = &["NoSuchEntity"];
/// What IAM says of a name that is taken.
pub(crate) const TAKEN: &[&str] = &["EntityAlreadyExists"];
/// Roles take this many characters.
pub(crate) const ROLE_NAME_LENGTH: usize = 64;
/// Names of profiles, groups, templates and policies could be longer; people read them.
const NAME_LENGTH: usize = 64;

impl Cloud {
    pub(crate) fn iam_tags(&self, key: &Key) -> Vec<Tag> {
        let tag = |name, value| Tag::builder().key(name).value(value).build().expect("both are set");
        self.tags(key, tag)
    }
}

pub(crate) fn tags(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}
