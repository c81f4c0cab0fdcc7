//! The stages of a call, in order: hold, latency, tokens, rules, lifecycle, forward, rewrite, record.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use anyhow::Result;

use super::clock::Clock;
use super::lifecycle::{self, Lifecycle, Phase};
use super::profile::Profile;
use super::protocol::answer::Refusal;
use super::protocol::service::{EC2, ELB, SCALING};
use super::protocol::{Answer, Element, Protocol, Request, Scope, Tree};
use super::record::{self, Latency, Ledger, Outcome};
use super::repair::Repairs;
use super::rules::RULES;
use super::stop::Stops;
use super::table::{self, Delete, Read, Reply, Row};
use super::tokens::{self, First, Tokens};
use super::upstream::Upstreams;

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
    /// The record.
    pub ledger: Ledger,
    /// The kill point.
    pub stops: Stops,
    /// What the emulators leave out.
    pub repairs: Repairs,
    profile: RwLock<Profile>,
    latency: RwLock<Vec<Latency>>,
    settling: tokio::sync::Mutex<()>,
}

impl Engine {
    /// A gateway that has seen nothing.
    pub fn new(upstreams: Upstreams, profile: Profile, latency: Vec<Latency>) -> Self {
        Self {
            clock: Clock::default(),
            upstreams,
            lifecycle: Lifecycle::default(),
            tokens: Tokens::default(),
            ledger: Ledger::default(),
            stops: Stops::default(),
            repairs: Repairs::default(),
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

    /// Lets time pass at once, and the cloud hear of the deletes that are due.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.settle().await;
    }

    /// Answers one call. `None`: the connection should end without an answer.
    pub async fn answer(&self, request: &Request) -> Option<Answer> {
        let waits = Latency::of(&self.latency.read().unwrap_or_else(PoisonError::into_inner), request);
        if !waits.is_zero() {
            tokio::time::sleep(waits).await;
        }
        let Ok(turn) = self.stops.turn(!request.is_read()).await else {
            self.stops.hold().await;
            return None;
        };
        let at = self.clock.date(self.clock.now());
        self.settle().await;
        let (mut answer, outcome) = self.with_token(request).await;
        answer.name_error_in_header();
        let call = self.ledger.add(request, &answer, outcome, at);
        let last = self.stops.done(&call);
        drop(turn);
        if last == Some(false) {
            self.stops.hold().await;
            return None;
        }
        Some(answer)
    }

    /// Tokens: the first call with one goes on, later ones meet its memory.
    async fn with_token(&self, request: &Request) -> (Answer, Outcome) {
        let Some((token, slot)) = self.tokens.slot(request) else {
            return self.with_rules(request).await;
        };
        let mut first = slot.lock().await;
        if let Some(first) = &*first {
            let id = first.id.as_deref().unwrap_or_default();
            let gone = table::creates(&request.service, &request.action)
                .any(|(row, _)| self.lifecycle.is_gone(&lifecycle::key(row, &request.scope.region, id)));
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
        for rule in RULES.iter().filter(|rule| rule.service == request.service) {
            if !rule.actions.contains(&request.action.as_str()) {
                continue;
            }
            let (Some(row), Some(id)) = (table::row(rule.look.kind), request.params.get(rule.look.param)) else {
                continue;
            };
            let items = self.look(row, rule.look.ask, row.plain(id), &request.scope).await.unwrap_or_default();
            if let Some(refusal) = items.iter().find_map(|item| (rule.refuse)(request, item)) {
                return (Answer::refusal(request, &refusal), Outcome::Refused);
            }
        }
        self.with_life(request).await
    }

    /// Lifecycle: names in use, deletes that take time.
    async fn with_life(&self, request: &Request) -> (Answer, Outcome) {
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

    /// A create of a name that is still being deleted.
    fn still_there(&self, request: &Request) -> Option<Refusal> {
        let now = self.clock.now();
        table::creates(&request.service, &request.action).find_map(|(row, _)| {
            let error = row.exists?;
            let name = request.params.get(row.id)?;
            let phase = self.lifecycle.phase(&lifecycle::key(row, &request.scope.region, name), now);
            let message = format!("{name} already exists: it is being deleted.");
            (phase == Some(Phase::Deleting)).then(|| Refusal::new(error.status, error.code, message))
        })
    }

    /// A delete that AWS only begins: the cloud hears of it when the time is up.
    async fn delete_later(
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
        let (now, region) = (self.clock.now(), &request.scope.region);
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
            let key = lifecycle::key(row, region, &row.id_of(seen).unwrap_or_else(|| (*id).to_owned()));
            fresh |= self.lifecycle.phase(&key, now) != Some(Phase::Deleting);
            item = Some(seen.clone());
            keys.push(key);
        }
        if fresh {
            self.lifecycle.doom(keys, now + takes, request.clone());
        }
        if let (Some(states), Some(item)) = (row.states, &mut item) {
            lifecycle::dress(&states, Phase::Deleting, item);
        }
        (begun(request, delete, item), Outcome::Deferred)
    }

    /// The cloud itself.
    async fn forward(&self, request: &Request) -> (Answer, Outcome) {
        let mut answer = match self.upstreams.forward(request).await {
            Ok(answer) => answer,
            Err(error) => {
                let refusal = Refusal::new(503, "ServiceUnavailable", format!("gateway: {error:#}"));
                return (Answer::refusal(request, &refusal), Outcome::Unreachable);
            }
        };
        if answer.ok() {
            self.begin(request, &answer).await;
            if let Some(refused) = self.rewrite(request, &mut answer) {
                return (refused, Outcome::Forwarded);
            }
        }
        (answer, Outcome::Forwarded)
    }

    /// What the cloud has done begins to take AWS's time.
    async fn begin(&self, request: &Request, answer: &Answer) {
        let (profile, now, region) = (self.profile(), self.clock.now(), &request.scope.region);
        let made = record::made(request, answer);
        for (row, create) in table::creates(&request.service, &request.action) {
            let ready = now + profile.takes(row.kind, create.action, create.secs);
            for id in &made {
                self.lifecycle.born(lifecycle::key(row, region, id), ready, now + profile.blind());
                self.repairs.learn(self, row, id, request).await;
            }
        }
        for (row, modify) in table::modifies(&request.service, &request.action) {
            let takes = profile.takes(row.kind, modify.action, modify.secs);
            if let Some(id) = request.params.get(modify.param).filter(|_| !takes.is_zero()) {
                self.lifecycle.changed(lifecycle::key(row, region, id), now + takes);
            }
        }
        for (row, delete) in table::deletes(&request.service, &request.action) {
            let keys: Vec<_> =
                request.params.list(delete.param).into_iter().map(|id| lifecycle::key(row, region, id)).collect();
            self.lifecycle.bury(&keys);
        }
    }

    /// Shows what the cloud answers as AWS would; a refusal when something asked for by id is not there (yet).
    fn rewrite(&self, request: &Request, answer: &mut Answer) -> Option<Answer> {
        let (service, action) = (request.service.as_str(), request.action.as_str());
        let shown = table::reads(service, action).map(|(row, read)| (row, read.items, Some(read)));
        let made = table::creates(service, action).map(|(row, create)| (row, create.items, None));
        let changed = table::modifies(service, action).map(|(row, modify)| (row, modify.items, None));
        // An empty path is the whole answer; only a document that says its id is an item.
        let all: Vec<_> = shown.chain(made).chain(changed).collect();
        if all.is_empty() {
            return None;
        }
        let mut tree = answer.tree()?;
        let before = tree.clone();
        for (row, items, read) in all {
            if let Some(refusal) = self.dress(row, items, read, request, &mut tree) {
                return Some(Answer::refusal(request, &refusal));
            }
        }
        if tree != before {
            answer.put(&tree);
        }
        None
    }

    fn dress(
        &self,
        row: &'static Row,
        path: &str,
        read: Option<&Read>,
        request: &Request,
        tree: &mut Tree,
    ) -> Option<Refusal> {
        let (now, region) = (self.clock.now(), &request.scope.region);
        let mirror = read.and_then(|read| read.mirror.as_ref());
        let states = mirror.map_or(row.states, |mirror| Some(mirror.states));
        let wanted =
            states.filter(|states| !states.filter.is_empty()).and_then(|states| request.params.filter(states.filter));
        let mut asked: Vec<&str> =
            read.map(|read| read.ask.iter().flat_map(|name| request.params.list(name)).collect()).unwrap_or_default();
        tree.visit(path, &mut |item| {
            let id = mirror.map_or_else(|| row.id_of(item), |mirror| item.text(mirror.id));
            let Some(id) = id else { return true };
            let key = lifecycle::key(row, region, &id);
            if read.is_some() && !self.lifecycle.is_visible(&key, now) {
                return false;
            }
            self.repairs.mend(row, item);
            asked.retain(|asked| !row.means(asked, item));
            let (Some(states), Some(phase)) = (states, self.lifecycle.phase(&key, now)) else { return true };
            lifecycle::dress(&states, phase, item);
            // The cloud has filtered by its own states, which are ahead of AWS's.
            wanted
                .as_ref()
                .is_none_or(|wanted| item.text(states.path).is_none_or(|state| wanted.contains(&state.as_str())))
        });
        let error = row.missing.filter(|_| mirror.is_none())?;
        let absent = asked.first()?;
        Some(Refusal::new(error.status, error.code, format!("{} {absent} does not exist.", row.kind)))
    }

    /// A thing as clients see it, new or not.
    pub async fn look(&self, row: &'static Row, ask: &str, id: &str, scope: &Scope) -> Result<Vec<Tree>> {
        let read = row.reads.iter().find(|read| read.ask.contains(&ask)).unwrap_or(&row.reads[0]);
        let name = match row.service {
            EC2 => format!("{ask}.1"),
            ELB | SCALING if ask.ends_with('s') => format!("{ask}.member.1"),
            _ => ask.to_owned(),
        };
        let request = Request::build(row.service, read.action, &[(&name, id)], scope)?;
        let answer = self.upstreams.forward(&request).await?;
        let (Some(tree), true) = (answer.tree(), answer.ok()) else { return Ok(Vec::new()) };
        let mut items = tree.items(read.items);
        for item in &mut items {
            let Some(id) = row.id_of(item) else { continue };
            let phase = self.lifecycle.phase(&lifecycle::key(row, &scope.region, &id), self.clock.now());
            if let (Some(states), Some(phase)) = (row.states, phase) {
                lifecycle::dress(&states, phase, item);
            }
        }
        Ok(items)
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
