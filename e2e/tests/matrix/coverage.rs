//! Every kind has its crash row: an operator died with each of its writes.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use wpc_blueprint::Kinds;
use wpc_engine::Access;

/// Writes that the rolling lives do not reach, each with its reason.
const NOT_REACHED: &[(&str, &str)] = &[];

/// A permission and the call that it is needed for, where they differ.
const OTHER_NAMES: &[(&str, &str)] = &[("CreateDistribution", "CreateDistributionWithTags")];

/// Fails when a write of a kind is met by no death, or is listed above and met all the same.
pub fn complete(died_with: &BTreeSet<String>) -> Result<()> {
    let died = |operation: &str| {
        let other = OTHER_NAMES.iter().find(|(name, _)| *name == operation).map(|(_, call)| *call);
        died_with.contains(operation) || other.is_some_and(|call| died_with.contains(call))
    };
    let excused = |name: &str| NOT_REACHED.iter().any(|(action, _)| *action == name);
    let mut missing = BTreeSet::new();
    for kind in Kinds::offline().all() {
        for action in kind.actions().iter().filter(|action| action.access == Access::Write) {
            if !died(action.operation()) && !excused(action.name) {
                missing.insert(format!("{} of {}", action.name, kind.name()));
            }
        }
    }
    ensure!(
        missing.is_empty(),
        "no operator died with these; let a chapter of the matrix reach them, or say in coverage.rs why none can: \
         {missing:#?}"
    );
    let stale: Vec<_> =
        NOT_REACHED.iter().filter(|(name, _)| died(name.split_once(':').map_or("", |(_, it)| it))).collect();
    ensure!(stale.is_empty(), "reached after all; strike them from the list in coverage.rs: {stale:?}");
    Ok(())
}
