//! One rule of a security group: who may talk to whom. See "Security group rules" in the Amazon VPC User Guide.
//!
//! # Guarantees
//! A rule is what it allows: its key derives from that alone, whatever its tags say. So a rule that was changed by hand
//! is one that is missing and one that nobody wants, and a rule that already lies in the group is taken for ours.
//!
//! # Caveats
//! The rules of our groups are ours entirely. One that the stack does not want, also one that a person has added, is an
//! unclaimed part of the stack: it is reported, and swept like every other.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeSecurityGroupRules");
/// Makes one that lets in.
pub const ALLOW_IN: Action = Action::write("ec2:AuthorizeSecurityGroupIngress");
/// Makes one that lets out.
pub const ALLOW_OUT: Action = Action::write("ec2:AuthorizeSecurityGroupEgress");
/// Removes one that lets in.
pub const REVOKE_IN: Action = Action::write("ec2:RevokeSecurityGroupIngress");
/// Removes one that lets out.
pub const REVOKE_OUT: Action = Action::write("ec2:RevokeSecurityGroupEgress");

/// The kind.
#[derive(Debug, Clone)]
pub struct SecurityGroupRule;

/// Which way the connections go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the group.
    In,
    /// Out of it.
    Out,
}

/// What a rule allows, without the groups' ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// Which way.
    pub direction: Direction,
    /// `tcp`; `-1` for everything.
    pub protocol: String,
    /// The first and the last port; none for everything.
    pub ports: Option<(i32, i32)>,
}

impl Traffic {
    /// TCP to one port.
    pub fn tcp(direction: Direction, port: u16) -> Self {
        Self { direction, protocol: "tcp".into(), ports: Some((port.into(), port.into())) }
    }

    /// Everything.
    pub fn all(direction: Direction) -> Self {
        Self { direction, protocol: "-1".into(), ports: None }
    }

    /// The component's name of such a rule, between a part of the stack and its peer: another part, a range of
    /// addresses, or what AWS calls it.
    pub fn name(&self, part: &str, peer: &str) -> String {
        let Self { direction, protocol, ports } = self;
        let way = match direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        let what = match (protocol.as_str(), ports) {
            ("-1", _) => "all".to_owned(),
            (protocol, None) => protocol.to_owned(),
            (protocol, Some((first, last))) if first == last => format!("{protocol}-{first}"),
            (protocol, Some((first, last))) => format!("{protocol}-{first}-{last}"),
        };
        let peer: String = peer.chars().map(|c| if c == '/' { '-' } else { c }).collect();
        format!("network/rule-{part}-{way}-{what}-{peer}")
    }
}

/// The other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// Whatever is in a group.
    Group(Id),
    /// An IPv4 range.
    Ipv4(String),
    /// An IPv6 range.
    Ipv6(String),
    /// AWS's list of ranges.
    PrefixList(Id),
}

impl Peer {
    /// It as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Group(Id(text)) | Self::PrefixList(Id(text)) | Self::Ipv4(text) | Self::Ipv6(text) => text,
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Its group.
    pub group: Id,
    /// What it allows.
    pub traffic: Traffic,
    /// From or to whom.
    pub peer: Peer,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub rule: Desired,
}

impl Kind for SecurityGroupRule {
    const NAME: &'static str = "ec2/security-group-rule";
    const ACTIONS: &'static [Action] = &[DESCRIBE, ALLOW_IN, ALLOW_OUT, REVOKE_IN, REVOKE_OUT];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// What it allows is in its name.
    fn variant(Desired { group, traffic: _, peer }: &Desired) -> Option<String> {
        Some(digest(&[&group.0, peer.as_str()]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(Observed { id: _, rule: Desired { group, traffic: _, peer } }: &Observed) -> Vec<Id> {
        match peer {
            Peer::Group(other) => vec![group.clone(), other.clone()],
            _ => vec![group.clone()],
        }
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_allowed() {
        let table = [
            (Traffic::tcp(Direction::In, 3306), "web", "network/rule-database-in-tcp-3306-web"),
            (Traffic::all(Direction::Out), "0.0.0.0/0", "network/rule-database-out-all-0.0.0.0-0"),
            (
                Traffic { protocol: "udp".into(), ports: Some((1, 9)), ..Traffic::all(Direction::In) },
                "::/0",
                "network/rule-database-in-udp-1-9-::-0",
            ),
        ];
        for (traffic, peer, name) in table {
            assert_eq!(traffic.name("database", peer), name);
        }
    }

    #[test]
    fn it_holds_both_groups_and_is_another_for_others() {
        let rule = |group: &str, peer| Desired { group: group.into(), traffic: Traffic::tcp(Direction::In, 80), peer };
        let wanted = rule("sg-1", Peer::Group("sg-2".into()));
        let have = Observed { id: "sgr-1".into(), rule: wanted.clone() };
        assert_eq!(SecurityGroupRule::holds(&have), [Id::from("sg-1"), Id::from("sg-2")]);
        for other in [rule("sg-3", Peer::Group("sg-2".into())), rule("sg-1", Peer::Ipv4("0.0.0.0/0".into()))] {
            assert_ne!(SecurityGroupRule::variant(&wanted), SecurityGroupRule::variant(&other));
        }
    }
}
