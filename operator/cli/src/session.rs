//! A session with an instance, by the AWS CLI: see "Start a session" in the AWS Systems Manager User Guide.

use std::io::{ErrorKind, Write};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Runs a command and sends what it prints, without a terminal.
const DOCUMENT: &str = "AWS-StartNonInteractiveCommand";

/// What to install.
const PLUGIN: &str =
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html";

/// With whom.
pub struct Session {
    /// The instance's id.
    pub instance: String,
    /// Its region.
    pub region: String,
    /// Credentials, where they are not those that the AWS CLI finds.
    pub variables: Vec<(&'static str, String)>,
}

impl Session {
    /// A shell, in this terminal.
    pub async fn shell(&self) -> Result<ExitCode> {
        eprintln!("a shell on {}", self.instance);
        let status = self.start(&[], Stdio::inherit())?.wait().await?;
        Ok(code(status.code().unwrap_or(1)))
    }

    /// A command: its output, both streams, to standard output; its exit code.
    pub async fn run(&self, command: &[String]) -> Result<ExitCode> {
        let marks = Marks::new();
        let parameters = json!({ "command": [marks.around(command)?] }).to_string();
        let arguments = ["--document-name", DOCUMENT, "--parameters", &parameters];
        let mut child = self.start(&arguments, Stdio::piped())?;
        let mut output = BufReader::new(child.stdout.take().context("no output")?);
        let mut reader = marks.reader();
        let mut line = vec![];
        while output.read_until(b'\n', &mut line).await? > 0 {
            std::io::stdout().write_all(&reader.line(&line))?;
            line.clear();
        }
        std::io::stdout().flush()?;
        let status = child.wait().await?;
        match reader.exit {
            Some(exit) => Ok(code(exit)),
            None => bail!("the session with {} ended before the command did ({status})", self.instance),
        }
    }

    fn start(&self, arguments: &[&str], output: Stdio) -> Result<Child> {
        // Ctrl-C is for the other end.
        tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
        let mut command = Command::new("aws");
        command.args(["ssm", "start-session", "--target", &self.instance, "--region", &self.region]);
        command.args(arguments).envs(self.variables.iter().cloned()).stdout(output);
        match command.spawn() {
            Ok(child) => Ok(child),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("there is no `aws`: install the AWS CLI, version 2, and its Session Manager plugin: {PLUGIN}")
            }
            Err(error) => Err(error).context("cannot run `aws`"),
        }
    }
}

/// An exit code as shells have them.
fn code(exit: i32) -> ExitCode {
    ExitCode::from(u8::try_from(exit).unwrap_or(1))
}

/// What stands before and after a command's output: a session prints lines of its own, and tells no exit code.
struct Marks {
    begin: String,
    end: String,
}

impl Marks {
    fn new() -> Self {
        let nonce = std::process::id();
        Self { begin: format!("wpc-begins-{nonce}"), end: format!("wpc-ended-{nonce}") }
    }

    /// A line for a shell: the command between the marks.
    fn around(&self, command: &[String]) -> Result<String> {
        let command = shlex::try_join(command.iter().map(String::as_str)).context("a zero byte is in no argument")?;
        let Self { begin, end } = self;
        Ok(format!("echo {begin}; {command}; printf '\\n{end} %s\\n' $?"))
    }

    fn reader(self) -> Reader {
        Reader { marks: self, inside: false, held: vec![], exit: None }
    }
}

/// Finds a command's own output among what a session prints.
struct Reader {
    marks: Marks,
    inside: bool,
    /// The last line's end, which may be the mark's.
    held: Vec<u8>,
    exit: Option<i32>,
}

impl Reader {
    /// What of a line, its end included, is the command's.
    fn line(&mut self, line: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\r', '\n']);
        if self.exit.is_some() {
            return vec![];
        }
        if !self.inside {
            self.inside = text == self.marks.begin;
            return vec![];
        }
        if let Some(exit) = text.strip_prefix(&self.marks.end) {
            self.exit = exit.trim().parse().ok();
            return vec![];
        }
        let body = line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n")).unwrap_or(line);
        let mut shown = std::mem::take(&mut self.held);
        shown.extend_from_slice(body);
        self.held = line[body.len()..].to_vec();
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a session prints, and what of it is shown.
    fn shown(printed: &str) -> (String, Option<i32>) {
        let mut reader = Marks { begin: "B".into(), end: "E".into() }.reader();
        let mut shown = vec![];
        for line in printed.split_inclusive('\n') {
            shown.extend(reader.line(line.as_bytes()));
        }
        (String::from_utf8(shown).unwrap(), reader.exit)
    }

    #[test]
    fn only_the_commands_own_output_is_shown() {
        let table = [
            ("\nStarting session with SessionId: s-1\nB\nhello\n\nE 0\n\n\nExiting session\n", "hello\n", Some(0)),
            ("B\nno end of line\nE 3\n", "no end of line", Some(3)),
            ("B\n\nE 0\n", "", Some(0)),
            ("B\r\none\r\ntwo\r\n\r\nE 7\r\n", "one\r\ntwo\r\n", Some(7)),
            ("Starting session\nB\nhalf", "half", None),
            ("An error occurred (TargetNotConnected)\n", "", None),
        ];
        for (printed, wanted, exit) in table {
            assert_eq!(shown(printed), (wanted.to_owned(), exit), "{printed:?}");
        }
    }

    #[test]
    fn a_shell_reads_each_argument_as_it_was_written() {
        let marks = Marks::new();
        let arguments = ["printf", "%s|", "a b", "$(reboot)", "it's", "", "é;"].map(String::from);
        let line = marks.around(&arguments).unwrap();
        let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
        let mut reader = marks.reader();
        let text: Vec<u8> =
            output.stdout.split_inclusive(|byte| *byte == b'\n').flat_map(|it| reader.line(it)).collect();
        assert_eq!((String::from_utf8(text).unwrap(), reader.exit), ("a b|$(reboot)|it's||é;|".to_owned(), Some(0)));
    }
}
