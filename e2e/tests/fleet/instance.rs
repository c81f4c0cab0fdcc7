//! An instance: systemd in namespaces of its own, over an overlay of the root.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::AsyncWriteExt;
use wpc_e2e::harness::tools::own;
use wpc_e2e::harness::{Process, eventually};

use super::ground::Ground;

/// Where cloud-init leaves user data, and what it said.
const USER_DATA: &str = "/var/lib/cloud/instance/scripts/part-001";
/// The log that the CloudWatch agent sends.
pub const BOOT_LOG: &str = "/var/log/cloud-init-output.log";

/// Where control groups of version 2 are mounted.
static CONTROL_GROUPS: LazyLock<String> = LazyLock::new(|| {
    let output = Command::new("findmnt").args(["-nt", "cgroup2", "-o", "TARGET"]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("/sys/fs/cgroup").to_owned()
});

/// A running instance. Dropped, it is gone as after a power cut.
pub struct Instance {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    folder: PathBuf,
    process: Process,
    init: u32,
}

/// What a script in an instance answered.
pub struct Said {
    /// Whether it ended well.
    pub ok: bool,
    /// Its output, both streams.
    pub text: String,
}

impl Instance {
    /// Boots one and waits until its units are up; the folders are mounted for uploads, and for those from before.
    pub async fn boot(ground: &Ground, name: &str, shared: &[&Path]) -> Result<Self> {
        let address = ground.place(name)?;
        let folder = ground.folder(name)?;
        let mut command = Command::new(own("fleet/instance.sh"));
        command.arg(name).arg(ground.built("root")).arg(&folder).args(shared);
        let mut process = Process::spawn(name, command, &folder.join("console.log"), None)?;
        let id = process.id();
        let init = eventually(&format!("{name} to have an init"), async || {
            process.check()?;
            let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
            let init: u32 = children.split_whitespace().next().context("no child yet")?.parse()?;
            let running = std::fs::read_to_string(format!("/proc/{init}/comm"))?;
            ensure!(running.trim() == "systemd", "{} runs", running.trim());
            Ok(init)
        })
        .await?;
        let instance = Self { name: name.into(), address, folder, process, init };
        eventually(&format!("the units of {name}"), async || {
            let state = instance.run("systemctl is-system-running").await?;
            ensure!(["running", "degraded"].contains(&state.text.trim()), "{}", state.text);
            Ok(())
        })
        .await?;
        Ok(instance)
    }

    /// Where it answers HTTP.
    pub fn url(&self) -> String {
        format!("http://{}:{}", self.address, super::site::PORT)
    }

    /// Runs a script in it, as root. The script comes through standard input: the process list shows arguments.
    pub async fn run(&self, script: &str) -> Result<Said> {
        run(self.init, script).await
    }

    /// Runs a script that must end well; answers what it printed.
    pub async fn must(&self, script: &str) -> Result<String> {
        let said = self.run(script).await?;
        ensure!(said.ok, "{}: {}", self.name, said.text);
        Ok(said.text)
    }

    /// Runs user data as cloud-init does: a unit of systemd, its output in the log.
    pub async fn user_data(&self, script: &str) -> Result<bool> {
        let path = self.path(USER_DATA);
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(&path, script)?;
        let run = format!(
            "chmod 700 {USER_DATA}; systemd-run --quiet --wait --collect --unit=cloud-final -p StandardOutput=append:{BOOT_LOG} -p StandardError=append:{BOOT_LOG} {USER_DATA}"
        );
        Ok(self.run(&run).await?.ok)
    }

    /// Runs user data that must end well.
    pub async fn becomes_web_server(&self, script: &str) -> Result<()> {
        if !self.user_data(script).await? {
            bail!("{} does not come up:\n{}", self.name, self.boot_log()?);
        }
        Ok(())
    }

    /// What user data said.
    pub fn boot_log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.path(BOOT_LOG))?)
    }

    /// A file of it, as it sees it, seen from here.
    pub fn path(&self, inside: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{inside}", self.init))
    }

    /// What it wrote over the root.
    pub fn written(&self) -> PathBuf {
        self.folder.join("upper")
    }

    /// Fails when it is not there any more.
    pub fn check(&mut self) -> Result<()> {
        self.process.check()
    }

    /// Takes its power away: nothing in it does anything more while the rest of it ends. A web server that outlives its
    /// PHP for a moment answers 502, which no lost machine does.
    pub async fn kill(&mut self) -> Result<()> {
        let group = PathBuf::from(CONTROL_GROUPS.as_str()).join("wpc-fleet").join(&self.name);
        std::fs::write(group.join("cgroup.freeze"), "1").context("cgroup.freeze")?;
        eventually(&format!("{} to stand still", self.name), async || {
            let events = std::fs::read_to_string(group.join("cgroup.events"))?;
            ensure!(events.contains("frozen 1"), "{events}");
            Ok(())
        })
        .await?;
        self.process.kill9()
    }

    /// A shell for those who outlive a borrow of it.
    pub fn init(&self) -> u32 {
        self.init
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // What it wrote is a hundred megabytes.
        let _ = self.process.kill9();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs a script in the namespaces of this init.
pub async fn run(init: u32, script: &str) -> Result<Said> {
    let mut child = tokio::process::Command::new("nsenter")
        .args(["-t", &init.to_string(), "-m", "-p", "-u", "-i", "-n", "-C", "-r", "-w"])
        .args(["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "/bin/bash", "-s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    // One command for bash, so that nothing in it reads the rest of the script.
    let script = format!("{{\n{script}\n}} </dev/null 2>&1\n");
    let mut input = child.stdin.take().context("no input")?;
    input.write_all(script.as_bytes()).await?;
    drop(input);
    let output = child.wait_with_output().await?;
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Ok(Said { ok: output.status.success(), text })
}
