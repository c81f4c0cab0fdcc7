//! Faults: which calls they strike, what the client sees, and what the record says.

use std::time::Duration;

use super::super::faults::{Effect, Fault, storm};
use super::super::record::{Call, Outcome};
use super::*;

const SERVICES: [(&str, &str); 6] = [
    ("ec2", "DescribeVpcs"),
    ("rds", "DescribeDBInstances"),
    ("elasticloadbalancing", "DescribeLoadBalancers"),
    ("secretsmanager", "ListSecrets"),
    ("efs", "DescribeFileSystems"),
    ("cloudfront", "ListDistributions"),
];

impl Bench {
    /// A call whose answer may not come, or not whole.
    async fn try_call(&self, service: &str, action: &str) -> Option<Answer> {
        self.client.forward(&build(service, action, &[])).await.ok()
    }

    fn last(&self) -> Call {
        self.gateway.calls().pop().unwrap()
    }
}

#[tokio::test]
async fn each_service_spells_its_errors() {
    let bench = Bench::instant().await;
    let table: [(Effect, [(u16, &str); 6]); 6] = [
        (
            Effect::Throttled,
            [
                (503, "RequestLimitExceeded"),
                (400, "Throttling"),
                (400, "ThrottlingException"),
                (400, "ThrottlingException"),
                (429, "ThrottlingException"),
                (400, "Throttling"),
            ],
        ),
        (
            Effect::Error(500),
            [
                (500, "InternalError"),
                (500, "InternalFailure"),
                (500, "InternalFailure"),
                (500, "InternalServiceError"),
                (500, "InternalServerError"),
                (500, "InternalFailure"),
            ],
        ),
        (
            Effect::Error(503),
            [
                (503, "Unavailable"),
                (503, "ServiceUnavailable"),
                (503, "ServiceUnavailable"),
                (503, "ServiceUnavailable"),
                (503, "ServiceUnavailable"),
                (503, "ServiceUnavailable"),
            ],
        ),
        (
            Effect::Expired,
            [
                (400, "RequestExpired"),
                (403, "ExpiredToken"),
                (403, "ExpiredToken"),
                (400, "ExpiredTokenException"),
                (403, "ExpiredTokenException"),
                (403, "ExpiredToken"),
            ],
        ),
        (
            Effect::Denied,
            [
                (403, "UnauthorizedOperation"),
                (403, "AccessDenied"),
                (403, "AccessDenied"),
                (400, "AccessDeniedException"),
                (403, "AccessDeniedException"),
                (403, "AccessDenied"),
            ],
        ),
        (
            Effect::Skewed,
            [
                (400, "RequestExpired"),
                (403, "SignatureDoesNotMatch"),
                (403, "SignatureDoesNotMatch"),
                (400, "InvalidSignatureException"),
                (403, "InvalidSignatureException"),
                (403, "SignatureDoesNotMatch"),
            ],
        ),
    ];
    for (effect, spelled) in table {
        bench.gateway.set_faults(vec![Fault::of(effect.clone())]);
        for ((service, action), (status, code)) in SERVICES.iter().zip(spelled) {
            let answer = bench.call(service, action, &[]).await;
            assert_eq!(error(&answer), (status, code.into()), "{service}, {effect}");
            let call = bench.last();
            assert_eq!((call.outcome, call.fault), (Outcome::Refused, Some(effect.to_string())));
        }
    }
    assert_eq!(bench.cloud.count("DescribeVpcs"), 0, "the cloud heard of it");
}

#[tokio::test]
async fn before_its_effect_a_call_does_nothing_and_after_it_only_the_answer_is_lost() {
    let bench = Bench::instant().await;
    for (effect, status) in [(Effect::Error(500), Some(500)), (Effect::Dropped, None)] {
        for after in [false, true] {
            let heard = bench.cloud.count("CreateVpc");
            bench.gateway.set_faults(vec![Fault { after, ..Fault::of(effect.clone()).times(1) }]);
            let answer = bench.try_call("ec2", "CreateVpc").await;
            assert_eq!(answer.map(|answer| answer.status.as_u16()), status, "{effect}, after: {after}");
            assert_eq!(bench.cloud.count("CreateVpc") - heard, usize::from(after), "{effect}, after: {after}");
            let call = bench.last();
            assert_eq!(call.took_effect(), after, "{call:?}");
            assert!(call.fault.unwrap().ends_with("after") == after);
        }
    }
    assert!(bench.call("ec2", "CreateVpc", &[]).await.ok(), "once is once");
    let stats = bench.gateway.stats();
    let faults: Vec<_> = stats.faults.iter().map(|(fault, count)| (fault.as_str(), *count)).collect();
    assert_eq!(faults, [("dropped", 1), ("dropped after", 1), ("error 500", 1), ("error 500 after", 1)]);
}

