//! Forwarding and recording.

use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::super::record::Outcome;
use super::*;

#[tokio::test]
async fn calls_are_counted_by_service_and_action_and_secrets_masked() {
    let bench = Bench::instant().await;
    bench.call("ec2", "DescribeVpcs", &[]).await;
    bench.call("ec2", "CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).await;
    bench.call("rds", "CreateDBInstance", &[("MasterUserPassword", "hush"), ("DBInstanceIdentifier", "db")]).await;
    let stats = bench.gateway.stats();
    assert_eq!((stats.calls, stats.writes, stats.errors), (3, 2, 0));
    assert_eq!(stats.actions["ec2"]["CreateVpc"], 1);
    let writes = bench.gateway.writes();
    assert_eq!(writes[0].action, "CreateVpc");
    assert!(writes[0].targets[0].starts_with("vpc-"), "{:?}", writes[0].targets);
    assert_eq!((writes[0].sequence, writes[1].sequence, writes[1].outcome), (2, 3, Outcome::Forwarded));
    assert_eq!(writes[0].client, "wpc-gateway");
    assert!(!format!("{writes:?}").contains("hush"));
    let sent = bench.cloud.last("CreateDBInstance").unwrap();
    assert_eq!(sent.params.get("MasterUserPassword"), Some("hush"), "the cloud gets what was sent");
    bench.gateway.reset();
    assert!(bench.gateway.calls().is_empty());
}

#[tokio::test]
async fn unknown_services_pass_unchanged_with_headers_and_large_bodies() {
    let bench = Bench::instant().await;
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("AWS4-HMAC-SHA256 Credential=k/1/r/glacier/aws4_request"));
    headers.insert("x-amz-meta-a", HeaderValue::from_static("b"));
    let body = Bytes::from(vec![b'x'; 5 << 20]);
    let request = Request::parse(Method::PUT, "/bucket/key?x=1%202", headers, body.clone());
    assert!(bench.client.forward(&request).await.unwrap().ok());
    let seen = bench.cloud.last("PUT /bucket/key").unwrap();
    assert_eq!((seen.body, seen.uri.as_str()), (body, "/bucket/key?x=1%202"));
    assert_eq!(seen.headers["x-amz-meta-a"], "b");
    let call = &bench.gateway.writes()[0];
    assert_eq!((call.service.as_str(), call.action.as_str(), call.status), ("glacier", "PUT /bucket/key", 200));
}

#[tokio::test]
async fn each_service_can_have_its_own_cloud() {
    let (one, other) = (Fake::start().await, Fake::start().await);
    let config = Config::new(one.url()).service("elastic_load_balancing_v2", other.url());
    let gateway = Gateway::start(config).await.unwrap();
    let client = Upstreams::new(&gateway.url(), &Default::default()).unwrap();
    client.forward(&build("ec2", "DescribeVpcs", &[])).await.unwrap();
    client.forward(&build("elbv2", "DescribeLoadBalancers", &[])).await.unwrap();
    assert_eq!((one.count("DescribeVpcs"), one.count("DescribeLoadBalancers")), (1, 0));
    assert_eq!((other.count("DescribeVpcs"), other.count("DescribeLoadBalancers")), (0, 1));
}

#[tokio::test]
async fn a_cloud_that_is_away_is_a_503_of_the_service() {
    let gateway = Gateway::start(Config::new("http://127.0.0.1:1")).await.unwrap();
    let client = Upstreams::new(&gateway.url(), &Default::default()).unwrap();
    let answer = client.forward(&build("rds", "CreateDBInstance", &[])).await.unwrap();
    assert_eq!(error(&answer), (503, "ServiceUnavailable".into()));
    assert_eq!(gateway.calls()[0].outcome, Outcome::Unreachable);
}

#[tokio::test]
async fn a_client_that_dies_leaves_a_whole_record() {
    let bench = Bench::slow().await;
    bench.cloud.pace.forget_permits(1000);
    let client = bench.client.clone();
    let dying = tokio::spawn(async move { client.forward(&build("rds", "CreateDBInstance", &[])).await });
    while bench.cloud.count("CreateDBInstance") == 0 {
        tokio::task::yield_now().await;
    }
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());
    bench.cloud.pace.add_permits(1000);
    while bench.gateway.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    let database = bench.call("rds", "DescribeDBInstances", &[]).await;
    let state = text(&database, "DescribeDBInstancesResult/DBInstances/DBInstance/DBInstanceStatus");
    assert_eq!(state.as_deref(), Some("creating"));
}

#[tokio::test]
async fn ids_that_an_emulator_overlooks_are_not_found() {
    let bench = Bench::instant().await;
    bench.cloud.put(
        "DescribeNatGateways",
        200,
        "<DescribeNatGatewaysResponse><natGatewaySet/></DescribeNatGatewaysResponse>",
    );
    let by_id = bench.call("ec2", "DescribeNatGateways", &[("NatGatewayId.1", "nat-9")]).await;
    assert_eq!(error(&by_id), (400, "NatGatewayNotFound".into()));
    assert!(bench.call("ec2", "DescribeNatGateways", &[]).await.ok());
    let by_name = bench.call("ec2", "DescribeLaunchTemplates", &[("LaunchTemplateName.1", "nope")]).await;
    assert_eq!(error(&by_name), (400, "InvalidLaunchTemplateName.NotFoundException".into()));
    let group =
        bench.call("autoscaling", "DescribeAutoScalingGroups", &[("AutoScalingGroupNames.member.1", "nope")]).await;
    assert!(group.ok(), "Auto Scaling answers an empty list");
}

#[tokio::test]
async fn the_own_pages_answer() {
    let bench = Bench::slow().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let page = |path: &str| format!("{}/_gateway/{path}", bench.gateway.url());
    bench.call("ec2", "DescribeVpcs", &[]).await;
    bench.call("rds", "CreateDBInstance", &[]).await;
    let get = async |path: &str| http.get(page(path)).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(get("calls?write=true").await[0]["action"], "CreateDBInstance");
    assert_eq!(get("calls?service=ec2").await.as_array().unwrap().len(), 1);
    assert_eq!(get("calls?since=1").await.as_array().unwrap().len(), 1);
    assert_eq!(get("stats").await["calls"], 2);
    assert_eq!(get("busy").await[0]["phase"], "creating");
    assert_eq!(get("profile").await["minute"], 3600.0);
    let post = async |path: &str, body: &str| {
        let call = http.post(page(path)).body(body.to_owned());
        call.send().await.unwrap().status().as_u16()
    };
    assert_eq!(post("advance", r#"{"seconds": 360000}"#).await, 200);
    assert_eq!(get("busy").await, Value::Array(Vec::new()));
    assert_eq!(post("profile", r#"{"minute": 0.5, "times": {"rds/instance": 60}}"#).await, 200);
    assert_eq!(get("profile").await["times"]["rds/instance"], 60.0);
    assert_eq!(post("latency", r#"[{"service": "efs", "millis": 1}]"#).await, 200);
    assert_eq!(post("stop_after", r#"{"writes": 0}"#).await, 400);
    assert_eq!(post("stop_after", r#"{"writes": 2}"#).await, 200);
    assert_eq!(get("stop").await["armed"], 2);
    assert_eq!(post("resume", "").await, 200);
    assert_eq!(get("stop").await, "off");
    assert_eq!(post("reset", "").await, 200);
    assert_eq!(get("stats").await["calls"], 0);
}
