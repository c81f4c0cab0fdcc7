//! Each check of the preflight is seen to fail before the first write, says what to do, and lets the site go on once that
//! is done.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_e2e::gateway::{Fault, Profile};
use wpc_e2e::harness::{CloudKind, Endpoints, tools};
use wpc_e2e::stage::{Stage, condition, sample};

/// Waits until the object is stalled by a check, and makes sure that nothing was written.
async fn grounded(stage: &mut Stage, name: &str, reason: &str, words: &[&str]) -> Result<()> {
    let object = stage
        .until(name, &format!("to be kept from being begun by {reason}"), |object| {
            let stalled = condition(object, "Stalled").context("no condition")?;
            let says = words.iter().all(|word| stalled.message.contains(word));
            ensure!(stalled.status == "True" && stalled.reason == reason && says, "{stalled:?}");
            Ok(())
        })
        .await?;
    let preflight = condition(&object, "Preflight").context("no condition")?;
    ensure!(preflight.status == "False" && preflight.reason == reason, "{preflight:?}");
    stage.told(name, words).await?;
    ensure!(stage.writes_since(0).is_empty(), "written: {:?}", stage.writes_since(0));
    Ok(())
}

/// What the command line finds: its exit code, and the verdict of each check.
fn wpc(stage: &Stage, manifest: &Value) -> Result<(Option<i32>, Value)> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("site.json");
    std::fs::write(&file, manifest.to_string())?;
    let mut command = Command::new(tools::wpc()?);
    command.args(["preflight", "-o", "json", "-f"]).arg(&file);
    command.envs(stage.harness.account.env(&Endpoints::only(stage.gateway.url())));
    let output = tokio::task::block_in_place(|| command.output()).context("cannot run wpc")?;
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.code(), serde_json::from_slice(&output.stdout).with_context(said)?))
}

fn verdict<'v>(found: &'v Value, name: &str) -> &'v str {
    let mut checks = found["checks"].as_array().into_iter().flatten();
    checks.find(|check| check["name"] == name).and_then(|check| check["verdict"].as_str()).unwrap_or("(none)")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_keeps_a_site_from_being_begun_until_it_passes() -> Result<()> {
    let mut stage = Stage::with("preflight", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let manifest = sample("minimal.yaml")?;
    let again =
        async |stage: &Stage, word: &str| stage.annotate("gazette", wpc_api::annotations::RECONCILE_AT, word).await;

    stage.gateway.region().limit("L-0263D0A3", 2);
    stage.apply("gazette", manifest.clone()).await?;
    grounded(&mut stage, "gazette", "QuotaExceeded", &["ElasticIpQuota", "0 of 2", "3 more", "L-0263D0A3"]).await?;
    let (code, found) = wpc(&stage, &manifest)?;
    ensure!(code == Some(1) && verdict(&found, "ElasticIpQuota") == "Failed", "{code:?} {found:#}");
    ensure!(verdict(&found, "VpcQuota") == "Passed", "{found:#}");
    stage.gateway.region().limit("L-0263D0A3", 5);

    stage.gateway.region().limit("L-F678F1CE", 1);
    again(&stage, "vpcs").await?;
    grounded(&mut stage, "gazette", "QuotaExceeded", &["VpcQuota", "VPCs per Region"]).await?;
    stage.gateway.region().limit("L-F678F1CE", 5);

    stage.gateway.region().limit("L-1216C47A", 5);
    again(&stage, "vcpus").await?;
    grounded(&mut stage, "gazette", "QuotaExceeded", &["VcpuQuota", "0 of 5 vCPUs", "6 more"]).await?;
    stage.gateway.region().limit("L-1216C47A", 100);

    stage.gateway.region().withhold("m7g.large", "c");
    again(&stage, "types").await?;
    grounded(&mut stage, "gazette", "PreflightFailed", &["InstanceTypes", "not offered in us-east-1c"]).await?;
    stage.gateway.region().withhold("m7g.large", "");

    stage.gateway.region().withhold("db.m7g.large", "abcdef");
    again(&stage, "class").await?;
    grounded(&mut stage, "gazette", "PreflightFailed", &["DatabaseClass", "db.m7g.large for mysql"]).await?;
    stage.gateway.region().withhold("db.m7g.large", "");

    let denied = "User: arn:aws:iam::1:user/x is not authorized to perform: ec2:CreateVpc";
    stage.gateway.set_faults(vec![Fault::refuse(403, "UnauthorizedOperation", denied).only("CreateVpc", "true")]);
    again(&stage, "denied").await?;
    grounded(&mut stage, "gazette", "AccessDenied", &["Permissions", "ec2:CreateVpc"]).await?;

    // What cannot be asked is in nobody's way.
    let unasked = Fault::refuse(403, "AccessDeniedException", "not you").action("GetServiceQuota");
    stage.gateway.set_faults(vec![unasked]);
    let (code, found) = wpc(&stage, &manifest)?;
    ensure!(code == Some(0) && verdict(&found, "VcpuQuota") == "Unknown", "{code:?} {found:#}");
    again(&stage, "allowed").await?;
    let object = stage.ready("gazette").await?;
    let preflight = condition(&object, "Preflight").context("no condition")?;
    ensure!(
        preflight.status == "Unknown" && preflight.message.contains("servicequotas:GetServiceQuota"),
        "{preflight:?}"
    );

    // A site that exists is not checked again.
    stage.gateway.set_faults(vec![]);
    let mark = stage.mark();
    stage.pass("gazette").await?;
    let asked = stage.calls_since(mark).into_iter().filter(|call| call.action == "GetServiceQuota").count();
    ensure!(asked == 0, "asked {asked} times");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_line_that_finds_nothing_in_the_way_says_so() -> Result<()> {
    let stage = Stage::with("cleared", CloudKind::Moto, Profile::instant(), &[]).await?;
    let (code, found) = wpc(&stage, &sample("minimal.yaml")?)?;
    ensure!(code == Some(0) && found["ok"] == json!(true), "{code:?} {found:#}");
    let checks = ["Permissions", "Names", "VpcQuota", "ElasticIpQuota", "VcpuQuota", "InstanceTypes", "DatabaseClass"];
    for check in checks {
        ensure!(verdict(&found, check) == "Passed", "{check}: {found:#}");
    }
    ensure!(stage.writes_since(0).is_empty(), "written: {:?}", stage.writes_since(0));
    Ok(())
}
