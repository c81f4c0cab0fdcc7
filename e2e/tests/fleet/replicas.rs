//! Reads go to a replica, and nobody sees less than what they wrote.

use anyhow::{Result, ensure};
use wpc_blueprint::bootstrap::{Bound, Replica};
use wpc_blueprint::database::output::Endpoint;
use wpc_e2e::harness::eventually;

use super::fleet::{Fleet, OWN_CLIENT, story};
use super::instance::Instance;
use super::site;
use super::visitor::Visitor;

/// Page views that are counted.
const VIEWS: usize = 50;

#[test]
fn reads_go_to_the_replica_that_keeps_up() -> Result<()> {
    story("a replica", async |fleet| {
        let replica = follows(fleet).await?;
        let spec = fleet.spec.clone();
        let at = Endpoint { host: "replica.fleet.test".into(), port: 3306 };
        let bound = Bound { replicas: vec![Replica { at, lags: true }], ..fleet.bound() };
        let instance = fleet.machine().await?;
        instance.becomes_web_server(&site::user_data(&spec, &bound)?).await?;

        // Around the page cache.
        let mut visitor = Visitor::at(&instance.url())?;
        visitor.carry("comment_author_fleet", "somebody");
        eventually("the replica to be read", async || {
            let before = selects(&replica).await?;
            visitor.sees("/").await?;
            ensure!(selects(&replica).await? > before, "the primary was");
            Ok(())
        })
        .await?;
        let (primary, other) = counted(fleet, &replica, &visitor).await?;
        let moved = 100.0 * other as f64 / (primary + other) as f64;
        println!(
            "fleet: of the reads of {VIEWS} page views {moved:.1} % went to the replica ({other} of {})",
            primary + other
        );
        ensure!(moved > 90.0, "{other} of {} reads went to the replica", primary + other);

        // It stands still: who writes sees it at once, everybody else does as soon as the lag is noticed.
        let mut author = Visitor::at(&instance.url())?;
        author.log_in("admin", &fleet.aws.secrets.admin_password).await?;
        replica.must("mariadb -e 'STOP REPLICA SQL_THREAD'").await?;
        let post = author.publishes("Read where it was written", "only the primary has this").await?;
        author.carry("comment_author_wrote", "1");
        ensure!(author.sees(&post).await?.text().contains("only the primary has this"), "the author does not see it");
        eventually("the replica to be left out", async || {
            ensure!(visitor.get(&post).await?.text().contains("only the primary has this"), "an old answer");
            Ok(())
        })
        .await?;
        let (_, other) = counted(fleet, &replica, &visitor).await?;
        ensure!(other == 0, "{other} reads went to a replica that stands still");

        // It catches up, and is read again; it is away, and nobody notices.
        replica.must("mariadb -e 'START REPLICA SQL_THREAD'").await?;
        eventually("the replica to be read again", async || {
            let (_, other) = counted(fleet, &replica, &visitor).await?;
            ensure!(other > 0, "it is not");
            Ok(())
        })
        .await?;
        replica.must("systemctl stop mariadb").await?;
        for _ in 0..5 {
            visitor.sees("/").await?;
        }
        Ok(())
    })
}

/// The reads that the primary and the replica answer for some page views.
async fn counted(fleet: &Fleet, replica: &Instance, visitor: &Visitor) -> Result<(u64, u64)> {
    let before = (selects(&fleet.db).await?, selects(replica).await?);
    for _ in 0..VIEWS {
        visitor.sees("/").await?;
    }
    Ok((selects(&fleet.db).await? - before.0, selects(replica).await? - before.1))
}

async fn selects(instance: &Instance) -> Result<u64> {
    let said = instance.must("mariadb -N -B -e \"SHOW GLOBAL STATUS LIKE 'Com_select'\"").await?;
    Ok(said.split_whitespace().last().unwrap_or_default().parse()?)
}

/// A replica of the fleet's primary, from its first statement on.
async fn follows(fleet: &Fleet) -> Result<Instance> {
    let instance = Instance::boot(&fleet.ground, "replica", &[]).await?;
    let password = &fleet.aws.secrets.database_password;
    let script = format!(
        "set -e
        echo 'server-id=3' >>/etc/mysql/mariadb.conf.d/99-fleet.cnf
        echo 'read-only=ON' >>/etc/mysql/mariadb.conf.d/99-fleet.cnf
        {OWN_CLIENT}
        systemctl start mariadb
        mariadb <<'END'
CHANGE MASTER TO MASTER_HOST='db.fleet.test', MASTER_USER='master', MASTER_PASSWORD='{password}', MASTER_SSL=1,
    MASTER_SSL_VERIFY_SERVER_CERT=0, MASTER_USE_GTID=slave_pos;
START REPLICA;
END"
    );
    instance.must(&script).await?;
    eventually("the replica to have everything", async || {
        let status = instance.must("mariadb -e 'SHOW REPLICA STATUS\\G'").await?;
        let behind = status.lines().find(|line| line.contains("Seconds_Behind_Master"));
        ensure!(behind.is_some_and(|line| line.trim().ends_with(": 0")), "{status}");
        Ok(())
    })
    .await?;
    Ok(instance)
}
