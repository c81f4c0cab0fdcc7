//! `wpc exec` and `wpc wp` reach an instance that serves. Session Manager is on no emulated cloud: a program in the place
//! of the AWS CLI runs the command here, and says what a session says around it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{CloudKind, Endpoints, tools};
use wpc_e2e::stage::{Stage, sample};

use crate::drift::id_of;

/// Notes how it was called, then runs the session's command.
const AWS_CLI: &str = r#"#!/bin/sh
printf '%s\n' "$@" >"$(dirname "$0")/called"
printf '\nStarting session with SessionId: press-0a1b\n'
for last; do :; done
sh -c "$(printf '%s' "$last" | python3 -c 'import json, sys; print(json.load(sys.stdin)["command"][0])')"
printf '\n\nExiting session with sessionId: press-0a1b.\n'
"#;

fn wpc(stage: &Stage, folder: &Path, args: &[&str]) -> Result<Output> {
    let namespace = &stage.harness.namespace;
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let (on, command) = args.split_at(args.iter().position(|arg| *arg == "--").unwrap_or(args.len()));
    let mut wpc = Command::new(tools::wpc()?);
    wpc.args(on).arg("-f").arg(folder.join("gazette.json")).args(["--cluster-id", namespace]).args(command);
    wpc.envs(stage.harness.account.env(&Endpoints::only(stage.gateway.url()))).env("PATH", path);
    tokio::task::block_in_place(|| wpc.output()).context("cannot run wpc")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_runs_on_an_instance_that_serves() -> Result<()> {
    let mut stage = Stage::with("exec", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let folder = tempfile::tempdir()?;
    let cli = folder.path().join("aws");
    std::fs::write(&cli, AWS_CLI)?;
    std::fs::set_permissions(&cli, std::fs::Permissions::from_mode(0o755))?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["metadata"] = serde_json::json!({ "name": "gazette", "namespace": stage.harness.namespace });
    std::fs::write(folder.path().join("gazette.json"), manifest.to_string())?;
    let run = |stage: &Stage, args: &[&str]| wpc(stage, folder.path(), args);

    let early = run(&stage, &["exec", "--", "true"])?;
    let said = String::from_utf8_lossy(&early.stderr).into_owned();
    ensure!(early.status.code() == Some(1) && said.contains("no instance of the group"), "{said}");

    stage.apply("gazette", sample("minimal.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let done = run(&stage, &["exec", "--", "sh", "-c", "printf '%s\\n' \"$0\"; exit 7", "it's \"$HOME\""])?;
    ensure!(done.status.code() == Some(7), "{:?}: {}", done.status, String::from_utf8_lossy(&done.stderr));
    ensure!(done.stdout == b"it's \"$HOME\"\n", "{:?}", String::from_utf8_lossy(&done.stdout));
    let called = std::fs::read_to_string(folder.path().join("called"))?;
    let called: Vec<&str> = called.lines().collect();
    let group = id_of(&object, "compute/group")?;
    let ours = serving(&stage, &group).await?;
    let target = called.iter().position(|arg| *arg == "--target").context("no target")? + 1;
    ensure!(ours.iter().any(|id| id == called[target]), "{} is none of {ours:?}", called[target]);
    ensure!(called.windows(2).any(|pair| pair == ["--region", "us-east-1"]), "{called:?}");

    // WP-CLI is a command like others; here there is none.
    let wp = run(&stage, &["wp", "--", "plugin", "list"])?;
    ensure!(wp.status.code() == Some(127), "{:?}: {}", wp.status, String::from_utf8_lossy(&wp.stderr));
    ensure!(std::fs::read_to_string(folder.path().join("called"))?.contains("wp plugin list"), "no word of WP-CLI");

    let other = run(&stage, &["exec", "--instance", "i-00000000000000000", "--", "true"])?;
    let said = String::from_utf8_lossy(&other.stderr).into_owned();
    ensure!(other.status.code() == Some(1) && said.contains(&ours[0]), "{said}");
    std::fs::remove_file(cli)?;
    Ok(())
}

/// The group's instances, as the cloud shows them.
async fn serving(stage: &Stage, group: &str) -> Result<Vec<String>> {
    let params = [("AutoScalingGroupNames.member.1", group)];
    let call = ("autoscaling", "DescribeAutoScalingGroups");
    let answer = stage.harness.cloud.call(&stage.harness.account, call.0, call.1, &params).await?;
    let instances = answer.items("DescribeAutoScalingGroupsResult/AutoScalingGroups/*/Instances/*");
    Ok(instances.iter().filter_map(|instance| instance.text("InstanceId")).collect())
}
