use anyhow::{Context, Result, bail};
use wpc_api::WordPressClusterSpec;
use wpc_blueprint::price::{Estimate, Prices};

use crate::args::PriceLists;

/// The price lists that are given.
pub fn read(given: &PriceLists) -> Result<Vec<Prices>> {
    let read = |file: &std::path::PathBuf| {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Prices::parse(&text).with_context(|| file.display().to_string())
    };
    given.files.iter().map(read).collect()
}

/// What a spec costs; an error if its budget does not allow that.
pub fn affordable(spec: &WordPressClusterSpec, given: &PriceLists) -> Result<Estimate> {
    let estimate = Estimate::of(spec, &read(given)?);
    match spec.budget.monthly_usd.and_then(|budget| estimate.above(budget)) {
        Some(over) => bail!("{}: {over}", over.reason()),
        None => Ok(estimate),
    }
}
