//! What happened, told as Kubernetes events.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use wpc_engine::{Event, Step, Verb};

use crate::recorder::Recorder;

/// The longest note that the API server takes is 1024 bytes.
const LONGEST_NOTE: usize = 1000;

/// Tells events about objects; failures to tell are logged, never passed on.
pub(crate) struct Events {
    recorder: Recorder,
}

/// One event to tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Note {
    pub(crate) warning: bool,
    /// The component that it is about; none if it is about the object as a whole.
    pub(crate) component: Option<String>,
    pub(crate) reason: String,
    pub(crate) action: String,
    pub(crate) text: String,
}

/// What is wrong with an object, as far as it was told: by component, and of the object as a whole.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeMap<Option<String>, String>);

impl Told {
    /// Whether this is news; from now on it is none.
    fn news(&mut self, component: Option<&str>, what: &str) -> bool {
        self.0.insert(component.map(str::to_owned), what.to_owned()).is_none_or(|before| before != what)
    }

    /// Forgets what is over: should it come again, it is told again.
    pub(crate) fn keep(&mut self, lasts: impl Fn(Option<&str>) -> bool) {
        self.0.retain(|component, _| lasts(component.as_deref()));
    }
}

impl Events {
    pub(crate) fn new(client: Client) -> Self {
        Self { recorder: Recorder::new(client) }
    }

    pub(crate) async fn tell(&self, about: &ObjectReference, note: Note) {
        let note = Note { text: cut(note.text, LONGEST_NOTE), ..note };
        if let Err(error) = self.recorder.publish(about, note).await {
            tracing::warn!(%error, "an event was not taken");
        }
    }

    /// Forgets an object that is gone.
    pub(crate) fn forget(&self, uid: &str) {
        self.recorder.forget(uid);
    }

    /// Tells and logs what is wrong once, until it is something else: not in every pass.
    pub(crate) async fn warn(&self, about: &ObjectReference, told: &mut Told, what: &str, note: Note) {
        if told.news(note.component.as_deref(), what) {
            tracing::warn!(component = note.component, reason = note.reason, "{}", note.text);
            self.tell(about, note).await;
        }
    }
}

impl Note {
    /// What a step did.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let Event::Done { component, id, step } = event else { return None };
        let (reason, what) = match step.verb {
            Verb::Create => ("Created", "created".to_owned()),
            Verb::Update => ("Updated", format!("changed {}", changes(step))),
            Verb::Relabel => ("Updated", format!("wrote tags {}", changes(step))),
            Verb::Delete => ("Deleted", "deleting".to_owned()),
        };
        let text = format!("{component} ({id}): {what}");
        Some(Self::normal(reason, &format!("{:?}", step.verb), text).about(component))
    }

    pub(crate) fn warning(reason: &str, text: impl Into<String>) -> Self {
        Self { warning: true, ..Self::normal(reason, "Reconcile", text) }
    }

    pub(crate) fn normal(reason: &str, action: &str, text: impl Into<String>) -> Self {
        Self { warning: false, component: None, reason: reason.into(), action: action.into(), text: text.into() }
    }

    pub(crate) fn about(self, component: &str) -> Self {
        Self { component: Some(component.to_owned()), ..self }
    }
}

fn changes(step: &Step) -> String {
    let each = step.changes.iter().map(|change| format!("{}: {} -> {}", change.path, change.from, change.to));
    each.collect::<Vec<_>>().join("; ")
}

/// A text of at most so many bytes, also when it is written as JSON: the cloud's words may hold anything.
pub(crate) fn cut(text: String, longest: usize) -> String {
    let text = text.replace(char::is_control, " ");
    let weight = |c: char| c.len_utf8() + usize::from(matches!(c, '"' | '\\'));
    if text.chars().map(weight).sum::<usize>() <= longest {
        return text;
    }
    let mut room = longest - 3;
    let fits = |c: &char| room.checked_sub(weight(*c)).inspect(|left| room = *left).is_some();
    text.chars().take_while(fits).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("short".into(), 10), "short");
        assert_eq!(cut("a long text".into(), 8), "a lon...");
        assert_eq!(cut("ääääää".into(), 8), "ää...");
        assert_eq!(cut("a\u{1}b\nc".into(), 8), "a b c");
        assert_eq!(cut(r#""quoted""#.into(), 8), r#""quo..."#);
    }
}
