//! What most services say only of one resource at a time, and what seldom changes by another hand: tags, above all.
//!
//! Lists of ElastiCache, Elastic Load Balancing, CloudFront and IAM carry no tags, and one read per resource and pass
//! would be most of a pass's calls. See "ListTagsForResource" and "DescribeTags" in those services' API references.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;
use wpc_engine::Fault;

use crate::Cloud;

/// How long an answer is believed: longer than the time between two passes of a stack at rest. What somebody else
/// changes is noticed after so long at the latest, and at once by a process
/// that has just started or was asked to look.
const BELIEVED: Duration = Duration::from_secs(30 * 60);

/// When it was asked for, and what the answer was.
type Answer = (Instant, Arc<dyn Any + Send + Sync>);

/// A resource's tags.
pub(crate) type Tags = BTreeMap<String, String>;

/// Answers that are kept for long, by the ARN or id that they are about; shared by all stacks of an account and region.
///
/// # Guarantees
/// A fault is never kept.
///
/// # Assumptions
/// Who writes calls [`Cloud::forget`] with the same ARN or id afterwards.
#[derive(Default)]
pub(crate) struct TagCache {
    answers: Mutex<HashMap<String, Answer>>,
}

impl TagCache {
    pub(crate) fn get<T: Clone + Send + Sync + 'static>(&self, about: &str) -> Option<T> {
        let answers = self.answers.lock().expect("no panic while held");
        let (asked, answer) = answers.get(about)?;
        (asked.elapsed() < BELIEVED).then(|| answer.downcast_ref().cloned())?
    }

    pub(crate) fn put<T: Clone + Send + Sync + 'static>(&self, about: &str, asked: Instant, answer: T) {
        let mut answers = self.answers.lock().expect("no panic while held");
        answers.retain(|_, (asked, _)| asked.elapsed() < BELIEVED);
        answers.insert(about.to_owned(), (asked, Arc::new(answer)));
    }

    fn forget(&self, about: &str) {
        self.answers.lock().expect("no panic while held").remove(about);
    }

    /// Forgets everything: a person asked to look again.
    pub(crate) fn clear(&self) {
        self.answers.lock().expect("no panic while held").clear();
    }
}

impl Cloud {
    /// A resource's tags, by its ARN; `fetch` runs only if they are not known.
    pub(crate) async fn tags_of(
        &self,
        arn: &str,
        fetch: impl Future<Output = Result<Tags, Fault>>,
    ) -> Result<Tags, Fault> {
        self.seldom(arn, fetch).await
    }

    /// The tags of several resources; `fetch` gets the ARNs whose tags are not known, and runs only if there are any.
    pub(crate) async fn tags_of_each<F>(
        &self,
        arns: impl IntoIterator<Item = String>,
        fetch: impl FnOnce(Vec<String>) -> F,
    ) -> Result<HashMap<String, Tags>, Fault>
    where
        F: Future<Output = Result<HashMap<String, Tags>, Fault>>,
    {
        let (mut known, mut unknown) = (HashMap::new(), vec![]);
        for arn in arns {
            match self.known_tags(&arn) {
                Some(tags) => drop(known.insert(arn, tags)),
                None => unknown.push(arn),
            }
        }
        if !unknown.is_empty() {
            let asked = Instant::now();
            for (arn, tags) in fetch(unknown).await? {
                self.observer.tags.put(&arn, asked, tags.clone());
                known.insert(arn, tags);
            }
        }
        Ok(known)
    }

    /// A resource's tags, if they are known.
    pub(crate) fn known_tags(&self, arn: &str) -> Option<Tags> {
        self.observer.tags.get(arn)
    }

    /// The answer to a question about one resource that seldom changes by another hand. `about` is its ARN or id: one
    /// question each.
    pub(crate) async fn seldom<T: Clone + Send + Sync + 'static>(
        &self,
        about: &str,
        fetch: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        if let Some(answer) = self.observer.tags.get(about) {
            return Ok(answer);
        }
        let asked = Instant::now();
        let answer = fetch.await?;
        self.observer.tags.put(about, asked, answer.clone());
        Ok(answer)
    }

    /// Forgets what is known about a resource, after a write to it.
    pub(crate) fn forget(&self, about: &str) {
        self.observer.tags.forget(about);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_until_it_is_old_or_forgotten() {
        let cache = TagCache::default();
        let tags = Tags::from([("team".to_owned(), "web".to_owned())]);
        cache.put("arn:1", Instant::now(), tags.clone());
        assert_eq!(cache.get("arn:1"), Some(tags.clone()));
        assert_eq!(cache.get::<Tags>("arn:2"), None);
        cache.forget("arn:1");
        assert_eq!(cache.get::<Tags>("arn:1"), None);

        cache.put("arn:1", Instant::now(), tags.clone());
        tokio::time::advance(BELIEVED).await;
        assert_eq!(cache.get::<Tags>("arn:1"), None);
        cache.put("arn:2", Instant::now(), tags);
        assert_eq!(cache.answers.lock().unwrap().len(), 1, "old answers are dropped");
    }
}
