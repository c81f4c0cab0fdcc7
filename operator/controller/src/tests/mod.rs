//! The glue against a Kubernetes API that is a few lines: what is written, in which order, and what is not.

mod election;
mod ends;
mod events;
mod objects;
mod serving;
mod tenants;

use std::pin::pin;
use std::sync::{Arc, Mutex};

use http::{Method, Request, Response};
use kube::Client;
use kube::client::Body;
use kube::core::DeserializeGuard;
use kube::runtime::controller::Action;
use serde_json::{Value, json};
use wpc_api::WordPressCluster;
use wpc_aws::Accounts;

use crate::Config;
use crate::context::Context;
use crate::reconcile::{Error, reconcile};

/// One request that the API got.
#[derive(Debug, Clone)]
struct Call {
    method: Method,
    path: String,
    query: String,
    body: Value,
}

/// What the API answers, where it is not the usual; status 0 never answers.
type Odd = dyn Fn(&Call) -> Option<(u16, Value)> + Send;

/// The API's side: what it was asked.
#[derive(Clone, Default)]
struct Kube(Arc<Mutex<Vec<Call>>>);

impl Kube {
    /// An API that takes every write.
    fn new() -> (Client, Self) {
        Self::with(|_| None)
    }

    /// An API that answers some calls in its own way.
    fn with(odd: impl Fn(&Call) -> Option<(u16, Value)> + Send + 'static) -> (Client, Self) {
        let (service, handle) = tower_test::mock::pair::<Request<Body>, Response<Body>>();
        let kube = Self::default();
        tokio::spawn(serve(handle, kube.clone(), Box::new(odd)));
        (Client::new(service, "press"), kube)
    }

    /// What was asked since the last time, as `PATCH status`, `PATCH object`, `POST event`.
    fn taken(&self) -> Vec<Call> {
        std::mem::take(&mut *self.0.lock().expect("no panic while held"))
    }

    fn words(&self) -> Vec<String> {
        self.taken().iter().map(Call::word).collect()
    }
}

impl Call {
    fn word(&self) -> String {
        let what = match self.path.as_str() {
            path if path.contains("/events") => "event",
            path if path.ends_with("/status") => "status",
            _ => "object",
        };
        format!("{} {what}", self.method)
    }
}

async fn serve(handle: tower_test::mock::Handle<Request<Body>, Response<Body>>, kube: Kube, odd: Box<Odd>) {
    let mut handle = pin!(handle);
    let mut unanswered = vec![];
    while let Some((request, answer)) = handle.next_request().await {
        let (head, body) = request.into_parts();
        let body = body.collect_bytes().await.expect("a body");
        let call = Call {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        let (code, body) = odd(&call).unwrap_or_else(|| usual(&call));
        kube.0.lock().expect("no panic while held").push(call);
        if code == 0 {
            unanswered.push(answer);
            continue;
        }
        let body = Body::from(serde_json::to_vec(&body).expect("JSON"));
        answer.send_response(Response::builder().status(code).body(body).expect("a response"));
    }
}

fn usual(call: &Call) -> (u16, Value) {
    match call.path.contains("/events") {
        true => (201, call.body.clone()),
        false => (200, json!(WordPressCluster::fixture())),
    }
}

/// The API's refusal.
fn refusal(code: u16, reason: &str) -> (u16, Value) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "the API said no", "reason": reason, "code": code,
    });
    (code, status)
}

fn context(client: Client) -> Arc<Context> {
    Arc::new(Context::new(client, Config::default(), Accounts::default(), "operator-uid".into()))
}

fn readable(object: WordPressCluster) -> Arc<DeserializeGuard<WordPressCluster>> {
    Arc::new(DeserializeGuard(Ok(object)))
}

/// An object as a newer operator might have allowed it.
fn unreadable(object: WordPressCluster) -> Arc<DeserializeGuard<WordPressCluster>> {
    let mut raw = json!(object);
    raw["spec"]["deletionPolicy"] = json!("Archive");
    let guarded: DeserializeGuard<WordPressCluster> = serde_json::from_value(raw).expect("metadata at least");
    assert!(guarded.0.is_err());
    Arc::new(guarded)
}

async fn pass(object: &Arc<DeserializeGuard<WordPressCluster>>, context: &Arc<Context>) -> Result<Action, Error> {
    reconcile(object.clone(), context.clone()).await
}
