use aws_sdk_ec2::types::{ResourceType, VpcEndpoint as Sdk, VpcEndpointType};
use wpc_blueprint::network::endpoint::{CREATE, DELETE, DESCRIBE, Desired, Endpoint, MODIFY, Observed, Phase};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::fault::refused;
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"];

impl Verbs<Endpoint> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Endpoint>>, Fault> {
        let request = self
            .clients
            .ec2
            .describe_vpc_endpoints()
            .filters(every_stack())
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        let endpoints = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        let there = |sdk: &&Sdk| sdk.state().is_none_or(|state| !state.as_str().eq_ignore_ascii_case("deleted"));
        self.ours(DESCRIBE, endpoints.iter().filter(there).map(|sdk| (tags(sdk.tags()), observed(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Endpoint>>, Fault> {
        let request = self.clients.ec2.describe_vpc_endpoints().vpc_endpoint_ids(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let endpoints = answer.and_then(|answer| answer.vpc_endpoints).unwrap_or_default();
        Ok(endpoints.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        self.incarnate(key, |token| async move {
            let request = self
                .clients
                .ec2
                .create_vpc_endpoint()
                .vpc_endpoint_type(VpcEndpointType::Gateway)
                .vpc_id(&want.vpc.0)
                .service_name(&want.service)
                .set_route_table_ids(Some(want.tables.iter().map(|id| id.0.clone()).collect()))
                .client_token(token)
                .tag_specifications(self.tag_specification(key, ResourceType::VpcEndpoint))
                .send();
            let made = self.call(CREATE, request).await?;
            CREATE.id(made.vpc_endpoint.and_then(|endpoint| endpoint.vpc_endpoint_id))
        })
        .await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let ids = |ids: Vec<&Id>| {
            Some(ids.into_iter().map(|id| id.0.clone()).collect()).filter(|ids: &Vec<_>| !ids.is_empty())
        };
        let request = self
            .clients
            .ec2
            .modify_vpc_endpoint()
            .vpc_endpoint_id(&have.id.0)
            .set_add_route_table_ids(ids(want.tables.difference(&have.tables).collect()))
            .set_remove_route_table_ids(ids(have.tables.difference(&want.tables).collect()))
            .send();
        self.call(MODIFY, request).await.map(drop)
    }

    /// The one EC2 delete that reports a refusal inside an answer.
    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.delete_vpc_endpoints().vpc_endpoint_ids(&have.id.0).send();
        let answer = self.call(DELETE, request).await.and_then(|answer| match answer.unsuccessful().first() {
            Some(item) => {
                Err(refused(DELETE, item.error().and_then(|e| e.code()), item.error().and_then(|e| e.message())))
            }
            None => Ok(()),
        });
        gone(answer, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let why = || sdk.last_error().and_then(|error| error.message()).unwrap_or("AWS gave no reason");
    // The documentation writes these in both cases, and AWS answers in both.
    let phase = match sdk.state()?.as_str().to_ascii_lowercase().as_str() {
        "deleted" => return None,
        "deleting" => Phase::Deleting,
        "available" => Phase::Available,
        "failed" | "rejected" | "expired" => Phase::Failed(why().to_owned()),
        _ => Phase::Pending,
    };
    Some(Observed {
        id: Id(sdk.vpc_endpoint_id()?.to_owned()),
        vpc: Id(sdk.vpc_id()?.to_owned()),
        tables: sdk.route_table_ids().iter().map(|id| Id(id.clone())).collect(),
        phase,
    })
}
