use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kube::Client;
use kube::runtime::controller::Action;
use tokio::time::Instant;
use wpc_api::annotations::Scope;
use wpc_aws::{Access, Accounts};
use wpc_engine::Memory;

use crate::Config;
use crate::events::{Events, Told};
use crate::leadership::{Leadership, Now, fenced};
use crate::metrics::Metrics;
use crate::trigger::Trigger;

/// What all passes share.
pub(crate) struct Context {
    /// Writes only as the leader.
    pub(crate) client: Client,
    pub(crate) config: Config,
    pub(crate) accounts: Accounts,
    pub(crate) events: Events,
    pub(crate) metrics: Metrics,
    /// The kube-system namespace's uid: who we are to other operators in the same account.
    pub(crate) operator: String,
    pub(crate) leadership: Arc<Leadership>,
    objects: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Hints>>>>,
}

/// What passes over one object leave each other. Losing it costs time, never correctness.
pub(crate) struct Hints {
    pub(crate) memory: Memory,
    /// Where the memory is from.
    scope: Option<Scope>,
    /// The spec that the last pass was made for.
    generation: Option<i64>,
    /// What the last pass was made for, and when the next is due unless that changes.
    pub(crate) last: Option<(Trigger, Instant)>,
    pub(crate) told: Told,
}

impl Default for Hints {
    fn default() -> Self {
        Self { memory: Memory::inherited(), scope: None, generation: None, last: None, told: Told::default() }
    }
}

impl Hints {
    /// The next passes work here. What another role was told a moment ago is not known under this one.
    pub(crate) fn work_in(&mut self, scope: &Scope) {
        if self.scope.as_ref() != Some(scope) {
            self.memory = Memory::inherited();
            self.scope = Some(scope.clone());
        }
    }

    /// The next passes are for this spec. Whoever edits it may switch a thing on and off as often as they like: what was
    /// written for another spec is no fight.
    pub(crate) fn work_for(&mut self, generation: Option<i64>) {
        if self.generation != generation {
            self.memory.try_again();
            self.generation = generation;
        }
    }
}

impl Context {
    pub(crate) fn new(client: Client, config: Config, accounts: Accounts, operator: String) -> Self {
        let leadership = Leadership::new(config.election.is_some(), config.write_timeout);
        let client = fenced(client, &leadership);
        let events = Events::new(client.clone());
        let metrics = Metrics::new(&accounts, &leadership);
        let objects = Mutex::default();
        Self { client, config, accounts, events, metrics, operator, leadership, objects }
    }

    /// An object's hints. Somebody else may have worked on its stack until a moment ago: another
    /// process, the command line, an object of the same name.
    pub(crate) fn hints(&self, uid: &str) -> Arc<tokio::sync::Mutex<Hints>> {
        let mut objects = self.objects.lock().expect("no panic while held");
        objects.entry(uid.to_owned()).or_insert_with(|| Arc::new(tokio::sync::Mutex::new(Hints::default()))).clone()
    }

    pub(crate) fn forget(&self, uid: &str) {
        self.objects.lock().expect("no panic while held").remove(uid);
        self.events.forget(uid);
    }

    /// How long an empty list is doubted: lists are shared, so what a pass sees may be older than the pass.
    pub(crate) fn settle(&self) -> Duration {
        self.config.settle + self.accounts.fresh()
    }

    /// What becomes of an object's turn while nothing may be done: a new leader looks at every object anyway.
    pub(crate) fn idle(&self) -> Option<Action> {
        match self.leadership.now() {
            Now::Act => None,
            Now::Pause => Some(Action::requeue(Duration::from_secs(1))),
            Now::Rest => Some(Action::await_change()),
        }
    }

    /// No new write may start, so a pass need not go on.
    pub(crate) fn halted(&self) -> bool {
        self.leadership.now() != Now::Act
    }

    pub(crate) fn access(&self) -> Access {
        let leadership = self.leadership.clone();
        Access::While(Arc::new(move || leadership.aws()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_role_begins_with_doubts() {
        let scope = |role: Option<&str>| Scope {
            account: "210987654321".into(),
            region: "eu-west-1".into(),
            role: role.map(Into::into),
            stack: "default/press/gazette".into(),
        };
        let certain = format!("{:?}", Memory::fresh());
        let mut hints = Hints::default();
        hints.work_in(&scope(None));
        assert_ne!(format!("{:?}", hints.memory), certain, "a new process doubts");
        hints.memory = Memory::fresh();
        hints.work_in(&scope(None));
        assert_eq!(format!("{:?}", hints.memory), certain, "nothing changed");
        hints.work_in(&scope(Some("arn:aws:iam::210987654321:role/press")));
        assert_ne!(format!("{:?}", hints.memory), certain, "another role");
    }
}
