use aws_sdk_ec2::types::{FlowLog as Sdk, FlowLogsResourceType, LogDestinationType, ResourceType, TrafficType};
use wpc_blueprint::network::flow_log::{CREATE, DELETE, DESCRIBE, Desired, FlowLog, Observed};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::fault::refused;
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidFlowLogId.NotFound"];
/// What is written comes ten minutes at a time: the other choice, one minute, costs more.
const INTERVAL_SECONDS: i32 = 600;

impl Verbs<FlowLog> for Cloud {
    async fn list(&self) -> Result<Vec<Found<FlowLog>>, Fault> {
        let request = self.clients.ec2.describe_flow_logs().filter(every_stack()).into_paginator();
        let request = request.stop_on_duplicate_token(false).items().send();
        let logs = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        self.ours(DESCRIBE, logs.iter().map(|sdk| (tags(sdk.tags()), self.flow_log(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<FlowLog>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_flow_logs().flow_log_ids(&id.0).send()).await;
        let logs = absent(answer, NOT_FOUND)?.and_then(|answer| answer.flow_logs).unwrap_or_default();
        Ok(logs.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), self.flow_log(sdk)?))))
    }

    /// One of the EC2 creates that report a refusal inside an answer.
    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        self.incarnate(key, |token| async move {
            let request = self
                .clients
                .ec2
                .create_flow_logs()
                .resource_type(FlowLogsResourceType::Vpc)
                .resource_ids(&want.vpc.0)
                .traffic_type(TrafficType::All)
                .log_destination_type(LogDestinationType::CloudWatchLogs)
                .log_group_name(&want.log_group)
                .deliver_logs_permission_arn(&want.role)
                .max_aggregation_interval(INTERVAL_SECONDS)
                .client_token(token)
                .tag_specifications(self.tag_specification(key, ResourceType::VpcFlowLog))
                .send();
            let made = self.call(CREATE, request).await?;
            if let Some(error) = made.unsuccessful().first().and_then(|item| item.error()) {
                return Err(refused(CREATE, error.code(), error.message()));
            }
            CREATE.id(made.flow_log_ids.and_then(|ids| ids.into_iter().next()))
        })
        .await
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.delete_flow_logs().flow_log_ids(&have.id.0).send();
        let answer = self.call(DELETE, request).await.and_then(|answer| {
            let error = answer.unsuccessful().first().and_then(|item| item.error());
            error.map_or(Ok(()), |error| Err(refused(DELETE, error.code(), error.message())))
        });
        gone(answer, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    fn flow_log(&self, sdk: &Sdk) -> Option<Observed> {
        let group = |name: &str| Id(self.clients.scope().arn("logs", &format!("log-group:{name}")));
        let failed = sdk.deliver_logs_status() == Some("FAILED");
        Some(Observed {
            id: Id(sdk.flow_log_id()?.to_owned()),
            vpc: Id(sdk.resource_id()?.to_owned()),
            log_group: sdk.log_group_name().filter(|name| !name.is_empty()).map(group),
            role: sdk.deliver_logs_permission_arn().and_then(|arn| arn.rsplit('/').next()).map(Id::from),
            error: failed.then(|| sdk.deliver_logs_error_message().unwrap_or("AWS gave no reason").to_owned()),
        })
    }
}
