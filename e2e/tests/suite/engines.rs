//! Sites on the other engines of the database: Aurora with its writer and readers, MariaDB.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use wpc_api::WordPressCluster;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::invariants::{exactly_once, only_kept};
use wpc_e2e::inventory::Inventory;
use wpc_e2e::stage::{Stage, condition, sample};

/// What there is of RDS, by kind, but for the snapshots that moto takes by itself.
fn databases(inventory: &Inventory) -> BTreeMap<String, usize> {
    let ours = inventory.only(|item| item.kind.starts_with("rds/") && !item.name.starts_with("rds:"));
    ours.counts().into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect()
}

fn counts(table: &[(&str, usize)]) -> BTreeMap<String, usize> {
    table.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// Edits the site; the writes that came of it.
async fn edit(stage: &mut Stage, spec: serde_json::Value) -> Result<BTreeMap<String, usize>> {
    let mark = stage.mark();
    stage.edit("gazette", spec).await?;
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    Ok(stage.writes_since(mark))
}

fn readers(object: &WordPressCluster) -> BTreeSet<String> {
    let database = object.status.clone().unwrap_or_default().database.unwrap_or_default();
    database.replicas.into_iter().map(|replica| replica.id).collect()
}

async fn aurora(kind: CloudKind) -> Result<()> {
    let mut stage = Stage::new("aurora", kind).await?;
    stage.apply("gazette", sample("aurora.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let inventory = stage.inventory().await?;
    exactly_once(&object, &inventory, &stage.stack("gazette"))?;
    let table = [("rds/cluster", 1), ("rds/cluster-parameter-group", 1), ("rds/instance", 2), ("rds/subnet-group", 1)];
    ensure!(databases(&inventory) == counts(&table), "{:?}", databases(&inventory));

    let status = object.status.clone().unwrap_or_default();
    let endpoints = status.endpoints.context("no endpoints")?;
    ensure!(endpoints.database_writer.is_some() && endpoints.database_reader.is_some(), "{endpoints:?}");
    let database = status.database.context("no database")?;
    ensure!(database.writer_zone.is_some() && database.replicas.len() == 1, "{database:?}");

    // Another instance takes over: that is no drift, and status says which one reads now.
    let cluster = status.components.iter().find(|component| component.name == "database/cluster");
    let cluster = cluster.and_then(|cluster| cluster.id.clone()).context("no cluster")?;
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    cloud.call(account, "rds", "FailoverDBCluster", &[("DBClusterIdentifier", &cluster)]).await?;
    let seen = stage.rests("gazette").await?;
    let drift = condition(&seen, "DriftDetected").context("no condition")?;
    ensure!(drift.status == "False", "{}", drift.message);
    ensure!(readers(&seen) != readers(&object), "{:?} read before and after", readers(&seen));

    let more = json!({ "database": { "readReplicas": 2, "serverless": { "maxCapacity": "16" } } });
    let writes = edit(&mut stage, more).await?;
    ensure!(
        writes
            == counts(&[("ModifyDBCluster", 1), ("CreateDBInstance", 1), ("PutMetricAlarm", 1), ("PutDashboard", 1)]),
        "{writes:?}"
    );
    let machines = json!({ "database": { "serverless": null, "instanceClass": "db.r7g.xlarge" } });
    let writes = edit(&mut stage, machines).await?;
    ensure!(writes == counts(&[("ModifyDBInstance", 3)]), "{writes:?}");
    let parameters = json!({ "database": { "parameters": { "max_connections": "700" } } });
    let writes = edit(&mut stage, parameters).await?;
    // The alarm about connections follows.
    ensure!(writes == counts(&[("ModifyDBClusterParameterGroup", 1), ("PutMetricAlarm", 1)]), "{writes:?}");
    let writes = edit(&mut stage, json!({ "database": { "readReplicas": 1 } })).await?;
    ensure!(writes == counts(&[("DeleteDBInstance", 1), ("DeleteAlarms", 1), ("PutDashboard", 1)]), "{writes:?}");

    // Its instances go first, then its protection, then it goes itself and leaves a snapshot.
    let mark = stage.mark();
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let calls = stage.calls_since(mark);
    let of = |action: &str| calls.iter().filter(|call| call.action == action && call.took_effect()).collect::<Vec<_>>();
    let (instances, gone) = (of("DeleteDBInstance"), of("DeleteDBCluster"));
    ensure!(instances.len() == 2 && gone.len() == 1 && of("ModifyDBCluster").len() == 1, "{calls:#?}");
    ensure!(instances.iter().all(|instance| instance.sequence < gone[0].sequence), "the cluster went first");
    let left = stage.inventory().await?;
    only_kept(&left)?;
    let snapshots = left.of_kind("rds/cluster-snapshot").only(|item| !item.name.starts_with("rds:"));
    ensure!(snapshots.0.len() == 1, "{left:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn aurora_lives_fails_over_and_dies_on_ministack() -> Result<()> {
    aurora(CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn aurora_lives_fails_over_and_dies_on_moto() -> Result<()> {
    aurora(CloudKind::Moto).await
}

#[tokio::test(flavor = "multi_thread")]
async fn aurora_lives_fails_over_and_dies_on_localstack() -> Result<()> {
    aurora(CloudKind::LocalStack).await
}

/// What is retained stays with all that it stands on, and what nothing of that needs goes: a cluster's data needs no
/// instances.
#[tokio::test(flavor = "multi_thread")]
async fn a_retained_cluster_keeps_what_it_stands_on() -> Result<()> {
    let mut stage = Stage::new("retained", CloudKind::MiniStack).await?;
    let mut manifest = sample("aurora.yaml")?;
    manifest["spec"]["deletionPolicy"] = json!("Retain");
    stage.apply("gazette", manifest).await?;
    stage.ready("gazette").await?;
    let before = stage.inventory().await?;
    let mark = stage.mark();
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    for kind in ["rds/cluster", "rds/subnet-group", "rds/cluster-parameter-group", "ec2/vpc"] {
        ensure!(left.of_kind(kind).ids() == before.of_kind(kind).ids(), "{kind}: {left:#?}");
    }
    let secret = |component: &str| component.starts_with("database/credentials");
    ensure!(left.0.iter().any(|item| item.component.as_deref().is_some_and(secret)), "{left:#?}");
    for kind in ["rds/instance", "elb/load-balancer", "autoscaling/group", "ec2/nat-gateway", "cloudfront/distribution"]
    {
        ensure!(left.of_kind(kind).0.is_empty(), "{kind}: {left:#?}");
    }
    let written = stage.calls_since(mark).into_iter().filter(|call| call.write && call.service == "rds");
    let written: Vec<_> = written.map(|call| call.action).collect();
    ensure!(written == ["DeleteDBInstance"; 2], "written to what is kept: {written:?}");
    Ok(())
}

async fn maria(kind: CloudKind) -> Result<()> {
    let mut stage = Stage::new("maria", kind).await?;
    stage.apply("gazette", sample("multi-az.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let inventory = stage.inventory().await?;
    exactly_once(&object, &inventory, &stage.stack("gazette"))?;
    let table = [("rds/instance", 3), ("rds/parameter-group", 1), ("rds/subnet-group", 1)];
    ensure!(databases(&inventory) == counts(&table), "{:?}", databases(&inventory));
    let made =
        stage.gateway.writes().into_iter().find(|call| call.action == "CreateDBInstance").context("none made")?;
    let given = |name: &str| made.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    ensure!(given("Engine").as_deref() == Some("mariadb"), "{:?}", made.params);
    // RDS has no extended support of MariaDB, and knows no setting for it.
    ensure!(given("EngineLifecycleSupport").is_none(), "{:?}", made.params);
    stage.rests("gazette").await?;
    let writes = edit(&mut stage, json!({ "database": { "readReplicas": 1 } })).await?;
    let table = [
        // The instances do not read from it any more.
        ("CreateLaunchTemplateVersion", 1),
        ("ModifyLaunchTemplate", 1),
        ("StartInstanceRefresh", 1),
        ("DeleteDBInstance", 1),
        ("DeleteAlarms", 1),
        ("PutDashboard", 1),
    ];
    ensure!(writes == counts(&table), "{writes:?}");

    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_lives_and_dies_on_ministack() -> Result<()> {
    maria(CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_lives_and_dies_on_moto() -> Result<()> {
    maria(CloudKind::Moto).await
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_lives_and_dies_on_localstack() -> Result<()> {
    maria(CloudKind::LocalStack).await
}
