use std::sync::Arc;

use aws_sdk_ec2::types::{ResourceType, Subnet as Sdk, SubnetState};
use wpc_blueprint::network::subnet::{CREATE, DELETE, DESCRIBE, Desired, Observed, Subnet};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidSubnetID.NotFound"];

impl Verbs<Subnet> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Subnet>>, Fault> {
        let subnets = self.subnets().await?;
        self.ours(DESCRIBE, subnets.iter().map(|sdk| (tags(sdk.tags()), observed(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Subnet>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_subnets().subnet_ids(&id.0).send()).await;
        let subnets = absent(answer, NOT_FOUND)?.and_then(|answer| answer.subnets).unwrap_or_default();
        Ok(subnets.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self
            .clients
            .ec2_once
            .create_subnet()
            .vpc_id(&want.vpc.0)
            .availability_zone(&want.zone)
            .cidr_block(want.cidr.to_string())
            .tag_specifications(self.tag_specification(key, ResourceType::Subnet))
            .send();
        let made = self.call(CREATE, request).await?;
        CREATE.id(made.subnet.and_then(|subnet| subnet.subnet_id))
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        gone(self.call(DELETE, self.clients.ec2.delete_subnet().subnet_id(&have.id.0).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    /// The subnets of every stack.
    pub(super) async fn subnets(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request = self
            .clients
            .ec2
            .describe_subnets()
            .filters(every_stack())
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await
    }
}

pub(super) fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        id: Id(sdk.subnet_id()?.to_owned()),
        vpc: Id(sdk.vpc_id()?.to_owned()),
        available: sdk.state() == Some(&SubnetState::Available),
    })
}
