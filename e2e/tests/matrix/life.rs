//! One site's life in a corner of its own, through any number of operators.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Error, Result, ensure};
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::timeout;
use wpc_api::WordPressCluster;
use wpc_api::annotations::{CONFIRM_DELETE, RECONCILE_AT};
use wpc_e2e::gateway::record::STACK_TAG;
use wpc_e2e::gateway::{Call, Config, Gateway, Profile};
use wpc_e2e::harness::{CloudKind, Harness};
use wpc_e2e::invariants;
use wpc_e2e::inventory::Inventory;
use wpc_e2e::stage::{conditions, generated, scope, settled};

use crate::chapters::{Chapter, POINT, ZONE};
use crate::fate::{Fate, Told, Ways};
use crate::ground::{follow, rights};
use crate::incarnation::{Incarnation, Seat};
use crate::kubernetes::Halt;
use crate::wire::{Mutation, Wire};

/// The site's name in every life.
const NAME: &str = "gazette";

/// Generous: one operator that is spared and meets trouble with every call, on a busy machine.
const LONG: Duration = Duration::from_secs(900);

/// Longer than any test.
const NIGHT: Duration = Duration::from_secs(86_400);

/// More operators than any chapter needs.
const MOST: usize = 2_000;

/// A site and what plays with it.
pub struct Life {
    title: String,
    harness: Harness,
    gateway: Gateway,
    before: Inventory,
    seat: Seat,
    /// A hosted zone of the site's names.
    zone: String,
    /// A recovery point of files.
    point: String,
    object: watch::Receiver<Option<Arc<WordPressCluster>>>,
    /// Creates of things that hold data, since the site was made.
    data: BTreeMap<String, usize>,
    /// Actions that an operator of this life died with, if none need die with them again.
    spared: Option<BTreeSet<String>>,
    /// So many operators see nothing of what the site has made.
    night: usize,
    _turn: SemaphorePermit<'static>,
}

/// How many lives go on at a time.
static AT_A_TIME: Semaphore = Semaphore::const_new(4);

impl Life {
    /// A life that has not begun.
    pub async fn new(title: impl Into<String>, ways: &Ways) -> Result<Self> {
        let turn = AT_A_TIME.acquire().await?;
        let harness = Harness::new("life", CloudKind::MiniStack).await?;
        // The stories check the form of these requests already; here that would only take time.
        let config = Config { models: None, ..harness.cloud.endpoints().gateway(ways.profile.clone()) };
        let gateway = Gateway::start(config).await?;
        let zone = harness.zone("example.com").await?;
        let point = harness.recovery_point(false).await?;
        let before = gateway.inventory(&scope(&harness.account)).await.context("the inventory before")?;
        let seat = Seat {
            namespace: harness.namespace.clone(),
            kubeconfig: rights(&harness).await?,
            account: harness.account.number().to_owned(),
            url: gateway.url(),
            settle: ways.settle,
            wire: Wire::new(ways.seed, ways.mutation.clone()),
        };
        let object = follow(&harness, NAME);
        Ok(Self {
            title: title.into(),
            harness,
            gateway,
            before,
            seat,
            zone,
            point,
            object,
            data: BTreeMap::new(),
            spared: None,
            night: 0,
            _turn: turn,
        })
    }

    /// Another title, for messages.
    pub fn rename(&mut self, title: String) {
        self.title = title;
    }

    /// From now on one operator dies with each action, and the next ones live through it.
    pub fn once_each(&mut self) {
        self.spared = Some(BTreeSet::new());
    }

    /// Takes a guard away from the operators that come.
    pub fn mutate(&mut self, mutation: Mutation) {
        self.seat.wire = Wire::new(0, Some(mutation));
    }

    /// For so many operators nothing that is made shows, in lists or by id; they doubt an empty list for so long. Then
    /// all of it shows.
    pub fn night(&mut self, operators: usize, settle: Duration) {
        self.night = operators;
        self.seat.settle = settle;
        self.gateway.set_profile(Profile::aws(Duration::from_secs(60)).visible_after(NIGHT.as_secs_f64()));
    }

    async fn day(&mut self) {
        self.seat.settle = Ways::instant().settle;
        self.gateway.set_profile(Profile::instant());
        self.gateway.advance(NIGHT).await;
    }

    /// The wire between its operators and AWS.
    pub fn wire(&self) -> &Wire {
        &self.seat.wire
    }

    /// The stack's id.
    pub fn stack(&self) -> String {
        let namespace = &self.harness.namespace;
        format!("{namespace}/{namespace}/{NAME}")
    }

