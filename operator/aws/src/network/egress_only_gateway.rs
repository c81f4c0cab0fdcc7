use aws_sdk_ec2::types::{AttachmentStatus, EgressOnlyInternetGateway as Sdk, ResourceType};
use wpc_blueprint::network::egress_only_gateway::{CREATE, DELETE, DESCRIBE, Desired, EgressOnlyGateway, Observed};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidGatewayID.NotFound", "InvalidEgressOnlyInternetGatewayId.NotFound"];

impl Verbs<EgressOnlyGateway> for Cloud {
    async fn list(&self) -> Result<Vec<Found<EgressOnlyGateway>>, Fault> {
        let request = self.clients.ec2.describe_egress_only_internet_gateways().filters(every_stack());
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>());
        let gateways = self.shared(DESCRIBE.name, fetch).await?;
        self.ours(DESCRIBE, gateways.iter().map(|sdk| (tags(sdk.tags()), observed(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<EgressOnlyGateway>>, Fault> {
        let request = self.clients.ec2.describe_egress_only_internet_gateways().egress_only_internet_gateway_ids(&id.0);
        let answer = absent(self.call(DESCRIBE, request.send()).await, NOT_FOUND)?;
        let gateways = answer.and_then(|answer| answer.egress_only_internet_gateways).unwrap_or_default();
        Ok(gateways.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        self.incarnate(key, |token| async move {
            let request =
                self.clients.ec2.create_egress_only_internet_gateway().vpc_id(&want.vpc.0).client_token(token);
            let tags = self.tag_specification(key, ResourceType::EgressOnlyInternetGateway);
            let made = self.call(CREATE, request.tag_specifications(tags).send()).await?;
            CREATE.id(made.egress_only_internet_gateway.and_then(|made| made.egress_only_internet_gateway_id))
        })
        .await
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.delete_egress_only_internet_gateway();
        let request = request.egress_only_internet_gateway_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let attachment = sdk.attachments().first();
    Some(Observed {
        id: Id(sdk.egress_only_internet_gateway_id()?.to_owned()),
        vpc: attachment.and_then(|attachment| attachment.vpc_id()).map(Id::from),
        leaving: attachment.and_then(|attachment| attachment.state()) == Some(&AttachmentStatus::Detaching),
    })
}
