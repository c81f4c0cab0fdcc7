use std::fmt;

use serde::Serialize;

use crate::{Action, Owner};

/// What kind of failure it was. One class has one meaning everywhere: condition, retry and event follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Class {
    /// Too many calls; later it works.
    Throttled,
    /// The cloud's own trouble, or the network's; the call had no effect.
    Transient,
    /// Sent, and the answer lost: it may have taken effect. Read before the next write.
    Unclear,
    /// Legal later, in the state the thing is in now.
    Busy,
    /// Others still hold the thing.
    Blocked,
    /// Credentials are missing, expired or do not permit the call.
    Denied,
    /// A quota of the account is used up.
    Quota,
    /// The cloud refuses the request as such.
    Invalid,
    /// Something of this name exists and is not ours.
    NotOurs,
}

impl Class {
    /// The reason for conditions, events and metrics: static, CamelCase.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Throttled => "Throttled",
            Self::Transient => "CloudUnavailable",
            Self::Unclear => "AnswerLost",
            Self::Busy => "Busy",
            Self::Blocked => "InUse",
            Self::Denied => "AccessDenied",
            Self::Quota => "QuotaExceeded",
            Self::Invalid => "InvalidRequest",
            Self::NotOurs => "NotOurs",
        }
    }

    /// Whether a person must act before it can work.
    pub const fn needs_person(self) -> bool {
        matches!(self, Self::Denied | Self::Quota | Self::Invalid | Self::NotOurs)
    }
}

/// A failed call: what kind of failure, in which action, what the cloud said.
///
/// The message never carries a secret: requests are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What kind of failure.
    pub class: Class,
    /// Static, CamelCase, for conditions, events and metrics.
    pub reason: &'static str,
    /// The action that failed, if it was one.
    pub action: Option<&'static str>,
    /// The cloud's own code: `InvalidVpcID.NotFound`.
    pub code: Option<String>,
    /// For people: the cause and, where known, the next step.
    pub message: String,
    /// The cloud's id of the request, for its support.
    pub request_id: Option<String>,
}

impl Fault {
    /// A fault of a class, with the class's own reason.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, reason: class.reason(), action: None, code: None, message: message.into(), request_id: None }
    }

    /// An answer that cannot be used: the call may have taken effect.
    pub fn unclear(action: Action, message: impl Into<String>) -> Self {
        Self::new(Class::Unclear, message).in_action(action)
    }

    /// A request that cannot be made, or that the cloud refuses as such.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Class::Invalid, message)
    }

    /// Something of this name exists and is not ours.
    pub fn not_ours(what: impl fmt::Display, owner: Option<&Owner>) -> Self {
        let reason = match owner {
            Some(Owner::Operator(_)) => "ManagedElsewhere",
            Some(Owner::Stranger(_)) | None => Class::NotOurs.reason(),
        };
        let whose = owner.map_or("carries no tag of ours".to_owned(), |owner| format!("belongs to {owner}"));
        let message = format!("{what} exists and {whose}; it was not touched. Rename or remove it, or adopt it");
        Self { reason, ..Self::new(Class::NotOurs, message) }
    }

    /// The same fault, with the action it happened in.
    #[must_use]
    pub fn in_action(mut self, action: Action) -> Self {
        self.action = Some(action.name);
        self
    }

    /// Whether the cloud's code is one of these.
    pub fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(action) = self.action {
            write!(f, "{action}: ")?;
        }
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}
