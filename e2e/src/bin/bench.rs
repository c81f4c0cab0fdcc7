//! `make bench`: what README states of the operator's cost, measured. Ratios and counts matter; seconds depend on the
//! machine.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{CloudKind, eventually, tools};
use wpc_e2e::soak::resident;
use wpc_e2e::stage::{Stage, one_pass, sample};

#[tokio::main]
async fn main() -> Result<()> {
    let plan = offline_plan()?;
    let mut stage = Stage::with("bench", CloudKind::MiniStack, Profile::instant(), &["--resync", "5s"]).await?;

    let began = Instant::now();
    stage.apply("gazette", sample("production.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let ready = began.elapsed();
    let calls = stage.gateway.calls().len();
    let components = object.status.unwrap_or_default().components.len();

    let at_rest = calls_of_a_pass(&stage).await?;
    let memory = resident(stage.operator.process().id())? / 1024;

    stage.operator.kill9()?;
    let mark = stage.mark();
    let began = Instant::now();
    stage.operator.relaunch()?;
    eventually("the first call after a start", async || {
        ensure!(stage.mark() > mark, "none yet");
        Ok(())
    })
    .await?;
    let first = began.elapsed();
    stage.operator.terminate().await?;

    println!("| what, for config/samples/production.yaml ({components} components) | |");
    println!("|---|---|");
    println!("| AWS calls from apply to Ready, on an instant cloud | {calls} |");
    println!("| AWS calls of a pass at rest | {at_rest} |");
    println!("| from apply to Ready, on an instant cloud | {:.1} s |", ready.as_secs_f64());
    println!("| resident memory with this one cluster (debug build) | {memory} MiB |");
    println!("| from start of the process to its first AWS call | {:.2} s |", first.as_secs_f64());
    println!("| `wpc plan --offline` (debug build) | {:.2} s |", plan.as_secs_f64());
    Ok(())
}

/// The fastest of five.
fn offline_plan() -> Result<Duration> {
    let manifest = tools::own("../config/samples/production.yaml");
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        let plan =
            Command::new(tools::wpc()?).args(["plan", "--offline", "-o", "json", "-f"]).arg(&manifest).output()?;
        ensure!(plan.status.code() == Some(2), "the plan failed: {}", String::from_utf8_lossy(&plan.stderr));
        fastest = fastest.min(began.elapsed());
    }
    Ok(fastest)
}

/// How many calls a pass makes.
async fn calls_of_a_pass(stage: &Stage) -> Result<usize> {
    let mark = stage.mark();
    eventually("three passes at rest", async || {
        let calls = stage.calls_since(mark);
        Ok(one_pass(&calls).with_context(|| format!("{} calls so far", calls.len()))?.len())
    })
    .await
}
