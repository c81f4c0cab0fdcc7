//! What must hold of a cloud, and of the calls that made it so, after every story.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use wpc_api::WordPressCluster;

use crate::gateway::Call;
use crate::inventory::{COMPONENT_TAG, Inventory, Item};

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

/// What comes and goes by itself: instances, and snapshots, which outlive their source.
fn short_lived(kind: &str) -> bool {
    matches!(
        kind,
        "ec2/instance"
            | "ec2/snapshot"
            | "ec2/network-interface"
            | "rds/snapshot"
            | "rds/cluster-snapshot"
            | "backup/recovery-point"
    )
}

/// Nothing is left but what deletion keeps: final snapshots, the last copy of the files with its vault and its role, the
/// key that all of it is encrypted with, buckets, and a file system that no copy could be made of.
pub fn only_kept(inventory: &Inventory) -> Result<()> {
    const KEPT: [&str; 8] = [
        "ec2/snapshot",
        "rds/snapshot",
        "rds/cluster-snapshot",
        "efs/file-system",
        "backup/recovery-point",
        "backup/vault",
        "kms/key",
        "s3/bucket",
    ];
    let role = |name: &str| name.ends_with("-backup-role");
    let kept = |kind: &str, name: &str| KEPT.contains(&kind) || kind == "iam/role" && role(name);
    let left = inventory.only(|item| !kept(&item.kind, &item.name));
    ensure!(left.0.is_empty(), "left behind: {:#?}", left.0);
    Ok(())
}

/// Nothing is without an owner: what a stack's account holds carries the stack's name, or is part of what does, or is
/// of a kind that takes no tags and bears the object's name. A VPC's own table, group and rule are AWS's.
pub fn owned(inventory: &Inventory, stack: &str) -> Result<()> {
    const OF_A_VPC: &[&str] = &["ec2/route-table", "ec2/security-group", "ec2/security-group-rule"];
    let name = stack.rsplit('/').next().unwrap_or(stack);
    let ownerless = inventory.only(|item| {
        let named = item.name.starts_with(name) || item.id.starts_with(name);
        item.stack.as_deref() != Some(stack) && !named && !short_lived(&item.kind) && !marked(inventory, item)
    });
    let counts = ownerless.counts();
    let aws = |kind: &str| OF_A_VPC.contains(&kind) && counts.get(kind) == Some(&1);
    let nobodys = ownerless.only(|item| !aws(&item.kind));
    ensure!(nobodys.0.is_empty(), "nobody's: {:#?}", nobodys.0);
    Ok(())
}

/// A record whose mark, a TXT record that names its stacks, stands beside it; or the mark itself.
fn marked(inventory: &Inventory, item: &Item) -> bool {
    let name = |item: &Item| item.id.split(' ').next().unwrap_or_default().to_owned();
    let record = item.kind == "route53/record";
    let mark = format!("_wpc.{}", name(item));
    record && (name(item).starts_with("_wpc.") || inventory.0.iter().any(|other| name(other) == mark))
}

/// Creates that the clouds take twice and AWS refuses, so that the SDK's own repeat of a lost answer makes a second one:
/// docs/testing.md names them, and a rule of the gateway that refuses them empties this list.
const TAKEN_TWICE: &[&str] = &["CreateDBSubnetGroup", "CreateListener"];

/// In us-east-1 a bucket of one's own is made again without effect, and a topic everywhere.
const WITHOUT_EFFECT: &[&str] = &["CreateBucket", "CreateTopic"];

/// Writes of tags that are called creates.
const TAGGING: &[&str] = &["CreateTags", "CreateOrUpdateTags"];

/// No component was made twice: what a sweep has tidied up since shows in the record.
pub fn made_once(calls: &[Call]) -> Result<()> {
    let mut made: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.took_effect()) {
        if let Some(component) = component(call).or_else(|| filled(call)) {
            *made.entry((call.action.as_str(), component)).or_default() += 1;
        }
    }
    let twice: Vec<_> = made.iter().filter(|(_, count)| **count > 1).collect();
    ensure!(twice.is_empty(), "made more than once: {twice:?}");
    Ok(())
}

/// The file system that a restore job fills: the job has no tags.
fn filled(call: &Call) -> Option<&str> {
    let into = |(key, _): &&(String, String)| key.ends_with(".file-system-id");
    call.params.iter().find(into).map(|(_, id)| id.as_str())
}

/// The component whose tag a create carries.
fn component(call: &Call) -> Option<&str> {
    let creates = ["Create", "Allocate", "Restore"].iter().any(|verb| call.action.starts_with(verb));
    let excepted = TAGGING.iter().chain(TAKEN_TWICE).chain(WITHOUT_EFFECT).any(|action| *action == call.action);
    let fits = creates && !excepted;
    // Tags are a map, or pairs.
    let entry = format!(".{COMPONENT_TAG}");
    if let Some((_, value)) = call.params.iter().find(|(key, _)| fits && key.ends_with(&entry)) {
        return Some(value);
    }
    let at = call.params.iter().position(|(_, value)| fits && value == COMPONENT_TAG)?;
    let parent = call.params[at].0.rsplit_once('.')?.0;
    let value = |key: &str| {
        key.rsplit_once('.').is_some_and(|(before, last)| {
            let last = last.strip_prefix("Tag").unwrap_or(last);
            before == parent && last.eq_ignore_ascii_case("value")
        })
    };
    call.params[at..].iter().find(|(key, _)| value(key)).map(|(_, value)| value.as_str())
}

/// How often what holds data was made, by action and component.
pub fn data_made(calls: &[Call]) -> BTreeMap<String, usize> {
    const DATA: &[&str] = &[
        "CreateDBCluster",
        "CreateDBInstance",
        "CreateDBInstanceReadReplica",
        "CreateFileSystem",
        "CreateKey",
        "CreateReplicationGroup",
        "CreateVolume",
        "RestoreDBClusterFromSnapshot",
        "RestoreDBClusterToPointInTime",
        "RestoreDBInstanceFromDBSnapshot",
        "RestoreDBInstanceToPointInTime",
    ];
    let mut made = BTreeMap::new();
    for call in calls.iter().filter(|call| call.took_effect() && DATA.contains(&call.action.as_str())) {
        *made.entry(format!("{} {}", call.action, component(call).unwrap_or_default())).or_default() += 1;
    }
    made
}

/// No write touched what belongs to another stack.
pub fn keeps_to(calls: &[Call], stack: &str) -> Result<()> {
    let theirs = |call: &&Call| call.took_effect() && call.stacks.iter().any(|other| other != stack);
    let theirs: Vec<_> = calls.iter().filter(theirs).map(|call| (&call.action, &call.targets, &call.stacks)).collect();
    ensure!(theirs.is_empty(), "somebody else's was touched: {theirs:?}");
    Ok(())
}
