//! The load balancer lets in the site's own distribution and no other: by a secret that both know.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use wpc_api::WordPressCluster;
use wpc_e2e::gateway::protocol::Tree;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::inventory::Inventory;
use wpc_e2e::stage::{Stage, sample};

use super::drift::id_of;
use wpc_e2e::invariants::exactly_once;

const SECRET: &str = "cdn/origin-secret";

/// What the secret is now.
async fn secret(stage: &Stage, object: &WordPressCluster) -> Result<String> {
    let id = id_of(object, SECRET)?;
    let params = [("SecretId", id.as_str())];
    let answer = stage.harness.cloud.call(&stage.harness.account, "secretsmanager", "GetSecretValue", &params).await?;
    answer.text("SecretString").context("a secret without a value")
}

/// What the distribution sends.
async fn sent(stage: &Stage, object: &WordPressCluster) -> Result<String> {
    let id = id_of(object, "cdn/distribution")?;
    let answer =
        stage.harness.cloud.call(&stage.harness.account, "cloudfront", "GetDistributionConfig", &[("Id", &id)]).await?;
    let headers = answer.items("Origins/Items/Origin/CustomHeaders/Items/*");
    let ours = headers.iter().find(|header| header.text("HeaderName").as_deref() == Some("X-Origin-Verify"));
    ours.and_then(|header| header.text("HeaderValue")).context("no secret is sent")
}

/// The rules of the port for HTTPS: of its default action, and the others.
async fn rules(stage: &Stage, object: &WordPressCluster) -> Result<(Tree, Vec<Tree>)> {
    let port = id_of(object, "traffic/listener-https")?;
    let params = [("ListenerArn", port.as_str())];
    let answer =
        stage.harness.cloud.call(&stage.harness.account, "elasticloadbalancing", "DescribeRules", &params).await?;
    let (mut default, others): (Vec<Tree>, Vec<Tree>) = answer
        .items("DescribeRulesResult/Rules/*")
        .into_iter()
        .partition(|rule| rule.text("IsDefault").as_deref() == Some("true"));
    Ok((default.pop().context("no default rule")?, others))
}

/// Everybody is refused but who sends the secret.
async fn closed(stage: &Stage, object: &WordPressCluster) -> Result<()> {
    let (default, others) = rules(stage, object).await?;
    let status = default.items("Actions/*").first().and_then(|action| action.text("FixedResponseConfig/StatusCode"));
    ensure!(status.as_deref() == Some("403"), "others get {status:?}");
    let [rule] = &others[..] else { anyhow::bail!("{} rules", others.len()) };
    let accepted = rule.items("Conditions/*/HttpHeaderConfig/Values/*");
    let accepted: BTreeSet<String> = accepted.iter().filter_map(|value| value.text("")).collect();
    let secret = secret(stage, object).await?;
    // A message would show the secret.
    ensure!(accepted == [secret.clone()].into() && sent(stage, object).await? == secret, "both know something else");
    Ok(())
}

/// Everybody is let in.
async fn open(stage: &Stage, object: &WordPressCluster) -> Result<()> {
    let (default, others) = rules(stage, object).await?;
    let group = default.items("Actions/*").first().and_then(|action| action.text("TargetGroupArn"));
    ensure!(group == Some(id_of(object, "traffic/target-group")?), "visitors go to {group:?}");
    ensure!(others.is_empty(), "{} rules are left", others.len());
    Ok(())
}

/// An action, and what one of its parameters says.
type Step<'a> = (&'a str, fn(&str) -> bool);

/// When these were called, each as the first one after the one before it.
fn in_order(stage: &Stage, mark: u64, calls: &[Step<'_>]) -> Result<()> {
    let mut after = mark;
    for (action, means) in calls {
        let record = stage.calls_since(after);
        let is = |value: &str| means(value);
        let found = record.iter().find(|call| call.action == *action && call.params.iter().any(|(_, value)| is(value)));
        after = found.with_context(|| format!("no such {action} after {after}"))?.sequence;
    }
    Ok(())
}

fn counts(inventory: &Inventory) -> Vec<(String, usize)> {
    inventory.tagged().counts().into_iter().map(|(kind, n)| (kind.to_owned(), n)).collect()
}

async fn story(cloud: CloudKind) -> Result<()> {
    let mut stage = Stage::new("door", cloud).await?;
    let mut manifest = sample("minimal.yaml")?;
    if cloud == CloudKind::Moto {
        // Without a CDN the firewall stands before the load balancer, which moto knows nothing of.
        manifest["spec"]["firewall"] = json!({ "enabled": false });
    }
    stage.apply("gazette", manifest).await?;
    let object = stage.ready("gazette").await?;
    closed(&stage, &object).await?;
    let fresh = counts(&stage.inventory().await?);

    // Off: visitors are let in before the distribution goes.
    let mark = stage.mark();
    stage.edit("gazette", json!({ "cdn": { "enabled": false } })).await?;
    let object = stage.ready("gazette").await?;
    open(&stage, &object).await?;
    in_order(&stage, mark, &[("ModifyListener", |value| value == "forward"), ("UpdateDistribution", |_| true)])?;
    in_order(&stage, mark, &[("ModifyListener", |value| value == "forward"), ("DeleteRule", |_| true)])?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;

    // On again: nobody is refused before the new distribution is everywhere.
    let mark = stage.mark();
    stage.edit("gazette", json!({ "cdn": { "enabled": true } })).await?;
    let object = stage.ready("gazette").await?;
    closed(&stage, &object).await?;
    in_order(&stage, mark, &[("CreateDistributionWithTags", |_| true), ("ModifyListener", |value| value == "403")])?;
    in_order(
        &stage,
        mark,
        &[("CreateRule", |value| value == "http-header"), ("ModifyListener", |value| value == "403")],
    )?;
    let again = counts(&stage.inventory().await?);
    ensure!(again == fresh, "{again:?} instead of {fresh:?}");

    // Another secret: both know it in the end, and nobody is let in without one meanwhile.
    let (id, mark) = (id_of(&object, SECRET)?, stage.mark());
    let body =
        json!({ "SecretId": id, "SecretString": "another-secret-of-the-site", "ClientRequestToken": "a".repeat(32) });
    let call = ("secretsmanager", "PutSecretValue");
    stage.harness.cloud.send(&stage.harness.account, call, &[], &body.to_string(), None).await?;
    stage.pass("gazette").await?;
    let object = stage.ready("gazette").await?;
    closed(&stage, &object).await?;
    let writes = stage.writes_since(mark);
    let expected = [("ModifyRule".to_owned(), 2), ("UpdateDistribution".to_owned(), 1)];
    ensure!(writes == expected.into(), "{writes:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sites_own_distribution_is_let_in_on_ministack() -> Result<()> {
    story(CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sites_own_distribution_is_let_in_on_moto() -> Result<()> {
    story(CloudKind::Moto).await
}
