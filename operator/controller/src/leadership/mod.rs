//! Who may act: one replica at a time, by a Lease of coordination.k8s.io.
//!
//! A leader's right ends by itself, so every write to AWS and to Kubernetes needs a leave, and a leave is given only
//! while the Lease outlives the longest that the write may take. [`lease`] is pure, [`election`] talks to Kubernetes.

mod client;
mod election;
mod lease;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, stream};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::watch;
use wpc_aws::Leave;

pub use self::election::{Election, Lost};
use self::lease::{Moment, Term};
pub(crate) use self::{client::fenced, election::Candidate};

/// What a replica may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Now {
    /// It leads.
    Act,
    /// It leads, but cannot tell for how long: the last renewal is too long ago.
    Pause,
    /// It leads no more, or not yet.
    Rest,
}

#[derive(Debug, Clone, Copy)]
enum Role {
    /// There is no election.
    Alone,
    Standby,
    Leader(Term),
    /// For good: what comes next is another process, which remembers nothing.
    Over,
}

#[derive(Debug)]
struct State {
    role: Role,
    ending: bool,
    writes: usize,
}

/// The one that every write asks.
pub(crate) struct Leadership {
    longest: Duration,
    state: watch::Sender<State>,
    /// 1 while it leads.
    pub(crate) gauge: Gauge,
}

impl State {
    fn rest(&self, now: Moment) -> Option<Duration> {
        match self.role {
            Role::Alone => Some(Duration::MAX),
            Role::Leader(term) => Some(term.rest(now)),
            Role::Standby | Role::Over => None,
        }
    }

    /// Whether a write may start that takes at most so long.
    fn opens(&self, longest: Duration, now: Moment) -> bool {
        match self.role {
            Role::Alone => true,
            Role::Leader(term) => term.outlasts(longest, now),
            Role::Standby | Role::Over => false,
        }
    }
}

impl Leadership {
    /// One whose writes take at most so long. Without an election it leads at once.
    pub(crate) fn new(elected: bool, longest: Duration) -> Arc<Self> {
        let role = if elected { Role::Standby } else { Role::Alone };
        let gauge = Gauge::default();
        gauge.set(i64::from(!elected));
        let (state, _) = watch::channel(State { role, ending: false, writes: 0 });
        Arc::new(Self { longest, state, gauge })
    }

    /// What may be done now.
    pub(crate) fn now(&self) -> Now {
        let state = self.state.borrow();
        match (state.opens(self.longest, Moment::now()), state.role) {
            _ if state.ending => Now::Rest,
            (true, _) => Now::Act,
            (false, Role::Leader(_)) => Now::Pause,
            (false, _) => Now::Rest,
        }
    }

    /// Leave for one write to AWS.
    pub(crate) fn aws(self: &Arc<Self>) -> Option<Leave> {
        self.leave(|state| !state.ending)
    }

    /// Leave for one write to Kubernetes. What was done is still told when the process is asked to end.
    pub(crate) fn kubernetes(self: &Arc<Self>) -> Option<Leave> {
        self.leave(|_| true)
    }

    fn leave(self: &Arc<Self>, may: impl Fn(&State) -> bool) -> Option<Leave> {
        let given = self.state.send_if_modified(|state| {
            let given = may(state) && state.opens(self.longest, Moment::now());
            state.writes += usize::from(given);
            given
        });
        let write = given.then(|| Write(self.clone()))?;
        let lasts = move || write.0.state.borrow().rest(Moment::now()).is_some_and(|rest| !rest.is_zero());
        Some(Leave { longest: self.longest, lasts: Arc::new(lasts) })
    }

    /// No new write to AWS from now on: the process is asked to end.
    pub(crate) fn end(&self) {
        self.state.send_modify(|state| state.ending = true);
    }

    /// Waits until nothing is being written, and lets nothing be written from then on.
    async fn close(&self) {
        let mut states = self.state.subscribe();
        loop {
            let closed = self.state.send_if_modified(|state| {
                let idle = state.writes == 0;
                if idle {
                    state.role = Role::Over;
                }
                idle
            });
            if closed {
                self.gauge.set(0);
                return;
            }
            // The sender lives in self, so this cannot fail.
            let _ = states.wait_for(|state| state.writes == 0).await;
        }
    }

    /// It leads, or goes on to.
    fn lead(&self, term: Term) {
        self.state.send_modify(|state| state.role = Role::Leader(term));
        self.gauge.set(1);
    }

    /// Somebody else leads.
    fn lose(&self) {
        self.state.send_modify(|state| state.role = Role::Over);
        self.gauge.set(0);
    }

    /// Yields once, when it begins to lead.
    pub(crate) fn begins(self: &Arc<Self>) -> impl Stream<Item = ()> + Send + 'static {
        let mut states = self.state.subscribe();
        stream::once(async move { drop(states.wait_for(|state| matches!(state.role, Role::Leader(_))).await) })
    }
}

/// A write under way.
struct Write(Arc<Leadership>);

impl Drop for Write {
    fn drop(&mut self) {
        self.0.state.send_modify(|state| state.writes -= 1);
    }
}
