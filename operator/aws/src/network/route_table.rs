use std::sync::Arc;

use aws_sdk_ec2::types::{ResourceType, RouteTable as Sdk};
use wpc_blueprint::network::route_table::{CREATE, DELETE, DESCRIBE, Desired, Observed, RouteTable};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidRouteTableID.NotFound"];

impl Verbs<RouteTable> for Cloud {
    async fn list(&self) -> Result<Vec<Found<RouteTable>>, Fault> {
        let tables = self.route_tables().await?;
        self.ours(DESCRIBE, tables.iter().map(|sdk| (tags(sdk.tags()), observed(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<RouteTable>>, Fault> {
        let table = self.read_table(&id.0).await?;
        Ok(table.and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(&sdk)?))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        self.incarnate(key, |token| async move {
            let request = self.clients.ec2.create_route_table().vpc_id(&want.vpc.0).client_token(token);
            let request = request.tag_specifications(self.tag_specification(key, ResourceType::RouteTable)).send();
            let made = self.call(CREATE, request).await?;
            CREATE.id(made.route_table.and_then(|table| table.route_table_id))
        })
        .await
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        gone(
            self.call(DELETE, self.clients.ec2.delete_route_table().route_table_id(&have.id.0).send()).await,
            NOT_FOUND,
        )
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    /// The route tables of every stack, with their routes and associations.
    pub(super) async fn route_tables(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request = self
            .clients
            .ec2
            .describe_route_tables()
            .filters(every_stack())
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.send().collect::<Result<Vec<_>, _>>())).await
    }

    /// A listed table, if it is this stack's.
    pub(super) fn listed_table(&self, sdk: &Sdk) -> Option<Found<RouteTable>> {
        self.listed(&tags(sdk.tags()), observed(sdk)?)
    }

    /// One table, with its routes and associations.
    pub(super) async fn read_table(&self, id: &str) -> Result<Option<Sdk>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_route_tables().route_table_ids(id).send()).await;
        let tables = absent(answer, NOT_FOUND)?.and_then(|answer| answer.route_tables).unwrap_or_default();
        Ok(tables.into_iter().next())
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed { id: Id(sdk.route_table_id()?.to_owned()), vpc: Id(sdk.vpc_id()?.to_owned()) })
}
