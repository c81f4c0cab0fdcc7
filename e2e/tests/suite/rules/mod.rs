//! The gateway's rules before the real clouds: what each cloud does by itself, and that the gateway refuses.
//!
//! The table is docs/gateway-rules.md; a rule that a cloud starts to follow, or stops, changes it.

mod cases;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use wpc_e2e::gateway::rules::rules;
use wpc_e2e::gateway::upstream::Upstreams;
use wpc_e2e::gateway::{Config, Gateway, Profile};
use wpc_e2e::harness::{Account, Cloud, CloudKind};

use cases::{CASES, Case, provoke};
use world::{World, call};

/// Where the table is kept.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/gateway-rules.md");

/// What a cloud cannot be brought to: MiniStack, which is LocalStack's RDS too, forgets that RDS manages an instance's
/// password.
const LACKS: &[(CloudKind, &str)] = &[
    (CloudKind::MiniStack, "RDS manages its source's password"),
    (CloudKind::LocalStack, "RDS manages its source's password"),
];

/// So long that no real second counts; databases are ready at once, so that only the rules refuse.
fn profile() -> Profile {
    let ready = [
        "rds/instance",
        "rds/snapshot",
        "rds/cluster",
        "rds/cluster-snapshot",
        "elasticache/replication-group",
        "elasticache/cluster",
        "efs/file-system",
        "efs/mount-target",
        "acm/certificate",
    ];
    let slow = Profile::aws(Duration::from_secs(3600)).visible_after(0.0);
    ready.into_iter().fold(slow, |profile, kind| profile.with_time(kind, 0.0))
}

#[tokio::test]
async fn the_table_says_what_each_cloud_does_and_the_gateway_refuses() -> Result<()> {
    let mut columns: Vec<BTreeMap<_, _>> = Vec::new();
    for kind in [CloudKind::MiniStack, CloudKind::Moto, CloudKind::LocalStack] {
        let cloud = Cloud::start(kind).await?;
        let tried: Vec<Result<(Case, String)>> =
            futures::stream::iter(CASES).map(|case| try_one(kind, &cloud, case)).buffered(3).collect().await;
        let (found, wrong): (Vec<_>, Vec<_>) = tried.into_iter().partition(Result::is_ok);
        let wrong: Vec<_> = wrong.into_iter().filter_map(Result::err).map(|error| format!("{error:#}")).collect();
        ensure!(wrong.is_empty(), "{kind:?}:\n{}", wrong.join("\n"));
        let found = found.into_iter().flatten().map(|(case, found)| ((case.action, case.because), found));
        columns.push(found.collect());
    }
    let table = render(&columns);
    if std::env::var_os("WPC_E2E_WRITE_TABLES").is_some() {
        std::fs::write(TABLE, &table)?;
    }
    let kept = std::fs::read_to_string(TABLE).unwrap_or_default();
    similar(&kept, &table)
}

#[tokio::test]
async fn the_replicas_of_a_source_that_is_gone_stand_alone_and_bill_on() -> Result<()> {
    for kind in [CloudKind::MiniStack, CloudKind::Moto] {
        let cloud = Cloud::start(kind).await?;
        let endpoints = cloud.endpoints();
        let gateway = Gateway::start(Config::before(&endpoints.default, &endpoints.services)).await?;
        let aws = World { http: Upstreams::new(&gateway.url(), &BTreeMap::new())?, scope: Account::unused().scope() };
        aws.database(&[("MasterUserPassword", "not-a-secret")]).await?;
        aws.replica().await?;
        let source = "ReadReplicaSourceDBInstanceIdentifier";
        let named = async || -> Result<String> {
            let asked = call("rds", "DescribeDBInstances", &[("DBInstanceIdentifier", "db-1")]);
            let shown = aws.send(&asked).await?.tree().context("no answer")?;
            let shown = shown.items("DescribeDBInstancesResult/DBInstances/*");
            Ok(shown.first().context("no replica")?.text(source).unwrap_or_default())
        };
        assert_eq!(named().await?, "db", "{kind:?}");
        let skip = ("SkipFinalSnapshot", "true");
        aws.make(call("rds", "DeleteDBInstance", &[("DBInstanceIdentifier", "db"), skip]), "").await?;
        assert_eq!(named().await?, "", "{kind:?}");
        let left = gateway.inventory(&aws.scope).await?.of_kind("rds/instance");
        assert_eq!(left.0.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["db-1"], "{kind:?}");
        aws.make(call("rds", "DeleteDBInstance", &[("DBInstanceIdentifier", "db-1"), skip]), "").await?;
    }
    Ok(())
}

