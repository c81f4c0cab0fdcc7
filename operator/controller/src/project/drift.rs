//! What drift is called: component, path, found and wanted; what was corrected, what is only reported, what is left.

use wpc_engine::{Change, Component, Contest, Hold, Outcome, Report, Verb};

use super::conditions::LONGEST_MESSAGE;
use super::{reason, verdict};
use crate::events::{Note, cut};

/// The longest difference where a message does not hold them all.
const LONGEST_DIFFERENCE: usize = 160;

/// What was found other than wanted, and corrected or left.
pub(super) fn found(report: &Report) -> Vec<String> {
    let of = |component: &Component| -> Vec<String> {
        let name = &component.key.name;
        let told = |change: &Change| named(name, change);
        let corrected = component.steps.iter().flat_map(|step| match step.verb {
            Verb::Create => vec![format!("{name}: was missing")],
            Verb::Delete => vec![format!("{name}: found and not wanted")],
            Verb::Update | Verb::Relabel => step.changes.iter().map(told).collect(),
        });
        let contested = match &component.outcome {
            Outcome::Contested(fields) => fields.iter().map(|contest| told(&contest.change)).collect(),
            _ => vec![],
        };
        corrected.chain(contested).chain(reported(component).map(told)).collect()
    };
    let mut all: Vec<_> = report.components.iter().flat_map(of).collect();
    all.dedup();
    all
}

/// One difference; that a thing is there or not is a change of the thing itself.
fn named(name: &str, change: &Change) -> String {
    match (change.path == name, change.from.as_str()) {
        (false, _) => format!("{name}: {change}"),
        (true, "absent") => format!("{name}: was missing"),
        (true, _) => format!("{name}: found and not wanted"),
    }
}

/// Whether a thing is not made again since drift is only to be reported.
pub(super) fn missing(component: &Component) -> bool {
    component.outcome == Outcome::Absent && reported(component).next().is_some()
}

/// What was done about drift: the least first.
pub(super) fn done(report: &Report) -> &'static str {
    let contests = |c: &Component| match &c.outcome {
        Outcome::Contested(fields) => Some(contested(fields)),
        _ => None,
    };
    let reported = report.components.iter().any(|c| reported(c).next().is_some()).then_some("Reported");
    report.components.iter().find_map(contests).or(reported).unwrap_or("Corrected")
}

/// The warning that fields are not written any more for a while.
pub(crate) fn contest(name: &str, fields: &[Contest]) -> Note {
    Note::warning(contested(fields), format!("{name}: {}", verdict::left(name, fields)))
}

/// Why fields are contested.
pub(super) fn contested(fields: &[Contest]) -> &'static str {
    fields.iter().find(|contest| contest.took).or(fields.first()).map_or("NotTaken", Contest::reason)
}

/// The differences that are left since they are only to be reported.
fn reported(component: &Component) -> impl Iterator<Item = &Change> {
    component.held.iter().filter(|(_, hold)| *hold == Hold::Reported).map(|(change, _)| change)
}

/// As many differences as fit into a message, and how many there are. The components' reasons name them all.
pub(super) fn differences(all: &[String]) -> String {
    let whole = all.join("; ");
    if whole.len() <= LONGEST_MESSAGE {
        return whole;
    }
    let mut text = format!("{} differences", all.len());
    for (index, one) in all.iter().enumerate() {
        let one = format!("{}{}", if index == 0 { ": " } else { "; " }, cut(one.clone(), LONGEST_DIFFERENCE));
        if text.len() + one.len() > LONGEST_MESSAGE - "; and 1000 more".len() {
            return format!("{text}; and {} more", all.len() - index);
        }
        text.push_str(&one);
    }
    text
}

/// Why a component is in its state, and how it differs from what is wanted where that is only to be reported.
pub(super) fn component_reason(component: &Component) -> String {
    let left: Vec<_> = reported(component).map(Change::to_string).collect();
    match (&component.outcome, reason(&component.outcome)) {
        (Outcome::Absent, _) if missing(component) => "missing, and driftPolicy is Report".to_owned(),
        (Outcome::Unclaimed, _) if !left.is_empty() => "not wanted, and driftPolicy is Report".to_owned(),
        (_, why) if why.is_empty() => left.join("; "),
        (_, why) => why,
    }
}
