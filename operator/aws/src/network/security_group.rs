use std::sync::Arc;

use aws_sdk_ec2::types::{Filter, IpPermission, IpRange, ResourceType, SecurityGroup as Sdk};
use wpc_blueprint::network::security_group::{CLOSE, CREATE, DELETE, DESCRIBE, Desired, Observed, SecurityGroup};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidGroup.NotFound"];

impl Verbs<SecurityGroup> for Cloud {
    async fn list(&self) -> Result<Vec<Found<SecurityGroup>>, Fault> {
        let groups = self.security_groups().await?;
        self.ours(DESCRIBE, groups.iter().map(|sdk| (tags(sdk.tags()), observed(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<SecurityGroup>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_security_groups().group_ids(&id.0).send()).await;
        let groups = absent(answer, NOT_FOUND)?.and_then(|answer| answer.security_groups).unwrap_or_default();
        Ok(groups.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, 255);
        let request = self
            .clients
            .ec2
            .create_security_group()
            .group_name(&name)
            .description(&want.description)
            .vpc_id(&want.vpc.0)
            .tag_specifications(self.tag_specification(key, ResourceType::SecurityGroup))
            .send();
        match self.call(CREATE, request).await {
            Ok(made) => {
                let id = CREATE.id(made.group_id)?;
                self.close(&id).await?;
                Ok(id)
            }
            Err(fault) if fault.is(&["InvalidGroup.Duplicate"]) => {
                claim(CREATE, self.named_group(key, &name, &want.vpc).await?)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        gone(self.call(DELETE, self.clients.ec2.delete_security_group().group_id(&have.id.0).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    /// The groups of every stack.
    pub(super) async fn security_groups(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request = self
            .clients
            .ec2
            .describe_security_groups()
            .filters(every_stack())
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.send().collect::<Result<Vec<_>, _>>())).await
    }

    async fn named_group(&self, key: &Key, name: &str, vpc: &Id) -> Result<Option<Found<SecurityGroup>>, Fault> {
        let filter = |filter: &str, value: &str| Filter::builder().name(filter).values(value).build();
        let request = self.clients.ec2.describe_security_groups();
        let request = request.filters(filter("group-name", name)).filters(filter("vpc-id", &vpc.0));
        let groups = self.call(DESCRIBE, request.send()).await?.security_groups.unwrap_or_default();
        Ok(groups.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }

    /// A new group lets everything out. Where that could not be undone here, the rule is listed and swept.
    async fn close(&self, group: &Id) -> Result<(), Fault> {
        let everywhere = IpRange::builder().cidr_ip("0.0.0.0/0").build();
        let everything = IpPermission::builder().ip_protocol("-1").ip_ranges(everywhere).build();
        let request = self.clients.ec2.revoke_security_group_egress().group_id(&group.0).ip_permissions(everything);
        gone(self.call(CLOSE, request.send()).await, &["InvalidGroup.NotFound", "InvalidPermission.NotFound"])
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed { id: Id(sdk.group_id()?.to_owned()), vpc: Id(sdk.vpc_id()?.to_owned()) })
}
