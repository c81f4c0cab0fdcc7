//! Client tokens that are remembered longer than what was made under them.

use std::collections::HashSet;
use std::sync::Mutex;

use wpc_engine::{Class, Fault, Id, Key};

use crate::Cloud;

/// Ids that creates were answered with. Losing them (a restart) costs one settle window for each.
#[derive(Default)]
pub(crate) struct Given(Mutex<HashSet<Id>>);

/// What AWS says of a token that stands for another request: one that was made before, and is gone.
const USED: &[&str] = &["IdempotentParameterMismatch", "DistributionAlreadyExists", "HealthCheckAlreadyExists"];

impl Cloud {
    /// Creates under our client token. AWS answers a token that it knows with what it made the first time, also when
    /// that is gone since; the next token, which derives from that id, then makes the next incarnation. So a crash at
    /// any moment replays the same tokens.
    ///
    /// # Assumptions
    /// Nobody creates again what still shows: an id that this process was answered before is one that is gone.
    pub(crate) async fn incarnate<F>(&self, key: &Key, create: impl Fn(String) -> F) -> Result<Id, Fault>
    where
        F: Future<Output = Result<Id, Fault>>,
    {
        let next = |token: &str, gone: &Id| self.labels.stack.token_after(token, gone);
        self.observer.given.create(self.token(key), next, create).await
    }
}

/// How many tokens one create may try. Each stands for something that was made and deleted, so this is more than there
/// can be, unless AWS answers nonsense.
pub(crate) const INCARNATIONS: usize = 64;

/// Every token that was tried is used up.
pub(crate) fn endless() -> Fault {
    Fault::new(Class::Transient, format!("AWS calls {INCARNATIONS} client tokens used, one after the other"))
}

impl Given {
    async fn create<F>(
        &self,
        mut token: String,
        next: impl Fn(&str, &Id) -> String,
        create: impl Fn(String) -> F,
    ) -> Result<Id, Fault>
    where
        F: Future<Output = Result<Id, Fault>>,
    {
        for _ in 0..INCARNATIONS {
            let gone = match create(token.clone()).await {
                Ok(id) if self.first(&id) => return Ok(id),
                Ok(id) => id,
                Err(fault) if fault.is(USED) => Id::from("used"),
                Err(fault) => return Err(fault),
            };
            token = next(&token, &gone);
        }
        Err(endless())
    }

    /// Whether this is the first time; the next time it is not.
    fn first(&self, id: &Id) -> bool {
        self.0.lock().expect("no panic while held").insert(id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cloud_that_calls_every_token_used_is_not_asked_for_ever() {
        let used = |_| async { Err(Fault { code: Some(USED[0].into()), ..Fault::invalid("used") }) };
        let answer = Given::default().create("t".into(), |token, _| format!("{token}+"), used).await;
        assert_eq!(answer.unwrap_err().class, Class::Transient);
    }

    /// AWS with a memory for tokens: the same token, the same id; `used` stands for another request.
    async fn made(given: &Given, used: &str) -> Result<Id, Fault> {
        let next = |token: &str, gone: &Id| format!("{token}+{gone}");
        let create = |token: String| async move {
            match token == used {
                true => Err(Fault { code: Some(USED[0].into()), ..Fault::invalid("used") }),
                false => Ok(Id(format!("id-of-{token}"))),
            }
        };
        given.create("t".into(), next, create).await
    }

    #[tokio::test]
    async fn what_was_answered_before_is_gone() {
        let given = Given::default();
        assert_eq!(made(&given, "").await, Ok("id-of-t".into()));
        assert_eq!(made(&given, "").await, Ok("id-of-t+id-of-t".into()));
        // After a restart the first answer is believed again, until the engine asks once more.
        assert_eq!(made(&Given::default(), "").await, Ok("id-of-t".into()));
    }

    #[tokio::test]
    async fn a_used_token_gives_way_to_the_next_one() {
        assert_eq!(made(&Given::default(), "t").await, Ok("id-of-t+used".into()));
    }
}
