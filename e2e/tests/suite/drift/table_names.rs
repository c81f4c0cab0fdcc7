//! Records and what checks them: one case for each kind.

use super::hands::Case;
use super::hands::Drift::Field;
use super::hands::Hand::Json;

/// The record is replaced by one that leads elsewhere.
const ELSEWHERE: &str = r#"<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>www.example.com</Name><Type>A</Type><AliasTarget><HostedZoneId>Z2FDTNDATAQYW2</HostedZoneId><DNSName>elsewhere.cloudfront.net</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"#;

const UNPROVEN: &str = r#"<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>{dns/validation-www.example.com}</Name><Type>CNAME</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>elsewhere.example.net</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"#;

pub const CASES: &[Case] = &[
    Case {
        kind: "route53/alias",
        component: "dns/www.example.com",
        hands: &[Json("route53", "ChangeResourceRecordSets", &[("HostedZoneId", "{zone}")], ELSEWHERE)],
        drift: Field(
            "dns.A",
            "elsewhere.cloudfront.net in Z2FDTNDATAQYW2 (simple)",
            "{cdn} in Z2FDTNDATAQYW2 (simple)",
        ),
        writes: &[("ChangeResourceRecordSets", 1)],
    },
    Case {
        kind: "route53/validation",
        component: "dns/validation-www.example.com",
        hands: &[Json("route53", "ChangeResourceRecordSets", &[("HostedZoneId", "{zone}")], UNPROVEN)],
        // Each cloud's ACM makes up its own.
        drift: Field("dns.validation", "elsewhere.example.net", ""),
        writes: &[("ChangeResourceRecordSets", 1)],
    },
];

/// Where there is a CDN, nothing is checked from outside.
pub const WITHOUT_CDN: &[Case] = &[Case {
    kind: "route53/health-check",
    component: "dns/health-check",
    hands: &[Json(
        "route53",
        "UpdateHealthCheck",
        &[("HealthCheckId", "{dns/health-check}")],
        r#"<UpdateHealthCheckRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourcePath>/elsewhere</ResourcePath></UpdateHealthCheckRequest>"#,
    )],
    drift: Field("loadBalancer.healthCheck.path", "/elsewhere", "/health"),
    writes: &[("UpdateHealthCheck", 1)],
}];
