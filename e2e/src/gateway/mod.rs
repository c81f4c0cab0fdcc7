//! The gateway: a small proxy between the AWS SDK and an emulated cloud that gives the cloud AWS's manners.
//!
//! It counts and records calls, lets things take AWS's time, remembers client tokens, refuses what AWS refuses and
//! stops the world where a test wants to kill the operator. A call passes these stages ([`engine`]):
//! hold, latency, [`buckets`], [`faults`], tokens, [`rules`], lifecycle, forward, rewrite, validate, record. What it knows of each kind of thing is one
//! row of the [`table`].

pub mod buckets;
pub mod clock;
pub mod deaf;
mod delays;
pub mod engine;
pub mod faults;
pub mod lifecycle;
pub mod model;
pub mod profile;
pub mod protocol;
pub mod record;
pub mod region;
pub mod rules;
mod server;
pub mod sessions;
pub mod stop;
pub mod table;
#[cfg(test)]
pub(crate) mod tests;
pub mod tokens;
pub mod upstream;
mod validation;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::inventory::{Inventory, inventory};

use engine::Engine;
pub use faults::{Effect, Fault, storm};
use model::{Models, Violation};
pub use profile::Profile;
pub use protocol::Scope;
pub use record::{Call, Latency, Outcome, Stats};
pub use stop::{Lost, Standing, StopAfter};
use upstream::Upstreams;

/// How often deletes that are due reach the cloud when nobody calls.
const TICK: Duration = Duration::from_millis(20);

/// What a gateway is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The cloud.
    pub upstream: String,
    /// Other clouds for some services, by any name of the service.
    pub services: BTreeMap<String, String>,
    /// How fast AWS is.
    pub profile: Profile,
    /// How slow its network is.
    pub latency: Vec<Latency>,
    /// Where AWS's models are, a virtual environment with botocore: requests are checked against them.
    pub models: Option<PathBuf>,
}

impl Config {
    /// In front of this cloud, on a free port of loopback, everything instant.
    pub fn new(upstream: impl Into<String>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            upstream: upstream.into(),
            services: BTreeMap::new(),
            profile: Profile::instant(),
            latency: Vec::new(),
            models: None,
        }
    }

    /// In front of what the harness started: a default, and others by service.
    pub fn before(default: &str, services: &BTreeMap<String, String>) -> Self {
        Self { services: services.clone(), ..Self::new(default) }
    }

    /// Another cloud for one service.
    #[must_use]
    pub fn service(mut self, name: &str, upstream: impl Into<String>) -> Self {
        self.services.insert(name.into(), upstream.into());
        self
    }

    /// Another profile.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Another place to listen.
    #[must_use]
    pub fn listen(mut self, listen: SocketAddr) -> Self {
        self.listen = listen;
        self
    }

    /// Checks every request against the models of this botocore; the gateway's end panics when one broke them.
    #[must_use]
    pub fn models(mut self, folder: PathBuf) -> Self {
        self.models = Some(folder);
        self
    }

    /// One more latency.
    #[must_use]
    pub fn latency(mut self, latency: Latency) -> Self {
        self.latency.push(latency);
        self
    }
}

