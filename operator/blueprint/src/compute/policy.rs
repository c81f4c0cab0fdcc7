//! When there are more instances. See "Target tracking scaling policies" in the Amazon EC2 Auto Scaling User Guide.
//!
//! AWS keeps alarms named `TargetTracking-*` for it; they are AWS's.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("autoscaling:DescribePolicies");
/// Makes it, and changes it.
pub const PUT: Action = Action::write("autoscaling:PutScalingPolicy");
/// Removes it.
pub const DELETE: Action = Action::write("autoscaling:DeletePolicy");

/// The kind.
#[derive(Debug, Clone)]
pub struct Policy;

/// What is wanted. How long a new instance takes until it counts is the group's to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The group's name.
    pub group: Id,
    /// What it keeps.
    pub metric: Metric,
    /// At which value.
    pub target: f64,
}

/// What a policy keeps at a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metric {
    /// The average CPU use, in percent.
    Cpu,
    /// The requests that the load balancer sends to one instance in a minute.
    Requests {
        /// Which load balancer and which target group, as AWS labels them.
        label: String,
    },
}

impl Metric {
    /// The requests that a load balancer sends to a target group, by their ARNs: the label joins what is behind
    /// `loadbalancer/` in the one and behind the last colon in the other. See "PredefinedMetricSpecification" in the
    /// Amazon EC2 Auto Scaling API Reference.
    pub fn requests(load_balancer: &Id, target_group: &Id) -> Self {
        let balancer = load_balancer.0.split_once(":loadbalancer/").map_or(load_balancer.as_str(), |(_, name)| name);
        let group = target_group.0.rsplit(':').next().unwrap_or_default();
        Self::Requests { label: format!("{balancer}/{group}") }
    }

    const fn path(&self) -> &'static str {
        match self {
            Self::Cpu => CPU,
            Self::Requests { .. } => REQUESTS,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub id: Id,
    /// The group's name.
    pub group: Id,
    /// What it keeps, if that is one of ours.
    pub metric: Option<Metric>,
    /// At which value.
    pub target: Option<f64>,
    /// Whether it acts.
    pub enabled: bool,
}

/// The path of the change of the CPU use to keep.
pub const CPU: &str = "compute.scaling.targetCPUUtilization";
/// The path of the change of the requests to keep.
pub const REQUESTS: &str = "compute.scaling.targetRequestsPerInstance";
/// The path of the change of what counts the requests.
pub const LABEL: &str = "compute.scaling.requestsOf";
/// The path of the change that lets it act.
pub const ENABLED: &str = "compute.scaling.enabled";

impl Kind for Policy {
    const NAME: &'static str = "autoscaling/policy";
    const ACTIONS: &'static [Action] = &[DESCRIBE, PUT, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = ();

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// AWS would delete it with its group; it goes first, so that each thing goes once.
    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.group.clone()]
    }

    fn diff(Desired { group: _, metric, target }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, group: _, metric: found, target: value, enabled } = have;
        let mut changes = Changes::new();
        let counted = match (metric, found) {
            (Metric::Requests { label }, Some(Metric::Requests { label: found })) => {
                changes.compare(LABEL, found, label, Disruption::None);
                *value
            }
            (Metric::Cpu, Some(Metric::Cpu)) => *value,
            _ => None,
        };
        changes.compare(metric.path(), &counted, &Some(*target), Disruption::None);
        changes.compare(ENABLED, enabled, &true, Disruption::None);
        changes.delta()
    }

    fn state(_: &Observed) -> State<()> {
        State::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diff_knows_each_field() {
        let cpu = Desired { group: "gazette-group".into(), metric: Metric::Cpu, target: 60.0 };
        let requests =
            Desired { metric: Metric::Requests { label: "app/lb/1/tg/2".into() }, target: 900.0, ..cpu.clone() };
        let of = |want: &Desired| Observed {
            id: "gazette-policy".into(),
            group: "gazette-group".into(),
            metric: Some(want.metric.clone()),
            target: Some(want.target),
            enabled: true,
        };
        for want in [&cpu, &requests] {
            assert_eq!(Policy::diff(want, &of(want)), Delta::Same);
        }
        let elsewhere = Some(Metric::Requests { label: "app/lb/1/tg/3".into() });
        let table = [
            (&cpu, CPU, Observed { target: Some(45.0), ..of(&cpu) }),
            (&cpu, CPU, Observed { metric: None, ..of(&cpu) }),
            (&cpu, CPU, Observed { metric: elsewhere.clone(), ..of(&cpu) }),
            (&cpu, ENABLED, Observed { enabled: false, ..of(&cpu) }),
            (&requests, REQUESTS, Observed { target: Some(45.0), ..of(&requests) }),
            (&requests, REQUESTS, Observed { metric: Some(Metric::Cpu), ..of(&requests) }),
            (&requests, LABEL, Observed { metric: elsewhere, ..of(&requests) }),
        ];
        for (want, path, have) in table {
            let Delta::Update(list) = Policy::diff(want, &have) else { panic!("{have:?} is as wanted") };
            assert_eq!(list.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [path]);
        }
        assert_eq!(Policy::holds(&of(&cpu)), [Id::from("gazette-group")]);
        assert_eq!(Policy::state(&of(&cpu)), State::Ready(()));
    }

    #[test]
    fn requests_are_counted_between_a_load_balancer_and_a_target_group() {
        let arn = |resource: &str| Id(format!("arn:aws:elasticloadbalancing:eu-west-1:210987654321:{resource}"));
        let metric = Metric::requests(&arn("loadbalancer/app/gazette/50dc"), &arn("targetgroup/gazette/73e2"));
        assert_eq!(metric, Metric::Requests { label: "app/gazette/50dc/targetgroup/gazette/73e2".into() });
    }
}
