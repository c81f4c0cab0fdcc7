//! Lists that all stacks of an account and region share: a thousand stacks cost pages, not thousands of describes.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;
use wpc_engine::Fault;

use crate::incarnation::Given;
use crate::tag_cache::TagCache;

type Answer = Arc<dyn Any + Send + Sync>;
type Slot = Arc<tokio::sync::Mutex<Option<(Instant, Answer)>>>;

/// Keeps the last answer of each list for a moment. Concurrent passes that ask the same wait for one call.
///
/// # Guarantees
/// A stack never gets an answer that was asked for before its own last write.
pub struct Observer {
    fresh: Duration,
    slots: Mutex<HashMap<String, Slot>>,
    writes: Mutex<HashMap<String, Instant>>,
    pub(crate) tags: TagCache,
    pub(crate) given: Given,
}

impl Observer {
    /// Answers are shared for `fresh`.
    pub fn new(fresh: Duration) -> Self {
        Self {
            fresh,
            slots: Mutex::default(),
            writes: Mutex::default(),
            tags: TagCache::default(),
            given: Given::default(),
        }
    }

    /// Notes that a stack has written: what was listed before says nothing about it any more.
    pub(crate) fn wrote(&self, stack: &str) {
        self.writes.lock().expect("no panic while held").insert(stack.to_owned(), Instant::now());
    }

    /// Whatever is known, a stack's next pass asks again.
    pub(crate) fn refresh(&self, stack: &str) {
        self.wrote(stack);
        self.tags.clear();
    }

    /// The answer to `question`, at most a moment old and younger than the stack's last write; else it is fetched.
    pub(crate) async fn shared<T: Send + Sync + 'static>(
        &self,
        stack: &str,
        question: impl Into<String>,
        fetch: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Arc<T>, Fault> {
        let slot = self.slots.lock().expect("no panic while held").entry(question.into()).or_default().clone();
        let mut slot = slot.lock().await;
        let written = self.writes.lock().expect("no panic while held").get(stack).copied();
        if let Some((asked, answer)) = slot.as_ref()
            && asked.elapsed() < self.fresh
            && written.is_none_or(|written| written < *asked)
        {
            return Ok(answer.clone().downcast().expect("one question has one type of answer"));
        }
        let asked = Instant::now();
        let answer = Arc::new(fetch.await?);
        *slot = Some((asked, answer.clone()));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::tag_cache::Tags;

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_shared_until_it_is_old_or_the_stack_writes() {
        let observer = Observer::new(Duration::from_secs(2));
        let calls = AtomicUsize::new(0);
        let ask = async |stack: &str| {
            let fetch = async { Ok(calls.fetch_add(1, Ordering::SeqCst) + 1) };
            *observer.shared(stack, "vpcs", fetch).await.unwrap()
        };
        assert_eq!((ask("a").await, ask("b").await), (1, 1));
        observer.wrote("a");
        assert_eq!(ask("b").await, 1);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!((ask("a").await, ask("b").await), (2, 2));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(ask("b").await, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stack_that_is_to_look_again_gets_nothing_that_was_known() {
        let observer = Observer::new(Duration::from_secs(2));
        let ask = async |answer: u8| *observer.shared("a", "vpcs", async { Ok(answer) }).await.unwrap();
        observer.tags.put("arn:1", Instant::now(), Tags::default());
        assert_eq!((ask(1).await, ask(2).await), (1, 1));
        observer.refresh("a");
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!((ask(3).await, observer.tags.get::<Tags>("arn:1")), (3, None));
    }

    #[tokio::test]
    async fn a_fault_is_not_kept() {
        let observer = Observer::new(Duration::from_secs(2));
        let failed = observer.shared::<u8>("a", "vpcs", async { Err(Fault::invalid("no")) }).await;
        assert!(failed.is_err());
        assert_eq!(*observer.shared("a", "vpcs", async { Ok(7u8) }).await.unwrap(), 7);
    }
}
