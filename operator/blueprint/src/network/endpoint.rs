//! The private way to Amazon S3, which costs nothing and spares the NAT gateways. See "Gateway endpoints for Amazon S3"
//! in the AWS PrivateLink Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeVpcEndpoints");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateVpcEndpoint");
/// Adds it to route tables and takes it out of others.
pub const MODIFY: Action = Action::write("ec2:ModifyVpcEndpoint");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteVpcEndpoints");

/// The path of the change of route tables.
pub const TABLES: &str = "network.endpoint.routeTables";

/// The kind.
#[derive(Debug, Clone)]
pub struct Endpoint;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The network it is for.
    pub vpc: Id,
    /// The service it leads to, as AWS names it.
    pub service: String,
    /// The route tables that lead to it.
    pub tables: BTreeSet<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The network it is for.
    pub vpc: Id,
    /// The route tables that lead to it.
    pub tables: BTreeSet<Id>,
    /// How far it is.
    pub phase: Phase,
}

/// How far an endpoint is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// It is being made.
    Pending,
    /// It works.
    Available,
    /// It will never work.
    Failed(String),
    /// It is being removed.
    Deleting,
}

impl Kind for Endpoint {
    const NAME: &'static str = "ec2/vpc-endpoint";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, MODIFY, DELETE];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { vpc, service, tables: _ }: &Desired) -> Option<String> {
        Some(digest(&[&vpc.0, service]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        [&have.vpc].into_iter().chain(&have.tables).cloned().collect()
    }

    fn diff(Desired { vpc: _, service: _, tables }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, vpc: _, tables: found, phase: _ } = have;
        let mut changes = Changes::new();
        changes.compare(TABLES, found, tables, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        match &have.phase {
            Phase::Pending => State::Settling { usable: None, reason: "Pending" },
            Phase::Available => State::Ready(have.id.clone()),
            Phase::Failed(why) => State::Dead { message: why.clone() },
            Phase::Deleting => State::Leaving,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> BTreeSet<Id> {
        ids.iter().map(|id| Id::from(*id)).collect()
    }

    fn have(tables: &[&str], phase: Phase) -> Observed {
        Observed { id: "vpce-1".into(), vpc: "vpc-1".into(), tables: ids(tables), phase }
    }

    #[test]
    fn its_tables_change_in_place() {
        let want = Desired { vpc: "vpc-1".into(), service: "s3".into(), tables: ids(&["rtb-1", "rtb-2"]) };
        assert_eq!(Endpoint::diff(&want, &have(&["rtb-2", "rtb-1"], Phase::Available)), Delta::Same);
        let Delta::Update(changes) = Endpoint::diff(&want, &have(&["rtb-1"], Phase::Available)) else {
            panic!("a missing table is as wanted")
        };
        assert_eq!((changes[0].path.as_str(), changes[0].to.as_str()), (TABLES, "rtb-1,rtb-2"));
        let fewer = Desired { tables: ids(&["rtb-1"]), ..want.clone() };
        assert_eq!(Endpoint::variant(&want), Endpoint::variant(&fewer));
        assert_ne!(Endpoint::variant(&want), Endpoint::variant(&Desired { vpc: "vpc-2".into(), ..want.clone() }));
    }

    #[test]
    fn only_an_available_one_is_used() {
        let table = [
            (Phase::Pending, State::Settling { usable: None, reason: "Pending" }),
            (Phase::Available, State::Ready("vpce-1".into())),
            (Phase::Failed("no".into()), State::Dead { message: "no".into() }),
            (Phase::Deleting, State::Leaving),
        ];
        for (phase, state) in table {
            assert_eq!(Endpoint::state(&have(&["rtb-1"], phase)), state);
        }
        assert_eq!(Endpoint::holds(&have(&["rtb-1"], Phase::Available)), ["vpc-1", "rtb-1"].map(Id::from));
    }
}
