//! The database's primary goes away and comes back.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::fleet::{all_answer, story};

/// Until when all must have happened.
const LONG: Duration = Duration::from_secs(120);

#[test]
fn no_instance_is_thrown_out_while_the_primary_restarts() -> Result<()> {
    story("the primary restarts", async |fleet| {
        let visitor = fleet.visitor()?;
        let administrator = fleet.administrator().await?;
        for instance in &fleet.web {
            // Each keeps pages of its own.
            visitor.moves_to(&instance.url()).sees("/").await?;
        }
        all_answer(fleet, "/health/ready", 200).await?;

        fleet.db.must("systemctl stop mariadb").await?;
        let stopped = Instant::now();
        all_answer(fleet, "/health/ready", 503).await?;
        all_answer(fleet, "/health", 200).await?;
        // Until pages are served stale, and longer than the load balancer bears an instance that does not answer.
        let check = &fleet.spec.load_balancer.health_check;
        let patience = u64::from(check.interval_seconds) * (u64::from(check.unhealthy_threshold) + 1);
        let mut asked = 0;
        for instance in fleet.web.iter().cycle() {
            let at = visitor.moves_to(&instance.url());
            let health = at.get("/health").await?;
            ensure!(health.status == 200, "/health of {} answers {}", instance.name, health.status);
            let page = visitor.sees("/").await?;
            asked += 1;
            let stale = ["STALE", "UPDATING"].contains(&page.header("x-page-cache"));
            if stale && stopped.elapsed() > Duration::from_secs(patience) {
                break;
            }
            ensure!(stopped.elapsed() < LONG, "no page was served stale");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        ensure!(fleet.front.healthy().len() == fleet.web.len(), "healthy: {:?}", fleet.front.healthy());
        ensure!(administrator.get("/wp-admin/profile.php").await?.status >= 500, "who bypasses the cache saw a page");

        let began = Instant::now();
        fleet.db.must("systemctl start mariadb").await?;
        all_answer(fleet, "/health/ready", 200).await?;
        administrator.is_logged_in().await?;
        ensure!(began.elapsed() < LONG, "it took {} s", began.elapsed().as_secs());
        println!(
            "fleet: ready {} s after the primary's start; {asked} visitors saw the front page without it",
            began.elapsed().as_secs()
        );
        Ok(())
    })
}
