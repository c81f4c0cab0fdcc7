//! `make soak`: twenty sites under faults, at AWS's rates, with the operator killed every minute.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use wpc_e2e::soak::{Options, run};

/// Makes, edits and deletes sites for an hour while calls fail and operators die; at its end everything is as wanted,
/// and, deleted, leaves nothing behind.
#[derive(Debug, Parser)]
#[command(name = "soak")]
struct Args {
    /// Five minutes.
    #[arg(long)]
    short: bool,
    /// Repeats what was done before with this seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Sites at a time.
    #[arg(long, default_value_t = 20)]
    sites: usize,
    /// The share of calls that a fault strikes.
    #[arg(long, default_value_t = 0.05)]
    faults: f64,
    /// Seconds that a minute of AWS lasts.
    #[arg(long, default_value_t = 0.2)]
    minute: f64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let seconds = |short, long| Duration::from_secs(if args.short { short } else { long });
    let options = Options {
        seed: args.seed.unwrap_or_else(rand::random),
        storm: seconds(5 * 60, 60 * 60),
        calm: seconds(60, 10 * 60),
        sites: args.sites,
        faults: args.faults,
        beat: Duration::from_millis(if args.short { 1_500 } else { 6_000 }),
        minute: Duration::try_from_secs_f64(args.minute).unwrap_or(Duration::from_millis(200)),
        kill_every: Duration::from_secs(60),
    };
    println!("seed {}", options.seed);
    match run(&options).await {
        Ok(report) => {
            println!("\n{report}\nheld");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let short = if args.short { "--short " } else { "" };
            eprintln!("\nFAILED: {error:#}\nagain: make soak ARGS='{short}--seed {}'", options.seed);
            ExitCode::FAILURE
        }
    }
}
