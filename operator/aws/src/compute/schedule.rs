use aws_sdk_autoscaling::types::ScheduledUpdateGroupAction as Sdk;
use wpc_blueprint::compute::GROUP;
use wpc_blueprint::compute::group::Group;
use wpc_blueprint::compute::schedule::{
    DELETE, Desired, FAMILY, MAX, MIN, Observed, PUT, Schedule, UPDATE_GROUP, UTC, name,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::NAME_LENGTH;
use super::group::{known, standing};
use crate::Cloud;

impl Verbs<Schedule> for Cloud {
    /// A scheduled action has no tags: it is ours by its name, on our group.
    async fn list(&self) -> Result<Vec<Found<Schedule>>, Fault> {
        let groups = self.our_groups().await?;
        if groups.is_empty() {
            return Ok(vec![]);
        }
        let actions = self.every_scheduled_action().await?;
        Ok(groups.iter().flat_map(|group| actions.iter().filter_map(|sdk| self.schedule_of(group, sdk))).collect())
    }

    async fn read(&self, _: &Key, id: &Id) -> Result<Option<Found<Schedule>>, Fault> {
        let key = Key::of(GROUP);
        let group = Id(self.name(&key, NAME_LENGTH));
        let Some(group) = self.group_named(&key, &group).await? else { return Ok(None) };
        let actions = self.scheduled_actions_of(&group.have.id).await?;
        Ok(actions.iter().filter_map(|sdk| self.schedule_of(&group, sdk)).find(|found| found.have.id == *id))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = key.name.strip_prefix(&name("")).unwrap_or(&key.name);
        let name = format!("{}{name}", self.schedules());
        self.put_schedule(&name, want).await?;
        Ok(Id(name))
    }

    /// Numbers that the schedule gave to the group change with it: the group first, whose new numbers are those of a
    /// schedule that is wanted, so that a crash between the two leaves nothing that looks like drift.
    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if have.in_force && changes.iter().any(|change| [MIN, MAX].contains(&change.path.as_str())) {
            let request = self.clients.autoscaling.update_auto_scaling_group().auto_scaling_group_name(&have.group.0);
            self.call(UPDATE_GROUP, request.min_size(want.min).max_size(want.max).send()).await?;
        }
        self.put_schedule(&have.id.0, want).await
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.autoscaling.delete_scheduled_action().auto_scaling_group_name(&have.group.0);
        known(self.call(DELETE, request.scheduled_action_name(&have.id.0).send()).await).map(drop)
    }
}

impl Cloud {
    /// What the names of the stack's schedules begin with.
    fn schedules(&self) -> String {
        format!("{}-", self.name(&Key::of(FAMILY), NAME_LENGTH))
    }

    /// The name of the stack's schedule that an action is.
    pub(super) fn schedule<'a>(&self, sdk: &'a Sdk) -> Option<&'a str> {
        sdk.scheduled_action_name()?.strip_prefix(&self.schedules())
    }

    fn schedule_of(&self, group: &Found<Group>, sdk: &Sdk) -> Option<Found<Schedule>> {
        if sdk.auto_scaling_group_name() != Some(group.have.id.as_str()) {
            return None;
        }
        let key = Key::of(name(self.schedule(sdk)?));
        let numbers = (sdk.min_size(), sdk.max_size());
        let have = Observed {
            id: Id(sdk.scheduled_action_name()?.to_owned()),
            group: group.have.id.clone(),
            recurrence: sdk.recurrence().filter(|cron| !cron.is_empty()).map(Into::into),
            time_zone: sdk.time_zone().unwrap_or(UTC).to_owned(),
            min: numbers.0,
            max: numbers.1,
            in_force: numbers == (Some(group.have.min), Some(group.have.max)),
        };
        Some(Found { key, have, standing: standing(&group.standing) })
    }

    /// Makes it as well as changes it: AWS takes the whole each time.
    async fn put_schedule(&self, name: &str, want: &Desired) -> Result<(), Fault> {
        let request = self
            .clients
            .autoscaling
            .put_scheduled_update_group_action()
            .auto_scaling_group_name(&want.group.0)
            .scheduled_action_name(name)
            .recurrence(&want.recurrence)
            .time_zone(&want.time_zone)
            .min_size(want.min)
            .max_size(want.max)
            .send();
        self.call(PUT, request).await.map(drop)
    }
}
