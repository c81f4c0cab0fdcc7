use wpc_api::Area;
use wpc_blueprint::certificate;
use wpc_blueprint::refusal::{Refusal, refusal};
use wpc_engine::{Component, Contest, Fault, Outcome, Report};

use super::conditions::{Conditions, Truth};
use super::drift::{contested, missing};
use super::{detail, hides_the_truth, lasting};

/// How many components a message names.
const NAMED: usize = 5;

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
        let current = trouble(report);
        if !report.ready() {
            return current
                .or_else(|| awaiting_dns(report).map(|why| Self::working("AwaitingDNS", why)))
                .unwrap_or_else(|| Self::working("Progressing", progress(report)));
        }
        // What is left to remove, and even trouble with it, takes nothing from the site.
        let ready = format!("all {} components are ready", report.components.iter().filter(|c| c.claimed).count());
        let going = current.or_else(|| (!report.settled()).then(|| Self::working("Removing", leftovers(report))));
        match going {
            Some(going) => Self { ready: Truth::True, message: format!("{ready}; {}", going.message), ..going },
            None => Self { ready: Truth::True, reason: "Ready", message: ready, working: false, stalled: false },
        }
    }

    /// After a pass over a stack that is being removed.
    pub(crate) fn leaving(report: &Report) -> Self {
        trouble(report).unwrap_or_else(|| Self::working("Deleting", leftovers(report)))
    }

    /// There was no pass, since AWS could not be asked.
    pub(crate) fn fault(fault: &Fault) -> Self {
        let stalled = fault.class.needs_person();
        Self {
            ready: if hides_the_truth(fault) { Truth::Unknown } else { Truth::False },
            reason: fault.reason,
            message: lasting(fault),
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
        let named = if ready == Truth::True { "Ready" } else { reason };
        conditions.set("Ready", ready, named, message.clone());
        let quiet = if stalled { "Stalled" } else { "Settled" };
        let (why, text) = if working { (reason, message.clone()) } else { (quiet, String::new()) };
        conditions.set("Reconciling", working.into(), why, text);
        let (why, text) = if stalled { (reason, message) } else { ("NotStalled", String::new()) };
        conditions.set("Stalled", stalled.into(), why, text);
    }
}

/// Everything is up that can be before somebody makes the records by which certificates are issued; says which.
fn awaiting_dns(report: &Report) -> Option<String> {
    let pending =
        |outcome: &Outcome| matches!(outcome, Outcome::Settling { reason, .. } if *reason == certificate::PENDING);
    let claimed = || report.components.iter().filter(|component| component.claimed);
    let certificates: Vec<_> = claimed().filter(|component| pending(&component.outcome)).collect();
    let waits = |component: &Component| match &component.outcome {
        Outcome::Waiting { on } => on.iter().all(|name| {
            let quiet =
                |outcome: &Outcome| pending(outcome) || matches!(outcome, Outcome::Ready | Outcome::Waiting { .. });
            claimed().any(|other| other.key.name == *name && quiet(&other.outcome))
        }),
        outcome => pending(outcome) || *outcome == Outcome::Ready,
    };
    if certificates.is_empty() || report.halted || !report.unlisted.is_empty() || !claimed().all(waits) {
        return None;
    }
    let zone = claimed().any(|component| Area::of_component(&component.key.name) == Some(Area::Dns));
    let what = match zone {
        true => "their validation records are in the hosted zone; DNS must lead to that zone",
        false => "make the records that status.dnsRecords lists",
    };
    let names: Vec<_> = certificates.iter().map(|component| component.key.name.as_str()).collect();
    Some(format!("ACM waits for the validation records of {}: {what}", names.join(" and ")))
}

/// The worst that happened: what a person must mend before what mends itself.
fn trouble(report: &Report) -> Option<Verdict> {
    let lists = report.unlisted.iter().map(|(kind, fault)| (2, named(kind, Verdict::fault(fault))));
    let components = report.components.iter().filter_map(|component| {
        let name = component.key.name.as_str();
        match &component.outcome {
            Outcome::Failed(fault) => Some((1, named(name, Verdict::fault(fault)))),
            Outcome::Refused(changes) => {
                let Refusal { reason, message } = refusal(changes);
                Some((0, named(name, Verdict::stalled(reason, message))))
            }
            Outcome::Contested(fields) => {
                Some((3, named(name, Verdict::stalled(contested(fields), left(name, fields)))))
            }
            Outcome::Absent if missing(component) => {
                let text =
                    "is missing, and driftPolicy Report leaves it so. Set driftPolicy to Correct to have it made again";
                Some((3, Verdict::stalled("Missing", format!("{name} {text}"))))
            }
            Outcome::Broken(message) => Some((4, named(name, Verdict::working("Broken", message.clone())))),
            _ => None,
        }
    });
    let all = lists.chain(components);
    all.min_by_key(|(rank, verdict)| (!verdict.stalled, *rank)).map(|(_, verdict)| verdict)
}

/// What became of fields that are not written any more for a while, and what to do.
pub(super) fn left(name: &str, fields: &[Contest]) -> String {
    let each: Vec<_> = fields.iter().map(Contest::to_string).collect();
    let what = match fields.iter().any(|contest| contest.took) {
        true => "Stop what changes it back",
        false => "Ask for what was found",
    };
    let paths: Vec<_> = fields.iter().map(|contest| format!("{name}.{}", contest.change.path)).collect();
    format!("{}. {what}, or list {} in spec.ignoreDrift", each.join("; "), paths.join(", "))
}

fn named(name: &str, verdict: Verdict) -> Verdict {
    Verdict { message: format!("{name}: {}", verdict.message), ..verdict }
}

fn progress(report: &Report) -> String {
    let claimed = || report.components.iter().filter(|c| c.claimed);
    let ready = claimed().filter(|c| c.outcome == Outcome::Ready).count();
    // What only waits for others says less than those.
    let waits = |c: &&Component| matches!(c.outcome, Outcome::Waiting { .. } | Outcome::Blocked { .. });
    let open: Vec<_> = claimed().filter(|c| c.outcome != Outcome::Ready).collect();
    let (waiting, busy): (Vec<_>, Vec<_>) = open.into_iter().partition(waits);
    let shown = if busy.is_empty() { waiting } else { busy };
    format!("{ready} of {} components are ready; waiting for {}", claimed().count(), list(&shown))
}

/// What is still going, and what it waits for.
fn leftovers(report: &Report) -> String {
    let going = report.components.iter().filter(|c| !c.claimed && !c.done());
    match going.collect::<Vec<_>>() {
        none if none.is_empty() => "making sure that nothing is left".to_owned(),
        going => format!("{} to remove: {}", going.len(), list(&going)),
    }
}

fn list(components: &[&Component]) -> String {
    let each = components.iter().take(NAMED).map(|c| format!("{} ({})", c.key.name, detail(&c.outcome)));
    let first = each.collect::<Vec<_>>().join(", ");
    match components.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
