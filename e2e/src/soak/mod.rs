//! The soak: many sites for a long time, with faults of all sorts, AWS's rates, hands in the cloud and killed operators.
//!
//! What is done is drawn from a seed ([`script`]); what happens besides depends on the machine.

mod end;
mod memory;
mod report;
mod script;
mod stage;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::gateway::storm;
pub use memory::resident;
pub use report::Report;
use script::Script;
use stage::Stage;

/// How the soak runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is drawn.
    pub seed: u64,
    /// How long things are made, changed and removed under faults.
    pub storm: Duration,
    /// How long nothing but passes happens afterwards, in one operator's life.
    pub calm: Duration,
    /// How many sites live at a time.
    pub sites: usize,
    /// The share of calls that a fault strikes.
    pub faults: f64,
    /// How long a minute of AWS lasts.
    pub minute: Duration,
    /// How often something is done. At AWS's rates a site takes a minute to go: with more ends than that, those that are
    /// on their way pile up.
    pub beat: Duration,
    /// How often the replica that leads is killed.
    pub kill_every: Duration,
}

/// Reads lag by this: less than the operators doubt an empty list.
const LAG: u64 = 400;

/// Runs it, and says what was seen. An error is what did not hold.
pub async fn run(options: &Options) -> Result<Report> {
    let began = Instant::now();
    let mut stage = Stage::new(options).await.context("the stage")?;
    let mut report = Report::new(options.seed);
    let done = weather(options, &mut stage, &mut report).await;
    let done = match done {
        Ok(()) => end::all(options, &mut stage, &mut report).await,
        failed => failed,
    };
    report.took = began.elapsed();
    report.read(&stage.gateway.stats());
    match done.and_then(|()| report.judge()) {
        Ok(()) => Ok(report),
        Err(error) => Err(error.context(format!("seed {}:\n{report}", options.seed))),
    }
}

/// The storm: faults, edits, hands and kills.
async fn weather(options: &Options, stage: &mut Stage, report: &mut Report) -> Result<()> {
    let began = Instant::now();
    let bar = progress(options.storm);
    let mut script = Script::new(options.seed, options.sites);
    let (mut killed, mut told) = (Instant::now(), Instant::now());
    let mut beats = tokio::time::interval(options.beat);
    beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    stage.gateway.set_faults(storm(options.faults, options.seed, LAG));
    while began.elapsed() < options.storm {
        beats.tick().await;
        stage.alive()?;
        let act = script.next_act();
        let what = act.to_string();
        report.count(stage.play(act).await.with_context(|| format!("to {what}"))?);
        if killed.elapsed() >= options.kill_every && stage.kill_leader().await? {
            report.kills += 1;
            killed = Instant::now();
        }
        report.storm_memory.sample(stage.resident()?);
        bar.set_position(began.elapsed().as_secs());
        let line = report.line(&stage.gateway.stats());
        bar.set_message(line.clone());
        if bar.is_hidden() && told.elapsed() >= Duration::from_secs(15) {
            println!("{:>5} s  {line}", began.elapsed().as_secs());
            told = Instant::now();
        }
    }
    bar.finish();
    stage.gateway.set_faults(vec![]);
    Ok(())
}

fn progress(length: Duration) -> ProgressBar {
    let bar = ProgressBar::new(length.as_secs());
    match ProgressStyle::with_template("{elapsed_precise} {bar:30} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
