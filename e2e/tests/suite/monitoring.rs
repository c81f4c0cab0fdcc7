//! Whom alarms tell: who has not confirmed is said, and is no trouble; who is not asked for any more gets no mail.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use wpc_api::WordPressCluster;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, condition, sample};

/// What `MonitoringReady` says: its status and message.
fn said(object: &WordPressCluster) -> Result<(String, String)> {
    let condition = condition(object, "MonitoringReady").context("no condition")?;
    Ok((condition.status.clone(), condition.message.clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_confirmed_is_named_and_who_is_not_asked_for_gets_no_mail_on_ministack() -> Result<()> {
    mail(CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_confirmed_is_named_and_who_is_not_asked_for_gets_no_mail_on_localstack() -> Result<()> {
    mail(CloudKind::LocalStack).await
}

async fn mail(cloud: CloudKind) -> Result<()> {
    let mut stage = Stage::new("mail", cloud).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["monitoring"] = json!({ "notify": [{ "email": "web@example.com" }] });
    stage.apply("gazette", manifest).await?;
    let object = stage.ready("gazette").await?;
    let (status, message) = said(&object)?;
    ensure!(status == "True" && message.contains("web@example.com must still confirm"), "{status}: {message}");

    let components = object.status.clone().unwrap_or_default().components;
    let topic = components.into_iter().find(|component| component.name == "monitoring/topic").and_then(|it| it.id);
    let topic = topic.context("no topic")?;
    // The address is the token in this cloud.
    let token = [("TopicArn", topic.as_str()), ("Token", "web@example.com")];
    stage.harness.cloud.call(&stage.harness.account, "sns", "ConfirmSubscription", &token).await?;
    let mark = stage.mark();
    stage.pass("gazette").await?;
    let (status, message) = said(&stage.ready("gazette").await?)?;
    ensure!(status == "True" && !message.contains("confirm"), "{status}: {message}");
    ensure!(stage.writes_since(mark).is_empty(), "written: {:?}", stage.writes_since(mark));

    stage.edit("gazette", json!({ "monitoring": { "notify": [] } })).await?;
    stage.ready("gazette").await?;
    ensure!(stage.writes_since(mark) == [("Unsubscribe".to_owned(), 1)].into(), "{:?}", stage.writes_since(mark));
    let left = stage.harness.cloud.call(&stage.harness.account, "sns", "ListSubscriptions", &[]).await?;
    ensure!(left.items("ListSubscriptionsResult/Subscriptions/*").is_empty(), "{left:?}");
    Ok(())
}
