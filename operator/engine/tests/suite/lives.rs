//! Random lives: random stacks, edits, hands, faults, deaths, stops and a lease that changes hands, all at once; then calm,
//! and everything must be right. `WPC_LIVES` says how many, `WPC_FIRST` from which seed, `WPC_SEED` repeats one.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::life::{Flaw, history, of_seed, whole};

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Said also when all is well, past the test harness's capture.
fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("somebody listens");
}

#[test]
fn every_random_life_ends_well() {
    if let Some(seed) = number("WPC_SEED") {
        return of_seed(seed, None).map_or((), |(_, text)| panic!("{text}"));
    }
    let first = number("WPC_FIRST").unwrap_or_default();
    let end = first + number("WPC_LIVES").unwrap_or(10_000);
    let next = AtomicU64::new(first);
    let lives = || {
        while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < end) {
            if let Some((_, text)) = of_seed(seed, None) {
                next.store(end, Ordering::Relaxed);
                panic!("{text}");
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(lives))));
    say(&format!("the lives of seeds {first} to {} end well", end - 1));
}

/// The first seed whose life shows a flaw, of a few from this one on.
fn shows(flaw: Flaw, how: &str, first: u64) -> u64 {
    let seed = (first..first + 500).find(|seed| history(*seed, Some(flaw)).0.is_some_and(|wrong| wrong.contains(how)));
    seed.unwrap_or_else(|| panic!("no life shows {flaw:?}"))
}

/// What the guards are for: without one, a life goes wrong.
#[test]
fn a_life_without_a_guard_goes_wrong() {
    let flaws = [
        (Flaw::NoFence, "without the lease"),
        (Flaw::NoSettle, "there twice"),
        (Flaw::NoInheritance, "there twice"),
        (Flaw::NoTokens, "there twice"),
        (Flaw::NoHolders, "deleted while held"),
        (Flaw::NoFinalizer, "before the finalizer"),
        (Flaw::DeletesData, "though policy keeps its data"),
        (Flaw::NeverRests, "passes in ten seconds"),
    ];
    for (flaw, how) in flaws {
        say(&format!("{flaw:?}: the life of seed {} goes wrong", shows(flaw, how, 0)));
    }
    // One in some thousand shows this.
    let seed = shows(Flaw::HastyRelease, "without the lease", 286_797_112);
    say(&format!("{:?}: the life of seed {seed} goes wrong", Flaw::HastyRelease));
}

#[test]
fn a_seed_lives_the_same_life_again() {
    for seed in 0..20 {
        let (one, other) = (history(seed, None).1, history(seed, None).1);
        let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        assert_eq!((differs, one.len()), (None, other.len()), "seed {seed}");
    }
}

#[test]
fn a_life_that_goes_wrong_is_told_as_short_as_can_be() {
    let seed = shows(Flaw::NoFence, "without the lease", 0);
    let (life, text) = of_seed(seed, Some(Flaw::NoFence)).expect("it goes wrong");
    assert!(text.contains(&format!("WPC_SEED={seed} cargo test")), "{text}");
    assert!(text.contains("WRONG"), "{text}");
    assert!(life.happenings() < whole(seed).happenings(), "{text}");
}
