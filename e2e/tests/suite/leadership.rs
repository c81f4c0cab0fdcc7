//! Two replicas, of which one acts.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::Api;
use wpc_e2e::gateway::{Profile, StopAfter};
use wpc_e2e::harness::{CloudKind, Operator, eventually, eventually_within};
use wpc_e2e::invariants::exactly_once;
use wpc_e2e::stage::{MINUTE, Stage, sample};

/// How the replicas of most stories elect: slower than a busy machine is late, and quick enough to wait for.
const ELECT: [&str; 7] = ["--leader-elect", "--lease-duration", "15s", "--lease-renew", "3s", "--write-timeout", "5s"];

/// More than a lease and a start.
const TAKEN: Duration = Duration::from_secs(60);

/// A stage with two replicas, the leader and one that stands by.
struct Pair {
    /// Its operator is the one that a story waits with.
    stage: Stage,
    other: Operator,
}

impl Pair {
    async fn new(name: &str, elect: &[&str]) -> Result<Self> {
        let stage = Stage::with(name, CloudKind::MiniStack, Profile::aws(MINUTE), elect).await?;
        leads(&stage.operator).await?;
        let other = stage.operator.replica().await?;
        Ok(Self { stage, other })
    }

    /// The Lease, under the name that the chart gives it.
    async fn lease(&self) -> Result<LeaseSpec> {
        let name = format!("{}-wordpress-operator", self.stage.harness.namespace);
        let api = Api::<Lease>::namespaced(self.stage.harness.client.clone(), &self.stage.harness.namespace);
        api.get(&name).await?.spec.context("a Lease without a spec")
    }

    async fn is_led_by(&self, operator: &Operator) -> Result<bool> {
        let holder = self.lease().await?.holder_identity.unwrap_or_default();
        Ok(holder.starts_with(&format!("{}_", operator.name())))
    }

    /// Waits until the other replica has the Lease, and answers it.
    async fn taken_over(&self) -> Result<LeaseSpec> {
        eventually_within(TAKEN, "the other replica to lead", async || {
            ensure!(self.is_led_by(&self.other).await?, "the Lease is {:?}", self.lease().await?);
            self.lease().await
        })
        .await
    }

    /// Begins a creation and waits until the leader has made so many writes.
    async fn writes(&self, count: usize) -> Result<()> {
        eventually("the leader to write", async || {
            let made = self.written_by(&self.stage.operator);
            ensure!(made.len() >= count, "{} writes", made.len());
            Ok(())
        })
        .await
    }

    /// The sequence numbers of a replica's writes.
    fn written_by(&self, operator: &Operator) -> Vec<u64> {
        let writes = self.stage.gateway.writes();
        writes.into_iter().filter(|call| call.client == operator.name()).map(|call| call.sequence).collect()
    }

    /// Each write is one replica's, and the leader's were all over before the other's first.
    fn wrote_one_after_the_other(&self) -> Result<()> {
        let (leader, other) = (self.written_by(&self.stage.operator), self.written_by(&self.other));
        ensure!(!leader.is_empty() && !other.is_empty(), "both should have written: {leader:?}, {other:?}");
        ensure!(leader.iter().max() < other.iter().min(), "at the same time: {leader:?}, {other:?}");
        let all = self.stage.gateway.writes().len();
        ensure!(all == leader.len() + other.len(), "somebody else wrote: {all} writes");
        Ok(())
    }

    /// The other replica finishes what the leader began.
    async fn finished(mut self) -> Result<()> {
        std::mem::swap(&mut self.stage.operator, &mut self.other);
        let object = self.stage.ready("gazette").await?;
        exactly_once(&object, &self.stage.inventory().await?, &self.stage.stack("gazette"))?;
        std::mem::swap(&mut self.stage.operator, &mut self.other);
        self.wrote_one_after_the_other()
    }
}

/// Waits until a replica says that it leads.
async fn leads(operator: &Operator) -> Result<()> {
    eventually_within(TAKEN, "a replica to lead", async || {
        ensure!(metric(operator).await? == "1");
        Ok(())
    })
    .await
}

async fn metric(operator: &Operator) -> Result<String> {
    let text = operator.get("/metrics").await?;
    let value = text.lines().find_map(|line| line.strip_prefix("wordpress_operator_leader "));
    value.map(str::to_owned).context("no metric `leader`")
}

