//! Another WordPress: the database is copied, one instance goes first, the rest follows; or all goes back, and it is said
//! why. There is no way back to an older one.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_api::WordPressCluster;
use wpc_e2e::gateway::{Call, Profile, StopAfter};
use wpc_e2e::harness::{CloudKind, Endpoints, tools};
use wpc_e2e::invariants::{exactly_once, only_kept};
use wpc_e2e::stage::{Stage, condition, sample};

use crate::drift::hands::Case;
use crate::drift::hands::Drift::Field;
use crate::drift::id_of;

/// Somebody takes another copy under such a name: the newest stays. The name has the database's own id in it, so the
/// story does it.
pub const CASE: Case = Case {
    kind: "rds/recovery-point",
    component: "database/recovery-point",
    hands: &[],
    drift: Field("database.olderRecoveryPoints", "", "none"),
    writes: &[("DeleteDBSnapshot", 1)],
};

const ROLLS: [(&str, usize); 3] =
    [("CreateLaunchTemplateVersion", 1), ("ModifyLaunchTemplate", 1), ("StartInstanceRefresh", 1)];

fn to(version: &str) -> Value {
    json!({ "wordpress": { "version": version } })
}

fn minimal(version: &str) -> Result<Value> {
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["wordpress"] = json!({ "version": version });
    Ok(manifest)
}

/// A cloud whose snapshots and refreshes take long enough to be seen.
async fn slow(name: &str, cloud: CloudKind) -> Result<Stage> {
    let profile = Profile::aws(Duration::from_millis(100));
    let profile = ["CreateDBSnapshot", "CreateDBClusterSnapshot", "StartInstanceRefresh"]
        .iter()
        .fold(profile, |profile, slow| profile.with_time(slow, 1800.0));
    Stage::with(name, cloud, profile, &[]).await
}

fn writes(of: &[(&str, usize)]) -> BTreeMap<String, usize> {
    of.iter().map(|(action, count)| ((*action).to_owned(), *count)).collect()
}

fn step(object: &WordPressCluster) -> Option<&str> {
    object.status.as_ref()?.rollout.as_ref().map(|rollout| rollout.step.as_str())
}

async fn at(stage: &mut Stage, wanted: &'static str) -> Result<WordPressCluster> {
    let what = format!("to be at the step {wanted}");
    stage
        .until("gazette", &what, |object| {
            ensure!(step(object) == Some(wanted), "{:?}", step(object));
            Ok(())
        })
        .await
}

async fn stalled(stage: &mut Stage, reason: &'static str) -> Result<String> {
    let object = stage
        .until("gazette", reason, |object| {
            let generation = object.metadata.generation;
            let stalled = condition(object, "Stalled").context("no condition")?;
            ensure!(stalled.observed_generation == generation, "{stalled:?}");
            ensure!(stalled.status == "True" && stalled.reason == reason, "{stalled:?}");
            Ok(())
        })
        .await?;
    Ok(condition(&object, "Stalled").map(|stalled| stalled.message.clone()).unwrap_or_default())
}

fn snapshot(object: &WordPressCluster) -> Result<String> {
    let recovery = object.status.as_ref().and_then(|status| status.recovery.clone());
    Ok(recovery.and_then(|recovery| recovery.upgrade_snapshot).context("no snapshot in status.recovery")?.id)
}

/// The last call of an action.
fn last(calls: &[Call], action: &str) -> Result<Call> {
    calls.iter().rfind(|call| call.action == action).cloned().with_context(|| format!("no {action}"))
}

async fn by_hand(stage: &Stage, service: &str, action: &str, params: &[(&str, &str)]) -> Result<()> {
    stage.harness.cloud.call(&stage.harness.account, service, action, params).await.map(drop)
}

/// New instances of the group serve, or do not.
async fn breaks(stage: &Stage, object: &WordPressCluster, broken: bool) -> Result<()> {
    let group = id_of(object, "compute/group")?;
    let action = if broken { "CreateOrUpdateTags" } else { "DeleteTags" };
    let tag = [
        ("Tags.member.1.ResourceId", group.as_str()),
        ("Tags.member.1.ResourceType", "auto-scaling-group"),
        ("Tags.member.1.Key", "e2e.breaks"),
        ("Tags.member.1.Value", "yes"),
        ("Tags.member.1.PropagateAtLaunch", "false"),
    ];
    by_hand(stage, "autoscaling", action, &tag).await
}

