//! HTTP: calls in, answers out, and the gateway's own pages under `/_gateway/`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{FromRequest, Query, Request as HttpRequest, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::IncomingStream;
use axum::{Json, Router};
use futures::StreamExt;
use http::{StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::net::TcpListener;

use super::engine::{Engine, Reply};
use super::faults::Fault;
use super::lifecycle::{Key, Phase};
use super::profile::Profile;
use super::protocol::{Answer, Request, Scope};
use super::record::{Call, Latency};
use super::stop::StopAfter;
use crate::inventory::inventory;

/// Largest request body.
const LARGEST: usize = 64 << 20;

/// Serves until the task ends.
pub async fn serve(listener: TcpListener, engine: Arc<Engine>) {
    let router = Router::new()
        .route("/_gateway/health", get(|| async { "ok" }))
        .route("/_gateway/calls", get(calls))
        .route("/_gateway/stats", get(async |State(engine): State<Arc<Engine>>| Json(engine.ledger.stats())))
        .route("/_gateway/violations", get(async |State(engine): State<Arc<Engine>>| Json(engine.models.found())))
        .route("/_gateway/busy", get(busy))
        .route("/_gateway/stop", get(async |State(engine): State<Arc<Engine>>| Json(engine.stops.standing())))
        .route("/_gateway/reset", post(async |State(engine): State<Arc<Engine>>| engine.ledger.reset()))
        .route("/_gateway/advance", post(advance))
        .route("/_gateway/stop_after", post(stop_after))
        .route("/_gateway/resume", post(async |State(engine): State<Arc<Engine>>| engine.stops.resume()))
        .route("/_gateway/profile", get(profile).post(set_profile))
        .route("/_gateway/latency", post(set_latency))
        .route("/_gateway/faults", get(faults).post(set_faults))
        .route("/_gateway/inventory", get(list_all))
        .fallback(call)
        .with_state(engine);
    let service = router.into_make_service_with_connect_info::<Accepted>();
    if let Err(error) = axum::serve(listener, service).await {
        tracing::error!("gateway ends: {error}");
    }
}

/// When a connection was accepted.
#[derive(Debug, Clone, Copy)]
struct Accepted(Instant);

impl Connected<IncomingStream<'_, TcpListener>> for Accepted {
    fn connect_info(_: IncomingStream<'_, TcpListener>) -> Self {
        Self(Instant::now())
    }
}

async fn call(
    State(engine): State<Arc<Engine>>,
    ConnectInfo(accepted): ConnectInfo<Accepted>,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let uri = parts.uri.path_and_query().map_or("/", |uri| uri.as_str());
    let request = Request::parse(parts.method, uri, parts.headers, body);
    let request = engine.sessions.enter(request, |service| engine.upstreams.is_default(service));
    if engine.stops.hold().await || engine.stops.is_stale(accepted.0) {
        engine.stops.lose(&request);
        return end();
    }
    // A task of its own: a client that dies must not leave a call half done and unrecorded.
    let done = tokio::spawn(async move { engine.answer(&request).await });
    match done.await {
        Ok(Reply::Whole(Answer { status, headers, body })) => (status, headers, body).into_response(),
        Ok(Reply::Cut(answer)) => cut(answer),
        Ok(Reply::End) => end(),
        // Until the client goes.
        Ok(Reply::Never) => std::future::pending().await,
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("gateway: {error}")).into_response(),
    }
}

/// A body that breaks off: hyper closes the connection, and the client sees no answer.
fn end() -> Response {
    let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("stopped")) });
    Response::new(Body::from_stream(broken))
}

/// The first half of a body whose length is said to be the whole.
fn cut(Answer { status, mut headers, body }: Answer) -> Response {
    headers.insert(header::CONTENT_LENGTH, body.len().max(1).into());
    let half = futures::stream::once(async move { Ok(body.slice(..body.len() / 2)) });
    // The half goes out while the rest is waited for.
    let rest = futures::stream::once(async {
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut"))
    });
    (status, headers, Body::from_stream(half.chain(rest))).into_response()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    service: Option<String>,
    action: Option<String>,
    client: Option<String>,
    account: Option<String>,
    stack: Option<String>,
    target: Option<String>,
    write: Option<bool>,
    since: u64,
}

