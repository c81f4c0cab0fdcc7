//! The object's end: the stack goes first, then the finalizer.

use std::time::Duration;

use jiff::Timestamp;
use kube::api::{ApiResource, DynamicObject, ObjectMeta, Patch, PatchParams};
use kube::{Api, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::json;
use wpc_api::annotations::{FINALIZER, SCOPE, Scope};
use wpc_api::v1alpha1::Site;
use wpc_api::{WordPressCluster, WordPressClusterSpec, annotations};
use wpc_aws::Account;
use wpc_blueprint::Stack;
use wpc_engine::{Fault, Memory, Options, Report};

use crate::context::{Context, Hints};
use crate::events::Note;
use crate::pass::{self, Worker};
use crate::{project, reconcile, status, tenancy};

/// Whether an object's stack is gone.
pub(crate) enum Progress {
    /// It is, but for what policy keeps: the finalizer went too.
    Done,
    /// Look again after so long.
    Pending(Duration),
}

/// Writes the finalizer and the scope, before the first call that changes anything in AWS.
pub(crate) async fn adopt(context: &Context, object: &WordPressCluster, scope: &Scope) -> Result<(), kube::Error> {
    let mut finalizers = object.finalizers().to_vec();
    if !finalizers.iter().any(|name| name == FINALIZER) {
        finalizers.push(FINALIZER.into());
    }
    let annotations = json!({ SCOPE: scope.to_annotation() });
    write(context, &object.metadata, json!({ "finalizers": finalizers, "annotations": annotations })).await
}

/// Takes a deleted object's stack one step nearer to its end. It reads only the recorded scope and the deletion policy,
/// so it needs no valid spec.
pub(crate) async fn finalize(
    context: &Context,
    object: &WordPressCluster,
    hints: &mut Hints,
) -> Result<Progress, kube::Error> {
    if !object.finalizers().iter().any(|name| name == FINALIZER) {
        return Ok(Progress::Done);
    }
    let (account, stack) = match open(context, object).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            // Nothing was ever made.
            release(context, object).await?;
            return Ok(Progress::Done);
        }
        Err(fault) => return reconcile::refuse(context, object, hints, fault.into()).await.map(Progress::Pending),
    };
    let worker = Worker { stack, operator: context.operator.clone(), adopt: object.adopts(), access: context.access() };
    let report = destroy(context, object, &account, &worker, &mut hints.memory).await;
    reconcile::tell(context, object, hints, &report).await;
    if report.removed() {
        tell_end(context, object, &report).await;
        release(context, object).await?;
        return Ok(Progress::Done);
    }
    context.metrics.count(&object.namespace().unwrap_or_default(), &object.name_any(), &report);
    if !report.halted {
        status::write(context, object, project::leaving(object, &report, Timestamp::now())).await?;
    }
    let pace = reconcile::pace(context, object);
    Ok(Progress::Pending(wpc_engine::requeue(&report, &mut hints.memory, pace)))
}

/// Where the recorded stack lives; none if none was ever recorded. The recorded role must be allowed as one in the spec
/// must: the annotation can be edited too.
async fn open(context: &Context, object: &WordPressCluster) -> Result<Option<(Account, Stack)>, Fault> {
    let Some(scope) = tenancy::recorded(context, object)? else { return Ok(None) };
    let role = scope.role.as_deref();
    let account = tenancy::open(context, object, &scope.region, role).await?;
    tenancy::same_account(&account, role, &scope)?;
    Ok(Some((account, tenancy::stack(context, object))))
}

async fn destroy(
    context: &Context,
    object: &WordPressCluster,
    account: &Account,
    worker: &Worker,
    memory: &mut Memory,
) -> Report {
    let done = reconcile::Done::default();
    let options = Options {
        removal: pass::removal(object.spec.deletion_policy, object.deletion_confirmed()),
        settle: context.settle(),
        concurrency: context.config.concurrency.into(),
        halted: &|| context.halted(),
        observer: &|event| done.note(event),
        ..Options::apply()
    };
    let report = pass::destroy(worker, account, memory, &options).await;
    done.tell(context, object).await;
    report
}

