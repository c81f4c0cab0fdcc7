//! From nothing to Ready, at rest, and to nothing again.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use kube::ResourceExt;
use serde_json::Value;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{CloudKind, eventually};
use wpc_e2e::inventory::{Inventory, Item};
use wpc_e2e::stage::{MINUTE, Stage, one_pass, sample};

use wpc_e2e::invariants::{exactly_once, only_kept};

/// The calls that a pass over a stack at rest may take.
const CALLS_AT_REST: usize = 80;

/// What a sample makes, by kind. Both are built over three zones, with two replicas and a cache of two nodes.
const TABLE: &[(&str, usize)] = &[
    // The load balancer's, and the distribution's.
    ("acm/certificate", 2),
    ("autoscaling/group", 1),
    ("autoscaling/policy", 1),
    ("backup/plan", 1),
    ("backup/selection", 1),
    ("backup/vault", 1),
    ("cloudfront/cache-policy", 2),
    ("cloudfront/distribution", 1),
    ("cloudwatch/alarm", 16),
    ("cloudwatch/composite-alarm", 1),
    ("cloudwatch/dashboard", 1),
    ("ec2/address", 3),
    ("ec2/internet-gateway", 1),
    ("ec2/launch-template", 1),
    ("ec2/nat-gateway", 3),
    // One public, one private in each zone, and the VPC's own.
    ("ec2/route-table", 5),
    // Six of ours, and the VPC's own with its one rule.
    ("ec2/security-group", 7),
    ("ec2/security-group-rule", 9),
    ("ec2/subnet", 6),
    ("ec2/vpc", 1),
    ("ec2/vpc-endpoint", 1),
    ("efs/access-point", 1),
    ("efs/file-system", 1),
    ("efs/mount-target", 3),
    ("elasticache/parameter-group", 1),
    ("elasticache/replication-group", 1),
    ("elasticache/subnet-group", 1),
    ("elb/listener", 2),
    ("elb/load-balancer", 1),
    ("elb/rule", 1),
    ("elb/target-group", 1),
    ("iam/instance-profile", 1),
    // The instances', AWS Backup's, and the one under which RDS monitors the database.
    ("iam/role", 3),
    ("logs/log-group", 1),
    ("rds/instance", 3),
    ("rds/parameter-group", 1),
    ("rds/subnet-group", 1),
    // The database's two, WordPress's, the cache's and the distribution's.
    ("secretsmanager/secret", 5),
    ("sns/topic", 1),
    ("wafv2/web-acl", 1),
];

/// What the production sample makes beside that.
const PRODUCTION: &[(&str, usize)] = &[
    ("autoscaling/policy", 2),
    ("autoscaling/scheduled-action", 2),
    ("budgets/budget", 1),
    ("cloudtrail/trail", 1),
    ("cloudfront/origin-access-control", 1),
    ("ec2/flow-log", 1),
    // And the one under which flow logs are written.
    ("iam/role", 4),
    ("kms/key", 1),
    // The instances', the network's and the firewall's.
    ("logs/log-group", 3),
    ("logs/delivery", 1),
    ("logs/delivery-destination", 1),
    ("logs/delivery-source", 1),
    // For uploads, the logs of load balancer and CDN, and the trail.
    ("s3/bucket", 4),
];

/// The cloud holds what the tables say and nothing more.
fn as_the_table_says(inventory: &Inventory, manifest: &str) -> Result<()> {
    // moto takes automated snapshots by itself, as RDS does at its backup window, and makes a service's own key when it is
    // first used.
    let provided = |item: &Item| item.name.starts_with("rds:") || item.kind == "kms/key" && item.stack.is_none();
    let wanted = inventory.only(|item| !provided(item));
    let counts = wanted.counts();
    let more = if manifest == "production.yaml" { PRODUCTION } else { &[] };
    let table: BTreeMap<&str, usize> = TABLE.iter().chain(more).copied().collect();
    ensure!(counts == table, "the cloud holds {counts:#?}");
    Ok(())
}

async fn life(name: &str, manifest: &str, cloud: CloudKind) -> Result<()> {
    let mut stage = Stage::new(name, cloud).await?;
    lives_and_dies(&mut stage, manifest, |_| {}).await
}

/// From nothing to Ready with what the tables say, and to what deletion keeps.
pub async fn lives_and_dies(stage: &mut Stage, manifest: &str, edit: impl Fn(&mut Value)) -> Result<()> {
    let mut wanted = sample(manifest)?;
    edit(&mut wanted);
    stage.apply("gazette", wanted).await?;
    let object = stage.ready("gazette").await?;
    let status = object.status.clone().unwrap_or_default();
    ensure!(status.components.iter().all(|component| component.state == "Ready"), "{:#?}", status.components);
    let inventory = stage.inventory().await?;
    exactly_once(&object, &inventory, &stage.stack("gazette"))?;
    as_the_table_says(&inventory, manifest)?;
    stage.rests("gazette").await?;

    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_minimal_sample_lives_and_dies_on_ministack() -> Result<()> {
    life("minimal", "minimal.yaml", CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_production_sample_lives_and_dies_on_ministack() -> Result<()> {
    life("production", "production.yaml", CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_minimal_sample_lives_and_dies_on_moto() -> Result<()> {
    life("minimal", "minimal.yaml", CloudKind::Moto).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_production_sample_lives_and_dies_on_moto() -> Result<()> {
    life("production", "production.yaml", CloudKind::Moto).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_minimal_sample_lives_and_dies_on_localstack() -> Result<()> {
    life("minimal", "minimal.yaml", CloudKind::LocalStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_production_sample_lives_and_dies_on_localstack() -> Result<()> {
    life("production", "production.yaml", CloudKind::LocalStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn at_rest_nothing_is_written_anywhere() -> Result<()> {
    // Passes come by themselves here, so that not even the test writes to the object.
    let mut stage = Stage::with("rest", CloudKind::MiniStack, Profile::aws(MINUTE), &["--resync", "4s"]).await?;
    stage.apply("gazette", sample("production.yaml")?).await?;
    let before = stage.ready("gazette").await?;
    // One pass more, so that what was read by id is listed from now on.
    passes(&stage, 1).await?;
    let mark = stage.mark();
    passes(&stage, 2).await?;
    let calls = stage.calls_since(mark);
    let writes: Vec<_> = calls.iter().filter(|call| call.write).map(|call| &call.action).collect();
    ensure!(writes.is_empty(), "written to AWS at rest: {writes:?}");
    let after = stage.get("gazette").await?;
    ensure!(before.resource_version() == after.resource_version(), "the object was written at rest");

    let one_pass = one_pass(&calls).context("fewer than three passes")?.len();
    println!(
        "a pass at rest over {} components takes {one_pass} calls",
        after.status.unwrap_or_default().components.len()
    );
    ensure!(one_pass <= CALLS_AT_REST, "a pass at rest takes {one_pass} calls");
    Ok(())
}

/// Waits for so many passes: each lists the VPCs once.
async fn passes(stage: &Stage, count: usize) -> Result<()> {
    let mark = stage.mark();
    eventually("passes at rest", async || {
        let seen = stage.calls_since(mark).iter().filter(|call| call.action == "DescribeVpcs").count();
        ensure!(seen > count, "{seen} of {count}");
        Ok(())
    })
    .await
}
