//! Storage kinds: of Amazon EFS, and a disk of Amazon EBS.

mod access_point;
mod file_system;
mod mount_target;
mod restore;
mod volume;

use std::collections::BTreeMap;

use aws_sdk_efs::types::{LifeCycleState, Tag};
use wpc_blueprint::storage::Phase;
use wpc_blueprint::storage::file_system::TAG;
use wpc_engine::{Fault, Id, Key};

use crate::Cloud;

fn tags(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

fn tag(name: impl Into<String>, value: impl Into<String>) -> Tag {
    Tag::builder().key(name).value(value).build().expect("both parts are set")
}

fn phase(sdk: &LifeCycleState) -> Phase {
    match sdk {
        LifeCycleState::Available => Phase::Available,
        LifeCycleState::Updating => Phase::Updating,
        LifeCycleState::Deleting | LifeCycleState::Deleted => Phase::Deleting,
        LifeCycleState::Error => Phase::Failed,
        _ => Phase::Creating,
    }
}

impl Cloud {
    fn efs_tags(&self, key: &Key) -> Vec<Tag> {
        let mut tags = self.tags(key, tag);
        // The console shows it as the resource's name.
        if !self.labels.user.contains_key("Name") {
            tags.push(tag("Name", self.name(key, 255)));
        }
        tags
    }

    /// Writes one more tag.
    pub(crate) async fn tag_efs(&self, id: &Id, name: &str, value: &str) -> Result<(), Fault> {
        self.call(TAG, self.clients.efs.tag_resource().resource_id(&id.0).tags(tag(name, value)).send()).await.map(drop)
    }

    /// Writes the tags of a file system or an access point again.
    async fn relabel_efs(&self, key: &Key, id: &Id) -> Result<(), Fault> {
        let request = self.clients.efs.tag_resource().resource_id(&id.0).set_tags(Some(self.efs_tags(key))).send();
        self.call(TAG, request).await.map(drop)
    }
}
