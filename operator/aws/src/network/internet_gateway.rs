use std::sync::Arc;

use aws_sdk_ec2::types::{AttachmentStatus, InternetGateway as Sdk, ResourceType};
use wpc_blueprint::network::internet_gateway::{
    ATTACH, CREATE, DELETE, DESCRIBE, DETACH, Desired, InternetGateway, Observed,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidInternetGatewayID.NotFound"];
const LOOSE: &[&str] = &["InvalidInternetGatewayID.NotFound", "Gateway.NotAttached"];

impl Verbs<InternetGateway> for Cloud {
    async fn list(&self) -> Result<Vec<Found<InternetGateway>>, Fault> {
        let gateways = self.internet_gateways().await?;
        self.ours(DESCRIBE, gateways.iter().map(|sdk| (tags(sdk.tags()), observed(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<InternetGateway>>, Fault> {
        let request = self.clients.ec2.describe_internet_gateways().internet_gateway_ids(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let gateways = answer.and_then(|answer| answer.internet_gateways).unwrap_or_default();
        Ok(gateways.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }

    async fn create(&self, key: &Key, _: &Desired) -> Result<Id, Fault> {
        let request = self.clients.ec2_once.create_internet_gateway();
        let request = request.tag_specifications(self.tag_specification(key, ResourceType::InternetGateway)).send();
        let made = self.call(CREATE, request).await?;
        CREATE.id(made.internet_gateway.and_then(|gateway| gateway.internet_gateway_id))
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        self.detach(have).await?;
        let request = self.clients.ec2.attach_internet_gateway().internet_gateway_id(&have.id.0).vpc_id(&want.vpc.0);
        self.call(ATTACH, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        self.detach(have).await?;
        let request = self.clients.ec2.delete_internet_gateway().internet_gateway_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    /// The internet gateways of every stack.
    async fn internet_gateways(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request = self
            .clients
            .ec2
            .describe_internet_gateways()
            .filters(every_stack())
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.send().collect::<Result<Vec<_>, _>>())).await
    }

    /// Our gateway of a network: public addresses behind it keep it from being detached, so what has one holds it.
    pub(crate) async fn internet_gateway_of(&self, vpc: Option<&str>) -> Result<Option<Id>, Fault> {
        let gateways = self.internet_gateways().await?;
        let mut found = gateways.iter().filter_map(observed);
        Ok(found.find(|have| vpc.is_some() && have.vpc.as_ref().map(Id::as_str) == vpc).map(|have| have.id))
    }

    async fn detach(&self, have: &Observed) -> Result<(), Fault> {
        let Some(vpc) = &have.vpc else { return Ok(()) };
        let request = self.clients.ec2.detach_internet_gateway().internet_gateway_id(&have.id.0).vpc_id(&vpc.0).send();
        gone(self.call(DETACH, request).await, LOOSE)
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let attachment =
        sdk.attachments().iter().find(|attachment| attachment.state() != Some(&AttachmentStatus::Detached));
    let moving = [AttachmentStatus::Attaching, AttachmentStatus::Detaching];
    Some(Observed {
        id: Id(sdk.internet_gateway_id()?.to_owned()),
        vpc: attachment.and_then(|attachment| attachment.vpc_id()).map(Id::from),
        moving: attachment.and_then(|attachment| attachment.state()).is_some_and(|state| moving.contains(state)),
    })
}
