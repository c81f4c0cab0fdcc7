//! Under the policies of `wpc iam-policy`, judged: by moto's enforcement of IAM for the services that it has, by denials of
//! the gateway for those that live on MiniStack. Only actions are judged: moto knows neither the resource of most calls nor
//! our conditions, so the role gets its actions on everything. docs/testing.md says so too.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use kube::api::Api;
use serde_json::{Value, json};
use wpc_api::WordPressCluster;
use wpc_blueprint::Kinds;
use wpc_blueprint::permissions::Permissions;
use wpc_e2e::gateway::Profile;
use wpc_e2e::gateway::faults::{Effect, Fault};
use wpc_e2e::harness::{CloudKind, eventually_within};
use wpc_e2e::stage::{Stage, conditions, sample, scope, settled};

use super::lifecycle::lives_and_dies;
use super::permissions::{OTHER_NAMES, OTHER_PREFIXES};
use wpc_e2e::invariants::only_kept;

/// What moto lacks and so cannot judge, by the prefix of the permission.
const NOT_JUDGED: &[&str] =
    &["backup", "budgets", "cloudfront", "cloudwatch", "elasticache", "elasticfilesystem", "route53", "s3"];

/// A role with some of the statements, and the operator that wears it.
struct Least {
    stage: Stage,
    role: String,
    statements: Vec<BTreeSet<String>>,
    granted: BTreeSet<usize>,
}

impl Least {
    async fn new(name: &str) -> Result<Self> {
        let mut stage = Stage::with(name, CloudKind::Moto, Profile::instant(), &[]).await?;
        let (namespace, account) = (stage.harness.namespace.clone(), stage.harness.account.clone());
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", account.number()) },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": format!("{namespace}/{namespace}") } },
        }] });
        let trust = trust.to_string();
        let params = [("RoleName", "operator"), ("AssumeRolePolicyDocument", trust.as_str()), ("Path", "/")];
        stage.harness.cloud.call(&account, "iam", "CreateRole", &params).await?;
        stage.before = stage.gateway.inventory(&scope(&account)).await?;
        let role = format!("arn:aws:iam::{}:role/operator", account.number());
        stage.restart_with(&[&format!("--allow-role={namespace}={role}")]).await?;
        stage.gateway.judge_sessions();
        let permissions = Permissions::of(&Kinds::offline().all(), |_| true, &format!("{namespace}/*"), "aws");
        let statements = permissions.statements().iter().map(actions).collect();
        Ok(Self { stage, role, statements, granted: BTreeSet::new() })
    }

    fn allowed(&self) -> BTreeSet<String> {
        self.granted.iter().flat_map(|index| self.statements[*index].clone()).collect()
    }

    /// Allows exactly these statements' actions.
    async fn grant(&mut self, granted: BTreeSet<usize>) -> Result<()> {
        self.granted = granted;
        let allowed = self.allowed();
        let some: BTreeSet<&str> = allowed.iter().map(String::as_str).chain(["sts:GetCallerIdentity"]).collect();
        let statement = json!({ "Effect": "Allow", "Action": some, "Resource": "*" });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let params = [("RoleName", "operator"), ("PolicyName", "least"), ("PolicyDocument", document.as_str())];
        self.stage.harness.cloud.call(&self.stage.harness.account, "iam", "PutRolePolicy", &params).await?;
        let all: BTreeSet<&String> = self.statements.iter().flatten().collect();
        let denied = all.into_iter().filter(|action| !allowed.contains(*action)).flat_map(|action| denials(action));
        self.stage.gateway.set_faults(denied.collect());
        Ok(())
    }

    fn under(&self) -> impl Fn(&mut Value) + use<> {
        let role = self.role.clone();
        move |manifest| manifest["spec"]["roleArn"] = json!(role)
    }

    /// Grants what conditions name, one statement after the other, until the object is as expected.
    async fn until_named(&mut self, what: &str, done: impl Fn(Option<&WordPressCluster>) -> bool) -> Result<()> {
        let api = Api::<WordPressCluster>::namespaced(self.stage.harness.client.clone(), &self.stage.harness.namespace);
        for _ in 0..self.statements.len() {
            let allowed = self.allowed();
            let next = eventually_within(Duration::from_secs(120), what, async || {
                let object = api.get_opt("gazette").await?;
                if done(object.as_ref()) {
                    return Ok(None);
                }
                let said = object.as_ref().map(conditions).unwrap_or_default();
                let named = named(&said);
                let missing =
                    |statement: &BTreeSet<String>| statement.difference(&allowed).any(|it| named.contains(it.as_str()));
                match self.statements.iter().position(missing) {
                    Some(index) => Ok(Some(index)),
                    None => bail!("no condition names what is missing: {said}"),
                }
            })
            .await?;
            let Some(index) = next else { return Ok(()) };
            self.grant(self.granted.iter().copied().chain([index]).collect()).await?;
            let request = uuid::Uuid::new_v4().to_string();
            // It may go meanwhile.
            drop(self.stage.annotate("gazette", wpc_api::annotations::RECONCILE_AT, &request).await);
        }
        bail!("{what}: nothing is left to grant")
    }
}

