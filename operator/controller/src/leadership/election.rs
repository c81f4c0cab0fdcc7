//! How a replica comes to lead, goes on leading, and hands over.

use std::future::{self, Future};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::PostParams;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::watch_object;
use kube::{Api, Client};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Leadership;
use super::lease::{Claim, Moment, Seen, Term, holder};

/// How replicas agree on one that acts.
#[derive(Debug, Clone)]
pub struct Election {
    /// The Lease's namespace; the client's own if left out.
    pub namespace: Option<String>,
    /// The Lease's name.
    pub name: String,
    /// Who we are, such as the Pod's name. Each process adds something of its own: a restarted one is not its
    /// predecessor, whose last calls may still arrive.
    pub identity: String,
    /// How long a leader that says nothing is believed to live. Whole seconds: so the Lease has it.
    pub duration: Duration,
    /// How often the leader renews.
    pub renew: Duration,
}

impl Election {
    /// Whether a leader that renews in time is ever without the leave to write.
    pub(crate) fn check(&self, write: Duration) -> Result<(), String> {
        let least = write + 3 * self.renew;
        if self.duration < least {
            return Err(format!(
                "a lease of {:?} is too short: it must outlast a write ({write:?}) and three renewals ({:?} each); make \
                 it {:?} at least, or the others shorter",
                self.duration,
                self.renew,
                Duration::from_secs(least.as_secs() + u64::from(least.subsec_nanos() > 0)),
            ));
        }
        match (self.duration.subsec_nanos(), self.renew.is_zero()) {
            (0, false) => Ok(()),
            (_, true) => Err("a lease is renewed after a while, not at once: 2s, say".into()),
            _ => Err(format!("a lease lasts whole seconds, not {:?}", self.duration)),
        }
    }
}

/// The Lease went to somebody else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Another replica has it.
    #[error("{0:?} holds it now")]
    Taken(String),
    /// Somebody emptied or deleted it.
    #[error("somebody removed it, or us from it")]
    Removed,
}

/// A replica that wants to lead.
pub(crate) struct Candidate {
    api: Api<Lease>,
    name: String,
    claim: Claim,
    renew: Duration,
    /// How long one request for the Lease may take.
    patience: Duration,
    leadership: Arc<Leadership>,
}

impl Candidate {
    pub(crate) fn new(client: Client, election: &Election, write: Duration, leadership: Arc<Leadership>) -> Self {
        let Election { namespace, name, identity, duration, renew } = election.clone();
        let identity = format!("{identity}_{:08x}", rand::random::<u32>());
        let namespace = namespace.unwrap_or_else(|| client.default_namespace().to_owned());
        Self {
            api: Api::namespaced(client, &namespace),
            name,
            claim: Claim { identity, duration },
            renew,
            // Two tries before writes pause.
            patience: (duration - write) / 2,
            leadership,
        }
    }

    /// Stands by, leads once the Lease is free, and releases it when `over`. A standby ends when asked to.
    pub(crate) async fn run(
        self,
        asked: impl Future<Output = ()>,
        over: impl Future<Output = ()>,
        led: impl FnOnce(&Lease),
    ) -> Result<(), Lost> {
        let Some(mut lease) = self.stand_by(asked).await else { return Ok(()) };
        tracing::info!(identity = self.claim.identity, "leading");
        led(&lease);
        let handed_over = async {
            over.await;
            self.leadership.close().await;
        };
        tokio::select! {
            lost = self.keep(&mut lease) => {
                self.leadership.lose();
                return Err(lost);
            }
            () = handed_over => (),
        }
        self.release(lease).await;
        Ok(())
    }

