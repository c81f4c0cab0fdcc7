//! What a pass found, as status. Pure: the report, what the status said before, and the time.

mod areas;
mod conditions;
mod drift;
mod outputs;
mod preflight;
mod rollout;
#[cfg(test)]
mod tests;
mod verdict;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use wpc_api::v1alpha1::{Component, Estimate, Progress};
use wpc_api::{WordPressCluster, WordPressClusterStatus, annotations};
use wpc_blueprint::Assembly;
use wpc_engine::{Class, Fault, Outcome, Report};

use crate::events::cut;
use crate::pass::Stop;
use conditions::{Conditions, Truth};
use verdict::Verdict;

pub(crate) use drift::contest;
pub(crate) use preflight::{obstacle, preflight, untouched};

/// The longest reason of a component: a hundred of them fit into a status.
const LONGEST_REASON: usize = 240;

/// Whether the spec of this generation has been brought about, so that a difference from now on is drift.
pub fn converged(object: &WordPressCluster) -> bool {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let mut drift = conditions.filter(|condition| condition.type_ == DRIFT);
    drift.any(|condition| condition.observed_generation == object.metadata.generation)
}

const DRIFT: &str = "DriftDetected";

/// The status after a pass.
pub fn live(object: &WordPressCluster, assembly: &Assembly, report: &Report, now: Timestamp) -> WordPressClusterStatus {
    let before = object.status.clone().unwrap_or_default();
    let verdict = Verdict::of(report);
    let mut conditions = Conditions::new(&before.conditions, object.metadata.generation, now);
    verdict.set(&mut conditions);
    let drift = drift::found(report);
    match (drift.is_empty(), report.settled()) {
        (false, _) if converged(object) => {
            conditions.set(DRIFT, Truth::True, drift::done(report), drift::differences(&drift));
        }
        (_, true) => conditions.set(DRIFT, Truth::False, "NoDrift", "what was found is what is wanted"),
        _ => conditions.keep(DRIFT),
    }
    conditions.set("Paused", Truth::False, "NotPaused", "");
    conditions.keep(preflight::PREFLIGHT);
    areas::set(&mut conditions, &object.spec, assembly, report);
    let ready = report.components.iter().filter(|c| c.claimed && c.outcome == Outcome::Ready).count();
    let total = report.components.iter().filter(|c| c.claimed).count();
    let mut status = WordPressClusterStatus {
        observed_generation: object.metadata.generation,
        last_reconcile_request: requested(object),
        conditions: conditions.done(),
        progress: Some(Progress::new(ready as u32, total as u32)),
        components: components(report, &before.components, now),
        ..before.clone()
    };
    outputs::set(&mut status, &object.spec, assembly, &report.outputs);
    status.rollout = rollout::step(&object.spec, assembly, report);
    status
}

/// A status with what the spec costs; without, where a price is not known.
pub fn priced(status: WordPressClusterStatus, estimate: &wpc_blueprint::price::Estimate) -> WordPressClusterStatus {
    let estimate = estimate.monthly().map(|monthly| Estimate { monthly_usd: format!("{monthly:.2}") });
    WordPressClusterStatus { estimate, ..status }
}

/// The status while the stack is being removed.
pub fn leaving(object: &WordPressCluster, report: &Report, now: Timestamp) -> WordPressClusterStatus {
    let before = object.status.clone().unwrap_or_default();
    let verdict = Verdict::leaving(report);
    let mut conditions = Conditions::new(&before.conditions, object.metadata.generation, now);
    verdict.set(&mut conditions);
    WordPressClusterStatus {
        observed_generation: object.metadata.generation,
        last_reconcile_request: requested(object),
        conditions: conditions.done(),
        progress: None,
        components: components(report, &before.components, now),
        plan: None,
        ..before
    }
}

