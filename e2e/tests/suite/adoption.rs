//! What the command line made, Kubernetes takes over when asked; until then it is not touched.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use wpc_api::annotations::ADOPT;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{CloudKind, Endpoints, tools};
use wpc_e2e::stage::{Stage, condition, sample};

use wpc_e2e::invariants::exactly_once;

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_of_the_command_line_is_adopted() -> Result<()> {
    let mut stage = Stage::with("adopt", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let namespace = stage.harness.namespace.clone();
    let mut manifest = sample("minimal.yaml")?;
    manifest["metadata"] = serde_json::json!({ "name": "gazette", "namespace": namespace });
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("gazette.json");
    std::fs::write(&file, manifest.to_string())?;
    let env = stage.harness.account.env(&Endpoints::only(stage.gateway.url()));
    let wpc = |args: &[&str]| -> Result<std::process::Output> {
        let mut command = Command::new(tools::wpc()?);
        command.args(args).arg("-f").arg(&file).args(["--cluster-id", &namespace]).envs(env.clone());
        tokio::task::block_in_place(|| command.output()).context("cannot run wpc")
    };
    let applied = wpc(&["apply", "--wait"])?;
    ensure!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let planned = wpc(&["plan"])?;
    ensure!(planned.status.code() == Some(0), "a plan right after: {}", String::from_utf8_lossy(&planned.stdout));

    let mark = stage.mark();
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    stage
        .until("gazette", "to see that another manages it", |object| {
            let stalled = condition(object, "Stalled").context("no condition")?;
            ensure!(stalled.status == "True" && stalled.reason == "ManagedElsewhere", "{stalled:?}");
            Ok(())
        })
        .await?;
    ensure!(stage.writes_since(mark).is_empty(), "written: {:?}", stage.writes_since(mark));

    stage.annotate("gazette", ADOPT, "true").await?;
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    let made: Vec<_> = stage.writes_since(mark).into_keys().filter(|action| action.starts_with("Create")).collect();
    ensure!(made.iter().all(|action| action.contains("Tags")), "made again: {made:?}");
    Ok(())
}
