//! A site with one instance and a disk: it grows, outlives the instance, and leaves a snapshot.

use anyhow::{Context, Result, ensure};
use kube::ResourceExt;
use serde_json::json;
use wpc_api::annotations::CONFIRM_DELETE;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::invariants::{exactly_once, only_kept};
use wpc_e2e::inventory::Inventory;
use wpc_e2e::stage::{Stage, condition, sample};

use crate::drift::hands::Drift::Field;
use crate::drift::hands::Hand::Call;
use crate::drift::hands::{Case, Names};

/// Somebody takes the site's tag off the disk.
pub const CASE: Case = Case {
    kind: "ec2/volume",
    component: "storage/volume",
    hands: &[Call("ec2", "DeleteTags", &[("ResourceId.1", "{storage/volume}"), ("Tag.1.Key", "team")])],
    drift: Field("tags.team", "nothing", "press"),
    writes: &[("CreateTags", 1)],
};

async fn life(name: &str, cloud: CloudKind) -> Result<()> {
    let mut stage = Stage::new(name, cloud).await?;
    stage.apply("gazette", sample("single-instance.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let before = stage.inventory().await?;
    exactly_once(&object, &before, &stage.stack("gazette"))?;
    let volume = before.of_kind("ec2/volume");
    ensure!(volume.0.len() == 1 && before.of_kind("efs/file-system").0.is_empty(), "{before:#?}");

    // It grows in place; the instance is replaced, and there is never a second one.
    let mark = stage.mark();
    let edit = json!({ "sharedStorage": { "size": "80Gi" }, "compute": { "instanceTypes": ["m7g.xlarge"] } });
    stage.edit("gazette", edit).await?;
    stage.ready("gazette").await?;
    let writes = stage.writes_since(mark);
    ensure!(writes.get("ModifyVolume") == Some(&1) && writes.get("StartInstanceRefresh") == Some(&1), "{writes:?}");
    let started = stage.calls_since(mark).into_iter().find(|call| call.action == "StartInstanceRefresh");
    let preferences = started.context("no refresh")?.params;
    for (name, value) in [("Preferences.MinHealthyPercentage", "0"), ("Preferences.MaxHealthyPercentage", "100")] {
        ensure!(preferences.contains(&(name.to_owned(), value.to_owned())), "{name}: {preferences:?}");
    }
    ensure!(stage.inventory().await?.of_kind("ec2/volume").ids() == volume.ids(), "another disk");

    // Changed by hand, and corrected.
    let object = stage.ready("gazette").await?;
    let mark = stage.mark();
    CASE.act(&stage, &Names(&object)).await?;
    stage.pass("gazette").await?;
    stage.ready("gazette").await?;
    ensure!(stage.writes_since(mark).into_iter().eq(CASE.writes.iter().map(|(name, n)| ((*name).to_owned(), *n))));

    let object = stage.ready("gazette").await?;
    let mark = stage.mark();
    let after = stage.rests("gazette").await?;
    ensure!(object.uid() == after.uid());

    let disk = volume.0[0].id.clone();
    match cloud {
        // The instances of its groups are none of EC2's.
        CloudKind::MiniStack | CloudKind::LocalStack => stage.delete("gazette").await?,
        CloudKind::Moto => deleted_with_its_instance(&mut stage, &disk).await?,
    }
    stage.gone("gazette").await?;
    let order: Vec<_> =
        stage.calls_since(mark).into_iter().filter(|call| call.took_effect()).map(|call| call.action).collect();
    let first = |action: &str| order.iter().position(|known| known == action);
    let legal = ["DeleteAutoScalingGroup", "DeleteInstanceProfile", "CreateSnapshot"].map(first);
    ensure!(legal.is_sorted() && legal[0].is_some(), "no snapshot while there may be an instance: {order:?}");
    let writes = stage.writes_since(mark);
    ensure!(writes.get("CreateSnapshot") == Some(&1) && writes.get("DeleteVolume") == Some(&1), "{writes:?}");
    let left = stage.inventory().await?;
    ensure!(left.of_kind("ec2/snapshot").0.len() == 1, "{left:#?}");
    only_kept(&left)
}

/// The instance has the disk, as its first boot would have it: the disk waits until it is let go.
async fn deleted_with_its_instance(stage: &mut Stage, disk: &str) -> Result<()> {
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    let running = cloud.call(account, "ec2", "DescribeInstances", &[]).await?;
    let instance = running.items("reservationSet/*").iter().find_map(|it| it.text("instancesSet/item/instanceId"));
    let instance = instance.context("no instance")?;
    let attached = [("VolumeId", disk), ("InstanceId", &instance), ("Device", "/dev/sdf")];
    cloud.call(account, "ec2", "AttachVolume", &attached).await?;
    stage.delete("gazette").await?;
    stage
        .until("gazette", "to wait for the disk", |object| {
            let ready = condition(object, "Ready").context("no condition")?;
            ensure!(ready.message.contains(disk), "{ready:?}");
            Ok(())
        })
        .await?;
    // moto lets the disk go by itself when the group ends the instance, which may have happened by now.
    drop(stage.harness.cloud.call(&stage.harness.account, "ec2", "DetachVolume", &attached).await);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_outlives_the_instance_on_ministack() -> Result<()> {
    life("single", CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_outlives_the_instance_on_moto() -> Result<()> {
    life("single", CloudKind::Moto).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_outlives_the_instance_on_localstack() -> Result<()> {
    life("single", CloudKind::LocalStack).await
}

/// A key stays, also when it was confirmed that the data go, while a snapshot of this kind is encrypted with it.
async fn needed_by(stage: &mut Stage, name: &str, kept: (&str, &str), other: [&str; 3]) -> Result<()> {
    let mut manifest = sample("single-instance.yaml")?;
    manifest["spec"]["encryption"] = json!({ "kmsKey": "Create" });
    manifest["spec"]["database"] = json!({ "engine": "AuroraMySQL", "multiAZ": false, "readReplicas": 0 });
    manifest["spec"]["backup"] = json!({ "enabled": false });
    stage.apply(name, manifest.clone()).await?;
    stage.ready(name).await?;
    stage.delete(name).await?;
    stage.gone(name).await?;
    let stack = stage.stack(name);
    let of = |left: &Inventory, kind: &str| left.of_kind(kind).only(|item| item.stack.as_ref() == Some(&stack));
    let left = stage.inventory().await?;
    let [kind, action, param] = other;
    let gone = of(&left, kind).0.first().with_context(|| format!("no {kind}: {left:#?}"))?.id.clone();
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    cloud.call(account, kept.1, action, &[(param, &gone)]).await?;

    manifest["spec"]["deletionPolicy"] = json!("Delete");
    stage.apply(name, manifest).await?;
    stage.ready(name).await?;
    stage.annotate(name, CONFIRM_DELETE, name).await?;
    let mark = stage.mark();
    stage.delete(name).await?;
    stage.gone(name).await?;
    let left = stage.inventory().await?;
    ensure!(of(&left, kept.0).0.len() == 1 && of(&left, kind).0.is_empty(), "{left:#?}");
    ensure!(of(&left, "kms/key").0.len() == 1, "the key of {} is gone: {left:#?}", kept.0);
    ensure!(!stage.writes_since(mark).contains_key("ScheduleKeyDeletion"), "{:?}", stage.writes_since(mark));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stays_while_a_snapshot_of_a_disk_or_a_cluster_needs_it() -> Result<()> {
    let mut stage = Stage::with("needed", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let cluster = ["rds/cluster-snapshot", "DeleteDBClusterSnapshot", "DBClusterSnapshotIdentifier"];
    needed_by(&mut stage, "gazette", ("ec2/snapshot", "rds"), cluster).await?;
    let disk = ["ec2/snapshot", "DeleteSnapshot", "SnapshotId"];
    needed_by(&mut stage, "herald", ("rds/cluster-snapshot", "ec2"), disk).await
}
