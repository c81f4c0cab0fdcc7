//! One account and region as the whole process shares it: clients, rates, lists.

mod serving;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_ec2::types::Filter;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;
use wpc_api::v1alpha1::ExistingNetwork;
use wpc_blueprint::{CDN_RANGES, Facts, Kinds, Subnet};
use wpc_engine::{Action, Fault, Id};

use crate::answer::bounded;
use crate::cloud::{Access, Cloud};
use crate::fault::{HttpStatus, fault};
use crate::gate::{Buckets, Calls};
use crate::{Clients, Gate, Labels, Login, Observer, Role, Scope};

const DESCRIBE_ZONES: Action = Action::read("ec2:DescribeAvailabilityZones");
const DESCRIBE_SUBNETS: Action = Action::read("ec2:DescribeSubnets");
const DESCRIBE_LISTS: Action = Action::read("ec2:DescribeManagedPrefixLists");

/// How long an account's number is believed before STS is asked again.
const IDENTITY_AGE: Duration = Duration::from_secs(300);

/// By what way somewhere: a region, and the role to assume.
type Way = (String, Option<Role>);

/// Every account and region that this process works in, by each role that it works under there.
///
/// # Guarantees
/// What was read under one role is never an answer under another: who may see less sees less. Rates are the account's
/// and the region's, whoever calls.
pub struct Accounts {
    fresh: Duration,
    login: Login,
    boundary: Option<String>,
    calls: Calls,
    buckets: Mutex<HashMap<Scope, Arc<Buckets>>>,
    known: Mutex<HashMap<Way, Arc<tokio::sync::Mutex<Option<Account>>>>>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self::new(Duration::from_secs(2))
    }
}

impl Accounts {
    /// Lists are shared between stacks for `fresh`.
    pub fn new(fresh: Duration) -> Self {
        let (calls, buckets, known) = Default::default();
        Self { fresh, login: Login::default(), boundary: None, calls, buckets, known }
    }

    /// Credentials and endpoints from elsewhere than the environment.
    #[must_use]
    pub fn login(self, login: Login) -> Self {
        Self { login, ..self }
    }

    /// The policy, by its ARN, that says how much the roles that stacks make can be allowed at most.
    #[must_use]
    pub fn bounded(self, boundary: Option<String>) -> Self {
        Self { boundary, ..self }
    }

    /// How long lists are shared: what a pass sees may be older than the pass by this much.
    pub fn fresh(&self) -> Duration {
        self.fresh
    }

    /// Calls by service, operation and result: a metric.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// The account that the credentials lead to, in a region, under a role if one is given. STS is asked now and then,
    /// so a credential that suddenly leads elsewhere is noticed.
    pub async fn open(&self, region: &str, role: Option<Role>) -> Result<Account, Fault> {
        let way = (region.to_owned(), role);
        let slot = {
            let mut known = self.known.lock().expect("no panic while held");
            known.entry(way.clone()).or_default().clone()
        };
        let mut slot = slot.lock().await;
        if let Some(account) = slot.as_ref().filter(|account| account.verified.elapsed() < IDENTITY_AGE) {
            return Ok(account.clone());
        }
        let clients = Clients::load(&self.login, region, way.1.as_ref()).await?;
        let account = match slot.take() {
            Some(known) if known.scope() == clients.scope() => Account { verified: Instant::now(), ..known },
            _ => Account {
                gate: Arc::new(self.gate(clients.scope())),
                clients,
                observer: Arc::new(Observer::new(self.fresh)),
                facts: Arc::default(),
                boundary: self.boundary.clone(),
                verified: Instant::now(),
            },
        };
        *slot = Some(account.clone());
        Ok(account)
    }

    fn gate(&self, scope: &Scope) -> Gate {
        let everywhere = Scope { region: String::new(), ..scope.clone() };
        let mut buckets = self.buckets.lock().expect("no panic while held");
        let mut of = |scope| buckets.entry(scope).or_default().clone();
        Gate { regional: of(scope.clone()), global: of(everywhere), calls: self.calls.clone() }
    }
}

