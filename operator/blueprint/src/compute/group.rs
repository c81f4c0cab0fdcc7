//! The web instances. See "Auto Scaling groups" in the Amazon EC2 Auto Scaling User Guide.
//!
//! How many instances there should be now is Auto Scaling's: the desired capacity is never written.
//!
//! # Caveats
//! A scheduled action writes the group's least and greatest number, and what it wrote holds until the next one. Which
//! one ran last nobody says, so numbers that any scheduled action sets are right, whoever wrote them; all others are
//! drift.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, Output, State};

use super::Launch;

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("autoscaling:DescribeAutoScalingGroups");
/// Says why instances do not come.
pub const DESCRIBE_ACTIVITIES: Action = Action::read("autoscaling:DescribeScalingActivities");
/// Reads the scheduled actions, whose numbers are right as well.
pub const DESCRIBE_SCHEDULES: Action = Action::read("autoscaling:DescribeScheduledActions");
/// Reads who is waited for when an instance starts.
pub const DESCRIBE_HOOKS: Action = Action::read("autoscaling:DescribeLifecycleHooks");
/// Makes it.
pub const CREATE: Action = Action::write("autoscaling:CreateAutoScalingGroup");
/// Changes it.
pub const UPDATE: Action = Action::write("autoscaling:UpdateAutoScalingGroup");
/// Has it wait for an instance that starts.
pub const PUT_HOOK: Action = Action::write("autoscaling:PutLifecycleHook");
/// Registers its instances with another target group.
pub const ATTACH: Action = Action::write("autoscaling:AttachLoadBalancerTargetGroups");
/// Takes its instances out of a target group.
pub const DETACH: Action = Action::write("autoscaling:DetachLoadBalancerTargetGroups");
/// Writes tags, also at creation.
pub const TAG: Action = Action::write("autoscaling:CreateOrUpdateTags");
/// Removes it, instances included.
pub const DELETE: Action = Action::write("autoscaling:DeleteAutoScalingGroup");

/// What nothing here calls: AWS asks for these when a group's launch template is used. See "Launch template support" in
/// the Amazon EC2 Auto Scaling User Guide.
const ASKED_BY_AWS: [Action; 4] = [
    Action::write("ec2:RunInstances"),
    Action::write("ec2:CreateTags"),
    Action::write("iam:PassRole"),
    Action::write("iam:CreateServiceLinkedRole"),
];

/// Seconds until a new instance must be healthy.
pub const GRACE_SECONDS: i32 = 300;
/// Seconds until a new instance counts: its first boot is over, its CPU use is that of its work.
pub const WARMUP_SECONDS: i32 = 120;
/// The load balancer says which instances live.
pub const HEALTH_CHECK: &str = "ELB";

/// The name of the hook that new instances are waited for with: until they say that they serve, or that they cannot. See
/// "Amazon EC2 Auto Scaling lifecycle hooks" in the Amazon EC2 Auto Scaling User Guide.
pub const HOOK_NAME: &str = "launch";

/// What a hook does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hook {
    /// Seconds until an instance that says nothing is given up.
    pub seconds: i32,
    /// Whether it is ended then, so that it never replaces one that serves.
    pub abandons: bool,
}

/// A first boot takes two or three minutes; a slow mirror is no reason to give up.
pub const HOOK: Hook = Hook { seconds: 900, abandons: true };

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.abandons { "is ended" } else { "is taken as it is" };
        write!(f, "after {} s without a word an instance {end}", self.seconds)
    }
}

