//! The operator is killed after the n-th write; the end is the same, each thing made once.

use anyhow::{Result, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use wpc_e2e::gateway::StopAfter;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, sample};

use wpc_e2e::invariants::{exactly_once, only_kept};

/// Another seed by `WPC_E2E_SEED`.
fn seed() -> u64 {
    std::env::var("WPC_E2E_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_731)
}

/// Kills the operator right after its n-th write from now on has taken effect and before it hears of it, or after, and
/// starts it again. False if there were not so many.
async fn kill_after(
    stage: &mut Stage,
    n: u64,
    answered: bool,
    over: impl AsyncFn(&Stage) -> Result<bool>,
) -> Result<bool> {
    let plan = StopAfter::write(n);
    stage.gateway.stop_after(if answered { plan.answered() } else { plan });
    let ended = async {
        loop {
            if over(stage).await? {
                return Ok::<_, anyhow::Error>(());
            }
            tokio::task::yield_now().await;
        }
    };
    let killed = tokio::select! {
        () = stage.gateway.reached() => true,
        over = ended => { over?; false }
    };
    if killed {
        stage.operator.kill9()?;
    }
    stage.gateway.resume();
    if killed {
        stage.operator.restart().await?;
    }
    Ok(killed)
}

/// An edit of some areas for each life, and no more writes than it takes.
fn edit(index: u64) -> (Value, u64) {
    match index % 6 {
        0 => (json!({ "network": { "natGateways": "Single" }, "tags": { "edition": "late" } }), 12),
        1 => (json!({ "compute": { "instanceTypes": ["m7g.xlarge"] }, "cdn": { "staticTTLSeconds": 86_400 } }), 4),
        2 => (json!({ "database": { "readReplicas": 0, "instanceClass": "db.m7g.xlarge" } }), 3),
        3 => (json!({ "cache": { "engine": "None" } }), 5),
        4 => (json!({ "sharedStorage": { "throughputMode": "Bursting", "transitionToIADays": 60 } }), 2),
        _ => (json!({ "loadBalancer": { "idleTimeoutSeconds": 120, "healthCheck": { "path": "/alive" } } }), 2),
    }
}

/// One life with a kill in its creation, in an edit and in its deletion.
async fn life(index: u64) -> Result<usize> {
    let mut random = StdRng::seed_from_u64(seed() + index);
    let mut stage = Stage::new(&format!("crash-{index}"), CloudKind::MiniStack).await?;
    let mut kills = 0;
    let mut note = |what: &str, n: u64, killed: bool| {
        println!("life {index}: {what} killed after write {n}: {killed}");
        kills += usize::from(killed);
    };

    stage.apply("gazette", sample("production.yaml")?).await?;
    for _ in 0..2 {
        let (n, answered) = (random.random_range(1..30), random.random());
        let killed = kill_after(&mut stage, n, answered, async |stage| {
            Ok(wpc_e2e::stage::settled(&stage.get("gazette").await?, Some(1)).is_ok())
        });
        note("creation", n, killed.await?);
    }
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;

    let (spec, writes) = edit(index);
    let edited = stage.edit("gazette", spec).await?;
    let (n, answered) = (random.random_range(1..=writes), random.random());
    let generation = edited.metadata.generation;
    let killed = kill_after(&mut stage, n, answered, async |stage| {
        Ok(wpc_e2e::stage::settled(&stage.get("gazette").await?, generation).is_ok())
    });
    note("edit", n, killed.await?);
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;

    stage.delete("gazette").await?;
    let (n, answered) = (random.random_range(1..40), random.random());
    let killed = kill_after(&mut stage, n, answered, async |stage| Ok(stage.get("gazette").await.is_err()));
    note("deletion", n, killed.await?);
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?)?;
    Ok(kills)
}

/// Lives so many that the kills are at least twenty, two lives at a time.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_write_it_goes_on_where_it_was() -> Result<()> {
    println!("seed {}", seed());
    let mut kills = 0;
    for pair in 0..3 {
        let (one, other) = tokio::try_join!(life(2 * pair), life(2 * pair + 1))?;
        kills += one + other;
    }
    println!("killed {kills} times");
    ensure!(kills >= 20, "killed only {kills} times");
    Ok(())
}
