//! A private way to a service of AWS. See "Gateway endpoints for Amazon S3" and "Access an AWS service using an interface
//! VPC endpoint" in the AWS PrivateLink Guide.
//!
//! A gateway endpoint is a route, costs nothing and spares the NAT gateways; only S3 and DynamoDB have one. An interface
//! endpoint is an address in each zone under the service's own name, so nothing on the instances has to know of it.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeVpcEndpoints");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateVpcEndpoint");
/// Changes where it is and who may use it.
pub const MODIFY: Action = Action::write("ec2:ModifyVpcEndpoint");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteVpcEndpoints");

/// The path of the change of route tables.
pub const TABLES: &str = "network.endpoint.routeTables";
/// The path of the change of subnets.
pub const SUBNETS: &str = "network.endpoint.subnets";
/// The path of the change of security groups.
pub const GROUPS: &str = "network.endpoint.securityGroups";
/// The path of the change that puts it under the service's own name.
pub const PRIVATE_DNS: &str = "network.endpoint.privateDns";

/// What instances call, beside S3: their secrets, the SSM agent's three, logs and metrics of the CloudWatch agent, and
/// the launch hook. Files are mounted through mount targets: `amazon-efs-utils` calls the service only where their name
/// does not resolve.
pub const SERVICES: [&str; 7] =
    ["secretsmanager", "ssm", "ssmmessages", "ec2messages", "logs", "monitoring", "autoscaling"];

/// The component's name of the endpoint of a service.
pub fn name(short: &str) -> String {
    format!("network/endpoint-{short}")
}

/// A service's name as AWS has it.
pub fn service(region: &str, short: &str) -> String {
    format!("com.amazonaws.{region}.{short}")
}

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
    /// How it leads there.
    pub way: Way,
}

/// How an endpoint leads to its service.
#[derive(Debug, Clone, PartialEq)]
pub enum Way {
    /// By a route.
    Gateway {
        /// The route tables that lead to it.
        tables: BTreeSet<Id>,
    },
    /// By an address of its own in each zone, under the service's own name.
    Interface {
        /// Where its addresses are.
        subnets: BTreeSet<Id>,
        /// Who may use it.
        groups: BTreeSet<Id>,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The network it is for.
    pub vpc: Id,
    /// How it leads to its service.
    pub way: Way,
    /// Whether the service's own name leads to it.
    pub private_dns: bool,
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
    /// A network has one route, and one name, for a service.
    const COEXISTS: bool = false;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { vpc, service, way: _ }: &Desired) -> Option<String> {
        Some(digest(&[&vpc.0, service]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(Observed { id: _, vpc, way, private_dns: _, phase: _ }: &Observed) -> Vec<Id> {
        match way {
            Way::Gateway { tables } => [vpc].into_iter().chain(tables).cloned().collect(),
            Way::Interface { subnets, groups } => [vpc].into_iter().chain(subnets).chain(groups).cloned().collect(),
        }
    }

    fn diff(Desired { vpc: _, service: _, way }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, vpc: _, way: found, private_dns, phase: _ } = have;
        let mut changes = Changes::new();
        match (way, found) {
            (Way::Gateway { tables }, Way::Gateway { tables: found }) => {
                changes.compare(TABLES, found, tables, Disruption::None);
            }
            (Way::Interface { subnets, groups }, Way::Interface { subnets: found, groups: found_groups }) => {
                changes.compare(SUBNETS, found, subnets, Disruption::None);
                changes.compare(GROUPS, found_groups, groups, Disruption::None);
                changes.compare(PRIVATE_DNS, private_dns, &true, Disruption::None);
            }
            // A service of ours is always reached in one way.
            _ => {}
        }
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

    fn gateway(tables: &[&str]) -> Way {
        Way::Gateway { tables: ids(tables) }
    }

    fn interface(subnets: &[&str], groups: &[&str]) -> Way {
        Way::Interface { subnets: ids(subnets), groups: ids(groups) }
    }

    fn have(way: Way, phase: Phase) -> Observed {
        Observed { id: "vpce-1".into(), vpc: "vpc-1".into(), way, private_dns: true, phase }
    }

    fn want(way: Way) -> Desired {
        Desired { vpc: "vpc-1".into(), service: service("us-east-1", "ssm"), way }
    }

    #[test]
    fn where_it_is_and_who_may_use_it_change_in_place() {
        let (tables, places) = (gateway(&["rtb-1", "rtb-2"]), interface(&["subnet-1", "subnet-2"], &["sg-1"]));
        for way in [&tables, &places] {
            assert_eq!(Endpoint::diff(&want(way.clone()), &have(way.clone(), Phase::Available)), Delta::Same);
        }
        let named = Observed { private_dns: false, ..have(places.clone(), Phase::Available) };
        let table = [
            (tables, have(gateway(&["rtb-1"]), Phase::Available), TABLES, "rtb-1,rtb-2"),
            (places.clone(), have(interface(&["subnet-1"], &["sg-1"]), Phase::Available), SUBNETS, "subnet-1,subnet-2"),
            (places.clone(), have(interface(&["subnet-1", "subnet-2"], &["sg-2"]), Phase::Available), GROUPS, "sg-1"),
            (places, named, PRIVATE_DNS, "true"),
        ];
        for (way, have, path, to) in table {
            let Delta::Update(changes) = Endpoint::diff(&want(way), &have) else { panic!("{have:?} is as wanted") };
            assert_eq!((changes[0].path.as_str(), changes[0].to.as_str(), changes.len()), (path, to, 1));
        }
    }

    #[test]
    fn another_network_or_service_is_another_endpoint() {
        let one = want(gateway(&["rtb-1", "rtb-2"]));
        assert_eq!(Endpoint::variant(&one), Endpoint::variant(&want(gateway(&["rtb-1"]))));
        assert_ne!(Endpoint::variant(&one), Endpoint::variant(&Desired { vpc: "vpc-2".into(), ..one.clone() }));
        assert_ne!(Endpoint::variant(&one), Endpoint::variant(&Desired { service: "logs".into(), ..one.clone() }));
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
            assert_eq!(Endpoint::state(&have(gateway(&["rtb-1"]), phase)), state);
        }
    }

    #[test]
    fn it_holds_what_leads_to_it_and_what_it_stands_in() {
        let held = |way| Endpoint::holds(&have(way, Phase::Deleting));
        assert_eq!(held(gateway(&["rtb-1"])), ["vpc-1", "rtb-1"].map(Id::from));
        assert_eq!(held(interface(&["subnet-1"], &["sg-1"])), ["vpc-1", "subnet-1", "sg-1"].map(Id::from));
    }
}
