//! What a soak saw.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::memory::Memory;
use crate::gateway::Stats;

/// The figures.
#[derive(Debug, Clone, Default)]
pub struct Report {
    seed: u64,
    /// How long everything took.
    pub took: Duration,
    /// What was done, by sort.
    pub acts: BTreeMap<&'static str, usize>,
    /// How often a leader was killed.
    pub kills: usize,
    /// How often another replica began to write.
    pub writers: usize,
    /// Memory in the storm: of many operators.
    pub storm_memory: Memory,
    /// Memory in the calm: of one.
    pub calm_memory: Memory,
    /// How long until everything was as wanted after the storm.
    pub converged: Duration,
    /// Sites that were as wanted then.
    pub sites: usize,
    /// Things that deletion kept.
    pub kept: BTreeMap<String, usize>,
    stats: Stats,
}

impl Report {
    /// Nothing seen yet.
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Counts what was done.
    pub fn count(&mut self, act: &'static str) {
        *self.acts.entry(act).or_default() += 1;
    }

    /// Takes the gateway's sums.
    pub fn read(&mut self, stats: &Stats) {
        self.stats = stats.clone();
    }

    /// Where it stands, in a line.
    pub fn line(&self, stats: &Stats) -> String {
        let acts: Vec<_> = self.acts.iter().map(|(act, count)| format!("{count} {act}")).collect();
        let struck: usize = stats.faults.values().sum();
        let exceeded: usize = stats.exceeded.values().sum();
        let (acts, kills, calls) = (acts.join(", "), self.kills, stats.calls);
        format!("{acts}; {kills} kills; {calls} calls, {struck} struck, {exceeded} over AWS's rates")
    }

    /// Fails if a figure is not as it must be.
    pub fn judge(&self) -> Result<()> {
        ensure!(self.stats.exceeded.is_empty(), "faster than AWS allows: {:?}", self.stats.exceeded);
        self.calm_memory.flat()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |what: &str, value: &dyn fmt::Display| writeln!(f, "  {what:<42}{value}");
        row("seed", &self.seed)?;
        row("took", &format!("{} s", self.took.as_secs()))?;
        for (act, count) in &self.acts {
            row(act, count)?;
        }
        row("leaders killed", &self.kills)?;
        row("changes of writer", &self.writers)?;
        row("calls", &format!("{} ({} writes)", self.stats.calls, self.stats.writes))?;
        let struck: usize = self.stats.faults.values().sum();
        let share = 100.0 * struck as f64 / self.stats.calls.max(1) as f64;
        row("struck by faults", &format!("{struck} ({share:.1} %)"))?;
        for (fault, count) in &self.stats.faults {
            row(&format!("  {fault}"), count)?;
        }
        row("over AWS's rates", &self.stats.exceeded.values().sum::<usize>())?;
        for (bucket, count) in &self.stats.exceeded {
            row(&format!("  {bucket}"), count)?;
        }
        row("as wanted after the storm", &format!("{} sites, {} s", self.sites, self.converged.as_secs()))?;
        for (what, memory) in [("storm", &self.storm_memory), ("calm", &self.calm_memory)] {
            if let Some((second, last)) = memory.quarters() {
                row(&format!("memory in the {what}, 2nd, 4th quarter"), &format!(" {second}, {last} KiB"))?;
            }
        }
        for (kind, count) in &self.kept {
            row(&format!("kept by policy: {kind}"), count)?;
        }
        Ok(())
    }
}
