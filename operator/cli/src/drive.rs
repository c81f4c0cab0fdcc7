//! Passes over one stack until it is where it should be.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use wpc_blueprint::Stack;
use wpc_blueprint::refusal::refusal;
use wpc_controller::pass::Worker;
use wpc_engine::{Memory, Options, Outcome, Pace, Report, requeue};

use crate::args::Cluster;
use crate::progress::Progress;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Nothing is left to do.
    Settled,
    /// A pass could start nothing more.
    NothingToStart,
}

/// Set by Ctrl-C: finish the calls in flight, start no more.
static ASKED_TO_END: AtomicBool = AtomicBool::new(false);

/// Makes passes until the end, a fault that a person must mend, or the timeout.
pub async fn drive(
    what: &str,
    until: Until,
    timeout: Duration,
    done: impl Fn(&Report) -> bool,
    mut pass: impl AsyncFnMut(&mut Memory, &Options<'_>) -> Result<Report>,
) -> Result<Report> {
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            ASKED_TO_END.store(true, Ordering::SeqCst);
        }
    });
    let progress = Progress::new(what);
    let started = Instant::now();
    // Another process may have worked on the stack until a moment ago.
    let mut memory = Memory::inherited();
    let ended = || ASKED_TO_END.load(Ordering::SeqCst);
    let result = loop {
        let observer = |event| progress.event(event);
        let options = Options { observer: &observer, halted: &ended, ..Options::apply() };
        let report = pass(&mut memory, &options).await?;
        progress.pass(&report);
        if done(&report) || (until == Until::NothingToStart && !started_something(&report)) {
            break Ok(report);
        }
        if ended() {
            break Err(anyhow::anyhow!("interrupted; what was started goes on in AWS. Run the command again to go on"));
        }
        if let Some(trouble) = for_a_person(&report) {
            break Err(anyhow::anyhow!("{trouble}"));
        }
        let wait = requeue(&report, &mut memory, Pace::default());
        if started.elapsed() + wait > timeout {
            break Err(anyhow::anyhow!(
                "not done within {timeout:?}: {}. Run the command again to go on",
                waiting(&report)
            ));
        }
        tokio::time::sleep(wait).await;
    };
    progress.end();
    result
}

fn started_something(report: &Report) -> bool {
    let doubted = |outcome: &Outcome| matches!(outcome, Outcome::Doubted { .. });
    report.components.iter().any(|c| !c.steps.is_empty() || doubted(&c.outcome))
}

/// What only a person can mend, once everything else has come as far as it can.
fn for_a_person(report: &Report) -> Option<String> {
    let busy =
        |outcome: &Outcome| matches!(outcome, Outcome::Settling { .. } | Outcome::Doubted { .. } | Outcome::Deleting);
    if report.components.iter().any(|c| busy(&c.outcome) || !c.steps.is_empty()) {
        return None;
    }
    let faults = report.faults().filter(|(_, fault)| fault.class.needs_person());
    let faults = faults.map(|(name, fault)| format!("{name}: {fault}"));
    let contested = report.components.iter().filter(|c| matches!(c.outcome, Outcome::Contested(_)));
    let contested = contested.map(|c| format!("{}: {}", c.key.name, c.outcome.detail()));
    let all: Vec<_> = faults.chain(refused(report)).chain(contested).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// What the spec asks for and cannot be, with what to do instead.
pub fn refused(report: &Report) -> impl Iterator<Item = String> {
    report.components.iter().filter_map(|c| match &c.outcome {
        Outcome::Refused(changes) => Some(format!("{}: {}", c.key.name, refusal(changes).message)),
        _ => None,
    })
}

/// What is not done yet.
pub fn waiting(report: &Report) -> String {
    let open =
        report.components.iter().filter(|c| !matches!(c.outcome, Outcome::Ready | Outcome::Kept | Outcome::Gone));
    let open: Vec<_> = open.map(|c| format!("{} ({} {})", c.key.name, c.outcome.word(), c.outcome.detail())).collect();
    format!("waiting for {}", open.join(", "))
}

/// The account that the credentials lead to, under a role if one is given. Whose credentials they are may use it: there
/// is no list of allowed roles as the operator has one.
pub async fn account(region: &str, role: Option<&str>, stack: &Stack, cluster: &Cluster) -> Result<wpc_aws::Account> {
    let role = role.map(|arn| wpc_aws::Role::of(arn, stack));
    let accounts = wpc_aws::Accounts::default().bounded(cluster.permissions_boundary.clone());
    match accounts.open(region, role).await {
        Ok(account) => Ok(account),
        Err(fault) => bail!("{}: {fault}", fault.reason),
    }
}

/// Who the command line is to AWS.
pub fn worker(stack: Stack, adopt: bool, access: wpc_aws::Access) -> Worker {
    Worker { stack, operator: "cli".into(), adopt, access }
}
