//! Deletion in every situation: the order is legal, the finalizer waits, what is kept is said.

use anyhow::{Result, ensure};
use serde_json::json;
use wpc_api::annotations::{CONFIRM_DELETE, FINALIZER};
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, condition, sample};

use wpc_e2e::invariants::only_kept;

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_object_says_what_it_waits_for_and_keeps_what_policy_keeps() -> Result<()> {
    let mut stage = Stage::new("delete", CloudKind::MiniStack).await?;
    stage.apply("gazette", sample("production.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let mark = stage.mark();
    stage.delete("gazette").await?;
    stage
        .until("gazette", "to say what it waits for", |object| {
            let ready = condition(object, "Ready");
            ensure!(
                ready.is_some_and(|ready| ready.reason == "Deleting" && ready.message.contains("to remove")),
                "{ready:?}"
            );
            Ok(())
        })
        .await?;
    stage.gone("gazette").await?;

    // AWS refused no delete: each came when nothing held the thing any more. But for what a load balancer's interfaces
    // hold: they stay for minutes after it is gone from AWS's lists.
    let calls = stage.calls_since(mark);
    let gone = calls.iter().find(|call| call.action == "DeleteLoadBalancer" && call.took_effect());
    let gone = gone.map_or(u64::MAX, |call| call.sequence);
    let held = |target: &String| {
        const BY_INTERFACES: [&str; 3] =
            ["network/security-group-lb", "network/subnet-public-", "network/internet-gateway"];
        let components = object.status.iter().flat_map(|status| &status.components);
        let mut found = components.filter(|component| component.id.as_ref() == Some(target));
        found.any(|component| BY_INTERFACES.iter().any(|name| component.name.starts_with(name)))
    };
    let refused: Vec<_> = calls
        .iter()
        .filter(|call| call.write && call.status >= 400 && call.error.as_deref().is_some_and(illegal))
        .filter(|call| call.sequence < gone || !call.targets.first().is_some_and(held))
        .map(|call| (&call.action, &call.error, &call.targets))
        .collect();
    ensure!(refused.is_empty(), "AWS refused: {refused:?}");
    let deletes: Vec<_> =
        stage.calls_since(mark).into_iter().filter(|call| call.action == "DeleteDBInstance").collect();
    let primary = deletes.iter().position(|call| call.targets.iter().any(|target| target.contains("primary")));
    ensure!(primary == Some(deletes.len() - 1), "the source went before its replicas: {deletes:?}");

    let left = stage.inventory().await?;
    only_kept(&left)?;
    // The files went once there was a copy of them, which was begun when nobody could reach them any more.
    let one = |kind: &str| left.of_kind(kind).0.len() == 1;
    ensure!(one("rds/snapshot") && one("backup/recovery-point") && one("backup/vault") && one("kms/key"), "{left:#?}");
    ensure!(left.of_kind("efs/file-system").0.is_empty(), "{left:#?}");
    let at = |action: &str| calls.iter().rposition(|call| call.action == action && call.took_effect());
    let order = ["DeleteMountTarget", "StartBackupJob", "DeleteFileSystem"].map(at);
    ensure!(order.is_sorted() && order[0].is_some(), "{order:?}");
    let kept = &left.of_kind("backup/vault").0[0].id;
    stage.told("gazette", &["Removed", "kept", kept]).await?;
    Ok(())
}

fn illegal(code: &str) -> bool {
    ["DependencyViolation", "ResourceInUse", "InUse", "DeleteConflict"].iter().any(|part| code.contains(part))
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_and_made_again_it_leaves_two_final_snapshots() -> Result<()> {
    let mut stage = Stage::new("twice", CloudKind::MiniStack).await?;
    for round in 1..=2 {
        stage.apply("gazette", sample("minimal.yaml")?).await?;
        stage.ready("gazette").await?;
        stage.delete("gazette").await?;
        stage.gone("gazette").await?;
        let left = stage.inventory().await?;
        only_kept(&left)?;
        ensure!(left.of_kind("rds/snapshot").0.len() == round, "{left:#?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn data_goes_only_when_that_is_confirmed() -> Result<()> {
    let mut stage = Stage::new("confirmed", CloudKind::MiniStack).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["deletionPolicy"] = json!("Delete");
    stage.apply("gazette", manifest.clone()).await?;
    stage.apply("herald", manifest).await?;
    stage.ready("gazette").await?;
    stage.ready("herald").await?;
    stage.annotate("herald", CONFIRM_DELETE, "herald").await?;
    stage.delete("gazette").await?;
    stage.delete("herald").await?;
    stage.gone("gazette").await?;
    stage.gone("herald").await?;
    let left = stage.inventory().await?;
    ensure!(
        left.of_kind("rds/snapshot").0.len() == 1 && left.of_kind("backup/recovery-point").0.len() == 1,
        "{left:#?}"
    );
    ensure!(left.0.iter().all(|item| item.stack.as_deref() != Some(&stage.stack("herald"))), "{left:#?}");
    only_kept(&left)
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_in_the_middle_of_creation_nothing_is_left() -> Result<()> {
    let mut stage = Stage::new("midway", CloudKind::MiniStack).await?;
    stage.apply("gazette", sample("production.yaml")?).await?;
    stage
        .until("gazette", "to have begun", |object| {
            let status = object.status.clone().unwrap_or_default();
            ensure!(status.components.iter().any(|c| c.kind == "rds/instance" && c.id.is_some()), "no database yet");
            Ok(())
        })
        .await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_spec_does_not_keep_an_object_alive() -> Result<()> {
    let mut stage = Stage::new("invalid", CloudKind::MiniStack).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    ensure!(object.metadata.finalizers.iter().flatten().any(|name| name == FINALIZER), "no finalizer");
    // The schema allows it, the operator does not build it.
    stage.edit("gazette", json!({ "hibernate": true })).await?;
    stage
        .until("gazette", "to be stalled", |object| {
            let stalled = condition(object, "Stalled");
            ensure!(
                stalled.is_some_and(|stalled| stalled.status == "True" && stalled.reason == "NotSupportedYet"),
                "{stalled:?}"
            );
            Ok(())
        })
        .await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?)
}
