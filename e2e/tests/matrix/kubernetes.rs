//! Between one operator and the API server: counts its writes and stops it before the n-th.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use http::{Method, Request};
use tokio::sync::watch;
use tower::{Layer, Service};

/// Where an operator stands still, if anywhere.
#[derive(Debug, Clone)]
pub struct Halt {
    writes: Arc<AtomicU64>,
    before: u64,
    halted: Arc<watch::Sender<bool>>,
}

impl Halt {
    /// Before this write to Kubernetes; zero is nowhere.
    pub fn before(write: u64) -> Self {
        Self { writes: Arc::default(), before: write, halted: Arc::new(watch::Sender::new(false)) }
    }

    /// From now on nothing goes out.
    pub fn halt(&self) {
        self.halted.send_replace(true);
    }

    /// Waits until it stands still.
    pub async fn halted(&self) {
        // The sender lives in self, so this cannot fail.
        let _ = self.halted.subscribe().wait_for(|halted| *halted).await;
    }

    /// How many writes there were.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    fn may(&self, method: &Method) -> bool {
        let read = [Method::GET, Method::HEAD].contains(method);
        if !read && self.writes.fetch_add(1, Ordering::SeqCst) + 1 == self.before {
            self.halt();
        }
        !*self.halted.borrow()
    }
}

impl<S> Layer<S> for Halt {
    type Service = Halting<S>;

    fn layer(&self, inner: S) -> Halting<S> {
        Halting { halt: self.clone(), inner }
    }
}

/// A service behind a [`Halt`].
#[derive(Debug, Clone)]
pub struct Halting<S> {
    halt: Halt,
    inner: S,
}

impl<S, B> Service<Request<B>> for Halting<S>
where
    S: Service<Request<B>>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.halt.may(request.method()) {
            true => Box::pin(self.inner.call(request)),
            false => Box::pin(pending()),
        }
    }
}