    /// Somebody else's role, under the name that the operator wants for its own.
    pub async fn stranger(&mut self, theirs: &str) -> Result<()> {
        let name = generated(NAME, &self.stack(), "compute-role");
        let params = [
            ("RoleName", name.as_str()),
            ("AssumeRolePolicyDocument", "{}"),
            ("Path", "/"),
            ("Tags.member.1.Key", STACK_TAG),
            ("Tags.member.1.Value", theirs),
        ];
        self.harness.cloud.call(&self.harness.account, "iam", "CreateRole", &params).await?;
        self.before = self.gateway.inventory(&scope(&self.harness.account)).await?;
        let role = |item: &wpc_e2e::inventory::Item| item.name == name && item.stack.as_deref() == Some(theirs);
        ensure!(self.before.0.iter().any(role), "no such role: {:?}", self.before.0);
        Ok(())
    }

    /// Waits, with one operator, until it says that somebody else has a name that it wants, or does not mind.
    pub async fn meets_stranger(&mut self, manifest: &Value) -> Result<()> {
        self.begin(&Chapter::Create(manifest.clone())).await?;
        let mut operator = Incarnation::start(&self.seat, Halt::before(0))?;
        let mut object = self.object.clone();
        let told = |object: &Option<Arc<WordPressCluster>>| {
            object.as_ref().is_some_and(|object| {
                conditions(object).contains("NotOurs") || settled(object, object.metadata.generation).is_ok()
            })
        };
        let told = tokio::select! {
            error = operator.ended() => Err(error),
            told = timeout(LONG, object.wait_for(told)) => match told {
                Ok(told) => told.map(drop).context("nobody watches the object"),
                Err(_) => Err(Error::msg("it never said that somebody else has the name")),
            },
        };
        operator.die().await?;
        self.gateway.reset();
        told
    }

    fn api(&self) -> Api<WordPressCluster> {
        Api::namespaced(self.harness.client.clone(), &self.harness.namespace)
    }

    /// Lives through a chapter: `fates` says what befalls the first operator, the second, and so on. What must hold at
    /// its end holds.
    pub async fn live(&mut self, chapter: &Chapter, fates: impl FnMut(usize) -> Fate) -> Result<Told> {
        let mut told = Told::default();
        let mut calls = Vec::new();
        let lived = self.through(chapter, fates, &mut told, &mut calls).await;
        let held = match lived {
            Ok(()) => self.hold(chapter, &calls, &mut told).await,
            Err(error) => Err(error),
        };
        held.with_context(|| self.obituary(chapter, &told, &calls)).map(|()| told)
    }

    async fn through(
        &mut self,
        chapter: &Chapter,
        mut fates: impl FnMut(usize) -> Fate,
        told: &mut Told,
        calls: &mut Vec<Call>,
    ) -> Result<()> {
        let generation = self.begin(chapter).await?;
        loop {
            ensure!(told.operators < MOST, "{MOST} operators, and no end");
            if self.night > 0 && told.operators == self.night {
                self.day().await;
            }
            let fate = fates(told.operators);
            told.operators += 1;
            let died = self.operate(fate, generation, told).await?;
            let new = self.gateway.calls();
            self.gateway.reset();
            invariants::keeps_to(&new, &self.stack())?;
            if let (true, Fate::Call(plan)) = (died, fate) {
                let last = new.iter().rfind(|call| call.took_effect() || !plan.writes_only);
                told.died_with.extend(last.map(|call| call.action.clone()));
                if let (Some(spared), Some(call)) = (&mut self.spared, last) {
                    spared.insert(call.action.clone());
                    self.gateway.spare(spared.clone());
                }
            }
            told.deaths += usize::from(died);
            calls.extend(new);
            invariants::made_once(calls)?;
            if !died {
                return Ok(());
            }
        }
    }

    /// One operator, until it dies or the chapter is at its end; did it die?
    async fn operate(&mut self, fate: Fate, generation: Option<i64>, told: &mut Told) -> Result<bool> {
        let before = match fate {
            Fate::Kubernetes(write) => write,
            Fate::Spared | Fate::Call(_) => 0,
        };
        if let Fate::Call(plan) = fate {
            self.gateway.stop_after(plan);
        }
        let halt = Halt::before(before);
        let mut operator = Incarnation::start(&self.seat, halt.clone())?;
        let died = tokio::select! {
            () = self.gateway.reached() => Ok(true),
            () = halt.halted() => Ok(true),
            error = operator.ended() => Err(error),
            reached = timeout(LONG, self.reach(generation)) => match reached {
                Ok(reached) => reached.map(|()| false),
                Err(_) => Err(Error::msg(format!("no end after {} s", LONG.as_secs()))),
            },
        };
        operator.die().await?;
        self.gateway.resume();
        told.kubernetes += halt.writes();
        died
    }

