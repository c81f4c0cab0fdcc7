use aws_sdk_autoscaling::types::{
    MetricType, PredefinedMetricSpecification, ScalingPolicy as Sdk, TargetTrackingConfiguration,
};
use wpc_blueprint::compute::group::Group;
use wpc_blueprint::compute::policy::{DELETE, DESCRIBE, Desired, Metric, Observed, PUT, Policy};
use wpc_blueprint::compute::{CPU_POLICY, GROUP, REQUESTS_POLICY};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::NAME_LENGTH;
use super::group::{known, standing};
use crate::Cloud;

/// The components that are policies.
const KEYS: [&str; 2] = [CPU_POLICY, REQUESTS_POLICY];

impl Verbs<Policy> for Cloud {
    /// A policy has no tags: it is ours by its name, on our group.
    async fn list(&self) -> Result<Vec<Found<Policy>>, Fault> {
        let groups = self.our_groups().await?;
        if groups.is_empty() {
            return Ok(vec![]);
        }
        let request =
            self.clients.autoscaling.describe_policies().into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>());
        let policies = self.shared(DESCRIBE.name, fetch).await?;
        let of = |group| KEYS.map(|key| self.policy_of(group, key, &policies)).into_iter().flatten();
        Ok(groups.iter().flat_map(of).collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Policy>>, Fault> {
        let of_group = Key::of(GROUP);
        let name = Id(self.name(&of_group, NAME_LENGTH));
        let Some(group) = self.group_named(&of_group, &name).await? else { return Ok(None) };
        let request = self.clients.autoscaling.describe_policies().auto_scaling_group_name(&name.0);
        let answer = known(self.call(DESCRIBE, request.policy_names(&id.0).send()).await)?;
        let policies = answer.and_then(|answer| answer.scaling_policies).unwrap_or_default();
        Ok(self.policy_of(&group, &key.name, &policies))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        self.put_policy(&name, want).await?;
        Ok(Id(name))
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, _: &[Change]) -> Result<(), Fault> {
        self.put_policy(&have.id.0, want).await
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.autoscaling.delete_policy().auto_scaling_group_name(&have.group.0);
        known(self.call(DELETE, request.policy_name(&have.id.0).send()).await).map(drop)
    }
}

impl Cloud {
    fn policy_of(&self, group: &Found<Group>, key: &str, policies: &[Sdk]) -> Option<Found<Policy>> {
        let key = Key::of(key);
        let (group_name, name) = (group.have.id.as_str(), self.name(&key, NAME_LENGTH));
        let ours =
            |sdk: &&Sdk| sdk.policy_name() == Some(name.as_str()) && sdk.auto_scaling_group_name() == Some(group_name);
        let have = policies.iter().find(ours).and_then(observed)?;
        Some(Found { key, have, standing: standing(&group.standing) })
    }

    /// Makes it as well as changes it: AWS takes the whole each time.
    async fn put_policy(&self, name: &str, want: &Desired) -> Result<(), Fault> {
        let metric = PredefinedMetricSpecification::builder();
        let metric = match &want.metric {
            Metric::Cpu => metric.predefined_metric_type(MetricType::AsgAverageCpuUtilization),
            Metric::Requests { label } => {
                metric.predefined_metric_type(MetricType::AlbRequestCountPerTarget).resource_label(label)
            }
        };
        let target = TargetTrackingConfiguration::builder()
            .predefined_metric_specification(metric.build())
            .target_value(want.target)
            .disable_scale_in(false)
            .build();
        let request = self
            .clients
            .autoscaling
            .put_scaling_policy()
            .auto_scaling_group_name(&want.group.0)
            .policy_name(name)
            .policy_type("TargetTrackingScaling")
            .target_tracking_configuration(target)
            .enabled(true)
            .send();
        self.call(PUT, request).await.map(drop)
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let target = sdk.target_tracking_configuration();
    let metric = target.and_then(|target| target.predefined_metric_specification());
    let label = metric.and_then(|metric| metric.resource_label()).unwrap_or_default();
    let metric = metric.and_then(|metric| match metric.predefined_metric_type()? {
        MetricType::AsgAverageCpuUtilization => Some(Metric::Cpu),
        MetricType::AlbRequestCountPerTarget => Some(Metric::Requests { label: label.to_owned() }),
        _ => None,
    });
    Some(Observed {
        id: Id(sdk.policy_name()?.to_owned()),
        group: Id(sdk.auto_scaling_group_name()?.to_owned()),
        metric,
        target: target.and_then(|target| target.target_value()),
        enabled: sdk.enabled().unwrap_or(true),
    })
}
