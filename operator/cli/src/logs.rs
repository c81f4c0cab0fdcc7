use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command, LogFormat};

/// Logs go to standard error; results go to standard output.
pub fn init(cli: &Cli) {
    let (format, quiet) = match &cli.command {
        Command::Run(run) => (run.log_format, "info"),
        _ => (LogFormat::Text, "error"),
    };
    let ours = match cli.verbose {
        0 => quiet,
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let default = || EnvFilter::new(format!("warn,wpc={ours},wpc_controller={ours},wpc_aws={ours},wpc_engine={ours}"));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| default());
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Text => logs.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}
