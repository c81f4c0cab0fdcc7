//! The one gate: every SDK call goes through here.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use wpc_blueprint::TAG_STACK;
use wpc_engine::{Access as Direction, Action, Class, Fault, Found, Id, Key, Kind, Standing};

use crate::Leave;
use crate::answer::bounded;
use crate::cloud::{Access, Cloud};
use crate::fault::{HttpStatus, fault};

impl Cloud {
    /// Makes a call: refuses writes where they are not allowed, keeps AWS's rates, counts, and translates errors.
    pub(crate) async fn call<T, E, R>(
        &self,
        action: Action,
        request: impl Future<Output = Result<T, SdkError<E, R>>>,
    ) -> Result<T, Fault>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + HttpStatus + 'static,
    {
        self.gate.pass(action).await?;
        let request = Box::pin(bounded(request));
        let request = async { request.await.map_err(|error| fault(action, error)) };
        let answer = match self.leave(action)? {
            Some(leave) => {
                let unclear = |answer: &Result<T, Fault>| matches!(answer, Err(fault) if fault.class == Class::Unclear);
                let answer = leave.bound(request, unclear).await;
                answer.unwrap_or_else(|why| Err(Fault::unclear(action, why.to_string())))
            }
            None => request.await,
        };
        if action.access == Direction::Write {
            self.observer.wrote(&self.labels.stack.to_string());
        }
        self.gate.count(action, answer.as_ref().map_or_else(|fault| fault.reason, |_| "ok"));
        match &answer {
            Ok(_) => tracing::debug!(action = action.name, "called"),
            Err(fault) => tracing::debug!(action = action.name, %fault, "call failed"),
        }
        answer
    }

    /// The leave that a call needs, if it needs any.
    fn leave(&self, action: Action) -> Result<Option<Leave>, Fault> {
        let refused = || Fault::new(Class::Transient, "not allowed to write now").in_action(action);
        match (&self.access, action.access) {
            (_, Direction::Read) | (Access::ReadWrite, _) => Ok(None),
            (Access::ReadOnly, Direction::Write) => Err(refused()),
            (Access::While(leading), Direction::Write) => leading().map(Some).ok_or_else(refused),
        }
    }

    /// A list that all stacks of the account and region share. `question` names the call and its parameters.
    pub(crate) async fn shared<T: Send + Sync + 'static>(
        &self,
        question: impl Into<String>,
        fetch: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Arc<T>, Fault> {
        self.observer.shared(&self.labels.stack.to_string(), question, fetch).await
    }

    /// A name for a key's resource.
    pub(crate) fn name(&self, key: &Key, max: usize) -> String {
        self.labels.stack.name(key, max)
    }

    /// The client token of a key.
    pub(crate) fn token(&self, key: &Key) -> String {
        self.labels.stack.token(key)
    }

    /// The tags of a key's resource, as the service's own type.
    pub(crate) fn tags<T>(&self, key: &Key, tag: impl Fn(String, String) -> T) -> Vec<T> {
        self.labels.of(key).into_iter().map(|(name, value)| tag(name, value)).collect()
    }

    /// Whether a thing's tags say that it is this stack's.
    pub(crate) fn is_mine(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(TAG_STACK) == Some(&self.labels.stack.to_string())
    }

    /// A listed thing, if its tags say that it is this stack's.
    pub(crate) fn listed<K: Kind>(&self, tags: &BTreeMap<String, String>, have: K::Observed) -> Option<Found<K>> {
        self.labels.listed(tags, have)
    }

    /// Those of a list that are this stack's. One that bears our tags and lacks what makes it known is a fault: taken
    /// for nothing, it would be made again, or left behind.
    pub(crate) fn ours<K: Kind>(
        &self,
        action: Action,
        all: impl Iterator<Item = (BTreeMap<String, String>, Option<K::Observed>)>,
    ) -> Result<Vec<Found<K>>, Fault> {
        let stack = self.labels.stack.to_string();
        let found = all.filter_map(|(tags, have)| match have {
            Some(have) => self.listed(&tags, have).map(Ok),
            None if tags.get(TAG_STACK) == Some(&stack) => Some(Err(unknown(action))),
            None => None,
        });
        found.collect()
    }

    /// A thing that was found by its key's name or id.
    pub(crate) fn at<K: Kind>(&self, key: &Key, tags: &BTreeMap<String, String>, have: K::Observed) -> Found<K> {
        self.labels.at(key, tags, have)
    }
}

/// Something of this stack's that cannot be told from others.
pub(crate) fn unknown(action: Action) -> Fault {
    Fault::new(Class::Transient, "the list shows something of this stack without what makes it known").in_action(action)
}

/// The id of what a create found under its own name: ours, or a fault.
pub(crate) fn claim<K: Kind>(action: Action, found: Option<Found<K>>) -> Result<Id, Fault> {
    match found {
        Some(Found { standing: Standing::Foreign(owner), have, .. }) => {
            Err(Fault::not_ours(format!("{} {}", K::NAME, K::id(&have)), Some(&owner)).in_action(action))
        }
        Some(Found { have, .. }) => Ok(K::id(&have)),
        // It exists and cannot be read: it is on its way in or out.
        None => {
            Err(Fault::new(Class::Busy, "the name is taken by something that is coming or going").in_action(action))
        }
    }
}

/// Turns "it is not there" into an answer.
pub(crate) fn absent<T>(answer: Result<T, Fault>, codes: &[&str]) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(fault) if fault.is(codes) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A delete of what is gone has succeeded.
pub(crate) fn gone<T>(answer: Result<T, Fault>, codes: &[&str]) -> Result<(), Fault> {
    absent(answer, codes).map(drop)
}
