//! What each pass makes of the status, and how kstatus (so Helm, Argo CD and Flux) reads it.

mod drift;
mod faults;
mod plain;
mod size;
mod times;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use wpc_api::{WordPressCluster, WordPressClusterStatus};
use wpc_blueprint::{Assembly, Stack};
use wpc_engine::{Change, Component, Contest, Disruption, Hold, Id, Key, Outcome, Report, Verb};

use super::*;
use crate::pass;

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

fn early() -> Timestamp {
    at("2026-02-03T04:05:06Z")
}

fn late() -> Timestamp {
    at("2026-02-03T05:00:00Z")
}

/// The fixture's stack, as a plan that asks nobody sees it.
fn planned(object: &WordPressCluster) -> (Assembly, Report) {
    let stack = Stack::new("default", "press", "gazette");
    futures::executor::block_on(pass::offline(stack, &object.spec)).expect("the fixture can be built")
}

fn component(name: &str, outcome: Outcome) -> Component {
    Component {
        key: Key::of(name),
        kind: "test/thing",
        id: Some(Id(format!("id-of-{}", name.replace('/', "-")))),
        outcome,
        steps: vec![],
        held: vec![],
        claimed: true,
        age: Duration::ZERO,
    }
}

fn unclaimed(name: &str, outcome: Outcome) -> Component {
    Component { claimed: false, ..component(name, outcome) }
}

fn change(path: &str, from: &str, to: &str) -> Change {
    Change { path: path.into(), from: from.into(), to: to.into(), disruption: Disruption::None }
}

fn settling(reason: &'static str) -> Outcome {
    Outcome::Settling { reason, usable: false }
}

fn report(components: Vec<Component>) -> Report {
    Report { components, ..Report::default() }
}

/// The status after a pass over the fixture that found these things.
fn seen(components: Vec<Component>) -> WordPressClusterStatus {
    of(&WordPressCluster::fixture(), &report(components), early())
}

/// The status after a pass, checked for what holds of every status.
fn of(object: &WordPressCluster, report: &Report, now: Timestamp) -> WordPressClusterStatus {
    let (assembly, _) = planned(object);
    checked(object, |object, now| live(object, &assembly, report, now), now)
}

/// What holds of every status: it is legal for the API server, kstatus can read it, and the same pass says it again
/// later without a new write.
fn checked(
    object: &WordPressCluster,
    project: impl Fn(&WordPressCluster, Timestamp) -> WordPressClusterStatus,
    now: Timestamp,
) -> WordPressClusterStatus {
    let status = project(object, now);
    let types: BTreeSet<_> = status.conditions.iter().map(|condition| &condition.type_).collect();
    assert_eq!(types.len(), status.conditions.len(), "a condition twice");
    for condition in &status.conditions {
        assert!(condition.message.len() <= 512, "{condition:?}");
        assert!(!condition.reason.is_empty() && condition.reason.chars().all(|c| c.is_ascii_alphanumeric()));
        assert!(["True", "False", "Unknown"].contains(&condition.status.as_str()));
    }
    assert!(!(holds(&status, "Stalled") && holds(&status, "Reconciling")), "stalled and at work at once");
    assert_eq!(status.observed_generation, object.metadata.generation);
    let again = WordPressCluster { status: Some(status.clone()), ..object.clone() };
    assert_eq!(project(&again, late()), status, "the same pass writes again");
    status
}

fn find<'a>(status: &'a WordPressClusterStatus, name: &str) -> Option<&'a Condition> {
    status.conditions.iter().find(|condition| condition.type_ == name)
}

fn get<'a>(status: &'a WordPressClusterStatus, name: &str) -> &'a Condition {
    find(status, name).unwrap_or_else(|| panic!("no condition {name}"))
}

fn holds(status: &WordPressClusterStatus, name: &str) -> bool {
    find(status, name).is_some_and(|condition| condition.status == "True")
}

/// A condition in a word: `False/Progressing`.
fn word(status: &WordPressClusterStatus, name: &str) -> String {
    find(status, name).map_or("none".into(), |condition| format!("{}/{}", condition.status, condition.reason))
}

/// How kstatus reads it; its rules, in its order.
fn kstatus(object: &WordPressCluster, status: &WordPressClusterStatus) -> &'static str {
    if status.observed_generation != object.metadata.generation || holds(status, "Reconciling") {
        return "InProgress";
    }
    if holds(status, "Stalled") {
        return "Failed";
    }
    match find(status, "Ready") {
        Some(ready) if ready.status != "True" => "InProgress",
        _ => "Current",
    }
}

/// `Ready`, `Reconciling`, `Stalled` and kstatus in one line.
fn told_as(status: &WordPressClusterStatus) -> String {
    let [ready, reconciling, stalled] = ["Ready", "Reconciling", "Stalled"].map(|name| word(status, name));
    format!("{ready} {reconciling} {stalled} {}", kstatus(&WordPressCluster::fixture(), status))
}
