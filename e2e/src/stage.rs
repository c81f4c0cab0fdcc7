//! One test's stage: a namespace, an account behind a gateway of its own, and the operator at work.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use k8s_openapi::api::events::v1::Event;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, ResourceExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wpc_api::WordPressCluster;

use crate::gateway::protocol::Scope;
use crate::gateway::{Call, Gateway, Profile};
use crate::harness::tools::own;
use crate::harness::{
    Account, Chart, CloudKind, Endpoints, Harness, Hopeless, Operator, OperatorOptions, eventually, eventually_within,
};
use crate::inventory::Inventory;

/// Generous: a whole creation in AWS's time, on a busy machine.
const LONG: Duration = Duration::from_secs(240);

/// A minute of AWS, on the stage.
pub const MINUTE: Duration = Duration::from_millis(100);

/// Everything that one test plays with.
pub struct Stage {
    /// The namespace, the account, the control plane and the cloud.
    pub harness: Harness,
    /// The gateway before the cloud; nobody else uses it.
    pub gateway: Arc<Gateway>,
    /// The operator, with the chart's rights.
    pub operator: Operator,
    /// What the account held before.
    pub before: Inventory,
}

impl Stage {
    /// A stage in AWS's time, a minute of which lasts [`MINUTE`].
    pub async fn new(name: &str, kind: CloudKind) -> Result<Self> {
        Self::with(name, kind, Profile::aws(MINUTE), &[]).await
    }

    /// A stage in a time of its own, with more arguments for the operator.
    pub async fn with(name: &str, kind: CloudKind, profile: Profile, extra: &[&str]) -> Result<Self> {
        let harness = Harness::new(name, kind).await?;
        let gateway = Arc::new(harness.gateway(profile).await?);
        let before = gateway.inventory(&scope(&harness.account)).await.context("the inventory before")?;
        let env = harness.account.env(&Endpoints::only(gateway.url()));
        let operator = operator(&harness, env, extra).await?;
        Ok(Self { harness, gateway, operator, before })
    }

    /// A stage whose operator has no AWS credentials.
    pub async fn without_credentials(name: &str, kind: CloudKind) -> Result<Self> {
        let mut stage = Self::with(name, kind, Profile::instant(), &[]).await?;
        let gateway = Endpoints::only(stage.gateway.url());
        let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let env = stage.harness.account.env(&gateway).into_iter().filter(|(name, _)| !keys.contains(&name.as_str()));
        stage.operator = operator(&stage.harness, env.collect(), &[]).await?;
        Ok(stage)
    }

    /// Another operator in place of this one, with more arguments.
    pub async fn restart_with(&mut self, extra: &[&str]) -> Result<()> {
        let env = self.harness.account.env(&Endpoints::only(self.gateway.url()));
        self.operator.terminate().await?;
        self.operator = operator(&self.harness, env, extra).await?;
        Ok(())
    }

    /// Makes a role under the name that the operator will want for an object's, without a tag; answers the name.
    pub async fn take_name(&self, object: &str) -> Result<String> {
        let name = generated(object, &self.stack(object), "compute-role");
        let params = [("RoleName", name.as_str()), ("AssumeRolePolicyDocument", "{}"), ("Path", "/")];
        self.harness.cloud.call(&self.harness.account, "iam", "CreateRole", &params).await?;
        Ok(name)
    }

    /// Another namespace and another operator, in the same account behind the same gateway.
    pub async fn neighbour(&self, name: &str) -> Result<Self> {
        let harness = self.harness.neighbour(name).await?;
        let env = harness.account.env(&Endpoints::only(self.gateway.url()));
        let operator = operator(&harness, env, &[]).await?;
        Ok(Self { harness, gateway: Arc::clone(&self.gateway), operator, before: self.before.clone() })
    }

    /// The ServiceAccount whose rights the operator has.
    pub fn service_account(&self) -> Result<String> {
        chart(&self.harness.namespace, &[])?.service_account()
    }

    /// Makes a hosted zone, to which DNS leads: there is a record in it. What is in the account by now is what was there
    /// before.
    pub async fn zone(&mut self, name: &str) -> Result<String> {
        let zone = self.harness.zone(name).await?;
        self.record(&zone, name, "MX", "10 mail.example.net").await?;
        self.before = self.gateway.inventory(&scope(&self.harness.account)).await?;
        Ok(zone)
    }

