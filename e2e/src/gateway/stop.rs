//! Kill points: the world stands still after the n-th call, so that a test can kill the operator exactly there.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::protocol::Request;
use super::record::Call;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopAfter {
    /// After this many calls, from now on.
    pub calls: u64,
    /// Count only writes that the cloud has executed, or also reads and refusals?
    #[serde(default = "yes")]
    pub writes_only: bool,
    /// Does the client still get the last answer?
    #[serde(default)]
    pub answered: bool,
}

fn yes() -> bool {
    true
}

impl StopAfter {
    /// After the n-th write has been executed; its answer never arrives.
    pub fn write(n: u64) -> Self {
        Self { calls: n, writes_only: true, answered: false }
    }

    /// After the n-th call of any sort.
    pub fn call(n: u64) -> Self {
        Self { calls: n, writes_only: false, answered: false }
    }

    /// The client gets the last answer, then the world stands still.
    #[must_use]
    pub fn answered(mut self) -> Self {
        self.answered = true;
        self
    }
}

/// Where a kill point stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// None is set.
    #[default]
    Off,
    /// Set; this many calls to go.
    Armed(u64),
    /// Reached: nothing is answered until `resume`.
    Reached,
}

#[derive(Debug, Default)]
struct Inner {
    plan: Option<StopAfter>,
    left: u64,
    spared: BTreeSet<String>,
    resumed: Option<Instant>,
    lost: Vec<Lost>,
}

/// A write that came while the world stood still, or on a connection from before: it was neither executed nor answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Who called.
    pub client: String,
    /// What.
    pub action: String,
}

/// The kill point.
#[derive(Debug)]
pub struct Stops {
    inner: Mutex<Inner>,
    standing: watch::Sender<Standing>,
    held: AtomicUsize,
    turn: tokio::sync::Mutex<()>,
}

impl Default for Stops {
    fn default() -> Self {
        Self {
            inner: Mutex::default(),
            standing: watch::Sender::new(Standing::Off),
            held: AtomicUsize::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}

/// A call's turn: while a kill point is set, calls that count go one at a time, so that the count is exact.
pub type Turn<'a> = Option<tokio::sync::MutexGuard<'a, ()>>;

impl Stops {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the kill point, in place of any other.
    pub fn arm(&self, plan: StopAfter) {
        let mut inner = self.inner();
        inner.left = plan.calls;
        inner.plan = Some(plan);
        self.standing.send_replace(Standing::Armed(plan.calls));
    }

    /// From now on calls of these actions do not count.
    pub fn spare(&self, actions: BTreeSet<String>) {
        self.inner().spared = actions;
    }

    /// Lets the world move again, and unsets the kill point.
    pub fn resume(&self) {
        let mut inner = self.inner();
        inner.plan = None;
        if self.standing.send_replace(Standing::Off) == Standing::Reached {
            inner.resumed = Some(Instant::now());
        }
    }

    /// Is a connection from before the last standstill? What it still brings may come from the dead.
    pub fn is_stale(&self, accepted: Instant) -> bool {
        self.inner().resumed.is_some_and(|resumed| accepted < resumed)
    }

    /// Notes a write that is dropped.
    pub fn lose(&self, request: &Request) {
        if !request.is_read() {
            let lost = Lost { client: request.client.clone(), action: request.action.clone() };
            self.inner().lost.push(lost);
        }
    }

    /// The writes that were dropped.
    pub fn lost(&self) -> Vec<Lost> {
        self.inner().lost.clone()
    }

    /// How many calls wait for the world to move.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// Where it stands.
    pub fn standing(&self) -> Standing {
        *self.standing.borrow()
    }

    /// Waits until the kill point is reached.
    pub async fn reached(&self) {
        let mut standing = self.standing.subscribe();
        // The sender lives in self, so this cannot fail.
        let _ = standing.wait_for(|now| *now == Standing::Reached).await;
    }

    /// Waits while the world stands still; was it so?
    pub async fn hold(&self) -> bool {
        let mut standing = self.standing.subscribe();
        if *standing.borrow_and_update() != Standing::Reached {
            return false;
        }
        let _one = Held::new(&self.held);
        let _ = standing.wait_for(|now| *now != Standing::Reached).await;
        true
    }

    /// A call asks for its turn; `Err` if the world came to stand still before it.
    pub async fn turn(&self, write: bool) -> Result<Turn<'_>, ()> {
        let counts = |plan: StopAfter| write || !plan.writes_only;
        if !self.inner().plan.is_some_and(counts) {
            return Ok(None);
        }
        let turn = self.turn.lock().await;
        if self.standing() == Standing::Reached { Err(()) } else { Ok(Some(turn)) }
    }

    /// A call is done: was it the last? `Some` says whether its answer may still go out.
    pub fn done(&self, call: &Call) -> Option<bool> {
        let mut inner = self.inner();
        let plan = inner.plan?;
        if inner.left == 0 || (plan.writes_only && !call.took_effect()) || inner.spared.contains(&call.action) {
            return None;
        }
        inner.left -= 1;
        let reached = inner.left == 0;
        self.standing.send_replace(if reached { Standing::Reached } else { Standing::Armed(inner.left) });
        reached.then_some(plan.answered)
    }
}

/// Counts a call that waits, until it is dropped.
struct Held<'a>(&'a AtomicUsize);

impl<'a> Held<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
