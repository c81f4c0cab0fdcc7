use std::sync::Arc;

use aws_sdk_elasticache::types::CacheSubnetGroup as Sdk;
use wpc_blueprint::cache::subnet_group::{CREATE, DELETE, DESCRIBE, Desired, MODIFY, Observed, SubnetGroup};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::Marks;
use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["CacheSubnetGroupNotFoundFault", "CacheSubnetGroupNotFound"];
const EXISTS: &[&str] = &["CacheSubnetGroupAlreadyExists"];
const LONGEST_NAME: usize = 255;

impl Verbs<SubnetGroup> for Cloud {
    async fn list(&self) -> Result<Vec<Found<SubnetGroup>>, Fault> {
        let groups = self.cache_subnet_groups().await?;
        let mut found = vec![];
        for sdk in groups.iter() {
            if let Some(have) = observed(sdk) {
                found.extend(self.cache_listed(marks(sdk), have).await?);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<SubnetGroup>>, Fault> {
        let request = self.clients.elasticache.describe_cache_subnet_groups().cache_subnet_group_name(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let groups = answer.and_then(|answer| answer.cache_subnet_groups).unwrap_or_default();
        match groups.first().and_then(|sdk| Some((sdk, observed(sdk)?))) {
            Some((sdk, have)) => self.cache_at(key, marks(sdk), have).await.map(Some),
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = Id(self.name(key, LONGEST_NAME));
        let request = self
            .clients
            .elasticache
            .create_cache_subnet_group()
            .cache_subnet_group_name(&name.0)
            .cache_subnet_group_description(self.cache_description(key))
            .set_subnet_ids(Some(want.subnets.iter().map(|id| id.0.clone()).collect()))
            .set_tags(Some(self.cache_tags(key)))
            .send();
        match self.call(CREATE, request).await {
            Ok(_) => Ok(name),
            Err(fault) if fault.is(EXISTS) => claim(CREATE, Verbs::<SubnetGroup>::read(self, key, &name).await?),
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, _: &[Change]) -> Result<(), Fault> {
        let request = self.clients.elasticache.modify_cache_subnet_group().cache_subnet_group_name(&have.name.0);
        let subnets = want.subnets.iter().map(|id| id.0.clone()).collect();
        self.call(MODIFY, request.set_subnet_ids(Some(subnets)).send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.elasticache.delete_cache_subnet_group().cache_subnet_group_name(&have.name.0);
        let done = self.call(DELETE, request.send()).await;
        self.forget(&have.arn);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_cache(key, &have.arn).await
    }
}

impl Cloud {
    /// Every subnet group.
    pub(super) async fn cache_subnet_groups(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request = self.clients.elasticache.describe_cache_subnet_groups();
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await
    }
}

fn marks(sdk: &Sdk) -> Marks<'_> {
    let description = sdk.cache_subnet_group_description();
    Marks { arn: sdk.arn().unwrap_or_default(), description, readable: true }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let subnets = sdk.subnets().iter().filter_map(|subnet| subnet.subnet_identifier.clone()).map(Id).collect();
    Some(Observed { name: Id(sdk.cache_subnet_group_name()?.to_owned()), arn: sdk.arn()?.to_owned(), subnets })
}
