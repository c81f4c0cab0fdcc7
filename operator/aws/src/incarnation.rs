//! Client tokens that are remembered longer than what was made under them.

use std::collections::HashSet;
use std::sync::Mutex;

use wpc_engine::{Fault, Id, Key};

use crate::Cloud;

/// Ids that creates were answered with. Losing them (a restart) costs one settle window for each.
#[derive(Default)]
pub(crate) struct Given(Mutex<HashSet<Id>>);

impl Given {
    /// Whether this is the first time; the next time it is not.
    fn first(&self, id: &Id) -> bool {
        self.0.lock().expect("no panic while held").insert(id.clone())
    }
}

/// What AWS says of a token that stands for another request: one that was made before, and is gone.
const USED: &[&str] = &["IdempotentParameterMismatch", "DistributionAlreadyExists"];

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
        let mut token = self.token(key);
        loop {
            let gone = match create(token.clone()).await {
                Ok(id) if self.observer.given.first(&id) => return Ok(id),
                Ok(id) => id,
                Err(fault) if fault.is(USED) => Id::from("used"),
                Err(fault) => return Err(fault),
            };
            token = self.labels.stack.token_after(&token, &gone);
        }
    }
}