    async fn begin(&mut self, chapter: &Chapter) -> Result<Option<i64>> {
        let api = self.api();
        let object = match chapter {
            Chapter::Create(manifest) => {
                let mut manifest = manifest.clone();
                if let Some(point) = manifest.pointer_mut("/spec/sharedStorage/restoreFrom/recoveryPointArn") {
                    ensure!(point == POINT, "this life has no other recovery point: {point}");
                    *point = json!(self.point);
                }
                manifest["metadata"] = json!({ "name": NAME, "namespace": self.harness.namespace });
                self.data.clear();
                Some(api.patch(NAME, &PatchParams::apply("matrix").force(), &Patch::Apply(&manifest)).await?)
            }
            Chapter::Edit { spec, .. } => {
                let mut spec = spec.clone();
                if spec["dns"]["hostedZoneId"] == ZONE {
                    spec["dns"]["hostedZoneId"] = json!(self.zone);
                }
                let patch = Patch::Merge(json!({ "spec": spec }));
                Some(api.patch(NAME, &PatchParams::default(), &patch).await?)
            }
            Chapter::Delete => {
                self.annotate(CONFIRM_DELETE, NAME).await?;
                api.delete(NAME, &DeleteParams::default()).await?;
                None
            }
        };
        Ok(object.and_then(|object| object.metadata.generation))
    }

    async fn annotate(&self, key: &str, value: &str) -> Result<()> {
        let patch = Patch::Merge(json!({ "metadata": { "annotations": { key: value } } }));
        match self.api().patch(NAME, &PatchParams::default(), &patch).await {
            // It is gone already.
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            written => Ok(written.map(drop)?),
        }
    }

    /// Waits for the end of a chapter: settled in this generation, or gone.
    async fn reach(&self, generation: Option<i64>) -> Result<()> {
        let there = |object: &Option<Arc<WordPressCluster>>| match (object, generation) {
            (Some(object), Some(_)) => settled(object, generation).is_ok(),
            (object, None) => object.is_none(),
            (None, Some(_)) => false,
        };
        let mut object = self.object.clone();
        loop {
            let found = timeout(Duration::from_millis(700), object.wait_for(there)).await;
            match found.map(|found| found.map(drop)) {
                Ok(found) => return found.context("nobody watches the object"),
                // A person who is in a hurry: what fails again and again is otherwise repeated ever later.
                Err(_) if self.seat.wire.troubled() => {
                    self.annotate(RECONCILE_AT, &uuid::Uuid::new_v4().to_string()).await?;
                }
                Err(_) => {}
            }
        }
    }

    /// What must hold at the end of a chapter.
    async fn hold(&mut self, chapter: &Chapter, calls: &[Call], told: &mut Told) -> Result<()> {
        told.calls = calls.len();
        told.writes = calls.iter().filter(|call| call.took_effect()).count();
        told.effects = calls.iter().filter(|call| call.took_effect()).map(|call| call.action.clone()).collect();
        let all = self.gateway.inventory(&scope(&self.harness.account)).await?;
        let touched = self.before.only(|item| !all.0.contains(item));
        ensure!(touched.0.is_empty(), "what was there before is not as it was: {:#?}", touched.0);
        let inventory = all.minus(&self.before);
        let renews = match chapter {
            Chapter::Edit { renews, .. } => *renews,
            Chapter::Create(_) | Chapter::Delete => &[],
        };
        for (thing, count) in invariants::data_made(calls) {
            let renewed = renews.iter().any(|action| thing.starts_with(action));
            let made = self.data.entry(thing.clone()).or_default();
            *made = if renewed { count } else { *made + count };
            ensure!(*made == 1, "what holds data was made again: {thing}");
        }
        if let Chapter::Delete = chapter {
            ensure!(inventory.0.is_empty(), "left behind: {:#?}", inventory.0);
            return Ok(());
        }
        let object = self.object.borrow().clone().context("the object is gone")?;
        invariants::exactly_once(&object, &inventory, &self.stack())?;
        invariants::owned(&inventory, &self.stack())
    }

    /// What a failure shows.
    fn obituary(&self, chapter: &Chapter, told: &Told, calls: &[Call]) -> String {
        let from = calls.len().saturating_sub(25);
        let lines = calls[from..].iter().map(|call| {
            let error = call.error.as_deref().unwrap_or_default();
            format!("  {} {:?} {} {error} {:?}", call.action, call.outcome, call.status, call.targets)
        });
        let object = self.object.borrow().as_ref().map_or("no object".to_owned(), |object| conditions(object));
        format!(
            "{}: {} with operator {}\n{object}\nthe last calls:\n{}",
            self.title,
            chapter.name(),
            told.operators,
            lines.collect::<Vec<_>>().join("\n")
        )
    }
}
