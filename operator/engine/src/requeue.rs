use std::time::Duration;

use crate::{Class, Memory, Outcome, Report};

/// How soon to look again when nothing calls earlier.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// When all is well.
    pub resync: Duration,
    /// When a person must act first.
    pub slow: Duration,
    /// How long an empty list is doubted.
    pub settle: Duration,
    /// A number in 0..1 that spreads objects apart.
    pub jitter: f64,
}

impl Default for Pace {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self { resync: minutes(10), slow: minutes(2), settle: Duration::from_secs(5), jitter: 0.0 }
    }
}

const SOONEST: Duration = Duration::from_millis(250);
const LATEST: Duration = Duration::from_secs(30);
const LONGEST_BACKOFF: Duration = Duration::from_secs(120);

/// When to look again: the nearest of what the components ask for. A watch event always cuts it short.
///
/// What the cloud works on is asked again after a twentieth of the time it has taken so far; what failed passingly,
/// with exponential backoff per object; what a person must mend, slowly.
pub fn requeue(report: &Report, memory: &mut Memory, pace: Pace) -> Duration {
    if report.halted {
        return SOONEST;
    }
    let retry = |class: Class| !class.needs_person() && !matches!(class, Class::Busy | Class::Blocked);
    memory.failures = match report.faults().any(|(_, fault)| retry(fault.class)) {
        true => memory.failures.saturating_add(1),
        false => 0,
    };
    let spread = |wait: Duration| wait.mul_f64(0.9 + 0.2 * pace.jitter);
    let backoff = spread(backoff(memory.failures));
    let after = |fault: Class, age: Duration| match fault {
        Class::Throttled | Class::Transient | Class::Unclear => backoff,
        Class::Busy | Class::Blocked => settling(age),
        Class::Denied | Class::Quota | Class::Invalid | Class::NotOurs => spread(pace.slow),
    };
    let components = report.components.iter().filter_map(|c| match &c.outcome {
        Outcome::Settling { .. } | Outcome::Deleting | Outcome::Held { .. } => Some(settling(c.age)),
        Outcome::Doubted { left } => Some((*left).max(SOONEST)),
        Outcome::Failed(fault) => Some(after(fault.class, c.age)),
        Outcome::Broken(_) => Some(settling(c.age)),
        Outcome::Refused(_) | Outcome::Contested(_) => Some(spread(pace.slow)),
        // They move when what they wait for does.
        Outcome::Waiting { .. } | Outcome::Blocked { .. } | Outcome::Unclaimed => None,
        Outcome::Ready | Outcome::Absent | Outcome::Kept | Outcome::Gone => None,
    });
    let lists = report.unlisted.iter().map(|(_, fault)| after(fault.class, Duration::ZERO));
    // What is to be removed waits until the lists are believed, and so does the certainty that nothing is left.
    // What failed has its own pace.
    let doubt = report.doubt.filter(|_| report.faults().next().is_none()).map(|left| left.max(SOONEST));
    components.chain(lists).chain(doubt).min().unwrap_or_else(|| spread(pace.resync))
}

/// How long to wait after so many failures in a row.
pub(crate) fn backoff(failures: u32) -> Duration {
    LONGEST_BACKOFF.min(Duration::from_millis(500) * 2u32.saturating_pow(failures.min(16)))
}

fn settling(age: Duration) -> Duration {
    (age / 20).clamp(SOONEST, LATEST)
}
