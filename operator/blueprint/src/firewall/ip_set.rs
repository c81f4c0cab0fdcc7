//! Addresses that the firewall's rules name. See "IP sets" in the AWS WAF Developer Guide.

use std::collections::BTreeSet;

use ipnet::IpNet;
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

pub use super::{LIST_TAGS, Scope, TAG};

/// Lists, without the addresses.
pub const LIST: Action = Action::read("wafv2:ListIPSets");
/// Reads one, with the version that writes must name.
pub const GET: Action = Action::read("wafv2:GetIPSet");
/// Makes it.
pub const CREATE: Action = Action::write("wafv2:CreateIPSet");
/// Sets its addresses.
pub const UPDATE: Action = Action::write("wafv2:UpdateIPSet");
/// Removes it.
pub const DELETE: Action = Action::write("wafv2:DeleteIPSet");

/// The kind.
#[derive(Debug, Clone)]
pub struct IpSet;

/// What a set is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Always gets through.
    Allow,
    /// Never gets through.
    Deny,
}

/// Whose addresses: a set holds those of one version only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Version {
    /// AWS's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPV4",
            Self::V6 => "IPV6",
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Which firewalls can use it.
    pub scope: Scope,
    /// What it is for.
    pub list: List,
    /// Whose addresses.
    pub version: Version,
    /// The networks.
    pub networks: BTreeSet<IpNet>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// The networks.
    pub networks: BTreeSet<IpNet>,
}

/// The component of a set.
pub fn component(list: List, version: Version) -> &'static str {
    match (list, version) {
        (List::Allow, Version::V4) => "firewall/allow-ipv4",
        (List::Allow, Version::V6) => "firewall/allow-ipv6",
        (List::Deny, Version::V4) => "firewall/deny-ipv4",
        (List::Deny, Version::V6) => "firewall/deny-ipv6",
    }
}

/// Everything that a set can be: it is found by its exact name.
pub fn keys(scope: Scope) -> [Key; 4] {
    let pairs = [List::Allow, List::Deny].map(|list| [(list, Version::V4), (list, Version::V6)]);
    let [[a, b], [c, d]] = pairs;
    [a, b, c, d].map(|(list, version)| Key {
        name: component(list, version).into(),
        variant: IpSet::variant(&Desired { scope, list, version, networks: BTreeSet::new() }),
    })
}

/// The networks of one version, as AWS WAF takes them: without host bits. The schema has seen that each is a network.
pub fn networks(texts: &[String], version: Version) -> BTreeSet<IpNet> {
    let nets = texts.iter().filter_map(|text| text.parse::<IpNet>().ok()).map(|net| net.trunc());
    nets.filter(|net| matches!(net, IpNet::V4(_)) == (version == Version::V4)).collect()
}

/// The path of the change of addresses.
pub const fn path(list: List) -> &'static str {
    match list {
        List::Allow => "firewall.allowCIDRs",
        List::Deny => "firewall.denyCIDRs",
    }
}

impl Kind for IpSet {
    const NAME: &'static str = "wafv2/ip-set";
    const ACTIONS: &'static [Action] = &[LIST, LIST_TAGS, GET, CREATE, UPDATE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(want: &Desired) -> Option<String> {
        Some(want.scope.name().to_ascii_lowercase())
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { scope: _, list, version: _, networks } = want;
        let Observed { arn: _, networks: found } = have;
        let mut changes = Changes::new();
        changes.compare(path(*list), &joined(found), &joined(networks), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.arn.clone())
    }
}

fn joined(networks: &BTreeSet<IpNet>) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_told_apart_by_version_and_lose_their_host_bits() {
        let texts = ["203.0.113.7/24", "2001:0db8:0000::1/32", "198.51.100.0/25"].map(String::from);
        let of = |version| joined(&networks(&texts, version));
        assert_eq!(of(Version::V4), "198.51.100.0/25,203.0.113.0/24");
        assert_eq!(of(Version::V6), "2001:db8::/32");
    }

    #[test]
    fn only_addresses_differ_and_another_scope_is_another_set() {
        let networks = |text: &str| networks(&[text.to_owned()], Version::V4);
        let want = Desired {
            scope: Scope::Regional,
            list: List::Deny,
            version: Version::V4,
            networks: networks("203.0.113.0/24"),
        };
        let have = Observed { arn: "arn:1".into(), networks: want.networks.clone() };
        assert_eq!(IpSet::diff(&want, &have), Delta::Same);
        let have = Observed { networks: networks("198.51.100.0/25"), ..have };
        let Delta::Update(changes) = IpSet::diff(&want, &have) else { panic!() };
        assert_eq!(changes[0].to_string(), "firewall.denyCIDRs found 198.51.100.0/25, wanted 203.0.113.0/24");
        let names: BTreeSet<_> = Scope::ALL.into_iter().flat_map(keys).map(|key| key.to_string()).collect();
        assert_eq!(names.len(), 8);
    }
}
