//! A small cloud in memory, as unkind as a real one: lists lag behind and disagree, things take their time, calls fail
//! before and after their effect, processes die in the middle. It refuses what a real cloud would refuse and remembers
//! every wrong.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use wpc_engine::{Class, Fault, Id, Key};

use crate::things::Thing;

/// How slow and how inconsistent the cloud is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// How far lists may lag behind.
    pub lag: Duration,
    /// How long a new thing may be unknown when read by id.
    pub hidden: Duration,
    /// How long things are being created, updated and deleted.
    pub work: Duration,
    /// How long a call takes.
    pub latency: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    List,
    Read,
    Create,
    Update,
    Relabel,
    Delete,
}

/// One call, as the record shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub op: Op,
    pub kind: &'static str,
    pub key: Option<Key>,
}

impl Call {
    pub fn writes(&self) -> bool {
        !matches!(self.op, Op::List | Op::Read)
    }

    pub fn is(&self, op: Op, name: &str) -> bool {
        self.op == op && self.key.as_ref().is_some_and(|key| key.name == name)
    }
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    Served,
    /// It fails and has no effect.
    Fails(Class),
    /// It fails for the caller, and has its effect all the same.
    Lost(Class),
    /// The same, a moment later.
    Late(Class),
    /// The process dies before the effect, after it, or a moment before a late one.
    Dies(Moment),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
    Late,
}

/// How much later a late effect comes.
pub const LATE: Duration = Duration::from_secs(1);

type Script = Box<dyn FnMut(usize, &Call) -> Fate + Send>;

pub struct State {
    pub weather: Weather,
    pub things: Vec<Thing>,
    pub calls: Vec<Call>,
    /// What a real cloud would have refused, and what it would never have given back.
    pub wrongs: Vec<String>,
    pub snapshots: Vec<Key>,
    pub peak: usize,
    /// Updates are accepted and change nothing.
    pub deaf: bool,
    /// Lists show everything twice.
    pub stutters: bool,
    /// What happened, for people.
    pub history: Vec<String>,
    pub running: usize,
    pub start: Instant,
    pub tokens: HashMap<String, Id>,
    pub rng: StdRng,
    script: Script,
}

pub struct Cloud {
    state: Mutex<State>,
    crashed: Notify,
}

impl Cloud {
    pub fn new(weather: Weather, seed: u64) -> Arc<Self> {
        let state = State {
            weather,
            things: vec![],
            calls: vec![],
            wrongs: vec![],
            snapshots: vec![],
            peak: 0,
            deaf: false,
            stutters: false,
            history: vec![],
            start: Instant::now(),
            running: 0,
            tokens: HashMap::new(),
            rng: StdRng::seed_from_u64(seed),
            script: Box::new(|_, _| Fate::Served),
        };
        Arc::new(Self { state: Mutex::new(state), crashed: Notify::new() })
    }

    pub fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        // A failed assertion must still be able to tell the history.
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decides what becomes of the calls from now on, given their number and what they are. Only creates have late
    /// effects: what a late update or delete does depends on what others do meanwhile, and the cloud refuses it rightly.
    pub fn script(&self, script: impl FnMut(usize, &Call) -> Fate + Send + 'static) {
        self.with(|state| state.script = Box::new(script));
    }

    pub fn calm(&self) {
        self.script(|_, _| Fate::Served);
    }

    /// Resolves when the process is to die.
    pub async fn crashed(&self) {
        self.crashed.notified().await;
    }

    /// One call: recorded, late, perhaps failing, with its effect at one instant.
    pub async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        call: Call,
        effect: impl FnOnce(&mut State) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let running = Running::new(self);
        let (fate, latency) = self.with(|state| {
            let fate = match (state.script)(state.calls.len(), &call) {
                Fate::Late(class) if call.op != Op::Create => Fate::Lost(class),
                Fate::Dies(Moment::Late) if call.op != Op::Create => Fate::Dies(Moment::After),
                fate => fate,
            };
            if call.writes() || !matches!(fate, Fate::Served) {
                let key = call.key.as_ref().map_or(call.kind.to_owned(), Key::to_string);
                state.note(format!("  {:?} {key}: {fate:?}", call.op));
            }
            state.calls.push(call);
            (fate, state.weather.latency)
        });
        sleep(latency).await;
        drop(running);
        let later = |effect| {
            let cloud = self.clone();
            tokio::spawn(async move {
                sleep(LATE).await;
                let _: Result<T, Fault> = cloud.with(effect);
            });
        };
        let fault = |class| {
            let request_id = Some(self.with(|state| state.calls.len()).to_string());
            Err(Fault { request_id, ..Fault::new(class, "as the test wants it") })
        };
        match fate {
            Fate::Served => self.with(effect),
            Fate::Fails(class) => fault(class),
            Fate::Lost(class) => self.with(effect).and_then(|_| fault(class)),
            Fate::Late(class) => {
                later(effect);
                fault(class)
            }
            Fate::Dies(moment) => {
                match moment {
                    Moment::Before => {}
                    Moment::After => drop(self.with(effect)),
                    Moment::Late => later(effect),
                }
                self.crashed.notify_one();
                pending().await
            }
        }
    }
}

/// Counts the calls under way.
struct Running(Arc<Cloud>);

impl Running {
    fn new(cloud: &Arc<Cloud>) -> Self {
        cloud.with(|state| {
            state.running += 1;
            state.peak = state.peak.max(state.running);
        });
        Self(cloud.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.with(|state| state.running -= 1);
    }
}
