use aws_sdk_autoscaling::types::{
    Activity, AlarmSpecification, DesiredConfiguration, InstanceRefresh as Sdk, InstanceRefreshStatus as Status,
    RefreshPreferences, ScalingActivityStatusCode as ActivityStatus,
};
use aws_sdk_cloudwatch::types::StateValue;
use wpc_blueprint::compute::group::Group;
use wpc_blueprint::compute::instance_refresh::{
    DESCRIBE, DESCRIBE_ACTIVITIES, DESCRIBE_ALARMS, Desired, InstanceRefresh, LAUNCH, Observed, Phase, Refresh, START,
    Trouble, id,
};
use wpc_blueprint::compute::{GROUP, REFRESH};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use super::group::{known, standing};
use super::launch;
use crate::Cloud;

/// One instance at least, and then all.
const CANARY: [i32; 2] = [1, 100];
/// How far back the activities of a group are read.
const MOST_ACTIVITIES: i32 = 50;

impl Verbs<InstanceRefresh> for Cloud {
    /// It is there as long as its group is.
    async fn list(&self) -> Result<Vec<Found<InstanceRefresh>>, Fault> {
        let mut found = vec![];
        for group in self.our_groups().await? {
            found.extend(self.refresh_of(group).await?);
        }
        Ok(found)
    }

    async fn read(&self, _: &Key, id: &Id) -> Result<Option<Found<InstanceRefresh>>, Fault> {
        let group = id.0.rsplit_once('/').map_or(id.as_str(), |(group, _)| group);
        match self.group_named(&Key::of(GROUP), &group.into()).await? {
            Some(group) => self.refresh_of(group).await,
            None => Ok(None),
        }
    }

    /// The instances of a new group are made from what is wanted: there is nothing to refresh.
    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        Ok(id(&want.group))
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if !changes.iter().any(|change| change.path == LAUNCH) {
            return Ok(());
        }
        let (template, mixed) = launch::written(&want.launch);
        let configuration =
            DesiredConfiguration::builder().set_launch_template(template).set_mixed_instances_policy(mixed).build();
        let (min, max) = want.healthy;
        let quiet = self.quiet(&want.alarms).await?;
        let alarms = (!quiet.is_empty()).then(|| AlarmSpecification::builder().set_alarms(Some(quiet)).build());
        let preferences = RefreshPreferences::builder()
            .min_healthy_percentage(min)
            .max_healthy_percentage(max)
            .bake_time(want.bake)
            .auto_rollback(want.rollback)
            .skip_matching(true)
            .set_alarm_specification(alarms)
            .set_checkpoint_percentages(want.canary().then(|| CANARY.to_vec()))
            .set_checkpoint_delay(want.canary().then_some(want.bake))
            .build();
        let request = self
            .clients
            .autoscaling
            .start_instance_refresh()
            .auto_scaling_group_name(&have.group.0)
            .desired_configuration(configuration)
            .preferences(preferences)
            .send();
        self.call(START, request).await.map(drop)
    }

    /// It goes with its group.
    async fn delete(&self, _: &Key, _: &Observed, _: Removal) -> Result<(), Fault> {
        Ok(())
    }
}

impl Cloud {
    /// The alarms that do not ring. One that does would end the refresh that may be what ends it.
    async fn quiet(&self, alarms: &[String]) -> Result<Vec<String>, Fault> {
        if alarms.is_empty() {
            return Ok(vec![]);
        }
        let request = self.clients.cloudwatch.describe_alarms().set_alarm_names(Some(alarms.to_vec())).send();
        let found = self.call(DESCRIBE_ALARMS, request).await?;
        let quiet = found.metric_alarms().iter().filter(|alarm| alarm.state_value() != Some(&StateValue::Alarm));
        Ok(quiet.filter_map(|alarm| alarm.alarm_name().map(Into::into)).collect())
    }

    /// Why the first instance of a refresh that failed did not come; asked once.
    async fn trouble_of(&self, group: &Id, refresh: &Sdk) -> Result<Option<Trouble>, Fault> {
        let (Some(id), Some(began)) = (refresh.instance_refresh_id(), refresh.start_time()) else { return Ok(None) };
        self.seldom(&format!("why instance refresh {id} failed"), async {
            let request = self.clients.autoscaling.describe_scaling_activities().auto_scaling_group_name(&group.0);
            let answer = known(self.call(DESCRIBE_ACTIVITIES, request.max_records(MOST_ACTIVITIES).send()).await)?;
            let activities = answer.and_then(|answer| answer.activities).unwrap_or_default();
            let ended =
                |it: &&Activity| matches!(it.status_code(), Some(ActivityStatus::Failed | ActivityStatus::Cancelled));
            let during = |it: &&Activity| it.start_time().is_some_and(|time| time.secs() >= began.secs());
            // The newest comes first.
            let first = activities.iter().filter(ended).rfind(during);
            Ok(first.map(|activity| {
                let description = activity.description().unwrap_or_default();
                let instance = description.split([' ', '.']).find(|word| word.starts_with("i-"));
                let message = activity.status_message().filter(|text| !text.is_empty()).unwrap_or(description);
                Trouble { message: message.to_owned(), instance: instance.map(Into::into) }
            }))
        })
        .await
    }

    async fn refresh_of(&self, group: Found<Group>) -> Result<Option<Found<InstanceRefresh>>, Fault> {
        let Found { key: _, have, standing: whose } = group;
        if have.leaving {
            return Ok(None);
        }
        let request = self.clients.autoscaling.describe_instance_refreshes().auto_scaling_group_name(&have.id.0);
        let answer = known(self.call(DESCRIBE, request.send()).await)?;
        let gone = || Fault::new(Class::Transient, "the group was deleted while its refreshes were read");
        let refreshes = answer.ok_or_else(gone)?.instance_refreshes.unwrap_or_default();
        let newest = refreshes.iter().max_by_key(|sdk| sdk.start_time().map(|time| time.as_nanos()));
        let mut read = newest.and_then(refresh);
        if let (Some(failed), Some(sdk)) = (read.as_mut().filter(|read| read.phase == Phase::Failed), newest) {
            failed.trouble = self.trouble_of(&have.id, sdk).await?;
        }
        let staying = have.instances.into_iter().filter(|instance| instance.stays);
        let observed = Observed {
            id: id(&have.id),
            group: have.id,
            launch: have.launch,
            instances: staying.map(|instance| instance.made_from).collect(),
            newest: read,
        };
        Ok(Some(Found { key: Key::of(REFRESH), have: observed, standing: standing(&whose) }))
    }
}

fn refresh(sdk: &Sdk) -> Option<Refresh> {
    let status = sdk.status()?;
    let wanted = sdk.desired_configuration();
    Some(Refresh {
        id: sdk.instance_refresh_id()?.to_owned(),
        launch: wanted.and_then(|wanted| launch::read(wanted.launch_template(), wanted.mixed_instances_policy())),
        phase: match status {
            Status::Successful => Phase::Done,
            Status::Failed | Status::Cancelled | Status::RollbackFailed | Status::RollbackSuccessful => Phase::Failed,
            Status::Baking => Phase::Running("Baking"),
            Status::RollbackInProgress => Phase::Running("RollingBack"),
            Status::Cancelling => Phase::Running("Cancelling"),
            _ => Phase::Running("RollingOut"),
        },
        status: status.as_str().to_owned(),
        reason: sdk.status_reason().map(Into::into),
        percent: sdk.percentage_complete().and_then(|percent| u32::try_from(percent).ok()),
        trouble: None,
    })
}
