//! One operator, in this process: the same code as `wpc run`, on a runtime of its own that can be taken away from it.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use kube::Client;
use kube::client::ClientBuilder;
use kube::config::{KubeConfigOptions, Kubeconfig};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use wpc_aws::{Accounts, Login};

use crate::kubernetes::Halt;
use crate::wire::Wire;

/// What every incarnation of one operator shares.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The namespace that it works in; also its cluster id.
    pub namespace: String,
    /// The rights that the chart renders.
    pub kubeconfig: PathBuf,
    /// The AWS account.
    pub account: String,
    /// The gateway.
    pub url: String,
    /// How long an empty list is doubted.
    pub settle: Duration,
    /// The way to AWS.
    pub wire: Arc<Wire>,
}

/// An operator at work.
#[derive(Debug)]
pub struct Incarnation {
    runtime: Option<Runtime>,
    running: JoinHandle<Result<()>>,
    /// Its way to Kubernetes.
    pub halt: Halt,
}

impl Incarnation {
    /// Starts one.
    pub fn start(seat: &Seat, halt: Halt) -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("operator").enable_all().build()?;
        let running = runtime.spawn(run(seat.clone(), halt.clone()));
        Ok(Self { runtime: Some(runtime), running, halt })
    }

    /// Waits for it to end, which it does only in trouble of its own.
    pub async fn ended(&mut self) -> anyhow::Error {
        match (&mut self.running).await {
            Ok(Ok(())) => anyhow::Error::msg("the operator ended"),
            Ok(Err(error)) => error.context("the operator ended"),
            Err(error) => anyhow::Error::new(error).context("the operator panicked"),
        }
    }

    /// Takes its runtime away: nothing of it is polled again when this returns.
    pub async fn die(mut self) -> Result<()> {
        self.halt.halt();
        let Some(runtime) = self.runtime.take() else { return Ok(()) };
        tokio::task::spawn_blocking(|| runtime.shutdown_timeout(Duration::from_secs(60))).await?;
        if self.running.is_finished() {
            let ended = (&mut self.running).await;
            ensure!(!ended.is_err_and(|error| error.is_panic()), "the operator panicked");
        }
        Ok(())
    }
}

impl Drop for Incarnation {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn run(seat: Seat, halt: Halt) -> Result<()> {
    let kubeconfig = Kubeconfig::read_from(&seat.kubeconfig)?;
    let kubeconfig = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    let client: Client = ClientBuilder::try_from(kubeconfig)?.with_layer(&halt).build();
    let config = wpc_controller::Config {
        http_addr: (Ipv4Addr::LOCALHOST, 0).into(),
        namespaces: vec![seat.namespace.clone()],
        cluster_id: seat.namespace.clone(),
        settle: seat.settle,
        ..wpc_controller::Config::default()
    };
    let Seat { account, url, wire, settle, .. } = seat;
    let login = Login::of(move || wire.loader(&account, &url));
    // Shared within a pass, as everywhere; old before the settle window is over, as with the defaults.
    let accounts = Accounts::new(settle.mul_f64(0.4)).login(login);
    Ok(wpc_controller::run(client, config, accounts, std::future::pending()).await?)
}
