//! What AWS refuses and the emulators allow: one entry per rule, each decided on the cloud as clients see it.

mod cache;
mod compute;
mod database;
mod edge;
mod files;
pub mod holds;
mod network;

use anyhow::Result;

use super::engine::Engine;
use super::protocol::answer::Refusal;
use super::protocol::{Request, Tree};
use super::table;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// The kind that it protects.
    pub about: &'static str,
    /// Signing name of the service.
    pub service: &'static str,
    /// The actions it guards.
    pub actions: &'static [&'static str],
    /// HTTP status of the refusal.
    pub status: u16,
    /// AWS's error code.
    pub code: &'static str,
    /// When it refuses, for people.
    pub when: &'static str,
    /// What decides.
    pub check: Check,
    /// The AWS page it follows.
    pub page: &'static str,
}

/// What a rule decides on; a decision is the message of the refusal.
#[derive(Debug)]
pub enum Check {
    /// Each thing it sees.
    Seen(Look, fn(&Request, &Tree) -> Option<String>),
    /// Whether anything holds what a parameter names.
    Held {
        /// As what it is held, see [`holds::HOLDS`].
        what: &'static str,
        /// The parameter that names it.
        param: &'static str,
    },
}

/// What a rule looks at.
#[derive(Debug)]
pub struct Look {
    /// The kind.
    pub kind: &'static str,
    /// The request's parameter that names it; without it the rule does not apply.
    pub param: &'static str,
    /// The parameter to ask the list by; empty: all of the kind are looked at.
    pub ask: &'static str,
}

impl Look {
    /// At the thing that a parameter names.
    const fn one(kind: &'static str, param: &'static str, ask: &'static str) -> Self {
        Self { kind, param, ask }
    }

    /// At all of a kind, where the request has this parameter.
    const fn all(kind: &'static str, param: &'static str) -> Self {
        Self { kind, param, ask: "" }
    }
}

impl Rule {
    /// What rules leave out.
    const NONE: Self = Self {
        about: "",
        service: "",
        actions: &[],
        status: 400,
        code: "",
        when: "",
        check: Check::Held { what: "", param: "" },
        page: "",
    };

    /// As what it asks holders, if it does.
    pub fn held(&self) -> Option<&'static str> {
        match self.check {
            Check::Held { what, .. } => Some(what),
            Check::Seen(..) => None,
        }
    }
}

/// Every rule, in the order they are asked.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [network::RULES, database::RULES, cache::RULES, files::RULES, edge::RULES, compute::RULES].into_iter().flatten()
}

impl Engine {
    /// Why AWS refuses this call in the state that its things are in.
    pub(super) async fn refused(&self, request: &Request) -> Option<Refusal> {
        let guards = |rule: &&Rule| rule.service == request.service && rule.actions.contains(&request.action.as_str());
        for rule in rules().filter(guards) {
            match self.decide(rule, request).await {
                Ok(None) => {}
                Ok(Some(message)) => return Some(Refusal::new(rule.status, rule.code, message)),
                Err(error) => {
                    return Some(Refusal::new(503, "ServiceUnavailable", format!("gateway: {error:#}")));
                }
            }
        }
        None
    }

    async fn decide(&self, rule: &Rule, request: &Request) -> Result<Option<String>> {
        match &rule.check {
            Check::Seen(look, decide) => {
                let (Some(row), Some(id)) = (table::row(look.kind), request.params.get(look.param)) else {
                    return Ok(None);
                };
                let items = self.look(row, look.ask, row.plain(id), &request.scope).await?;
                Ok(items.iter().find_map(|item| decide(request, item)))
            }
            Check::Held { what, param } => {
                let Some(id) = request.params.get(param) else { return Ok(None) };
                let holder = self.holder(what, id, &request.scope).await?;
                Ok(holder.map(|holder| format!("{id} has a dependent object: {} {}", holder.kind, holder.id)))
            }
        }
    }
}

fn text(item: &Tree, path: &str) -> String {
    item.text(path).unwrap_or_default()
}

/// The message, unless the item has this value (or does not say).
fn unless(item: &Tree, path: &str, value: &str, message: impl Fn() -> String) -> Option<String> {
    item.text(path).filter(|found| found != value).map(|_| message())
}

#[cfg(test)]
mod tests;
