use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_cloudwatchlogs::types::LogGroup as Sdk;
use wpc_blueprint::monitoring::log_group::{
    ASSOCIATE_KEY, CREATE, DELETE, DESCRIBE, Desired, KEY, LIST_TAGS, LogGroup, Observed, PATTERN, PUT_RETENTION,
    RETENTION, TAG, key, name, place,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::clients::EDGE;

const NOT_FOUND: &[&str] = &["ResourceNotFoundException"];
const EXISTS: &[&str] = &["ResourceAlreadyExistsException"];

impl Verbs<LogGroup> for Cloud {
    /// The list shows no tags; a name holds the whole stack id.
    async fn list(&self) -> Result<Vec<Found<LogGroup>>, Fault> {
        let home = self.clients.scope.region.clone();
        let mut found = self.log_groups_in(&home).await?;
        if home != EDGE {
            found.extend(self.log_groups_in(EDGE).await?);
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<LogGroup>>, Fault> {
        let (region, name) = place(id).unwrap_or((&self.clients.scope.region, &id.0));
        // A list of this prefix begins with the name itself.
        let request = self.logs(region).describe_log_groups().log_group_name_prefix(name).send();
        let groups = self.call(DESCRIBE, request).await?.log_groups.unwrap_or_default();
        let Some(have) = groups.iter().filter_map(observed).find(|have| have.name == name) else { return Ok(None) };
        self.log_group(key, have).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = name(&self.labels.stack, key, want.writer);
        let arn = Id(self.clients.scope.arn_in(&want.region, "logs", &format!("log-group:{name}")));
        let request = self
            .logs(&want.region)
            .create_log_group()
            .log_group_name(&name)
            .set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()))
            .set_tags(Some(self.log_tags(key)));
        match self.call(CREATE, request.send()).await {
            Ok(_) => Ok(arn),
            Err(fault) if fault.is(EXISTS) => claim(CREATE, Verbs::<LogGroup>::read(self, key, &arn).await?),
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let logs = self.logs(&want.region);
        if changed(RETENTION) {
            let request = logs.put_retention_policy().log_group_name(&have.name);
            self.call(PUT_RETENTION, request.retention_in_days(want.retention_days.into()).send()).await?;
        }
        if let Some(key) = want.key.as_ref().filter(|_| changed(KEY)) {
            let request = logs.associate_kms_key().log_group_name(&have.name).kms_key_id(&key.0);
            self.call(ASSOCIATE_KEY, request.send()).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let (region, _) = place(&have.arn).unwrap_or((&self.clients.scope.region, ""));
        let done = self.call(DELETE, self.logs(region).delete_log_group().log_group_name(&have.name).send()).await;
        self.forget(&have.arn.0);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let (region, _) = place(&have.arn).unwrap_or((&self.clients.scope.region, ""));
        let request = self.logs(region).tag_resource().resource_arn(&have.arn.0).set_tags(Some(self.log_tags(key)));
        let done = self.call(TAG, request.send()).await;
        self.forget(&have.arn.0);
        done.map(drop)
    }
}

impl Cloud {
    fn logs(&self, region: &str) -> &aws_sdk_cloudwatchlogs::Client {
        if region == self.clients.scope.region { &self.clients.logs } else { &self.clients.logs_edge }
    }

    fn log_tags(&self, key: &Key) -> HashMap<String, String> {
        self.labels.of(key).into_iter().collect()
    }

    /// The stack's groups of a region.
    async fn log_groups_in(&self, region: &str) -> Result<Vec<Found<LogGroup>>, Fault> {
        let every = self.every_log_group(region).await?;
        let mut found = vec![];
        for have in every.iter().filter_map(observed) {
            if let Some(key) = key(&self.labels.stack, region, &have.name) {
                found.extend(self.log_group(&key, have).await?);
            }
        }
        Ok(found)
    }

    /// Every stack's groups of a region, and what else is named like them.
    async fn every_log_group(&self, region: &str) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request = self.logs(region).describe_log_groups().log_group_name_pattern(PATTERN);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>());
        self.shared(format!("{} {region}", DESCRIBE.name), fetch).await
    }

    /// A group under one of our names; its tags say whose it is. Without any it went since it was listed.
    async fn log_group(&self, key: &Key, have: Observed) -> Result<Option<Found<LogGroup>>, Fault> {
        let (region, _) = place(&have.arn).unwrap_or((&self.clients.scope.region, ""));
        let tags = self.tags_of(&have.arn.0, async {
            let request = self.logs(region).list_tags_for_resource().resource_arn(&have.arn.0).send();
            Ok(self.call(LIST_TAGS, request).await?.tags.into_iter().flatten().collect())
        });
        Ok(absent(tags.await, NOT_FOUND)?.map(|tags| self.at(key, &tags, have)))
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let arn = sdk.log_group_arn().or_else(|| sdk.arn().map(|arn| arn.trim_end_matches(":*")))?;
    Some(Observed {
        arn: Id(arn.to_owned()),
        name: sdk.log_group_name()?.to_owned(),
        retention_days: sdk.retention_in_days().and_then(|days| u16::try_from(days).ok()),
        key: sdk.kms_key_id().map(Id::from),
    })
}
