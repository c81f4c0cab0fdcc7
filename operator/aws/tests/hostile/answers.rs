//! Answers, good and bad.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};

use crate::cloud::{Call, Protocol};

pub const STACK: &str = "default/press/gazette";

/// What an answer that is not understood holds, and nobody may repeat.
pub const SECRET: &str = "correct-horse-battery-staple";

/// An answer of a type.
pub fn of(status: u16, kind: &str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(CONTENT_TYPE, kind.to_owned())], body.into()).into_response()
}

/// What AWS would answer, with this inside.
pub fn wrapped(call: &Call, inside: &str) -> Response {
    let Call { operation, protocol, .. } = call;
    match protocol {
        Protocol::Json => of(200, "application/json", format!("{{{inside}}}")),
        Protocol::Cbor => of(200, "application/cbor", inside.to_owned()),
        Protocol::Query => of(200, "text/xml", query(operation, inside)),
        Protocol::RestXml => {
            let root = root(operation);
            of(200, "text/xml", format!("<{root}>{inside}</{root}>"))
        }
    }
}

/// A map of texts in CBOR.
pub fn cbor(entries: &[(&str, &str)]) -> Vec<u8> {
    let small = |length: usize| u8::try_from(length).expect("few, and short");
    let text = |text: &str| [&[0x78, small(text.len())], text.as_bytes()].concat();
    let inside = entries.iter().flat_map(|(name, value)| [text(name), text(value)]).flatten();
    [0xb8, small(entries.len())].into_iter().chain(inside).collect()
}

fn root(operation: &str) -> &'static str {
    match operation.split('/').nth(2) {
        _ if operation.starts_with("GET /?") || operation == "GET /" => "ListAllMyBucketsResult",
        Some("origin-access-control") => "OriginAccessControlList",
        Some("cache-policy") => "CachePolicyList",
        Some("tagging") => "Tags",
        _ => "DistributionList",
    }
}

/// An answer of AWS Query; EC2's has no inner element.
pub fn query(operation: &str, inside: &str) -> String {
    let id = "<requestId>r-1</requestId><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>";
    match of_ec2(operation) {
        true => format!("<{operation}Response><requestId>r-1</requestId>{inside}</{operation}Response>"),
        false => {
            format!("<{operation}Response><{operation}Result>{inside}</{operation}Result>{id}</{operation}Response>")
        }
    }
}

fn of_ec2(operation: &str) -> bool {
    const EC2: [&str; 13] = [
        "Vpc",
        "Subnets",
        "InternetGateways",
        "Addresses",
        "NatGateways",
        "RouteTables",
        "SecurityGroup",
        "LaunchTemplate",
        "AvailabilityZones",
        "Instances",
        "FlowLogs",
        "Volumes",
        "Snapshots",
    ];
    let others = ["DescribeDB", "DescribeCache", "DescribeAutoScaling"];
    EC2.iter().any(|part| operation.contains(part)) && !others.iter().any(|start| operation.starts_with(start))
}

/// What is wrong, and the answer that shows it.
type Wrong = (&'static str, fn(&Call) -> Response);

/// What a broken or hostile way to AWS answers with.
pub fn hostile() -> Vec<Wrong> {
    vec![
        ("nothing", |_| of(200, "text/xml", "")),
        ("a proxy's page", |_| {
            of(200, "text/html", format!("<!DOCTYPE html><html><body><h1>{SECRET}</h1></body></html>"))
        }),
        ("a page that never closes", |_| of(200, "text/html", "<html><body><p>Welcome<br>")),
        ("plain text", |_| of(200, "text/plain", SECRET)),
        ("bytes", |_| of(200, "application/octet-stream", vec![0u8, 159, 146, 150, 255, 0, 60])),
        ("another operation's answer", |call| match call.protocol {
            Protocol::Json => of(200, "application/json", "{}"),
            Protocol::Cbor => of(200, "application/cbor", vec![0xa0]),
            _ => of(200, "text/xml", "<DescribeNothingResponse><a/></DescribeNothingResponse>"),
        }),
        ("the other protocol", |call| match call.protocol {
            Protocol::Json => of(200, "text/xml", "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"),
            _ => of(200, "application/json", "{\"vpcSet\": []}"),
        }),
        ("an empty answer", |call| match call.protocol {
            Protocol::Json => of(200, "application/json", " { } "),
            Protocol::Cbor => of(200, "application/cbor", vec![0xa0]),
            Protocol::Query => of(200, "text/xml", format!("<{0}Response xmlns=\"x\"></{0}Response>", call.operation)),
            Protocol::RestXml => of(200, "text/xml", format!("<{}/>", root(&call.operation))),
        }),
        ("half an answer", |call| match call.protocol {
            Protocol::Json => of(200, "application/json", "{\"FileSystems\": [], \"SecretList\": ["),
            Protocol::Cbor => of(200, "application/cbor", cbor(&[("NextToken", "more")])[..12].to_vec()),
            Protocol::Query => of(200, "text/xml", half(&query(&call.operation, ""))),
            Protocol::RestXml => of(200, "text/xml", half(&format!("<{}><Items>", root(&call.operation)))),
        }),
        ("wrong types", |call| match call.protocol {
            Protocol::Json => {
                let lists = [
                    "FileSystems",
                    "MountTargets",
                    "AccessPoints",
                    "SecretList",
                    "WebACLs",
                    "IPSets",
                    "logGroups",
                    "deliveries",
                    "deliveryDestinations",
                    "deliverySources",
                    "Keys",
                    "Aliases",
                    "KeyMetadata",
                    "BackupVaultList",
                    "BackupPlansList",
                    "BackupPlan",
                    "NumberOfRecoveryPoints",
                    "CertificateSummaryList",
                    "trailList",
                    "LoggingConfiguration",
                ];
                of(
                    200,
                    "application/json",
                    format!("{{{}}}", lists.map(|list| format!("\"{list}\": \"{SECRET}\"")).join(",")),
                )
            }
            Protocol::Cbor => {
                let lists = ["MetricAlarms", "CompositeAlarms", "DashboardEntries", "DashboardBody"];
                let wrong = lists.map(|list| cbor(&[(list, SECRET)])[2..].to_vec()).concat();
                // The body is a text where it is asked for; then its bytes are none.
                let body: Vec<u8> = match call.operation.as_str() {
                    "GetDashboard" => vec![0xa1, 0x6d].into_iter().chain(*b"DashboardBody").chain([0x01]).collect(),
                    _ => [vec![0xb8, 4], wrong].concat(),
                };
                of(200, "application/cbor", body)
            }
            _ => of(200, "text/xml", format!("[{}]", call.operation)),
        }),
        ("deep nesting", |call| match call.protocol {
            Protocol::Cbor => of(200, "application/cbor", vec![0x81; 200_000]),
            Protocol::Json => of(200, "application/json", "[".repeat(200_000)),
            _ => of(200, "text/xml", "<a>".repeat(200_000)),
        }),
        ("moved for ever", |_| redirect(301)),
        ("moved for now", |_| redirect(307)),
        ("a proxy's not found", |_| of(404, "text/html", "<html><body>not found</body></html>")),
        ("a proxy's refusal", |_| of(403, "text/html", "<html><body>no</body></html>")),
        ("an empty refusal", |_| of(400, "text/xml", "")),
    ]
}

fn half(text: &str) -> String {
    text[..text.len() - 9].to_owned()
}

fn redirect(status: u16) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(LOCATION, "http://127.0.0.1:9/")], "").into_response()
}
