//! What somebody changes by hand in the cloud is seen, named, and corrected or only reported.

mod contested;
mod every_kind;
pub mod hands;
mod rightly;
mod table_data;
pub mod table_names;
mod table_network;
mod table_other;
mod table_site;
mod table_watch;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use wpc_api::WordPressCluster;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{CloudKind, eventually};
use wpc_e2e::stage::{Stage, condition, sample};

use wpc_e2e::invariants::exactly_once;

pub use every_kind::said;

/// The component that a person removes in these stories.
const RULE: &str = "network/rule-database-in-tcp-3306-web";

pub fn id_of(object: &WordPressCluster, component: &str) -> Result<String> {
    let components = object.status.clone().unwrap_or_default().components;
    let found =
        components.into_iter().find(|found| found.name == component).with_context(|| format!("no {component}"))?;
    found.id.with_context(|| format!("{component} has no id"))
}

/// Revokes the rule by hand: nothing of ours takes part.
async fn revoke(stage: &Stage, object: &WordPressCluster) -> Result<()> {
    let (group, rule) = (id_of(object, "network/security-group-database")?, id_of(object, RULE)?);
    let params = [("GroupId", group.as_str()), ("SecurityGroupRuleId.1", rule.as_str())];
    stage.harness.cloud.call(&stage.harness.account, "ec2", "RevokeSecurityGroupIngress", &params).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_removed_by_hand_is_made_again() -> Result<()> {
    let mut stage = Stage::with("drift", CloudKind::MiniStack, Profile::instant(), &["--resync", "3s"]).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let mark = stage.mark();
    revoke(&stage, &object).await?;
    eventually("the rule to be made again", async || {
        let writes = stage.writes_since(mark);
        ensure!(
            writes.into_iter().eq([("AuthorizeSecurityGroupIngress".to_owned(), 1)]),
            "{:?}",
            stage.writes_since(mark)
        );
        Ok(())
    })
    .await?;
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_policy_report_it_is_only_said() -> Result<()> {
    let mut stage = Stage::with("report", CloudKind::MiniStack, Profile::instant(), &["--resync", "3s"]).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["driftPolicy"] = json!("Report");
    stage.apply("gazette", manifest).await?;
    let object = stage.ready("gazette").await?;
    let mark = stage.mark();
    revoke(&stage, &object).await?;
    stage
        .until("gazette", "to report the drift", |object| {
            let drift = condition(object, "DriftDetected").context("no condition")?;
            ensure!(drift.status == "True" && drift.reason == "Reported" && drift.message.contains(RULE), "{drift:?}");
            Ok(())
        })
        .await?;
    ensure!(stage.writes_since(mark).is_empty(), "written: {:?}", stage.writes_since(mark));

    // Asked to correct, it does.
    stage.edit("gazette", json!({ "driftPolicy": "Correct" })).await?;
    stage.ready("gazette").await?;
    Ok(())
}
