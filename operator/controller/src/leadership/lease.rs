//! What a Lease says, and for how long: pure, with moments passed in.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::ObjectMeta;
use tokio::time::Instant;

/// A moment by both of a machine's clocks. The steady one stands still while a machine is suspended, the wall clock
/// jumps when somebody sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) steady: Instant,
    pub(super) wall: Timestamp,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { steady: Instant::now(), wall: Timestamp::now() }
    }

    /// How long ago an earlier moment was, by the clock that says more.
    fn since(self, earlier: Self) -> Duration {
        let steady = self.steady.saturating_duration_since(earlier.steady);
        let wall = Duration::try_from(self.wall.duration_since(earlier.wall)).unwrap_or_default();
        steady.max(wall)
    }
}

/// A leader's time: it began when the last renewal that was answered was sent, not when its answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) renewed: Moment,
    pub(super) duration: Duration,
}

impl Term {
    /// How much of it is left.
    pub(super) fn rest(&self, now: Moment) -> Duration {
        self.duration.saturating_sub(now.since(self.renewed))
    }

    /// The fence: a write starts only if it will be over before somebody else may lead.
    pub(super) fn outlasts(&self, write: Duration, now: Moment) -> bool {
        self.rest(now) >= write
    }
}

/// Who wants the Lease, and how.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) identity: String,
    pub(super) duration: Duration,
}

impl Claim {
    /// The Lease as this one's, taken or renewed. The server takes it only if nobody has written it since `found`.
    pub(super) fn write(&self, name: &str, found: Option<&Lease>, wall: Timestamp) -> Lease {
        let now = Some(MicroTime(wall));
        let before = found.and_then(|lease| lease.spec.clone()).unwrap_or_default();
        let mine = self.holds(&before);
        let spec = LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(self.duration.as_secs()).ok(),
            acquire_time: if mine { before.acquire_time } else { now.clone() },
            renew_time: now,
            lease_transitions: Some(before.lease_transitions.unwrap_or_default() + i32::from(!mine)),
            ..LeaseSpec::default()
        };
        let metadata = match found {
            Some(lease) => lease.metadata.clone(),
            None => ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
        };
        Lease { metadata, spec: Some(spec) }
    }

    /// The Lease as nobody's.
    pub(super) fn release(&self, held: &Lease) -> Lease {
        let spec = held.spec.clone().map(|spec| LeaseSpec { holder_identity: Some(String::new()), ..spec });
        Lease { spec, ..held.clone() }
    }

    /// Whether it is this one's.
    pub(super) fn holds(&self, spec: &LeaseSpec) -> bool {
        spec.holder_identity.as_ref() == Some(&self.identity)
    }
}

/// A Lease's holder.
pub(super) fn holder(lease: &Lease) -> Option<&str> {
    lease.spec.as_ref()?.holder_identity.as_deref().filter(|holder| !holder.is_empty())
}

/// The Lease as a standby sees it. It trusts no times in it, since they are another machine's: it counts by its own
/// steady clock, from when it saw the last change.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// As it was last; none if it is not there.
    pub(super) lease: Option<Lease>,
    free: Option<Instant>,
}

impl Seen {
    /// Takes a look.
    pub(super) fn see(&mut self, lease: Option<Lease>, claim: &Claim, now: Instant) {
        let spec = lease.as_ref().and_then(|lease| lease.spec.as_ref());
        let unchanged = self.lease.as_ref().is_some_and(|before| before.spec.as_ref() == spec);
        let held = lease.as_ref().and_then(holder).is_some_and(|holder| holder != claim.identity);
        self.free = match (self.free, &lease) {
            // Somebody deleted it: its holder may not have noticed yet.
            (Some(free), None) => Some(free),
            (Some(free), Some(_)) if unchanged => Some(free),
            _ if held => {
                let promised = spec.and_then(|spec| u64::try_from(spec.lease_duration_seconds?).ok());
                Some(now + promised.map_or(claim.duration, Duration::from_secs))
            }
            _ => Some(now),
        };
        self.lease = lease;
    }

    /// Nothing is tried before then.
    pub(super) fn wait(&mut self, until: Instant) {
        self.free = self.free.map(|free| free.max(until));
    }

    /// From when on it may be taken; unknown before the first look.
    pub(super) fn free(&self) -> Option<Instant> {
        self.free
    }
}
