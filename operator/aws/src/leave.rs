//! Leave to write, where writing is somebody's right only for a time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::wire::LASTS;

/// Leave to make one write. It is dropped when the write is over, so whoever gave it can wait for that; when nobody can
/// tell what became of the write, only at the end of its time.
pub struct Leave {
    /// The longest that the write may take.
    pub longest: Duration,
    /// Whether the right to write still lasts.
    pub lasts: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// Why a write was given up. It may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GivenUp {
    /// It took too long.
    #[error("no answer in time")]
    TooLong,
    /// Somebody else may be writing by now.
    #[error("the lease ran out before the answer came")]
    LeaseOver,
}

impl Leave {
    /// Makes the write, as far as the leave goes. One that was given up, or whose answer is `unclear`, may take effect
    /// later, so its leave stays until its time is over.
    ///
    /// A process that was stopped may wake long after it began. So the clock is read before every step of the write,
    /// an SDK's repeats included, and not only before the first.
    pub async fn bound<F: Future>(
        self,
        write: F,
        unclear: impl FnOnce(&F::Output) -> bool,
    ) -> Result<F::Output, GivenUp> {
        let end = Instant::now() + self.longest;
        let mut write = pin!(write);
        let mut alarm = pin!(sleep_until(end));
        let lasts = self.lasts.clone();
        let fenced = poll_fn(|context| {
            // Only to be woken at the end; a timer may be late, the clock is not.
            let _ = alarm.as_mut().poll(context);
            if Instant::now() >= end {
                return Poll::Ready(Err(GivenUp::TooLong));
            }
            if !(self.lasts)() {
                return Poll::Ready(Err(GivenUp::LeaseOver));
            }
            write.as_mut().poll(context).map(Ok)
        });
        let answer = LASTS.scope(lasts, fenced).await;
        if answer.as_ref().map_or(true, unclear) {
            tokio::spawn(async move {
                sleep_until(end).await;
                drop(self);
            });
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::time::{advance, sleep};

    use super::*;

    fn leave(lasts: &Arc<AtomicBool>) -> Leave {
        let lasts = lasts.clone();
        Leave { longest: Duration::from_secs(20), lasts: Arc::new(move || lasts.load(Ordering::SeqCst)) }
    }

    fn clear<T>(_: &T) -> bool {
        false
    }

    #[tokio::test(start_paused = true)]
    async fn the_leave_of_a_write_stays_until_it_is_clear_what_became_of_it() {
        let lasts = Arc::new(AtomicBool::new(true));
        let held = || Arc::strong_count(&lasts) > 1;
        assert_eq!(leave(&lasts).bound(sleep(Duration::from_secs(5)), clear).await, Ok(()));
        assert!(!held(), "answered");
        assert_eq!(leave(&lasts).bound(sleep(Duration::from_secs(5)), |()| true).await, Ok(()));
        sleep(Duration::from_millis(14_900)).await;
        assert!(held(), "it may take effect until its 20 s are over");
        sleep(Duration::from_millis(200)).await;
        assert!(!held());
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_has_its_time_and_no_more() {
        let lasts = Arc::new(AtomicBool::new(true));
        assert_eq!(leave(&lasts).bound(async { 1 }, clear).await, Ok(1));
        assert_eq!(leave(&lasts).bound(sleep(Duration::from_secs(19)), clear).await, Ok(()));
        let long = leave(&lasts).bound(sleep(Duration::from_secs(21)), clear).await;
        assert_eq!(long, Err(GivenUp::TooLong));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_more_of_it_is_done_once_the_lease_is_over() {
        let lasts = Arc::new(AtomicBool::new(true));
        let repeated = Arc::new(AtomicBool::new(false));
        let (over, done) = (lasts.clone(), repeated.clone());
        let write = async move {
            over.store(false, Ordering::SeqCst);
            tokio::task::yield_now().await;
            // The repeat of an SDK whose first try was lost.
            done.store(true, Ordering::SeqCst);
        };
        assert_eq!(leave(&lasts).bound(write, clear).await, Err(GivenUp::LeaseOver));
        assert!(!repeated.load(Ordering::SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn who_wakes_late_looks_at_the_clock_first() {
        let lasts = Arc::new(AtomicBool::new(true));
        let write = async {
            advance(Duration::from_secs(60)).await;
            tokio::task::yield_now().await;
            unreachable!("the time is up");
        };
        assert_eq!(leave(&lasts).bound(write, clear).await, Err::<(), _>(GivenUp::TooLong));
    }
}
