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
    /// The average CPU use to keep, in percent.
    pub cpu: f64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub id: Id,
    /// The group's name.
    pub group: Id,
    /// The average CPU use that it keeps, if that is what it does.
    pub cpu: Option<f64>,
    /// Whether it acts.
    pub enabled: bool,
}

/// The path of the change of the CPU use to keep.
pub const CPU: &str = "compute.scaling.targetCPUUtilization";
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

    fn diff(Desired { group: _, cpu }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, group: _, cpu: found, enabled } = have;
        let mut changes = Changes::new();
        changes.compare(CPU, found, &Some(*cpu), Disruption::None);
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
        let want = Desired { group: "gazette-group".into(), cpu: 60.0 };
        let have = Observed { id: "gazette-cpu".into(), group: "gazette-group".into(), cpu: Some(60.0), enabled: true };
        assert_eq!(Policy::diff(&want, &have), Delta::Same);
        let table = [
            (CPU, Observed { cpu: Some(45.0), ..have.clone() }),
            (CPU, Observed { cpu: None, ..have.clone() }),
            (ENABLED, Observed { enabled: false, ..have.clone() }),
        ];
        for (path, have) in table {
            assert!(
                matches!(Policy::diff(&want, &have), Delta::Update(list) if list.len() == 1 && list[0].path == path)
            );
        }
        assert_eq!(Policy::holds(&have), [Id::from("gazette-group")]);
        assert_eq!(Policy::state(&have), State::Ready(()));
    }
}
