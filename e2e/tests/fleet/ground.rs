//! What the fleet stands on: the root, the lock, the network; and why a machine has none of it.

use std::fs::File;
use std::io::Read;
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use wpc_e2e::harness::tools::own;

/// The host's address on the bridge: there are AWS, the artifacts and the metadata.
pub const HOST: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// One fleet at a time: its addresses are fixed, as the root's /etc/hosts has them.
const LOCK: &str = "/run/lock/wpc-fleet.lock";

/// The root of the instances, a folder for this run, and the network.
pub struct Ground {
    built: PathBuf,
    scratch: TempDir,
    next: Mutex<u8>,
    /// Takes everything down when its standard input closes: the kernel sees to that however this process ends.
    _watchdog: Child,
}

impl Ground {
    /// Says why this machine cannot run a fleet, where it cannot.
    pub fn missing() -> Option<String> {
        if !rustix::process::geteuid().is_root() {
            return Some("namespaces and mounts need root".into());
        }
        let probe = "set -e; command -v ip unshare nsenter findmnt >/dev/null || { echo iproute2 or util-linux is missing; exit 1; }
            group=$(findmnt -nt cgroup2 -o TARGET | head -1)
            [ -n \"$group\" ] && mkdir -p \"$group/wpc-fleet\" || { echo control groups, version 2, are not mounted or not ours; exit 1; }
            folder=$(mktemp -d /tmp/wpc-probe-XXXXXX); trap 'rm -rf $folder' EXIT; mkdir $folder/l $folder/u $folder/w $folder/m
            unshare --mount --pid --fork --uts --ipc --cgroup mount -t overlay o -o lowerdir=$folder/l,upperdir=$folder/u,workdir=$folder/w $folder/m ||
                { echo no namespaces, or no overlay over /tmp; exit 1; }";
        if let Err(error) = shell(probe) {
            return Some(format!("{error:#}"));
        }
        build().err().map(|error| format!("{error:#}"))
    }

    /// Takes the lock, removes what a killed run has left, and makes the network.
    pub fn new() -> Result<Self> {
        let built = build()?;
        let lock = File::options().create(true).append(true).open(LOCK).context(LOCK)?;
        if lock.try_lock().is_err() {
            println!("fleet: another one is up, this one waits for its end");
            lock.lock()?;
        }
        network(&["down"])?;
        // The lock is the watchdog's as well: nobody begins while it takes down.
        let watchdog = Command::new("sh")
            .args(["-c", "cat >/dev/null; exec \"$0\" down"])
            .arg(own("fleet/network.sh"))
            .stdin(Stdio::piped())
            .stdout(lock)
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let scratch = tempfile::Builder::new().prefix("wpc-fleet-").tempdir_in("/tmp")?;
        network(&["up"])?;
        Ok(Self { built, scratch, next: Mutex::new(20), _watchdog: watchdog })
    }

    /// A file of what `root.sh` built.
    pub fn built(&self, path: &str) -> PathBuf {
        self.built.join(path)
    }

    /// A folder of this run.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.scratch.path().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A place in the network for the instance of this name.
    pub fn place(&self, name: &str) -> Result<Ipv4Addr> {
        let last = match name {
            "front" => 10,
            "db" => 14,
            "db2" => 15,
            "cache" => 16,
            "replica" => 17,
            "memcached" => 18,
            _ => {
                let mut next = self.next.lock().expect("nobody panics with it");
                *next += 1;
                *next
            }
        };
        let address = Ipv4Addr::new(10, 77, 0, last);
        network(&["add", name, &address.to_string()])?;
        Ok(address)
    }
}

/// The folder of what the instances boot from, built where it is not there.
pub fn build() -> Result<PathBuf> {
    let mut child = Command::new(own("fleet/root.sh"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("e2e/fleet/root.sh")?;
    let mut folder = String::new();
    child.stdout.take().context("no output")?.read_to_string(&mut folder)?;
    ensure!(child.wait()?.success(), "the root of the instances cannot be built: e2e/fleet/root.sh says why");
    Ok(Path::new(folder.trim()).to_owned())
}

fn network(arguments: &[&str]) -> Result<()> {
    let output = Command::new(own("fleet/network.sh")).args(arguments).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        bail!("network.sh {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn shell(script: &str) -> Result<()> {
    let output = Command::new("bash").args(["-c", script]).stdin(Stdio::null()).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim());
    Ok(())
}
