//! A site that begins with another one's data: made by one restore, with a password of its own, and otherwise like any site.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_api::annotations::CONFIRM_DELETE;
use wpc_e2e::gateway::{Fault, Profile};
use wpc_e2e::harness::CloudKind;
use wpc_e2e::invariants::{data_made, exactly_once, only_kept};
use wpc_e2e::stage::{MINUTE, Stage, condition, sample};

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
    stage.rests(name).await?;
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

/// The smallest sample, whose files are those of a recovery point.
fn beginning_with_files(recovery_point: &str) -> Result<Value> {
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["sharedStorage"] = json!({ "restoreFrom": { "recoveryPointArn": recovery_point } });
    manifest["spec"]["deletionPolicy"] = json!("Delete");
    Ok(manifest)
}

/// The ids of the restore jobs that there were.
async fn jobs(stage: &Stage) -> Result<Vec<String>> {
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    let jobs = cloud.call(account, "backup", "ListRestoreJobs", &[]).await?.items("RestoreJobs/*");
    Ok(jobs.iter().filter_map(|job| job.text("RestoreJobId")).collect())
}

/// The file system's tag that says how far its files are.
async fn progress(stage: &Stage) -> Result<String> {
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    let tags = cloud.call(account, "efs", "DescribeFileSystems", &[]).await?.items("FileSystems/*/Tags/*");
    let tag = tags.iter().find(|tag| tag.text("Key").as_deref() == Some("wordpresscluster.dev/restore"));
    tag.and_then(|tag| tag.text("Value")).context("no tag")
}

async fn stalled(stage: &mut Stage, name: &str, words: &[&str]) -> Result<()> {
    let what = format!("to say {words:?}");
    let said = stage.until(name, &what, |object| {
        let stalled = condition(object, "Stalled").context("no condition")?;
        ensure!(words.iter().all(|word| stalled.message.contains(word)), "{stalled:?}");
        Ok(())
    });
    said.await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_system_begins_with_the_last_copy_of_another() -> Result<()> {
    const DAY: u32 = 24 * 60;
    let slow = Profile::aws(MINUTE).with_time("backup/restore-job", 60.0 * f64::from(DAY));
    let mut stage = Stage::with("refile", CloudKind::MiniStack, slow, &[]).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    stage.ready("gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    let point = left.of_kind("backup/recovery-point").0.first().context("no last copy")?.id.clone();

    // The answer is lost: the next pass hears of the same job.
    let mark = stage.mark();
    stage.gateway.set_faults(vec![Fault::away().action("StartRestoreJob").nth(1).after()]);
    stage.apply("herald", beginning_with_files(&point)?).await?;
    let busy = stage.until("herald", "to restore its files", |object| {
        let storage = condition(object, "StorageReady").context("no condition")?;
        let busy = storage.reason == "Busy" && storage.message.contains("AWS Backup restores the files");
        ensure!(busy, "{storage:?}");
        Ok(())
    });
    busy.await?;
    stage.gateway.set_faults(vec![]);
    let [job] = <[String; 1]>::try_from(jobs(&stage).await?).map_err(|jobs| anyhow::anyhow!("{jobs:?}"))?;
    ensure!(progress(&stage).await? == format!("job {job}"), "{}", progress(&stage).await?);
    stage.pass("herald").await?;
    let early = ["CreateMountTarget", "CreateAccessPoint", "CreateLaunchTemplate", "CreateAutoScalingGroup"];
    let made = stage.writes_since(mark);
    ensure!(early.iter().all(|action| !made.contains_key(*action)), "before the files were in: {made:?}");

    stage.gateway.advance(MINUTE * DAY + Duration::from_secs(1)).await;
    let object = stage.ready("herald").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("herald"))?;
    ensure!(jobs(&stage).await? == [job] && progress(&stage).await? == point);
    let doors = stage.inventory().await?.of_stack(&stage.stack("herald")).of_kind("efs/access-point");
    ensure!(doors.0.len() == 2, "{doors:#?}");

    stage.pass("herald").await?;
    stage.ready("herald").await?;
    let mark = stage.mark();
    stage.pass("herald").await?;
    ensure!(stage.writes_since(mark).is_empty(), "at rest: {:?}", stage.writes_since(mark));
    let asked = stage.calls_since(mark).into_iter().find(|call| call.action.contains("RestoreJob"));
    ensure!(asked.is_none(), "at rest: {asked:?}");

    stage.annotate("herald", CONFIRM_DELETE, "herald").await?;
    stage.delete("herald").await?;
    stage.gone("herald").await?;
    let left = stage.inventory().await?;
    ensure!(left.of_stack(&stage.stack("herald")).0.is_empty(), "{left:#?}");
    only_kept(&left)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_restored_are_not_tried_for_ever() -> Result<()> {
    let mut stage = Stage::with("unfiled", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let broken = stage.harness.recovery_point(true).await?;
    stage.before = stage.gateway.inventory(&wpc_e2e::stage::scope(&stage.harness.account)).await?;

    // What can be known is said before anything is made.
    for (name, point, words) in [
        ("abroad", broken.replace(":us-east-1:", ":eu-west-1:"), "is in eu-west-1, and the site in us-east-1. Copy it"),
        ("unknown", format!("{broken}-0"), "there is no recovery point"),
    ] {
        let mark = stage.mark();
        stage.apply(name, beginning_with_files(&point)?).await?;
        stalled(&mut stage, name, &["StorageRestore", words]).await?;
        ensure!(stage.writes_since(mark).is_empty(), "written: {:?}", stage.writes_since(mark));
        stage.delete(name).await?;
        stage.gone(name).await?;
    }

    stage.apply("gazette", beginning_with_files(&broken)?).await?;
    let words = ["storage/file-system", "could not restore the files: The recovery point is broken. Put that right"];
    stalled(&mut stage, "gazette", &words).await?;
    for _ in 0..3 {
        stage.pass("gazette").await?;
    }
    let first = jobs(&stage).await?;
    ensure!(first.len() == 1, "{first:?}");

    // A person asks for another try.
    let system = stage.inventory().await?.of_kind("efs/file-system").0.first().context("no file system")?.id.clone();
    let tag = format!(r#"{{"Tags": [{{"Key": "wordpresscluster.dev/restore", "Value": "after-{}"}}]}}"#, first[0]);
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    cloud.send(account, ("efs", "TagResource"), &[("ResourceId", &system)], &tag, None).await?;
    stage.pass("gazette").await?;
    let both = jobs(&stage).await?;
    ensure!(both.len() == 2, "{both:?}");
    let second = both.iter().find(|job| !first.contains(job)).context("no second job")?;
    stalled(&mut stage, "gazette", &[&format!("after-{second}")]).await?;

    stage.annotate("gazette", CONFIRM_DELETE, "gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?)
}