/// Up by one release: what it costs, in which order, and what remains.
async fn upgraded(stage: &mut Stage, version: &str, calls: (&'static str, &'static str)) -> Result<String> {
    let (take, remove) = calls;
    let before = stage.get("gazette").await?;
    let known = snapshot(&before).ok();
    let mark = stage.mark();
    stage.edit("gazette", to(version)).await?;
    let object = stage.ready("gazette").await?;
    ensure!(step(&object).is_none(), "{:?}", step(&object));
    let mut expected = writes(&ROLLS);
    expected.insert(take.into(), 1);
    if known.is_some() {
        expected.insert(remove.into(), 1);
    }
    ensure!(stage.writes_since(mark) == expected, "{:?}", stage.writes_since(mark));
    let calls = stage.calls_since(mark);
    let order: Vec<&str> = calls.iter().filter(|call| call.took_effect()).map(|call| call.action.as_str()).collect();
    let place = |action: &str| order.iter().position(|other| *other == action);
    ensure!(place(take) < place("StartInstanceRefresh"), "{order:?}");
    let refresh = last(&calls, "StartInstanceRefresh")?;
    for (name, value) in [
        ("Preferences.CheckpointPercentages.member.1", "1"),
        ("Preferences.CheckpointPercentages.member.2", "100"),
        ("Preferences.CheckpointDelay", "300"),
        ("Preferences.BakeTime", "300"),
        ("Preferences.AutoRollback", "true"),
    ] {
        ensure!(refresh.params.contains(&(name.to_owned(), value.to_owned())), "{name}: {:?}", refresh.params);
    }
    let alarms = refresh.params.iter().filter(|(name, _)| name.starts_with("Preferences.AlarmSpecification.Alarms"));
    ensure!(alarms.count() == 2, "{:?}", refresh.params);
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    let taken = snapshot(&object)?;
    ensure!(Some(&taken) != known.as_ref(), "{taken} again");
    let mark = stage.mark();
    stage.pass("gazette").await?;
    stage.ready("gazette").await?;
    ensure!(stage.writes_since(mark).is_empty(), "at rest: {:?}", stage.writes_since(mark));
    Ok(taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_wordpress_comes_in_one_safe_sequence() -> Result<()> {
    let mut stage = slow("upgrade", CloudKind::MiniStack).await?;
    stage.apply("gazette", minimal("6.8.8")?).await?;
    stage.ready("gazette").await?;

    // Each step shows, in order, and nothing is replaced before the copy is complete.
    let mark = stage.mark();
    stage.edit("gazette", to("6.9.9")).await?;
    let object = at(&mut stage, "RecoveryPoint").await?;
    ensure!(!stage.writes_since(mark).contains_key("StartInstanceRefresh"), "{:?}", stage.writes_since(mark));
    let rollout = object.status.clone().unwrap_or_default().rollout.unwrap_or_default();
    ensure!((rollout.from.as_deref(), rollout.to.as_deref()) == (Some("6.8.8"), Some("6.9.9")), "{rollout:?}");
    stage
        .until("gazette", "to replace instances", |object| {
            ensure!(matches!(step(object), Some("Canary" | "RollingOut")), "{:?}", step(object));
            snapshot(object).map(drop)
        })
        .await?;
    let first = snapshot(&stage.ready("gazette").await?)?;
    ensure!(first.ends_with("-before-wordpress-6-8-8-to-6-9-9"), "{first}");

    let next = upgraded(&mut stage, "7.0.7", ("CreateDBSnapshot", "DeleteDBSnapshot")).await?;
    let found = stage.inventory().await?.of_kind("rds/snapshot");
    ensure!(found.0.len() == 1 && found.0[0].id == next, "{found:?}");

    // Somebody takes one under such a name: one is enough.
    let mark = stage.mark();
    let database = id_of(&stage.get("gazette").await?, "database/primary")?;
    let name = format!("{}-before-by-hand", next.split("-before-").next().unwrap_or_default());
    let params = [("DBInstanceIdentifier", database.as_str()), ("DBSnapshotIdentifier", name.as_str())];
    by_hand(&stage, "rds", "CreateDBSnapshot", &params).await?;
    stage.pass("gazette").await?;
    stage.ready("gazette").await?;
    ensure!(stage.writes_since(mark) == writes(CASE.writes), "{:?}", stage.writes_since(mark));

    // The copy stays when the site goes with its data kept.
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    ensure!(left.of_kind("rds/snapshot").0.len() == 2, "the last one, and that from before: {left:#?}");
    only_kept(&left)
}

#[tokio::test(flavor = "multi_thread")]
async fn so_it_does_on_moto_and_on_aurora() -> Result<()> {
    let mut stage = slow("upmoto", CloudKind::Moto).await?;
    stage.apply("gazette", minimal("6.8.8")?).await?;
    stage.ready("gazette").await?;
    upgraded(&mut stage, "6.9.9", ("CreateDBSnapshot", "DeleteDBSnapshot")).await?;

    let mut stage = slow("upaurora", CloudKind::MiniStack).await?;
    let mut manifest = sample("aurora.yaml")?;
    manifest["spec"]["wordpress"] = json!({ "version": "6.8.8" });
    stage.apply("gazette", manifest).await?;
    stage.ready("gazette").await?;
    let calls = ("CreateDBClusterSnapshot", "DeleteDBClusterSnapshot");
    upgraded(&mut stage, "6.9.9", calls).await?;
    upgraded(&mut stage, "7.0.7", calls).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_taken_once_though_the_operator_dies() -> Result<()> {
    let mut stage = slow("updies", CloudKind::MiniStack).await?;
    stage.apply("gazette", minimal("6.8.8")?).await?;
    stage.ready("gazette").await?;
    let mark = stage.mark();
    // With each of the four writes in turn: its answer never comes.
    stage.gateway.stop_after(StopAfter::write(1));
    stage.edit("gazette", to("6.9.9")).await?;
    for _ in 0..4 {
        stage.gateway.reached().await;
        stage.operator.kill9()?;
        stage.gateway.resume();
        stage.gateway.stop_after(StopAfter::write(1));
        stage.operator.restart().await?;
    }
    stage.gateway.resume();
    let object = stage.ready("gazette").await?;
    let mut expected = writes(&ROLLS);
    expected.insert("CreateDBSnapshot".into(), 1);
    ensure!(stage.writes_since(mark) == expected, "{:?}", stage.writes_since(mark));
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_goes_back_and_says_why_and_is_not_tried_again() -> Result<()> {
    let mut stage = slow("upfails", CloudKind::MiniStack).await?;
    stage.apply("gazette", minimal("6.8.8")?).await?;
    let object = stage.ready("gazette").await?;
    breaks(&stage, &object, true).await?;
    let mark = stage.mark();
    stage.edit("gazette", to("6.9.9")).await?;
    let said = stalled(&mut stage, "RolloutFailed").await?;
    let object = stage.get("gazette").await?;
    let copy = snapshot(&object)?;
    for part in [
        "WordPress 6.8.8 to 6.9.9",
        "RollbackSuccessful",
        "abandoned by the hook",
        "ABANDON",
        ", i-0abandoned/boot",
        "until edited",
        "database.restoreFrom.snapshotId",
        &copy,
    ] {
        ensure!(said.contains(part), "{part}: {said}");
    }
    ensure!(step(&object) == Some("Failed"), "{:?}", step(&object));
    ensure!(condition(&object, "Ready").is_some_and(|ready| ready.status == "False"));
    // Not with the next pass, and not by a fresh operator.
    stage.pass("gazette").await?;
    stage.restart_with(&[]).await?;
    stage.pass("gazette").await?;
    stalled(&mut stage, "RolloutFailed").await?;
    ensure!(stage.writes_since(mark).get("StartInstanceRefresh") == Some(&1), "{:?}", stage.writes_since(mark));

    // The old one is written back: the instances have it, so none is replaced.
    breaks(&stage, &object, false).await?;
    let mark = stage.mark();
    stage.edit("gazette", to("6.8.8")).await?;
    stage.ready("gazette").await?;
    ensure!(!stage.writes_since(mark).contains_key("StartInstanceRefresh"), "{:?}", stage.writes_since(mark));

    // And once more, with the copy that there is.
    let mark = stage.mark();
    stage.edit("gazette", to("6.9.9")).await?;
    let object = stage.ready("gazette").await?;
    ensure!(stage.writes_since(mark) == writes(&ROLLS), "{:?}", stage.writes_since(mark));
    ensure!(snapshot(&object)? == copy, "another copy");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_leads_back_to_an_older_wordpress() -> Result<()> {
    let mut stage = Stage::with("downgrade", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    stage.apply("gazette", minimal("6.9.9")?).await?;
    stage.ready("gazette").await?;
    let mark = stage.mark();
    stage.edit("gazette", to("6.8.8")).await?;
    let said = stalled(&mut stage, "DowngradeRefused").await?;
    for part in ["WordPress 6.8.8 is older than 6.9.9", "Write wordpress.version 6.9.9", "database.restoreFrom"] {
        ensure!(said.contains(part), "{part}: {said}");
    }
    ensure!(stage.writes_since(mark).is_empty(), "{:?}", stage.writes_since(mark));

    // A plan says the same.
    let mut manifest = minimal("6.8.8")?;
    manifest["metadata"] = json!({ "name": "gazette", "namespace": stage.harness.namespace });
    let file = tempfile::NamedTempFile::with_suffix(".json")?;
    std::fs::write(file.path(), manifest.to_string())?;
    let mut plan = Command::new(tools::wpc()?);
    plan.args(["plan", "--adopt", "--cluster-id", &stage.harness.namespace, "-f"]).arg(file.path());
    plan.envs(stage.harness.account.env(&Endpoints::only(stage.gateway.url())));
    let planned = tokio::task::block_in_place(|| plan.output())?;
    let told = String::from_utf8_lossy(&planned.stderr).into_owned();
    ensure!(planned.status.code() == Some(1) && told.contains("WordPress 6.8.8 is older than 6.9.9"), "{told}");

    stage.edit("gazette", to("6.9.9")).await?;
    stage.ready("gazette").await?;
    ensure!(stage.writes_since(mark).is_empty(), "{:?}", stage.writes_since(mark));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn by_hand_it_waits_and_says_how_it_is_let_go() -> Result<()> {
    let mut stage = slow("upmanual", CloudKind::MiniStack).await?;
    let mut manifest = minimal("6.8.8")?;
    manifest["spec"]["compute"] = json!({ "rollout": { "policy": "Manual", "bakeSeconds": 300 } });
    stage.apply("gazette", manifest).await?;
    stage.ready("gazette").await?;
    let mark = stage.mark();
    stage.edit("gazette", to("6.9.9")).await?;
    let object = at(&mut stage, "Waiting").await?;
    let said = condition(&object, "ComputeReady").map(|ready| (ready.reason.clone(), ready.message.clone()));
    let (reason, message) = said.context("no condition")?;
    ensure!(reason == "RolloutWaits" && message.contains("WordPress 6.8.8 to 6.9.9 waits"), "{reason}: {message}");
    ensure!(message.contains("set compute.rollout.policy to Automatic"), "{message}");
    stage.ready("gazette").await?;
    // The next instance that comes has the old one still: only the template knows of the new one.
    ensure!(stage.writes_since(mark) == writes(&ROLLS[..2]), "{:?}", stage.writes_since(mark));

    let mark = stage.mark();
    stage.edit("gazette", json!({ "compute": { "rollout": { "policy": "Automatic" } } })).await?;
    stage.ready("gazette").await?;
    ensure!(
        stage.writes_since(mark) == writes(&[("CreateDBSnapshot", 1), ("StartInstanceRefresh", 1)]),
        "{:?}",
        stage.writes_since(mark)
    );
    Ok(())
}
