//! The stages of a call, in order: hold, latency, buckets, faults, tokens, rules, lifecycle, forward, rewrite, record.
//!
//! Each stage is one function that answers itself or calls the next.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use super::buckets::Buckets;
use super::clock::Clock;
use super::deaf::Deaf;
use super::faults::{Fault, Faults, Past, Struck, Throttle};
use super::lifecycle::{self, Lifecycle};
use super::model::Models;
use super::profile::Profile;
use super::protocol::answer::Refusal;
use super::protocol::{Answer, Request};
use super::record::{self, Latency, Ledger, Outcome};
use super::region::Region;
use super::rules::Memory;
use super::sessions::{self, Sessions};
use super::stop::Stops;
use super::table;
use super::tokens::{self, First, Tokens};
use super::upstream::Upstreams;

/// What a caller gets.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The answer.
    Whole(Answer),
    /// Half of the answer, then the connection ends.
    Cut(Answer),
    /// The connection ends.
    End,
    /// Nothing, ever.
    Never,
}

/// Everything the gateway knows.
#[derive(Debug)]
pub struct Engine {
    /// Virtual time.
    pub clock: Clock,
    /// The clouds.
    pub upstreams: Upstreams,
    /// What AWS is busy with.
    pub lifecycle: Lifecycle,
    /// Client tokens.
    pub tokens: Tokens,
    /// What the rules remember.
    pub memory: Memory,
    /// The record.
    pub ledger: Ledger,
    /// What no cloud answers.
    pub region: Region,
    /// Who works under which role.
    pub sessions: Sessions,
    /// The kill point.
    pub stops: Stops,
    /// How many calls AWS takes.
    pub buckets: Buckets,
    /// What the cloud does not hear.
    pub deaf: Deaf,
    /// Calls that fail.
    pub faults: Faults,
    /// What was answered lately, for faults that answer it once more.
    pub past: Past,
    /// AWS's models, and what broke them.
    pub models: Models,
    profile: RwLock<Profile>,
    latency: RwLock<Vec<Latency>>,
    pub(super) settling: tokio::sync::Mutex<()>,
}

impl Engine {
    /// A gateway that has seen nothing.
    pub fn new(upstreams: Upstreams, profile: Profile, latency: Vec<Latency>) -> Self {
        Self {
            clock: Clock::default(),
            upstreams,
            lifecycle: Lifecycle::default(),
            tokens: Tokens::default(),
            memory: Memory::default(),
            ledger: Ledger::default(),
            region: Region::default(),
            sessions: Sessions::default(),
            stops: Stops::default(),
            buckets: Buckets::default(),
            deaf: Deaf::default(),
            faults: Faults::default(),
            past: Past::default(),
            models: Models::default(),
            profile: RwLock::new(profile),
            latency: RwLock::new(latency),
            settling: tokio::sync::Mutex::default(),
        }
    }

    /// How fast AWS is.
    pub fn profile(&self) -> Profile {
        self.profile.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes how fast AWS is, for what begins from now on.
    pub fn set_profile(&self, profile: Profile) {
        *self.profile.write().unwrap_or_else(PoisonError::into_inner) = profile;
    }

    /// Changes the latencies.
    pub fn set_latency(&self, latency: Vec<Latency>) {
        *self.latency.write().unwrap_or_else(PoisonError::into_inner) = latency;
    }

    /// From now on these calls fail, and those before no more.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.past.clear();
        self.faults.set(faults);
    }