impl Which {
    fn takes(&self, call: &Call) -> bool {
        let is = |want: &Option<String>, have: &str| want.as_deref().is_none_or(|want| want == have);
        is(&self.service, &call.service)
            && is(&self.action, &call.action)
            && is(&self.client, &call.client)
            && is(&self.account, &call.account)
            && self.stack.as_ref().is_none_or(|stack| call.stacks.contains(stack))
            && self.target.as_ref().is_none_or(|target| call.targets.contains(target))
            && self.write.is_none_or(|write| write == call.write)
            && call.sequence > self.since
    }
}

async fn calls(State(engine): State<Arc<Engine>>, Query(which): Query<Which>) -> Json<Vec<Call>> {
    Json(engine.ledger.calls().into_iter().filter(|call| which.takes(call)).collect())
}

async fn busy(State(engine): State<Arc<Engine>>) -> Json<serde_json::Value> {
    let busy = engine.lifecycle.busy(engine.clock.now());
    let line = |((kind, scope, id), phase, left): (Key, Phase, Duration)| {
        json!({
            "kind": kind, "id": id, "phase": phase, "seconds": left.as_secs_f64(),
            "region": scope.region, "account": scope.access_key,
        })
    };
    Json(busy.into_iter().map(line).collect())
}

/// A JSON body whatever its content type says, for the sake of plain `curl -d`.
struct Sent<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = (StatusCode, String);

    async fn from_request(request: HttpRequest, state: &S) -> Result<Self, Self::Rejection> {
        let bad = |error: String| (StatusCode::BAD_REQUEST, error);
        let body = Bytes::from_request(request, state).await.map_err(|error| bad(error.to_string()))?;
        serde_json::from_slice(&body).map(Self).map_err(|error| bad(error.to_string()))
    }
}

#[derive(Debug, Deserialize)]
struct Advance {
    seconds: f64,
}

async fn advance(State(engine): State<Arc<Engine>>, Sent(by): Sent<Advance>) -> Response {
    match Duration::try_from_secs_f64(by.seconds) {
        Ok(by) => {
            engine.advance(by).await;
            StatusCode::OK.into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

#[derive(Debug, Deserialize)]
struct Stop {
    writes: Option<u64>,
    calls: Option<u64>,
    #[serde(default)]
    answered: bool,
}

async fn stop_after(State(engine): State<Arc<Engine>>, Sent(stop): Sent<Stop>) -> Response {
    let plan = match (stop.writes, stop.calls) {
        (Some(n), None) if n > 0 => StopAfter::write(n),
        (None, Some(n)) if n > 0 => StopAfter::call(n),
        _ => return (StatusCode::BAD_REQUEST, "give writes or calls, above 0").into_response(),
    };
    engine.stops.arm(StopAfter { answered: stop.answered, ..plan });
    StatusCode::OK.into_response()
}

async fn profile(State(engine): State<Arc<Engine>>) -> Json<Profile> {
    Json(engine.profile())
}

async fn set_profile(State(engine): State<Arc<Engine>>, Sent(profile): Sent<Profile>) {
    engine.set_profile(profile);
}

async fn set_latency(State(engine): State<Arc<Engine>>, Sent(latency): Sent<Vec<Latency>>) {
    engine.set_latency(latency);
}

/// Each fault, and how often it has struck.
async fn faults(State(engine): State<Arc<Engine>>) -> Json<Vec<(Fault, u64)>> {
    Json(engine.faults.struck())
}

async fn set_faults(State(engine): State<Arc<Engine>>, Sent(faults): Sent<Vec<Fault>>) {
    engine.set_faults(faults);
}

#[derive(Debug, Deserialize)]
struct Where {
    region: String,
    account: Option<String>,
}

async fn list_all(State(engine): State<Arc<Engine>>, Query(place): Query<Where>) -> Response {
    engine.settle().await;
    let scope = Scope::new(&place.region);
    let scope = place.account.iter().fold(scope, |scope, account| scope.account(account));
    match inventory(&engine.upstreams, &scope).await {
        Ok(inventory) => Json(inventory).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}
