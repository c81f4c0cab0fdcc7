use aws_sdk_cloudwatchlogs::types::Delivery as Sdk;
use wpc_blueprint::cdn::log_delivery::{COMPONENT, CREATE, DELETE, DESCRIBE, Desired, GET, LogDelivery, Observed};
use wpc_blueprint::cdn::log_source;
use wpc_blueprint::monitoring::log_group::{LIST_TAGS, TAG};
use wpc_engine::{Action, Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone, unknown};
use crate::clients::EDGE;
use crate::tag_cache::Tags;

pub(super) const NOT_FOUND: &[&str] = &["ResourceNotFoundException"];
/// It is there, or another write is under way.
const CONFLICT: &[&str] = &["ConflictException"];

impl Verbs<LogDelivery> for Cloud {
    /// The list is all stacks'. Ours is known by its source, whose name is ours.
    async fn list(&self) -> Result<Vec<Found<LogDelivery>>, Fault> {
        let all = self.shared(DESCRIBE.name, self.log_deliveries()).await?;
        let mut found = vec![];
        for have in all.iter().filter_map(|sdk| self.delivery(sdk)) {
            if self.labels.stack.may_have_named(log_source::name(&have.source)) {
                found.extend(self.found_delivery(have).await?);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<LogDelivery>>, Fault> {
        let request = self.clients.logs_edge.get_delivery().id(&id.0).send();
        let Some(answer) = absent(self.call(GET, request).await, NOT_FOUND)? else { return Ok(None) };
        let have = answer.delivery.as_ref().and_then(|sdk| self.delivery(sdk)).ok_or_else(|| unknown(GET))?;
        Ok(self.tags_of_log(&have.arn).await?.map(|tags| self.at(key, &tags, have)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self
            .clients
            .logs_edge
            .create_delivery()
            .delivery_source_name(log_source::name(&want.source))
            .delivery_destination_arn(&want.destination.0)
            .set_tags(Some(self.labels.of(key).into_iter().collect()));
        match self.call(CREATE, request.send()).await {
            Ok(made) => CREATE.id(made.delivery.and_then(|made| made.id)),
            Err(fault) if fault.is(CONFLICT) => {
                let all = self.log_deliveries().await?;
                let ends = |have: &Observed| (&have.source, &have.destination) == (&want.source, &want.destination);
                let same = all.iter().filter_map(|sdk| self.delivery(sdk)).find(ends);
                match same {
                    Some(have) => claim(CREATE, self.found_delivery(have).await?),
                    None => Err(fault),
                }
            }
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let done = self.call(DELETE, self.clients.logs_edge.delete_delivery().id(&have.id.0).send()).await;
        self.forget(&have.arn.0);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_log(key, &have.arn).await
    }
}

impl Cloud {
    async fn log_deliveries(&self) -> Result<Vec<Sdk>, Fault> {
        let request = self.clients.logs_edge.describe_deliveries().into_paginator();
        let request = request.stop_on_duplicate_token(false).items().send();
        self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>()).await
    }

    fn delivery(&self, sdk: &Sdk) -> Option<Observed> {
        let source = format!("delivery-source:{}", sdk.delivery_source_name()?);
        Some(Observed {
            id: Id(sdk.id()?.to_owned()),
            arn: Id(sdk.arn()?.to_owned()),
            source: Id(self.clients.scope().arn_in(EDGE, "logs", &source)),
            destination: Id(sdk.delivery_destination_arn()?.to_owned()),
        })
    }

    /// A delivery, by what lies at its ends; its tags say whose it is.
    async fn found_delivery(&self, have: Observed) -> Result<Option<Found<LogDelivery>>, Fault> {
        let want = Desired { source: have.source.clone(), destination: have.destination.clone() };
        let key = Key { name: COMPONENT.into(), variant: LogDelivery::variant(&want) };
        Ok(self.tags_of_log(&have.arn).await?.map(|tags| self.at(&key, &tags, have)))
    }

    /// What a put made; where AWS speaks of a conflict, what is there by that name, if it is ours.
    pub(super) async fn put_log<K: Kind>(
        &self,
        action: Action,
        key: &Key,
        name: String,
        made: Result<Option<String>, Fault>,
    ) -> Result<Id, Fault>
    where
        Self: Verbs<K>,
    {
        match made {
            Err(fault) if fault.is(CONFLICT) => match Verbs::<K>::read(self, key, &Id(name)).await? {
                Some(found) => claim(action, Some(found)),
                None => Err(fault),
            },
            made => action.id(made?),
        }
    }

    /// The tags of a part of the delivery of logs; none if it went meanwhile.
    pub(super) async fn tags_of_log(&self, arn: &Id) -> Result<Option<Tags>, Fault> {
        let tags = self.tags_of(&arn.0, async {
            let request = self.clients.logs_edge.list_tags_for_resource().resource_arn(&arn.0).send();
            Ok(self.call(LIST_TAGS, request).await?.tags.into_iter().flatten().collect())
        });
        absent(tags.await, NOT_FOUND)
    }

    pub(super) async fn relabel_log(&self, key: &Key, arn: &Id) -> Result<(), Fault> {
        let tags = self.labels.of(key).into_iter().collect();
        let request = self.clients.logs_edge.tag_resource().resource_arn(&arn.0).set_tags(Some(tags));
        let done = self.call(TAG, request.send()).await;
        self.forget(&arn.0);
        done.map(drop)
    }
}
