//! Every kind, changed by hand: seen, named with path, found and wanted, corrected exactly; or only reported.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use wpc_api::WordPressCluster;
use wpc_blueprint::Kinds;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, condition, conditions, sample};

use super::hands::{Case, Drift, Names};
use super::{table_data, table_network, table_site};
use crate::assertions::exactly_once;

/// How many cases a pass corrects: the condition names them all within its 512 bytes.
const AT_ONCE: usize = 3;

fn cases() -> Vec<&'static Case> {
    [table_network::CASES, table_data::CASES, table_site::CASES].into_iter().flatten().collect()
}

#[test]
fn every_kind_has_a_case() {
    let kinds: BTreeSet<_> = Kinds::offline().all().iter().map(|kind| kind.name()).collect();
    let cases: BTreeSet<_> = cases().iter().map(|case| case.kind).collect();
    assert_eq!(cases, kinds, "kinds, and those with a case of drift");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_reported_and_corrected() -> Result<()> {
    let mut stage = Stage::with("kinds", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    stage.apply("gazette", sample("production.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let before = stage.inventory().await?.counts().into_iter().map(|(kind, n)| (kind.to_owned(), n)).collect();
    every_kind_has_its_component(&object)?;

    let mut wrong = corrected(&mut stage).await?;
    wrong.extend(reported(&mut stage).await?);
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));

    let object = stage.ready("gazette").await?;
    let after = stage.inventory().await?;
    exactly_once(&object, &after, &stage.stack("gazette"))?;
    let counts: BTreeMap<String, usize> = after.counts().into_iter().map(|(kind, n)| (kind.to_owned(), n)).collect();
    ensure!(counts == before, "before {before:#?}, after {counts:#?}");
    Ok(())
}

fn every_kind_has_its_component(object: &WordPressCluster) -> Result<()> {
    let status = object.status.clone().unwrap_or_default();
    for case in cases() {
        let component = status.components.iter().find(|component| component.name == case.component);
        let component = component.with_context(|| format!("there is no {}", case.component))?;
        ensure!(component.kind == case.kind, "{} is of kind {}", case.component, component.kind);
    }
    Ok(())
}

/// A few at a time: named, corrected by the writes of the table, and by none else.
async fn corrected(stage: &mut Stage) -> Result<Vec<String>> {
    let mut wrong = vec![];
    let alone = table_network::ALONE.iter().collect::<Vec<_>>();
    for cases in cases().chunks(AT_ONCE).chain([alone.as_slice()]) {
        let object = stage.ready("gazette").await?;
        let names = Names(&object);
        let mark = stage.mark();
        for case in cases {
            case.act(stage, &names).await?;
        }
        let seen = stage.pass("gazette").await?;
        let said = condition(&seen, "DriftDetected").context("no condition")?;
        for case in cases {
            let text = format!("{}: {}", case.component, names.said(&case.drift)?);
            if said.reason != "Corrected" || !said.message.contains(&text) {
                wrong.push(format!(
                    "{} {}: wanted {text}; said {} {}",
                    case.kind, case.component, said.reason, said.message
                ));
            }
        }
        stage.ready("gazette").await?;
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

/// All at once, under the policy Report: named, and nothing is written until it is Correct again.
async fn reported(stage: &mut Stage) -> Result<Vec<String>> {
    stage.edit("gazette", json!({ "driftPolicy": "Report" })).await?;
    let object = stage.ready("gazette").await?;
    let names = Names(&object);
    let mark = stage.mark();
    for case in cases() {
        case.act(stage, &names).await?;
    }
    let seen = stage.pass("gazette").await?;
    ensure!(stage.writes_since(mark).is_empty(), "written: {:?}", stage.writes_since(mark));
    let said = condition(&seen, "DriftDetected").context("no condition")?;
    let count = format!("{} differences: ", cases().len());
    ensure!(said.reason == "Reported" && said.message.starts_with(&count), "{}", conditions(&seen));
    let mut wrong = vec![];
    let status = seen.status.clone().unwrap_or_default();
    for case in cases() {
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
