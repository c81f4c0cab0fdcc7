use std::sync::atomic::Ordering;

use axum::response::Response;
use futures::future::join_all;
use wpc_engine::{Fault, Id, Key};

use crate::answers::{SECRET, STACK, cbor, hostile, of, query, wrapped};
use crate::cloud::{Call, Protocol, account, kinds};

/// What every kind says to its list and to a read by id: how many it saw, or the fault.
async fn told(
    answers: impl Fn(&Call) -> Response + Send + Sync + 'static,
) -> Vec<(&'static str, Result<usize, Fault>)> {
    let (account, calls) = account(answers).await;
    let all = kinds(&account).all();
    let told = join_all(all.iter().map(|kind| async move {
        let listed = kind.list().await.map(|items| items.len());
        let read =
            kind.read(&Key::of("network/vpc"), &Id::from("thing-1")).await.map(|item| usize::from(item.is_some()));
        [(kind.name(), listed), (kind.name(), read)]
    }));
    let told: Vec<(_, Result<_, Fault>)> = told.await.into_iter().flatten().collect();
    let faults = told.iter().filter_map(|(_, said)| said.as_ref().err());
    faults.for_each(|fault| assert!(!format!("{fault} {fault:?}").contains(SECRET), "{fault}"));
    assert!(calls.load(Ordering::SeqCst) >= all.len(), "the server was asked");
    told
}

