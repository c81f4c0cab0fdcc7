//! One pass over one object: dereference, validate, blueprint, assemble, run, project, requeue.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::core::DeserializeGuard;
use kube::runtime::controller::Action;
use kube::{Resource, ResourceExt};
use tokio::time::Instant;
use wpc_api::annotations::{FINALIZER, Scope};
use wpc_api::{WordPressCluster, not_yet};
use wpc_aws::Account;
use wpc_blueprint::Stack;
use wpc_engine::{Class, Event, Fault, Memory, Options, Outcome, Pace, Report};

use crate::context::{Context, Hints};
use crate::events::Note;
use crate::finalize::{Progress, finalize};
use crate::metrics;
use crate::pass::{self, Worker};
use crate::trigger::Trigger;
use crate::{project, status};

/// Kubernetes could not be asked or told; the pass is repeated.
#[derive(Debug, thiserror::Error)]
#[error("the Kubernetes API: {0}")]
pub(crate) struct Error(#[from] pub(crate) kube::Error);

/// Makes a pass if the object asks for one, or if one is due.
pub(crate) async fn reconcile(
    object: Arc<DeserializeGuard<WordPressCluster>>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    let uid = object.uid().unwrap_or_default();
    let hints = context.hints(&uid);
    let mut hints = hints.lock().await;
    let trigger = Trigger::of(&object);
    if let Some((last, due)) = &hints.last
        && *last == trigger
        && *due > Instant::now()
    {
        // Our own write of the status woke us.
        return Ok(Action::requeue(due.duration_since(Instant::now())));
    }
    let started = Instant::now();
    let wait = match &object.0 {
        Ok(object) => pass(&context, object, &mut hints).await,
        Err(invalid) => return Ok(unreadable(&context, &object, &invalid.error, &mut hints).await),
    };
    context.metrics.seconds.observe(started.elapsed().as_secs_f64());
    let result = if wait.is_ok() { "ok" } else { "error" };
    context.metrics.passes.get_or_create(&metrics::Result { result }).inc();
    match wait? {
        Some(wait) => {
            hints.last = Some((trigger, Instant::now() + wait));
            Ok(Action::requeue(wait))
        }
        None => {
            context.forget(&uid);
            Ok(Action::await_change())
        }
    }
}

/// One pass; how long until the next, or nothing if the object is through.
async fn pass(context: &Context, object: &WordPressCluster, hints: &mut Hints) -> Result<Option<Duration>, Error> {
    let slow = Pace::default().slow;
    if object.spec.paused {
        status::write(context, object, project::paused(object, Timestamp::now())).await?;
        return Ok(Some(slow));
    }
    if object.meta().deletion_timestamp.is_some() {
        return Ok(match finalize(context, object, hints).await? {
            Progress::Done => None,
            Progress::Pending(wait) => Some(wait),
        });
    }
    if let Some(message) = unsupported(object) {
        event(context, object, Note::warning("NotSupportedYet", message.clone())).await;
        status::write(context, object, project::stalled(object, "NotSupportedYet", message, Timestamp::now())).await?;
        return Ok(Some(slow));
    }
    let (account, scope) = match dereference(context, object).await {
        Ok(found) => found,
        Err(fault) => return refuse(context, object, hints, fault.into()).await.map(Some),
    };
    if object.scope().ok().flatten().as_ref() != Some(&scope) || !object.finalizers().iter().any(|f| f == FINALIZER) {
        if object.scope().is_ok_and(|recorded| recorded.is_none()) {
            // Nobody has worked on this object before: no list needs to be doubted.
            hints.memory = Memory::fresh();
        }
        crate::finalize::adopt(context, object, &scope).await?;
        // The write wakes us with the object as it is now.
        return Ok(Some(Duration::ZERO));
    }
    run(context, object, hints, &account).await.map(Some)
}

/// Where the object's stack lives, by the credentials at hand.
async fn dereference(context: &Context, object: &WordPressCluster) -> Result<(Account, Scope), Fault> {
    let account = context.accounts.open(&object.spec.region).await?;
    let recorded = object.scope().map_err(|error| Fault::invalid(format!("the scope annotation: {error}")))?;
    if let Some(recorded) = recorded {
        same_account(&account, &recorded)?;
        return Ok((account, recorded));
    }
    let stack = Stack::new(&context.config.cluster_id, object.namespace().unwrap_or_default(), object.name_any());
    let at = account.scope();
    let scope = Scope { account: at.account.clone(), region: at.region.clone(), role: None, stack: stack.to_string() };
    Ok((account, scope))
}

/// Credentials that suddenly lead elsewhere would build a second stack there.
pub(crate) fn same_account(account: &Account, recorded: &Scope) -> Result<(), Fault> {
    let found = account.scope();
    if (&found.account, &found.region) == (&recorded.account, &recorded.region) {
        return Ok(());
    }
    let message = format!(
        "the stack lives in account {}, region {}; the credentials lead to account {}, region {}. Give back the old ones",
        recorded.account, recorded.region, found.account, found.region
    );
    Err(Fault { reason: "AccountChanged", ..Fault::new(Class::Denied, message) })
}

/// Fields that are not built yet, with their paths.
fn unsupported(object: &WordPressCluster) -> Option<String> {
    let found = not_yet::not_yet(&object.spec);
    let each: Vec<_> = found.iter().map(|entry| format!("spec.{} {}", entry.path, entry.message)).collect();
    (!each.is_empty()).then(|| each.join("; "))
}

async fn run(
    context: &Context,
    object: &WordPressCluster,
    hints: &mut Hints,
    account: &Account,
) -> Result<Duration, Error> {
    let stack = match object.scope().ok().flatten().map(|scope| scope.stack.parse::<Stack>()) {
        Some(Ok(stack)) => stack,
        _ => return refuse(context, object, hints, Fault::invalid("the scope annotation names no stack").into()).await,
    };
    let worker = Worker { stack, operator: context.operator.clone(), adopt: object.adopts(), access: context.access() };
    let hold = pass::hold(&object.spec, project::converged(object));
    let done = Done::default();
    let options = Options {
        settle: context.config.settle,
        concurrency: context.config.concurrency.into(),
        hold: &hold,
        halted: &|| context.ending(),
        observer: &|event| done.note(event),
        ..Options::apply()
    };
    let passed = pass::live(&worker, &object.spec, account, &mut hints.memory, &options).await;
    done.tell(context, object).await;
    let (assembly, report) = match passed {
        Ok(passed) => passed,
        Err(stop) => return refuse(context, object, hints, stop).await,
    };
    tell(context, object, hints, &report).await;
    count(context, object, &report);
    if !report.halted {
        status::write(context, object, project::live(object, &assembly, &report, Timestamp::now())).await?;
    }
    Ok(wpc_engine::requeue(&report, &mut hints.memory, pace(context, object)))
}

/// There was no pass: say why, and come back.
async fn refuse(
    context: &Context,
    object: &WordPressCluster,
    hints: &mut Hints,
    stop: pass::Stop,
) -> Result<Duration, Error> {
    let wait = match &stop {
        pass::Stop::Fault(fault) => {
            tell_fault(context, object, hints, "scope", fault).await;
            if fault.class.needs_person() { Duration::from_secs(30) } else { Duration::from_secs(5) }
        }
        pass::Stop::Impossible(why) => {
            event(context, object, Note::warning("InvalidSpec", why.to_string())).await;
            Pace::default().slow
        }
    };
    status::write(context, object, project::stopped(object, &stop, Timestamp::now())).await?;
    Ok(wait)
}

pub(crate) fn pace(context: &Context, object: &WordPressCluster) -> Pace {
    // Spread by the object, not by the moment: the same object keeps its place.
    let spread =
        object.uid().unwrap_or_default().bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    Pace {
        resync: context.config.resync,
        settle: context.config.settle,
        jitter: f64::from(spread % 1000) / 1000.0,
        ..Pace::default()
    }
}

/// The steps that a pass takes, to be told once it is through.
#[derive(Default)]
pub(crate) struct Done(Mutex<Vec<Note>>);

impl Done {
    pub(crate) fn note(&self, event: Event) {
        if let Some(note) = Note::of(&event) {
            tracing::info!(component = note.action, "{}", note.text);
            self.0.lock().expect("no panic while held").push(note);
        }
    }

    pub(crate) async fn tell(self, context: &Context, object: &WordPressCluster) {
        for note in self.0.into_inner().expect("no panic while held") {
            event(context, object, note).await;
        }
    }
}

/// Tells each new fault once, not in every pass.
pub(crate) async fn tell(context: &Context, object: &WordPressCluster, hints: &mut Hints, report: &Report) {
    let now: BTreeMap<_, _> = report.faults().map(|(name, fault)| (name.to_owned(), fault)).collect();
    for (name, fault) in &now {
        if hints.told.get(name).is_none_or(|told| told != fault.reason) {
            tracing::warn!(component = name, reason = fault.reason, "{fault}");
            event(context, object, Note::fault(name, fault)).await;
        }
    }
    let refused = report.components.iter().filter(|c| matches!(c.outcome, Outcome::Refused(_)));
    let mut told: BTreeMap<_, _> = now.into_iter().map(|(name, fault)| (name, fault.reason.to_owned())).collect();
    for component in refused {
        let name = component.key.name.clone();
        if hints.told.get(&name).is_none_or(|told| told != "ChangeRefused") {
            let text = format!("{name}: {} cannot be changed while its data lives", component.outcome.detail());
            event(context, object, Note::warning("ChangeRefused", text)).await;
        }
        told.insert(name, "ChangeRefused".into());
    }
    hints.told = told;
}

pub(crate) async fn tell_fault(
    context: &Context,
    object: &WordPressCluster,
    hints: &mut Hints,
    name: &str,
    fault: &Fault,
) {
    if hints.told.get(name).is_none_or(|told| told != fault.reason) {
        tracing::warn!(component = name, reason = fault.reason, "{fault}");
        event(context, object, Note::fault(name, fault)).await;
        hints.told.insert(name.to_owned(), fault.reason.to_owned());
    }
}

pub(crate) async fn event(context: &Context, object: &WordPressCluster, note: Note) {
    context.events.tell(&object.object_ref(&()), note).await;
}

/// An object that cannot be read as a WordPressCluster: another version of the operator may have allowed it.
async fn unreadable(
    context: &Context,
    object: &DeserializeGuard<WordPressCluster>,
    error: &str,
    hints: &mut Hints,
) -> Action {
    if hints.told.get("object").is_none_or(|told| told != error) {
        tracing::warn!(error, "the object cannot be read");
        let about: ObjectReference = object.object_ref(&());
        context.events.tell(&about, Note::warning("InvalidSpec", format!("cannot be read: {error}"))).await;
        hints.told.insert("object".into(), error.to_owned());
    }
    Action::requeue(Pace::default().slow)
}

fn count(context: &Context, object: &WordPressCluster, report: &Report) {
    let mut states: BTreeMap<&'static str, i64> = BTreeMap::new();
    for component in &report.components {
        *states.entry(component.outcome.word()).or_default() += 1;
    }
    for state in ["Ready", "Settling", "Waiting", "Blocked", "Failed", "Broken", "Refused", "Deleting", "Held"] {
        let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
        let labels = metrics::Components { namespace, name, state };
        context.metrics.components.get_or_create(&labels).set(states.get(state).copied().unwrap_or_default());
    }
}
