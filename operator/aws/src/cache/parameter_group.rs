use aws_sdk_elasticache::types::{CacheParameterGroup as Sdk, ParameterNameValue};
use wpc_blueprint::cache::parameter_group::{
    ALLKEYS_LRU, CREATE, DELETE, DESCRIBE, DESCRIBE_PARAMETERS, Desired, MAXMEMORY_POLICY, MODIFY, Observed,
    ParameterGroup,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::Marks;
use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["CacheParameterGroupNotFound"];
const EXISTS: &[&str] = &["CacheParameterGroupAlreadyExists"];
const LONGEST_NAME: usize = 255;

impl Verbs<ParameterGroup> for Cloud {
    async fn list(&self) -> Result<Vec<Found<ParameterGroup>>, Fault> {
        let request = self
            .clients
            .elasticache
            .describe_cache_parameter_groups()
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        let groups = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        let mut found = vec![];
        for sdk in groups.iter() {
            // Only a stack's own groups are worth a look at their parameters.
            if self.cache_key(sdk.description()).is_some()
                && let Some(have) = self.parameter_group(sdk).await?
            {
                found.extend(self.cache_listed(marks(sdk), have).await?);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<ParameterGroup>>, Fault> {
        let request = self.clients.elasticache.describe_cache_parameter_groups().cache_parameter_group_name(&id.0);
        let answer = absent(self.call(DESCRIBE, request.send()).await, NOT_FOUND)?;
        let groups = answer.and_then(|answer| answer.cache_parameter_groups).unwrap_or_default();
        let Some(sdk) = groups.first() else { return Ok(None) };
        match self.parameter_group(sdk).await? {
            Some(have) => self.cache_at(key, marks(sdk), have).await.map(Some),
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = Id(self.name(key, LONGEST_NAME));
        let request = self
            .clients
            .elasticache
            .create_cache_parameter_group()
            .cache_parameter_group_name(&name.0)
            .cache_parameter_group_family(&want.family)
            .description(self.cache_description(key))
            .set_tags(Some(self.cache_tags(key)))
            .send();
        match self.call(CREATE, request).await {
            Ok(_) => Ok(name),
            Err(fault) if fault.is(EXISTS) => claim(CREATE, Verbs::<ParameterGroup>::read(self, key, &name).await?),
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, _: &Desired, have: &Observed, _: &[Change]) -> Result<(), Fault> {
        let policy = ParameterNameValue::builder().parameter_name(MAXMEMORY_POLICY).parameter_value(ALLKEYS_LRU);
        let request = self.clients.elasticache.modify_cache_parameter_group().cache_parameter_group_name(&have.name.0);
        let done = self.call(MODIFY, request.parameter_name_values(policy.build()).send()).await;
        self.forget(&have.name.0);
        done.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.elasticache.delete_cache_parameter_group().cache_parameter_group_name(&have.name.0);
        let done = self.call(DELETE, request.send()).await;
        self.forget(&have.arn);
        self.forget(&have.name.0);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_cache(key, &have.arn).await
    }
}

impl Cloud {
    /// A group with its parameters, which seldom change by another hand.
    async fn parameter_group(&self, sdk: &Sdk) -> Result<Option<Observed>, Fault> {
        let (Some(name), Some(arn)) = (sdk.cache_parameter_group_name(), sdk.arn()) else { return Ok(None) };
        let policy = self.seldom(name, async {
            let request = self.clients.elasticache.describe_cache_parameters().cache_parameter_group_name(name);
            let request = request.source("user").into_paginator().stop_on_duplicate_token(false).items().send();
            let parameters = self.call(DESCRIBE_PARAMETERS, request.collect::<Result<Vec<_>, _>>()).await?;
            let policy = parameters.into_iter().find(|parameter| parameter.parameter_name() == Some(MAXMEMORY_POLICY));
            Ok(policy.and_then(|parameter| parameter.parameter_value))
        });
        let Some(maxmemory_policy) = absent(policy.await, NOT_FOUND)? else { return Ok(None) };
        Ok(Some(Observed { name: Id(name.to_owned()), arn: arn.to_owned(), maxmemory_policy }))
    }
}

fn marks(sdk: &Sdk) -> Marks<'_> {
    Marks { arn: sdk.arn().unwrap_or_default(), description: sdk.description(), readable: true }
}
