//! One pass over one object: dereference, validate, blueprint, assemble, run, project, requeue.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use kube::core::DeserializeGuard;
use kube::runtime::controller::Action;
use kube::{Resource, ResourceExt};
use tokio::time::Instant;
use wpc_api::annotations::{FINALIZER, Scope};
use wpc_api::{WordPressCluster, not_yet};
use wpc_aws::Account;
use wpc_blueprint::preflight::Check;
use wpc_blueprint::price::Estimate;
use wpc_blueprint::refusal::{Refusal, refusal};
use wpc_engine::{Event, Fault, Options, Outcome, Pace, Report};

use crate::context::{Context, Hints};
use crate::events::Note;
use crate::finalize::{Progress, adopt, finalize, stand_in};
use crate::metrics;
use crate::pass::{self, Worker};
use crate::trigger::Trigger;
use crate::{project, status, tenancy};

/// How long to wait for the watch to bring what was just written to the object.
const WOKEN: Duration = Duration::from_secs(5);

/// Kubernetes could not be asked or told; the pass is repeated.
#[derive(Debug, thiserror::Error)]
#[error("the Kubernetes API: {0}")]
pub(crate) struct Error(#[from] pub(crate) kube::Error);

/// Somebody else wrote first.
pub(crate) fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409)
}

/// Makes a pass if the object asks for one, or if one is due.
pub(crate) async fn reconcile(
    object: Arc<DeserializeGuard<WordPressCluster>>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    if let Some(action) = context.idle() {
        return Ok(action);
    }
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
        Err(invalid) => unreadable(&context, &object, &invalid.error, &mut hints).await,
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
            context.metrics.forget(&object.namespace().unwrap_or_default(), &object.name_any());
            Ok(Action::await_change())
        }
    }
}

/// One pass; how long until the next, or nothing if the object is through.
async fn pass(
    context: &Context,
    object: &WordPressCluster,
    hints: &mut Hints,
) -> Result<Option<Duration>, kube::Error> {
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
        warn(context, object, hints, &message, Note::warning("NotSupportedYet", message.clone())).await;
        status::write(context, object, project::stalled(object, "NotSupportedYet", message, Timestamp::now())).await?;
        return Ok(Some(slow));
    }
    let estimate = Estimate::of(&object.spec, &context.config.prices);
    if let Some(over) = object.spec.budget.monthly_usd.and_then(|budget| estimate.above(budget)) {
        let (reason, message) = (over.reason(), over.to_string());
        warn(context, object, hints, &message, Note::warning(reason, message.clone())).await;
        let stalled = project::stalled(object, reason, message, Timestamp::now());
        status::write(context, object, project::priced(stalled, &estimate)).await?;
        return Ok(Some(slow));
    }
    let (account, scope) = match dereference(context, object).await {
        Ok(found) => found,
        Err(fault) => return refuse(context, object, hints, fault.into()).await.map(Some),
    };
    hints.work_in(&scope);
    if enrol(context, object, &scope).await? {
        return Ok(Some(WOKEN));
    }
    run(context, object, hints, &account, &estimate).await.map(Some)
}

/// Writes finalizer and scope where one is missing, before anything else is written; whether it did.
pub(crate) async fn enrol(context: &Context, object: &WordPressCluster, scope: &Scope) -> Result<bool, kube::Error> {
    let recorded = object.scope().ok().flatten();
    if recorded.as_ref() == Some(scope) && object.finalizers().iter().any(|name| name == FINALIZER) {
        return Ok(false);
    }
    adopt(context, object, scope).await?;
    Ok(true)
}

