use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config as KubeConfig};
use tokio::signal::unix::{SignalKind, signal};
use wpc_controller::Tenancy;

use crate::args::{Election, Kube, Run};
use crate::price_lists;

pub async fn run(args: Run, kube: &Kube) -> Result<ExitCode> {
    let client = client(kube).await?;
    let accounts = wpc_aws::Accounts::default().bounded(args.cluster.permissions_boundary);
    let config = wpc_controller::Config {
        http_addr: args.http_addr,
        namespaces: args.namespaces,
        cluster_id: args.cluster.cluster_id,
        tenancy: Tenancy { allowed: args.allow_roles.into_iter().collect(), require_role: args.require_role },
        resync: args.resync,
        concurrency: args.concurrency,
        settle: args.settle,
        prices: price_lists::read(&args.prices)?.into(),
        write_timeout: args.election.write_timeout,
        election: args.election.leader_elect.then(|| election(args.election)),
    };
    wpc_controller::run(client, config, accounts, asked_to_end()?).await?;
    Ok(ExitCode::SUCCESS)
}

fn election(args: Election) -> wpc_controller::Election {
    let pod = ["POD_NAME", "HOSTNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    wpc_controller::Election {
        namespace: args.lease_namespace,
        name: args.lease_name,
        identity: pod.unwrap_or_else(|| "wpc".to_owned()),
        duration: args.lease_duration,
        renew: args.lease_renew,
    }
}

/// A client by the kubeconfig, or by the Pod's own service account.
pub async fn client(kube: &Kube) -> Result<Client> {
    let mut config = match &kube.context {
        Some(context) => {
            let options = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
            KubeConfig::from_custom_kubeconfig(Kubeconfig::read()?, &options).await?
        }
        None => KubeConfig::infer().await.context("no kubeconfig and no service account; is KUBECONFIG right?")?,
    };
    // The client has no limits of its own. A watch is silent for up to five minutes.
    config.connect_timeout = Some(Duration::from_secs(10));
    config.read_timeout = Some(Duration::from_secs(330));
    config.write_timeout = Some(Duration::from_secs(30));
    Client::try_from(config).context("the kubeconfig cannot be used")
}

fn asked_to_end() -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    })
}