/// The last event names what is kept.
async fn tell_end(context: &Context, object: &WordPressCluster, report: &Report) {
    let kept: Vec<_> =
        report.kept().map(|c| format!("{} {}", c.key.name, c.id.as_ref().map_or("", |id| id.as_str()))).collect();
    let unconfirmed =
        object.spec.deletion_policy == wpc_api::v1alpha1::DeletionPolicy::Delete && !object.deletion_confirmed();
    let why = match unconfirmed {
        true => format!(" (annotate {} to remove data)", annotations::CONFIRM_DELETE),
        false => String::new(),
    };
    let text = match kept.is_empty() {
        true => "the stack is gone; nothing is kept".to_owned(),
        false => format!("the stack is gone; kept{why}: {}", kept.join(", ")),
    };
    tracing::info!("{text}");
    reconcile::event(context, object, Note::normal("Removed", "Finalize", text)).await;
}

/// An object whose spec or status cannot be read, with what can be read of that which its end needs.
pub(crate) async fn stand_in(context: &Context, metadata: ObjectMeta) -> Result<WordPressCluster, kube::Error> {
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let kind = ApiResource::erase::<WordPressCluster>(&());
    let api = Api::<DynamicObject>::namespaced_with(context.client.clone(), namespace, &kind);
    let raw = api.get(metadata.name.as_deref().unwrap_or_default()).await?.data;
    let mut spec = WordPressClusterSpec::new("", Site::new([""; 0], ""));
    spec.deletion_policy = read(&raw["spec"]["deletionPolicy"]).unwrap_or_default();
    spec.paused = read(&raw["spec"]["paused"]).unwrap_or_default();
    Ok(WordPressCluster { metadata, spec, status: read(&raw["status"]) })
}

fn read<T: DeserializeOwned>(value: &serde_json::Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// How often somebody else may be faster.
const TRIES: usize = 5;

/// Takes the finalizer off. Somebody who writes to the object again and again does not keep it from its end, as long as
/// they write nothing that its end was judged by.
async fn release(context: &Context, object: &WordPressCluster) -> Result<(), kube::Error> {
    let mut latest = object.metadata.clone();
    for _ in 1..TRIES {
        let conflict = match take_off(context, &latest).await {
            Err(error) if reconcile::is_conflict(&error) => error,
            taken => return taken,
        };
        match api(context, &latest).get_metadata_opt(&object.name_any()).await? {
            None => return Ok(()),
            Some(found) if judged_by(&found.metadata) == judged_by(&object.metadata) => latest = found.metadata,
            Some(_) => return Err(conflict),
        }
    }
    take_off(context, &latest).await
}

/// What decides how an object ends: which object it is, its spec, where its stack is, and whether its data may go.
fn judged_by(metadata: &ObjectMeta) -> impl PartialEq {
    let annotation =
        |name: &str| metadata.annotations.iter().flatten().find(|(key, _)| *key == name).map(|(_, v)| v.clone());
    (metadata.uid.clone(), metadata.generation, annotation(SCOPE), annotation(annotations::CONFIRM_DELETE))
}

async fn take_off(context: &Context, metadata: &ObjectMeta) -> Result<(), kube::Error> {
    let finalizers: Vec<_> = metadata.finalizers.iter().flatten().filter(|name| *name != FINALIZER).collect();
    write(context, metadata, json!({ "finalizers": finalizers })).await
}

fn api(context: &Context, object: &ObjectMeta) -> Api<WordPressCluster> {
    Api::namespaced(context.client.clone(), object.namespace.as_deref().unwrap_or_default())
}

/// Changes the object's metadata, unless somebody else has changed the object since.
async fn write(context: &Context, object: &ObjectMeta, mut metadata: serde_json::Value) -> Result<(), kube::Error> {
    metadata["resourceVersion"] = json!(object.resource_version);
    let patch = Patch::Merge(json!({ "metadata": metadata }));
    let params = PatchParams { field_manager: Some(status::MANAGER.into()), ..PatchParams::default() };
    match api(context, object).patch(object.name.as_deref().unwrap_or_default(), &params, &patch).await {
        // It is gone already.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        written => written.map(drop),
    }
}
