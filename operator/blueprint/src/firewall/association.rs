//! Which web ACL stands before the load balancer. A distribution names its own. See "Associating protection with an AWS
//! resource" in the AWS WAF Developer Guide.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

/// Lists what a web ACL stands before.
pub const LIST: Action = Action::read("wafv2:ListResourcesForWebACL");
/// Looks whether somebody else's stands there.
pub const GET: Action = Action::read("wafv2:GetWebACLForResource");
/// Puts it there; another one that stood there goes.
pub const ASSOCIATE: Action = Action::write("wafv2:AssociateWebACL");
/// Takes it away.
pub const DISASSOCIATE: Action = Action::write("wafv2:DisassociateWebACL");
/// What both need for a load balancer.
pub const SET: Action = Action::write("elasticloadbalancing:SetWebACL");

/// The component.
pub const COMPONENT: &str = "firewall/association";

/// The kind.
#[derive(Debug, Clone)]
pub struct Association;

/// What is wanted, and what is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The firewall.
    pub web_acl: Id,
    /// What it stands before.
    pub load_balancer: Id,
}

impl Desired {
    /// AWS has no name for it: both ends'.
    pub fn id(&self) -> Id {
        Id(format!("{}@{}", self.load_balancer, self.web_acl))
    }

    /// The ends that such an id names.
    pub fn of(id: &Id) -> Option<Self> {
        let (load_balancer, web_acl) = id.as_str().split_once('@')?;
        Some(Self { web_acl: web_acl.into(), load_balancer: load_balancer.into() })
    }
}

impl Kind for Association {
    const NAME: &'static str = "wafv2/association";
    const ACTIONS: &'static [Action] = &[LIST, GET, ASSOCIATE, DISASSOCIATE, SET];
    /// By its place.
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Desired;
    type Output = Id;

    fn variant(Desired { web_acl, load_balancer }: &Desired) -> Option<String> {
        Some(digest(&[&web_acl.0, &load_balancer.0]))
    }

    fn id(have: &Desired) -> Id {
        have.id()
    }

    fn holds(have: &Desired) -> Vec<Id> {
        vec![have.web_acl.clone(), have.load_balancer.clone()]
    }

    fn diff(_: &Desired, _: &Desired) -> Delta {
        Delta::Same
    }

    fn state(have: &Desired) -> State<Id> {
        State::Ready(have.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_ends_are_its_name_and_what_it_holds() {
        let have = Desired { web_acl: "arn:acl".into(), load_balancer: "arn:lb".into() };
        assert_eq!(Desired::of(&have.id()), Some(have.clone()));
        assert_eq!(Desired::of(&"arn:lb".into()), None);
        assert_eq!(Association::holds(&have), ["arn:acl", "arn:lb"].map(Id::from));
        let other = Desired { web_acl: "arn:acl-2".into(), ..have.clone() };
        assert_ne!(Association::variant(&have), Association::variant(&other));
        assert_eq!(Association::diff(&have, &have), Delta::Same);
    }
}
