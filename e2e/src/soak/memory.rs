//! How much memory the operator holds over time.

use std::fs;

use anyhow::{Context, Result, ensure};

/// KiB that a process holds, as Linux counts them.
pub fn resident(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("resident memory is read from /proc")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
}

/// Samples, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Memory(Vec<u64>);

/// What the last quarter may hold more than the second: allocators keep some, a leak keeps growing.
const GROWTH: f64 = 1.10;

impl Memory {
    /// One more, in KiB.
    pub fn sample(&mut self, kib: u64) {
        self.0.push(kib);
    }

    /// The medians of the second and of the last quarter.
    pub fn quarters(&self) -> Option<(u64, u64)> {
        let quarter = self.0.len() / 4;
        let median = |part: &[u64]| {
            let mut part = part.to_vec();
            part.sort_unstable();
            part.get(part.len() / 2).copied()
        };
        Some((median(self.0.get(quarter..2 * quarter)?)?, median(self.0.get(3 * quarter..)?)?))
    }

    /// Fails where it grows.
    pub fn flat(&self) -> Result<()> {
        let (second, last) = self.quarters().context("too few samples of memory")?;
        ensure!(last as f64 <= second as f64 * GROWTH, "memory grew from {second} to {last} KiB");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_from_noise() {
        let memory = |samples: Vec<u64>| Memory(samples);
        assert!(memory((0..100).map(|n| 1000 + n % 7 * 20).collect()).flat().is_ok());
        assert!(memory((0..100).map(|n| 1000 + n * 10).collect()).flat().is_err());
        // The first quarter is a start, not a state.
        assert!(memory((0..100).map(|n| if n < 25 { n * 40 } else { 1000 }).collect()).flat().is_ok());
        assert!(memory(vec![]).flat().is_err());
        assert!(resident(std::process::id()).unwrap() > 0);
    }
}
