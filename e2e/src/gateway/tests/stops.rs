//! Kill points.

use super::super::{Standing, StopAfter};
use super::*;

fn spawn(bench: &Bench, action: &'static str) -> tokio::task::JoinHandle<anyhow::Result<Answer>> {
    let client = bench.client.clone();
    tokio::spawn(async move { client.forward(&build("ec2", action, &[])).await })
}

#[tokio::test]
async fn after_the_nth_write_nothing_is_answered_and_nothing_executed() {
    let mut bench = Bench::instant().await;
    bench.gateway.stop_after(StopAfter::write(2));
    assert_eq!(bench.gateway.standing(), Standing::Armed(2));
    assert!(bench.call("ec2", "CreateVpc", &[]).await.ok());
    assert!(bench.call("ec2", "DescribeVpcs", &[]).await.ok(), "reads do not count");
    let last = spawn(&bench, "CreateSubnet");
    bench.gateway.reached().await;
    assert_eq!(bench.cloud.count("CreateSubnet"), 1, "executed by the cloud");
    let (read, write) = (spawn(&bench, "DescribeVpcs"), spawn(&bench, "CreateInternetGateway"));
    // Two that came since, and the one that was executed but may not be answered.
    while bench.gateway.held() < 3 {
        tokio::task::yield_now().await;
    }
    assert!(!last.is_finished(), "the client never hears of it");
    // The operator would be killed here; its connections go with it.
    last.abort();
    bench.gateway.resume();
    for held in [read, write] {
        assert!(held.await.unwrap().is_err(), "held calls end without an answer");
    }
    assert_eq!((bench.cloud.count("CreateInternetGateway"), bench.cloud.count("DescribeVpcs")), (0, 1));
    assert_eq!(bench.gateway.standing(), Standing::Off);
    bench.restart();
    assert!(bench.call("ec2", "CreateInternetGateway", &[]).await.ok());
}

#[tokio::test]
async fn the_last_answer_may_still_go_out() {
    let bench = Bench::instant().await;
    bench.gateway.stop_after(StopAfter::write(1).answered());
    assert!(bench.call("ec2", "CreateVpc", &[]).await.ok());
    assert_eq!(bench.gateway.standing(), Standing::Reached);
    bench.gateway.resume();
}

#[tokio::test]
async fn what_is_spared_does_not_count() {
    let bench = Bench::instant().await;
    bench.gateway.spare(["CreateVpc".to_owned()].into());
    bench.gateway.stop_after(StopAfter::write(1).answered());
    assert!(bench.call("ec2", "CreateVpc", &[]).await.ok());
    assert_eq!(bench.gateway.standing(), Standing::Armed(1));
    assert!(bench.call("ec2", "CreateInternetGateway", &[]).await.ok());
    assert_eq!(bench.gateway.standing(), Standing::Reached);
    bench.gateway.resume();
}

#[tokio::test]
async fn what_the_dead_still_had_on_the_wire_is_not_executed() {
    let mut bench = Bench::instant().await;
    bench.gateway.stop_after(StopAfter::write(1).answered());
    assert!(bench.call("ec2", "CreateVpc", &[]).await.ok());
    bench.gateway.resume();
    let late = bench.client.forward(&build("ec2", "CreateSubnet", &[])).await;
    assert!(late.is_err() && bench.cloud.count("CreateSubnet") == 0);
    bench.restart();
    assert!(bench.call("ec2", "CreateSubnet", &[]).await.ok());
}

#[tokio::test]
async fn any_call_can_be_the_last() {
    let bench = Bench::instant().await;
    bench.gateway.stop_after(StopAfter::call(2).answered());
    bench.call("ec2", "DescribeVpcs", &[]).await;
    assert_eq!(bench.gateway.standing(), Standing::Armed(1));
    bench.call("ec2", "DescribeSubnets", &[]).await;
    assert_eq!(bench.gateway.standing(), Standing::Reached);
}

#[tokio::test]
async fn writes_at_once_are_counted_one_by_one() {
    let bench = Bench::instant().await;
    bench.gateway.stop_after(StopAfter::write(3));
    let writes: Vec<_> = (0..10).map(|_| spawn(&bench, "CreateVpc")).collect();
    bench.gateway.reached().await;
    assert_eq!(bench.cloud.count("CreateVpc"), 3);
    bench.gateway.resume();
    let mut answered = 0;
    for write in writes {
        answered += usize::from(write.await.unwrap().is_ok());
    }
    assert_eq!((answered, bench.cloud.count("CreateVpc")), (2, 3), "the third was executed, its answer lost");
}

#[tokio::test]
async fn refused_writes_do_not_count() {
    let bench = Bench::instant().await;
    bench.gateway.stop_after(StopAfter::write(1));
    bench.cloud.put("CreateVpc", 400, "<Response><Errors><Error><Code>No</Code></Error></Errors></Response>");
    assert_eq!(bench.call("ec2", "CreateVpc", &[]).await.status, 400);
    assert_eq!(bench.gateway.standing(), Standing::Armed(1));
}
