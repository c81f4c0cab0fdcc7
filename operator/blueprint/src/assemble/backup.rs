use std::collections::BTreeSet;

use wpc_engine::{Graph, Handle, Id};

use super::{Database, Encryption, Storage};
use crate::backup::{self, plan, selection, vault};
use crate::iam::{self, RoleOutput};
use crate::storage::volume::Disk;
use crate::{Blueprint, Kinds};

/// Backups beside the database's own.
#[derive(Debug, Clone)]
pub struct Backup {
    /// Where they are kept.
    pub vault: Handle<vault::Output>,
    /// What they are made under.
    pub role: Handle<RoleOutput>,
    /// When they are made.
    pub plan: Handle<Id>,
}

/// What AWS Backup works under: it makes backups, and restores them.
pub(super) fn role(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint) -> Handle<RoleOutput> {
    let boundary = blueprint.boundary.clone();
    graph.add(backup::ROLE, &kinds.backup_role, (), move |()| iam::Desired { boundary: boundary.clone() })
}

/// A vault, one more in another region for copies, and a plan that takes the database and the files; nothing where no
/// backups are asked for.
pub(super) fn backup(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    encryption: &Encryption,
    (database, storage, disk): (&Database, Option<&Storage>, Option<Handle<Disk>>),
    restorer: Option<Handle<RoleOutput>>,
) -> Option<Backup> {
    let spec = blueprint.spec.backup.clone();
    if !spec.enabled {
        return None;
    }
    let lock_days = spec.lock_vault.then(|| spec.retention_days.into());
    let key = encryption.key();
    let vault = graph.add(backup::VAULT, &kinds.backup_vault, encryption.made, move |made| vault::Desired {
        region: None,
        key: key(made),
        lock_days,
    });
    // A key belongs to a region: copies are encrypted with AWS's own in theirs.
    let copies = spec.copy_to_region.as_ref().map(|region| {
        let region = Some(region.clone());
        graph.add(backup::copies(region.as_deref().unwrap_or_default()), &kinds.backup_vault, vault, move |_| {
            vault::Desired { region: region.clone(), key: None, lock_days }
        })
    });
    let role = restorer.unwrap_or_else(|| role(graph, kinds, blueprint));
    let plan = graph.add(backup::PLAN, &kinds.backup_plan, (vault, copies), move |(vault, copies)| plan::Desired {
        vault: vault.name,
        schedule: spec.schedule.clone(),
        retention_days: spec.retention_days.into(),
        cold_days: spec.cold_storage_after_days.map(Into::into),
        copies: copies.map(|copies| copies.arn),
    });
    let files = storage.map(|storage| storage.file_system);
    let inputs = (plan, role, vault, database.primary, (files, disk));
    graph.add(backup::SELECTION, &kinds.backup_selection, inputs, |(plan, role, vault, database, (files, disk))| {
        let files = files.map(|id| Id(backup::beside(&vault.arn.0, "elasticfilesystem", &format!("file-system/{id}"))));
        let disk = disk.map(|Disk { id, .. }| Id(backup::beside(&vault.arn.0, "ec2", &format!("volume/{id}"))));
        let resources = BTreeSet::from_iter([database.arn].into_iter().chain(files).chain(disk));
        selection::Desired { plan, role: role.arn, resources }
    });
    Some(Backup { vault, role, plan })
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn the_database_and_the_files_are_backed_up_and_copied_where_that_is_asked_for() {
        let nodes = |change: fn(&mut wpc_api::v1alpha1::Backup)| {
            let mut spec = WordPressCluster::fixture().spec;
            change(&mut spec.backup);
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            let graph = assemble(&blueprint, &Kinds::offline()).graph;
            let edges = graph.edges();
            let takes = |to: &str| edges.iter().any(|edge| edge.from == to && edge.to == backup::SELECTION);
            let taken = ["database/primary", "storage/file-system", "database/replica-1"].map(takes);
            let nodes = graph.nodes().filter(|(name, _)| name.starts_with("backup/"));
            (nodes.map(|(name, _)| name.to_owned()).collect::<Vec<_>>(), taken)
        };
        let all = ["backup/vault", "backup/role", "backup/plan", "backup/selection"];
        assert_eq!(nodes(|_| {}), (all.map(str::to_owned).to_vec(), [true, true, false]));
        assert!(nodes(|backup| backup.enabled = false).0.is_empty());
        let (copied, _) = nodes(|backup| backup.copy_to_region = Some("eu-central-1".into()));
        assert!(copied.iter().any(|name| name == "backup/vault-eu-central-1"), "{copied:?}");
    }
}
