//! Under which RDS writes what an instance's operating system does into CloudWatch Logs. See "Setting up and enabling
//! Enhanced Monitoring" in the Amazon RDS User Guide.

use serde_json::{Value, json};
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

use crate::compute::role::{
    CREATE, DELETE, DELETE_POLICY, DETACH_POLICY, GET, LIST_ATTACHED, LIST_POLICIES, RoleOutput, TAG, UPDATE_TRUST,
};

/// Gives it AWS's policy.
pub const ATTACH: Action = Action::write("iam:AttachRolePolicy");
/// Lets RDS wear it.
pub const PASS: Action = Action::write("iam:PassRole");

/// The component.
pub const COMPONENT: &str = "database/monitoring-role";

/// The kind.
#[derive(Debug, Clone)]
pub struct MonitoringRole;

/// What is wanted: RDS wears it, and may do what AWS's own policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub id: Id,
    /// Its ARN.
    pub arn: String,
    /// Who may wear it.
    pub trust: Option<Value>,
    /// The ARNs of the policies that it has.
    pub policies: Vec<String>,
}

/// The path of the change of who may wear it.
pub const TRUST: &str = "database.monitoringRole.trust";
/// The path of the change of what it may do.
pub const POLICY: &str = "database.monitoringRole.policy";

const SERVICE: &str = "monitoring.rds.amazonaws.com";
const POLICY_NAME: &str = "AmazonRDSEnhancedMonitoringRole";

/// Who may wear it.
pub fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Monitoring",
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
    }]})
}

/// The ARN of AWS's policy for it; the role's own says in which partition.
pub fn policy(role: &str) -> String {
    let partition = role.split(':').nth(1).unwrap_or("aws");
    format!("arn:{partition}:iam::aws:policy/service-role/{POLICY_NAME}")
}

impl Kind for MonitoringRole {
    const NAME: &'static str = "iam/monitoring-role";
    const ACTIONS: &'static [Action] =
        &[GET, LIST_POLICIES, LIST_ATTACHED, CREATE, UPDATE_TRUST, ATTACH, TAG, DELETE_POLICY, DETACH_POLICY, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = RoleOutput;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    /// A policy that somebody has added is theirs.
    fn diff(Desired: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, arn, trust: found, policies } = have;
        let mut changes = Changes::new();
        if found.as_ref() != Some(&trust()) {
            let sid = found.as_ref().and_then(|found| found["Statement"][0]["Sid"].as_str()).unwrap_or("unnamed");
            changes.push(TRUST, sid, SERVICE, Disruption::None);
        }
        if !policies.contains(&policy(arn)) {
            changes.push(POLICY, "nothing", POLICY_NAME, Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<RoleOutput> {
        State::Ready(RoleOutput { name: have.id.clone(), arn: have.arn.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws-cn:iam::210987654321:role/wordpresscluster/gazette-monitoring";

    fn have() -> Observed {
        let policies = vec!["arn:aws-cn:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole".into()];
        Observed { id: "gazette-monitoring".into(), arn: ARN.into(), trust: Some(trust()), policies }
    }

    fn paths(have: &Observed) -> Vec<String> {
        match MonitoringRole::diff(&Desired, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|c| c.path).collect(),
        }
    }

    #[test]
    fn rds_wears_it_and_may_do_what_awss_policy_says() {
        assert_eq!(paths(&have()), [""; 0]);
        assert_eq!(paths(&Observed { policies: vec!["theirs".into()], ..have() }), [POLICY]);
        assert_eq!(paths(&Observed { trust: None, ..have() }), [TRUST]);
        let both = Observed { policies: [have().policies, vec!["theirs".into()]].concat(), ..have() };
        assert_eq!(paths(&both), [""; 0], "a policy more is somebody's");
        assert!(matches!(MonitoringRole::state(&have()), State::Ready(RoleOutput { arn, .. }) if arn == ARN));
    }
}
