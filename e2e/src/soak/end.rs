//! After the storm: everything becomes as wanted, stays so, and goes without a trace.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kube::api::{Api, Patch, PatchParams, ResourceExt};
use serde_json::{Value, json};
use wpc_api::WordPressCluster;
use wpc_api::annotations::RECONCILE_AT;

use super::stage::Stage;
use super::{Options, Report};
use crate::harness::{eventually_within, tools};
use crate::invariants::{exactly_once, only_kept};
use crate::stage::{conditions, settled};

/// A person's patience with twenty sites on a busy machine. What was denied is tried again after two minutes.
const PATIENCE: Duration = Duration::from_secs(900);

/// Converges, rests, deletes.
pub async fn all(options: &Options, stage: &mut Stage, report: &mut Report) -> Result<()> {
    println!("The storm is over: {} sites become as wanted, {} go.", stage.living.len(), stage.ended.len());
    // Whoever writes goes on until it is killed: two at once would take turns.
    report.writers = stage.changes_of_writer();
    ensure!(report.writers <= report.kills, "{} changes of writer, {} kills", report.writers, report.kills);
    converge(stage, report).await?;
    println!("As wanted after {} s. {} s of calm.", report.converged.as_secs(), options.calm.as_secs());
    let began = Instant::now();
    while began.elapsed() < options.calm {
        tokio::time::sleep(options.beat.min(options.calm / 40)).await;
        stage.alive()?;
        report.calm_memory.sample(stage.resident()?);
    }
    println!("The rest goes.");
    for name in stage.living.keys().cloned().collect::<Vec<_>>() {
        stage.end(&name).await?;
    }
    gone(stage).await?;
    let left = stage.inventory().await?;
    only_kept(&left)?;
    report.kept = left.counts().into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect();
    Ok(())
}

/// Every site as its spec has it: told by status, by the whole inventory, and by a pass that finds nothing to do.
async fn converge(stage: &mut Stage, report: &mut Report) -> Result<()> {
    let began = Instant::now();
    gone(stage).await?;
    pass(stage, "converge").await?;
    report.converged = began.elapsed();
    let mark = stage.gateway.calls().last().map_or(0, |call| call.sequence);
    pass(stage, "rest").await?;
    let writes = stage.gateway.writes().into_iter().filter(|call| call.sequence > mark && call.took_effect());
    let writes: Vec<_> = writes.map(|call| (call.action, call.targets)).collect();
    ensure!(writes.is_empty(), "written although all was as wanted: {writes:?}");
    let inventory = stage.inventory().await?;
    for (name, api) in &stage.living {
        let object = api.get(name).await?;
        exactly_once(&object, &inventory, &stage.stack(name, api)).with_context(|| name.clone())?;
        as_specified(&object).with_context(|| name.clone())?;
    }
    report.sites = stage.living.len();
    let known: Vec<_> = stage.living.iter().map(|(name, api)| stage.stack(name, api)).collect();
    let strangers = inventory.tagged().only(|item| item.stack.as_ref().is_none_or(|stack| !known.contains(stack)));
    only_kept(&strangers).context("of sites that are gone")
}

/// Asks each site for a pass, and waits until it was made and all is as wanted.
async fn pass(stage: &mut Stage, request: &str) -> Result<()> {
    let patch = Patch::Merge(json!({ "metadata": { "annotations": { RECONCILE_AT: request } } }));
    for (name, api) in &stage.living {
        api.patch(name, &PatchParams::default(), &patch).await?;
    }
    for (name, api) in stage.living.clone() {
        let what = format!("{name} to be as wanted");
        let waited = eventually_within(PATIENCE, &what, async || {
            stage.alive()?;
            let object = api.get(&name).await?;
            let seen = object.status.as_ref().and_then(|status| status.last_reconcile_request.as_deref());
            ensure!(seen == Some(request), "its last pass was asked for by {seen:?}");
            settled(&object, object.metadata.generation)
        });
        waited.await.with_context(|| stage.tails())?;
    }
    Ok(())
}

/// Has it the components that its spec alone asks for?
fn as_specified(object: &WordPressCluster) -> Result<()> {
    let mut file = tempfile::NamedTempFile::with_suffix(".json")?;
    let mut manifest = serde_json::to_value(object)?;
    manifest["metadata"] = json!({ "name": object.name_any(), "namespace": object.namespace() });
    manifest.as_object_mut().context("an object")?.shift_remove("status");
    file.write_all(manifest.to_string().as_bytes())?;
    let mut plan = Command::new(tools::wpc()?);
    plan.args(["plan", "--offline", "-o", "json", "-f"]).arg(file.path());
    let planned = tokio::task::block_in_place(|| plan.output())?;
    let actions: Value = serde_json::from_slice(&planned.stdout)
        .with_context(|| String::from_utf8_lossy(&planned.stderr).into_owned())?;
    let actions = actions["actions"].as_array().context("a plan without actions")?;
    let wanted = actions.iter().filter_map(|action| action["component"].as_str());
    let wanted: BTreeSet<_> = wanted.map(str::to_owned).collect();
    let status = object.status.clone().unwrap_or_default();
    let found: BTreeSet<_> = status.components.iter().map(|component| offline(&component.name)).collect();
    ensure!(
        !wanted.is_empty() && found == wanted,
        "wanted and not found, or found and not wanted: {:?}",
        &found ^ &wanted
    );
    Ok(())
}

/// A component's name as a plan has it that asks nobody: the id of the list of CloudFront's addresses is AWS's to know.
fn offline(component: &str) -> String {
    match component.split_once("-pl-") {
        Some((rule, _)) => format!("{rule}-pl-cloudfront"),
        None => component.to_owned(),
    }
}

async fn gone(stage: &mut Stage) -> Result<()> {
    let ended: Vec<(String, Api<WordPressCluster>)> = std::mem::take(&mut stage.ended).into_iter().collect();
    for (name, api) in ended {
        let what = format!("{name} to be gone");
        let waited = eventually_within(PATIENCE, &what, async || {
            let there = api.get_opt(&name).await?;
            ensure!(there.is_none(), "{}", there.as_ref().map(conditions).unwrap_or_default());
            Ok(())
        });
        waited.await.with_context(|| stage.tails())?;
    }
    Ok(())
}