/// The status when there was no pass: what was known before stays.
pub fn stopped(object: &WordPressCluster, stop: &Stop, now: Timestamp) -> WordPressClusterStatus {
    match stop {
        Stop::Fault(fault) => told(object, Verdict::fault(fault), now),
        Stop::Impossible(why) => told(object, Verdict::stalled("InvalidSpec", why.to_string()), now),
    }
}

/// The status when the spec asks for what cannot be done; a person must act.
pub fn stalled(
    object: &WordPressCluster,
    reason: &'static str,
    message: String,
    now: Timestamp,
) -> WordPressClusterStatus {
    told(object, Verdict::stalled(reason, message), now)
}

fn told(object: &WordPressCluster, verdict: Verdict, now: Timestamp) -> WordPressClusterStatus {
    let before = object.status.clone().unwrap_or_default();
    let mut conditions = Conditions::new(&before.conditions, object.metadata.generation, now);
    verdict.set(&mut conditions);
    conditions.set("Paused", Truth::False, "NotPaused", "");
    conditions.keep_others();
    WordPressClusterStatus {
        observed_generation: object.metadata.generation,
        last_reconcile_request: requested(object),
        conditions: conditions.done(),
        ..before
    }
}

/// The status of an object that is paused: everything else stays as it was.
pub fn paused(object: &WordPressCluster, now: Timestamp) -> WordPressClusterStatus {
    let before = object.status.clone().unwrap_or_default();
    let mut conditions = Conditions::new(&before.conditions, object.metadata.generation, now);
    let message = match object.metadata.deletion_timestamp {
        Some(_) => "nothing is changed, nor deleted: set spec.paused to false",
        None => "nothing is changed while spec.paused is true",
    };
    conditions.set("Paused", Truth::True, "Paused", message);
    conditions.keep_others();
    WordPressClusterStatus {
        observed_generation: object.metadata.generation,
        last_reconcile_request: requested(object),
        conditions: conditions.done(),
        ..before
    }
}

/// Whether a person asks for a pass that none was made for yet.
pub(crate) fn asked(object: &WordPressCluster) -> bool {
    let seen = object.status.as_ref().and_then(|status| status.last_reconcile_request.as_ref());
    requested(object).is_some_and(|request| seen != Some(&request))
}

fn requested(object: &WordPressCluster) -> Option<String> {
    object.annotation(annotations::RECONCILE_AT).map(|request| cut(request.to_owned(), 256))
}

fn components(report: &Report, before: &[Component], now: Timestamp) -> Vec<Component> {
    let shown = report.components.iter().filter(|component| component.outcome != Outcome::Gone);
    shown
        .map(|component| {
            // What nobody claims may bear the name of what is wanted: its variant tells them apart.
            let name = if component.claimed { component.key.name.clone() } else { component.key.to_string() };
            let state = component.outcome.word().to_owned();
            let known = before.iter().find(|known| known.name == name && known.state == state);
            Component {
                since: known.and_then(|known| known.since.clone()).or(Some(Time(now))),
                kind: component.kind.to_owned(),
                id: component.id.as_ref().map(|id| id.0.clone()),
                reason: cut(drift::component_reason(component), LONGEST_REASON),
                state,
                name,
            }
        })
        .collect()
}

/// Why a component is in its state; empty where the state says it all.
fn reason(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(fault) => lasting(fault),
        other => other.detail(),
    }
}

/// A component's state for a sentence: why, or the state's own word.
fn detail(outcome: &Outcome) -> String {
    Some(reason(outcome)).filter(|text| !text.is_empty()).unwrap_or_else(|| outcome.word().to_owned())
}

/// A fault without what differs each time it happens: that would be a write of the status in every pass. The event and
/// the log name the request.
fn lasting(fault: &Fault) -> String {
    Fault { request_id: None, ..fault.clone() }.to_string()
}

/// Whether a fault leaves open how things are.
fn hides_the_truth(fault: &Fault) -> bool {
    matches!(fault.class, Class::Throttled | Class::Transient | Class::Unclear | Class::Denied)
}
