//! Faults of all sorts at once.

use super::{Effect, Fault};

/// How often each sort comes among a hundred faults.
const MIX: &[(u32, Effect, bool)] = &[
    (20, Effect::Throttled, false),
    (12, Effect::Error(500), false),
    (10, Effect::Error(500), true),
    (8, Effect::Error(503), false),
    (5, Effect::Error(503), true),
    (10, Effect::Dropped, false),
    (10, Effect::Dropped, true),
    (8, Effect::Cut, false),
    (10, Effect::Reordered, false),
    (4, Effect::Jump(30), false),
    // Twenty seconds of the caller's patience each.
    (1, Effect::Silent, false),
    (1, Effect::Silent, true),
    // A person would have to act, and retries are slow.
    (1, Effect::Denied, false),
    (1, Effect::Expired, false),
];

/// Faults that strike this share of all calls, in a mix that the seed draws; reads lag by so many milliseconds.
pub fn storm(share: f64, seed: u64, lag: u64) -> Vec<Fault> {
    let total: u32 = MIX.iter().map(|(weight, ..)| weight).sum();
    let mut faults: Vec<Fault> = MIX
        .iter()
        .map(|(weight, effect, after)| {
            let fault = Fault::of(effect.clone()).chance(share * f64::from(*weight) / f64::from(total), seed);
            Fault { after: *after, ..fault }
        })
        .collect();
    // Beside the others: few reads have an older answer.
    faults.push(Fault::of(Effect::Stale(lag)).reads().chance(share, seed));
    faults
}
