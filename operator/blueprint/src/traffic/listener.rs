//! One port of the load balancer. See "Listeners for your Application Load Balancers".

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

pub use super::load_balancer::{ADD_TAGS, DESCRIBE_TAGS};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticloadbalancing:DescribeListeners");
/// Makes it.
pub const CREATE: Action = Action::write("elasticloadbalancing:CreateListener");
/// Sends visitors elsewhere.
pub const MODIFY: Action = Action::write("elasticloadbalancing:ModifyListener");
/// Removes it.
pub const DELETE: Action = Action::write("elasticloadbalancing:DeleteListener");

/// The kind.
#[derive(Debug, Clone)]
pub struct Listener;

/// What is wanted: plain HTTP on a port, forwarded.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Whose port it is.
    pub load_balancer: Id,
    /// The port.
    pub port: u16,
    /// Where visitors go.
    pub target_group: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its ARN.
    pub id: Id,
    /// Whose port it is.
    pub load_balancer: Id,
    /// Where visitors go: several while a deploy tool moves weights from one to the other.
    pub target_groups: BTreeSet<Id>,
}

/// The path of the change that sends visitors elsewhere.
pub const TARGET_GROUP: &str = "loadBalancer.targetGroup";

impl Kind for Listener {
    const NAME: &'static str = "elasticloadbalancing/listener";
    const ACTIONS: &'static [Action] = &[DESCRIBE, DESCRIBE_TAGS, CREATE, MODIFY, ADD_TAGS, DELETE];
    /// By its port.
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { load_balancer, port, target_group: _ }: &Desired) -> Option<String> {
        Some(digest(&[&load_balancer.0, &port.to_string()]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.target_groups.iter().chain([&have.load_balancer]).cloned().collect()
    }

    /// Weights between several groups are not drift as long as ours is among them. Another group has no healthy targets
    /// yet.
    fn diff(Desired { load_balancer: _, port: _, target_group }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, load_balancer: _, target_groups } = have;
        let mut changes = Changes::new();
        if !target_groups.contains(target_group) {
            changes.compare(TARGET_GROUP, target_groups, &[target_group.clone()].into(), Disruption::Interruption);
        }
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
        Desired { load_balancer: "arn:lb".into(), port: 80, target_group: "arn:tg".into() }
    }

    fn have(groups: &[&str]) -> Observed {
        let target_groups = groups.iter().copied().map(Id::from).collect();
        Observed { id: "arn:listener".into(), load_balancer: "arn:lb".into(), target_groups }
    }

    #[test]
    fn weights_are_not_drift() {
        assert_eq!(Listener::diff(&want(), &have(&["arn:tg"])), Delta::Same);
        assert_eq!(Listener::diff(&want(), &have(&["arn:other", "arn:tg"])), Delta::Same);
        for elsewhere in [&["arn:other"][..], &[]] {
            let delta = Listener::diff(&want(), &have(elsewhere));
            assert!(matches!(delta, Delta::Update(list) if list[0].path == TARGET_GROUP && list[0].to == "arn:tg"));
        }
    }

    #[test]
    fn its_place_is_its_identity() {
        let variant = |want| Listener::variant(&want);
        assert_eq!(variant(want()), variant(Desired { target_group: "arn:other".into(), ..want() }));
        assert_ne!(variant(want()), variant(Desired { port: 443, ..want() }));
        assert_ne!(variant(want()), variant(Desired { load_balancer: "arn:lb-2".into(), ..want() }));
        assert_eq!(Listener::holds(&have(&["arn:tg"])), ["arn:tg", "arn:lb"].map(Id::from));
    }
}