/// Where the object's stack lives, by the credentials at hand. The role may change while it leads to the same account.
async fn dereference(context: &Context, object: &WordPressCluster) -> Result<(Account, Scope), Fault> {
    let recorded = tenancy::recorded(context, object)?;
    let role = object.spec.role_arn.clone();
    let account = tenancy::open(context, object, &object.spec.region, role.as_deref()).await?;
    if let Some(recorded) = recorded {
        tenancy::same_account(&account, role.as_deref(), &recorded)?;
        return Ok((account, Scope { role, ..recorded }));
    }
    let at = account.scope();
    let stack = tenancy::stack(context, object).to_string();
    let scope = Scope { account: at.account.clone(), region: at.region.clone(), role, stack };
    Ok((account, scope))
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
    estimate: &Estimate,
) -> Result<Duration, kube::Error> {
    let stack = tenancy::stack(context, object);
    hints.work_for(object.metadata.generation);
    if project::asked(object) {
        hints.memory.try_again();
        account.refresh(&stack.to_string());
    }
    let worker = Worker { stack, operator: context.operator.clone(), adopt: object.adopts(), access: context.access() };
    let hold = pass::hold(&object.spec, project::converged(object));
    let mut checked = None;
    if project::untouched(object) {
        let options = Options { concurrency: context.config.concurrency.into(), ..Options::plan() };
        match Box::pin(pass::preflight(&worker, &object.spec, account, &options)).await {
            Ok(Some(checks)) => match project::obstacle(&checks) {
                Some(note) => return grounded(context, object, hints, &checks, note).await,
                None => checked = Some(checks),
            },
            Ok(None) => {}
            Err(stop) => return refuse(context, object, hints, stop).await,
        }
    }
    let done = Done::default();
    let options = Options {
        settle: context.settle(),
        concurrency: context.config.concurrency.into(),
        hold: &hold,
        halted: &|| context.halted(),
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
    context.metrics.count(&object.namespace().unwrap_or_default(), &object.name_any(), &report);
    if !report.halted {
        let now = Timestamp::now();
        let mut status = project::priced(project::live(object, &assembly, &report, now), estimate);
        if let Some(checks) = &checked {
            project::preflight(object, &mut status, checks, now);
        }
        status::write(context, object, status).await?;
    }
    Ok(wpc_engine::requeue(&report, &mut hints.memory, pace(context, object)))
}

/// Nothing is begun: say what is in the way, and look again.
async fn grounded(
    context: &Context,
    object: &WordPressCluster,
    hints: &mut Hints,
    checks: &[Check],
    (reason, message): (&'static str, String),
) -> Result<Duration, kube::Error> {
    warn(context, object, hints, &message, Note::warning(reason, message.clone())).await;
    let now = Timestamp::now();
    let mut status = project::stalled(object, reason, message, now);
    project::preflight(object, &mut status, checks, now);
    status::write(context, object, status).await?;
    Ok(pace(context, object).slow)
}

/// There was no pass: say why, and come back.
pub(crate) async fn refuse(
    context: &Context,
    object: &WordPressCluster,
    hints: &mut Hints,
    stop: pass::Stop,
) -> Result<Duration, kube::Error> {
    let wait = match &stop {
        pass::Stop::Fault(fault) => {
            warn(context, object, hints, fault.reason, Note::warning(fault.reason, fault.to_string())).await;
            later(context, object, hints, fault)
        }
        pass::Stop::Impossible(why) => {
            warn(context, object, hints, &why.to_string(), Note::warning("InvalidSpec", why.to_string())).await;
            Pace::default().slow
        }
    };
    status::write(context, object, project::stopped(object, &stop, Timestamp::now())).await?;
    Ok(wait)
}

/// When to ask for the account again.
fn later(context: &Context, object: &WordPressCluster, hints: &mut Hints, fault: &Fault) -> Duration {
    let report = Report { unlisted: vec![("account", fault.clone())], ..Report::default() };
    // One small call; whoever mends the credentials should not wait for long.
    wpc_engine::requeue(&report, &mut hints.memory, pace(context, object)).min(Duration::from_secs(30))
}

pub(crate) fn pace(context: &Context, object: &WordPressCluster) -> Pace {
    // Spread by the object, not by the moment: the same object keeps its place.
    let spread =
        object.uid().unwrap_or_default().bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    Pace {
        resync: context.config.resync,
        settle: context.settle(),
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
            tracing::info!(component = note.component, "{}", note.text);
            self.0.lock().expect("no panic while held").push(note);
        }
    }

    pub(crate) async fn tell(self, context: &Context, object: &WordPressCluster) {
        for note in self.0.into_inner().expect("no panic while held") {
            event(context, object, note).await;
        }
    }
}

/// Tells what is wrong with each component.
pub(crate) async fn tell(context: &Context, object: &WordPressCluster, hints: &mut Hints, report: &Report) {
    let faults = report.faults().map(|(name, fault)| {
        let note = Note::warning(fault.reason, format!("{name}: {fault}"));
        (name, note)
    });
    let refused = report.components.iter().filter_map(|c| {
        let Outcome::Refused(changes) = &c.outcome else { return None };
        let (name, Refusal { reason, message }) = (c.key.name.as_str(), refusal(changes));
        Some((name, Note::warning(reason, format!("{name}: {message}"))))
    });
    let contested = report.components.iter().filter_map(|c| match &c.outcome {
        Outcome::Contested(fields) => Some((c.key.name.as_str(), project::contest(&c.key.name, fields))),
        _ => None,
    });
    let wrong: BTreeMap<_, _> = faults.chain(refused).chain(contested).collect();
    hints.told.keep(|component| component.is_some_and(|name| wrong.contains_key(name)));
    for (name, note) in wrong {
        warn(context, object, hints, &note.reason.clone(), note.about(name)).await;
    }
}

async fn warn(context: &Context, object: &WordPressCluster, hints: &mut Hints, what: &str, note: Note) {
    context.events.warn(&object.object_ref(&()), &mut hints.told, what, note).await;
}

pub(crate) async fn event(context: &Context, object: &WordPressCluster, note: Note) {
    context.events.tell(&object.object_ref(&()), note).await;
}

/// An object that cannot be read as a WordPressCluster: another version of the operator may have allowed it. Its end
/// needs no valid spec.
async fn unreadable(
    context: &Context,
    object: &DeserializeGuard<WordPressCluster>,
    error: &str,
    hints: &mut Hints,
) -> Result<Option<Duration>, kube::Error> {
    if object.meta().deletion_timestamp.is_some() {
        let object = stand_in(context, object.meta().clone()).await?;
        return pass(context, &object, hints).await;
    }
    let note = Note::warning("InvalidSpec", format!("cannot be read: {error}"));
    context.events.warn(&object.object_ref(&()), &mut hints.told, error, note).await;
    Ok(Some(Pace::default().slow))
}
