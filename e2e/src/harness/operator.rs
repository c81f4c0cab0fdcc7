//! The operator's real binary, as a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::process::Process;
use super::wait::eventually;
use super::{ports, tools};

/// How to run the operator.
#[derive(Debug, Clone, Default)]
pub struct OperatorOptions {
    /// Whose rights it has.
    pub kubeconfig: PathBuf,
    /// Its environment: the account and the endpoints above all, and `WPC_*`.
    pub env: Vec<(String, String)>,
    /// More arguments of `wpc run`.
    pub args: Vec<String>,
}

impl OperatorOptions {
    /// The rights of this kubeconfig, and nothing else yet.
    pub fn new(kubeconfig: impl Into<PathBuf>) -> Self {
        Self { kubeconfig: kubeconfig.into(), ..Self::default() }
    }

    /// Adds to the environment.
    #[must_use]
    pub fn env(mut self, env: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env.extend(env);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.args.extend(args.into_iter().map(str::to_owned));
        self
    }
}

/// `wpc run`, started, and ended with this process at the latest.
///
/// # Guarantees
/// Dropped while it runs, it is killed, and its last lines are printed.
///
/// # Assumptions
/// The binary is built: `$WPC_BIN`, or `cargo build -p wpc` into the same target folder.
#[derive(Debug)]
pub struct Operator {
    options: OperatorOptions,
    port: u16,
    process: Process,
    folder: TempDir,
    name: String,
}

impl Operator {
    /// Starts it and waits until it answers `/readyz`.
    pub async fn start(options: OperatorOptions) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("wpc-operator-").tempdir()?;
        let port = ports::free()?;
        let name = format!("operator-{port}");
        let process = launch(&options, &name, port, folder.path())?;
        let mut operator = Self { options, port, process, folder, name };
        operator.ready().await?;
        Ok(operator)
    }

    /// Another replica: the same options, a name of its own.
    pub async fn replica(&self) -> Result<Self> {
        Self::start(self.options.clone()).await
    }

    /// Its Pod's name, and the client in the gateway's record. It keeps it over restarts, as a Pod does.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until it answers `/readyz`.
    pub async fn ready(&mut self) -> Result<()> {
        let url = self.url("/readyz");
        let http = reqwest::Client::new();
        eventually("the operator to be ready", async || {
            self.process.check()?;
            http.get(&url).send().await?.error_for_status()?;
            Ok(())
        })
        .await
        .with_context(|| format!("the operator's last lines:\n{}", self.process.tail(40)))
    }

    /// An address of its web server.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The text that it serves at `path`, such as `/metrics`.
    pub async fn get(&self, path: &str) -> Result<String> {
        Ok(reqwest::get(self.url(path)).await?.error_for_status()?.text().await?)
    }

    /// Kills it as a power cut would.
    pub fn kill9(&mut self) -> Result<()> {
        self.process.kill9()
    }

    /// Freezes it, as SIGSTOP does.
    pub fn freeze(&self) -> Result<()> {
        self.process.freeze()
    }

    /// Lets it go on after [`freeze`](Self::freeze).
    pub fn thaw(&self) -> Result<()> {
        self.process.thaw()
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        self.process.terminate(Duration::from_secs(60)).await
    }

    /// Kills it if it still runs, starts it again as it was, and waits until it is ready.
    pub async fn restart(&mut self) -> Result<()> {
        self.relaunch()?;
        self.ready().await
    }

    /// [`restart`](Self::restart) that does not wait: to be killed again in its first steps.
    pub fn relaunch(&mut self) -> Result<()> {
        self.process.kill9()?;
        self.process = launch(&self.options, &self.name, self.port, self.folder.path())?;
        Ok(())
    }

    /// Its process: id, output, exit.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl Drop for Operator {
    /// Unless it has ended well, its last lines are printed: test runners show them for what failed.
    fn drop(&mut self) {
        if !matches!(self.process.exited(), Ok(Some(status)) if status.success()) {
            eprintln!("--- the operator's last lines:\n{}\n---", self.process.tail(60));
        }
    }
}

fn launch(options: &OperatorOptions, name: &str, port: u16, folder: &Path) -> Result<Process> {
    let mut command = Command::new(tools::wpc()?);
    // Neither the person's AWS account nor their cluster must be within its reach.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("AWS_") || text.starts_with("WPC_") || text.starts_with("KUBE") {
            command.env_remove(name);
        }
    }
    command
        .arg("run")
        .args(&options.args)
        .env("KUBECONFIG", &options.kubeconfig)
        .env("WPC_HTTP_ADDR", format!("127.0.0.1:{port}"))
        .env("POD_NAME", name)
        .env("AWS_SDK_UA_APP_ID", name)
        .envs(options.env.iter().cloned());
    Process::spawn("wpc run", command, &folder.join("operator.log"), Some(folder))
}
