//! A site that begins with another one's data: made by one restore, with a password of its own, and otherwise like any site.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_e2e::gateway::{Fault, Profile};
use wpc_e2e::harness::CloudKind;
use wpc_e2e::invariants::{data_made, exactly_once};
use wpc_e2e::stage::{Stage, condition, sample};

/// The calls of one way to make a database.
struct Way {
    sample: &'static str,
    kind: &'static str,
    component: &'static str,
    create: &'static str,
    from_snapshot: &'static str,
    to_time: &'static str,
    modify: &'static str,
}

const INSTANCE: Way = Way {
    sample: "minimal.yaml",
    kind: "rds/snapshot",
    component: "database/primary",
    create: "CreateDBInstance database/primary",
    from_snapshot: "RestoreDBInstanceFromDBSnapshot",
    to_time: "RestoreDBInstanceToPointInTime",
    modify: "ModifyDBInstance",
};

const CLUSTER: Way = Way {
    sample: "aurora.yaml",
    kind: "rds/cluster-snapshot",
    component: "database/cluster",
    create: "CreateDBCluster database/cluster",
    from_snapshot: "RestoreDBClusterFromSnapshot",
    to_time: "RestoreDBClusterToPointInTime",
    modify: "ModifyDBCluster",
};

fn beginning_with(way: &Way, from: Value) -> Result<Value> {
    let mut manifest = sample(way.sample)?;
    manifest["spec"]["database"]["restoreFrom"] = from;
    Ok(manifest)
}

/// The site is ready, its database was made by exactly one restore, has the password of its secret, and stays as it is.
async fn begun(stage: &mut Stage, name: &str, mark: u64, way: &Way, restore: &str) -> Result<String> {
    let object = stage.ready(name).await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack(name))?;
    let made: BTreeMap<_, _> = data_made(&stage.calls_since(mark));
    let restored = made.get(&format!("{restore} {}", way.component));
    ensure!(restored == Some(&1) && !made.contains_key(way.create), "{made:?}");
    let named = |key: &str| key == "MasterUserPassword";
    let calls = stage.calls_since(mark);
    let reset = calls.iter().filter(|call| call.action == way.modify && call.took_effect());
    let reset = reset.filter(|call| call.params.iter().any(|(key, _)| named(key))).count();
    ensure!(reset == 1, "the password was set {reset} times");

    // MiniStack names a restored cluster's endpoint anew once its instances are there, which may be after it is Ready.
    stage.pass(name).await?;
    stage.ready(name).await?;
    let mark = stage.mark();
    stage.pass(name).await?;
    stage.ready(name).await?;
    ensure!(stage.writes_since(mark).is_empty(), "at rest: {:?}", stage.writes_since(mark));
    let components = object.status.iter().flat_map(|status| &status.components);
    let mut database = components.filter(|component| component.name == way.component);
    database.next().and_then(|database| database.id.clone()).context("no database")
}

async fn life(name: &str, way: &Way) -> Result<()> {
    let mut stage = Stage::with(name, CloudKind::MiniStack, Profile::instant(), &[]).await?;
    stage.apply("gazette", sample(way.sample)?).await?;
    stage.ready("gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    let snapshot = left.of_kind(way.kind).0.first().context("no snapshot")?.id.clone();

    // The answer of the restore is lost: it is found under its name, and not made again.
    let mark = stage.mark();
    stage.gateway.set_faults(vec![Fault::away().action(way.from_snapshot).nth(1).after()]);
    stage.apply("herald", beginning_with(way, json!({ "snapshotId": snapshot }))?).await?;
    let herald = begun(&mut stage, "herald", mark, way, way.from_snapshot).await?;
    stage.gateway.set_faults(vec![]);

    let (describe, path) = match way.kind {
        "rds/snapshot" => ("DescribeDBInstances", "DBInstances"),
        _ => ("DescribeDBClusters", "DBClusters"),
    };
    let cloud = (&stage.harness.cloud, &stage.harness.account);
    let found = cloud.0.call(cloud.1, "rds", describe, &[]).await?;
    let items = found.items(&format!("{describe}Result/{path}/*"));
    let id = |item: &&wpc_e2e::gateway::protocol::Tree| {
        let names = ["DBInstanceIdentifier", "DBClusterIdentifier"];
        names.iter().any(|path| item.text(path).as_ref() == Some(&herald))
    };
    let latest = items.iter().find(id).and_then(|item| item.text("LatestRestorableTime")).context("no time")?;
    let mark = stage.mark();
    stage.apply("courier", beginning_with(way, json!({ "sourceId": herald, "time": latest }))?).await?;
    begun(&mut stage, "courier", mark, way, way.to_time).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_begins_with_the_data_of_another() -> Result<()> {
    life("restore", &INSTANCE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_a_cluster() -> Result<()> {
    life("recluster", &CLUSTER).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_said_before_anything_is_made() -> Result<()> {
    let mut stage = Stage::with("unfit", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    stage.apply("gazette", sample("single-instance.yaml")?).await?;
    stage.ready("gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    let only = |kind: &str| left.of_kind(kind).0.first().map(|item| item.id.clone()).context("no snapshot");
    let (snapshot, disk) = (only("rds/snapshot")?, only("ec2/snapshot")?);

    let mut manifest = sample("single-instance.yaml")?;
    manifest["spec"]["database"]["restoreFrom"] = json!({ "snapshotId": snapshot });
    manifest["spec"]["database"]["storage"] = json!({ "size": "20Gi" });
    manifest["spec"]["sharedStorage"]["restoreFrom"] = json!({ "snapshotId": disk });
    manifest["spec"]["sharedStorage"]["size"] = json!("8Gi");
    let mark = stage.mark();
    stage.apply("herald", manifest).await?;
    let grounded = async |stage: &mut Stage, words: &'static [&'static str]| {
        let what = format!("to be kept from being begun, for {words:?}");
        stage
            .until("herald", &what, |object| {
                let stalled = condition(object, "Stalled").context("no condition")?;
                ensure!(words.iter().all(|word| stalled.message.contains(word)), "{stalled:?}");
                Ok(())
            })
            .await
    };
    grounded(&mut stage, &["DatabaseRestore", "Write database.storage.size: 50Gi"]).await?;
    stage.edit("herald", json!({ "database": { "storage": { "size": "60Gi" } } })).await?;
    grounded(&mut stage, &["StorageRestore", "Write sharedStorage.size: 50Gi"]).await?;
    ensure!(stage.writes_since(mark).is_empty(), "written: {:?}", stage.writes_since(mark));
    stage.edit("herald", json!({ "sharedStorage": { "size": "50Gi" } })).await?;

    begun(&mut stage, "herald", mark, &INSTANCE, INSTANCE.from_snapshot).await?;
    let made = stage.calls_since(mark).into_iter().filter(|call| call.action == "CreateVolume" && call.took_effect());
    let from: Vec<_> = made.flat_map(|call| call.params).filter(|(key, _)| key == "SnapshotId").collect();
    ensure!(from == [("SnapshotId".to_owned(), disk)], "{from:?}");
    Ok(())
}
