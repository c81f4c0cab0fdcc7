//! Every kind, changed by hand: seen, named with path, found and wanted, corrected exactly; or only reported.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use futures::TryStreamExt;
use kube::api::{Api, ResourceExt, WatchEvent, WatchParams};
use serde_json::{Value, json};
use wpc_api::WordPressCluster;
use wpc_blueprint::Kinds;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::inventory::Inventory;
use wpc_e2e::stage::{Stage, condition, conditions, sample};

use super::hands::{Case, Drift, Names};
use super::{table_data, table_names, table_network, table_other, table_site, table_watch};
use crate::{single_instance, upgrade};
use wpc_e2e::invariants::exactly_once;

/// How many cases a pass corrects: the condition names them all within its 512 bytes.
const AT_ONCE: usize = 3;

fn cases() -> Vec<&'static Case> {
    let all = [table_network::CASES, table_data::CASES, table_site::CASES, table_watch::CASES, table_names::CASES];
    all.into_iter().flatten().collect()
}

/// A site of the kinds that the production sample has others in place of.
fn other_site() -> Result<Value> {
    let mut manifest = sample("production.yaml")?;
    manifest["spec"]["database"] =
        json!({ "engine": "AuroraMySQL", "readReplicas": 1, "parameters": { "max_connections": "500" } });
    manifest["spec"]["cache"] = json!({ "engine": "Memcached", "uses": ["ObjectCache"] });
    manifest["spec"]["network"]["interfaceEndpoints"] = json!(true);
    Ok(manifest)
}

