//! What AWS would refuse in a request.

use std::fmt;

use serde::Serialize;

use crate::gateway::protocol::Request;
use crate::gateway::protocol::params::shown;

/// Which kind of rule was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A string does not match.
    Pattern,
    /// A string is too short or too long.
    Length,
    /// A string is none of those there are.
    Enum,
    /// A number is too small or too large.
    Range,
    /// A member is missing.
    Required,
    /// A member, or the operation, does not exist.
    Unknown,
    /// A list is too short or too long, or not as long as it says.
    Size,
    /// A value is of another type.
    Type,
    /// A create's token is none of ours.
    Token,
    /// There is no model to check with.
    Model,
}

/// One thing that AWS would refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Signing name of the service.
    pub service: String,
    /// Action.
    pub action: String,
    /// Path of the member by the model's names; lists count from 1.
    pub member: String,
    /// Its value, masked where it is a secret.
    pub value: String,
    /// The kind of rule.
    pub class: Class,
    /// The rule.
    pub rule: String,
    /// Who called.
    pub client: String,
}

impl Violation {
    /// A violation of a request.
    pub fn new(request: &Request, class: Class, member: &str, value: &str, rule: impl Into<String>) -> Self {
        Self {
            service: request.service.clone(),
            action: request.action.clone(),
            member: member.into(),
            value: shown(member, value),
            class,
            rule: rule.into(),
            client: request.client.clone(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, action, member, value, class, rule, client } = self;
        write!(f, "{service}:{action} of {client}: {member} = {value:?}: {class:?}: {rule}")
    }
}
