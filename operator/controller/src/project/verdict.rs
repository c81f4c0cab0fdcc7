use wpc_engine::{Component, Fault, Outcome, Report};

use super::conditions::{Conditions, Truth};
use super::hides_the_truth;

/// What `Ready`, `Reconciling` and `Stalled` say; kstatus reads exactly these.
///
/// Stalled means that a person must act; then nothing is called reconciling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    ready: Truth,
    reason: &'static str,
    message: String,
    working: bool,
    stalled: bool,
}

impl Verdict {
    /// After a pass over a live stack.
    pub(crate) fn of(report: &Report) -> Self {
        let ready = report.ready();
        match trouble(report) {
            Some(trouble) => trouble,
            None if ready => {
                let count = report.components.iter().filter(|c| c.claimed).count();
                let message = match report.settled() {
                    true => format!("all {count} components are ready"),
                    false => format!("all {count} components are ready; {}", leftovers(report)),
                };
                let working = !report.settled();
                Self { ready: Truth::True, reason: "Ready", message, working, stalled: false }
            }
            None => Self::working("Progressing", progress(report)),
        }
    }

    /// After a pass over a stack that is being removed.
    pub(crate) fn leaving(report: &Report) -> Self {
        match trouble(report) {
            Some(trouble) => trouble,
            None => Self::working("Deleting", leftovers(report)),
        }
    }

    /// There was no pass, since AWS could not be asked.
    pub(crate) fn fault(fault: &Fault) -> Self {
        let stalled = fault.class.needs_person();
        Self {
            ready: if hides_the_truth(fault) { Truth::Unknown } else { Truth::False },
            reason: fault.reason,
            message: fault.to_string(),
            working: !stalled,
            stalled,
        }
    }

    /// There was no pass, since a person must act first.
    pub(crate) fn stalled(reason: &'static str, message: String) -> Self {
        Self { ready: Truth::False, reason, message, working: false, stalled: true }
    }

    fn working(reason: &'static str, message: String) -> Self {
        Self { ready: Truth::False, reason, message, working: true, stalled: false }
    }

    pub(crate) fn set(self, conditions: &mut Conditions<'_>) {
        let Self { ready, reason, message, working, stalled } = self;
        conditions.set("Ready", ready, reason, message.clone());
        let quiet = if stalled { "Stalled" } else { "Settled" };
        let (why, text) = if working { (reason, message.clone()) } else { (quiet, String::new()) };
        conditions.set("Reconciling", working.into(), why, text);
        let (why, text) = if stalled { (reason, message) } else { ("NotStalled", String::new()) };
        conditions.set("Stalled", stalled.into(), why, text);
    }
}

/// The worst that happened: what a person must mend before what mends itself.
fn trouble(report: &Report) -> Option<Verdict> {
    let lists = report.unlisted.iter().map(|(kind, fault)| (2, named(kind, Verdict::fault(fault))));
    let components = report.components.iter().filter_map(|component| {
        let name = component.key.name.as_str();
        match &component.outcome {
            Outcome::Failed(fault) => Some((1, named(name, Verdict::fault(fault)))),
            Outcome::Refused(_) => Some((0, named(name, refused(component)))),
            Outcome::Broken(message) => Some((3, named(name, Verdict::working("Broken", message.clone())))),
            _ => None,
        }
    });
    let all = lists.chain(components);
    all.min_by_key(|(rank, verdict)| (!verdict.stalled, *rank)).map(|(_, verdict)| verdict)
}

fn refused(component: &Component) -> Verdict {
    let message = format!(
        "{} cannot be changed while its data lives. Write the old value back, or move the data to a new WordPressCluster",
        component.outcome.detail()
    );
    Verdict::stalled("ChangeRefused", message)
}

fn named(name: &str, verdict: Verdict) -> Verdict {
    Verdict { message: format!("{name}: {}", verdict.message), ..verdict }
}

fn progress(report: &Report) -> String {
    let claimed = || report.components.iter().filter(|c| c.claimed);
    let ready = claimed().filter(|c| c.outcome == Outcome::Ready).count();
    let busy = claimed().filter(|c| matches!(c.outcome, Outcome::Settling { .. } | Outcome::Doubted { .. }));
    let busy: Vec<_> = busy.map(|c| format!("{} ({})", c.key.name, c.outcome.detail())).collect();
    let first = busy.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    let more = busy.len().saturating_sub(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{ready} of {} components are ready; waiting for {first}{more}", claimed().count())
}

/// What is still going, and what it waits for.
fn leftovers(report: &Report) -> String {
    let going = report.components.iter().filter(|c| !c.claimed && !matches!(c.outcome, Outcome::Gone | Outcome::Kept));
    let going: Vec<_> = going
        .map(|c| match c.outcome.detail() {
            detail if detail.is_empty() => format!("{} ({})", c.key.name, c.outcome.word()),
            detail => format!("{} ({detail})", c.key.name),
        })
        .collect();
    let first = going.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    format!("{} to remove: {first}", going.len())
}
