use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, MetricAlarm as Sdk, Statistic};
use wpc_blueprint::monitoring::alarm::{
    Alarm, DELETE, DESCRIBE, Desired, Evaluation, LIST_TAGS, Metric, NAMES, Observed, PUT, Says, TAG, Tells, key, name,
    name_in,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use super::NOT_FOUND;
use crate::Cloud;
use crate::call::{absent, gone};

/// Both sorts of alarms.
#[derive(Debug, Clone, Default)]
pub(super) struct Alarms {
    pub(super) of_metrics: Vec<Sdk>,
    pub(super) composite: Vec<aws_sdk_cloudwatch::types::CompositeAlarm>,
}

impl Verbs<Alarm> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Alarm>>, Fault> {
        let mut found = vec![];
        for have in self.alarms().await?.of_metrics.iter().filter_map(observed) {
            if let Some(key) = key(&self.labels.stack, name_in(&have.arn)) {
                found.extend(self.tagged_alarm(&key, &have.arn.0.clone(), have).await?);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Alarm>>, Fault> {
        match self.alarm_named(name_in(id)).await?.of_metrics.iter().find_map(observed) {
            Some(have) => self.tagged_alarm(key, &have.arn.0.clone(), have).await,
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        self.put_alarm(key, &want.says).await?;
        Ok(self.alarm_arn(key))
    }

    /// CloudWatch takes an alarm only as a whole.
    async fn update(&self, key: &Key, want: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        self.put_alarm(key, &want.says).await
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        self.delete_alarm(&have.arn).await
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_alarm(key, &have.arn).await
    }
}

impl Cloud {
    pub(super) fn alarm_arn(&self, key: &Key) -> Id {
        let name = name(&self.labels.stack, key);
        Id(self.clients.scope.arn("cloudwatch", &format!("alarm:{name}")))
    }

    /// Every stack's alarms.
    pub(super) async fn alarms(&self) -> Result<std::sync::Arc<Alarms>, Fault> {
        let request = self.clients.cloudwatch.describe_alarms().alarm_name_prefix(NAMES).set_alarm_types(both());
        let pages = request.into_paginator().stop_on_duplicate_token(false).send();
        let fetch = async {
            let mut all = Alarms::default();
            for page in self.call(DESCRIBE, pages.collect::<Result<Vec<_>, _>>()).await? {
                all.of_metrics.extend(page.metric_alarms.unwrap_or_default());
                all.composite.extend(page.composite_alarms.unwrap_or_default());
            }
            Ok(all)
        };
        self.shared(DESCRIBE.name, fetch).await
    }

    pub(super) async fn alarm_named(&self, name: &str) -> Result<Alarms, Fault> {
        let request = self.clients.cloudwatch.describe_alarms().alarm_names(name).set_alarm_types(both());
        let answer = self.call(DESCRIBE, request.send()).await?;
        let (of_metrics, composite) = (answer.metric_alarms, answer.composite_alarms);
        Ok(Alarms { of_metrics: of_metrics.unwrap_or_default(), composite: composite.unwrap_or_default() })
    }

    /// An alarm under one of our names; its tags say whose it is. Without any it went since it was listed.
    pub(super) async fn tagged_alarm<K: Kind>(
        &self,
        key: &Key,
        arn: &str,
        have: K::Observed,
    ) -> Result<Option<Found<K>>, Fault> {
        let tags = self.tags_of(arn, async {
            let request = self.clients.cloudwatch.list_tags_for_resource().resource_arn(arn).send();
            let tags = self.call(LIST_TAGS, request).await?.tags.unwrap_or_default();
            Ok(tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
        });
        Ok(absent(tags.await, NOT_FOUND)?.map(|tags| self.at(key, &tags, have)))
    }

    pub(super) async fn delete_alarm(&self, arn: &Id) -> Result<(), Fault> {
        let done = self.call(DELETE, self.clients.cloudwatch.delete_alarms().alarm_names(name_in(arn)).send()).await;
        self.forget(&arn.0);
        gone(done, NOT_FOUND)
    }

    pub(super) async fn relabel_alarm(&self, key: &Key, arn: &Id) -> Result<(), Fault> {
        let request = self.clients.cloudwatch.tag_resource().resource_arn(&arn.0).set_tags(Some(self.alarm_tags(key)));
        let done = self.call(TAG, request.send()).await;
        self.forget(&arn.0);
        done.map(drop)
    }

    pub(super) fn alarm_tags(&self, key: &Key) -> Vec<aws_sdk_cloudwatch::types::Tag> {
        self.tags(key, |name, value| aws_sdk_cloudwatch::types::Tag::builder().key(name).value(value).build())
    }

    async fn put_alarm(&self, key: &Key, want: &Says) -> Result<(), Fault> {
        let Says { description, metric, comparison, threshold, evaluation, tells } = want;
        let Metric { namespace, name: metric_name, statistic, dimensions } = metric;
        let Evaluation { period, points, of, missing } = evaluation;
        let Tells { enabled, ringing, well } = tells;
        let dimensions = dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build());
        let request = self
            .clients
            .cloudwatch
            .put_metric_alarm()
            .alarm_name(name(&self.labels.stack, key))
            .alarm_description(description)
            .namespace(namespace)
            .metric_name(metric_name)
            .statistic(Statistic::from(statistic.as_str()))
            .set_dimensions(Some(dimensions.collect()))
            .comparison_operator(ComparisonOperator::from(comparison.as_str()))
            .threshold(*threshold)
            .period(*period)
            .datapoints_to_alarm(*points)
            .evaluation_periods(*of)
            .treat_missing_data(missing)
            .actions_enabled(*enabled)
            .set_alarm_actions(Some(texts(ringing)))
            .set_ok_actions(Some(texts(well)))
            .set_tags(Some(self.alarm_tags(key)));
        self.call(PUT, request.send()).await.map(drop)
    }
}

pub(super) fn texts(ids: &BTreeSet<Id>) -> Vec<String> {
    ids.iter().map(|id| id.0.clone()).collect()
}

pub(super) fn ids(texts: &[String]) -> BTreeSet<Id> {
    texts.iter().map(|text| Id(text.clone())).collect()
}

fn both() -> Option<Vec<aws_sdk_cloudwatch::types::AlarmType>> {
    use aws_sdk_cloudwatch::types::AlarmType;
    Some(vec![AlarmType::MetricAlarm, AlarmType::CompositeAlarm])
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let dimension = |dimension: &Dimension| Some((dimension.name.clone()?, dimension.value.clone()?));
    let of = sdk.evaluation_periods().unwrap_or_default();
    Some(Observed {
        arn: Id(sdk.alarm_arn()?.to_owned()),
        says: Says {
            description: sdk.alarm_description().unwrap_or_default().to_owned(),
            metric: Metric {
                namespace: sdk.namespace().unwrap_or_default().to_owned(),
                name: sdk.metric_name().unwrap_or_default().to_owned(),
                statistic: sdk.statistic().map(|it| it.as_str().to_owned()).unwrap_or_default(),
                dimensions: sdk.dimensions().iter().filter_map(dimension).collect(),
            },
            comparison: sdk.comparison_operator().map(|it| it.as_str().to_owned()).unwrap_or_default(),
            threshold: sdk.threshold().unwrap_or_default(),
            evaluation: Evaluation {
                period: sdk.period().unwrap_or_default(),
                points: sdk.datapoints_to_alarm().unwrap_or(of),
                of,
                missing: sdk.treat_missing_data().unwrap_or("missing").to_owned(),
            },
            tells: Tells {
                enabled: sdk.actions_enabled().unwrap_or_default(),
                ringing: ids(sdk.alarm_actions()),
                well: ids(sdk.ok_actions()),
            },
        },
    })
}
