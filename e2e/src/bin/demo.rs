//! `make demo`: the operator at work, without a cluster and without an AWS account.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{CloudKind, tools};
use wpc_e2e::invariants::only_kept;
use wpc_e2e::stage::{Stage, sample, settled};

/// The object of the demo.
const NAME: &str = "gazette";

/// Starts a Kubernetes API server, an emulated AWS with AWS's own pace, and the operator; applies
/// config/samples/production.yaml and shows it becoming a site.
#[derive(Debug, Parser)]
#[command(name = "demo")]
struct Args {
    /// Delete it again once it is ready, check that nothing is left, and end.
    #[arg(long)]
    once: bool,
    /// Seconds that a minute of AWS lasts here.
    #[arg(long, default_value_t = 1.0)]
    minute: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    println!("Starting etcd, a Kubernetes API server, an emulated AWS and the operator ...");
    let minute = Duration::try_from_secs_f64(args.minute).context("--minute")?;
    let mut stage = Stage::with("demo", CloudKind::MiniStack, Profile::aws(minute), &[]).await?;
    let kubeconfig = stage.harness.control_plane.kubeconfig_path();
    let namespace = stage.harness.namespace.clone();
    println!("  Kubernetes  export KUBECONFIG={}", kubeconfig.display());
    println!("  AWS         export AWS_ENDPOINT_URL={}", stage.gateway.url());

    println!("\nkubectl apply -f config/samples/production.yaml (a minute of AWS lasts {} s here)", args.minute);
    stage.apply(NAME, sample("production.yaml")?).await?;
    let began = Instant::now();
    follow(&mut stage).await?;
    let calls = stage.gateway.calls().len();
    println!("\nReady after {:.0} s and {calls} AWS calls.\n", began.elapsed().as_secs_f64());
    tree(&kubeconfig, &namespace)?;

    if args.once {
        return end(&mut stage).await;
    }
    println!("\nTry, with the two exports above:");
    println!("  kubectl -n {namespace} get wpc {NAME} -w");
    println!(
        "  kubectl -n {namespace} patch wpc {NAME} --type merge -p '{{\"spec\":{{\"database\":{{\"readReplicas\":3}}}}}}'"
    );
    println!("  kubectl -n {namespace} get events");
    println!("  wpc status {NAME} -n {namespace} -w");
    println!("  kubectl -n {namespace} delete wpc {NAME}");
    println!("Ctrl-C ends the demo and removes everything.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// Prints each new progress until the object is settled.
async fn follow(stage: &mut Stage) -> Result<()> {
    let shown = std::cell::RefCell::new(String::new());
    let told = stage.until(NAME, "to be ready", |object| {
        let progress = object.status.as_ref().and_then(|status| status.progress.as_ref());
        let line = progress.map(|progress| progress.summary.clone()).unwrap_or_default();
        if !line.is_empty() && *shown.borrow() != line {
            println!("  {line} components are ready");
            *shown.borrow_mut() = line;
        }
        settled(object, object.metadata.generation)
    });
    told.await.map(drop)
}

fn tree(kubeconfig: &Path, namespace: &str) -> Result<()> {
    let shown = Command::new(tools::wpc()?)
        .args(["status", NAME, "--namespace", namespace])
        .env("KUBECONFIG", kubeconfig)
        .status()
        .context("cannot run wpc status")?;
    ensure!(shown.success(), "wpc status ended with {shown}");
    Ok(())
}

/// Deletes the object and checks that only what deletion keeps is left.
async fn end(stage: &mut Stage) -> Result<()> {
    println!("\nkubectl delete wpc {NAME}");
    stage.delete(NAME).await?;
    stage.gone(NAME).await?;
    let left = stage.inventory().await?;
    only_kept(&left)?;
    println!("Gone. Kept by deletionPolicy Snapshot:");
    left.0.iter().for_each(|item| println!("  {} {}", item.kind, item.id));
    ensure!(stage.operator.terminate().await?.success(), "the operator did not end well");
    Ok(())
}
