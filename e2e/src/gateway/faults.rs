//! Faults by rule: what a call gets in place of an answer. A rule is data.

use std::sync::{PoisonError, RwLock};

use super::protocol::answer::Refusal;
use super::protocol::{Answer, Request};

/// Which calls fail, and how. Empty criteria match every call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// Signing name of the service.
    pub service: Option<String>,
    /// Action.
    pub action: Option<String>,
    /// A value that one of the request's parameters must have.
    pub value: Option<String>,
    /// What happens; without it the connection ends, and no answer comes.
    pub refusal: Option<Refused>,
}

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// AWS's error code.
    pub code: &'static str,
    /// AWS's message.
    pub message: String,
}

impl Fault {
    /// Nobody is there: connections end without an answer.
    pub fn away() -> Self {
        Self::default()
    }

    /// Every call is refused with this error.
    pub fn refuse(status: u16, code: &'static str, message: &str) -> Self {
        Self { refusal: Some(Refused { status, code, message: message.into() }), ..Self::default() }
    }

    /// Only this action, and only with this value among its parameters.
    #[must_use]
    pub fn only(mut self, action: &str, value: &str) -> Self {
        self.action = Some(action.into());
        self.value = Some(value.into());
        self
    }

    fn meets(&self, request: &Request) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        let holds = |value: &String| request.params.iter().any(|(_, found)| found == value.as_str());
        is(&self.service, &request.service)
            && is(&self.action, &request.action)
            && self.value.as_ref().is_none_or(holds)
    }
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults(RwLock<Vec<Fault>>);

impl Faults {
    /// From now on these, in place of those before.
    pub fn set(&self, faults: Vec<Fault>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// What the first fault that meets a call gives in place of an answer; `Some(None)` is no answer at all.
    pub fn strike(&self, request: &Request) -> Option<Option<Answer>> {
        let faults = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let fault = faults.iter().find(|fault| fault.meets(request))?;
        Some(fault.refusal.as_ref().map(|refused| {
            let refusal = Refusal::new(refused.status, refused.code, refused.message.clone());
            Answer::refusal(request, &refusal)
        }))
    }
}