fn age(lease: &LeaseSpec) -> Result<SignedDuration> {
    Ok(Timestamp::now().duration_since(lease.renew_time.as_ref().context("never renewed")?.0))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_leader_is_followed_within_the_lease_duration() -> Result<()> {
    let mut pair = Pair::new("lead-kill", &ELECT).await?;
    ensure!(metric(&pair.other).await? == "0", "two leaders");
    pair.other.get("/readyz").await.context("a standby is ready")?;
    pair.stage.gateway.stop_after(StopAfter::write(15));
    pair.stage.apply("gazette", sample("production.yaml")?).await?;
    pair.stage.gateway.reached().await;
    // Not just after a renewal: the other's wait is counted from there.
    eventually("the last renewal to be two seconds ago", async || {
        ensure!(age(&pair.lease().await?)? > SignedDuration::from_secs(2));
        Ok(())
    })
    .await?;
    pair.stage.operator.kill9()?;
    let killed = Timestamp::now();
    pair.stage.gateway.resume();
    let last = pair.lease().await?;
    let next = pair.taken_over().await?;

    let taken = next.acquire_time.as_ref().context("never acquired")?.0;
    let renewed = last.renew_time.as_ref().context("never renewed")?.0;
    let duration = SignedDuration::from_secs(last.lease_duration_seconds.context("no duration")?.into());
    println!("taken {:?} after the last renewal, {:?} after the kill", taken - renewed, taken - killed);
    ensure!(taken.duration_since(renewed) >= duration, "too early: the dead one might have been alive");
    // Printed above; on an idle machine it is within the duration. Here it only must not take another one.
    ensure!(taken.duration_since(killed) <= duration * 2, "too late");
    ensure!(next.lease_transitions > last.lease_transitions, "{next:?} after {last:?}");
    pair.finished().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_to_end_hands_over_at_once() -> Result<()> {
    // The lease is far longer than anything here waits for.
    let elect = ["--leader-elect", "--lease-duration", "3600s", "--lease-renew", "3s"];
    let mut pair = Pair::new("lead-term", &elect).await?;
    pair.stage.apply("gazette", sample("production.yaml")?).await?;
    pair.writes(15).await?;
    ensure!(pair.written_by(&pair.other).is_empty(), "a standby wrote");
    let status = pair.stage.operator.terminate().await?;
    ensure!(status.success(), "{status}");
    pair.taken_over().await?;
    let lease = format!("{}-wordpress-operator", pair.stage.harness.namespace);
    pair.stage.told(&lease, &["LeaderElection", pair.other.name(), "leads"]).await?;
    pair.finished().await
}

/// The leader is frozen until another leads and has written. It must do nothing when it wakes.
async fn frozen(name: &str, freeze: impl AsyncFn(&Pair) -> Result<()>) -> Result<()> {
    let mut pair = Pair::new(name, &ELECT).await?;
    freeze(&pair).await?;
    pair.taken_over().await?;
    eventually_within(TAKEN, "the other replica to write", async || {
        ensure!(!pair.written_by(&pair.other).is_empty());
        Ok(())
    })
    .await?;
    let (before, lost) = (pair.written_by(&pair.stage.operator), pair.stage.gateway.lost());
    let thawed = Timestamp::now();
    pair.stage.operator.thaw()?;
    let process = pair.stage.operator.process();
    let status = eventually("the one that woke to end", async || process.exited()?.context("it runs")).await?;
    ensure!(!status.success(), "a lost lease is no good end");
    let tail = process.tail(20);
    ensure!(tail.contains("the lease is lost"), "{tail}");
    let name = pair.stage.operator.name();
    let calls = pair.stage.gateway.writes().into_iter().filter(|call| call.client == name);
    let woken: Vec<_> = calls.filter(|call| !before.contains(&call.sequence)).collect();
    ensure!(woken.is_empty(), "it wrote after it woke at {thawed}: {woken:#?}");
    ensure!(pair.stage.gateway.lost() == lost, "it tried to write: {:?}", pair.stage.gateway.lost());
    pair.finished().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_wakes_up_too_late_writes_nothing() -> Result<()> {
    frozen("lead-freeze", async |pair| {
        pair.stage.apply("gazette", sample("production.yaml")?).await?;
        pair.writes(15).await?;
        pair.stage.operator.freeze()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_wakes_up_with_calls_under_way_repeats_none() -> Result<()> {
    frozen("lead-held", async |pair| {
        pair.stage.gateway.stop_after(StopAfter::write(15));
        pair.stage.apply("gazette", sample("production.yaml")?).await?;
        pair.stage.gateway.reached().await;
        pair.stage.operator.freeze()?;
        // Their connections break: an SDK repeats such calls.
        pair.stage.gateway.resume();
        Ok(())
    })
    .await
}