/// What the cloud alone does, once the gateway was seen to refuse.
async fn try_one(kind: CloudKind, cloud: &Cloud, case: &Case) -> Result<(Case, String)> {
    if LACKS.contains(&(kind, case.because)) {
        return Ok((*case, "cannot".into()));
    }
    let told = || format!("{}: {}", case.action, case.because);
    let endpoints = cloud.endpoints();
    // Without AWS's models: these calls are as short as can be.
    let config = Config::before(&endpoints.default, &endpoints.services).profile(profile());
    let gateway = Gateway::start(config).await?;
    let scope = Account::unused().scope();
    let guarded = World { http: Upstreams::new(&gateway.url(), &BTreeMap::new())?, scope: scope.clone() };
    let forbidden = provoke(&guarded, case).await.with_context(told)?;
    let refused = guarded.send(&forbidden).await?;
    let code = refused.error_code().unwrap_or_default();
    ensure!(code == case.code, "{}: the gateway lets pass, or says {code:?}", told());

    // What was refused has changed nothing: the same call, past the gateway.
    let bare = World { http: Upstreams::new(&endpoints.default, &endpoints.services)?, scope };
    let answer = bare.send(&forbidden).await?;
    let found = match answer.error_code() {
        _ if answer.ok() => "allows".to_owned(),
        Some(code) if code == case.code => "refuses".to_owned(),
        code => format!("`{}`", code.unwrap_or_default()),
    };
    Ok((*case, found))
}

fn render(columns: &[BTreeMap<(&str, &str), String>]) -> String {
    let mut text = String::from(
        "# What AWS refuses\n\nWritten by the end-to-end test `rules` (`WPC_E2E_WRITE_TABLES=1 make e2e ARGS=rules`), which \
         makes every one of these calls, through the gateway and without it. How a rule is added: [gateway.md](gateway.md).\n\n\
         ## Calls\n\nEach is refused behind the gateway with AWS's code. The last columns tell what a cloud does by itself; *cannot*: it does not come so far.\n\n\
         | call | when | AWS says | MiniStack | moto | LocalStack |\n|---|---|---|---|---|---|\n",
    );
    for Case { action, because, code } in CASES {
        let cells: Vec<&str> = columns.iter().map(|column| column[&(*action, *because)].as_str()).collect();
        let _ = writeln!(text, "| {action} | {because} | `{code}` | {} |", cells.join(" | "));
    }
    text.push_str("\n## Rules\n\n| about | calls | when | AWS says | AWS's page |\n|---|---|---|---|---|\n");
    for rule in rules() {
        let calls = rule.actions.join(", ");
        let _ = writeln!(text, "| {} | {calls} | {} | `{}` | {} |", rule.about, rule.when, rule.code, rule.page);
    }
    text
}

fn similar(kept: &str, found: &str) -> Result<()> {
    let mut differ = kept.lines().zip(found.lines()).filter(|(kept, found)| kept != found);
    let first = differ.next().map(|(kept, found)| format!("\nkept:  {kept}\nfound: {found}"));
    ensure!(
        kept == found,
        "docs/gateway-rules.md is stale: run with WPC_E2E_WRITE_TABLES=1{}",
        first.unwrap_or_default()
    );
    Ok(())
}

/// Every rule is provoked, or needs AWS's time, which the gateway's own tests let pass.
#[test]
fn every_rule_has_a_case() {
    const STATES: &[&str] = &["available", "in progress"];
    for rule in rules().filter(|rule| !STATES.iter().any(|state| rule.when.contains(state))) {
        for action in rule.actions {
            let tried = CASES.iter().any(|case| case.action == *action && case.code == rule.code);
            let other = rule.actions.iter().any(|other| CASES.iter().any(|case| case.action == *other));
            assert!(tried || other, "no case for {action}: {}", rule.when);
        }
    }
}
