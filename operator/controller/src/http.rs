//! `/healthz`, `/readyz` and `/metrics`.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use axum::{Router, extract::State};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::context::Context;

#[derive(Clone)]
struct Served {
    context: Arc<Context>,
    unsynced: watch::Receiver<usize>,
}

/// Serves until told to stop. Ready means: the CRD is there and every watch is in sync. AWS's health is no part of it,
/// or its outage would restart us.
pub(crate) async fn serve(
    listener: TcpListener,
    context: Arc<Context>,
    unsynced: watch::Receiver<usize>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(Served { context, unsynced });
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn readyz(State(served): State<Served>) -> (StatusCode, &'static str) {
    match *served.unsynced.borrow() {
        0 => (StatusCode::OK, "ok"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the watch is not in sync; is the CRD installed?"),
    }
}

async fn metrics(State(served): State<Served>) -> ([(axum::http::HeaderName, &'static str); 1], String) {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], served.context.metrics.text())
}
