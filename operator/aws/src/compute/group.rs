use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_autoscaling::types::{
    AutoScalingGroup as Sdk, Filter, Instance as SdkInstance, InstanceMaintenancePolicy, LifecycleHookSpecification,
    LifecycleState, ScalingActivityStatusCode, ScheduledUpdateGroupAction, Tag,
};
use wpc_blueprint::TAG_STACK;
use wpc_blueprint::compute::group::{
    ATTACH, CHECK, CREATE, DELETE, DESCRIBE, DESCRIBE_ACTIVITIES, DESCRIBE_HOOKS, DESCRIBE_SCHEDULES, DETACH, Desired,
    GRACE, GRACE_SECONDS, Group, HEALTH_CHECK, HEALTHY, HOOK, HOOK_NAME, Hook, Instance, LAUNCH, LAUNCH_HOOK, MAX, MIN,
    Observed, PUT_HOOK, REBALANCE, SUBNETS, Scheduled, TAG, TARGET_GROUP, UPDATE, WARMUP, WARMUP_SECONDS,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Standing, Verbs};

use super::{NAME_LENGTH, launch};
use crate::Cloud;
use crate::call::{absent, claim};

const LAUNCHING: &str = "autoscaling:EC2_INSTANCE_LAUNCHING";
const ABANDON: &str = "ABANDON";