#[tokio::test]
async fn an_answer_breaks_off_or_never_comes() {
    let bench = Bench::instant().await;
    bench.gateway.set_faults(vec![Fault::of(Effect::Cut)]);
    let half = bench.client.forward(&build("ec2", "DescribeVpcs", &[])).await.unwrap_err();
    assert!(half.to_string().contains("half an answer"), "{half:#}");
    assert_eq!((bench.last().outcome, bench.last().status), (Outcome::Forwarded, 200));

    let impatient = reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(200)).build().unwrap();
    for after in [false, true] {
        bench.gateway.set_faults(vec![Fault { after, ..Fault::of(Effect::Silent) }]);
        let request = build("rds", "CreateDBInstance", &[]);
        let call = impatient.post(bench.gateway.url()).headers(request.headers).body(request.body);
        assert!(call.send().await.unwrap_err().is_timeout());
        assert_eq!(bench.cloud.count("CreateDBInstance"), usize::from(after));
    }
}

#[tokio::test]
async fn a_stale_read_is_from_before_the_last_write() {
    let bench = Bench::instant().await;
    let vpcs = async |ids: &str| {
        bench.cloud.put("DescribeVpcs", 200, &format!("<R><vpcSet><item><vpcId>{ids}</vpcId></item></vpcSet></R>"));
    };
    let seen = async || text(&bench.call("ec2", "DescribeVpcs", &[]).await, "vpcSet/item/vpcId").unwrap();
    vpcs("vpc-old").await;
    bench.gateway.set_faults(vec![Fault::of(Effect::Stale(30_000)).from(2)]);
    assert_eq!(seen().await, "vpc-old");
    vpcs("vpc-new").await;
    assert_eq!(seen().await, "vpc-new", "nothing was written since");
    bench.call("ec2", "CreateVpc", &[]).await;
    assert_eq!(seen().await, "vpc-old");
    assert_eq!((bench.last().outcome, bench.last().fault.as_deref()), (Outcome::Stale, Some("stale")));
    bench.gateway.advance(Duration::from_secs(31)).await;
    assert_eq!(seen().await, "vpc-new", "too old");
}

#[tokio::test]
async fn a_list_comes_in_another_order() {
    let bench = Bench::instant().await;
    let ids = async || {
        let tree = bench.call("ec2", "DescribeSubnets", &[]).await.tree().unwrap();
        tree.items("subnetSet/*").iter().filter_map(|item| item.text("subnetId")).collect::<Vec<_>>()
    };
    let mut before = ids().await;
    bench.gateway.set_faults(vec![Fault::of(Effect::Reordered)]);
    let after = ids().await;
    assert!(before.len() > 1 && before != after);
    before.reverse();
    assert_eq!(before, after);
    assert_eq!(bench.last().fault.as_deref(), Some("reordered"));
    bench.call("ec2", "CreateVpc", &[]).await;
    assert_eq!(bench.last().fault, None, "no list");
}

#[tokio::test]
async fn the_clock_jumps() {
    let bench = Bench::slow().await;
    let state = "DescribeDBInstancesResult/DBInstances/DBInstance/DBInstanceStatus";
    bench.call("rds", "CreateDBInstance", &[]).await;
    let status = async || text(&bench.call("rds", "DescribeDBInstances", &[]).await, state);
    assert_eq!(status().await.as_deref(), Some("creating"));
    bench.gateway.set_faults(vec![Fault::of(Effect::Jump(3600 * 11)).times(1)]);
    assert_eq!(status().await.as_deref(), Some("available"));
    bench.gateway.set_faults(vec![Fault::of(Effect::Skewed)]);
    let answer = bench.call("rds", "DescribeDBInstances", &[]).await;
    let date = answer.headers["date"].to_str().unwrap().to_owned();
    let far = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", &date).unwrap().to_datetime().unwrap();
    let ahead = far.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp() - jiff::Timestamp::now();
    assert!(ahead.get_seconds() > 3600 * 11, "{date}");
}