/// What is not understood is a fault: not a panic, and never "nothing is there", after which it would be made again.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_a_fault() {
    let answers = hostile().into_iter().map(|(what, answer)| async move {
        let wrong = told(answer).await.into_iter().filter(|(_, said)| said.is_ok()).collect::<Vec<_>>();
        (what, wrong)
    });
    let wrong: Vec<_> = join_all(answers).await.into_iter().filter(|(_, wrong)| !wrong.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the lists of every kind say, and how many calls that took.
async fn listed(
    answers: impl Fn(&Call) -> Response + Send + Sync + 'static,
) -> (Vec<(&'static str, Result<usize, Fault>)>, usize) {
    let (account, calls) = account(answers).await;
    let all = kinds(&account).all();
    let listed = all.iter().map(|kind| async move { (kind.name(), kind.list().await.map(|items| items.len())) });
    (join_all(listed).await, calls.load(Ordering::SeqCst))
}

/// One page, and a token for the next.
fn page(call: &Call, token: usize) -> Response {
    let text = format!("<nextToken>{token}</nextToken><NextToken>{token}</NextToken><Marker>{token}</Marker>");
    let text = format!("{text}<NextMarker>{token}</NextMarker><IsTruncated>true</IsTruncated>");
    let text = format!("{text}<ContinuationToken>{token}</ContinuationToken>");
    match call.protocol {
        Protocol::Json => {
            let tokens = ["NextMarker", "NextToken", "nextToken"].map(|name| format!("\"{name}\": \"{token}\""));
            wrapped(call, &tokens.join(","))
        }
        Protocol::Cbor => of(200, "application/cbor", cbor(&[("NextToken", &token.to_string())])),
        Protocol::Query => wrapped(call, &text),
        Protocol::RestXml => {
            let required = "<MaxItems>100</MaxItems><Quantity>0</Quantity><Items></Items>";
            wrapped(call, &format!("{text}{required}"))
        }
    }
}

/// What AWS answers in one page, or what is asked for by name.
const WITHOUT_PAGES: [&str; 7] = [
    "ec2/address",
    "iam/role",
    "iam/backup-role",
    "iam/flow-log-role",
    "iam/monitoring-role",
    "iam/instance-profile",
    "cloudtrail/trail",
];

/// Tokens that repeat, or never end: the list is not complete, and never will be.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_an_end_is_a_fault() {
    let (repeats, never_ends) = (listed(|call| page(call, 7)), listed(|call| page(call, call.number)));
    let (repeats, never_ends) = tokio::join!(repeats, never_ends);
    for (told, calls) in [repeats, never_ends] {
        let believed = told.iter().filter(|(kind, said)| said.is_ok() && !WITHOUT_PAGES.contains(kind));
        assert_eq!(believed.collect::<Vec<_>>(), [] as [&(&str, Result<usize, Fault>); 0]);
        assert!(calls < told.len() * 300, "{calls} calls");
    }
}

/// Ten thousand networks of other stacks, and one of ours on the last page.
#[tokio::test]
async fn a_list_of_many_pages_is_read_to_its_end() {
    let answers = |call: &Call| {
        let tag = |name: &str, value: &str| format!("<item><key>{name}</key><value>{value}</value></item>");
        let vpc = |id: usize, stack: &str| {
            let tags = tag("wordpresscluster.dev/stack", stack) + &tag("wordpresscluster.dev/component", "network/vpc");
            format!("<item><vpcId>vpc-{id}</vpcId><tagSet>{tags}</tagSet></item>")
        };
        match (call.operation.as_str(), call.number) {
            ("DescribeVpcs", number @ 0..10) => {
                let others: String = (0..1000).map(|n| vpc(number * 1000 + n, "default/press/other")).collect();
                wrapped(call, &format!("<vpcSet>{others}</vpcSet><nextToken>{number}</nextToken>"))
            }
            ("DescribeVpcs", _) => wrapped(call, &format!("<vpcSet>{}</vpcSet>", vpc(0, STACK))),
            _ => wrapped(call, "<enableDnsSupport><value>true</value></enableDnsSupport>"),
        }
    };
    let (account, _) = account(answers).await;
    let all = kinds(&account).all();
    let vpcs = all.iter().find(|kind| kind.name() == "ec2/vpc").expect("there are networks");
    assert_eq!(vpcs.list().await.expect("it ends").len(), 1);
}

/// One that bears our tags and has no id is ours all the same: it is not "nothing there".
#[tokio::test]
async fn what_is_ours_and_cannot_be_told_is_a_fault() {
    let (told, _) = listed(|call| {
        let tag = |name: &str, value: &str| format!("<item><key>{name}</key><value>{value}</value></item>");
        let tags = tag("wordpresscluster.dev/stack", STACK) + &tag("wordpresscluster.dev/component", "network/vpc");
        let item = format!("<item><tagSet>{tags}</tagSet></item>");
        let sets = ["vpcSet", "subnetSet", "internetGatewaySet", "addressesSet", "natGatewaySet", "routeTableSet"];
        let sets = sets.into_iter().chain(["securityGroupInfo", "vpcEndpointSet", "egressOnlyInternetGatewaySet"]);
        wrapped(call, &sets.map(|set| format!("<{set}>{item}</{set}>")).collect::<String>())
    })
    .await;
    let kinds = [
        "vpc",
        "subnet",
        "internet-gateway",
        "address",
        "nat-gateway",
        "route-table",
        "security-group",
        "vpc-endpoint",
        "egress-only-internet-gateway",
    ];
    for kind in kinds.map(|kind| format!("ec2/{kind}")) {
        let said = told.iter().find(|(name, _)| *name == kind).unwrap_or_else(|| panic!("no {kind} in {told:?}"));
        assert!(said.1.is_err(), "{said:?}");
    }
}

/// Numbers that no field holds are a fault or nothing at all, never another number and never a panic.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_without_bounds_panic_nowhere() {
    for number in ["-1", "-2147483648", "99999999999999999999", "1e309", "NaN", ""] {
        let (told, _) = listed(move |call| of(200, "text/xml", query(&call.operation, &numbers(number)))).await;
        assert!(!told.is_empty());
    }
}

fn numbers(number: &str) -> String {
    let instance = format!(
        "<DBInstanceIdentifier>x</DBInstanceIdentifier><AllocatedStorage>{number}</AllocatedStorage><Iops>{number}</Iops><Endpoint><Port>{number}</Port></Endpoint>"
    );
    let group =
        format!("<AutoScalingGroupName>x</AutoScalingGroupName><MinSize>{number}</MinSize><MaxSize>{number}</MaxSize>");
    format!(
        "<DBInstances><DBInstance>{instance}</DBInstance></DBInstances><AutoScalingGroups><member>{group}</member></AutoScalingGroups>"
    )
}
