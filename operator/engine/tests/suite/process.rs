//! A process of the operator, as far as the cloud and the cluster can tell: it is killed, stopped and woken, and cut off,
//! and it writes only while it may.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

use tokio::sync::Notify;
use tokio::time::Instant;

type Fence = Box<dyn Fn() -> bool + Send + Sync>;

pub struct Process {
    pub name: String,
    /// Whether a write may start now; asked before each.
    fence: Fence,
    killed: Notify,
    /// It does not run, and who waits for it to.
    stopped: Mutex<(bool, Option<Waker>)>,
    /// It does not reach the cluster.
    pub cut_off: AtomicBool,
    /// It is asked to end.
    pub ending: AtomicBool,
    /// How many calls it has made.
    pub calls: AtomicUsize,
    /// Something happened that its work should look at.
    pub woken: Notify,
    /// When the last write began of which it does not know what became.
    unclear: Mutex<Option<Instant>>,
}

impl Process {
    /// One that nobody competes with.
    pub fn alone() -> Self {
        Self::new("operator".into(), || true)
    }

    pub fn new(name: String, fence: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let (killed, woken) = (Notify::new(), Notify::new());
        let (stopped, cut_off, ending, calls, unclear) = Default::default();
        Self { name, fence: Box::new(fence), killed, stopped, cut_off, ending, calls, woken, unclear }
    }

    pub fn may_write(&self) -> bool {
        (self.fence)()
    }

    /// A write that began then may take effect later.
    pub fn wonders(&self, began: Instant) {
        let mut unclear = self.unclear.lock().unwrap_or_else(PoisonError::into_inner);
        *unclear = (*unclear).max(Some(began));
    }

    /// When the last such write began.
    pub fn unclear(&self) -> Option<Instant> {
        *self.unclear.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn kill(&self) {
        self.killed.notify_one();
    }

    /// Resolves when the process is to die.
    pub async fn killed(&self) {
        self.killed.notified().await;
    }

    pub fn stop(&self, stop: bool) {
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.0 = stop;
        if let Some(waker) = stopped.1.take_if(|_| !stop) {
            waker.wake();
        }
    }

    /// Runs this, except while the process is stopped.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
            if stopped.0 {
                stopped.1 = Some(context.waker().clone());
                return Poll::Pending;
            }
            drop(stopped);
            work.as_mut().poll(context)
        })
        .await
    }

    pub fn is(&self, flag: &AtomicBool) -> bool {
        flag.load(Ordering::Relaxed)
    }
}
