//! A real Kubernetes API server with its etcd.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tempfile::TempDir;

use super::process::Process;
use super::wait::eventually;
use super::{Deed, audit, kubeconfig, ports, tools};

/// etcd and kube-apiserver on loopback, or the cluster that `WPC_E2E_KUBECONFIG` names.
///
/// # Guarantees
/// RBAC is on, tokens of ServiceAccounts are real, and both processes end with this one.
///
/// # Caveats
/// Of the controllers of a cluster none runs: a Deployment starts no Pod, a deleted namespace
/// stays Terminating, nobody collects garbage.
#[derive(Debug)]
pub struct ControlPlane {
    kubeconfig: Kubeconfig,
    // Dropped in this order: the API server before its store, the folder last.
    _processes: Vec<Process>,
    folder: TempDir,
}

impl ControlPlane {
    /// Starts the control plane and waits until the API server is ready.
    pub async fn start() -> Result<Self> {
        // Another part of the program may have installed it: any is fine.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::Builder::new().prefix("wpc-control-plane-").tempdir()?;
        let (kubeconfig, processes) = match std::env::var_os("WPC_E2E_KUBECONFIG") {
            Some(path) => (Kubeconfig::read_from(PathBuf::from(path))?, Vec::new()),
            None => launch(folder.path()).await?,
        };
        let plane = Self { kubeconfig, _processes: processes, folder };
        kubeconfig::write(&plane.kubeconfig, &plane.kubeconfig_path())?;
        Ok(plane)
    }

    /// A new client with every right.
    ///
    /// A client belongs to the runtime that made it, and each test has its own: do not share it.
    pub async fn client(&self) -> Result<Client> {
        client(&self.kubeconfig).await
    }

    /// The admin's kubeconfig file.
    pub fn kubeconfig_path(&self) -> PathBuf {
        self.folder.path().join("admin.kubeconfig")
    }

    /// Writes a kubeconfig that has the rights of a ServiceAccount, and no others.
    pub async fn kubeconfig_for_service_account(&self, namespace: &str, name: &str) -> Result<PathBuf> {
        let config = kubeconfig::as_service_account(&self.kubeconfig, self.client().await?, namespace, name).await?;
        let path = self.folder.path().join(format!("{namespace}.{name}.kubeconfig"));
        kubeconfig::write(&config, &path)?;
        Ok(path)
    }

    /// What a ServiceAccount has asked the API server for, allowed or not. Only a control plane that was started here
    /// keeps a log of it.
    pub fn deeds(&self, namespace: &str, name: &str) -> Result<BTreeSet<Deed>> {
        audit::deeds(&self.folder.path().join("audit.log"), &format!("system:serviceaccount:{namespace}:{name}"))
    }

    /// A new client with the rights of a kubeconfig file.
    pub async fn client_from(&self, path: &Path) -> Result<Client> {
        client(&Kubeconfig::read_from(path)?).await
    }
}

async fn client(kubeconfig: &Kubeconfig) -> Result<Client> {
    let config = Config::from_custom_kubeconfig(kubeconfig.clone(), &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}

async fn launch(folder: &Path) -> Result<(Kubeconfig, Vec<Process>)> {
    let store = format!("http://127.0.0.1:{}", ports::free()?);
    let mut etcd = start_etcd(folder, &store)?;
    let port = ports::free()?;
    let token = uuid::Uuid::new_v4().to_string();
    let mut api_server = start_api_server(folder, &store, port, &token)?;

    // The API server signs its own certificate, authority included, before it listens.
    let authority = folder.join("certificates").join("apiserver.crt");
    let kubeconfig = eventually("the API server", async || {
        etcd.check()?;
        api_server.check()?;
        anyhow::ensure!(authority.exists(), "it has no certificate yet");
        let kubeconfig = kubeconfig::with_token(&format!("https://127.0.0.1:{port}"), &authority, &token)?;
        let request = http::Request::get("/readyz").body(Vec::new())?;
        client(&kubeconfig).await?.request_text(request).await.context("it is not ready")?;
        Ok(kubeconfig)
    })
    .await?;
    Ok((kubeconfig, vec![api_server, etcd]))
}

fn start_etcd(folder: &Path, store: &str) -> Result<Process> {
    let peer = format!("http://127.0.0.1:{}", ports::free()?);
    let mut etcd = Command::new(tools::control_plane("etcd")?);
    etcd.arg("--data-dir").arg(folder.join("etcd")).args([
        "--listen-client-urls",
        store,
        "--advertise-client-urls",
        store,
        "--listen-peer-urls",
        &peer,
        "--initial-advertise-peer-urls",
        &peer,
        "--initial-cluster",
        &format!("default={peer}"),
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]);
    Process::spawn("etcd", etcd, &folder.join("etcd.log"), Some(folder))
}

fn start_api_server(folder: &Path, store: &str, port: u16, token: &str) -> Result<Process> {
    let tokens = folder.join("tokens.csv");
    std::fs::write(&tokens, format!("{token},admin,admin,system:masters\n"))?;
    let (private, public) = (folder.join("service-accounts.key"), folder.join("service-accounts.pub"));
    write_key_pair(&private, &public)?;

    let policy = folder.join("audit.yaml");
    std::fs::write(&policy, audit::POLICY)?;

    let mut api_server = Command::new(tools::control_plane("kube-apiserver")?);
    let with = |flag: &str, path: &Path| format!("--{flag}={}", path.display());
    api_server.args([
        format!("--etcd-servers={store}"),
        format!("--secure-port={port}"),
        with("cert-dir", &folder.join("certificates")),
        with("token-auth-file", &tokens),
        with("service-account-key-file", &public),
        with("service-account-signing-key-file", &private),
        with("audit-policy-file", &policy),
        with("audit-log-path", &folder.join("audit.log")),
    ]);
    api_server.args([
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=RBAC",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.96.0.0/16",
        // It waits for a "default" account that only a controller would make.
        "--disable-admission-plugins=ServiceAccount",
        "--profiling=false",
    ]);
    Process::spawn("kube-apiserver", api_server, &folder.join("kube-apiserver.log"), Some(folder))
}

/// A fresh key pair for the tokens of ServiceAccounts.
fn write_key_pair(private: &Path, public: &Path) -> Result<()> {
    let secret = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, secret.as_ref())?;
    std::fs::write(private, pem("PRIVATE KEY", secret.as_ref()))?;
    std::fs::write(public, pem("PUBLIC KEY", pair.public_key().as_der()?.as_ref()))?;
    Ok(())
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
