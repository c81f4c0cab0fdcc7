//! A small cloud in memory, as unkind as a real one: lists lag behind and disagree, things take their time, calls fail
//! before and after their effect, processes die in the middle. It refuses what a real cloud would refuse and remembers
//! every wrong.

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};
use wpc_engine::{Class, Fault, Id, Key};

use crate::process::Process;
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

/// What is wrong about a write of this process, if something is.
type Law = Box<dyn Fn(&Process, &Call) -> Option<String> + Send>;

pub struct State {
    pub weather: Weather,
    pub things: Vec<Thing>,
    pub calls: Vec<Call>,
    /// What a real cloud would have refused, and what it would never have given back.
    pub wrongs: Vec<String>,
    pub snapshots: Vec<Key>,
    pub peak: usize,
    /// Updates of this field are accepted and change nothing.
    pub deaf: Option<&'static str>,
    /// Lists show everything twice.
    pub stutters: bool,
    /// Client tokens mean nothing.
    pub forgets_tokens: bool,
    /// Lists and reads do not show what a thing holds.
    pub hides_holders: bool,
    /// What happened, for people.
    pub history: Vec<String>,
    pub running: usize,
    pub start: Instant,
    pub tokens: HashMap<String, Id>,
    pub rng: StdRng,
    script: Script,
    law: Law,
}

pub struct Cloud {
    state: Mutex<State>,
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
            deaf: None,
            stutters: false,
            forgets_tokens: false,
            hides_holders: false,
            history: vec![],
            start: Instant::now(),
            running: 0,
            tokens: HashMap::new(),
            rng: StdRng::seed_from_u64(seed),
            script: Box::new(|_, _| Fate::Served),
            law: Box::new(|_, _| None),
        };
        Arc::new(Self { state: Mutex::new(state) })
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

    /// Judges every write, when it is sent and when it takes effect.
    pub fn judge(&self, law: impl Fn(&Process, &Call) -> Option<String> + Send + 'static) {
        self.with(|state| state.law = Box::new(law));
    }

    /// One call: recorded, late, perhaps failing, with its effect at one instant, whatever becomes of the caller.
    pub async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        by: &Arc<Process>,
        call: Call,
        effect: impl FnOnce(&mut State) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        if call.writes() && !by.may_write() {
            return Err(Fault::new(Class::Transient, "not allowed to write now"));
        }
        by.calls.fetch_add(1, Ordering::Relaxed);
        let running = Running::new(self);
        let (began, writes) = (Instant::now(), call.writes());
        let (fate, latency) = self.with(|state| {
            let fate = match (state.script)(state.calls.len(), &call) {
                Fate::Late(class) if call.op != Op::Create => Fate::Lost(class),
                Fate::Dies(Moment::Late) if call.op != Op::Create => Fate::Dies(Moment::After),
                fate => fate,
            };
            if call.writes() || !matches!(fate, Fate::Served) {
                let key = call.key.as_ref().map_or(call.kind.to_owned(), Key::to_string);
                state.note(format!("  {} {:?} {key}: {fate:?}", by.name, call.op));
            }
            state.calls.push(call.clone());
            state.judge(by, &call);
            (fate, state.weather.latency)
        });
        let (cloud, process) = (self.clone(), by.clone());
        let effect = move || {
            cloud.with(|state| {
                state.judge(&process, &call);
                effect(state)
            })
        };
        // What was sent is done, though the caller be gone.
        let answer = tokio::spawn(async move {
            sleep(latency).await;
            match fate {
                Fate::Fails(_) | Fate::Dies(Moment::Before) => None,
                Fate::Late(_) | Fate::Dies(Moment::Late) => {
                    tokio::spawn(async move {
                        sleep(LATE).await;
                        drop(effect());
                    });
                    None
                }
                Fate::Served | Fate::Lost(_) | Fate::Dies(Moment::After) => Some(effect()),
            }
        });
        let answer = answer.await.expect("the cloud does not panic");
        drop(running);
        match (fate, answer) {
            (Fate::Dies(_), _) => {
                by.kill();
                pending().await
            }
            (Fate::Served, Some(answer)) | (Fate::Lost(_), Some(answer @ Err(_))) => answer,
            (Fate::Served, None) => unreachable!("what is served is answered"),
            (Fate::Fails(class) | Fate::Lost(class) | Fate::Late(class), _) => {
                if writes && class == Class::Unclear {
                    by.wonders(began);
                }
                let request_id = Some(self.with(|state| state.calls.len()).to_string());
                Err(Fault { request_id, ..Fault::new(class, "as the test wants it") })
            }
        }
    }
}

impl State {
    fn judge(&mut self, by: &Process, call: &Call) {
        if let Some(wrong) = call.writes().then(|| (self.law)(by, call)).flatten() {
            self.note(format!("WRONG {wrong}"));
            self.wrongs.push(wrong);
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
