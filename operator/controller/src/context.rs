use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use kube::Client;
use tokio::time::Instant;
use wpc_aws::{Access, Accounts};
use wpc_engine::Memory;

use crate::Config;
use crate::events::{Events, Told};
use crate::metrics::Metrics;
use crate::trigger::Trigger;

/// What all passes share.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) config: Config,
    pub(crate) accounts: Accounts,
    pub(crate) events: Events,
    pub(crate) metrics: Metrics,
    /// The kube-system namespace's uid: who we are to other operators in the same account.
    pub(crate) operator: String,
    ending: Arc<AtomicBool>,
    objects: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Hints>>>>,
}

/// What passes over one object leave each other. Losing it costs time, never correctness.
pub(crate) struct Hints {
    pub(crate) memory: Memory,
    /// What the last pass was made for, and when the next is due unless that changes.
    pub(crate) last: Option<(Trigger, Instant)>,
    pub(crate) told: Told,
}

impl Context {
    pub(crate) fn new(client: Client, config: Config, accounts: Accounts, operator: String) -> Self {
        let events = Events::new(client.clone());
        let metrics = Metrics::new(&accounts);
        let (ending, objects) = Default::default();
        Self { client, config, accounts, events, metrics, operator, ending, objects }
    }

    /// An object's hints. Somebody else may have worked on its stack until a moment ago: another
    /// process, the command line, an object of the same name.
    pub(crate) fn hints(&self, uid: &str) -> Arc<tokio::sync::Mutex<Hints>> {
        let new = || Hints { memory: Memory::inherited(), last: None, told: Told::default() };
        let mut objects = self.objects.lock().expect("no panic while held");
        objects.entry(uid.to_owned()).or_insert_with(|| Arc::new(tokio::sync::Mutex::new(new()))).clone()
    }

    pub(crate) fn forget(&self, uid: &str) {
        self.objects.lock().expect("no panic while held").remove(uid);
    }

    /// No new writes from now on: the process is asked to end.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::SeqCst);
    }

    pub(crate) fn ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    pub(crate) fn access(&self) -> Access {
        let ending = self.ending.clone();
        Access::While(Arc::new(move || !ending.load(Ordering::SeqCst)))
    }
}
