//! The database's primary goes away and comes back.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::fleet::{all_answer, story};

#[test]
fn no_instance_is_thrown_out_while_the_primary_restarts() -> Result<()> {
    story("the primary restarts", async |fleet| {
        let visitor = fleet.visitor()?;
        let mut administrator = fleet.administrator().await?;
        administrator.carry("wordpress_test_cookie", "1");
        for instance in &fleet.web {
            // Each keeps pages of its own.
            visitor.moves_to(&instance.url()).sees("/").await?;
        }
        all_answer(fleet, "/health/ready", 200).await?;

        fleet.db.must("systemctl stop mariadb").await?;
        all_answer(fleet, "/health/ready", 503).await?;
        all_answer(fleet, "/health", 200).await?;
        // Longer than the load balancer waits before it throws an instance out.
        let check = &fleet.spec.load_balancer.health_check;
        let until = Instant::now()
            + Duration::from_secs(u64::from(check.interval_seconds) * (u64::from(check.unhealthy_threshold) + 1));
        let (mut asked, mut stale) = (0, 0);
        while Instant::now() < until {
            for instance in &fleet.web {
                let health = visitor.moves_to(&instance.url()).get("/health").await?;
                ensure!(health.status == 200, "/health of {} answers {}", instance.name, health.status);
            }
            let page = visitor.get("/").await?;
            asked += 1;
            stale += usize::from(page.status == 200);
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        ensure!(fleet.front.healthy().len() == fleet.web.len(), "healthy: {:?}", fleet.front.healthy());
        ensure!(stale == asked, "{stale} of {asked} visitors saw the front page");
        ensure!(administrator.get("/wp-admin/profile.php").await?.status >= 500, "who bypasses the cache saw a page");

        let began = Instant::now();
        fleet.db.must("systemctl start mariadb").await?;
        all_answer(fleet, "/health/ready", 200).await?;
        administrator.is_logged_in().await?;
        ensure!(began.elapsed() < Duration::from_secs(120), "it took {} s", began.elapsed().as_secs());
        println!(
            "fleet: ready {} s after the primary's start; {stale} of {asked} visitors saw the front page without it",
            began.elapsed().as_secs()
        );
        Ok(())
    })
}
