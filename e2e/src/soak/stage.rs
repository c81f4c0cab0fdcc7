//! The soak's stage: several namespaces, one account behind a gateway, and two replicas of the operator.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};
use wpc_api::WordPressCluster;

use super::Options;
use super::memory::resident;
use super::script::Act;
use crate::gateway::{Gateway, Profile};
use crate::harness::tools::own;
use crate::harness::{Chart, CloudKind, Endpoints, Harness, Operator, OperatorOptions};
use crate::inventory::Inventory;
use crate::stage::sample;

/// How many namespaces the sites are spread over.
const NAMESPACES: usize = 3;

/// How the replicas elect: as by default, since an emulated cloud with twenty sites takes seconds for some deletes.
const ELECT: [&str; 1] = ["--leader-elect"];

/// A rule that a hand removes, and the group that has it.
const RULE: (&str, &str) = ("network/security-group-database", "network/rule-database-in-tcp-3306-web");

/// Everything that the soak plays with.
pub struct Stage {
    /// The namespaces, the account, the control plane and the cloud.
    pub namespaces: Vec<Harness>,
    /// The gateway before the cloud.
    pub gateway: Arc<Gateway>,
    /// The sites that should live.
    pub living: BTreeMap<String, Api<WordPressCluster>>,
    /// Those whose end was asked for.
    pub ended: BTreeMap<String, Api<WordPressCluster>>,
    operators: Vec<Operator>,
    before: Inventory,
}

impl Stage {
    /// Sets it.
    pub async fn new(options: &Options) -> Result<Self> {
        let first = Harness::new("soak", CloudKind::MiniStack).await?;
        let mut namespaces = vec![first.clone()];
        while namespaces.len() < NAMESPACES {
            namespaces.push(first.neighbour("soak").await?);
        }
        let gateway = Arc::new(first.gateway(Profile::aws(options.minute).throttled()).await?);
        let before = gateway.inventory(&first.account.scope()).await.context("the inventory before")?;
        let operators = operators(&namespaces, &gateway).await?;
        Ok(Self { namespaces, gateway, living: BTreeMap::new(), ended: BTreeMap::new(), operators, before })
    }

    /// The first part of every stack id.
    pub fn cluster_id(&self) -> &str {
        &self.namespaces[0].namespace
    }

    /// The stack id of a site.
    pub fn stack(&self, name: &str, api: &Api<WordPressCluster>) -> String {
        format!("{}/{}/{name}", self.cluster_id(), api.namespace().unwrap_or_default())
    }

    /// Does what the script says; the sort of act that it was.
    pub async fn play(&mut self, act: Act) -> Result<&'static str> {
        match act {
            Act::Create { name, sample } => self.create(name, sample).await.map(|()| "sites made"),
            Act::Edit { name, spec } => {
                let patch = Patch::Merge(json!({ "spec": spec }));
                self.site(&name)?.patch(&name, &PatchParams::default(), &patch).await?;
                Ok("edits")
            }
            Act::Delete { name } => {
                self.end(&name).await?;
                Ok("sites deleted")
            }
            Act::Hand { name } => self.hand(&name).await,
        }
    }

    async fn create(&mut self, name: String, from: &str) -> Result<()> {
        let place = &self.namespaces[self.living.len() % NAMESPACES];
        let api: Api<WordPressCluster> = Api::namespaced(place.client.clone(), &place.namespace);
        let mut manifest: Value = sample(from)?;
        manifest["metadata"] = json!({ "name": name, "namespace": place.namespace });
        api.patch(&name, &PatchParams::apply("soak").force(), &Patch::Apply(&manifest)).await?;
        self.living.insert(name, api);
        Ok(())
    }

    /// Asks for a site's end.
    pub async fn end(&mut self, name: &str) -> Result<()> {
        let api = self.living.remove(name).with_context(|| format!("{name} does not live"))?;
        api.delete(name, &DeleteParams::default()).await?;
        self.ended.insert(name.to_owned(), api);
        Ok(())
    }

    fn site(&self, name: &str) -> Result<&Api<WordPressCluster>> {
        self.living.get(name).with_context(|| format!("{name} does not live"))
    }

    /// Revokes a rule past the gateway, if the site has come so far.
    async fn hand(&self, name: &str) -> Result<&'static str> {
        const TOO_EARLY: &str = "hands that found nothing";
        let status = self.site(name)?.get(name).await?.status.unwrap_or_default();
        let id = |wanted: &str| status.components.iter().find(|found| found.name == wanted)?.id.clone();
        let (Some(group), Some(rule)) = (id(RULE.0), id(RULE.1)) else { return Ok(TOO_EARLY) };
        let params = [("GroupId", group.as_str()), ("SecurityGroupRuleId.1", rule.as_str())];
        let place = &self.namespaces[0];
        let done = place.cloud.call(&place.account, "ec2", "RevokeSecurityGroupIngress", &params).await;
        // Another hand, or the operator itself, may have been faster.
        Ok(if done.is_ok() { "rules revoked by hand" } else { TOO_EARLY })
    }

    /// Fails if an operator has ended by itself.
    pub fn alive(&mut self) -> Result<()> {
        self.operators.iter_mut().try_for_each(|operator| operator.process().check())
    }

    /// Kills the replica that leads, and starts it again; false if none leads at the moment.
    pub async fn kill_leader(&mut self) -> Result<bool> {
        for operator in &mut self.operators {
            if operator.get("/metrics").await?.lines().any(|line| line == "wordpress_operator_leader 1") {
                operator.restart().await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How often another replica wrote than the one that wrote before, as far as the gateway's record goes back.
    pub fn changes_of_writer(&self) -> usize {
        let writers: Vec<_> = self.gateway.writes().into_iter().map(|call| call.client).collect();
        writers.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }

    /// KiB of the operator that holds the most.
    pub fn resident(&mut self) -> Result<u64> {
        let all: Result<Vec<u64>> =
            self.operators.iter_mut().map(|operator| resident(operator.process().id())).collect();
        Ok(all?.into_iter().max().unwrap_or_default())
    }

    /// The last lines of the operators.
    pub fn tails(&mut self) -> String {
        let tails: Vec<_> = self.operators.iter_mut().map(|operator| operator.process().tail(20)).collect();
        tails.join("\n---\n")
    }

    /// Everything in the account that was not there before.
    pub async fn inventory(&self) -> Result<Inventory> {
        Ok(self.gateway.inventory(&self.namespaces[0].account.scope()).await?.minus(&self.before))
    }
}

/// The chart's rights, in every namespace of the stage.
async fn operators(namespaces: &[Harness], gateway: &Gateway) -> Result<Vec<Operator>> {
    let first = &namespaces[0];
    let home = &first.namespace;
    let watched: Vec<&str> = namespaces.iter().map(|place| place.namespace.as_str()).collect();
    let values = [("watchNamespaces", format!("{{{}}}", watched.join(",")))];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let chart = Chart::render(&own("../charts/wordpress-operator"), home, home, &values)?;
    chart.apply(&first.client).await?;
    let rights = first.control_plane.kubeconfig_for_service_account(home, &chart.service_account()?).await?;
    let options = OperatorOptions::new(rights)
        .env(first.account.env(&Endpoints::only(gateway.url())))
        .args(watched.iter().flat_map(|namespace| ["--namespace", namespace]))
        .args(["--cluster-id", home, "--settle", "1s", "--resync", "20s"])
        .args(["--lease-name", &chart.argument("--lease-name")?, "--lease-namespace", home])
        .args(ELECT);
    let leader = Operator::start(options).await?;
    let standby = leader.replica().await?;
    Ok(vec![leader, standby])
}
