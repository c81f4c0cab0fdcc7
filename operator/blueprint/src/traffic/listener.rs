//! One port of the load balancer. See "Listeners for your Application Load Balancers" and "Create an HTTPS listener for
//! your Application Load Balancer".

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

pub use super::load_balancer::{ADD_TAGS, DESCRIBE_TAGS};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticloadbalancing:DescribeListeners");
/// Makes it.
pub const CREATE: Action = Action::write("elasticloadbalancing:CreateListener");
/// Sends visitors elsewhere, changes certificate and policy.
pub const MODIFY: Action = Action::write("elasticloadbalancing:ModifyListener");
/// Removes it.
pub const DELETE: Action = Action::write("elasticloadbalancing:DeleteListener");

/// The kind.
#[derive(Debug, Clone)]
pub struct Listener;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Whose port it is.
    pub load_balancer: Id,
    /// The port.
    pub port: u16,
    /// How it speaks TLS; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// What becomes of visitors.
    pub leads: Leads,
    /// Where visitors go who are let in.
    pub target_group: Id,
}

/// How a port speaks TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate.
    pub certificate: Id,
    /// ELB's name for versions and ciphers.
    pub policy: String,
}

/// What becomes of visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// They go to the target group.
    Forward,
    /// They go to the target group until everybody is refused whom no rule lets in.
    Guarded,
    /// They are sent to HTTPS.
    Redirect,
    /// They are let in until somebody has begun to send them to HTTPS: what speaks plain HTTP to this port may go on.
    AsIs,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its ARN.
    pub id: Id,
    /// Whose port it is.
    pub load_balancer: Id,
    /// Where visitors go: several while a deploy tool moves weights from one to the other.
    pub target_groups: BTreeSet<Id>,
    /// Whether visitors are sent to HTTPS.
    pub redirects: bool,
    /// Whether visitors are refused.
    pub refuses: bool,
    /// How it speaks TLS.
    pub tls: Option<Tls>,
}

/// The path of the change that sends visitors elsewhere.
pub const TARGET_GROUP: &str = "loadBalancer.targetGroup";
/// The path of the change that sends them to HTTPS.
pub const REDIRECT: &str = "loadBalancer.redirect";
/// The path of the change of the certificate.
pub const CERTIFICATE: &str = "loadBalancer.certificateArn";
/// The path of the change of versions and ciphers.
pub const POLICY: &str = "loadBalancer.tlsPolicy";

