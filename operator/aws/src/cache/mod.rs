//! Kinds of Amazon ElastiCache.
//!
//! Lists carry no tags, and those of a replication group or cluster cannot be read while it is at work. Whose a thing is,
//! and which, therefore stands in its description: the whole stack id and the component. A cluster has none; its subnet
//! group has.

mod cluster;
mod parameter_group;
mod replication_group;
mod subnet_group;

use std::sync::Arc;

use aws_sdk_elasticache::types::{CacheCluster, Tag};
use wpc_blueprint::cache::replication_group::{DESCRIBE_NODES, LIST_TAGS, TAG};
use wpc_engine::{Fault, Found, Key, Kind, Owner, Standing};

use crate::Cloud;
use crate::call::absent;
use crate::tag_cache::Tags;

/// It went, or went to work, since it was listed.
const NO_TAGS: &[&str] = &[
    "InvalidReplicationGroupState",
    "InvalidCacheClusterState",
    "CacheClusterNotFound",
    "ReplicationGroupNotFoundFault",
    "CacheSubnetGroupNotFoundFault",
    "CacheParameterGroupNotFound",
];

/// What makes a found thing known.
struct Marks<'a> {
    arn: &'a str,
    description: Option<&'a str>,
    /// Whether AWS lets its tags be read now.
    readable: bool,
}

impl Cloud {
    fn cache_description(&self, key: &Key) -> String {
        format!("{} {key}", self.labels.stack)
    }

    fn cache_tags(&self, key: &Key) -> Vec<Tag> {
        self.tags(key, |name, value| Tag::builder().key(name).value(value).build())
    }

    /// The key of a thing, if its description says that it is this stack's.
    fn cache_key(&self, description: Option<&str>) -> Option<Key> {
        let component = description?.strip_prefix(&self.labels.stack.to_string())?.strip_prefix(' ')?;
        let Ok(key) = component.parse();
        Some(key)
    }

    /// A listed thing, if it is this stack's.
    async fn cache_listed<K: Kind>(&self, marks: Marks<'_>, have: K::Observed) -> Result<Option<Found<K>>, Fault> {
        let Some(key) = self.cache_key(marks.description) else { return Ok(None) };
        Ok(Some(match self.cache_tags_of(&marks).await? {
            Some(tags) => self.at(&key, &tags, have),
            None => Found::ours(key, have),
        }))
    }

    /// A thing that was found by its name; its description says whether it is this stack's.
    async fn cache_at<K: Kind>(&self, key: &Key, marks: Marks<'_>, have: K::Observed) -> Result<Found<K>, Fault> {
        let owner = marks.description.unwrap_or_default();
        let foreign = Standing::Foreign(Owner::Stranger(format!("somebody else, by its description {owner:?}")));
        match self.cache_key(marks.description) {
            Some(_) => Ok(self.cache_listed(marks, have).await?.expect("the description was read")),
            None => Ok(Found { key: key.clone(), have, standing: foreign }),
        }
    }

    async fn cache_tags_of(&self, marks: &Marks<'_>) -> Result<Option<Tags>, Fault> {
        if !marks.readable {
            return Ok(self.known_tags(marks.arn));
        }
        let tags = self.tags_of(marks.arn, async {
            let request = self.clients.elasticache.list_tags_for_resource().resource_name(marks.arn).send();
            let tags = self.call(LIST_TAGS, request).await?.tag_list.unwrap_or_default();
            Ok(tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
        });
        absent(tags.await, NO_TAGS)
    }

    /// Every cluster, of Memcached and of replication groups: one list for both.
    async fn cache_clusters(&self) -> Result<Arc<Vec<CacheCluster>>, Fault> {
        let request = self.clients.elasticache.describe_cache_clusters().show_cache_node_info(true);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let clusters = self.call(DESCRIBE_NODES, request.collect::<Result<Vec<_>, _>>());
        self.shared(DESCRIBE_NODES.name, clusters).await
    }

    async fn relabel_cache(&self, key: &Key, arn: &str) -> Result<(), Fault> {
        let request = self.clients.elasticache.add_tags_to_resource().resource_name(arn);
        let done = self.call(TAG, request.set_tags(Some(self.cache_tags(key))).send()).await;
        self.forget(arn);
        done.map(drop)
    }
}
