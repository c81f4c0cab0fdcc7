use std::collections::BTreeSet;

use wpc_api::v1alpha1::Tls;
use wpc_engine::{Graph, Handle, Id, Inputs, Outputs};

use crate::certificate::{self, CertificateOutput, Desired};
use crate::{Blueprint, Kinds};

/// The site's certificates; none where it speaks plain HTTP.
#[derive(Debug, Clone, Default)]
pub struct Certificates {
    /// The load balancer's.
    pub load_balancer: Option<Certificate>,
    /// The distribution's, where there is one.
    pub cdn: Option<Certificate>,
}

/// Where a certificate comes from.
#[derive(Debug, Clone)]
pub enum Certificate {
    /// It is requested here.
    Requested(Handle<CertificateOutput>),
    /// A person gave it.
    Given(Id),
}

/// One certificate for each door, of all the site's names, unless the person gave one.
pub(super) fn certificates(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint) -> Certificates {
    let spec = &blueprint.spec;
    if spec.tls == Tls::Disabled {
        return Certificates::default();
    }
    let domains: BTreeSet<String> = spec.site.domains.iter().cloned().collect();
    let mut certificate = |name: &str, given: &Option<String>| match given {
        Some(arn) => Certificate::Given(Id(arn.clone())),
        None => {
            let domains = domains.clone();
            let want = move |()| Desired { domains: domains.clone() };
            Certificate::Requested(graph.add(name, &kinds.certificate, (), want))
        }
    };
    Certificates {
        load_balancer: Some(certificate(certificate::LOAD_BALANCER, &spec.load_balancer.certificate_arn)),
        cdn: spec.cdn.enabled.then(|| certificate(certificate::CDN, &spec.cdn.certificate_arn)),
    }
}

impl Certificates {
    /// The certificates that are requested here.
    pub fn requested(&self) -> impl Iterator<Item = Handle<CertificateOutput>> {
        [&self.load_balancer, &self.cdn].into_iter().flatten().filter_map(|certificate| match certificate {
            Certificate::Requested(handle) => Some(*handle),
            Certificate::Given(_) => None,
        })
    }
}

/// A certificate's ARN, once it can be used.
impl Inputs for Certificate {
    type Value = Id;

    fn edges(&self, edges: &mut Vec<usize>) {
        if let Self::Requested(handle) = self {
            handle.edges(edges);
        }
    }

    fn value(&self, outputs: &Outputs) -> Option<Id> {
        match self {
            Self::Requested(handle) => {
                let issued = handle.when(|certificate: &CertificateOutput| certificate.issued);
                issued.value(outputs).map(|certificate| certificate.arn)
            }
            Self::Given(arn) => Some(arn.clone()),
        }
    }
}
