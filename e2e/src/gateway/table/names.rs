//! Certificates, and the names that they are for.

use super::{ROW, Reply, Row, Row as R, STATES, States, Tags, create, delete, error, modify, read};
use crate::gateway::protocol::service::{ACM, DNS};

pub(super) const ROWS: &[Row] = &[
    // So long after the request at the least; and not before its validation records are in DNS (see validation.rs).
    R {
        kind: "acm/certificate",
        service: ACM,
        id: "CertificateArn",
        reads: &[
            read("ListCertificates", "CertificateSummaryList/*", &[]),
            read("DescribeCertificate", "Certificate", &["CertificateArn"]),
        ],
        creates: &[create("RequestCertificate", "", "", 60)],
        deletes: &[delete("DeleteCertificate", "CertificateArn", 0, Reply::Bare)],
        states: Some(States { path: "Status", creating: "PENDING_VALIDATION", ..STATES }),
        missing: error(400, "ResourceNotFoundException"),
        tags: Tags::Asked {
            action: "ListTagsForCertificate",
            param: "CertificateArn",
            of: "CertificateArn",
            items: "Tags/*",
        },
        ..ROW
    },
    R {
        kind: "route53/hosted-zone",
        service: DNS,
        id: "Id",
        name: "Name",
        reads: &[read("ListHostedZones", "HostedZones/*", &[])],
        creates: &[create("CreateHostedZone", "HostedZone", "", 0)],
        deletes: &[delete("DeleteHostedZone", "Id", 0, Reply::Status(200))],
        missing: error(404, "NoSuchHostedZone"),
        ..ROW
    },
    // One call makes, changes and deletes them; they have no id but what they are.
    R {
        kind: "route53/record",
        service: DNS,
        id: "Name+Type+SetIdentifier",
        reads: &[read("ListResourceRecordSets", "ResourceRecordSets/*", &[])],
        creates: &[create("ChangeResourceRecordSets", "", "Name", 0)],
        under: Some(super::Under { kind: "route53/hosted-zone", param: "HostedZoneId" }),
        ..ROW
    },
    R {
        kind: "route53/health-check",
        service: DNS,
        id: "Id",
        reads: &[
            read("ListHealthChecks", "HealthChecks/*", &[]),
            read("GetHealthCheck", "HealthCheck", &["HealthCheckId"]),
        ],
        creates: &[create("CreateHealthCheck", "HealthCheck", "", 0)],
        modifies: &[modify("UpdateHealthCheck", "HealthCheckId", "", 0)],
        deletes: &[delete("DeleteHealthCheck", "HealthCheckId", 0, Reply::Status(200))],
        missing: error(404, "NoSuchHealthCheck"),
        tags: Tags::Asked {
            action: "ListTagsForResource",
            param: "ResourceId",
            of: "Id",
            items: "ResourceTagSet/Tags/*",
        },
        ..ROW
    },
];
