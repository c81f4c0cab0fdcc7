//! No secret's value is told anywhere.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use wpc_blueprint::bootstrap::KEYS;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, sample};

#[tokio::test(flavor = "multi_thread")]
async fn values_stay_where_they_are() -> Result<()> {
    let mut stage = Stage::with("secrets", CloudKind::MiniStack, Profile::instant(), &["-vvv"]).await?;
    stage.apply("gazette", sample("production.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let values = values(&stage).await?;
    let expected = 4 + KEYS.len();
    ensure!(
        values.len() == expected,
        "the database's two, the cache's, the distribution's and WordPress's: {}",
        values.len()
    );

    let said = [
        ("status and spec", serde_json::to_string(&object)?),
        ("events", stage.events("gazette").await?.join("\n")),
        ("metrics", stage.operator.get("/metrics").await?),
        ("logs", std::fs::read_to_string(stage.operator.process().log())?),
        ("the gateway's record", serde_json::to_string(&stage.gateway.calls())?),
        ("user data and everything else that is listed", serde_json::to_string(&stage.inventory().await?)?),
    ];
    ensure!(said[3].1.contains("called"), "the log is not detailed enough to prove anything");
    for (place, text) in said {
        let told = values.iter().any(|value| text.contains(value.as_str()));
        ensure!(!told, "a secret's value is in {place}");
    }
    Ok(())
}

/// What the account's secrets hold: a bare token, the password of a login, WordPress's keys.
async fn values(stage: &Stage) -> Result<Vec<String>> {
    let mut values = vec![];
    for secret in stage.inventory().await?.of_kind("secretsmanager/secret").0 {
        let params = [("SecretId", secret.id.as_str())];
        let answer =
            stage.harness.cloud.call(&stage.harness.account, "secretsmanager", "GetSecretValue", &params).await?;
        let text = answer.text("SecretString").context("a secret without a value")?;
        match serde_json::from_str::<BTreeMap<String, String>>(&text) {
            Ok(named) => {
                values.extend(named.into_iter().filter(|(name, _)| name != "username").map(|(_, value)| value))
            }
            Err(_) => values.push(text),
        }
    }
    Ok(values)
}
