//! What cannot be is refused with what to write instead: by the API server, or by Stalled where only AWS knows.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_e2e::gateway::{Fault, Profile};
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, condition, sample};

use wpc_e2e::invariants::only_kept;

/// What the API server says to a manifest with one field changed.
async fn refused(stage: &Stage, path: &str, value: Value, words: &[&str]) -> Result<()> {
    let mut manifest = sample("minimal.yaml")?;
    *field(&mut manifest, path) = value;
    let answer = stage.apply("refused", manifest).await.err().with_context(|| format!("{path} was taken"))?;
    let answer = format!("{answer:#}");
    ensure!(words.iter().all(|word| answer.contains(word)), "{path}: {words:?} are not in: {answer}");
    Ok(())
}

/// A field by its path; made if it is not there.
fn field<'a>(manifest: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('.').fold(manifest, |value, name| &mut value[name])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_refuses_what_it_can_judge() -> Result<()> {
    let stage = Stage::with("refused", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let table: Vec<(&str, Value, &[&str])> = vec![
        ("spec.compute.replicas", json!({ "min": 4, "max": 2 }), &["min", "max"]),
        ("spec.database.storage", json!({ "size": "100Gi", "max": "50Gi" }), &["max"]),
        ("spec.sharedStorage.type", json!("EBS"), &["compute.replicas.max to 1", "EFS"]),
        ("spec.network.cidr", json!("10.42.0.0/24"), &["/16 to /22"]),
        ("spec.network.cidr", json!("10.42.0.0"), &["10.42.0.0/16"]),
        ("spec.network.availabilityZones.count", json!(7), &["availabilityZones", "6"]),
        ("spec.site.domains", json!([]), &["domains", "1"]),
        ("spec.site.domains", json!(["$(reboot).example.com"]), &["domains"]),
        ("spec.database.backupRetentionDays", json!(0), &["backupRetentionDays"]),
        ("spec.database.serverless", json!({ "minCapacity": "1", "maxCapacity": "2" }), &["serverless", "AuroraMySQL"]),
        ("spec.database.engine", json!("PostgreSQL"), &["engine", "MySQL"]),
        ("spec.database.backupRetentionDays", json!(-1), &["backupRetentionDays"]),
        ("spec.backup.retentionDays", json!(-1), &["retentionDays"]),
    ];
    for (path, value, words) in table {
        refused(&stage, path, value, words).await?;
    }
    ensure!(stage.writes_since(0).is_empty(), "a refused manifest reached AWS");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_immutable_stays() -> Result<()> {
    let mut stage = Stage::new("immutable", CloudKind::MiniStack).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    let table = [
        (json!({ "region": "eu-west-1" }), "region"),
        (json!({ "database": { "engine": "MariaDB" } }), "engine"),
        (json!({ "network": { "cidr": "10.43.0.0/16" } }), "cidr"),
        (json!({ "database": { "storage": { "size": "20Gi" } } }), "storage.size"),
    ];
    for (edit, word) in table {
        let answer = stage.edit("gazette", edit).await.err().with_context(|| format!("{word} was changed"))?;
        ensure!(format!("{answer:#}").contains(word), "{word} is not in: {answer:#}");
    }
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_class_that_aws_does_not_know_stalls_and_recovers() -> Result<()> {
    let mut stage = Stage::new("class", CloudKind::MiniStack).await?;
    // The emulators know every class.
    let message = "DB instance class db.m7g.enormous is not a valid instance class";
    let unknown = Fault::refuse(400, "InvalidParameterValue", message).only("CreateDBInstance", "db.m7g.enormous");
    stage.gateway.set_faults(vec![unknown]);
    let mut manifest = sample("minimal.yaml")?;
    *field(&mut manifest, "spec.database.instanceClass") = json!("db.m7g.enormous");
    stage.apply("gazette", manifest).await?;
    stage
        .until("gazette", "to be stalled", |object| {
            let stalled = condition(object, "Stalled").context("no condition")?;
            let says = stalled.status == "True" && stalled.message.contains("database/primary");
            ensure!(says && stalled.message.contains("instance class"), "{stalled:?}");
            Ok(())
        })
        .await?;
    stage.told("gazette", &["database/primary", "instance class"]).await?;
    stage.edit("gazette", json!({ "database": { "instanceClass": "db.m7g.large" } })).await?;
    stage.ready("gazette").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_denied_and_a_cloud_that_is_away_are_said_and_nothing_is_lost() -> Result<()> {
    let mut stage = Stage::new("away", CloudKind::MiniStack).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let ids = |object: &wpc_api::WordPressCluster| -> Vec<_> {
        object.status.clone().unwrap_or_default().components.into_iter().map(|c| (c.name, c.id)).collect()
    };
    let before = ids(&object);

    let denied = "User: arn:aws:iam::1:user/x is not authorized to perform this action";
    stage.gateway.set_faults(vec![Fault::refuse(403, "AccessDenied", denied)]);
    stage.annotate("gazette", wpc_api::annotations::RECONCILE_AT, "denied").await?;
    stage
        .until("gazette", "to say that it is denied", |object| {
            let ready = condition(object, "Ready").context("no condition")?;
            ensure!(ready.status == "Unknown" && ready.reason == "AccessDenied", "{ready:?}");
            Ok(())
        })
        .await?;
    stage.gateway.set_faults(vec![]);
    stage.annotate("gazette", wpc_api::annotations::RECONCILE_AT, "allowed").await?;
    stage.ready("gazette").await?;

    stage.gateway.set_faults(vec![Fault::away()]);
    stage.annotate("gazette", wpc_api::annotations::RECONCILE_AT, "away").await?;
    stage
        .until("gazette", "to say that AWS is away", |object| {
            let ready = condition(object, "Ready").context("no condition")?;
            ensure!(ready.status == "Unknown" && ready.reason == "CloudUnavailable", "{ready:?}");
            Ok(())
        })
        .await?;
    stage.gateway.set_faults(vec![]);
    // Nobody asks: it keeps trying by itself.
    let object = stage.ready("gazette").await?;
    ensure!(ids(&object) == before, "something was lost or made again");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_it_says_so() -> Result<()> {
    let mut stage = Stage::without_credentials("keyless", CloudKind::MiniStack).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    stage
        .until("gazette", "to say that credentials are missing", |object| {
            let ready = condition(object, "Ready").context("no condition")?;
            let says = ready.status == "Unknown" && ready.reason == "AccessDenied";
            ensure!(says && ready.message.contains("credential"), "{ready:?}");
            Ok(())
        })
        .await?;
    stage.told("gazette", &["AccessDenied", "credential"]).await?;
    // Nothing was made, so nothing holds the object.
    stage.delete("gazette").await?;
    stage.gone("gazette").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_is_not_touched() -> Result<()> {
    let mut stage = Stage::new("taken", CloudKind::MiniStack).await?;
    let taken = stage.take_name("gazette").await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    stage
        .until("gazette", "to say that the name is taken", |object| {
            let stalled = condition(object, "Stalled").context("no condition")?;
            let says = stalled.status == "True" && stalled.reason == "NotOurs";
            ensure!(says && stalled.message.contains(&taken), "{stalled:?}");
            Ok(())
        })
        .await?;
    stage.told("gazette", &["NotOurs", &taken]).await?;
    let touched: Vec<_> = stage.gateway.writes().into_iter().filter(|call| call.targets.contains(&taken)).collect();
    ensure!(touched.iter().all(|call| !call.took_effect()), "somebody else's thing was written: {touched:#?}");
    Ok(())
}
