//! Waiting for conditions, never for time.

use std::fmt;
use std::time::Duration;

use anyhow::{Error, Result};
use tokio::time::{Instant, sleep};

/// Generous: a healthy system meets its conditions in seconds, a starved one in minutes.
const DEADLINE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(50);

/// An error that no waiting cures: [`eventually`] gives up at once.
#[derive(Debug)]
pub struct Hopeless(pub String);

impl fmt::Display for Hopeless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Hopeless {}

/// Polls until `probe` gives a value; its errors say what is still missing, and the last one is
/// told when the deadline has passed, or the wait is [`Hopeless`].
pub async fn eventually<T>(what: &str, probe: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    eventually_within(DEADLINE, what, probe).await
}

/// [`eventually`] with a deadline of its own.
pub async fn eventually_within<T>(
    deadline: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    let began = Instant::now();
    let mut last = None;
    loop {
        // A probe that hangs must not outlast the deadline, nor hide what was missing before it.
        let left = deadline.saturating_sub(began.elapsed()).max(POLL);
        let missing = match tokio::time::timeout(left, probe()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error,
            Err(_) => last.take().unwrap_or_else(|| Error::msg("no answer")),
        };
        if began.elapsed() >= deadline || missing.is::<Hopeless>() {
            return Err(missing.context(format!("waited {} s for {what}", began.elapsed().as_secs())));
        }
        last = Some(missing);
        sleep(POLL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_hangs_does_not_hide_what_was_missing() {
        let mut asked = 0;
        let failed = eventually("Ready", async || {
            asked += 1;
            if asked > 1 {
                std::future::pending::<()>().await;
            }
            anyhow::bail!("3 replicas of 4") as Result<()>
        });
        assert_eq!(format!("{:#}", failed.await.unwrap_err()), "waited 120 s for Ready: 3 replicas of 4");
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_ends_the_wait() -> Result<()> {
        let mut left = 3;
        let value = eventually("the third time", async || {
            left -= 1;
            anyhow::ensure!(left == 0, "{left} to go");
            Ok("there")
        });
        assert_eq!(value.await?, "there");
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_state_is_told() {
        let failed = eventually("Ready", async || anyhow::bail!("41 of 58")).await as Result<()>;
        assert_eq!(format!("{:#}", failed.unwrap_err()), "waited 120 s for Ready: 41 of 58");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hopeless_wait_ends_at_once() {
        let failed = eventually("Ready", async || Err(Hopeless("it ended".into()).into())).await as Result<()>;
        assert_eq!(format!("{:#}", failed.unwrap_err()), "waited 0 s for Ready: it ended");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_hangs_ends_with_the_deadline() {
        let failed = eventually("Ready", async || std::future::pending::<Result<()>>().await).await;
        assert_eq!(format!("{:#}", failed.unwrap_err()), "waited 120 s for Ready: no answer");
    }
}