/// One account and region, under one role.
#[derive(Clone)]
pub struct Account {
    pub(crate) clients: Clients,
    pub(crate) gate: Arc<Gate>,
    observer: Arc<Observer>,
    facts: Arc<tokio::sync::OnceCell<Facts>>,
    boundary: Option<String>,
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

    /// A person asked to look again: the next pass over this stack, named by its id, believes nothing that was asked
    /// for before.
    pub fn refresh(&self, stack: &str) {
        self.observer.refresh(stack);
    }

    /// What AWS says of the region. Asked once: neither changes under a running process.
    pub async fn facts(&self) -> Result<Facts, Fault> {
        // On the heap: every pass would carry the SDK's large futures on its stack.
        let ask = || {
            Box::pin(async {
                let (zones, cdn_ranges) = (self.zones().await?, self.cdn_ranges().await?);
                Ok(Facts { zones, cdn_ranges, boundary: self.boundary.clone(), subnets: None })
            })
        };
        self.facts.get_or_try_init(ask).await.cloned()
    }

    /// Those of an existing network's subnets that are there. Somebody else's, so they are asked for in every pass.
    pub async fn subnets(&self, network: &ExistingNetwork) -> Result<Vec<Subnet>, Fault> {
        let ids = network.public_subnet_ids.iter().chain(&network.private_subnet_ids).cloned().collect();
        let named = Filter::builder().name("subnet-id").set_values(Some(ids)).build();
        let request = self.clients.ec2.describe_subnets().filters(named);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let found = self.ask(DESCRIBE_SUBNETS, request.collect::<Result<Vec<_>, _>>()).await?;
        let subnet = |sdk: aws_sdk_ec2::types::Subnet| {
            Some(Subnet { id: sdk.subnet_id?, vpc: sdk.vpc_id?, zone: sdk.availability_zone? })
        };
        Ok(found.into_iter().filter_map(subnet).collect())
    }

    /// The zones that need no opt-in. A zone's passing trouble is no reason to leave it out: subnets would move.
    async fn zones(&self) -> Result<Vec<String>, Fault> {
        let standard = Filter::builder().name("zone-type").values("availability-zone").build();
        let open = Filter::builder().name("opt-in-status").values("opt-in-not-required").build();
        let request = self.clients.ec2.describe_availability_zones().filters(standard).filters(open).send();
        let answer = self.ask(DESCRIBE_ZONES, request).await?;
        let mut zones: Vec<String> = answer.availability_zones().iter().filter_map(|z| z.zone_name.clone()).collect();
        zones.sort();
        Ok(zones)
    }

    /// AWS's list of the addresses that CloudFront calls from; not every partition has CloudFront.
    async fn cdn_ranges(&self) -> Result<Option<Id>, Fault> {
        let named = Filter::builder().name("prefix-list-name").values(CDN_RANGES).build();
        let request = self.clients.ec2.describe_managed_prefix_lists().filters(named).send();
        let answer = self.ask(DESCRIBE_LISTS, request).await?;
        let list = answer.prefix_lists().iter().find(|list| list.prefix_list_name() == Some(CDN_RANGES));
        Ok(list.and_then(|list| list.prefix_list_id()).map(Id::from))
    }

    /// A question that is no stack's: keeps AWS's rates, counts, and translates errors.
    pub(crate) async fn ask<T, E, R>(
        &self,
        action: Action,
        request: impl Future<Output = Result<T, SdkError<E, R>>>,
    ) -> Result<T, Fault>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + HttpStatus + 'static,
    {
        self.gate.pass(action).await?;
        let answer = bounded(request).await.map_err(|error| fault(action, error));
        self.gate.count(action, answer.as_ref().map_or_else(|fault| fault.reason, |_| "ok"));
        answer
    }
}
