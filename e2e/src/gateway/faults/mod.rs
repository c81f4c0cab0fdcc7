//! Faults by rule: which calls fail, when, and how. A rule is data, and what it strikes depends on nothing but the
//! rule, its seed and the calls: the same calls meet the same faults.

mod effect;
mod past;
mod stage;
mod storm;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::protocol::Request;
pub use effect::{Effect, Refused, Throttle};
pub use past::Past;
pub(super) use stage::Struck;
pub use storm::storm;

/// Which calls fail, and how. Empty criteria match every call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// Signing name of the service.
    pub service: Option<String>,
    /// Action.
    pub action: Option<String>,
    /// A value that one of the request's parameters must have.
    pub value: Option<String>,
    /// Only writes, or only reads.
    pub write: Option<bool>,
    /// The calls that meet all this are counted from 1; those before this one go through.
    pub from: u64,
    /// How many are struck at most.
    pub times: Option<u64>,
    /// Only some, by chance.
    pub chance: Option<Chance>,
    /// What happens.
    pub effect: Effect,
    /// Has the call taken effect before it happens?
    pub after: bool,
}

/// A share of the calls, drawn from a seed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// Between 0 and 1.
    pub share: f64,
    /// The seed.
    pub seed: u64,
}

impl Fault {
    /// Every call meets this.
    pub fn of(effect: Effect) -> Self {
        Self { effect, ..Self::default() }
    }

    /// Nobody is there: connections end without an answer.
    pub fn away() -> Self {
        Self::of(Effect::Dropped)
    }

    /// Every call is refused with this error.
    pub fn refuse(status: u16, code: &str, message: &str) -> Self {
        Self::of(Effect::Refused(Refused { status, code: code.into(), message: message.into() }))
    }

    /// Only this action, and only with this value among its parameters.
    #[must_use]
    pub fn only(mut self, action: &str, value: &str) -> Self {
        self.value = Some(value.into());
        self.action(action)
    }

    /// Only this service, by its signing name.
    #[must_use]
    pub fn service(mut self, service: &str) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Only this action.
    #[must_use]
    pub fn action(mut self, action: &str) -> Self {
        self.action = Some(action.into());
        self
    }

    /// Only writes.
    #[must_use]
    pub fn writes(mut self) -> Self {
        self.write = Some(true);
        self
    }

    /// Only reads.
    #[must_use]
    pub fn reads(mut self) -> Self {
        self.write = Some(false);
        self
    }

    /// Only the n-th call of those that match, from now on.
    #[must_use]
    pub fn nth(self, n: u64) -> Self {
        self.from(n).times(1)
    }

    /// From the n-th call of those that match on.
    #[must_use]
    pub fn from(mut self, n: u64) -> Self {
        self.from = n;
        self
    }

    /// So many times at most.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// A share of the calls, drawn from a seed.
    #[must_use]
    pub fn chance(mut self, share: f64, seed: u64) -> Self {
        self.chance = Some(Chance { share, seed });
        self
    }

    /// The call takes effect first.
    #[must_use]
    pub fn after(mut self) -> Self {
        self.after = true;
        self
    }

    fn meets(&self, request: &Request) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        let holds = |value: &String| request.params.iter().any(|(_, found)| found == value.as_str());
        is(&self.service, &request.service)
            && is(&self.action, &request.action)
            && self.write.is_none_or(|write| write != request.is_read())
            && self.value.as_ref().is_none_or(holds)
    }
}

impl Chance {
    /// Is the n-th call of an action drawn? Calls of other actions, which may run beside it, do not matter.
    fn draws(&self, rule: usize, request: &Request, n: u64) -> bool {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update((rule as u64).to_be_bytes());
        hash.update(n.to_be_bytes());
        for part in [&request.scope.access_key, &request.scope.region, &request.service, &request.action] {
            hash.update(part);
            hash.update([0]);
        }
        let drawn: [u8; 8] = hash.finalize()[..8].try_into().unwrap_or_default();
        // 53 bits are what a float holds.
        let drawn = (u64::from_be_bytes(drawn) >> 11) as f64 / (1_u64 << 53) as f64;
        drawn < self.share
    }
}

/// A fault in force, and what it has seen.
#[derive(Debug)]
struct Rule {
    fault: Fault,
    met: u64,
    struck: u64,
    by_action: HashMap<(String, String, String), u64>,
}

impl Rule {
    /// Counts a call; is it due?
    fn is_due(&mut self, index: usize, request: &Request) -> bool {
        if !self.fault.meets(request) {
            return false;
        }
        self.met += 1;
        let drawn = self.fault.chance.is_none_or(|chance| {
            let action = (request.scope.access_key.clone(), request.service.clone(), request.action.clone());
            let n = self.by_action.entry(action).or_default();
            *n += 1;
            chance.draws(index, request, *n)
        });
        drawn && self.met >= self.fault.from && self.fault.times.is_none_or(|times| self.struck < times)
    }
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Rule>>);

/// What strikes a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Strike {
    /// What happens.
    pub effect: Effect,
    /// Has the call taken effect before?
    pub after: bool,
}

impl Faults {
    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on these, in place of those before; counts begin anew.
    pub fn set(&self, faults: Vec<Fault>) {
        let rule = |fault| Rule { fault, met: 0, struck: 0, by_action: HashMap::new() };
        *self.rules() = faults.into_iter().map(rule).collect();
    }

    /// How often each fault has struck, in the order in which they were set.
    pub fn struck(&self) -> Vec<(Fault, u64)> {
        self.rules().iter().map(|rule| (rule.fault.clone(), rule.struck)).collect()
    }

    /// Does any have such an effect?
    fn any(&self, wanted: impl Fn(&Effect) -> bool) -> bool {
        self.rules().iter().any(|rule| wanted(&rule.fault.effect))
    }

    /// The first fault that strikes this call, if it can; every one that the call meets counts it.
    fn strike(&self, request: &Request, can: impl Fn(&Effect) -> bool) -> Option<Strike> {
        let mut rules = self.rules();
        let due: Vec<usize> = rules
            .iter_mut()
            .enumerate()
            .filter_map(|(index, rule)| rule.is_due(index, request).then_some(index))
            .collect();
        let index = due.into_iter().find(|index| can(&rules[*index].fault.effect))?;
        let rule = &mut rules[index];
        rule.struck += 1;
        Some(Strike { effect: rule.fault.effect.clone(), after: rule.fault.after })
    }
}
