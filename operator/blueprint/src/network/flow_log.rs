//! A record of the VPC's traffic, in a log group. See "Publish flow logs to CloudWatch Logs" in the Amazon VPC User Guide.
//!
//! Nothing of it can be changed, and a VPC takes two.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeFlowLogs");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateFlowLogs");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteFlowLogs");

/// The component.
pub const FLOW_LOG: &str = "network/flow-log";

/// The kind.
#[derive(Debug, Clone)]
pub struct FlowLog;

/// What is wanted: all traffic, of ten minutes at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The network.
    pub vpc: Id,
    /// The name of the log group.
    pub log_group: String,
    /// The ARN of the role under which it is written.
    pub role: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The network.
    pub vpc: Id,
    /// The ARN of the log group.
    pub log_group: Option<Id>,
    /// The name of the role under which it is written.
    pub role: Option<Id>,
    /// Why nothing is written.
    pub error: Option<String>,
}

impl Kind for FlowLog {
    const NAME: &'static str = "ec2/flow-log";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, DELETE];
    const IDENTITY: Identity = Identity::Token;
    /// AWS refuses a second one from the same network to the same group.
    const COEXISTS: bool = false;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { vpc, log_group, role }: &Desired) -> Option<String> {
        Some(digest(&[&vpc.0, log_group, role]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// A group that is still written to would come again.
    fn holds(have: &Observed) -> Vec<Id> {
        [&have.vpc].into_iter().chain(&have.log_group).chain(&have.role).cloned().collect()
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        match &have.error {
            None => State::Ready(have.id.clone()),
            Some(error) => State::Broken {
                usable: Some(have.id.clone()),
                message: format!("the network's traffic is not recorded: {error}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have(error: Option<&str>) -> Observed {
        Observed {
            id: "fl-1".into(),
            vpc: "vpc-1".into(),
            log_group: Some("arn:logs".into()),
            role: Some("gazette-flow".into()),
            error: error.map(Into::into),
        }
    }

    #[test]
    fn anything_else_is_another_one() {
        let want = Desired { vpc: "vpc-1".into(), log_group: "/flow".into(), role: "arn:role".into() };
        let others = [
            Desired { vpc: "vpc-2".into(), ..want.clone() },
            Desired { log_group: "/other".into(), ..want.clone() },
            Desired { role: "arn:other".into(), ..want.clone() },
        ];
        assert!(others.iter().all(|other| FlowLog::variant(other) != FlowLog::variant(&want)));
        assert_eq!(FlowLog::diff(&want, &have(None)), Delta::Same);
    }

    #[test]
    fn it_goes_before_what_it_reads_and_writes_and_says_when_it_cannot() {
        assert_eq!(FlowLog::holds(&have(None)), ["vpc-1", "arn:logs", "gazette-flow"].map(Id::from));
        assert_eq!(FlowLog::state(&have(None)), State::Ready("fl-1".into()));
        let State::Broken { usable: Some(_), message } = FlowLog::state(&have(Some("Access error"))) else {
            panic!("it is ready")
        };
        assert!(message.ends_with("Access error"), "{message}");
    }
}
