//! Stacks that share a name, an account and an operator share nothing else.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use serde_json::json;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, sample};

use wpc_e2e::invariants::{exactly_once, only_kept};

/// Every write that took effect names one stack at most, and every thing that was made has one.
fn writes_keep_to_their_stack(stage: &Stage) -> Result<()> {
    let writes = stage.gateway.writes();
    let mixed: Vec<_> = writes.iter().filter(|call| call.stacks.len() > 1).collect();
    ensure!(mixed.is_empty(), "writes over stacks: {mixed:#?}");
    let homeless: BTreeSet<_> = writes
        .iter()
        .filter(|call| call.took_effect() && call.stack.is_none())
        .map(|call| (&call.action, &call.targets))
        .collect();
    ensure!(homeless.is_empty(), "writes to nobody's things: {homeless:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_name_in_two_namespaces() -> Result<()> {
    let mut one = Stage::new("tenant", CloudKind::MiniStack).await?;
    let mut other = one.neighbour("tenant").await?;
    one.apply("gazette", sample("production.yaml")?).await?;
    other.apply("gazette", sample("production.yaml")?).await?;
    let first = one.ready("gazette").await?;
    let second = other.ready("gazette").await?;
    let inventory = one.inventory().await?;
    exactly_once(&first, &inventory, &one.stack("gazette"))?;
    exactly_once(&second, &inventory, &other.stack("gazette"))?;
    writes_keep_to_their_stack(&one)?;

    // The other one does not notice.
    one.delete("gazette").await?;
    one.gone("gazette").await?;
    let inventory = one.inventory().await?;
    only_kept(&inventory.of_stack(&one.stack("gazette")))?;
    exactly_once(&second, &inventory, &other.stack("gazette"))?;
    writes_keep_to_their_stack(&one)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_at_once() -> Result<()> {
    let mut stage = Stage::new("ten", CloudKind::MiniStack).await?;
    let names: Vec<_> = (0..10).map(|index| format!("edition-{index}")).collect();
    for name in &names {
        stage.apply(name, sample("minimal.yaml")?).await?;
    }
    for name in &names {
        let object = stage.ready(name).await?;
        exactly_once(&object, &stage.inventory().await?, &stage.stack(name))?;
    }
    stage.edit("edition-3", json!({ "compute": { "replicas": { "max": 7 } } })).await?;
    stage.ready("edition-3").await?;
    for name in &names {
        stage.delete(name).await?;
    }
    for name in &names {
        stage.gone(name).await?;
    }
    writes_keep_to_their_stack(&stage)?;
    only_kept(&stage.inventory().await?)
}
