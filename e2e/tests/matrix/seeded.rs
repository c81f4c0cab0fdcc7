//! Seeded lives: deaths, failures and lost answers mixed at random, in creation, an edit and deletion, and again while
//! the next operator repairs what the last one left.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use wpc_e2e::gateway::{Profile, StopAfter};

use crate::chapters::{Chapter, edits};
use crate::fate::{Fate, Told, Ways};
use crate::life::Life;
use crate::sites::{PARTS, needs, with};
use crate::wire::Trouble;

/// A part that the edit does not need is there in so many sites.
const THERE: f64 = 0.3;

/// How many lives.
const LIVES: u64 = 60;

/// Operators of one chapter that may die.
const DEATHS: usize = 3;

/// The first seed: the date of birth of this test.
const SEED: u64 = 20_260_801;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// What befalls the operators of one chapter.
fn fates(random: &mut StdRng) -> Vec<Fate> {
    let deaths = random.random_range(1..=DEATHS);
    (0..deaths).map(|_| fate(random)).collect()
}

fn fate(random: &mut StdRng) -> Fate {
    match random.random_range(0..4) {
        0 => Fate::Call(StopAfter::write(random.random_range(1..25))),
        1 => Fate::Call(StopAfter::write(random.random_range(1..25)).answered()),
        2 => Fate::Call(StopAfter::call(random.random_range(1..150))),
        _ => Fate::Kubernetes(random.random_range(1..8)),
    }
}

fn ways(random: &mut StdRng, seed: u64) -> Ways {
    let ways = match random.random_range(0..3) {
        0 => Ways::instant(),
        1 => Ways { profile: Profile::aws(Duration::from_millis(20)), ..Ways::instant() },
        _ => Ways::late(Duration::from_millis(150)),
    };
    Ways { seed, ..ways }
}

/// One life. The seed says what is meant to happen; what the operator does in parallel, it does in any order.
async fn life(seed: u64) -> Result<Told> {
    let mut random = StdRng::seed_from_u64(seed);
    let ways = ways(&mut random, seed);
    let trouble = random.random_bool(0.5).then_some(Trouble::Some { percent: 3, most: 12 });
    let (edit, _) = edits().choose(&mut random).cloned().context("no edits")?;
    let needed = needs(edit.name());
    let parts: Vec<_> = PARTS.into_iter().filter(|part| needed.contains(part) || random.random_bool(THERE)).collect();
    let mut life = Life::new(format!("WPC_E2E_LIFE={seed} ({parts:?})"), &ways).await?;
    let mut sum = Told::default();
    for chapter in [Chapter::Create(with(&parts)?), edit, Chapter::Delete] {
        life.wire().set(trouble);
        let fates = fates(&mut random);
        sum.add(life.live(&chapter, |operator| fates.get(operator).copied().unwrap_or(Fate::Spared)).await?);
    }
    Ok(sum)
}

/// `WPC_E2E_SEED` is the first seed, `WPC_E2E_LIFE` the only one.
#[tokio::test(flavor = "multi_thread")]
async fn seeded_lives() -> Result<()> {
    let began = Instant::now();
    let first = number("WPC_E2E_SEED").unwrap_or(SEED);
    let seeds = match number("WPC_E2E_LIFE") {
        Some(seed) => seed..seed + 1,
        None => first..first + LIVES,
    };
    println!("seeds {seeds:?}");
    let lives = stream::iter(seeds).map(life);
    let told: Vec<Told> = lives.buffer_unordered(4).try_collect().await?;
    let mut sum = Told::default();
    let lives = told.len();
    told.into_iter().for_each(|told| sum.add(told));
    println!(
        "{lives} seeded lives: {} operators, {} deaths, {} calls, {} writes, {} s",
        sum.operators,
        sum.deaths,
        sum.calls,
        sum.writes,
        began.elapsed().as_secs()
    );
    Ok(())
}
