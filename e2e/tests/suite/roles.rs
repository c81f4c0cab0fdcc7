//! Tenants with accounts of their own: each namespace reaches what the operator's configuration allows to it, and no more.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_api::WordPressCluster;
use wpc_api::annotations::{SCOPE, Scope};
use wpc_e2e::gateway::{Call, Profile};
use wpc_e2e::harness::{Account, CloudKind};
use wpc_e2e::inventory::Inventory;
use wpc_e2e::stage::{Stage, condition, conditions, sample, scope};

use wpc_e2e::invariants::{exactly_once, only_kept};

/// An account, and two roles in it that trust the stage's operator for one namespace.
struct Tenant {
    account: Account,
    role: String,
    second: String,
    before: Inventory,
}

impl Tenant {
    async fn new(stage: &Stage, namespace: &str) -> Result<Self> {
        let account = Account::unused();
        let role = make_role(stage, &account, "first", namespace).await?;
        let second = make_role(stage, &account, "second", namespace).await?;
        let before = stage.gateway.inventory(&scope(&account)).await?;
        Ok(Self { account, role, second, before })
    }

    async fn inventory(&self, stage: &Stage) -> Result<Inventory> {
        Ok(stage.gateway.inventory(&scope(&self.account)).await?.minus(&self.before))
    }
}

/// The trust policy is the one of docs/install.md.
async fn make_role(stage: &Stage, account: &Account, name: &str, namespace: &str) -> Result<String> {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", stage.harness.account.number()) },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": format!("{}/{namespace}", stage.harness.namespace) } },
        }],
    });
    let trust = trust.to_string();
    let params = [("RoleName", name), ("AssumeRolePolicyDocument", trust.as_str()), ("Path", "/")];
    stage.harness.cloud.call(account, "iam", "CreateRole", &params).await?;
    Ok(format!("arn:aws:iam::{}:role/{name}", account.number()))
}

fn under(role: &str) -> Result<Value> {
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["roleArn"] = json!(role);
    Ok(manifest)
}

/// Waits until a person must act, for this reason and with these words.
async fn stalled(stage: &mut Stage, name: &str, reason: &str, parts: &[&str]) -> Result<()> {
    let told = |object: &WordPressCluster| {
        let stalled = condition(object, "Stalled").context("no condition Stalled")?;
        let said = stalled.status == "True" && stalled.reason == reason;
        ensure!(said && stalled.observed_generation == object.metadata.generation, "{}", conditions(object));
        ensure!(parts.iter().all(|part| stalled.message.contains(part)), "{}", stalled.message);
        Ok(())
    };
    stage.until(name, &format!("to be stalled: {reason}"), told).await?;
    Ok(())
}

/// What was called for somebody's stack: not the operator's question whose its own credentials are.
fn calls_since(stage: &Stage, mark: u64) -> Vec<Call> {
    stage.calls_since(mark).into_iter().filter(|call| call.action != "GetCallerIdentity").collect()
}

fn all_under(calls: &[Call], role: &str) -> Result<()> {
    let strays: Vec<_> =
        calls.iter().filter(|call| call.service != "sts" && call.role.as_deref() != Some(role)).collect();
    ensure!(!calls.is_empty() && strays.is_empty(), "not under {role}: {strays:#?}");
    Ok(())
}

fn recorded(object: &WordPressCluster) -> Result<Scope> {
    object.scope()?.context("no scope is recorded")
}

