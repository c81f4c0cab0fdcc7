//! The matrix can fail: without the client tokens, the settle window or the check of the owner it does.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use wpc_e2e::gateway::StopAfter;

use crate::chapters::Chapter;
use crate::fate::{Fate, Ways};
use crate::life::Life;
use crate::sites::small;
use crate::wire::Mutation;

/// Long enough for every test: who doubts for so long, doubts.
const LONG: Duration = Duration::from_secs(3_600);

/// A creation whose first operators each die with one write and see nothing of what those before them made.
async fn at_night(operators: usize, settle: Duration, mutation: Option<Mutation>) -> Result<()> {
    let ways = Ways { mutation, ..Ways::instant() };
    let mut life = Life::new("at night", &ways).await?;
    life.night(operators, settle);
    let fate = |operator| match operator < operators {
        true => Fate::Call(StopAfter::write(1)),
        false => Fate::Spared,
    };
    life.live(&Chapter::Create(keyless()?), fate).await.map(drop)
}

/// Without a key of its own, which most else would wait for.
fn keyless() -> Result<Value> {
    let mut manifest = small()?;
    manifest["spec"]["encryption"]["kmsKey"] = json!("AWSManaged");
    Ok(manifest)
}

/// What is made without seeing anything: file system, role, secrets, groups. With all guards there is no more to write.
const BLIND_WRITES: usize = 5;

/// More than that: the last of these operators can only repeat what was made.
const MANY: usize = 30;

fn violated(what: &str, lived: Result<()>, invariant: &str) -> Result<()> {
    let found = lived.err().map(|error| error.root_cause().to_string()).unwrap_or_default();
    println!("{what}: {found}");
    ensure!(found.starts_with(invariant), "{what}, and the matrix does not say \"{invariant}\" but \"{found}\"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_all_guards_a_night_is_no_trouble() -> Result<()> {
    at_night(BLIND_WRITES, LONG, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_client_tokens_it_is_red() -> Result<()> {
    let lived = at_night(MANY, LONG, Some(Mutation::FreshTokens)).await;
    violated("without client tokens", lived, "made more than once")
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_settle_window_it_is_red() -> Result<()> {
    let lived = at_night(MANY, Duration::ZERO, None).await;
    violated("without the settle window", lived, "made more than once")
}

/// A life beside a role of somebody else's that has the name of ours.
async fn beside_a_stranger(blind: bool) -> Result<()> {
    let theirs = "somebody/else/blog";
    let mut life = Life::new("beside a stranger", &Ways::instant()).await?;
    if blind {
        life.mutate(Mutation::Blind { theirs: theirs.into(), ours: life.stack() });
    }
    life.stranger(theirs).await?;
    life.meets_stranger(&small()?).await?;
    life.live(&Chapter::Delete, |_| Fate::Spared).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_check_of_the_owner_it_is_red() -> Result<()> {
    beside_a_stranger(false).await?;
    violated("without the check of the owner", beside_a_stranger(true).await, "what was there before")
}
