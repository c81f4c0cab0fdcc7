//! Where the firewall writes what it stopped or counted. See "Logging AWS WAF web ACL traffic" in the AWS WAF Developer
//! Guide.
//!
//! Whoever gets through is in the access logs already. What tells who a visitor is, is left out.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

use super::Scope;

/// Reads it.
pub const GET: Action = Action::read("wafv2:GetLoggingConfiguration");
/// Writes it.
pub const PUT: Action = Action::write("wafv2:PutLoggingConfiguration");
/// Ends it.
pub const DELETE: Action = Action::write("wafv2:DeleteLoggingConfiguration");

/// The component.
pub const COMPONENT: &str = "firewall/logging";

/// The path of the change of where it writes.
pub const DESTINATION: &str = "firewall.logging.destination";
/// The path of the change of what it writes.
pub const FILTER: &str = "firewall.logging.filter";
/// The path of the change of what it leaves out.
pub const REDACTED: &str = "firewall.logging.redacted";

/// What of a request is left out: passwords and sessions are in there.
pub const SECRET_HEADERS: [&str; 2] = ["authorization", "cookie"];

/// What is written of all requests, in our words.
pub const STOPPED: &str = "what is blocked or counted";

/// The kind.
#[derive(Debug, Clone)]
pub struct Logging;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// What the firewall stands before.
    pub scope: Scope,
    /// The web ACL's ARN.
    pub web_acl: Id,
    /// The ARN of the log group that it writes to.
    pub log_group: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The web ACL's ARN.
    pub web_acl: Id,
    /// The ARNs of what it writes to.
    pub destinations: BTreeSet<Id>,
    /// [`STOPPED`], or a description of what it writes.
    pub filter: String,
    /// The headers that it leaves out; of anything else a description.
    pub redacted: BTreeSet<String>,
}

/// The key of the one of a scope: its web ACL's.
pub fn key(scope: Scope) -> Key {
    Key { name: COMPONENT.into(), variant: super::web_acl::key(scope).variant }
}

/// The id of a web ACL's logging; AWS has none for it.
pub fn id(web_acl: &Id) -> Id {
    Id(format!("{web_acl}/logging"))
}

/// The web ACL that an id of ours names.
pub fn web_acl_of(id: &Id) -> Id {
    Id(id.0.strip_suffix("/logging").unwrap_or(&id.0).to_owned())
}

impl Kind for Logging {
    const NAME: &'static str = "wafv2/logging";
    const ACTIONS: &'static [Action] = &[GET, PUT, DELETE];
    /// By its web ACL.
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(want: &Desired) -> Option<String> {
        key(want.scope).variant
    }

    fn id(have: &Observed) -> Id {
        id(&have.web_acl)
    }

    fn holds(have: &Observed) -> Vec<Id> {
        [have.web_acl.clone()].into_iter().chain(have.destinations.iter().cloned()).collect()
    }

    fn diff(Desired { scope: _, web_acl: _, log_group }: &Desired, have: &Observed) -> Delta {
        let Observed { web_acl: _, destinations, filter, redacted } = have;
        let mut changes = Changes::new();
        changes.compare(DESTINATION, destinations, &BTreeSet::from([log_group.clone()]), Disruption::None);
        changes.compare(FILTER, &filter.as_str(), &STOPPED, Disruption::None);
        changes.compare(REDACTED, redacted, &SECRET_HEADERS.map(String::from).into(), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(id(&have.web_acl))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have(change: impl FnOnce(&mut Observed)) -> Observed {
        let mut have = Observed {
            web_acl: "arn:acl".into(),
            destinations: ["arn:logs".into()].into(),
            filter: STOPPED.into(),
            redacted: SECRET_HEADERS.map(String::from).into(),
        };
        change(&mut have);
        have
    }

    #[test]
    fn diff_knows_each_field() {
        let want = Desired { scope: Scope::Regional, web_acl: "arn:acl".into(), log_group: "arn:logs".into() };
        let paths = |have: &Observed| match Logging::diff(&want, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|it| it.path).collect(),
        };
        assert_eq!(paths(&have(|_| {})), [""; 0]);
        assert_eq!(paths(&have(|it| it.destinations.clear())), [DESTINATION]);
        assert_eq!(paths(&have(|it| it.filter = "everything".into())), [FILTER]);
        assert_eq!(paths(&have(|it| drop(it.redacted.pop_first()))), [REDACTED]);
    }

    #[test]
    fn it_goes_before_what_it_ties_together() {
        assert_eq!(Logging::holds(&have(|_| {})), ["arn:acl", "arn:logs"].map(Id::from));
        assert_eq!(web_acl_of(&Logging::id(&have(|_| {}))), "arn:acl".into());
        assert_ne!(key(Scope::Regional), key(Scope::CloudFront));
    }
}