    /// Lets time pass at once, and the cloud hear of the deletes that are due.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.settle().await;
    }

    /// Answers one call.
    pub async fn answer(&self, request: &Request) -> Reply {
        self.models.check(request);
        let waits = Latency::of(&self.latency.read().unwrap_or_else(PoisonError::into_inner), request);
        if !waits.is_zero() {
            tokio::time::sleep(waits).await;
        }
        let Ok(turn) = self.stops.turn(!request.is_read()).await else {
            self.stops.hold().await;
            return Reply::End;
        };
        let at = self.clock.date(self.clock.now());
        self.settle().await;
        let Struck { answer, outcome, fault, reply } = self.with_buckets(request).await;
        let call = self.ledger.add(request, &answer, outcome, fault, at);
        if call.took_effect() {
            self.past.wrote();
        }
        let last = self.stops.done(&call);
        drop(turn);
        if last == Some(false) {
            self.stops.hold().await;
            return Reply::End;
        }
        reply
    }

    /// Buckets: a call too many is refused.
    async fn with_buckets(&self, request: &Request) -> Struck {
        let throttles = self.profile.read().unwrap_or_else(PoisonError::into_inner).throttles;
        let Some(bucket) = throttles.then(|| self.buckets.draw(request)).flatten() else {
            return self.with_fault(request).await;
        };
        self.ledger.exceeded(bucket);
        let refused = Throttle::of(request);
        let answer = Answer::error(request, refused.status, &refused.code, &refused.message, None);
        Struck { reply: Reply::Whole(answer.clone()), answer, outcome: Outcome::Refused, fault: None }
    }

    /// Tokens: the first call with one goes on, later ones meet its memory.
    pub(super) async fn with_token(&self, request: &Request) -> (Answer, Outcome) {
        let Some((token, slot)) = self.tokens.slot(request) else {
            return self.with_rules(request).await;
        };
        let mut first = slot.lock().await;
        if let Some(first) = &*first {
            let id = first.id.as_deref().unwrap_or_default();
            let gone = table::creates(&request.service, &request.action)
                .any(|(row, _)| self.lifecycle.is_gone(&lifecycle::key(row, &request.scope, id)));
            if let Some(answer) = tokens::again(token, first, request, gone) {
                let outcome = if answer.ok() { Outcome::Replayed } else { Outcome::Refused };
                return (answer, outcome);
            }
        }
        let (answer, outcome) = self.with_rules(request).await;
        if answer.ok() {
            let id = record::made(request, &answer).into_iter().next();
            *first = Some(First::new(request, &answer, id));
        }
        (answer, outcome)
    }

    /// Rules: what AWS refuses is refused here.
    async fn with_rules(&self, request: &Request) -> (Answer, Outcome) {
        if let Some(refusal) = sessions::distrust(&self.upstreams, request).await {
            return (Answer::refusal(request, &refusal), Outcome::Refused);
        }
        let marks = match self.judge(request).await {
            Ok(marks) => marks,
            Err(refusal) => return (Answer::refusal(request, &refusal), Outcome::Refused),
        };
        let (answer, outcome) = self.with_life(request).await;
        if answer.ok() {
            self.remember(marks);
        }
        (answer, outcome)
    }

    /// Lifecycle: names in use, deletes that take time.
    async fn with_life(&self, request: &Request) -> (Answer, Outcome) {
        if let Some(answered) = self.region.answer(request) {
            return answered;
        }
        if let Some(refusal) = self.still_there(request) {
            return (Answer::refusal(request, &refusal), Outcome::Refused);
        }
        if let Some((row, delete)) = table::deletes(&request.service, &request.action).next() {
            let takes = self.profile().takes(row.kind, delete.action, delete.secs);
            if !takes.is_zero() {
                return self.delete_later(request, row, delete, takes).await;
            }
        }
        self.forward(request).await
    }

    /// The cloud itself.
    pub(super) async fn forward(&self, request: &Request) -> (Answer, Outcome) {
        let before = self.before(request).await;
        let mut answer = match self.upstreams.forward(&self.deaf.hears(request)).await {
            Ok(answer) => answer,
            Err(error) => {
                let refusal = Refusal::new(503, "ServiceUnavailable", format!("gateway: {error:#}"));
                return (Answer::refusal(request, &refusal), Outcome::Unreachable);
            }
        };
        self.sessions.learn(request, &answer);
        if answer.ok() {
            self.begin(request, &answer, before);
            if let Some(refused) = self.rewrite(request, &mut answer) {
                return (refused, Outcome::Forwarded);
            }
        }
        (answer, Outcome::Forwarded)
    }
}