    /// Makes a record by hand.
    pub async fn record(&self, zone: &str, name: &str, kind: &str, value: &str) -> Result<()> {
        let body = format!(
            "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes>\
             <Change><Action>CREATE</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><TTL>60</TTL>\
             <ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords>\
             </ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        let call = ("route53", "ChangeResourceRecordSets");
        self.harness.cloud.send(&self.harness.account, call, &[("HostedZoneId", zone)], &body, None).await.map(drop)
    }

    /// The stack id of an object on this stage.
    pub fn stack(&self, name: &str) -> String {
        let namespace = &self.harness.namespace;
        format!("{namespace}/{namespace}/{name}")
    }

    fn api(&self) -> Api<WordPressCluster> {
        Api::namespaced(self.harness.client.clone(), &self.harness.namespace)
    }

    /// Applies a manifest, under a name of the test's, into the test's namespace.
    pub async fn apply(&self, name: &str, mut manifest: Value) -> Result<WordPressCluster> {
        manifest["metadata"] = json!({ "name": name, "namespace": self.harness.namespace });
        let params = PatchParams::apply("e2e").force();
        Ok(self.api().patch(name, &params, &Patch::Apply(&manifest)).await?)
    }

    /// Edits the spec by a merge patch.
    pub async fn edit(&self, name: &str, spec: Value) -> Result<WordPressCluster> {
        let patch = Patch::Merge(json!({ "spec": spec }));
        Ok(self.api().patch(name, &PatchParams::default(), &patch).await?)
    }

    /// Sets an annotation.
    pub async fn annotate(&self, name: &str, key: &str, value: &str) -> Result<()> {
        let patch = Patch::Merge(json!({ "metadata": { "annotations": { key: value } } }));
        self.api().patch(name, &PatchParams::default(), &patch).await?;
        Ok(())
    }

    /// The object as it is.
    pub async fn get(&self, name: &str) -> Result<WordPressCluster> {
        Ok(self.api().get(name).await?)
    }

    /// Deletes the object; the operator removes what it stands for.
    pub async fn delete(&self, name: &str) -> Result<()> {
        self.api().delete(name, &DeleteParams::default()).await?;
        Ok(())
    }

    /// Waits until the object is ready in this generation and nothing is left to do for it.
    pub async fn ready(&mut self, name: &str) -> Result<WordPressCluster> {
        self.until(name, "to be ready", |object| {
            let generation = object.metadata.generation;
            settled(object, generation)?;
            Ok(())
        })
        .await
    }

    /// Waits until the object is as a test expects.
    pub async fn until(
        &mut self,
        name: &str,
        what: &str,
        expected: impl Fn(&WordPressCluster) -> Result<()>,
    ) -> Result<WordPressCluster> {
        let api = self.api();
        let operator = &mut self.operator;
        let waited = eventually_within(LONG, &format!("{name} {what}"), async || {
            operator.process().check().map_err(|error| Hopeless(format!("{error:#}")))?;
            let object = api.get(name).await?;
            expected(&object)?;
            Ok(object)
        })
        .await;
        waited.with_context(|| format!("the operator's last lines:\n{}", operator.process().tail(30)))
    }

    /// Waits until the object is gone.
    pub async fn gone(&mut self, name: &str) -> Result<()> {
        let api = self.api();
        let operator = &mut self.operator;
        let waited = eventually_within(LONG, &format!("{name} to be gone"), async || {
            operator.process().check().map_err(|error| Hopeless(format!("{error:#}")))?;
            match api.get_opt(name).await? {
                None => Ok(()),
                Some(object) => bail!("it is there: {}", conditions(&object)),
            }
        })
        .await;
        waited.with_context(|| format!("the operator's last lines:\n{}", operator.process().tail(30)))
    }

    /// Everything in the account that was not there before.
    pub async fn inventory(&self) -> Result<Inventory> {
        Ok(self.gateway.inventory(&scope(&self.harness.account)).await?.minus(&self.before))
    }

    /// The writes since `mark`, by action.
    pub fn writes_since(&self, mark: u64) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in self.gateway.writes().into_iter().filter(|call| call.sequence > mark && call.took_effect()) {
            *counts.entry(call.action).or_default() += 1;
        }
        counts
    }

    /// The calls since `mark`.
    pub fn calls_since(&self, mark: u64) -> Vec<Call> {
        self.gateway.calls().into_iter().filter(|call| call.sequence > mark).collect()
    }

    /// A mark for [`writes_since`](Self::writes_since).
    pub fn mark(&self) -> u64 {
        self.gateway.calls().last().map_or(0, |call| call.sequence)
    }

    /// Asks for a pass and waits until it has been made: what it did is in the gateway's record.
    pub async fn pass(&mut self, name: &str) -> Result<WordPressCluster> {
        let request = uuid::Uuid::new_v4().to_string();
        self.annotate(name, wpc_api::annotations::RECONCILE_AT, &request).await?;
        self.until(name, "to have been looked at", |object| {
            let seen = object.status.as_ref().and_then(|status| status.last_reconcile_request.as_ref());
            ensure!(seen == Some(&request), "the last request seen is {seen:?}");
            Ok(())
        })
        .await
    }

    /// Asks for a pass, and fails unless nothing is written until the object is ready after it.
    pub async fn rests(&mut self, name: &str) -> Result<WordPressCluster> {
        let mark = self.mark();
        self.pass(name).await?;
        let after = self.ready(name).await?;
        ensure!(self.writes_since(mark).is_empty(), "{name} at rest: {:?}", self.writes_since(mark));
        Ok(after)
    }

