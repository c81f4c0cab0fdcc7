//! Who is let in where a content delivery network stands before the load balancer: whoever sends the secret that only this
//! site's distribution knows. Everybody's distributions come from the same addresses, so addresses alone would let in a
//! distribution of somebody else's, which has no firewall or another one. See "Restrict access to Application Load
//! Balancers" in the Amazon CloudFront Developer Guide, and "Listener rules for your Application Load Balancer".
//!
//! It is a rule that lets in who knows the secret, and the port's default action, which refuses everybody else. Nobody is
//! refused before the distribution sends the secret from every edge location; the port itself lets everybody in again as
//! soon as no distribution is wanted.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

use super::listener;
pub use super::load_balancer::{ADD_TAGS, DESCRIBE_TAGS};
use crate::secret::{self, Stored};

/// Lists a port's rules.
pub const DESCRIBE: Action = Action::read("elasticloadbalancing:DescribeRules");
/// Makes it.
pub const CREATE: Action = Action::write("elasticloadbalancing:CreateRule");
/// Changes whom it lets in.
pub const MODIFY: Action = Action::write("elasticloadbalancing:ModifyRule");
/// Removes it.
pub const DELETE: Action = Action::write("elasticloadbalancing:DeleteRule");

/// The component.
pub const COMPONENT: &str = "traffic/entrance";
/// It is asked before every other rule of its port.
pub const PRIORITY: u16 = 1;

/// The kind.
#[derive(Debug, Clone)]
pub struct Entrance;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The port.
    pub listener: Id,
    /// Where visitors go who are let in.
    pub target_group: Id,
    /// What they must know.
    pub secret: Stored,
    /// The digest of what the distribution sends from every edge location, if it does.
    pub sent: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its ARN.
    pub id: Id,
    /// The port.
    pub listener: Id,
    /// Where visitors go who are let in.
    pub target_groups: BTreeSet<Id>,
    /// Digests of what lets them in: two while one is replaced by another.
    pub accepts: BTreeSet<String>,
    /// Whether everybody else is refused.
    pub closed: bool,
}

/// The path of the change of the secret.
pub const SECRET: &str = "loadBalancer.entrance.secret";
/// The path of the change that sends those who are let in elsewhere.
pub const TARGET_GROUP: &str = "loadBalancer.entrance.targetGroup";
/// The path of the change that refuses everybody else.
pub const OTHERS: &str = "loadBalancer.entrance.others";

impl Desired {
    /// Whether every edge location sends what is wanted.
    pub fn proven(&self) -> bool {
        self.sent.is_some() && self.sent == self.secret.digest
    }
}

impl Kind for Entrance {
    const NAME: &'static str = "elasticloadbalancing/rule";
    const ACTIONS: &'static [Action] =
        &[DESCRIBE, DESCRIBE_TAGS, secret::VALUE, CREATE, MODIFY, listener::MODIFY, ADD_TAGS, DELETE];
    /// By its priority.
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { listener, target_group: _, secret: _, sent: _ }: &Desired) -> Option<String> {
        Some(digest(&[&listener.0]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.target_groups.iter().chain([&have.listener]).cloned().collect()
    }

    /// A new secret is accepted beside the old one until the distribution sends it from everywhere.
    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { listener: _, target_group, secret, sent: _ } = want;
        let Observed { id: _, listener: _, target_groups, accepts, closed } = have;
        let mut changes = Changes::new();
        if let Some(wanted) = &secret.digest {
            let only = [wanted.clone()].into();
            if !accepts.contains(wanted) || want.proven() && *accepts != only {
                changes.compare(SECRET, accepts, &only, Disruption::None);
            }
        }
        if !target_groups.contains(target_group) {
            changes.compare(TARGET_GROUP, target_groups, &[target_group.clone()].into(), Disruption::Interruption);
        }
        if want.proven() && !closed {
            changes.push(OTHERS, "let in", "refused", Disruption::None);
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

    fn want(sent: Option<&str>) -> Desired {
        let secret = Stored { arn: "arn:secret".into(), version: None, digest: Some("new".into()) };
        let (listener, target_group) = ("arn:listener".into(), "arn:tg".into());
        Desired { listener, target_group, secret, sent: sent.map(Into::into) }
    }

    fn have(accepts: &[&str], closed: bool) -> Observed {
        let accepts = accepts.iter().map(|digest| (*digest).to_owned()).collect();
        let target_groups = ["arn:tg".into()].into();
        Observed { id: "arn:rule".into(), listener: "arn:listener".into(), target_groups, accepts, closed }
    }

    fn paths(want: &Desired, have: &Observed) -> Vec<String> {
        match Entrance::diff(want, have) {
            Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
            _ => vec![],
        }
    }

    #[test]
    fn nobody_is_refused_before_the_distribution_sends_the_secret_from_everywhere() {
        assert_eq!(paths(&want(None), &have(&["new"], false)), [""; 0]);
        assert_eq!(paths(&want(Some("old")), &have(&["new"], false)), [""; 0]);
        assert_eq!(paths(&want(Some("new")), &have(&["new"], false)), [OTHERS]);
        assert_eq!(paths(&want(Some("new")), &have(&["new"], true)), [""; 0]);
        // Nor is anybody let in because the distribution is deployed once more.
        assert_eq!(paths(&want(None), &have(&["new"], true)), [""; 0]);
    }

    #[test]
    fn an_old_secret_counts_until_the_new_one_is_sent_from_everywhere() {
        assert_eq!(paths(&want(None), &have(&["old"], true)), [SECRET]);
        assert_eq!(paths(&want(None), &have(&["old", "new"], true)), [""; 0]);
        assert_eq!(paths(&want(Some("old")), &have(&["old", "new"], true)), [""; 0]);
        assert_eq!(paths(&want(Some("new")), &have(&["old", "new"], true)), [SECRET]);
        let unknown = Stored { digest: None, ..want(None).secret };
        assert_eq!(paths(&Desired { secret: unknown, ..want(None) }, &have(&["old"], true)), [""; 0]);
    }

    #[test]
    fn those_who_are_let_in_come_to_the_site() {
        let elsewhere = Observed { target_groups: ["arn:other".into()].into(), ..have(&["new"], true) };
        assert_eq!(paths(&want(None), &elsewhere), [TARGET_GROUP]);
        let weights = ["arn:other", "arn:tg"].map(Id::from).into();
        assert_eq!(paths(&want(None), &Observed { target_groups: weights, ..elsewhere }), [""; 0]);
    }

    #[test]
    fn its_port_is_its_identity() {
        let other = Desired { listener: "arn:listener-2".into(), ..want(None) };
        assert_ne!(Entrance::variant(&want(None)), Entrance::variant(&other));
        assert_eq!(Entrance::variant(&want(None)), Entrance::variant(&want(Some("new"))));
        assert_eq!(Entrance::holds(&have(&[], false)), ["arn:tg", "arn:listener"].map(Id::from));
    }
}
