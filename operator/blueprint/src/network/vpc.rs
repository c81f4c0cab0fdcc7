//! The stack's private network. See "VPC basics" in the Amazon VPC User Guide.

use ipnet::Ipv4Net;
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeVpcs");
/// Reads the DNS settings, which the list does not show.
pub const DESCRIBE_ATTRIBUTE: Action = Action::read("ec2:DescribeVpcAttribute");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateVpc");
/// Sets the DNS settings, one in each call.
pub const MODIFY: Action = Action::write("ec2:ModifyVpcAttribute");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteVpc");

/// The kind.
#[derive(Debug, Clone)]
pub struct Vpc;

/// What is wanted. DNS support and DNS hostnames are always on, or EFS names do not resolve.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Its addresses.
    pub cidr: Ipv4Net,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// Its addresses.
    pub cidr: Option<Ipv4Net>,
    /// Whether the Amazon resolver answers in it.
    pub dns_support: bool,
    /// Whether instances get names.
    pub dns_hostnames: bool,
    /// False while it is pending.
    pub available: bool,
}

/// The path of the change that switches DNS support on; AWS wants it before the hostnames.
pub const DNS_SUPPORT: &str = "network.dnsSupport";
/// The path of the change that switches DNS hostnames on.
pub const DNS_HOSTNAMES: &str = "network.dnsHostnames";

impl Kind for Vpc {
    const NAME: &'static str = "ec2/vpc";
    const ACTIONS: &'static [Action] = &[DESCRIBE, DESCRIBE_ATTRIBUTE, CREATE, MODIFY, DELETE];
    const IDENTITY: Identity = Identity::Neither;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// The whole stack stands on it: another range is refused, not built beside it.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(Desired { cidr }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, cidr: found, dns_support, dns_hostnames, available: _ } = have;
        let mut changes = Changes::new();
        changes.refuse("network.cidr", &found.map(|cidr| cidr.to_string()), &Some(cidr.to_string()));
        changes.compare(DNS_SUPPORT, dns_support, &true, Disruption::None);
        changes.compare(DNS_HOSTNAMES, dns_hostnames, &true, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        match have.available {
            true => State::Ready(have.id.clone()),
            false => State::Settling { usable: None, reason: "Pending" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have(cidr: &str, dns_support: bool, dns_hostnames: bool) -> Observed {
        Observed { id: "vpc-1".into(), cidr: cidr.parse().ok(), dns_support, dns_hostnames, available: true }
    }

    #[test]
    fn diff_knows_each_field() {
        let want = Desired { cidr: "10.42.0.0/16".parse().unwrap() };
        let paths = |delta| match delta {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|c| c.path).collect(),
        };
        assert_eq!(Vpc::diff(&want, &have("10.42.0.0/16", true, true)), Delta::Same);
        assert_eq!(paths(Vpc::diff(&want, &have("10.42.0.0/16", false, false))), [DNS_SUPPORT, DNS_HOSTNAMES]);
        let other = Vpc::diff(&want, &have("10.43.0.0/16", true, true));
        assert!(matches!(other, Delta::Refused(_)));
        assert_eq!(paths(other), ["network.cidr"]);
    }

    #[test]
    fn it_is_ready_once_available() {
        let pending = Observed { available: false, ..have("10.42.0.0/16", true, true) };
        assert_eq!(Vpc::state(&pending), State::Settling { usable: None, reason: "Pending" });
        assert_eq!(Vpc::state(&have("10.42.0.0/16", true, true)), State::Ready("vpc-1".into()));
    }
}
