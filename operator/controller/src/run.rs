//! The operator's life: watch, reconcile, serve, and end without losing a call in flight.

use std::future::{self, Future};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use futures::{StreamExt, stream};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Namespace;
use kube::core::DeserializeGuard;
use kube::runtime::controller::{self, Action};
use kube::runtime::{Controller, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::Instrument;
use wpc_api::WordPressCluster;
use wpc_aws::Accounts;

use crate::Config;
use crate::context::Context;
use crate::events::Note;
use crate::http;
use crate::leadership::{Candidate, Lost};
use crate::reconcile::{Error, is_conflict, reconcile};

type Guarded = DeserializeGuard<WordPressCluster>;

/// Why the operator ended without being asked to.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The address for health and metrics cannot be had.
    #[error("cannot serve on {0}: {1}")]
    Http(std::net::SocketAddr, std::io::Error),
    /// Kubernetes did not say who we are.
    #[error("cannot read the namespace kube-system, whose uid names this operator to others: {0}")]
    Identity(kube::Error),
    /// The times of the lease make no sense together.
    #[error("{0}")]
    Lease(String),
    /// Another replica leads.
    #[error("the lease is lost, so this process ends and the next one remembers nothing")]
    Lost(#[from] Lost),
}

/// How long a hand-over waits for passes to end. What they write is waited for in any case; what they only read is not
/// worth more.
const LAST_PASSES: Duration = Duration::from_secs(1);

/// Runs until `stop`: then no new write is started, the calls in flight are finished, the lease is released, and it
/// returns.
pub async fn run(
    client: Client,
    config: Config,
    accounts: Accounts,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Ended> {
    if let Some(election) = &config.election {
        election.check(config.write_timeout).map_err(Ended::Lease)?;
    }
    let address = config.http_addr;
    let listener = TcpListener::bind(address).await.map_err(|error| Ended::Http(address, error))?;
    let system = Api::<Namespace>::all(client.clone()).get("kube-system").await.map_err(Ended::Identity)?;
    let context = Arc::new(Context::new(client.clone(), config, accounts, system.uid().unwrap_or_default()));
    let candidate = context
        .config
        .election
        .as_ref()
        .map(|election| Candidate::new(client, election, context.config.write_timeout, context.leadership.clone()));
    let apis = apis(&context);
    let (unsynced, readiness) = watch::channel(apis.len());
    let (ending, ended) = watch::channel(false);
    let stopped = |mut ended: watch::Receiver<bool>| async move { drop(ended.wait_for(|ended| *ended).await) };

    let serving = tokio::spawn(http::serve(listener, context.clone(), readiness, stopped(ended.clone())));
    let asked = tokio::spawn({
        let context = context.clone();
        async move {
            stop.await;
            tracing::info!("asked to end: no new write is started");
            context.leadership.end();
            let _ = ending.send(true);
        }
    });
    let controllers =
        apis.into_iter().map(|api| control(context.clone(), api, stopped(ended.clone()), unsynced.clone()));
    let (passes, mut all_passes) = watch::channel(false);
    let working = async {
        join_all(controllers).await;
        let _ = passes.send(true);
        Ok(())
    };
    let quiet = async {
        stopped(ended.clone()).await;
        let _ = tokio::time::timeout(LAST_PASSES, all_passes.wait_for(|all| *all)).await;
    };
    let electing = async {
        match candidate {
            Some(candidate) => candidate.run(stopped(ended.clone()), quiet, |lease| tell(&context, lease)).await,
            None => Ok(()),
        }
    };
    futures::try_join!(electing, working)?;
    asked.abort();
    let _ = tokio::time::timeout(Duration::from_secs(2), serving).await;
    Ok(())
}

/// An event beside the Lease: who leads since when.
fn tell(context: &Arc<Context>, lease: &Lease) {
    let (about, context) = (lease.object_ref(&()), context.clone());
    let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()).unwrap_or_default();
    let note = Note::normal("LeaderElection", "Lead", format!("{holder} leads"));
    // Renewals do not wait for it.
    tokio::spawn(async move { context.events.tell(&about, note).await });
}

fn apis(context: &Context) -> Vec<Api<Guarded>> {
    let client = || context.client.clone();
    match context.config.namespaces.as_slice() {
        [] => vec![Api::all(client())],
        some => some.iter().map(|namespace| Api::namespaced(client(), namespace)).collect(),
    }
}

async fn control(
    context: Arc<Context>,
    api: Api<Guarded>,
    stop: impl Future<Output = ()> + Send + Sync + 'static,
    unsynced: watch::Sender<usize>,
) {
    let concurrency = context.config.concurrency.max(1);
    let controller = Controller::new(api, watcher::Config::default())
        .with_config(controller::Config::default().concurrency(concurrency))
        .reconcile_all_on(context.leadership.begins())
        .graceful_shutdown_on(stop);
    let store = controller.store();
    let synced = stream::once(async move {
        if store.wait_until_ready().await.is_ok() {
            unsynced.send_modify(|left| *left -= 1);
        }
    });
    let passes = controller.run(in_span, retry, context).map(drop);
    stream::select(synced, passes).for_each(future::ready).await;
}

/// Every line of a pass's log names the object.
async fn in_span(object: Arc<Guarded>, context: Arc<Context>) -> Result<Action, Error> {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let span = tracing::info_span!("object", namespace, name);
    reconcile(object, context).instrument(span).await
}

/// Kubernetes refused or was away: again soon. What AWS does is no error here.
pub(crate) fn retry(object: Arc<Guarded>, error: &Error, _: Arc<Context>) -> Action {
    // Somebody else wrote first; the watch brings the new object.
    if is_conflict(&error.0) {
        return Action::requeue(Duration::from_millis(200));
    }
    tracing::warn!(namespace = object.namespace(), name = object.name_any(), "{error}");
    Action::requeue(Duration::from_secs(5))
}
