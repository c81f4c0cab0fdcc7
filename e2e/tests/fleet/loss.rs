//! An instance is lost, and nobody is logged out.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use wpc_e2e::harness::eventually;

use super::fleet::story;
use super::visitor::Visitor;

/// Who ask at the same time, one request each.
const VISITORS: usize = 4;

#[derive(Default)]
struct Tally {
    well: AtomicUsize,
    /// When those that failed had begun, and what they met.
    failed: Mutex<Vec<(Instant, String)>>,
    over: AtomicBool,
}

impl Tally {
    fn failed(&self) -> Vec<(Instant, String)> {
        self.failed.lock().expect("nobody panics with it").clone()
    }
}

#[test]
fn a_session_outlives_the_instance_that_served_the_login() -> Result<()> {
    story("an instance is lost", async |fleet| {
        let mut visitor = fleet.visitor()?;
        let welcome = visitor.log_in("admin", &fleet.aws.secrets.admin_password).await?;
        let served = welcome.header("x-target").to_owned();
        let which = fleet.web.iter().position(|instance| instance.url().ends_with(&served)).context(served)?;

        let tally = Arc::new(Tally::default());
        let asking: Vec<_> = (0..VISITORS).map(|_| tokio::spawn(ask(visitor.clone(), tally.clone()))).collect();
        reaches(&tally, 20).await?;
        ensure!(tally.failed().is_empty(), "failures before anybody was killed: {:?}", tally.failed());

        let mut lost = fleet.web.remove(which);
        lost.kill().await?;
        let killed = Instant::now();
        let name = lost.name.clone();
        eventually("the health check to notice", async || {
            ensure!(!fleet.front.healthy().contains(&name), "{name} is healthy still");
            Ok(())
        })
        .await?;
        reaches(&tally, tally.well.load(Ordering::SeqCst) + 20).await?;
        tally.over.store(true, Ordering::SeqCst);
        for one in asking {
            one.await?;
        }
        let failed = tally.failed();
        let later: Vec<_> = failed.iter().filter(|(began, _)| *began > killed).collect();
        ensure!(later.is_empty(), "these were not in flight when it was killed: {later:?}");
        ensure!(failed.len() <= VISITORS, "{VISITORS} requests were in flight, and more failed: {failed:?}");
        println!("fleet: of {} requests {} failed", tally.well.load(Ordering::SeqCst) + failed.len(), failed.len());
        visitor.is_logged_in().await?;

        fleet.front.deregister(&name);
        fleet.joins().await?;
        let last = fleet.web.last().context("who joined")?;
        visitor.moves_to(&last.url()).is_logged_in().await.context("on the one that joined")?;
        Ok(())
    })
}

async fn ask(visitor: Visitor, tally: Arc<Tally>) {
    while !tally.over.load(Ordering::SeqCst) {
        let began = Instant::now();
        match visitor.is_logged_in().await {
            Ok(_) => {
                tally.well.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => tally.failed.lock().expect("nobody panics with it").push((began, format!("{error:#}"))),
        }
    }
}

async fn reaches(tally: &Tally, well: usize) -> Result<()> {
    eventually(&format!("{well} requests"), async || {
        ensure!(tally.well.load(Ordering::SeqCst) >= well, "{}", tally.well.load(Ordering::SeqCst));
        Ok(())
    })
    .await
}