#[tokio::test]
async fn criteria_narrow_what_is_struck() {
    let bench = Bench::instant().await;
    let struck = async |fault: Fault, calls: &[(&str, &str)]| {
        bench.gateway.set_faults(vec![fault]);
        let mut struck = Vec::new();
        for (service, action) in calls {
            struck.push(!bench.call(service, action, &[]).await.ok());
        }
        struck
    };
    let fault = || Fault::of(Effect::Throttled);
    let calls = [("ec2", "DescribeVpcs"), ("ec2", "CreateVpc"), ("rds", "CreateDBInstance"), ("ec2", "DescribeVpcs")];
    assert_eq!(struck(fault(), &calls).await, [true; 4]);
    assert_eq!(struck(fault().service("rds"), &calls).await, [false, false, true, false]);
    assert_eq!(struck(fault().action("CreateVpc"), &calls).await, [false, true, false, false]);
    assert_eq!(struck(fault().only("CreateVpc", "other"), &calls).await, [false; 4]);
    assert_eq!(struck(fault().writes(), &calls).await, [false, true, true, false]);
    assert_eq!(struck(fault().reads(), &calls).await, [true, false, false, true]);
    assert_eq!(struck(fault().writes().nth(2), &calls).await, [false, false, true, false]);
    assert_eq!(struck(fault().nth(2), &calls).await, [false, true, false, false]);
    assert_eq!(struck(fault().from(3), &calls).await, [false, false, true, true]);
    assert_eq!(struck(fault().times(1), &calls).await, [true, false, false, false]);
    assert_eq!(bench.gateway.struck()[0].1, 1);
}

/// The faults that a fixed sequence of calls meets.
async fn met(seed: u64, order: impl Fn(usize) -> usize) -> Vec<(String, Option<String>)> {
    let bench = Bench::instant().await;
    // Nothing that would keep the client waiting.
    let storm = storm(0.4, seed, 1000).into_iter().filter(|fault| fault.effect != Effect::Silent).collect();
    bench.gateway.set_faults(storm);
    for index in 0..60 {
        let (service, action) = SERVICES[order(index) % SERVICES.len()];
        bench.try_call(service, action).await;
    }
    bench.gateway.calls().into_iter().map(|call| (call.action, call.fault)).collect()
}

#[tokio::test]
async fn the_same_seed_and_calls_meet_the_same_faults() {
    let first = met(7, |index| index).await;
    assert_eq!(first, met(7, |index| index).await);
    assert_ne!(first, met(8, |index| index).await);
    let struck = first.iter().filter(|(_, fault)| fault.is_some()).count();
    assert!((12..=36).contains(&struck), "{struck} of 60");
    // Calls that run beside each other come in any order: what an action meets does not depend on the others.
    let of = |calls: &[(String, Option<String>)], action: &str| -> Vec<_> {
        calls.iter().filter(|call| call.0 == action).cloned().collect()
    };
    let other = met(7, |index| SERVICES.len() - 1 - index % SERVICES.len()).await;
    for (_, action) in SERVICES {
        assert_eq!(of(&first, action), of(&other, action));
    }
}

#[tokio::test]
async fn faults_are_set_by_http() {
    let bench = Bench::instant().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let page = format!("{}/_gateway/faults", bench.gateway.url());
    let body = r#"[{"action": "CreateVpc", "from": 2, "times": 1, "effect": {"error": 500}, "after": true}]"#;
    assert!(http.post(&page).body(body).send().await.unwrap().status().is_success());
    assert!(bench.call("ec2", "CreateVpc", &[]).await.ok());
    assert_eq!(error(&bench.call("ec2", "CreateVpc", &[]).await).0, 500);
    let struck: serde_json::Value = http.get(&page).send().await.unwrap().json().await.unwrap();
    assert_eq!((&struck[0][0]["effect"]["error"], &struck[0][1]), (&500.into(), &1.into()));
    let wrong = http.post(&page).body(r#"[{"actoin": "x"}]"#).send().await.unwrap();
    assert_eq!(wrong.status().as_u16(), 400);
}

#[tokio::test]
async fn a_call_too_many_is_refused_and_counted() {
    let bench = Bench::new(Profile::instant().throttled()).await;
    for _ in 0..4 {
        assert!(bench.call("ec2", "CreateVpcEndpoint", &[]).await.ok());
    }
    let many = bench.call("ec2", "CreateVpcEndpoint", &[]).await;
    assert_eq!(error(&many), (503, "RequestLimitExceeded".into()));
    assert_eq!(bench.cloud.count("CreateVpcEndpoint"), 4);
    assert_eq!(bench.gateway.stats().exceeded["ec2:CreateVpcEndpoint 4 at 0.3/s"], 1);
    bench.gateway.set_profile(Profile::instant());
    assert!(bench.call("ec2", "CreateVpcEndpoint", &[]).await.ok());
}
