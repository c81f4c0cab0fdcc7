//! What reads have answered lately, for answers that lag behind.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::protocol::{Answer, Params, Request, Scope};

/// More calls than this are remembered by nobody.
const MOST: usize = 2_000;

/// Who asked what where.
type Question = (Scope, String, String, Params);

/// One answer: when, after how many writes, and what.
#[derive(Debug)]
struct Old {
    at: Duration,
    writes: u64,
    answer: Answer,
}

#[derive(Debug, Default)]
struct Inner {
    writes: u64,
    answers: HashMap<Question, VecDeque<Old>>,
}

/// Answers of the last moments.
#[derive(Debug, Default)]
pub struct Past(Mutex<Inner>);

fn question(request: &Request) -> Question {
    (request.scope.clone(), request.service.clone(), request.action.clone(), request.params.clone())
}

impl Past {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cloud has changed: every answer from before is an old one.
    pub fn wrote(&self) {
        self.inner().writes += 1;
    }

    /// How many writes there were when a read began.
    pub fn writes(&self) -> u64 {
        self.inner().writes
    }

    /// Remembers what a read answered that began after so many writes; older than `keep` nobody wants it.
    pub fn remember(&self, request: &Request, answer: &Answer, writes: u64, now: Duration, keep: Duration) {
        let mut inner = self.inner();
        let fresh = |old: &Old| old.at + keep >= now;
        if inner.answers.len() >= MOST {
            inner.answers.retain(|_, answers| answers.iter().any(fresh));
        }
        let answers = inner.answers.entry(question(request)).or_default();
        answers.retain(fresh);
        answers.push_back(Old { at: now, writes, answer: answer.clone() });
    }

    /// The oldest answer to the same question, from before the last write, that is no older than `within`.
    pub fn before(&self, request: &Request, now: Duration, within: Duration) -> Option<Answer> {
        let inner = self.inner();
        let old = inner.answers.get(&question(request))?;
        old.iter().find(|old| old.at + within >= now && old.writes < inner.writes).map(|old| old.answer.clone())
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.inner().answers.clear();
    }
}