impl Kind for Listener {
    const NAME: &'static str = "elasticloadbalancing/listener";
    const ACTIONS: &'static [Action] = &[DESCRIBE, DESCRIBE_TAGS, CREATE, MODIFY, ADD_TAGS, DELETE];
    /// By its port.
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { load_balancer, port, tls: _, leads: _, target_group: _ }: &Desired) -> Option<String> {
        Some(digest(&[&load_balancer.0, &port.to_string()]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        let certificate = have.tls.iter().map(|tls| &tls.certificate);
        have.target_groups.iter().chain([&have.load_balancer]).chain(certificate).cloned().collect()
    }

    /// Weights between several groups are not drift as long as ours is among them. Another group has no healthy targets
    /// yet.
    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { load_balancer: _, port: _, tls, leads, target_group } = want;
        let Observed { id: _, load_balancer: _, target_groups, redirects, refuses, tls: found } = have;
        let mut changes = Changes::new();
        match (leads, redirects) {
            (Leads::Redirect, false) => changes.push(REDIRECT, "nobody", "everybody", Disruption::None),
            (Leads::Redirect | Leads::AsIs, true) => {}
            (Leads::Forward | Leads::Guarded, true) => {
                changes.push(REDIRECT, "everybody", "nobody", Disruption::None);
            }
            (Leads::Guarded, false) if *refuses => {}
            (Leads::Forward | Leads::Guarded | Leads::AsIs, false) if target_groups.contains(target_group) => {}
            (Leads::Forward | Leads::Guarded | Leads::AsIs, false) => {
                changes.compare(TARGET_GROUP, target_groups, &[target_group.clone()].into(), Disruption::Interruption);
            }
        }
        if let Some(Tls { certificate, policy }) = tls {
            let found = |part: fn(&Tls) -> String| found.as_ref().map(part).unwrap_or_default();
            changes.compare(CERTIFICATE, &found(|tls| tls.certificate.0.clone()), &certificate.0, Disruption::None);
            changes.compare(POLICY, &found(|tls| tls.policy.clone()), policy, Disruption::None);
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

    fn want() -> Desired {
        let leads = Leads::Forward;
        Desired { load_balancer: "arn:lb".into(), port: 80, tls: None, leads, target_group: "arn:tg".into() }
    }

    fn have(groups: &[&str]) -> Observed {
        let target_groups = groups.iter().copied().map(Id::from).collect();
        let (id, load_balancer) = ("arn:listener".into(), "arn:lb".into());
        Observed { id, load_balancer, target_groups, redirects: false, refuses: false, tls: None }
    }

    fn paths(want: &Desired, have: &Observed) -> Vec<String> {
        match Listener::diff(want, have) {
            Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
            _ => vec![],
        }
    }

    #[test]
    fn weights_are_not_drift() {
        assert_eq!(Listener::diff(&want(), &have(&["arn:tg"])), Delta::Same);
        assert_eq!(Listener::diff(&want(), &have(&["arn:other", "arn:tg"])), Delta::Same);
        for elsewhere in [&["arn:other"][..], &[]] {
            let delta = Listener::diff(&want(), &have(elsewhere));
            assert!(matches!(delta, Delta::Update(list) if list[0].path == TARGET_GROUP && list[0].to == "arn:tg"));
        }
    }

    #[test]
    fn what_redirects_goes_on_to_until_plain_http_is_wanted() {
        let leads = |leads| Desired { leads, ..want() };
        let redirects = Observed { redirects: true, ..have(&[]) };
        let table: [(Leads, &[&str], &[&str]); 3] =
            [(Leads::Forward, &[], &[REDIRECT]), (Leads::AsIs, &[], &[]), (Leads::Redirect, &[REDIRECT], &[])];
        for (wanted, from_forward, from_redirect) in table {
            assert_eq!(paths(&leads(wanted), &have(&["arn:tg"])), from_forward, "{wanted:?}");
            assert_eq!(paths(&leads(wanted), &redirects), from_redirect, "{wanted:?}");
        }
        assert_eq!(paths(&leads(Leads::AsIs), &have(&["arn:other"])), [TARGET_GROUP]);
    }

    #[test]
    fn a_guarded_port_may_refuse_and_an_open_one_may_not() {
        let leads = |leads| Desired { leads, ..want() };
        let refuses = Observed { refuses: true, ..have(&[]) };
        let redirects = Observed { redirects: true, ..have(&[]) };
        assert_eq!(paths(&leads(Leads::Guarded), &refuses), [""; 0]);
        assert_eq!(paths(&leads(Leads::Guarded), &have(&["arn:tg"])), [""; 0]);
        assert_eq!(paths(&leads(Leads::Guarded), &have(&["arn:other"])), [TARGET_GROUP]);
        assert_eq!(paths(&leads(Leads::Guarded), &redirects), [REDIRECT]);
        assert_eq!(paths(&leads(Leads::Forward), &refuses), [TARGET_GROUP]);
        assert_eq!(paths(&leads(Leads::AsIs), &refuses), [TARGET_GROUP]);
    }

    #[test]
    fn tls_is_compared_where_it_is_spoken() {
        let tls =
            |certificate: &str, policy: &str| Some(Tls { certificate: certificate.into(), policy: policy.into() });
        let wanted = Desired { port: 443, tls: tls("arn:new", "TLS13"), ..want() };
        let found = |tls| Observed { tls, ..have(&["arn:tg"]) };
        assert!(paths(&wanted, &found(tls("arn:new", "TLS13"))).is_empty());
        assert_eq!(paths(&wanted, &found(tls("arn:old", "TLS13"))), [CERTIFICATE]);
        assert_eq!(paths(&wanted, &found(tls("arn:new", "2016-08"))), [POLICY]);
        assert!(Listener::holds(&found(tls("arn:old", "TLS13"))).contains(&"arn:old".into()));
    }

    #[test]
    fn its_place_is_its_identity() {
        let variant = |want| Listener::variant(&want);
        assert_eq!(variant(want()), variant(Desired { target_group: "arn:other".into(), ..want() }));
        assert_ne!(variant(want()), variant(Desired { port: 443, ..want() }));
        assert_ne!(variant(want()), variant(Desired { load_balancer: "arn:lb-2".into(), ..want() }));
        assert_eq!(Listener::holds(&have(&["arn:tg"])), ["arn:tg", "arn:lb"].map(Id::from));
    }
}
