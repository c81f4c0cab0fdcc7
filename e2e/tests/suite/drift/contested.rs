//! A field that does not become as wanted, or does not stay so, is written three times, then named and left.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use wpc_api::WordPressCluster;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{CloudKind, eventually};
use wpc_e2e::stage::{Stage, condition, sample};

use super::id_of;

const GROUP: &str = "traffic/target-group";
const FIELD: &str = "traffic/target-group.loadBalancer.healthCheck.intervalSeconds";

/// By hand: another time between health checks.
async fn interval(stage: &Stage, object: &WordPressCluster, seconds: &str) -> Result<()> {
    let group = id_of(object, GROUP)?;
    let params = [("TargetGroupArn", group.as_str()), ("HealthCheckIntervalSeconds", seconds)];
    stage.harness.cloud.call(&stage.harness.account, "elasticloadbalancing", "ModifyTargetGroup", &params).await?;
    Ok(())
}

/// The object names the field, in all three places.
fn names(object: &WordPressCluster, reason: &str) -> Result<()> {
    for name in ["Stalled", "DriftDetected"] {
        let said = condition(object, name).with_context(|| format!("no condition {name}"))?;
        let named =
            [GROUP, "healthCheck.intervalSeconds found 20, wanted 15"].iter().all(|part| said.message.contains(part));
        ensure!(said.status == "True" && said.reason == reason && named, "{said:?}");
    }
    let ready = condition(object, "Ready").context("no condition Ready")?;
    ensure!(ready.status == "False" && ready.reason == reason, "{ready:?}");
    ensure!(condition(object, "Stalled").is_some_and(|said| said.message.contains(FIELD)), "no way out is said");
    Ok(())
}

fn writes(stage: &Stage, mark: u64) -> usize {
    stage.writes_since(mark).get("ModifyTargetGroup").copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_accepts_and_does_not_take_is_named_and_left() -> Result<()> {
    let mut stage = Stage::with("nottaken", CloudKind::MiniStack, Profile::instant(), &["--resync", "2s"]).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let mark = stage.mark();
    stage.gateway.deafen(&[("ModifyTargetGroup", "HealthCheckIntervalSeconds")]);
    interval(&stage, &object, "20").await?;
    stage.until("gazette", "to name the field", |object| names(object, "NotTaken")).await?;
    ensure!(writes(&stage, mark) == 3, "{:?}", stage.writes_since(mark));

    let told = stage.events("gazette").await?.into_iter().filter(|event| event.starts_with("NotTaken: ")).count();
    ensure!(told == 1, "told {told} times");

    // Everything else goes on. Who edits the spec has the field tried again.
    let mark = stage.mark();
    stage.edit("gazette", json!({ "compute": { "replicas": { "max": 9 } } })).await?;
    eventually("the group to be changed, and the field to be tried", async || {
        let writes = stage.writes_since(mark);
        let wanted = [("ModifyTargetGroup".to_owned(), 3), ("UpdateAutoScalingGroup".to_owned(), 1)];
        ensure!(writes.into_iter().eq(wanted), "{:?}", stage.writes_since(mark));
        Ok(())
    })
    .await?;
    stage.until("gazette", "to name the field", |object| names(object, "NotTaken")).await?;

    // Who asks has it tried again; who takes the field over has peace.
    let mark = stage.mark();
    stage.pass("gazette").await?;
    stage.until("gazette", "to name the field", |object| names(object, "NotTaken")).await?;
    ensure!(writes(&stage, mark) == 3, "{:?}", stage.writes_since(mark));
    let mark = stage.mark();
    stage.edit("gazette", json!({ "ignoreDrift": [FIELD] })).await?;
    stage.ready("gazette").await?;
    ensure!(stage.writes_since(mark).is_empty(), "{:?}", stage.writes_since(mark));
    stage.gateway.deafen(&[]);
    stage.edit("gazette", json!({ "ignoreDrift": [] })).await?;
    stage.pass("gazette").await?;
    stage.ready("gazette").await?;
    ensure!(writes(&stage, mark) == 1, "{:?}", stage.writes_since(mark));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changes_back_each_time_is_named_and_left() -> Result<()> {
    let mut stage = Stage::with("fight", CloudKind::MiniStack, Profile::instant(), &["--resync", "2s"]).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let mark = stage.mark();
    for corrected in 1..=3 {
        interval(&stage, &object, "20").await?;
        eventually("the field to be corrected, and seen to be", async || {
            ensure!(writes(&stage, mark) == corrected, "{:?}", stage.writes_since(mark));
            let last = stage.calls_since(mark).into_iter().rfind(|call| call.action.contains("TargetGroup"));
            ensure!(last.is_some_and(|call| !call.write), "not read since");
            Ok(())
        })
        .await?;
    }
    interval(&stage, &object, "20").await?;
    stage.until("gazette", "to name the field", |object| names(object, "ChangedBack")).await?;
    ensure!(writes(&stage, mark) == 3, "{:?}", stage.writes_since(mark));
    Ok(())
}