async fn in_the_roles_account(cloud: CloudKind) -> Result<()> {
    let mut stage = Stage::new("roles", cloud).await?;
    let namespace = stage.harness.namespace.clone();
    let (press, shop) = (Tenant::new(&stage, &namespace).await?, Tenant::new(&stage, "shop").await?);
    let grants = [format!("{namespace}={}", press.role), format!("shop={}", shop.role)];
    stage.restart_with(&["--allow-role", &grants[0], "--allow-role", &grants[1]]).await?;

    // Another tenant's role is refused, and nobody asks for it.
    let mark = stage.mark();
    stage.apply("gazette", under(&shop.role)?).await?;
    let allow = format!("--allow-role {namespace}={}", shop.role);
    stalled(&mut stage, "gazette", "RoleNotAllowed", &[&allow]).await?;
    stage.told("gazette", &["RoleNotAllowed", &shop.role]).await?;
    ensure!(stage.calls_since(mark).is_empty(), "calls: {:#?}", stage.calls_since(mark));

    // Its own leads to its account, with the operator's credentials for nothing but the role.
    stage.edit("gazette", json!({ "roleArn": press.role })).await?;
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &press.inventory(&stage).await?, &stage.stack("gazette"))?;
    all_under(&calls_since(&stage, mark), &press.role)?;
    let found = recorded(&object)?;
    ensure!((found.account.as_str(), found.role.as_deref()) == (press.account.number(), Some(press.role.as_str())));
    ensure!(stage.inventory().await?.0.is_empty(), "in the operator's own account: {:#?}", stage.inventory().await?);

    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    all_under(&calls_since(&stage, mark), &press.role)?;
    only_kept(&press.inventory(&stage).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_stack_is_in_its_account_on_ministack() -> Result<()> {
    in_the_roles_account(CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_stack_is_in_its_account_on_moto() -> Result<()> {
    in_the_roles_account(CloudKind::Moto).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_stack_stays_in_its_account_whatever_is_edited() -> Result<()> {
    let mut stage = Stage::new("moves", CloudKind::MiniStack).await?;
    let namespace = stage.harness.namespace.clone();
    let (here, there) = (Tenant::new(&stage, &namespace).await?, Tenant::new(&stage, &namespace).await?);
    let shop = Tenant::new(&stage, "shop").await?;
    let second = here.second.clone();
    let mut grants: Vec<_> =
        [&here.role, &second, &there.role].map(|role| format!("--allow-role={namespace}={role}")).into();
    grants.push(format!("--allow-role=shop={}", shop.role));
    stage.restart_with(&grants.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    stage.apply("gazette", under(&here.role)?).await?;
    stage.ready("gazette").await?;

    // Another role of the same account: nothing changes but who asks.
    let mark = stage.mark();
    stage.edit("gazette", json!({ "roleArn": second })).await?;
    let object = stage.ready("gazette").await?;
    ensure!(recorded(&object)?.role.as_deref() == Some(second.as_str()), "{:?}", recorded(&object)?);
    ensure!(stage.writes_since(mark).is_empty(), "{:?}", stage.writes_since(mark));
    all_under(&calls_since(&stage, mark), &second)?;

    // Another account, the operator's own too: the stack is where it was.
    let mark = stage.mark();
    for elsewhere in [json!(there.role), Value::Null] {
        stage.edit("gazette", json!({ "roleArn": elsewhere })).await?;
        stalled(&mut stage, "gazette", "AccountChanged", &[here.account.number(), &second]).await?;
        ensure!(recorded(&stage.get("gazette").await?)? == recorded(&object)?, "the record moved");
    }
    let called: Vec<_> = calls_since(&stage, mark).into_iter().filter(|call| call.service != "sts").collect();
    ensure!(called.is_empty(), "called elsewhere: {called:#?}");
    stage.edit("gazette", json!({ "roleArn": second })).await?;
    stage.ready("gazette").await?;

    // An edited annotation opens nobody else's door, nor does it hide the stack.
    let mark = stage.mark();
    let truth = recorded(&object)?;
    let edited = Scope { account: shop.account.number().to_owned(), role: Some(shop.role.clone()), ..truth.clone() };
    stage.annotate("gazette", SCOPE, &edited.to_annotation()).await?;
    stage.delete("gazette").await?;
    stalled(&mut stage, "gazette", "RoleNotAllowed", &[&shop.role]).await?;
    let asked = stage.calls_since(mark).into_iter().filter(|call| call.action == "AssumeRole");
    let shops: Vec<_> = asked.filter(|call| call.params.iter().any(|(_, value)| *value == shop.role)).collect();
    ensure!(shops.is_empty(), "another tenant's role was asked for: {shops:#?}");
    stage.annotate("gazette", SCOPE, &truth.to_annotation()).await?;
    stage.annotate("gazette", wpc_api::annotations::RECONCILE_AT, "now").await?;
    stage.gone("gazette").await?;
    only_kept(&here.inventory(&stage).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_lets_in_only_the_namespace_that_its_owner_names() -> Result<()> {
    let mut stage = Stage::with("trust", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let namespace = stage.harness.namespace.clone();
    // The operator's configuration is wrong, and the role's owner has written another namespace.
    let shop = Tenant::new(&stage, "shop").await?;
    stage.restart_with(&["--require-role", &format!("--allow-role={namespace}={}", shop.role)]).await?;
    stage.apply("gazette", under(&shop.role)?).await?;
    let external_id = format!("sts:ExternalId {namespace}/{namespace}");
    stalled(&mut stage, "gazette", "AccessDenied", &["sts:AssumeRole", &shop.role, &external_id]).await?;

    // Nor does it get the operator's own identity here.
    stage.apply("herald", sample("minimal.yaml")?).await?;
    stalled(&mut stage, "herald", "RoleNotAllowed", &[&namespace, "spec.roleArn"]).await?;
    ensure!(stage.gateway.writes().is_empty(), "{:#?}", stage.gateway.writes());
    for name in ["gazette", "herald"] {
        stage.delete(name).await?;
        stage.gone(name).await?;
    }
    Ok(())
}