/// A running gateway; it ends when dropped.
#[derive(Debug)]
pub struct Gateway {
    engine: Arc<Engine>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Starts it.
    pub async fn start(config: Config) -> Result<Self> {
        let listener =
            TcpListener::bind(config.listen).await.with_context(|| format!("listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let upstreams = Upstreams::new(&config.upstream, &config.services)?;
        let mut engine = Engine::new(upstreams, config.profile, config.latency);
        engine.models = Models::new(config.models);
        let engine = Arc::new(engine);
        let serving = tokio::spawn(server::serve(listener, engine.clone()));
        let ticking = tokio::spawn({
            let engine = engine.clone();
            async move {
                let mut ticks = tokio::time::interval(TICK);
                loop {
                    ticks.tick().await;
                    engine.settle().await;
                }
            }
        });
        Ok(Self { engine, address, tasks: vec![serving, ticking] })
    }

    /// Where the SDK should go: `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The calls since the last reset, in the order of completion: the latest [`record::KEPT`] of them.
    pub fn calls(&self) -> Vec<Call> {
        self.engine.ledger.calls()
    }

    /// The calls that are meant to change something, refused ones too.
    pub fn writes(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.write).collect()
    }

    /// The calls that changed the cloud, or began to, as `service:Action` with their number.
    pub fn effects(&self) -> BTreeMap<String, usize> {
        let mut effects = BTreeMap::new();
        for call in self.calls().into_iter().filter(Call::took_effect) {
            *effects.entry(format!("{}:{}", call.service, call.action)).or_default() += 1;
        }
        effects
    }

    /// The calls summed up.
    pub fn stats(&self) -> Stats {
        self.engine.ledger.stats()
    }

    /// What AWS would have refused for its form, whatever the cloud answered.
    pub fn violations(&self) -> Vec<Violation> {
        self.engine.models.found()
    }

    /// [`violations`](Self::violations) of a test that wants them: its gateway may end.
    pub fn take_violations(&self) -> Vec<Violation> {
        self.engine.models.take()
    }

    /// Forgets the calls.
    pub fn reset(&self) {
        self.engine.ledger.reset();
    }

    /// Lets time pass at once; deletes that are due have reached the cloud when this returns.
    pub async fn advance(&self, by: Duration) {
        self.engine.advance(by).await;
    }

    /// Changes how fast AWS is, for what begins from now on.
    pub fn set_profile(&self, profile: Profile) {
        self.engine.set_profile(profile);
    }

    /// Changes the latencies.
    pub fn set_latency(&self, latency: Vec<Latency>) {
        self.engine.set_latency(latency);
    }

    /// From now on these calls fail, and those before no more.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.engine.set_faults(faults);
    }

    /// How often each fault has struck, in the order in which they were set.
    pub fn struck(&self) -> Vec<(Fault, u64)> {
        self.engine.faults.struck()
    }

    /// From now on the cloud does not hear these parameters of these actions (of the form protocols): it accepts them,
    /// and nothing changes.
    pub fn deafen(&self, unheard: &[(&'static str, &'static str)]) {
        self.engine.deaf.set(unheard);
    }

    /// What an account may have and a region offers.
    pub fn region(&self) -> &region::Region {
        &self.engine.region
    }

    /// Sets a kill point; see [`reached`](Self::reached) and [`resume`](Self::resume).
    pub fn stop_after(&self, plan: StopAfter) {
        self.engine.stops.arm(plan);
    }

    /// Calls of these actions do not count for kill points, in place of those said before.
    pub fn spare(&self, actions: BTreeSet<String>) {
        self.engine.stops.spare(actions);
    }

    /// Where the kill point stands.
    pub fn standing(&self) -> Standing {
        self.engine.stops.standing()
    }

    /// The writes that a standstill has cost: neither executed nor answered, and not in the record.
    pub fn lost(&self) -> Vec<Lost> {
        self.engine.stops.lost()
    }

    /// How many calls wait for the world to move again.
    pub fn held(&self) -> usize {
        self.engine.stops.held()
    }

    /// Waits until the kill point is reached. From then on no call is executed and none is answered.
    pub async fn reached(&self) {
        self.engine.stops.reached().await;
    }

    /// Lets the world move again. Calls that came while it stood still are dropped, never executed, and so is what
    /// still comes on connections from before.
    pub fn resume(&self) {
        self.engine.stops.resume();
    }

    /// The clouds behind it.
    pub fn upstreams(&self) -> &Upstreams {
        &self.engine.upstreams
    }

    /// Everything in the clouds behind it, after they have heard of the deletes that are due.
    pub async fn inventory(&self, scope: &Scope) -> Result<Inventory> {
        self.engine.settle().await;
        inventory(&self.engine.upstreams, scope).await
    }

    /// Waits for it to end, which it does not do by itself.
    pub async fn join(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            // A task that was cancelled has ended too.
            let _ = task.await;
        }
    }
}

impl Drop for Gateway {
    /// # Panics
    /// If AWS would have refused a request for its form: no test can forget to ask.
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        let violations: Vec<_> = self.violations().iter().map(ToString::to_string).collect();
        assert!(
            violations.is_empty() || std::thread::panicking(),
            "AWS would have refused:\n{}",
            violations.join("\n")
        );
    }
}
