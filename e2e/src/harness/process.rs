//! Child processes that never outlive us.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};

use super::wait::{Hopeless, eventually_within};

/// Ends the group `$1` and removes the folder `$2` when its standard input closes, which the
/// kernel sees to even when this process is killed with -9.
const WATCHDOG: &str = r#"cat >/dev/null; kill -9 "-$1" 2>/dev/null; [ -z "$2" ] || rm -rf "$2""#;

/// A running program, the leader of its own process group, with its output in a file.
///
/// # Guarantees
/// Dropping it kills the whole group, and so does the end of this process, whatever ends it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    watchdog: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with its output appended to `log`.
    ///
    /// `scratch`, where given, is a folder that goes with the program if this process cannot
    /// remove it itself.
    pub fn spawn(name: &str, mut command: Command, log: &Path, scratch: Option<&Path>) -> Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}: {}", command.get_program().to_string_lossy()))?;
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog", &child.id().to_string()])
            .arg(scratch.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start a watchdog: sh is missing")?;
        Ok(Self { name: name.to_owned(), child, watchdog, log: log.to_owned() })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, or None while it runs.
    pub fn exited(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Fails, with the last lines of its output, if it has ended.
    pub fn check(&mut self) -> Result<()> {
        match self.exited()? {
            None => Ok(()),
            Some(status) => {
                let lines = self.tail(40);
                Err(Hopeless(format!("{} ended with {status}; its last lines:\n{lines}", self.name)).into())
            }
        }
    }

    /// Kills it as a power cut would, and waits until it is gone.
    pub fn kill9(&mut self) -> Result<()> {
        if self.exited()?.is_none() {
            self.signal(Signal::KILL)?;
            self.child.wait()?;
        }
        Ok(())
    }

    /// Freezes it: it does nothing until it is thawed, and its clocks go on.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Asks it to end, and waits until it has.
    pub async fn terminate(&mut self, within: Duration) -> Result<ExitStatus> {
        if self.exited()?.is_none() {
            self.signal(Signal::TERM)?;
        }
        let name = self.name.clone();
        eventually_within(within, &format!("{name} to end"), async || {
            self.exited()?.with_context(|| format!("{} still runs", self.name))
        })
        .await
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The last lines of its output.
    pub fn tail(&self, lines: usize) -> String {
        let text = std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let text = text.unwrap_or_else(|error| format!("(no output: {error})"));
        let all: Vec<_> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no process id")?;
        kill_process_group(group, signal).with_context(|| format!("cannot signal {}", self.name))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A leader that has ended may have left others of its group behind.
        let _ = self.signal(Signal::KILL);
        let _ = self.child.wait();
        // The watchdog goes last, and by force: it would signal a group that is no longer ours.
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}
