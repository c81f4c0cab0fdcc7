//! What happened, told as Kubernetes events.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event as KubeEvent, EventType, Recorder, Reporter};
use wpc_engine::{Event, Fault, Step, Verb};

/// The longest note that the API server takes is 1024 bytes.
const LONGEST_NOTE: usize = 1000;

/// Tells events about objects; failures to tell are logged, never passed on.
pub(crate) struct Events {
    recorder: Recorder,
}

/// One event to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) warning: bool,
    pub(crate) reason: String,
    pub(crate) action: String,
    pub(crate) text: String,
}

impl Events {
    pub(crate) fn new(client: Client) -> Self {
        let reporter = Reporter { controller: "wordpress-operator".into(), instance: std::env::var("POD_NAME").ok() };
        Self { recorder: Recorder::new(client, reporter) }
    }

    pub(crate) async fn tell(&self, about: &ObjectReference, note: Note) {
        let Note { warning, reason, action, text } = note;
        let type_ = if warning { EventType::Warning } else { EventType::Normal };
        let event = KubeEvent { type_, reason, note: Some(cut(text, LONGEST_NOTE)), action, secondary: None };
        if let Err(error) = self.recorder.publish(&event, about).await {
            tracing::warn!(%error, "an event was not taken");
        }
    }
}

impl Note {
    /// What a step did. Its component is part of the action, or the recorder would fold all steps into one.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let Event::Done { component, id, step } = event else { return None };
        let (reason, what) = match step.verb {
            Verb::Create => ("Created", "created".to_owned()),
            Verb::Update => ("Updated", format!("changed {}", changes(step))),
            Verb::Relabel => ("Updated", format!("wrote tags {}", changes(step))),
            Verb::Delete => ("Deleted", "deleting".to_owned()),
        };
        let text = format!("{component} ({id}): {what}");
        Some(Self { warning: false, reason: reason.into(), action: format!("{:?} {component}", step.verb), text })
    }

    pub(crate) fn fault(component: &str, fault: &Fault) -> Self {
        let text = format!("{component}: {fault}");
        Self { warning: true, reason: fault.reason.into(), action: format!("Reconcile {component}"), text }
    }

    pub(crate) fn warning(reason: &str, text: impl Into<String>) -> Self {
        Self { warning: true, reason: reason.into(), action: "Reconcile".into(), text: text.into() }
    }

    pub(crate) fn normal(reason: &str, action: &str, text: impl Into<String>) -> Self {
        Self { warning: false, reason: reason.into(), action: action.into(), text: text.into() }
    }
}

fn changes(step: &Step) -> String {
    let each = step.changes.iter().map(|change| format!("{}: {} -> {}", change.path, change.from, change.to));
    each.collect::<Vec<_>>().join("; ")
}

/// A text of at most so many bytes.
pub(crate) fn cut(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        let end = (0..=longest - 3).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("short".into(), 10), "short");
        assert_eq!(cut("a long text".into(), 8), "a lon...");
        assert_eq!(cut("ääääää".into(), 8), "ää...");
    }
}