impl Verbs<Group> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Group>>, Fault> {
        let mut found = self.our_groups().await?;
        for mine in &mut found {
            mine.have.trouble = self.trouble(&mine.have).await?;
            mine.have.scheduled = self.scheduled(&mine.have.id, &self.every_scheduled_action().await?);
            mine.have.hook = self.hook(&mine.have.id).await?;
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Group>>, Fault> {
        let Some(mut found) = self.group_named(key, id).await? else { return Ok(None) };
        found.have.trouble = self.trouble(&found.have).await?;
        found.have.scheduled = self.scheduled(id, &self.scheduled_actions_of(id).await?);
        found.have.hook = self.hook(id).await?;
        Ok(Some(found))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        let (template, mixed) = launch::written(&want.launch);
        let request = self
            .clients
            .autoscaling
            .create_auto_scaling_group()
            .auto_scaling_group_name(&name)
            .set_launch_template(template)
            .set_mixed_instances_policy(mixed)
            .min_size(want.min)
            .max_size(want.max)
            .vpc_zone_identifier(zones(&want.subnets))
            .target_group_arns(&want.target_group.0)
            .health_check_type(HEALTH_CHECK)
            .health_check_grace_period(GRACE_SECONDS)
            .default_instance_warmup(WARMUP_SECONDS)
            .instance_maintenance_policy(maintenance(want.healthy))
            .capacity_rebalance(want.rebalance)
            // With the group, or its first instances would not be waited for.
            .lifecycle_hook_specification_list(hook_specification())
            .set_tags(Some(self.group_tags(key, &name)))
            .send();
        match absent(self.call(CREATE, request).await, &["AlreadyExists", "AlreadyExistsFault"])? {
            Some(_) => Ok(Id(name)),
            None => claim::<Group>(CREATE, self.group_named(key, &Id(name)).await?),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        if changed(TARGET_GROUP) {
            self.register(want, have).await?;
        }
        if changed(LAUNCH_HOOK) {
            self.put_hook(&have.id).await?;
        }
        if changes.iter().all(|change| [TARGET_GROUP, LAUNCH_HOOK].contains(&change.path.as_str())) {
            return Ok(());
        }
        let (template, mixed) = if changed(LAUNCH) { launch::written(&want.launch) } else { (None, None) };
        let request = self
            .clients
            .autoscaling
            .update_auto_scaling_group()
            .auto_scaling_group_name(&have.id.0)
            .set_launch_template(template)
            .set_mixed_instances_policy(mixed)
            .set_min_size(changed(MIN).then_some(want.min))
            .set_max_size(changed(MAX).then_some(want.max))
            .set_capacity_rebalance(changed(REBALANCE).then_some(want.rebalance))
            .set_vpc_zone_identifier(changed(SUBNETS).then(|| zones(&want.subnets)))
            .set_health_check_type(changed(CHECK).then(|| HEALTH_CHECK.into()))
            .set_health_check_grace_period(changed(GRACE).then_some(GRACE_SECONDS))
            .set_default_instance_warmup(changed(WARMUP).then_some(WARMUP_SECONDS))
            .set_instance_maintenance_policy(changed(HEALTHY).then(|| maintenance(want.healthy)))
            .send();
        self.call(UPDATE, request).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.autoscaling.delete_auto_scaling_group().auto_scaling_group_name(&have.id.0);
        known(self.call(DELETE, request.force_delete(true).send()).await).map(drop)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let request = self.clients.autoscaling.create_or_update_tags();
        self.call(TAG, request.set_tags(Some(self.group_tags(key, &have.id.0))).send()).await.map(drop)
    }
}

impl Cloud {
    /// The stack's groups, whatever their state; without a reason for missing instances.
    pub(super) async fn our_groups(&self) -> Result<Vec<Found<Group>>, Fault> {
        let groups = self.groups().await?;
        self.ours(DESCRIBE, groups.iter().map(|sdk| (tags(sdk), observed(sdk))))
    }

    async fn groups(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let every_stack = Filter::builder().name("tag-key").values(TAG_STACK).build();
        let request = self.clients.autoscaling.describe_auto_scaling_groups().filters(every_stack);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await
    }

    pub(super) async fn group_named(&self, key: &Key, id: &Id) -> Result<Option<Found<Group>>, Fault> {
        let request = self.clients.autoscaling.describe_auto_scaling_groups().auto_scaling_group_names(&id.0).send();
        let answer = self.call(DESCRIBE, request).await?;
        let group = answer.auto_scaling_groups().iter().find(|sdk| sdk.auto_scaling_group_name() == Some(id.as_str()));
        Ok(group.and_then(|sdk| Some(self.at(key, &tags(sdk), observed(sdk)?))))
    }

    /// Why there are too few instances: the newest activity says it, if it failed.
    async fn trouble(&self, have: &Observed) -> Result<Option<String>, Fault> {
        let in_service = have.instances.iter().filter(|instance| instance.in_service).count();
        if have.leaving || i32::try_from(in_service).is_ok_and(|count| count >= have.min) {
            return Ok(None);
        }
        let request = self.clients.autoscaling.describe_scaling_activities().auto_scaling_group_name(&have.id.0);
        let answer = known(self.call(DESCRIBE_ACTIVITIES, request.max_records(1).send()).await)?;
        let newest = answer.and_then(|answer| answer.activities?.into_iter().next());
        let failed = newest.filter(|newest| newest.status_code() == Some(&ScalingActivityStatusCode::Failed));
        Ok(failed.map(|failed| failed.status_message.or(failed.description).unwrap_or_default()))
    }

    fn scheduled(&self, group: &Id, actions: &[ScheduledUpdateGroupAction]) -> Vec<Scheduled> {
        let its = actions.iter().filter(|action| action.auto_scaling_group_name() == Some(group.as_str()));
        let schedule = |action: &ScheduledUpdateGroupAction| Some(self.schedule(action)?.to_owned());
        its.map(|it| Scheduled { schedule: schedule(it), min: it.min_size(), max: it.max_size() }).collect()
    }

    /// How a group waits for new instances.
    async fn hook(&self, group: &Id) -> Result<Option<Hook>, Fault> {
        self.seldom(&about_hook(group), async {
            let request = self.clients.autoscaling.describe_lifecycle_hooks().auto_scaling_group_name(&group.0);
            let answer = known(self.call(DESCRIBE_HOOKS, request.lifecycle_hook_names(HOOK_NAME).send()).await)?;
            let hooks = answer.and_then(|answer| answer.lifecycle_hooks).unwrap_or_default();
            let ours = hooks.iter().find(|hook| hook.lifecycle_hook_name() == Some(HOOK_NAME));
            Ok(ours.filter(|hook| hook.lifecycle_transition() == Some(LAUNCHING)).map(|hook| Hook {
                seconds: hook.heartbeat_timeout().unwrap_or_default(),
                abandons: hook.default_result() == Some(ABANDON),
            }))
        })
        .await
    }

    async fn put_hook(&self, group: &Id) -> Result<(), Fault> {
        self.forget(&about_hook(group));
        let request = self.clients.autoscaling.put_lifecycle_hook().auto_scaling_group_name(&group.0);
        let request = request.lifecycle_hook_name(HOOK_NAME).lifecycle_transition(LAUNCHING);
        let request = request.heartbeat_timeout(HOOK.seconds).default_result(ABANDON);
        self.call(PUT_HOOK, request.send()).await.map(drop)
    }

    /// Every stack's scheduled actions, and other people's.
    pub(super) async fn every_scheduled_action(&self) -> Result<Arc<Vec<ScheduledUpdateGroupAction>>, Fault> {
        let request = self.clients.autoscaling.describe_scheduled_actions();
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(DESCRIBE_SCHEDULES, request.collect::<Result<Vec<_>, _>>());
        self.shared(DESCRIBE_SCHEDULES.name, fetch).await
    }

    /// A group's scheduled actions; none if it is gone.
    pub(super) async fn scheduled_actions_of(&self, group: &Id) -> Result<Vec<ScheduledUpdateGroupAction>, Fault> {
        let request = self.clients.autoscaling.describe_scheduled_actions().auto_scaling_group_name(&group.0);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let answer = self.call(DESCRIBE_SCHEDULES, request.collect::<Result<Vec<_>, _>>()).await;
        Ok(known(answer)?.unwrap_or_default())
    }

    /// The new target group first, so that instances always have one.
    async fn register(&self, want: &Desired, have: &Observed) -> Result<(), Fault> {
        let scaling = &self.clients.autoscaling;
        if !have.target_groups.contains(&want.target_group) {
            let request = scaling.attach_load_balancer_target_groups().auto_scaling_group_name(&have.id.0);
            self.call(ATTACH, request.target_group_arns(&want.target_group.0).send()).await?;
        }
        let others: Vec<String> = have.target_groups.iter().map(|id| id.0.clone()).collect();
        let others: Vec<String> = others.into_iter().filter(|arn| *arn != want.target_group.0).collect();
        if !others.is_empty() {
            let request = scaling.detach_load_balancer_target_groups().auto_scaling_group_name(&have.id.0);
            self.call(DETACH, request.set_target_group_arns(Some(others)).send()).await?;
        }
        Ok(())
    }

    /// They go on to the instances.
    fn group_tags(&self, key: &Key, name: &str) -> Vec<Tag> {
        let tag = |key: String, value: String| {
            let tag = Tag::builder().resource_id(name).resource_type("auto-scaling-group").propagate_at_launch(true);
            tag.key(key).value(value).build()
        };
        let mut tags = self.tags(key, tag);
        if !self.labels.user.contains_key("Name") {
            tags.push(tag("Name".into(), self.name(key, 255)));
        }
        tags
    }
}

/// Whose a thing is that has no tags of its own and stands and falls with its group.
pub(crate) fn standing(group: &Standing) -> Standing {
    match group {
        Standing::Foreign(owner) => Standing::Foreign(owner.clone()),
        Standing::Ours | Standing::Mislabelled(_) => Standing::Ours,
    }
}

/// `None` where there is no such group: Auto Scaling has no error code of its own for that.
pub(super) fn known<T>(answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match answer {
        Err(fault) if fault.is(&["ValidationError"]) && fault.message.contains("not found") => Ok(None),
        answer => answer.map(Some),
    }
}

fn about_hook(group: &Id) -> String {
    format!("launch hook of {group}")
}

fn hook_specification() -> LifecycleHookSpecification {
    let hook = LifecycleHookSpecification::builder().lifecycle_hook_name(HOOK_NAME).lifecycle_transition(LAUNCHING);
    hook.heartbeat_timeout(HOOK.seconds).default_result(ABANDON).build()
}

fn zones(subnets: &BTreeSet<Id>) -> String {
    subnets.iter().map(Id::as_str).collect::<Vec<_>>().join(",")
}

fn maintenance((min, max): (i32, i32)) -> InstanceMaintenancePolicy {
    InstanceMaintenancePolicy::builder().min_healthy_percentage(min).max_healthy_percentage(max).build()
}

fn tags(sdk: &Sdk) -> BTreeMap<String, String> {
    sdk.tags().iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect()
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let subnets = sdk.vpc_zone_identifier().unwrap_or_default().split(',').filter(|id| !id.is_empty());
    let healthy = sdk.instance_maintenance_policy();
    Some(Observed {
        id: Id(sdk.auto_scaling_group_name()?.to_owned()),
        launch: launch::read(sdk.launch_template(), sdk.mixed_instances_policy()),
        min: sdk.min_size()?,
        max: sdk.max_size()?,
        desired: sdk.desired_capacity()?,
        scheduled: vec![],
        rebalance: sdk.capacity_rebalance().unwrap_or_default(),
        subnets: subnets.map(Id::from).collect(),
        target_groups: sdk.target_group_arns().iter().map(|arn| Id(arn.clone())).collect(),
        health_check: sdk.health_check_type().unwrap_or_default().to_owned(),
        grace: sdk.health_check_grace_period().unwrap_or_default(),
        warmup: sdk.default_instance_warmup(),
        healthy: healthy
            .and_then(|healthy| Some((healthy.min_healthy_percentage()?, healthy.max_healthy_percentage()?))),
        instances: sdk.instances().iter().map(instance).collect(),
        trouble: None,
        hook: None,
        // The text is "Delete in progress"; there is no other status.
        leaving: sdk.status().is_some_and(|status| !status.is_empty()),
    })
}

fn instance(sdk: &SdkInstance) -> Instance {
    use LifecycleState::{InService, Pending, PendingProceed, PendingWait};
    Instance {
        in_service: matches!(sdk.lifecycle_state(), Some(InService)),
        stays: matches!(sdk.lifecycle_state(), Some(InService | Pending | PendingWait | PendingProceed)),
        healthy: sdk.health_status().is_some_and(|health| health.eq_ignore_ascii_case("healthy")),
        made_from: launch::made_from(sdk.launch_template()),
    }
}
