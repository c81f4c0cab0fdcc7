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
use wpc_e2e::gateway::{Gateway, Profile};
use wpc_e2e::harness::{Account, Cloud, CloudKind};

use cases::{CASES, Case, provoke};
use world::World;

/// Where the table is kept.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/gateway-rules.md");

/// So long that no real second counts; databases are ready at once, so that only the rules refuse.
fn profile() -> Profile {
    let ready =
        ["rds/instance", "rds/snapshot", "elasticache/replication-group", "efs/file-system", "efs/mount-target"];
    let slow = Profile::aws(Duration::from_secs(3600)).visible_after(0.0);
    ready.into_iter().fold(slow, |profile, kind| profile.with_time(kind, 0.0))
}

#[tokio::test]
async fn the_table_says_what_each_cloud_does_and_the_gateway_refuses() -> Result<()> {
    let mut columns = Vec::new();
    for kind in [CloudKind::MiniStack, CloudKind::Moto] {
        let cloud = Cloud::start(kind).await?;
        let tried: Vec<Result<(Case, String)>> =
            futures::stream::iter(CASES).map(|case| try_one(&cloud, case)).buffered(8).collect().await;
        let tried: BTreeMap<_, _> = tried
            .into_iter()
            .collect::<Result<Vec<_>>>()
            .with_context(|| format!("{kind:?}"))?
            .into_iter()
            .map(|(case, found)| ((case.action, case.because), found))
            .collect();
        columns.push(tried);
    }
    let table = render(&columns);
    if std::env::var_os("WPC_E2E_WRITE_TABLES").is_some() {
        std::fs::write(TABLE, &table)?;
    }
    let kept = std::fs::read_to_string(TABLE).unwrap_or_default();
    similar(&kept, &table)
}

/// What the cloud alone does, once the gateway was seen to refuse.
async fn try_one(cloud: &Cloud, case: &Case) -> Result<(Case, String)> {
    let told = || format!("{}: {}", case.action, case.because);
    let gateway = Gateway::start(cloud.endpoints().gateway(profile())).await?;
    let scope = || Account::unused().scope();
    let guarded = World { http: Upstreams::new(&gateway.url(), &BTreeMap::new())?, scope: scope() };
    let forbidden = provoke(&guarded, case).await.with_context(told)?;
    let refused = guarded.send(&forbidden).await?;
    let code = refused.error_code().unwrap_or_default();
    ensure!(code == case.code, "{}: the gateway lets pass, or says {code:?}", told());

    let endpoints = cloud.endpoints();
    let bare = World { http: Upstreams::new(&endpoints.default, &endpoints.services)?, scope: scope() };
    let forbidden = provoke(&bare, case).await.with_context(told)?;
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
         ## Calls\n\nEach is refused behind the gateway with AWS's code. The last columns tell what a cloud does by itself.\n\n\
         | call | when | AWS says | MiniStack | moto |\n|---|---|---|---|---|\n",
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
