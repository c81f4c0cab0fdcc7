//! Pictures of the numbers. See "Using Amazon CloudWatch dashboards" and "Dashboard body structure and syntax" in the
//! Amazon CloudWatch documentation.
//!
//! A dashboard is ours by its name and by the stack's id in its first widget.

use serde_json::Value;
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

/// Lists.
pub const LIST: Action = Action::read("cloudwatch:ListDashboards");
/// Reads one.
pub const GET: Action = Action::read("cloudwatch:GetDashboard");
/// Makes it, and changes it.
pub const PUT: Action = Action::write("cloudwatch:PutDashboard");
/// Removes it.
pub const DELETE: Action = Action::write("cloudwatch:DeleteDashboards");

/// Its component.
pub const DASHBOARD: &str = "monitoring/dashboard";

/// The path of the change of what it shows.
pub const BODY: &str = "monitoring.dashboard.body";

/// The kind.
#[derive(Debug, Clone)]
pub struct Dashboard;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// What it shows.
    pub body: Value,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub name: Id,
    /// What it shows.
    pub body: Value,
}

impl Kind for Dashboard {
    const NAME: &'static str = "cloudwatch/dashboard";
    const ACTIONS: &'static [Action] = &[LIST, GET, PUT, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    /// Bodies are long: their digests tell them apart.
    fn diff(Desired { body }: &Desired, Observed { name: _, body: found }: &Observed) -> Delta {
        let mut changes = Changes::new();
        if found != body {
            let shown = |body: &Value| digest(&[&body.to_string()]);
            changes.push(BODY, shown(found), shown(body), Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_compared_as_what_they_say() {
        let want = Desired { body: json!({"widgets": [{"x": 0, "y": 0}]}) };
        let have = |text: &str| Observed { name: "gazette".into(), body: serde_json::from_str(text).unwrap() };
        let same = have(r#"{ "widgets": [ {"y": 0, "x": 0} ] }"#);
        assert_eq!(Dashboard::diff(&want, &same), Delta::Same);
        let Delta::Update(changes) = Dashboard::diff(&want, &have("{}")) else { panic!("the same") };
        assert_eq!(changes[0].path, BODY);
        assert_eq!(Dashboard::state(&same), State::Ready("gazette".into()));
    }
}
