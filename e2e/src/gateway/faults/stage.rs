//! The faults' place among the stages: before the tokens where a call shall not take effect, around them where its
//! answer shall be lost, late or wrong.

use std::time::Duration;

use http::{HeaderValue, header};

use super::super::engine::{Engine, Reply};
use super::super::protocol::{Answer, Request};
use super::super::record::Outcome;
use super::super::table;
use super::{Effect, Strike};

/// How long stale answers are kept at most.
const KEPT: Duration = Duration::from_secs(60);

/// What became of a call, and what its caller gets.
pub(in super::super) struct Struck {
    /// For the record.
    pub answer: Answer,
    /// For the record.
    pub outcome: Outcome,
    /// The fault, if one struck, for the record.
    pub fault: Option<String>,
    /// For the caller.
    pub reply: Reply,
}

impl Engine {
    /// Faults: a call goes on, unless one strikes.
    pub(in super::super) async fn with_fault(&self, request: &Request) -> Struck {
        let can = |effect: &Effect| match effect {
            Effect::Stale(millis) => self.earlier(request, *millis).is_some(),
            Effect::Reordered => lists(request).next().is_some(),
            _ => true,
        };
        let Some(Strike { effect, after }) = self.faults.strike(request, can) else {
            return self.unharmed(request).await;
        };
        let fault = Some(if after { format!("{effect} after") } else { effect.to_string() });
        match effect {
            Effect::Stale(millis) => match self.earlier(request, millis) {
                Some(answer) => Struck { reply: Reply::Whole(answer.clone()), answer, outcome: Outcome::Stale, fault },
                None => self.unharmed(request).await,
            },
            Effect::Jump(seconds) => {
                self.advance(Duration::from_secs(seconds)).await;
                Struck { fault, ..self.unharmed(request).await }
            }
            Effect::Reordered => {
                let (mut answer, outcome) = self.with_past(request).await;
                reverse(request, &mut answer);
                Struck { reply: Reply::Whole(answer.clone()), answer, outcome, fault }
            }
            Effect::Cut => {
                let (answer, outcome) = self.with_past(request).await;
                Struck { reply: Reply::Cut(answer.clone()), answer, outcome, fault }
            }
            effect => {
                let instead = self.instead(&effect, request);
                let (answer, outcome) = match &instead {
                    _ if after => self.with_past(request).await,
                    Some(answer) => (answer.clone(), Outcome::Refused),
                    None => (Answer::empty(503), Outcome::Dropped),
                };
                let reply = match instead {
                    Some(answer) => Reply::Whole(answer),
                    None if effect == Effect::Silent => Reply::Never,
                    None => Reply::End,
                };
                Struck { answer, outcome, fault, reply }
            }
        }
    }

    async fn unharmed(&self, request: &Request) -> Struck {
        let (answer, outcome) = self.with_past(request).await;
        Struck { reply: Reply::Whole(answer.clone()), answer, outcome, fault: None }
    }

    /// The call itself; what a read answers is remembered while a fault may ask for it.
    async fn with_past(&self, request: &Request) -> (Answer, Outcome) {
        let remembers = request.is_read() && self.faults.any(|effect| matches!(effect, Effect::Stale(_)));
        let writes = self.past.writes();
        let (mut answer, outcome) = self.with_token(request).await;
        answer.name_error_in_header();
        if remembers && answer.ok() {
            self.past.remember(request, &answer, writes, self.clock.now(), KEPT);
        }
        (answer, outcome)
    }

    fn earlier(&self, request: &Request, millis: u64) -> Option<Answer> {
        self.past.before(request, self.clock.now(), Duration::from_millis(millis).min(KEPT))
    }

    /// The error that an effect answers.
    fn instead(&self, effect: &Effect, request: &Request) -> Option<Answer> {
        let refused = effect.refusal(request)?;
        let mut answer = Answer::error(request, refused.status, &refused.code, &refused.message, None);
        if *effect == Effect::Skewed {
            let ahead = self.clock.date(self.clock.now() + Duration::from_secs(3600));
            let date = HeaderValue::from_str(&ahead.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
            answer.headers.extend(date.ok().map(|date| (header::DATE, date)));
        }
        Some(answer)
    }
}

/// Where the answer of a read has lists.
fn lists(request: &Request) -> impl Iterator<Item = &'static str> {
    table::reads(&request.service, &request.action).map(|(_, read)| read.items).filter(|path| path.ends_with("/*"))
}

/// Turns the lists of an answer around.
fn reverse(request: &Request, answer: &mut Answer) {
    let Some(mut tree) = answer.tree() else { return };
    for path in lists(request) {
        let mut items = tree.items(path).into_iter().rev();
        tree.visit(path, &mut |item| {
            if let Some(other) = items.next() {
                *item = other;
            }
            true
        });
    }
    answer.put(&tree);
}
