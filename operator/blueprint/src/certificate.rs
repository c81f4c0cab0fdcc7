//! A certificate for the site's names. See "Request a public certificate", "DNS validation" and "Managed certificate
//! renewal" in the AWS Certificate Manager User Guide.
//!
//! # Caveats
//! ACM answers a request at once and issues the certificate when it finds its validation records in DNS, which somebody
//! may have yet to make: it can be used as a source of those records before, and as a certificate only after that. A
//! request that is not validated within 72 hours is dead, and is made again.

use std::collections::{BTreeMap, BTreeSet};

use wpc_engine::{Action, Delta, Id, Identity, Kind, Output, State, digest};

/// Lists.
pub const LIST: Action = Action::read("acm:ListCertificates");
/// Reads one, with its validation records.
pub const DESCRIBE: Action = Action::read("acm:DescribeCertificate");
/// Reads the tags, which the list does not show.
pub const LIST_TAGS: Action = Action::read("acm:ListTagsForCertificate");
/// Requests it.
pub const REQUEST: Action = Action::write("acm:RequestCertificate");
/// Writes tags, also at the request.
pub const ADD_TAGS: Action = Action::write("acm:AddTagsToCertificate");
/// Removes it.
pub const DELETE: Action = Action::write("acm:DeleteCertificate");

/// The component of the load balancer's certificate, in the site's region.
pub const LOAD_BALANCER: &str = "certificate/load-balancer";
/// The component of the distribution's, in us-east-1: the only region that CloudFront reads.
pub const CDN: &str = "certificate/cdn";

/// Why one that is requested and not issued is not ready.
pub const PENDING: &str = "PendingValidation";

/// The longest name that can be a certificate's common name.
const COMMON_NAME: usize = 64;

/// The kind.
#[derive(Debug, Clone)]
pub struct Certificate;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The names that it is for.
    pub domains: BTreeSet<String>,
}

impl Desired {
    /// The name that the request is for; all others stand beside it. Browsers do not tell them apart.
    pub fn common_name(&self) -> &str {
        let fits = self.domains.iter().find(|domain| domain.len() <= COMMON_NAME);
        fits.or(self.domains.first()).map(String::as_str).unwrap_or_default()
    }
}

/// The record by which ACM knows that a name is ours: the same for every certificate of the name in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cname {
    /// Its name, without the last dot.
    pub name: String,
    /// Its value, without the last dot.
    pub value: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What dependants learn.
    pub output: CertificateOutput,
    /// How far it is.
    pub phase: Phase,
}

/// How far a certificate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// ACM looks for its validation records.
    Pending,
    /// It can be used.
    Issued,
    /// ACM gave it up, or it has run out.
    Dead(String),
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateOutput {
    /// Its ARN.
    pub arn: Id,
    /// Whether it can be used.
    pub issued: bool,
    /// The validation record of each of its names, as far as ACM has told them.
    pub records: BTreeMap<String, Cname>,
    /// For people: that it is about to run out, or could not be renewed.
    pub warning: Option<String>,
}

impl Output for CertificateOutput {
    fn unknown(node: &str) -> Self {
        Self { arn: Id::unknown(node), issued: true, records: BTreeMap::new(), warning: None }
    }
}

impl Kind for Certificate {
    const NAME: &'static str = "acm/certificate";
    const ACTIONS: &'static [Action] = &[LIST, DESCRIBE, LIST_TAGS, REQUEST, ADD_TAGS, DELETE];
    /// ACM remembers a token for an hour; what is older shows in its list.
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = CertificateOutput;

    /// The names cannot be changed: another certificate is requested beside this one, which goes once that is in use.
    fn variant(Desired { domains }: &Desired) -> Option<String> {
        let domains: Vec<&str> = domains.iter().map(String::as_str).collect();
        Some(digest(&domains))
    }

    fn id(have: &Observed) -> Id {
        have.output.arn.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(Observed { output, phase }: &Observed) -> State<CertificateOutput> {
        match phase {
            Phase::Issued => State::Ready(output.clone()),
            Phase::Pending => State::Settling { usable: Some(output.clone()), reason: PENDING },
            Phase::Dead(why) => State::Dead { message: why.clone() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(domains: &[&str]) -> Desired {
        Desired { domains: domains.iter().map(|domain| (*domain).to_owned()).collect() }
    }

    #[test]
    fn other_names_are_another_certificate_and_their_order_is_not() {
        let variant = |domains: &[&str]| Certificate::variant(&want(domains));
        assert_eq!(variant(&["a.example.com", "b.example.com"]), variant(&["b.example.com", "a.example.com"]));
        assert_ne!(variant(&["a.example.com", "b.example.com"]), variant(&["a.example.com"]));
    }

    #[test]
    fn a_long_name_is_not_the_common_name() {
        let long = format!("a{}.example.com", "b".repeat(60));
        assert_eq!(want(&[&long, "www.example.com"]).common_name(), "www.example.com");
        assert_eq!(want(&[&long]).common_name(), long, "AWS says what is wrong with it");
    }

    #[test]
    fn its_records_are_of_use_before_it_is() {
        let output = |issued| CertificateOutput { issued, ..CertificateOutput::unknown("x") };
        let state = |phase: Phase| Certificate::state(&Observed { output: output(phase == Phase::Issued), phase });
        assert_eq!(state(Phase::Issued), State::Ready(output(true)));
        assert_eq!(state(Phase::Pending), State::Settling { usable: Some(output(false)), reason: PENDING });
        assert!(matches!(state(Phase::Dead("timed out".into())), State::Dead { .. }));
    }
}
