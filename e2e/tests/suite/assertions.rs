//! What must hold of a cloud after every story.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use wpc_api::WordPressCluster;
use wpc_e2e::inventory::Inventory;

/// Every component that status names exists exactly once, and nothing else carries our tags.
pub fn exactly_once(object: &WordPressCluster, inventory: &Inventory, stack: &str) -> Result<()> {
    let mine = inventory.of_stack(stack).tagged();
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in mine.0.iter().filter(|item| !short_lived(&item.kind)) {
        let component = item.component.as_deref().unwrap_or_default();
        let name = component.split('@').next().unwrap_or_default();
        found.entry(name).or_default().push(&item.id);
    }
    let twice: Vec<_> = found.iter().filter(|(_, ids)| ids.len() > 1).collect();
    ensure!(twice.is_empty(), "made twice: {twice:?}");
    let status = object.status.clone().unwrap_or_default();
    let strangers: Vec<_> =
        found.keys().filter(|name| !status.components.iter().any(|component| component.name == **name)).collect();
    ensure!(strangers.is_empty(), "tagged as ours, and no component: {strangers:?}");
    let without: Vec<_> = status.components.iter().filter(|component| component.id.is_none()).collect();
    ensure!(without.is_empty(), "components without an id: {without:?}");
    Ok(())
}

/// What comes and goes by itself: instances and their volumes, and snapshots, which outlive their source.
fn short_lived(kind: &str) -> bool {
    matches!(kind, "ec2/instance" | "ec2/volume" | "ec2/network-interface" | "rds/snapshot")
}

/// Nothing is left but what deletion keeps: final snapshots, and the file system until it has a recovery point.
pub fn only_kept(inventory: &Inventory) -> Result<()> {
    let left = inventory.only(|item| !matches!(item.kind.as_str(), "rds/snapshot" | "efs/file-system"));
    ensure!(left.0.is_empty(), "left behind: {:#?}", left.0);
    Ok(())
}
