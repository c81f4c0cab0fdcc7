use aws_sdk_cloudwatchlogs::types::DeliverySource as Sdk;
use wpc_blueprint::cdn::log_source::{
    COMPONENT, CREATE, DELETE, DESCRIBE, Desired, GET, LOG_TYPE, LogSource, NAME_LENGTH, Observed, name,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use super::log_delivery::NOT_FOUND;
use crate::Cloud;
use crate::call::{absent, gone, unknown};

impl Verbs<LogSource> for Cloud {
    /// The list is all stacks', and a name is known by what it is for.
    async fn list(&self) -> Result<Vec<Found<LogSource>>, Fault> {
        let all = self.shared(DESCRIBE.name, self.log_sources()).await?;
        let mut found = vec![];
        for sdk in all.iter() {
            let Some(have) = observed(sdk) else { continue };
            let variant = LogSource::variant(&Desired { distribution: have.distribution.clone() });
            let key = Key { name: COMPONENT.into(), variant };
            if name(&have.arn) == self.name(&key, NAME_LENGTH) {
                found.extend(self.log_source(&key, have).await?);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<LogSource>>, Fault> {
        let request = self.clients.logs_edge.get_delivery_source().name(name(id)).send();
        let Some(answer) = absent(self.call(GET, request).await, NOT_FOUND)? else { return Ok(None) };
        let have = answer.delivery_source.as_ref().and_then(observed).ok_or_else(|| unknown(GET))?;
        self.log_source(key, have).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        let request = self
            .clients
            .logs_edge
            .put_delivery_source()
            .name(&name)
            .resource_arn(&want.distribution)
            .log_type(LOG_TYPE)
            .set_tags(Some(self.labels.of(key).into_iter().collect()));
        let made = self.call(CREATE, request.send()).await;
        // AWS also refuses where the distribution has a source of another name.
        let made = made.map(|made| made.delivery_source.and_then(|made| made.arn));
        self.put_log::<LogSource>(CREATE, key, name, made).await
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.logs_edge.delete_delivery_source().name(name(&have.arn)).send();
        let done = self.call(DELETE, request).await;
        self.forget(&have.arn.0);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_log(key, &have.arn).await
    }
}

impl Cloud {
    async fn log_sources(&self) -> Result<Vec<Sdk>, Fault> {
        let request = self.clients.logs_edge.describe_delivery_sources().into_paginator();
        let request = request.stop_on_duplicate_token(false).items().send();
        self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>()).await
    }

    async fn log_source(&self, key: &Key, have: Observed) -> Result<Option<Found<LogSource>>, Fault> {
        Ok(self.tags_of_log(&have.arn).await?.map(|tags| self.at(key, &tags, have)))
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed { arn: Id(sdk.arn()?.to_owned()), distribution: sdk.resource_arns().first()?.clone() })
}
