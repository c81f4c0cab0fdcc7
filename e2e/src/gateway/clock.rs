//! The gateway's own clock: real time plus what was advanced.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Virtual time. It never stands still and only goes forward.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    began: Timestamp,
    ahead: AtomicU64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { start: Instant::now(), began: Timestamp::now(), ahead: AtomicU64::new(0) }
    }
}

impl Clock {
    /// Virtual time since the clock was made.
    pub fn now(&self) -> Duration {
        self.start.elapsed() + Duration::from_nanos(self.ahead.load(Ordering::SeqCst))
    }

    /// A virtual moment as a date, for records.
    pub fn date(&self, moment: Duration) -> Timestamp {
        self.began.checked_add(moment).unwrap_or(Timestamp::MAX)
    }

    /// Lets time pass at once.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX / 4);
        self.ahead.fetch_add(nanos, Ordering::SeqCst);
    }
}
