//! The binary as people and programs meet it: samples, exit codes, messages.

mod contract;
mod samples;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Runs `wpc` with nothing in its environment: no account, no cluster, no home.
fn wpc(args: &[&str]) -> Output {
    wpc_with_input(args, "")
}

/// A run of `wpc` that is yet to start.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wpc"));
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The same, with something on standard input.
fn wpc_with_input(args: &[&str], input: &str) -> Output {
    let mut child = command(args).stdin(Stdio::piped()).spawn().expect("wpc starts");
    // It may end without having read.
    let _ = child.stdin.take().expect("standard input is piped").write_all(input.as_bytes());
    child.wait_with_output().expect("wpc ends")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("wpc writes UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("wpc writes UTF-8")
}

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The minimal sample, as a path that arguments take.
fn minimal() -> String {
    repository("config/samples/minimal.yaml").display().to_string()
}
