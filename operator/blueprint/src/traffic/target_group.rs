//! The instances behind the load balancer. See "Target groups for your Application Load Balancers".

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

pub use super::load_balancer::{ADD_TAGS, DESCRIBE_TAGS};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticloadbalancing:DescribeTargetGroups");
/// Reads what the list does not show.
pub const DESCRIBE_ATTRIBUTES: Action = Action::read("elasticloadbalancing:DescribeTargetGroupAttributes");
/// Makes it.
pub const CREATE: Action = Action::write("elasticloadbalancing:CreateTargetGroup");
/// Changes the health check.
pub const MODIFY: Action = Action::write("elasticloadbalancing:ModifyTargetGroup");
/// Sets its attributes.
pub const MODIFY_ATTRIBUTES: Action = Action::write("elasticloadbalancing:ModifyTargetGroupAttributes");
/// Removes it.
pub const DELETE: Action = Action::write("elasticloadbalancing:DeleteTargetGroup");

/// Seconds that an instance may take to finish its requests before it is cut off. AWS's default of 300 makes every
/// rollout five minutes longer for nothing: pages take seconds.
pub const DRAIN_SECONDS: u32 = 60;

/// The kind.
#[derive(Debug, Clone)]
pub struct TargetGroup;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Whether it stands behind the internal load balancer: AWS allows a target group only one, and while the scheme
    /// changes there are two.
    pub internal: bool,
    /// The network its targets are in.
    pub vpc: Id,
    /// The port on which they serve HTTP.
    pub port: u16,
    /// How it finds out which of them live.
    pub check: Check,
}

/// How a target group finds out which of its targets live.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What it asks for.
    pub path: String,
    /// Seconds from one check to the next.
    pub interval: i32,
    /// Seconds after which no answer is a bad answer.
    pub timeout: i32,
    /// So many good answers make a target healthy.
    pub healthy: i32,
    /// So many bad answers make it unhealthy.
    pub unhealthy: i32,
}

impl Check {
    /// The check that a spec asks for. AWS wants the timeout below the interval.
    pub fn of(spec: &wpc_api::v1alpha1::HealthCheck) -> Self {
        let interval = i32::from(spec.interval_seconds);
        Self {
            path: spec.path.clone(),
            interval,
            timeout: 5.min(interval - 1),
            healthy: spec.healthy_threshold.into(),
            unhealthy: spec.unhealthy_threshold.into(),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its ARN.
    pub id: Id,
    /// The network its targets are in.
    pub vpc: Option<Id>,
    /// How it finds out which of them live.
    pub check: Check,
    /// Seconds that a target may take to finish its requests.
    pub drain: Option<String>,
}

/// The path of the change of what is asked for.
pub const PATH: &str = "loadBalancer.healthCheck.path";
/// The path of the change of the time between checks.
pub const INTERVAL: &str = "loadBalancer.healthCheck.intervalSeconds";
/// The path of the change of the time an answer may take.
pub const TIMEOUT: &str = "loadBalancer.healthCheck.timeoutSeconds";
/// The path of the change of the good answers needed.
pub const HEALTHY: &str = "loadBalancer.healthCheck.healthyThreshold";
/// The path of the change of the bad answers needed.
pub const UNHEALTHY: &str = "loadBalancer.healthCheck.unhealthyThreshold";
/// The path of the change of the time to finish requests.
pub const DRAIN: &str = "loadBalancer.drainSeconds";

impl Kind for TargetGroup {
    const NAME: &'static str = "elasticloadbalancing/target-group";
    const ACTIONS: &'static [Action] =
        &[DESCRIBE, DESCRIBE_ATTRIBUTES, DESCRIBE_TAGS, CREATE, MODIFY, MODIFY_ATTRIBUTES, ADD_TAGS, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { internal, vpc, port, check: _ }: &Desired) -> Option<String> {
        Some(digest(&[&internal.to_string(), &vpc.0, &port.to_string()]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.vpc.iter().cloned().collect()
    }

    fn diff(Desired { internal: _, vpc: _, port: _, check: want }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, vpc: _, check: have, drain } = have;
        let Check { path, interval, timeout, healthy, unhealthy } = have;
        let mut changes = Changes::new();
        changes.compare(PATH, path, &want.path, Disruption::None);
        changes.compare(INTERVAL, interval, &want.interval, Disruption::None);
        changes.compare(TIMEOUT, timeout, &want.timeout, Disruption::None);
        changes.compare(HEALTHY, healthy, &want.healthy, Disruption::None);
        changes.compare(UNHEALTHY, unhealthy, &want.unhealthy, Disruption::None);
        changes.compare(DRAIN, drain, &Some(DRAIN_SECONDS.to_string()), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        let spec = wpc_api::v1alpha1::HealthCheck::default();
        Desired { internal: false, vpc: "vpc-1".into(), port: 80, check: Check::of(&spec) }
    }

    fn have() -> Observed {
        Observed { id: "arn:tg".into(), vpc: Some("vpc-1".into()), check: want().check, drain: Some("60".into()) }
    }

    #[test]
    fn diff_knows_each_field() {
        let base = || want().check;
        let table = [
            (PATH, Check { path: "/up".into(), ..base() }),
            (INTERVAL, Check { interval: 30, ..base() }),
            (TIMEOUT, Check { timeout: 3, ..base() }),
            (HEALTHY, Check { healthy: 4, ..base() }),
            (UNHEALTHY, Check { unhealthy: 5, ..base() }),
        ];
        assert_eq!(TargetGroup::diff(&want(), &have()), Delta::Same);
        for (path, check) in table {
            let delta = TargetGroup::diff(&Desired { check, ..want() }, &have());
            assert!(matches!(delta, Delta::Update(list) if list.len() == 1 && list[0].path == path), "{path}");
        }
        let fresh = Observed { drain: Some("300".into()), ..have() };
        let delta = TargetGroup::diff(&want(), &fresh);
        assert!(matches!(delta, Delta::Update(list) if list[0].path == DRAIN));
    }

    #[test]
    fn the_timeout_stays_below_the_interval() {
        let spec = |interval_seconds| wpc_api::v1alpha1::HealthCheck { interval_seconds, ..Default::default() };
        assert_eq!(Check::of(&spec(5)).timeout, 4);
        assert_eq!(Check::of(&spec(15)).timeout, 5);
    }

    #[test]
    fn another_port_or_door_is_another_group() {
        assert_ne!(TargetGroup::variant(&want()), TargetGroup::variant(&Desired { internal: true, ..want() }));
        assert_ne!(TargetGroup::variant(&want()), TargetGroup::variant(&Desired { port: 8080, ..want() }));
        assert_eq!(TargetGroup::holds(&have()), [Id::from("vpc-1")]);
        assert_eq!(TargetGroup::state(&have()), State::Ready("arn:tg".into()));
    }
}
