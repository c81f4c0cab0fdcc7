use std::sync::Arc;

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, Vpc as Sdk, VpcAttributeName, VpcState};
use wpc_blueprint::network::vpc::{
    CREATE, DELETE, DESCRIBE, DESCRIBE_ATTRIBUTE, DNS_HOSTNAMES, DNS_SUPPORT, Desired, MODIFY, Observed, Vpc,
};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidVpcID.NotFound"];

impl Verbs<Vpc> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Vpc>>, Fault> {
        let vpcs = self.vpcs().await?;
        let mut found = self.ours::<Vpc>(DESCRIBE, vpcs.iter().map(|vpc| (tags(vpc.tags()), observed(vpc))))?;
        for mine in &mut found {
            let gone = || Fault::new(Class::Transient, "the VPC was deleted while its settings were read");
            self.read_dns(&mut mine.have).await?.ok_or_else(gone)?;
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Vpc>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_vpcs().vpc_ids(&id.0).send()).await;
        let vpcs = absent(answer, NOT_FOUND)?.and_then(|answer| answer.vpcs).unwrap_or_default();
        let Some((vpc, mut have)) = vpcs.first().and_then(|vpc| Some((vpc, observed(vpc)?))) else { return Ok(None) };
        let found = self.read_dns(&mut have).await?;
        Ok(found.map(|()| self.at(key, &tags(vpc.tags()), have)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self.clients.ec2_once.create_vpc().cidr_block(want.cidr.to_string());
        let request = request.tag_specifications(self.tag_specification(key, ResourceType::Vpc)).send();
        let made = self.call(CREATE, request).await?;
        CREATE.id(made.vpc.and_then(|vpc| vpc.vpc_id))
    }

    /// Two settings take two calls; support comes before hostnames.
    async fn update(&self, _: &Key, _: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let on = || AttributeBooleanValue::builder().value(true).build();
        if changes.iter().any(|change| change.path == DNS_SUPPORT) {
            let request = self.clients.ec2.modify_vpc_attribute().vpc_id(&have.id.0).enable_dns_support(on()).send();
            self.call(MODIFY, request).await?;
        }
        if changes.iter().any(|change| change.path == DNS_HOSTNAMES) {
            let request = self.clients.ec2.modify_vpc_attribute().vpc_id(&have.id.0).enable_dns_hostnames(on()).send();
            self.call(MODIFY, request).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        gone(self.call(DELETE, self.clients.ec2.delete_vpc().vpc_id(&have.id.0).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    /// The networks of every stack.
    pub(super) async fn vpcs(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request = self
            .clients
            .ec2
            .describe_vpcs()
            .filters(every_stack())
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await
    }

    /// The list does not show the DNS settings; `None` if the network is gone meanwhile.
    async fn read_dns(&self, have: &mut Observed) -> Result<Option<()>, Fault> {
        let ask = |attribute| {
            let request = self.clients.ec2.describe_vpc_attribute().vpc_id(&have.id.0).attribute(attribute);
            async { absent(self.call(DESCRIBE_ATTRIBUTE, request.send()).await, NOT_FOUND) }
        };
        let Some(support) = ask(VpcAttributeName::EnableDnsSupport).await? else { return Ok(None) };
        let Some(hostnames) = ask(VpcAttributeName::EnableDnsHostnames).await? else { return Ok(None) };
        let on = |value: Option<AttributeBooleanValue>| value.and_then(|value| value.value).unwrap_or_default();
        have.dns_support = on(support.enable_dns_support);
        have.dns_hostnames = on(hostnames.enable_dns_hostnames);
        Ok(Some(()))
    }
}

pub(super) fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        id: Id(sdk.vpc_id()?.to_owned()),
        cidr: sdk.cidr_block().and_then(|cidr| cidr.parse().ok()),
        dns_support: false,
        dns_hostnames: false,
        available: sdk.state() == Some(&VpcState::Available),
    })
}
