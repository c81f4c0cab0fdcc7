//! What befalls the operators of a life, in what world, and what it took.

use std::collections::BTreeSet;
use std::time::Duration;

use wpc_e2e::gateway::{Profile, StopAfter};

use crate::wire::Mutation;

/// What befalls one operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It lives to the end of the chapter.
    Spared,
    /// It dies with a call to AWS.
    Call(StopAfter),
    /// It dies before its n-th write to Kubernetes.
    Kubernetes(u64),
}

/// How the world of a life is.
#[derive(Debug, Clone)]
pub struct Ways {
    /// How fast AWS is.
    pub profile: Profile,
    /// How long the operator doubts an empty list.
    pub settle: Duration,
    /// What the wire's dice are thrown with.
    pub seed: u64,
    /// A guard taken away.
    pub mutation: Option<Mutation>,
}

impl Ways {
    /// Nothing takes time, and what is written is seen at once by whoever comes after: where an operator dies no call is
    /// under way (the gateway counts them one at a time), so a short settle window is as good as a long one.
    pub fn instant() -> Self {
        Self { profile: Profile::instant(), settle: Duration::from_millis(200), seed: 0, mutation: None }
    }

    /// As above, and empty lists are believed at once: half as many passes for each death.
    pub fn certain() -> Self {
        Self { settle: Duration::ZERO, ..Self::instant() }
    }

    /// AWS's times, a minute in 20 ms, and what is new is seen after so long; it is doubted for twice as long, so that
    /// also a list that was shared for a while says the truth.
    pub fn late(seen_after: Duration) -> Self {
        let minute = Duration::from_millis(20);
        let profile = Profile::aws(minute).visible_after(60.0 * seen_after.as_secs_f64() / minute.as_secs_f64());
        Self { profile, settle: 2 * seen_after, ..Self::instant() }
    }
}

/// What a chapter took.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Operators, the dead and the last.
    pub operators: usize,
    /// Those that died.
    pub deaths: usize,
    /// Calls to AWS.
    pub calls: usize,
    /// Of these, writes that took effect.
    pub writes: usize,
    /// Writes to Kubernetes.
    pub kubernetes: u64,
    /// The actions that took effect.
    pub effects: BTreeSet<String>,
    /// The actions that an operator died with.
    pub died_with: BTreeSet<String>,
}

impl Told {
    /// Adds what another chapter took.
    pub fn add(&mut self, other: Self) {
        self.operators += other.operators;
        self.deaths += other.deaths;
        self.calls += other.calls;
        self.writes += other.writes;
        self.kubernetes += other.kubernetes;
        self.effects.extend(other.effects);
        self.died_with.extend(other.died_with);
    }
}
