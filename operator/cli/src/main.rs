//! `wpc`: the WordPressCluster operator and its command line in one binary; as `kubectl-wpc` a plugin of kubectl.

mod args;
mod commands;
mod drive;
mod logs;
mod manifest;
mod output;
mod price_lists;
mod progress;
mod session;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

/// A plan that would change something.
const CHANGES: u8 = 2;

fn main() -> ExitCode {
    // One crypto provider for Kubernetes and AWS.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // Clap's own code for a wrong command line is 2, which means changes here.
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    logs::init(&cli);
    let runtime = tokio::runtime::Runtime::new().expect("the system gives threads");
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Run(args) => commands::run::run(args, &cli.kube).await,
            Command::Crd => commands::crd::crd(),
            Command::Validate(args) => commands::validate::validate(args),
            Command::Plan(args) => commands::plan::plan(args).await,
            Command::Apply(args) => commands::apply::apply(args).await,
            Command::Destroy(args) => commands::destroy::destroy(args).await,
            Command::Status(args) => commands::status::status(args, &cli.kube).await,
            Command::Graph(args) => commands::graph::graph(args).await,
            Command::Bootstrap(args) => commands::bootstrap::bootstrap(&args),
            Command::Exec(args) => commands::exec::exec(args).await,
            Command::Wp(args) => commands::exec::wp(args).await,
            Command::Cost(args) => commands::cost::cost(args),
            Command::Preflight(args) => commands::preflight::preflight(args).await,
            Command::Prices(args) => commands::prices::prices(args).await,
            Command::IamPolicy(args) => commands::iam_policy::iam_policy(args).await,
        }
    });
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
