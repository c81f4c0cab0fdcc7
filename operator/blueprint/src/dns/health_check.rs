//! Whether the site answers, as seen from outside. See "How Route 53 checks the health of your resources" and "Values that
//! you specify when you create or update health checks" in the Amazon Route 53 Developer Guide.
//!
//! # Caveats
//! It asks the load balancer itself. Under the site's own name it would ask whichever site is nearest to the checker.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest, hex_digest};

use crate::Stack;

/// Lists.
pub const LIST: Action = Action::read("route53:ListHealthChecks");
/// Reads one.
pub const GET: Action = Action::read("route53:GetHealthCheck");
/// Reads the tags, which the list does not show.
pub const LIST_TAGS: Action = Action::read("route53:ListTagsForResource");
/// Makes it.
pub const CREATE: Action = Action::write("route53:CreateHealthCheck");
/// Changes what it asks for.
pub const UPDATE: Action = Action::write("route53:UpdateHealthCheck");
/// Writes tags, which no create takes.
pub const TAG: Action = Action::write("route53:ChangeTagsForResource");
/// Removes it.
pub const DELETE: Action = Action::write("route53:DeleteHealthCheck");

/// Its component.
pub const COMPONENT: &str = "dns/health-check";

/// The path of the change of whom it asks.
pub const TARGET: &str = "dns.healthCheck.target";
/// The path of the change of what it asks for.
pub const PATH: &str = "loadBalancer.healthCheck.path";

/// The kind.
#[derive(Debug, Clone)]
pub struct HealthCheck;

/// What is wanted, and what is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Whether it asks by HTTPS. By HTTP a redirect would count as health.
    pub tls: bool,
    /// Whom it asks.
    pub name: String,
    /// At which port.
    pub port: i32,
    /// What it asks for.
    pub path: String,
}

impl Desired {
    /// Of a load balancer.
    pub fn of(tls: bool, name: String, path: String) -> Self {
        Self { tls, name, port: if tls { 443 } else { 80 }, path }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// How it is set.
    pub set: Desired,
    /// Its version, which a change must name.
    pub version: i64,
}

/// What the caller references of a stack's checks begin with: half of the 32 that one of ours has. It is proof enough,
/// since tags come a call later than the check.
pub fn reference(stack: &Stack) -> String {
    hex_digest(&[&stack.to_string()], 16)
}

impl Kind for HealthCheck {
    const NAME: &'static str = "route53/health-check";
    const ACTIONS: &'static [Action] = &[LIST, GET, LIST_TAGS, CREATE, UPDATE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// Only the protocol cannot be changed in place.
    fn variant(Desired { tls, name: _, port: _, path: _ }: &Desired) -> Option<String> {
        Some(digest(&[if *tls { "HTTPS" } else { "HTTP" }]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(Desired { tls: _, name, port, path }: &Desired, Observed { id: _, set, version: _ }: &Observed) -> Delta {
        let mut changes = Changes::new();
        let target = |name: &str, port: i32| format!("{name}:{port}");
        changes.compare(TARGET, &target(&set.name, set.port), &target(name, *port), Disruption::None);
        changes.compare(PATH, &set.path, path, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_it_asks_and_for_what_can_change_and_how_it_asks_cannot() {
        let want = Desired::of(true, "lb.example.com".into(), "/health".into());
        let have = |set: Desired| Observed { id: "check-1".into(), set, version: 1 };
        assert_eq!(HealthCheck::diff(&want, &have(want.clone())), Delta::Same);
        for (other, path) in [
            (Desired { name: "other".into(), ..want.clone() }, TARGET),
            (Desired { port: 80, ..want.clone() }, TARGET),
            (Desired { path: "/".into(), ..want.clone() }, PATH),
        ] {
            assert!(matches!(HealthCheck::diff(&want, &have(other)), Delta::Update(list) if list[0].path == path));
        }
        assert_ne!(HealthCheck::variant(&want), HealthCheck::variant(&Desired { tls: false, ..want.clone() }));
        assert_eq!(HealthCheck::variant(&want), HealthCheck::variant(&Desired { name: "other".into(), ..want }));
    }
}
