use std::collections::BTreeSet;

use aws_sdk_ec2::types::{ResourceType, VpcEndpoint as Sdk, VpcEndpointType};
use wpc_blueprint::network::endpoint::{CREATE, DELETE, DESCRIBE, Desired, Endpoint, MODIFY, Observed, Phase, Way};
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
            let request = self.clients.ec2.create_vpc_endpoint();
            let request = match &want.way {
                Way::Gateway { tables } => {
                    request.vpc_endpoint_type(VpcEndpointType::Gateway).set_route_table_ids(texts(tables))
                }
                Way::Interface { subnets, groups } => request
                    .vpc_endpoint_type(VpcEndpointType::Interface)
                    .set_subnet_ids(texts(subnets))
                    .set_security_group_ids(texts(groups))
                    .private_dns_enabled(true),
            };
            let request = request
                .vpc_id(&want.vpc.0)
                .service_name(&want.service)
                .client_token(token)
                .tag_specifications(self.tag_specification(key, ResourceType::VpcEndpoint));
            let made = self.call(CREATE, request.send()).await?;
            CREATE.id(made.vpc_endpoint.and_then(|endpoint| endpoint.vpc_endpoint_id))
        })
        .await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let request = self.clients.ec2.modify_vpc_endpoint().vpc_endpoint_id(&have.id.0);
        let request = match (&want.way, &have.way) {
            (Way::Gateway { tables }, Way::Gateway { tables: found }) => {
                let (add, remove) = differ(tables, found);
                request.set_add_route_table_ids(add).set_remove_route_table_ids(remove)
            }
            (Way::Interface { subnets, groups }, Way::Interface { subnets: found, groups: found_groups }) => {
                let ((add, remove), (let_in, shut_out)) = (differ(subnets, found), differ(groups, found_groups));
                let request = request.set_add_subnet_ids(add).set_remove_subnet_ids(remove);
                let request = request.set_add_security_group_ids(let_in).set_remove_security_group_ids(shut_out);
                request.set_private_dns_enabled((!have.private_dns).then_some(true))
            }
            _ => return Ok(()),
        };
        self.call(MODIFY, request.send()).await.map(drop)
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

/// Ids as text; nothing where there are none.
fn texts<'a>(ids: impl IntoIterator<Item = &'a Id>) -> Option<Vec<String>> {
    Some(ids.into_iter().map(|id| id.0.clone()).collect()).filter(|ids: &Vec<_>| !ids.is_empty())
}

/// What is to come, and what is to go.
fn differ(want: &BTreeSet<Id>, have: &BTreeSet<Id>) -> (Option<Vec<String>>, Option<Vec<String>>) {
    (texts(want.difference(have)), texts(have.difference(want)))
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
    let ids = |ids: &[String]| ids.iter().map(|id| Id(id.clone())).collect();
    let way = match sdk.vpc_endpoint_type() {
        Some(VpcEndpointType::Interface) => Way::Interface {
            subnets: ids(sdk.subnet_ids()),
            groups: sdk.groups().iter().filter_map(|group| group.group_id()).map(Id::from).collect(),
        },
        _ => Way::Gateway { tables: ids(sdk.route_table_ids()) },
    };
    Some(Observed {
        id: Id(sdk.vpc_endpoint_id()?.to_owned()),
        vpc: Id(sdk.vpc_id()?.to_owned()),
        way,
        private_dns: sdk.private_dns_enabled().unwrap_or_default(),
        phase,
    })
}
