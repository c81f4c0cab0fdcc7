//! Writes that take AWS's time: what begins, what is refused meanwhile, and deletes that the cloud hears of later.

use std::time::Duration;

use super::engine::Engine;
use super::lifecycle::{self, Before, Phase};
use super::protocol::answer::Refusal;
use super::protocol::{Answer, Element, Protocol, Request, Tree};
use super::record::{self, Outcome};
use super::table::{self, Delete, Reply, Row};

impl Engine {
    /// A create of a name that is still being deleted.
    pub(super) fn still_there(&self, request: &Request) -> Option<Refusal> {
        let now = self.clock.now();
        table::creates(&request.service, &request.action).find_map(|(row, _)| {
            let error = row.exists?;
            let name = request.params.get(row.id)?;
            let phase = self.lifecycle.phase(&lifecycle::key(row, &request.scope, name), now);
            let message = format!("{name} already exists: it is being deleted.");
            (phase == Some(Phase::Deleting)).then(|| Refusal::new(error.status, error.code, message))
        })
    }

    /// A delete that AWS only begins: the cloud hears of it when the time is up.
    pub(super) async fn delete_later(
        &self,
        request: &Request,
        row: &'static Row,
        delete: &'static Delete,
        takes: Duration,
    ) -> (Answer, Outcome) {
        let asked = request.params.list(delete.param);
        let Some(read) = row.reads.iter().find(|read| !read.ask.is_empty()) else {
            return self.forward(request).await;
        };
        let (now, scope) = (self.clock.now(), &request.scope);
        let (mut keys, mut item, mut fresh) = (Vec::new(), None, false);
        for id in &asked {
            let found = self.look(row, read.ask[0], row.plain(id), &request.scope).await.unwrap_or_default();
            let alive = |item: &&Tree| {
                row.states.is_none_or(|states| {
                    states.gone.is_empty() || item.text(states.path).as_deref() != Some(states.gone)
                })
            };
            // The cloud knows best how to refuse what is not there.
            let Some(seen) = found.iter().find(alive) else { return self.forward(request).await };
            let key = lifecycle::key(row, scope, &row.id_of(seen).unwrap_or_else(|| (*id).to_owned()));
            fresh |= self.lifecycle.phase(&key, now) != Some(Phase::Deleting);
            item = Some(seen.clone());
            keys.push(key);
        }
        if fresh {
            self.lifecycle.doom(keys, now + takes, request.clone());
        }
        if let (Some(states), Some(item)) = (row.states, &mut item) {
            lifecycle::dress(&states, &Phase::Deleting.into(), item);
        }
        (begun(request, delete, item), Outcome::Deferred)
    }

    /// Fields that AWS goes on to show as they are now while it changes them.
    pub(super) async fn before(&self, request: &Request) -> Before {
        let Some((row, modify)) = table::modifies(&request.service, &request.action).next() else { return Vec::new() };
        let takes = self.profile().takes(row.kind, modify.action, modify.secs);
        let (Some(states), Some(id)) =
            (row.states.filter(|states| !states.fields.is_empty()), request.params.get(modify.param))
        else {
            return Vec::new();
        };
        if takes.is_zero() || !modify.takes_time(&request.params) {
            return Vec::new();
        }
        let ask = row.reads.iter().find_map(|read| read.ask.first()).copied().unwrap_or_default();
        let items = self.look(row, ask, row.plain(id), &request.scope).await.unwrap_or_default();
        let fields = |item: &Tree| states.fields.iter().filter_map(|path| Some((*path, item.text(path)?))).collect();
        items.first().map(fields).unwrap_or_default()
    }

    /// What the cloud has done begins to take AWS's time.
    pub(super) fn begin(&self, request: &Request, answer: &Answer, before: Before) {
        let (profile, now, scope) = (self.profile(), self.clock.now(), &request.scope);
        let made = record::made(request, answer);
        for (row, create) in table::creates(&request.service, &request.action) {
            let ready = now + profile.takes(row.kind, create.action, create.secs);
            for id in &made {
                self.lifecycle.born(lifecycle::key(row, scope, id), ready, now + profile.blind());
            }
        }
        for (row, modify) in table::modifies(&request.service, &request.action) {
            let takes = profile.takes(row.kind, modify.action, modify.secs);
            let slow = !takes.is_zero() && modify.takes_time(&request.params);
            if let Some(id) = request.params.get(modify.param).filter(|_| slow) {
                self.lifecycle.changed(lifecycle::key(row, scope, id), now + takes, before.clone());
            }
        }
        for (row, delete) in table::deletes(&request.service, &request.action) {
            let keys: Vec<_> =
                request.params.list(delete.param).into_iter().map(|id| lifecycle::key(row, scope, id)).collect();
            self.lifecycle.bury(&keys);
        }
    }

    /// Tells the cloud of the deletes that are due.
    pub async fn settle(&self) {
        if !self.lifecycle.is_due(self.clock.now()) {
            return;
        }
        let _alone = self.settling.lock().await;
        for doom in self.lifecycle.due(self.clock.now()) {
            match self.upstreams.forward(&doom.request).await {
                Ok(answer) if answer.ok() => self.lifecycle.bury(&doom.keys),
                Ok(answer) => {
                    let (code, message) = (answer.error_code(), answer.error_message());
                    tracing::warn!(action = doom.request.action, ?code, ?message, "the cloud would not delete");
                    self.lifecycle.spare(&doom.keys);
                }
                Err(error) => {
                    tracing::warn!(action = doom.request.action, "the cloud is away: {error:#}");
                    self.lifecycle.doom(doom.keys, self.clock.now() + Duration::from_millis(200), doom.request);
                }
            }
        }
        self.lifecycle.prune(self.clock.now());
    }
}

/// What AWS answers to a delete that has only begun.
fn begun(request: &Request, delete: &Delete, item: Option<Tree>) -> Answer {
    let content = match (delete.reply, item) {
        (Reply::Status(status), _) => return Answer::empty(status),
        (Reply::Item(name), Some(Tree::Xml(item))) => vec![Element { name: name.into(), ..item }],
        (Reply::Id(name), _) => {
            vec![Element::new(name).with_text(request.params.get(delete.param).unwrap_or_default())]
        }
        (Reply::Nothing(name), _) => vec![Element::new(name)],
        (Reply::Bare, _) if request.protocol() == Protocol::Ec2 => vec![Element::new("return").with_text("true")],
        (Reply::Item(_) | Reply::Bare, _) => Vec::new(),
    };
    Answer::success(request, content)
}
