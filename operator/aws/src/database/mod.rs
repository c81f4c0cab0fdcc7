//! Database kinds, all of Amazon RDS.

mod cluster;
mod cluster_instance;
mod cluster_parameter_group;
mod instance;
mod parameter_group;
mod primary;
mod recovery_point;
mod replica;
mod restore;
mod settings;
mod snapshots;
mod subnet_group;

use aws_sdk_rds::types::Tag;
use wpc_blueprint::database::subnet_group::{TAG, TAGS};
use wpc_engine::{Fault, Key};

use crate::Cloud;
use crate::call::absent;
use crate::tag_cache::Tags;

/// Creation fails rather than bills for a version that has left standard support. MariaDB has no extended support.
const NO_EXTENDED_SUPPORT: &str = "open-source-rds-extended-support-disabled";

impl Cloud {
    /// A name for a subnet or parameter group.
    fn group_name(&self, key: &Key) -> String {
        self.name(key, 255)
    }

    /// Tags at creation.
    fn rds_tags(&self, key: &Key) -> Option<Vec<Tag>> {
        Some(self.tags(key, |name, value| Tag::builder().key(name).value(value).build()))
    }

    /// The tags of what no list shows tags of.
    async fn rds_tags_of(&self, arn: &str) -> Result<Tags, Fault> {
        const NOT_FOUND: &[&str] = &[
            "DBSubnetGroupNotFoundFault",
            "DBParameterGroupNotFound",
            "DBParameterGroupNotFoundFault",
            "DBClusterParameterGroupNotFoundFault",
        ];
        let fetch = async {
            let answer = self.call(TAGS, self.clients.rds.list_tags_for_resource().resource_name(arn).send()).await;
            Ok(absent(answer, NOT_FOUND)?.map(|answer| tags(answer.tag_list())).unwrap_or_default())
        };
        self.tags_of(arn, fetch).await
    }

    /// Writes tags again.
    async fn relabel_rds(&self, key: &Key, arn: &str) -> Result<(), Fault> {
        let request = self.clients.rds.add_tags_to_resource().resource_name(arn).set_tags(self.rds_tags(key)).send();
        let answer = self.call(TAG, request).await.map(drop);
        self.forget(arn);
        answer
    }
}

/// RDS's tags as a map.
fn tags(tags: &[Tag]) -> Tags {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect()
}
