//! `make demo`: the operator at work, without a cluster and without an AWS account.

use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use wpc_e2e::gateway::{Gateway, Profile};
use wpc_e2e::harness::{Cloud, CloudKind, ControlPlane};

/// Seconds that a minute of AWS lasts here.
const MINUTE: Duration = Duration::from_secs(1);

/// Starts a Kubernetes API server, an emulated AWS and the gateway before it.
#[derive(Debug, Parser)]
#[command(name = "demo")]
struct Args {
    /// End by itself instead of waiting for Ctrl-C.
    #[arg(long)]
    once: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    println!("Starting etcd, a Kubernetes API server and an AWS cloud ...");
    let control_plane = ControlPlane::start().await?;
    let cloud = Cloud::start(CloudKind::MiniStack).await?;
    let gateway = Gateway::start(cloud.endpoints().gateway(Profile::aws(MINUTE))).await?;

    println!("  Kubernetes  export KUBECONFIG={}", control_plane.kubeconfig_path().display());
    println!("  AWS         export AWS_ENDPOINT_URL={}", gateway.url());
    if !args.once {
        println!("Ctrl-C ends it and removes everything.");
        tokio::signal::ctrl_c().await?;
    }
    Ok(())
}
