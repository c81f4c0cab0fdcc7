use std::iter::once;

use aws_sdk_ec2::types::{NatGateway as Sdk, NatGatewayState, ResourceType};
use wpc_blueprint::network::nat_gateway::{CREATE, DELETE, DESCRIBE, Desired, NatGateway, Observed, Phase};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["NatGatewayNotFound", "InvalidNatGatewayID.NotFound"];

impl Verbs<NatGateway> for Cloud {
    async fn list(&self) -> Result<Vec<Found<NatGateway>>, Fault> {
        let request = self
            .clients
            .ec2
            .describe_nat_gateways()
            .filter(every_stack())
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        let gateways = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        let mut found = vec![];
        for sdk in gateways.iter().filter(|sdk| sdk.state() != Some(&NatGatewayState::Deleted)) {
            for mut mine in self.ours::<NatGateway>(DESCRIBE, once((tags(sdk.tags()), observed(sdk))))? {
                mine.have.internet_gateway = self.internet_gateway_of(sdk.vpc_id()).await?;
                found.push(mine);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<NatGateway>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_nat_gateways().nat_gateway_ids(&id.0).send()).await;
        let gateways = absent(answer, NOT_FOUND)?.and_then(|answer| answer.nat_gateways).unwrap_or_default();
        let Some(sdk) = gateways.first() else { return Ok(None) };
        let Some(mut have) = observed(sdk) else { return Ok(None) };
        have.internet_gateway = self.internet_gateway_of(sdk.vpc_id()).await?;
        Ok(Some(self.at(key, &tags(sdk.tags()), have)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        self.incarnate(key, |token| async move {
            let request = self
                .clients
                .ec2
                .create_nat_gateway()
                .subnet_id(&want.subnet.0)
                .allocation_id(&want.address.0)
                .client_token(token)
                .tag_specifications(self.tag_specification(key, ResourceType::Natgateway))
                .send();
            let made = self.call(CREATE, request).await?;
            CREATE.id(made.nat_gateway.and_then(|gateway| gateway.nat_gateway_id))
        })
        .await
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        gone(
            self.call(DELETE, self.clients.ec2.delete_nat_gateway().nat_gateway_id(&have.id.0).send()).await,
            NOT_FOUND,
        )
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

/// Deleted gateways stay listed for an hour: they are gone.
fn observed(sdk: &Sdk) -> Option<Observed> {
    let phase = match sdk.state()? {
        NatGatewayState::Deleted => return None,
        NatGatewayState::Available => Phase::Available,
        NatGatewayState::Deleting => Phase::Deleting,
        NatGatewayState::Failed => Phase::Failed(sdk.failure_message().unwrap_or("AWS gave no reason").to_owned()),
        _ => Phase::Pending,
    };
    Some(Observed {
        id: Id(sdk.nat_gateway_id()?.to_owned()),
        subnet: Id(sdk.subnet_id()?.to_owned()),
        address: sdk.nat_gateway_addresses().iter().find_map(|address| address.allocation_id()).map(Id::from),
        internet_gateway: None,
        phase,
    })
}