/// The kind.
#[derive(Debug, Clone)]
pub struct Group;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// What instances are made from.
    pub launch: Launch,
    /// Whether the group itself follows `launch`. It does where a person replaces the instances; elsewhere the instance
    /// refresh moves the group, together with its instances.
    pub follows: bool,
    /// At least so many.
    pub min: i32,
    /// At most so many.
    pub max: i32,
    /// The least and the greatest number that each schedule sets, by the schedule's name.
    pub scheduled: BTreeMap<String, (i32, i32)>,
    /// Whether new instances come before AWS takes spot instances back.
    pub rebalance: bool,
    /// Where they run.
    pub subnets: BTreeSet<Id>,
    /// Where they are registered.
    pub target_group: Id,
    /// How many percent stay healthy, and how many there may be, while AWS replaces instances by itself.
    pub healthy: (i32, i32),
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub id: Id,
    /// What new instances are made from; none where that has no fixed version.
    pub launch: Option<Launch>,
    /// At least so many.
    pub min: i32,
    /// At most so many.
    pub max: i32,
    /// So many there should be now.
    pub desired: i32,
    /// Its scheduled actions.
    pub scheduled: Vec<Scheduled>,
    /// Whether new instances come before AWS takes spot instances back.
    pub rebalance: bool,
    /// Where they run.
    pub subnets: BTreeSet<Id>,
    /// Where they are registered.
    pub target_groups: BTreeSet<Id>,
    /// Who says which instances live.
    pub health_check: String,
    /// Seconds until a new instance must be healthy.
    pub grace: i32,
    /// Seconds until a new instance counts.
    pub warmup: Option<i32>,
    /// How many percent stay healthy, and how many there may be, while AWS replaces instances by itself.
    pub healthy: Option<(i32, i32)>,
    /// How new instances are waited for.
    pub hook: Option<Hook>,
    /// The instances.
    pub instances: Vec<Instance>,
    /// Why too few instances come, if AWS says so.
    pub trouble: Option<String>,
    /// It is being deleted.
    pub leaving: bool,
}

/// One instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// It serves.
    pub in_service: bool,
    /// It is there to stay: not on its way out, nor set aside by a person.
    pub stays: bool,
    /// Its health check is good.
    pub healthy: bool,
    /// Template and version that it was made from.
    pub made_from: Option<(Id, i64)>,
}

/// What a scheduled action of the group sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// The schedule's name, if it is one of the site's; else somebody else put it there.
    pub schedule: Option<String>,
    /// The least number, if it sets that.
    pub min: Option<i32>,
    /// The greatest number, if it sets that.
    pub max: Option<i32>,
}

/// What dependants and status learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    /// The group's name.
    pub name: Id,
    /// So many instances there should be now.
    pub desired: u32,
    /// So many serve.
    pub in_service: u32,
    /// So many of these are healthy.
    pub healthy: u32,
    /// The template's version that new instances are made from.
    pub version: Option<i64>,
}

impl Output for Fleet {
    fn unknown(node: &str) -> Self {
        Self { name: Id::unknown(node), desired: 0, in_service: 0, healthy: 0, version: None }
    }
}

/// The path of the change of the least number.
pub const MIN: &str = "compute.replicas.min";
/// The path of the change of the greatest number.
pub const MAX: &str = "compute.replicas.max";
/// The path of the change of what new instances are made from.
pub const LAUNCH: &str = "compute.launchTemplate.version";
/// The path of the change that lets new instances come before AWS takes spot instances back.
pub const REBALANCE: &str = "compute.capacityRebalance";
/// The path of the change of where instances run.
pub const SUBNETS: &str = "compute.subnets";
/// The path of the change of where they are registered.
pub const TARGET_GROUP: &str = "loadBalancer.targetGroup";
/// The path of the change of who says which instances live.
pub const CHECK: &str = "compute.healthCheck";
/// The path of the change of the time until an instance must be healthy.
pub const GRACE: &str = "compute.healthCheckGraceSeconds";
/// The path of the change of the time until an instance counts.
pub const WARMUP: &str = "compute.instanceWarmupSeconds";
/// The path of the change of how AWS replaces instances.
pub const HEALTHY: &str = "compute.rollout.healthyPercent";
/// The path of the change of how new instances are waited for.
pub const LAUNCH_HOOK: &str = "compute.launchHook";

impl Desired {
    /// Whether a schedule set the numbers that the group has: one that is wanted, as it is or as it was before its
    /// change, or somebody else's.
    fn scheduled(&self, have: &Observed) -> bool {
        let found = (have.min, have.max);
        let sets = |Scheduled { schedule, min, max }: &Scheduled| {
            let counts = schedule.as_ref().is_none_or(|name| self.scheduled.contains_key(name));
            let numbers = (min.unwrap_or(self.min), max.unwrap_or(self.max));
            counts && (min.is_some() || max.is_some()) && numbers == found
        };
        self.scheduled.values().any(|numbers| *numbers == found) || have.scheduled.iter().any(sets)
    }
}

