//! Under which flow logs are written. See "IAM role for publishing flow logs to CloudWatch Logs" in the Amazon VPC User
//! Guide; the right to make log groups, which that page gives too, would make the site's again after its end.

use serde_json::{Value, json};
use wpc_engine::{Action, Changes, Delta, Id, Identity, Kind, State};

use crate::iam::{self, Own, RoleOutput};

/// The component.
pub const ROLE: &str = "network/flow-log-role";
/// Who may wear it.
pub const SERVICE: &str = "vpc-flow-logs.amazonaws.com";
/// The name of its one policy.
pub const POLICY_NAME: &str = "flow-logs";

/// The path of the change of who may wear it.
pub const TRUST: &str = "network.flowLogRole.trust";
/// The path of the change of what it may do.
pub const POLICY: &str = "network.flowLogRole.policy";
/// The path of the change of how much it can be allowed at most.
pub const BOUNDARY: &str = "network.flowLogRole.permissionsBoundary";

/// The kind.
#[derive(Debug, Clone)]
pub struct FlowLogRole;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The ARN of the log group that it may write to.
    pub log_group: Id,
    /// The policy that says how much it can be allowed at most, if the operator is to set one.
    pub boundary: Option<String>,
}

impl Desired {
    /// What it may do.
    pub fn policy(&self) -> Value {
        let streams = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
        let group = [self.log_group.0.clone(), format!("{}:*", self.log_group)];
        iam::document(vec![
            json!({"Sid": "Find", "Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": ["*"]}),
            json!({"Sid": "Write", "Effect": "Allow", "Action": streams, "Resource": group}),
        ])
    }
}

impl Kind for FlowLogRole {
    const NAME: &'static str = "iam/flow-log-role";
    const ACTIONS: &'static [Action] = Own::ACTIONS;
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Own;
    type Output = RoleOutput;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Own) -> Id {
        have.id.clone()
    }

    fn holds(_: &Own) -> Vec<Id> {
        vec![]
    }

    fn diff(want: &Desired, have: &Own) -> Delta {
        let mut changes = Changes::new();
        iam::compare_trust(&mut changes, TRUST, &have.trust, SERVICE);
        have.compare_policy(&mut changes, POLICY, want.policy());
        iam::compare_boundary(&mut changes, BOUNDARY, &have.boundary, &want.boundary);
        changes.delta()
    }

    fn state(have: &Own) -> State<RoleOutput> {
        State::Ready(have.output())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        Desired { log_group: "arn:aws:logs:r:1:log-group:/flow".into(), boundary: None }
    }

    fn have() -> Own {
        Own {
            id: "gazette-flow".into(),
            arn: "arn:role".into(),
            trust: Some(iam::trust(SERVICE)),
            policy: Some(want().policy()),
            boundary: None,
        }
    }

    fn paths(want: &Desired, have: &Own) -> Vec<String> {
        match FlowLogRole::diff(want, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|change| change.path).collect(),
        }
    }

    #[test]
    fn diff_knows_each_field() {
        assert_eq!(paths(&want(), &have()), [""; 0]);
        assert_eq!(paths(&Desired { log_group: "arn:other".into(), ..want() }, &have()), [POLICY]);
        assert_eq!(paths(&want(), &Own { trust: None, ..have() }), [TRUST]);
        assert_eq!(paths(&Desired { boundary: Some("arn:b".into()), ..want() }, &have()), [BOUNDARY]);
    }

    #[test]
    fn it_may_write_to_one_group_and_make_none() {
        let text = want().policy().to_string();
        assert!(text.contains("log-group:/flow:*") && !text.contains("CreateLogGroup"), "{text}");
        assert!(matches!(FlowLogRole::state(&have()), State::Ready(_)));
    }
}
