use aws_sdk_cloudwatchlogs::types::{DeliveryDestination as Sdk, DeliveryDestinationConfiguration, OutputFormat};
use wpc_blueprint::cdn::log_destination::{
    COMPONENT, CREATE, DELETE, DESCRIBE, Desired, FORMAT, GET, LogDestination, Observed, variant,
};
use wpc_blueprint::cdn::log_source::{NAME_LENGTH, name};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::built;
use super::log_delivery::NOT_FOUND;
use crate::Cloud;
use crate::call::{absent, gone, unknown};

impl Verbs<LogDestination> for Cloud {
    /// The list is all stacks', and a name is known by what it is for.
    async fn list(&self) -> Result<Vec<Found<LogDestination>>, Fault> {
        let all = self.shared(DESCRIBE.name, self.log_destinations()).await?;
        let mut found = vec![];
        for sdk in all.iter() {
            let Some(have) = observed(sdk) else { continue };
            let key = Key { name: COMPONENT.into(), variant: Some(variant(&have.bucket, &have.format)) };
            if name(&have.arn) == self.name(&key, NAME_LENGTH) {
                found.extend(self.log_destination(&key, have).await?);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<LogDestination>>, Fault> {
        let request = self.clients.logs_edge.get_delivery_destination().name(name(id)).send();
        let Some(answer) = absent(self.call(GET, request).await, NOT_FOUND)? else { return Ok(None) };
        let have = answer.delivery_destination.as_ref().and_then(observed).ok_or_else(|| unknown(GET))?;
        self.log_destination(key, have).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        let bucket = format!("arn:{}:s3:::{}", self.clients.scope().partition, want.bucket);
        let place = DeliveryDestinationConfiguration::builder().destination_resource_arn(bucket);
        let request = self
            .clients
            .logs_edge
            .put_delivery_destination()
            .name(&name)
            .output_format(OutputFormat::from(FORMAT))
            .delivery_destination_configuration(built(place.build())?)
            .set_tags(Some(self.labels.of(key).into_iter().collect()));
        let made = self.call(CREATE, request.send()).await;
        let made = made.map(|made| made.delivery_destination.and_then(|made| made.arn));
        self.put_log::<LogDestination>(CREATE, key, name, made).await
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.logs_edge.delete_delivery_destination().name(name(&have.arn)).send();
        let done = self.call(DELETE, request).await;
        self.forget(&have.arn.0);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_log(key, &have.arn).await
    }
}

impl Cloud {
    async fn log_destinations(&self) -> Result<Vec<Sdk>, Fault> {
        let request = self.clients.logs_edge.describe_delivery_destinations().into_paginator();
        let request = request.stop_on_duplicate_token(false).items().send();
        self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>()).await
    }

    async fn log_destination(&self, key: &Key, have: Observed) -> Result<Option<Found<LogDestination>>, Fault> {
        Ok(self.tags_of_log(&have.arn).await?.map(|tags| self.at(key, &tags, have)))
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let place = sdk.delivery_destination_configuration()?.destination_resource_arn();
    Some(Observed {
        arn: Id(sdk.arn()?.to_owned()),
        bucket: place.rsplit(':').next().map(Id::from)?,
        format: sdk.output_format().map(|format| format.as_str().to_owned()).unwrap_or_default(),
    })
}