impl Observed {
    fn fleet(&self) -> Fleet {
        let count = |of: &dyn Fn(&&Instance) -> bool| self.instances.iter().filter(of).count() as u32;
        Fleet {
            name: self.id.clone(),
            desired: self.desired.max(0).unsigned_abs(),
            in_service: count(&|instance| instance.in_service),
            healthy: count(&|instance| instance.in_service && instance.healthy),
            version: self.launch.as_ref().map(|launch| launch.version),
        }
    }
}

impl Kind for Group {
    const NAME: &'static str = "autoscaling/group";
    const ACTIONS: &'static [Action] = &[
        DESCRIBE,
        DESCRIBE_ACTIVITIES,
        DESCRIBE_SCHEDULES,
        DESCRIBE_HOOKS,
        CREATE,
        UPDATE,
        PUT_HOOK,
        ATTACH,
        DETACH,
        TAG,
        DELETE,
        ASKED_BY_AWS[0],
        ASKED_BY_AWS[1],
        ASKED_BY_AWS[2],
        ASKED_BY_AWS[3],
    ];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Fleet;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// The template in turn holds what its instances wear and stand behind.
    fn holds(have: &Observed) -> Vec<Id> {
        let template = have.launch.iter().map(|launch| &launch.template);
        have.subnets.iter().chain(&have.target_groups).chain(template).cloned().collect()
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { launch, follows, min, max, scheduled: _, rebalance, subnets, target_group, healthy } = want;
        let Observed {
            id: _,
            launch: found_launch,
            min: found_min,
            max: found_max,
            desired: _,
            scheduled: _,
            rebalance: found_rebalance,
            subnets: found_subnets,
            target_groups,
            health_check,
            grace,
            warmup,
            healthy: found_healthy,
            hook,
            instances: _,
            trouble: _,
            leaving: _,
        } = have;
        let mut changes = Changes::new();
        if !want.scheduled(have) {
            changes.compare(MIN, found_min, min, Disruption::None);
            changes.compare(MAX, found_max, max, Disruption::None);
        }
        if *follows && found_launch.as_ref() != Some(launch) {
            changes.push(LAUNCH, shown(found_launch), launch, Disruption::None);
        }
        changes.compare(REBALANCE, found_rebalance, rebalance, Disruption::None);
        changes.compare(SUBNETS, found_subnets, subnets, Disruption::Rolling);
        changes.compare(TARGET_GROUP, target_groups, &[target_group.clone()].into(), Disruption::Interruption);
        changes.compare(CHECK, &health_check.as_str(), &HEALTH_CHECK, Disruption::None);
        changes.compare(GRACE, grace, &GRACE_SECONDS, Disruption::None);
        changes.compare(WARMUP, warmup, &Some(WARMUP_SECONDS), Disruption::None);
        let percent = |(min, max): &(i32, i32)| format!("{min} to {max}");
        changes.compare(HEALTHY, &found_healthy.as_ref().map(percent), &Some(percent(healthy)), Disruption::None);
        if *hook != Some(HOOK) {
            changes.push(LAUNCH_HOOK, shown_hook(*hook), HOOK, Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<Fleet> {
        let fleet = have.fleet();
        let enough = fleet.in_service >= have.min.max(0).unsigned_abs();
        match &have.trouble {
            _ if have.leaving => State::Leaving,
            _ if enough => State::Ready(fleet),
            Some(message) => State::Broken { usable: Some(fleet), message: message.clone() },
            None => State::Settling { usable: Some(fleet), reason: "Launching" },
        }
    }
}

fn shown_hook(hook: Option<Hook>) -> String {
    hook.map_or("none".into(), |hook| hook.to_string())
}

fn shown(launch: &Option<Launch>) -> String {
    launch.as_ref().map_or("no fixed version".into(), Launch::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(version: i64) -> Launch {
        Launch::new("lt-1".into(), version, &["m7g.large".into()], 0)
    }

    fn want() -> Desired {
        Desired {
            launch: launch(1),
            follows: false,
            min: 2,
            max: 4,
            scheduled: BTreeMap::new(),
            rebalance: false,
            subnets: ["subnet-1".into()].into(),
            target_group: "arn:tg".into(),
            healthy: (100, 134),
        }
    }

    fn have(in_service: usize) -> Observed {
        let instance = Instance { in_service: true, stays: true, healthy: true, made_from: Some(("lt-1".into(), 1)) };
        Observed {
            id: "gazette-group".into(),
            launch: Some(launch(1)),
            min: 2,
            max: 4,
            desired: 3,
            scheduled: vec![],
            rebalance: false,
            subnets: ["subnet-1".into()].into(),
            target_groups: ["arn:tg".into()].into(),
            health_check: HEALTH_CHECK.into(),
            grace: GRACE_SECONDS,
            warmup: Some(WARMUP_SECONDS),
            healthy: Some((100, 134)),
            instances: vec![instance; in_service],
            trouble: None,
            hook: Some(HOOK),
            leaving: false,
        }
    }

    fn paths(want: &Desired, have: &Observed) -> Vec<String> {
        match Group::diff(want, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|c| c.path).collect(),
        }
    }

    #[test]
    fn diff_knows_each_field() {
        let table = [
            (MIN, Observed { min: 1, ..have(3) }),
            (MAX, Observed { max: 9, ..have(3) }),
            (REBALANCE, Observed { rebalance: true, ..have(3) }),
            (SUBNETS, Observed { subnets: BTreeSet::new(), ..have(3) }),
            (TARGET_GROUP, Observed { target_groups: BTreeSet::new(), ..have(3) }),
            (CHECK, Observed { health_check: "EC2".into(), ..have(3) }),
            (GRACE, Observed { grace: 0, ..have(3) }),
            (WARMUP, Observed { warmup: None, ..have(3) }),
            (HEALTHY, Observed { healthy: Some((90, 120)), ..have(3) }),
        ];
        for (path, have) in table {
            assert_eq!(paths(&want(), &have), [path]);
        }
        // How many there should be now is a policy's, or a person's.
        assert_eq!(paths(&want(), &Observed { desired: 4, ..have(3) }), [""; 0]);
    }

    #[test]
    fn what_a_schedule_sets_is_no_drift() {
        let by_day = || Observed { min: 6, max: 12, ..have(6) };
        let scheduled = [("day".to_owned(), (6, 12)), ("night".to_owned(), (2, 3))];
        let wanted = Desired { scheduled: scheduled.into(), ..want() };
        assert_eq!(paths(&want(), &by_day()), [MIN, MAX]);
        assert_eq!(paths(&wanted, &by_day()), [""; 0]);
        assert_eq!(paths(&wanted, &Observed { min: 6, ..have(6) }), [MIN], "of no schedule");
        let standing = |schedule: Option<&str>, min, max| {
            let scheduled = vec![Scheduled { schedule: schedule.map(Into::into), min, max }];
            Observed { scheduled, ..by_day() }
        };
        // One that is edited in this pass, and one that is wanted no more.
        let edited = Desired { scheduled: [("day".to_owned(), (7, 12))].into(), ..want() };
        assert_eq!(paths(&edited, &standing(Some("day"), Some(6), Some(12))), [""; 0]);
        assert_eq!(paths(&want(), &standing(Some("day"), Some(6), Some(12))), [MIN, MAX]);
        // Somebody else's, also one that sets only one of them.
        assert_eq!(paths(&want(), &standing(None, Some(6), Some(12))), [""; 0]);
        assert_eq!(paths(&want(), &standing(None, Some(6), None)), [MIN, MAX]);
        assert_eq!(paths(&want(), &Observed { max: 4, ..standing(None, Some(6), None) }), [""; 0]);
        assert_eq!(paths(&want(), &standing(None, None, None)), [MIN, MAX]);
    }

    #[test]
    fn only_a_group_that_follows_is_moved_to_another_version() {
        let moved = Desired { launch: launch(2), ..want() };
        assert_eq!(paths(&moved, &have(3)), [""; 0]);
        assert_eq!(paths(&Desired { follows: true, ..moved }, &have(3)), [LAUNCH]);
    }

    #[test]
    fn it_is_ready_with_enough_instances() {
        assert!(matches!(Group::state(&have(2)), State::Ready(Fleet { in_service: 2, healthy: 2, desired: 3, .. })));
        let few = Group::state(&have(1));
        assert!(matches!(few, State::Settling { usable: Some(Fleet { in_service: 1, .. }), reason: "Launching" }));
        let stuck = Observed { trouble: Some("no capacity".into()), ..have(1) };
        assert!(matches!(Group::state(&stuck), State::Broken { usable: Some(_), message } if message == "no capacity"));
        assert_eq!(Group::state(&Observed { leaving: true, ..have(2) }), State::Leaving);
        assert_eq!(Group::holds(&have(2)), ["subnet-1", "arn:tg", "lt-1"].map(Id::from));
    }
}