#[test]
fn every_kind_has_a_case() {
    let kinds: BTreeSet<_> = Kinds::offline().all().iter().map(|kind| kind.name()).collect();
    let all = cases().into_iter().chain(table_site::ALONE).chain(table_site::WITHOUT_CDN).chain(table_other::CASES);
    let all = all.chain(table_names::WITHOUT_CDN).chain(table_network::IPV6).chain(table_network::IPV6_ALONE);
    let all = all.chain(&[single_instance::CASE, upgrade::CASE]);
    let cases: BTreeSet<_> = all.map(|case| case.kind).collect();
    assert_eq!(cases, kinds, "kinds, and those with a case of drift");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_reported_and_corrected_on_ministack() -> Result<()> {
    every_kind(CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_reported_and_corrected_on_localstack() -> Result<()> {
    every_kind(CloudKind::LocalStack).await
}

async fn every_kind(cloud: CloudKind) -> Result<()> {
    let mut stage = Stage::with("kinds", cloud, Profile::instant(), &[]).await?;
    let mut manifest = sample("production.yaml")?;
    manifest["spec"]["dns"] = json!({ "hostedZoneId": stage.zone("example.com").await? });
    stage.apply("gazette", manifest).await?;
    let alone: Vec<_> = table_network::ALONE.iter().chain(table_site::ALONE).collect();
    seen(&mut stage, &cases(), &alone).await
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_every_kind_of_the_other_engines() -> Result<()> {
    let mut stage = Stage::with("others", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    stage.apply("gazette", other_site()?).await?;
    seen(&mut stage, &table_other::CASES.iter().collect::<Vec<_>>(), &[]).await
}

/// Some cases a few at a time, others alone; then all but those at once under the other policy.
async fn seen(stage: &mut Stage, cases: &[&Case], alone: &[&Case]) -> Result<()> {
    let object = stage.ready("gazette").await?;
    let before = counts(&stage.inventory().await?);
    every_kind_has_its_component(&object, cases)?;

    let mut wrong = corrected(stage, cases, alone).await?;
    wrong.extend(reported(stage, cases).await?);
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));

    let object = stage.ready("gazette").await?;
    let after = stage.inventory().await?;
    exactly_once(&object, &after, &stage.stack("gazette"))?;
    let counts = counts(&after);
    ensure!(counts == before, "before {before:#?}, after {counts:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firewall_before_the_load_balancer_is_corrected() -> Result<()> {
    let mut stage = Stage::with("doors", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["cdn"] = json!({ "enabled": false });
    manifest["spec"]["firewall"] = json!({ "denyCIDRs": ["198.51.100.0/24"] });
    stage.apply("gazette", manifest).await?;
    stage.ready("gazette").await?;
    let wrong = corrected(&mut stage, &table_site::WITHOUT_CDN.iter().collect::<Vec<_>>(), &[]).await?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_ipv6_are_corrected() -> Result<()> {
    let mut stage = Stage::with("six", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["network"] = json!({ "availabilityZones": { "count": 2 }, "ipv6": true });
    manifest["spec"]["tags"] = json!({ "team": "press" });
    stage.apply("gazette", manifest).await?;
    stage.ready("gazette").await?;
    let wrong = corrected(&mut stage, &table_network::IPV6.iter().collect::<Vec<_>>(), &[]).await?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));

    // What takes several hands is done while nobody corrects.
    let object = stage.ready("gazette").await?;
    let names = Names(&object);
    stage.edit("gazette", json!({ "paused": true })).await?;
    let paused = |object: &WordPressCluster| condition(object, "Paused").is_some_and(|it| it.status == "True");
    let until = |object: &WordPressCluster| if paused(object) { Ok(()) } else { bail!("{}", conditions(object)) };
    stage.until("gazette", "to be paused", until).await?;
    let mark = stage.mark();
    for case in table_network::IPV6_ALONE {
        case.act(&stage, &names).await?;
    }
    // A new process has no lists of before.
    stage.restart_with(&[]).await?;
    stage.edit("gazette", json!({ "paused": false })).await?;
    stage.ready("gazette").await?;
    let expected = table_network::IPV6_ALONE.iter().flat_map(|case| case.writes);
    let expected: BTreeMap<_, _> = expected.map(|(action, count)| ((*action).to_owned(), *count)).collect();
    ensure!(stage.writes_since(mark) == expected, "{:?}", stage.writes_since(mark));
    Ok(())
}

/// How many there are of each kind, but for what is only remembered.
fn counts(inventory: &Inventory) -> BTreeMap<String, usize> {
    let things = inventory.only(|item| item.kind != "autoscaling/instance-refresh");
    things.counts().into_iter().map(|(kind, n)| (kind.to_owned(), n)).collect()
}

fn every_kind_has_its_component(object: &WordPressCluster, cases: &[&Case]) -> Result<()> {
    let status = object.status.clone().unwrap_or_default();
    for case in cases {
        let component = status.components.iter().find(|component| component.name == case.component);
        let component = component.with_context(|| format!("there is no {}", case.component))?;
        ensure!(component.kind == case.kind, "{} is of kind {}", case.component, component.kind);
    }
    Ok(())
}

/// A few at a time: named, corrected by the writes of the table, and by none else.
async fn corrected(stage: &mut Stage, cases: &[&Case], alone: &[&Case]) -> Result<Vec<String>> {
    let mut wrong = vec![];
    for cases in cases.chunks(AT_ONCE).chain(alone.chunks(1)) {
        let object = stage.ready("gazette").await?;
        let names = Names(&object);
        let mark = stage.mark();
        for case in cases {
            case.act(stage, &names).await?;
        }
        stage.pass("gazette").await?;
        let settled = stage.ready("gazette").await?;
        let said = said(stage, &object, &settled).await?;
        for case in cases {
            let text = format!("{}: {}", case.component, names.said(&case.drift)?);
            if !said.iter().any(|(reason, message)| reason == "Corrected" && message.contains(&text)) {
                wrong.push(format!("{}: wanted {text}; said {said:?}", case.kind));
            }
        }
        let mut expected = BTreeMap::new();
        for (action, count) in cases.iter().flat_map(|case| case.writes) {
            *expected.entry((*action).to_owned()).or_default() += count;
        }
        let made = stage.writes_since(mark);
        if made != expected {
            wrong.push(format!("made {made:?}, expected {expected:?}"));
        }
    }
    Ok(wrong)
}

/// What `DriftDetected` said between two versions of the object, whoever looked meanwhile: reason and message.
pub async fn said(stage: &Stage, from: &WordPressCluster, to: &WordPressCluster) -> Result<BTreeSet<(String, String)>> {
    let api = Api::<WordPressCluster>::namespaced(stage.harness.client.clone(), &stage.harness.namespace);
    let since = from.resource_version().context("no version")?;
    let versions = api.watch(&WatchParams::default(), &since).await?;
    futures::pin_mut!(versions);
    let mut said = BTreeSet::new();
    while let Some(event) = versions.try_next().await? {
        let WatchEvent::Modified(object) = event else { bail!("{event:?}") };
        said.extend(condition(&object, "DriftDetected").map(|c| (c.reason.clone(), c.message.clone())));
        if object.resource_version() == to.resource_version() {
            return Ok(said);
        }
    }
    bail!("the watch ended before {:?}", to.resource_version())
}

/// All at once, under the policy Report: named, and nothing is written until it is Correct again.
async fn reported(stage: &mut Stage, cases: &[&Case]) -> Result<Vec<String>> {
    stage.edit("gazette", json!({ "driftPolicy": "Report" })).await?;
    let object = stage.ready("gazette").await?;
    let names = Names(&object);
    let mark = stage.mark();
    for case in cases {
        case.act(stage, &names).await?;
    }
    let seen = stage.pass("gazette").await?;
    ensure!(stage.writes_since(mark).is_empty(), "written: {:?}", stage.writes_since(mark));
    let said = condition(&seen, "DriftDetected").context("no condition")?;
    let texts = cases.iter().map(|case| names.said(&case.drift)).collect::<Result<Vec<_>>>()?;
    let all = said.message.starts_with(&format!("{} differences: ", cases.len()))
        || texts.iter().all(|text| said.message.contains(text));
    let mut wrong = vec![];
    if said.reason != "Reported" || !all {
        wrong.push(format!("wanted {texts:?}; {}", conditions(&seen)));
    }
    let status = seen.status.clone().unwrap_or_default();
    for case in cases {
        let component = status.components.iter().find(|component| component.name == case.component);
        let reason = component.map(|component| component.reason.clone()).unwrap_or_default();
        let text = match case.drift {
            Drift::Missing => "missing, and driftPolicy is Report".to_owned(),
            Drift::Field(..) => names.said(&case.drift)?,
        };
        // A component's reason is cut, too.
        if reason.len() < 200 && !reason.contains(&text) {
            wrong.push(format!("{} {}: wanted {text}; said {reason}", case.kind, case.component));
        }
    }
    stage.edit("gazette", json!({ "driftPolicy": "Correct" })).await?;
    stage.ready("gazette").await?;
    Ok(wrong)
}
