use aws_sdk_rds::types::DbSubnetGroup as Sdk;
use wpc_blueprint::database::subnet_group::{CREATE, DELETE, DESCRIBE, Desired, MODIFY, Observed, SubnetGroup};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["DBSubnetGroupNotFoundFault"];
const EXISTS: &[&str] = &["DBSubnetGroupAlreadyExists", "DBSubnetGroupAlreadyExistsFault"];

impl Verbs<SubnetGroup> for Cloud {
    async fn list(&self) -> Result<Vec<Found<SubnetGroup>>, Fault> {
        let request =
            self.clients.rds.describe_db_subnet_groups().into_paginator().stop_on_duplicate_token(false).items().send();
        let groups = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        let mut found = vec![];
        for have in groups.iter().filter_map(observed).filter(|have| self.labels.stack.may_have_named(&have.name.0)) {
            let tags = self.rds_tags_of(&have.arn).await?;
            found.extend(self.listed::<SubnetGroup>(&tags, have));
        }
        found.retain(|group| group.have.name.0 == self.group_name(&group.key));
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<SubnetGroup>>, Fault> {
        let request = self.clients.rds.describe_db_subnet_groups().db_subnet_group_name(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let groups = answer.and_then(|answer| answer.db_subnet_groups).unwrap_or_default();
        let Some(have) = groups.first().and_then(observed) else { return Ok(None) };
        let tags = self.rds_tags_of(&have.arn).await?;
        Ok(Some(self.at(key, &tags, have)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.group_name(key);
        let request = self
            .clients
            .rds
            .create_db_subnet_group()
            .db_subnet_group_name(&name)
            .db_subnet_group_description(format!("{} of WordPressCluster {}", key.name, self.labels.stack))
            .set_subnet_ids(Some(subnets(want)))
            .set_tags(self.rds_tags(key))
            .send();
        match self.call(CREATE, request).await {
            Ok(made) => {
                // What an earlier one of this name was tagged with says nothing of this one.
                made.db_subnet_group().and_then(Sdk::db_subnet_group_arn).inspect(|arn| self.forget(arn));
                Ok(Id(name))
            }
            Err(fault) if fault.is(EXISTS) => claim(CREATE, Verbs::<SubnetGroup>::read(self, key, &Id(name)).await?),
            Err(fault) => Err(fault),
        }
    }

    /// All its subnets in one call.
    async fn update(&self, _: &Key, want: &Desired, have: &Observed, _: &[Change]) -> Result<(), Fault> {
        let request = self.clients.rds.modify_db_subnet_group().db_subnet_group_name(&have.name.0);
        self.call(MODIFY, request.set_subnet_ids(Some(subnets(want))).send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.rds.delete_db_subnet_group().db_subnet_group_name(&have.name.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_rds(key, &have.arn).await
    }
}

fn subnets(want: &Desired) -> Vec<String> {
    want.subnets.iter().map(|subnet| subnet.0.clone()).collect()
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        name: Id(sdk.db_subnet_group_name()?.to_owned()),
        arn: sdk.db_subnet_group_arn()?.to_owned(),
        subnets: sdk.subnets().iter().filter_map(|subnet| Some(Id(subnet.subnet_identifier()?.to_owned()))).collect(),
    })
}
