//! What the soak does, drawn from a seed: it depends on nothing else.

use std::collections::BTreeMap;
use std::fmt;

use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// A new site from a sample.
    Create {
        /// Its name.
        name: String,
        /// The sample.
        sample: &'static str,
    },
    /// A change of a site's spec.
    Edit {
        /// Its name.
        name: String,
        /// The merge patch.
        spec: Value,
    },
    /// The end of a site.
    Delete {
        /// Its name.
        name: String,
    },
    /// Somebody changes a site's network by hand, in the cloud.
    Hand {
        /// Its name.
        name: String,
    },
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { name, sample } => write!(f, "create {name} from {sample}"),
            Self::Edit { name, spec } => write!(f, "edit {name}: {spec}"),
            Self::Delete { name } => write!(f, "delete {name}"),
            Self::Hand { name } => write!(f, "change the network of {name} by hand"),
        }
    }
}

/// The story.
#[derive(Debug)]
pub struct Script {
    random: StdRng,
    sites: usize,
    made: usize,
    /// The sites that live, and how long: neither edits nor ends come to what has hardly begun.
    living: BTreeMap<String, usize>,
}

/// Beats before a site is edited or deleted.
const YOUTH: usize = 10;

impl Script {
    /// The story of a seed, about so many sites at a time.
    pub fn new(seed: u64, sites: usize) -> Self {
        Self { random: StdRng::seed_from_u64(seed), sites, made: 0, living: BTreeMap::new() }
    }

    /// What is next.
    pub fn next_act(&mut self) -> Act {
        self.living.values_mut().for_each(|age| *age += 1);
        if self.living.len() < self.sites {
            return self.create();
        }
        let grown = self.living.iter().filter(|(_, age)| **age > YOUTH).map(|(name, _)| name);
        let any = self.living.keys().next();
        let Some(name) = grown.choose(&mut self.random).or(any).cloned() else { return self.create() };
        match self.random.random_range(0..100) {
            0..80 => Act::Edit { name, spec: edit(&mut self.random) },
            80..90 => Act::Hand { name },
            _ => {
                self.living.remove(&name);
                Act::Delete { name }
            }
        }
    }

    /// Every fourth site is a large one.
    fn create(&mut self) -> Act {
        let name = format!("site-{:03}", self.made);
        let sample = if self.made % 4 == 3 { "production.yaml" } else { "minimal.yaml" };
        self.made += 1;
        self.living.insert(name.clone(), 0);
        Act::Create { name, sample }
    }
}

/// One field of a spec, of those that may change as often as one likes.
fn edit(random: &mut StdRng) -> Value {
    let n = random.random_range(0..30);
    let either = |one: &str, other: &str| Value::from(if n % 2 == 0 { one } else { other });
    match random.random_range(0..9) {
        0 => json!({ "compute": { "replicas": { "min": 2 + n % 2, "max": 3 + n % 4 } } }),
        1 => json!({ "compute": { "scaling": { "targetCPUUtilization": 40 + n } } }),
        2 => json!({ "compute": { "instanceTypes": [either("m7g.large", "m7g.xlarge")] } }),
        3 => json!({ "database": { "readReplicas": n % 3 } }),
        4 => json!({ "cache": { "engine": either("None", "Valkey") } }),
        5 => json!({ "cache": { "nodeType": either("cache.t4g.small", "cache.t4g.medium") } }),
        6 => json!({ "network": { "natGateways": either("Single", "PerZone") } }),
        7 => json!({ "cdn": { "staticTTLSeconds": 3600 * (n + 1) } }),
        _ => json!({ "tags": { "edition": format!("e{n}") } }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_one_story() {
        let story = |seed| {
            let mut script = Script::new(seed, 4);
            (0..200).map(|_| script.next_act()).collect::<Vec<_>>()
        };
        assert_eq!(story(7), story(7));
        assert_ne!(story(7), story(8));
    }

    #[test]
    fn every_site_is_made_before_anything_happens_to_it_and_nothing_happens_after_its_end() {
        let mut script = Script::new(1, 4);
        let mut living: BTreeMap<String, &'static str> = BTreeMap::new();
        let mut ended = 0;
        for _ in 0..2_000 {
            match script.next_act() {
                Act::Create { name, sample } => assert_eq!(living.insert(name, sample), None),
                Act::Delete { name } => {
                    assert!(living.remove(&name).is_some());
                    ended += 1;
                }
                Act::Edit { name, .. } | Act::Hand { name } => assert!(living.contains_key(&name)),
            }
            assert!(living.len() <= 4);
        }
        assert!(ended > 20);
    }
}