    /// The events told about an object, as `Reason: note`.
    pub async fn events(&self, name: &str) -> Result<Vec<String>> {
        let api = Api::<Event>::namespaced(self.harness.client.clone(), &self.harness.namespace);
        let about = ListParams::default().fields(&format!("regarding.name={name}"));
        let events = api.list(&about).await?;
        let text = |event: Event| format!("{}: {}", event.reason.unwrap_or_default(), event.note.unwrap_or_default());
        Ok(events.items.into_iter().map(text).collect())
    }

    /// Waits for an event whose text holds all of these.
    pub async fn told(&self, name: &str, parts: &[&str]) -> Result<String> {
        eventually(&format!("an event with {parts:?}"), async || {
            let events = self.events(name).await?;
            let found = events.iter().find(|event| parts.iter().all(|part| event.contains(part)));
            found.cloned().with_context(|| format!("there are {events:#?}"))
        })
        .await
    }
}

/// The calls of the middle one of three passes, each of which lists the VPCs once, at any time: it lies between the longest
/// silence before that and the longest after it.
pub fn one_pass(calls: &[Call]) -> Option<&[Call]> {
    let looks = calls.iter().enumerate().filter(|(_, call)| call.action == "DescribeVpcs").map(|(index, _)| index);
    let looks: Vec<_> = looks.take(3).collect();
    let begins = |one: usize, other: usize| {
        let after_a_silence =
            (one + 1..=other).max_by_key(|&index| calls[index].at.duration_since(calls[index - 1].at));
        after_a_silence.expect("two looks are two calls")
    };
    match looks[..] {
        [first, second, third] => Some(&calls[begins(first, second)..begins(second, third)]),
        _ => None,
    }
}

/// The chart, as a stage in this namespace installs it.
pub fn chart(namespace: &str, values: &[(&str, &str)]) -> Result<Chart> {
    Chart::render(&own("../charts/wordpress-operator"), namespace, namespace, values)
}

/// Installs the chart and runs the operator with the rights that it renders.
async fn operator(harness: &Harness, env: Vec<(String, String)>, extra: &[&str]) -> Result<Operator> {
    let namespace = &harness.namespace;
    let chart = chart(namespace, &[])?;
    chart.apply(&harness.client).await?;
    let account = chart.service_account()?;
    let rights = harness.control_plane.kubeconfig_for_service_account(namespace, &account).await?;
    let options = OperatorOptions::new(rights)
        .env(env)
        .args(["--namespace", namespace, "--cluster-id", namespace, "--settle", "1s"])
        // Only with --leader-elect in `extra` there is an election: most stories need no second replica, and kill the
        // only one so often that every start would wait for a lease to run out.
        .args(["--lease-name", &chart.argument("--lease-name")?, "--lease-namespace", namespace])
        .args(extra.iter().copied());
    Operator::start(options).await
}

/// Ready in this generation, with nothing left to do.
pub fn settled(object: &WordPressCluster, generation: Option<i64>) -> Result<()> {
    for (name, status) in [("Ready", "True"), ("Reconciling", "False"), ("Stalled", "False")] {
        let condition = condition(object, name).with_context(|| format!("no condition {name}"))?;
        ensure!(
            condition.status == status && condition.observed_generation == generation,
            "generation {generation:?}; {}",
            conditions(object)
        );
    }
    Ok(())
}

/// One of an object's conditions.
pub fn condition<'a>(
    object: &'a WordPressCluster,
    name: &str,
) -> Option<&'a k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition> {
    object.status.as_ref()?.conditions.iter().find(|condition| condition.type_ == name)
}

/// An object's conditions in a few lines, for messages.
pub fn conditions(object: &WordPressCluster) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let lines = conditions
        .map(|c| format!("{}={} {} ({:?}): {}", c.type_, c.status, c.reason, c.observed_generation, c.message));
    format!("{}:\n{}", object.name_any(), lines.collect::<Vec<_>>().join("\n"))
}

/// A manifest of config/samples.
pub fn sample(name: &str) -> Result<Value> {
    let path = own("../config/samples").join(name);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_saphyr::from_str(&text)?)
}

/// The name that the operator gives to a component's thing. docs/architecture.md: <object>-<8 hex of the stack id's
/// hash>-<component>.
pub fn generated(object: &str, stack: &str, component: &str) -> String {
    let mut hash = Sha256::new();
    hash.update((stack.len() as u64).to_be_bytes());
    hash.update(stack.as_bytes());
    format!("{object}-{}-{component}", &hex::encode(hash.finalize())[..8])
}

/// Where an account's things are.
pub fn scope(account: &Account) -> Scope {
    Scope { access_key: account.number().to_owned(), region: "us-east-1".into() }
}
