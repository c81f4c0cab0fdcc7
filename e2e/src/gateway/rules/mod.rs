//! What AWS refuses and the emulators allow: one entry per rule, each decided on the cloud as clients see it.

mod cache;
mod cluster;
mod compute;
mod database;
mod edge;
mod files;
pub mod holds;
mod keep;
mod media;
mod memory;
mod names;
mod network;
mod secrets;

use anyhow::Result;

use super::engine::Engine;
use super::lifecycle::{self, Phase};
use super::protocol::answer::Refusal;
use super::protocol::{Request, Tree};
use super::table;

pub use memory::{Mark, Memory};

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
    /// The request alone.
    Asked(fn(&Request) -> Option<String>),
    /// Whether any of what it sees will do; the message where nothing does.
    Needs(Look, fn(&Tree) -> bool, &'static str),
    /// Whether anything holds what a parameter names.
    Held {
        /// As what it is held, see [`holds::HOLDS`].
        what: &'static str,
        /// The parameter that names it.
        param: &'static str,
    },
    /// Whether it was done to the thing not long ago: once, then not again for a while.
    Again {
        /// The thing.
        look: Look,
        /// Is it this kind of change?
        change: fn(&Request, &Tree) -> bool,
        /// For how long, in AWS seconds.
        secs: u32,
    },
    /// Whether what it sees names a thing that was made moments ago and that AWS has not told everyone of.
    New {
        /// What names it.
        look: Look,
        /// Where.
        path: &'static str,
        /// Of which kind it is.
        kind: &'static str,
    },
}

/// What a rule looks at.
#[derive(Debug)]
pub struct Look {
    /// The kind.
    pub kind: &'static str,
    /// The request's parameter that names it, `*.Name` at any depth, `key=Name` where it is the value of this key; without
    /// it the rule does not apply.
    pub param: &'static str,
    /// The parameter to ask the list by; empty: all of the kind are looked at.
    pub ask: &'static str,
    /// Another action that tells about it, and the path of what it tells.
    pub told: Option<(&'static str, &'static str)>,
    /// The request's other parameters that this action is asked by.
    pub beside: &'static [&'static str],
}

impl Look {
    /// At the thing that a parameter names.
    const fn one(kind: &'static str, param: &'static str, ask: &'static str) -> Self {
        Self { kind, param, ask, told: None, beside: &[] }
    }

    /// At what another action tells about it.
    const fn told(self, action: &'static str, items: &'static str) -> Self {
        Self { told: Some((action, items)), ..self }
    }

    /// Asked by other parameters too.
    const fn beside(self, beside: &'static [&'static str]) -> Self {
        Self { beside, ..self }
    }

    /// At all of a kind, where the request has this parameter.
    const fn all(kind: &'static str, param: &'static str) -> Self {
        Self { kind, param, ask: "", told: None, beside: &[] }
    }

    /// What the request names it by.
    fn named<'r>(&self, request: &'r Request) -> Option<&'r str> {
        if let Some(last) = self.param.strip_prefix("*.") {
            return request.params.find(last);
        }
        let Some((_, key)) = self.param.split_once("key=") else { return request.params.get(self.param) };
        let (name, _) = request.params.iter().find(|(_, value)| *value == key)?;
        request.params.get(&format!("{}.Value", name.strip_suffix(".Key")?))
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
            _ => None,
        }
    }
}

/// Every rule, in the order they are asked.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let all = [
        network::RULES,
        cluster::RULES,
        database::RULES,
        cache::RULES,
        files::RULES,
        edge::RULES,
        names::RULES,
        compute::RULES,
        media::RULES,
        secrets::RULES,
        keep::RULES,
    ];
    all.into_iter().flatten()
}

impl Engine {
    /// Why AWS refuses this call in the state that its things are in; else what is to be remembered if it succeeds.
    pub(super) async fn judge(&self, request: &Request) -> Result<Vec<Mark>, Refusal> {
        let mut marks = self.lingering(request).await;
        let guards = |rule: &&Rule| rule.service == request.service && rule.actions.contains(&request.action.as_str());
        for rule in rules().filter(guards) {
            match self.decide(rule, request, &mut marks).await {
                Ok(None) => {}
                Ok(Some(message)) => return Err(Refusal::new(rule.status, rule.code, message)),
                Err(error) => return Err(Refusal::new(503, "ServiceUnavailable", format!("gateway: {error:#}"))),
            }
        }
        Ok(marks)
    }

    async fn decide(&self, rule: &'static Rule, request: &Request, marks: &mut Vec<Mark>) -> Result<Option<String>> {
        match &rule.check {
            Check::Asked(decide) => Ok(decide(request)),
            Check::Seen(look, decide) => {
                Ok(self.seen(look, request).await?.iter().find_map(|item| decide(request, item)))
            }
            Check::Needs(look, will_do, message) => {
                let seen = self.seen(look, request).await?;
                let refused = look.named(request).is_some() && !seen.iter().any(will_do);
                Ok(refused.then(|| (*message).to_owned()))
            }
            Check::Held { what, param } => {
                let Some(id) = request.params.get(param) else { return Ok(None) };
                let holder = self.holder(what, id, &request.scope).await?;
                Ok(holder.map(|holder| format!("{id} has a dependent object: {} {}", holder.kind, holder.id)))
            }
            Check::Again { look, change, secs } => {
                let Some(row) = table::row(look.kind) else { return Ok(None) };
                for item in self.seen(look, request).await?.iter().filter(|item| change(request, item)) {
                    let key = lifecycle::key(row, &request.scope, &row.id_of(item).unwrap_or_default());
                    if self.memory.recalls(rule.when, &key, self.clock.now()) {
                        return Ok(Some(format!("{} was changed not long ago.", key.2)));
                    }
                    marks.push(Mark::Done { rule: rule.when, key, secs: *secs });
                }
                Ok(None)
            }
            Check::New { look, path, kind } => {
                let (Some(row), scope) = (table::row(kind), &request.scope) else { return Ok(None) };
                let named: Vec<String> =
                    self.seen(look, request).await?.iter().filter_map(|item| item.text(path)).collect();
                let new = |name: &&String| {
                    let key = lifecycle::key(row, &scope.home(row.service), name);
                    self.lifecycle.phase(&key, self.clock.now()) == Some(Phase::Creating)
                };
                Ok(named.iter().find(new).map(|name| {
                    format!(
                        "You must use a valid fully-formed launch template. Value ({name}) for parameter \
                         iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
                    )
                }))
            }
        }
    }

    async fn seen(&self, look: &Look, request: &Request) -> Result<Vec<Tree>> {
        let (Some(row), Some(id)) = (table::row(look.kind), look.named(request)) else { return Ok(Vec::new()) };
        let scope = &request.scope;
        let Some((action, items)) = look.told else {
            return self.look(row, look.ask, row.plain(id), scope).await;
        };
        let beside = look.beside.iter().filter_map(|name| Some((*name, request.params.get(name)?)));
        let params: Vec<_> = [(look.ask, id)].into_iter().chain(beside).collect();
        let request = Request::build(row.service, action, &params, &scope.home(row.service))?;
        let answer = self.upstreams.forward(&request).await?;
        // What is not there is for the cloud to refuse.
        let tree = answer.tree().filter(|_| answer.ok());
        Ok(tree.map(|tree| tree.items(items)).unwrap_or_default())
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
