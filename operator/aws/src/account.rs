//! One account and region as the whole process shares it: clients, rates, lists.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_ec2::types::Filter;
use tokio::time::Instant;
use wpc_blueprint::{Facts, Kinds};
use wpc_engine::{Action, Fault};

use crate::cloud::{Access, Cloud};
use crate::{Clients, Gate, Labels, Login, Observer, Scope};

const DESCRIBE_ZONES: Action = Action::read("ec2:DescribeAvailabilityZones");

/// How long an account's number is believed before STS is asked again.
const IDENTITY_AGE: Duration = Duration::from_secs(300);

/// Every account and region that this process works in.
pub struct Accounts {
    fresh: Duration,
    login: Login,
    gate: Arc<Gate>,
    known: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Account>>>>>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self::new(Duration::from_secs(2))
    }
}

impl Accounts {
    /// Lists are shared between stacks for `fresh`.
    pub fn new(fresh: Duration) -> Self {
        Self { fresh, login: Login::default(), gate: Arc::default(), known: Mutex::default() }
    }

    /// Credentials and endpoints from elsewhere than the environment.
    #[must_use]
    pub fn login(self, login: Login) -> Self {
        Self { login, ..self }
    }

    /// The gate that all calls pass; its counters are metrics.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// The account that the credentials lead to, in a region. STS is asked now and then, so a credential that
    /// suddenly leads elsewhere is noticed.
    pub async fn open(&self, region: &str) -> Result<Account, Fault> {
        let slot = {
            let mut known = self.known.lock().expect("no panic while held");
            known.entry(region.to_owned()).or_default().clone()
        };
        let mut slot = slot.lock().await;
        if let Some(account) = slot.as_ref().filter(|account| account.verified.elapsed() < IDENTITY_AGE) {
            return Ok(account.clone());
        }
        let clients = Clients::load(&self.login, region).await?;
        let account = match slot.take() {
            Some(known) if known.scope() == clients.scope() => Account { verified: Instant::now(), ..known },
            _ => Account {
                clients,
                gate: self.gate.clone(),
                observer: Arc::new(Observer::new(self.fresh)),
                zones: Arc::default(),
                verified: Instant::now(),
            },
        };
        *slot = Some(account.clone());
        Ok(account)
    }
}

/// One account and region.
#[derive(Clone)]
pub struct Account {
    clients: Clients,
    gate: Arc<Gate>,
    observer: Arc<Observer>,
    zones: Arc<tokio::sync::OnceCell<Vec<String>>>,
    verified: Instant,
}

impl Account {
    /// Where it is.
    pub fn scope(&self) -> &Scope {
        self.clients.scope()
    }

    /// The kinds of one stack in it.
    pub fn kinds(&self, labels: Labels, access: Access) -> Kinds {
        let (gate, observer) = (self.gate.clone(), self.observer.clone());
        Kinds::of(&Arc::new(Cloud::new(self.clients.clone(), labels, access, gate, observer)))
    }

    /// What AWS says of the region. Asked once: a region's zones do not change under a running process.
    pub async fn facts(&self) -> Result<Facts, Fault> {
        let zones = self.zones.get_or_try_init(|| self.zones()).await?;
        Ok(Facts { zones: zones.clone() })
    }

    /// The zones that need no opt-in. A zone's passing trouble is no reason to leave it out: subnets would move.
    async fn zones(&self) -> Result<Vec<String>, Fault> {
        let standard = Filter::builder().name("zone-type").values("availability-zone").build();
        let open = Filter::builder().name("opt-in-status").values("opt-in-not-required").build();
        let request = self.clients.ec2.describe_availability_zones().filters(standard).filters(open).send();
        self.gate.pass(DESCRIBE_ZONES).await;
        let answer = request.await.map_err(|error| crate::fault::fault(DESCRIBE_ZONES, error));
        self.gate.count(DESCRIBE_ZONES, answer.as_ref().map_or_else(|fault| fault.reason, |_| "ok"));
        let mut zones: Vec<String> = answer?.availability_zones().iter().filter_map(|z| z.zone_name.clone()).collect();
        zones.sort();
        Ok(zones)
    }
}
