//! What a site costs is said before and after it is made, and a budget is kept.

use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{CloudKind, tools};
use wpc_e2e::invariants::only_kept;
use wpc_e2e::stage::{Stage, condition, sample};

/// Runs the command line on a manifest, without AWS.
fn wpc(args: &[&str], manifest: &Value) -> Result<Output> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("site.json");
    std::fs::write(&file, manifest.to_string())?;
    Command::new(tools::wpc()?).args(args).arg("-f").arg(&file).output().context("cannot run wpc")
}

fn json_of(output: &Output) -> Result<Value> {
    serde_json::from_slice(&output.stdout).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_command_line_prices_a_manifest() -> Result<()> {
    let manifest = sample("production.yaml")?;
    let text = wpc(&["cost"], &manifest)?;
    let text = String::from_utf8(text.stdout)?;
    for words in
        ["network/nat-gateway-*", "a month (list prices of us-east-1 as of", "Reserved for a year", "Assumed (~)"]
    {
        ensure!(text.contains(words), "{words} is not in:\n{text}");
    }
    let cost = json_of(&wpc(&["cost", "-o", "json"], &manifest)?)?;
    let total = cost["monthlyUSD"].as_f64().context("no total")?;
    let areas = cost["areas"].as_array().into_iter().flatten().filter_map(|area| area["monthlyUSD"].as_f64());
    ensure!((areas.sum::<f64>() - total).abs() < 0.1, "the areas do not add up: {cost:#}");

    let plan = json_of(&wpc(&["plan", "--offline", "-o", "json"], &manifest)?)?;
    ensure!(plan["estimate"]["monthlyUSD"] == cost["monthlyUSD"], "{:#}", plan["estimate"]);
    let actions = plan["actions"].as_array().context("no actions")?;
    let gateway = actions.iter().find(|action| action["component"] == "network/nat-gateway-a");
    ensure!(gateway.is_some_and(|action| action["monthlyUSD"] == json!(33.75)), "{gateway:?}");
    Ok(())
}

#[test]
fn a_region_without_prices_has_no_total_until_it_is_given_some() -> Result<()> {
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["region"] = json!("eu-west-1");
    let cost = wpc(&["cost", "-o", "json"], &manifest)?;
    ensure!(cost.status.code() == Some(1), "{:?}", cost.status);
    ensure!(json_of(&cost)?["monthlyUSD"].is_null());

    let folder = tempfile::tempdir()?;
    let list = folder.path().join("eu-west-1.json");
    let known = include_str!("../../../operator/blueprint/src/price/us-east-1.json");
    std::fs::write(&list, known.replacen("us-east-1", "eu-west-1", 1))?;
    let list = list.to_string_lossy();
    let cost = json_of(&wpc(&["cost", "-o", "json", "--prices", &list], &manifest)?)?;
    ensure!(cost["monthlyUSD"].as_f64().is_some_and(|total| total > 500.0), "{cost:#}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_above_its_budget_is_refused_and_nothing_is_written() -> Result<()> {
    let mut stage = Stage::with("budget", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["budget"] = json!({ "monthlyUSD": 300 });
    for command in [&["plan", "--offline"][..], &["apply"]] {
        let output = wpc(command, &manifest)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(1) && said.contains("BudgetExceeded"), "{command:?}: {said}");
    }

    stage.apply("gazette", manifest).await?;
    let object = stage
        .until("gazette", "to be refused", |object| {
            let stalled = condition(object, "Stalled").context("no condition")?;
            ensure!(stalled.status == "True" && stalled.reason == "BudgetExceeded", "{stalled:?}");
            Ok(())
        })
        .await?;
    let estimate = |object: &wpc_api::WordPressCluster| {
        let estimate = object.status.as_ref().and_then(|status| status.estimate.clone());
        estimate.map(|estimate| estimate.monthly_usd).context("no estimate")
    };
    let monthly = estimate(&object)?;
    let message = &condition(&object, "Stalled").context("no condition")?.message;
    for words in [format!("${monthly}"), "$300.00".into(), "database ($".into()] {
        ensure!(message.contains(&words), "{words} is not in: {message}");
    }
    stage.told("gazette", &["BudgetExceeded", "$300.00"]).await?;
    ensure!(stage.writes_since(0).is_empty(), "written: {:?}", stage.writes_since(0));

    stage.edit("gazette", json!({ "budget": { "monthlyUSD": 5000 } })).await?;
    let object = stage.ready("gazette").await?;
    ensure!(estimate(&object)? == monthly, "the price changed");

    // A living site that would cost too much stays as it is.
    let mark = stage.mark();
    stage.edit("gazette", json!({ "budget": { "monthlyUSD": 300 }, "compute": { "replicas": { "min": 4 } } })).await?;
    stage
        .until("gazette", "to be refused again", |object| {
            let stalled = condition(object, "Stalled").context("no condition")?;
            let now = stalled.observed_generation == object.metadata.generation;
            ensure!(now && stalled.status == "True" && stalled.reason == "BudgetExceeded", "{stalled:?}");
            Ok(())
        })
        .await?;
    ensure!(stage.writes_since(mark).is_empty(), "written: {:?}", stage.writes_since(mark));
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?)
}