fn actions(statement: &Value) -> BTreeSet<String> {
    statement["Action"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The words of a text that have the form of a permission.
fn named(said: &str) -> BTreeSet<&str> {
    let words = said.split(|c: char| !(c.is_ascii_alphanumeric() || ":-".contains(c)));
    words.map(|word| word.trim_matches(':')).filter(|word| word.contains(':')).collect()
}

/// The gateway's refusals of the calls that a permission is about, where moto does not refuse them.
fn denials(permission: &str) -> Vec<Fault> {
    let (prefix, action) = permission.split_once(':').unwrap_or_default();
    if !NOT_JUDGED.contains(&prefix) {
        return vec![];
    }
    let service = OTHER_PREFIXES.iter().find(|(_, other)| *other == prefix).map_or(prefix, |(service, _)| *service);
    let others = OTHER_NAMES.iter().filter(|(_, _, other)| *other == permission);
    let calls = others.map(|(service, action, _)| (*service, *action)).chain([(service, action)]);
    calls.map(|(service, action)| Fault::of(Effect::Denied).service(service).action(action)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_core_life_needs_no_more() -> Result<()> {
    let mut least = Least::new("enough").await?;
    least.grant((0..least.statements.len()).collect()).await?;
    let under = least.under();
    lives_and_dies(&mut least.stage, "minimal.yaml", under).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named() -> Result<()> {
    let mut least = Least::new("missing").await?;
    least.grant(BTreeSet::new()).await?;
    let mut manifest = sample("production.yaml")?;
    (least.under())(&mut manifest);
    least.stage.apply("gazette", manifest).await?;
    let ready = |object: Option<&WordPressCluster>| {
        object.is_some_and(|object| settled(object, object.metadata.generation).is_ok())
    };
    least.until_named("gazette to be ready", ready).await?;
    let edits = [
        json!({ "tags": { "edition": "late" }, "compute": { "replicas": { "max": 7 } } }),
        json!({ "cdn": { "enabled": false } }),
    ];
    for edit in edits {
        let generation = least.stage.edit("gazette", edit).await?.metadata.generation;
        let edited =
            move |object: Option<&WordPressCluster>| object.is_some_and(|object| settled(object, generation).is_ok());
        least.until_named("gazette to be edited", edited).await?;
    }
    least.stage.delete("gazette").await?;
    least.until_named("gazette to be gone", |object| object.is_none()).await?;
    only_kept(&least.stage.inventory().await?)?;

    // The others allow what these do too, on other resources, or what this life does not do.
    let asked = least.granted.len();
    println!("{asked} of {} statements were asked for", least.statements.len());
    ensure!(asked * 3 > least.statements.len() * 2, "only {asked} of {} statements", least.statements.len());
    Ok(())
}
