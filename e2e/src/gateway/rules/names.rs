//! Certificate Manager, and what uses its certificates.

use super::{Check, Look, Rule, text};
use crate::gateway::protocol::service::{ACM, CDN, ELB};

const CERTIFICATE: &str = "acm/certificate";

pub(super) const RULES: &[Rule] = &[
    Rule {
        about: CERTIFICATE,
        service: ACM,
        actions: &["DeleteCertificate"],
        code: "ResourceInUseException",
        when: "a listener or a distribution uses it",
        check: Check::Held { what: CERTIFICATE, param: "CertificateArn" },
        page: "API_DeleteCertificate: ResourceInUseException",
        ..Rule::NONE
    },
    Rule {
        about: CERTIFICATE,
        service: ELB,
        actions: &["CreateListener", "ModifyListener"],
        code: "UnsupportedCertificate",
        when: "its certificate is not issued",
        check: Check::Seen(Look::one(CERTIFICATE, "*.CertificateArn", "CertificateArn"), |_, certificate| {
            let message = || format!("The certificate '{}' is not issued.", text(certificate, "CertificateArn"));
            certificate.text("Status").filter(|status| status != "ISSUED").map(|_| message())
        }),
        page: "API_CreateListener: UnsupportedCertificate",
        ..Rule::NONE
    },
    Rule {
        about: CERTIFICATE,
        service: CDN,
        actions: &["CreateDistribution", "CreateDistributionWithTags", "UpdateDistribution"],
        code: "InvalidViewerCertificate",
        when: "its certificate is not issued, or not for all of its names",
        check: Check::Seen(Look::one(CERTIFICATE, "*.ACMCertificateArn", "CertificateArn"), |request, certificate| {
            let names = certificate.items("SubjectAlternativeNames/*");
            let names: Vec<_> = names.iter().filter_map(|name| name.text("")).collect();
            let alias = |(key, _): &(&str, &str)| key.contains("Aliases") && key.contains("CNAME");
            let stranger = request.params.iter().filter(alias).find(|(_, name)| !names.iter().any(|own| own == name));
            let pending = text(certificate, "Status") != "ISSUED";
            (pending || stranger.is_some()).then(|| {
                "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't \
                 include a valid certificate chain."
                    .into()
            })
        }),
        page: "API_UpdateDistribution: InvalidViewerCertificate",
        ..Rule::NONE
    },
];
