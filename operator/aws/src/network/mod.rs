//! Network kinds, all of Amazon EC2.

mod address;
mod association;
mod egress_only_gateway;
mod endpoint;
mod flow_log;
mod flow_log_role;
mod internet_gateway;
mod nat_gateway;
mod route;
mod route_table;
mod security_group;
mod security_group_rule;
mod subnet;
mod subnet_cidr_block;
mod vpc;
mod vpc_cidr_block;

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use wpc_blueprint::TAG_STACK;
use wpc_engine::{Action, Fault, Id, Key, Standing};

use crate::Cloud;

/// Writes tags again, on any EC2 resource.
const CREATE_TAGS: Action = Action::write("ec2:CreateTags");

/// Every stack's resources; the observer shares the answer between them.
pub(crate) fn every_stack() -> Filter {
    Filter::builder().name("tag-key").values(TAG_STACK).build()
}

/// EC2's tags as a map.
pub(crate) fn tags(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect()
}

/// Whose a part without tags is: whose the whole is.
pub(crate) fn of_part(whole: &Standing) -> Standing {
    match whole {
        Standing::Foreign(owner) => Standing::Foreign(owner.clone()),
        Standing::Ours | Standing::Mislabelled(_) => Standing::Ours,
    }
}

impl Cloud {
    /// Tags at creation, so that a crash right after it leaves nothing without an owner.
    pub(crate) fn tag_specification(&self, key: &Key, resource: ResourceType) -> TagSpecification {
        TagSpecification::builder().resource_type(resource).set_tags(Some(self.ec2_tags(key))).build()
    }

    pub(crate) fn ec2_tags(&self, key: &Key) -> Vec<Tag> {
        let mut tags = self.tags(key, |name, value| Tag::builder().key(name).value(value).build());
        // The console shows it as the resource's name.
        let shown = self.labels.stack.name(key, 255);
        if !self.labels.user.contains_key("Name") {
            tags.push(Tag::builder().key("Name").value(shown).build());
        }
        tags
    }

    /// Writes an EC2 resource's tags again.
    pub(crate) async fn relabel_ec2(&self, key: &Key, id: &Id) -> Result<(), Fault> {
        let request = self.clients.ec2.create_tags().resources(&id.0).set_tags(Some(self.ec2_tags(key))).send();
        self.call(CREATE_TAGS, request).await.map(drop)
    }
}
