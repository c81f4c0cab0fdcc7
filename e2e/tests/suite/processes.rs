//! What the harness starts ends with the process that started it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use kube::config::Kubeconfig;
use wpc_e2e::harness::{Process, eventually};

#[tokio::test]
async fn nothing_outlives_a_program_that_is_killed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    let mut demo = Process::spawn("demo", demo, &folder.path().join("demo.log"), None)?;
    let kubeconfig = eventually("the demo to print its kubeconfig", async || {
        demo.check()?;
        let output = demo.tail(100);
        let path = output.lines().find_map(|line| line.split_once("KUBECONFIG=")).context("it has not")?.1;
        Ok(PathBuf::from(path))
    })
    .await?;
    let config = Kubeconfig::read_from(&kubeconfig)?;
    let server = config.clusters[0].cluster.as_ref().and_then(|cluster| cluster.server.as_deref());
    let address = server.and_then(|url| url.strip_prefix("https://")).context("no server")?;
    tokio::net::TcpStream::connect(address).await.context("the API server listens")?;

    demo.kill9()?;
    eventually("the API server and its folder to go", async || {
        anyhow::ensure!(!kubeconfig.exists(), "the folder is there");
        anyhow::ensure!(tokio::net::TcpStream::connect(address).await.is_err(), "the API server listens");
        Ok(())
    })
    .await
}