    /// Waits for the Lease to be free, and takes it. Nothing if asked to end before.
    async fn stand_by(&self, asked: impl Future<Output = ()>) -> Option<Lease> {
        let mut asked = pin!(asked);
        let mut seen = Seen::default();
        let mut news = pin!(watch_object(self.api.clone(), &self.name).default_backoff());
        loop {
            let free = async {
                match seen.free() {
                    Some(free) => sleep_until(free).await,
                    None => future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = &mut asked => return None,
                Some(found) = news.next() => match found {
                    Ok(found) => {
                        let leader = found.as_ref().and_then(holder).map(str::to_owned);
                        if leader.is_some() && leader.as_deref() != seen.lease.as_ref().and_then(holder) {
                            tracing::info!(leader, "standing by");
                        }
                        seen.see(found, &self.claim, Instant::now());
                    }
                    Err(error) => tracing::warn!(%error, "the Lease cannot be watched"),
                },
                () = free => match self.take(&mut seen).await {
                    Ok(Some(lease)) => return Some(lease),
                    Ok(None) => (),
                    Err(error) => {
                        tracing::warn!(%error, "the Lease cannot be taken");
                        seen.wait(Instant::now() + self.renew);
                    }
                },
            }
        }
    }

    /// Takes the Lease, unless somebody was faster.
    async fn take(&self, seen: &mut Seen) -> Result<Option<Lease>, Refused> {
        let now = Moment::now();
        let wanted = self.claim.write(&self.name, seen.lease.as_ref(), now.wall);
        let written = match seen.lease {
            Some(_) => self.request(self.api.replace(&self.name, &PostParams::default(), &wanted)).await,
            None => self.request(self.api.create(&PostParams::default(), &wanted)).await,
        };
        match written {
            Ok(lease) => {
                self.leadership.lead(Term { renewed: now, duration: self.claim.duration });
                Ok(Some(lease))
            }
            Err(Refused::Conflict) => {
                let found = self.request(self.api.get(&self.name)).await?;
                seen.see(Some(found), &self.claim, Instant::now());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Renews until somebody else has the Lease. That the server takes a renewal proves that nobody had it between, so
    /// a leader that was away, or could not reach the server, goes on if nobody else did.
    async fn keep(&self, lease: &mut Lease) -> Lost {
        loop {
            sleep(self.renew).await;
            match self.renew(lease).await {
                Ok(()) => (),
                Err(Renewal::Lost(lost)) => return lost,
                Err(Renewal::Later(error)) => tracing::warn!(%error, "the Lease cannot be renewed"),
            }
        }
    }

    async fn renew(&self, lease: &mut Lease) -> Result<(), Renewal> {
        loop {
            let now = Moment::now();
            let wanted = self.claim.write(&self.name, Some(lease), now.wall);
            match self.request(self.api.replace(&self.name, &PostParams::default(), &wanted)).await {
                Ok(renewed) => {
                    *lease = renewed;
                    self.leadership.lead(Term { renewed: now, duration: self.claim.duration });
                    return Ok(());
                }
                Err(Refused::Conflict) => *lease = self.mine().await?,
                Err(Refused::Absent) => return Err(Renewal::Lost(Lost::Removed)),
                Err(error) => return Err(Renewal::Later(error)),
            }
        }
    }

    /// The Lease as it is now, if it is still ours: a renewal whose answer was lost, or somebody wrote a label.
    async fn mine(&self) -> Result<Lease, Renewal> {
        match self.request(self.api.get(&self.name)).await {
            Ok(found) if found.spec.as_ref().is_some_and(|spec| self.claim.holds(spec)) => Ok(found),
            Ok(found) => {
                Err(Renewal::Lost(holder(&found).map_or(Lost::Removed, |other| Lost::Taken(other.to_owned()))))
            }
            Err(Refused::Absent) => Err(Renewal::Lost(Lost::Removed)),
            Err(error) => Err(Renewal::Later(error)),
        }
    }

    /// Empties the Lease, so that the next one need not wait for its end. If that fails, it waits.
    async fn release(&self, mut lease: Lease) {
        loop {
            let released = self.claim.release(&lease);
            match self.request(self.api.replace(&self.name, &PostParams::default(), &released)).await {
                Ok(_) => return tracing::info!("the Lease is released"),
                Err(Refused::Conflict) => match self.mine().await {
                    Ok(found) => lease = found,
                    Err(_) => return,
                },
                Err(error) => return tracing::warn!(%error, "the Lease could not be released; it will run out"),
            }
        }
    }

    async fn request<T>(&self, request: impl Future<Output = kube::Result<T>>) -> Result<T, Refused> {
        match timeout(self.patience, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(kube::Error::Api(status))) if status.code == 409 => Err(Refused::Conflict),
            Ok(Err(kube::Error::Api(status))) if status.code == 404 => Err(Refused::Absent),
            Ok(Err(error)) => Err(Refused::Failed(error)),
            Err(_) => Err(Refused::TooLong),
        }
    }
}

/// Why a request for the Lease came to nothing.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("somebody else wrote it first")]
    Conflict,
    #[error("it does not exist")]
    Absent,
    #[error("no answer in time")]
    TooLong,
    #[error(transparent)]
    Failed(kube::Error),
}

enum Renewal {
    Lost(Lost),
    Later(Refused),
}
