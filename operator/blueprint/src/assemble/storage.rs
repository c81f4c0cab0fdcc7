use std::collections::BTreeSet;

use wpc_api::v1alpha1::SharedStorageType;
use wpc_engine::{Graph, Handle, Id};

use super::{Encryption, Network};
use crate::iam::RoleOutput;
use crate::storage::access_point::{self, Door};
use crate::storage::recovery_point::Restore;
use crate::storage::{file_system, mount_target, volume};
use crate::{Blueprint, Kinds};

/// Where uploads go.
#[derive(Debug, Clone)]
pub struct Storage {
    /// The file system.
    pub file_system: Handle<Id>,
    /// The instances' door to the uploads in it.
    pub access_point: Handle<Id>,
    /// The instances' door to the whole of it, where what was restored is to be moved.
    pub whole: Option<Handle<Id>>,
    /// Its addresses, one per zone, in the blueprint's order of zones.
    pub mount_targets: Vec<Handle<Id>>,
}

/// A file system with a mount target in each zone and an access point for uploads; nothing where uploads go elsewhere.
pub(super) fn storage(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    network: &Network,
    (encryption, restorer): (&Encryption, Option<Handle<RoleOutput>>),
) -> Option<Storage> {
    let spec = &blueprint.spec.shared_storage;
    if spec.kind != SharedStorageType::Efs {
        return None;
    }
    let (throughput_mode, transition_to_ia_days) = (spec.throughput_mode, spec.transition_to_ia_days);
    let key = encryption.key();
    let begins_with = spec.recovery_point().map(str::to_owned);
    let inputs = (encryption.made, restorer);
    let file_system = graph.add("storage/file-system", &kinds.file_system, inputs, move |(made, role)| {
        let role = role.map(|role: RoleOutput| role.arn);
        let restore = begins_with.clone().zip(role).map(|(recovery_point, role)| Restore { recovery_point, role });
        file_system::Desired { throughput_mode, transition_to_ia_days, key: key(made), restore }
    });
    let mut open = |component: &str, door: Door| {
        graph.add(component, &kinds.access_point, file_system, move |file_system| access_point::Desired {
            file_system,
            door,
        })
    };
    let access_point = open(access_point::UPLOADS, Door::Uploads);
    let whole = restorer.map(|_| open(access_point::WHOLE, Door::Whole));
    let zones = blueprint.zones.iter().zip(&network.private);
    let mount_targets = zones.map(|(zone, subnet)| {
        let inputs = (file_system, *subnet, network.security_groups.files);
        graph.add(mount_target::name(&zone.letter), &kinds.mount_target, inputs, |(file_system, subnet, group)| {
            mount_target::Desired { file_system, subnet, security_groups: BTreeSet::from([group]) }
        })
    });
    let mount_targets = mount_targets.collect();
    Some(Storage { file_system, access_point, whole, mount_targets })
}

/// The disk of a site with one instance; nothing where uploads go elsewhere.
pub(super) fn disk(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    encryption: &Encryption,
) -> Option<Handle<volume::Disk>> {
    let spec = &blueprint.spec.shared_storage;
    if spec.kind != SharedStorageType::Ebs {
        return None;
    }
    let zones: Vec<String> = blueprint.zones.iter().map(|zone| zone.name.clone()).collect();
    let gibibytes = i32::try_from(spec.size.gib()).unwrap_or(i32::MAX);
    let key = encryption.key();
    let snapshot = spec.restore_from.as_ref().and_then(|from| from.snapshot_id.clone());
    Some(graph.add(volume::VOLUME, &kinds.volume, encryption.made, move |made| volume::Desired {
        zones: zones.clone(),
        gibibytes,
        key: key(made),
        snapshot: snapshot.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::StorageRestore;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn every_zone_has_its_address() {
        let nodes = |kind: SharedStorageType| {
            let mut spec = WordPressCluster::fixture().in_zones(2).spec;
            spec.shared_storage.kind = kind;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            let assembly = assemble(&blueprint, &Kinds::offline());
            let nodes = assembly.graph.nodes().filter(|(name, _)| name.starts_with("storage/"));
            nodes.map(|(name, kind)| format!("{name} {kind}")).collect::<Vec<_>>()
        };
        let expected = [
            "storage/file-system efs/file-system",
            "storage/access-point efs/access-point",
            "storage/mount-target-a efs/mount-target",
            "storage/mount-target-b efs/mount-target",
        ];
        assert_eq!(nodes(SharedStorageType::Efs), expected);
        assert_eq!(nodes(SharedStorageType::Ebs), ["storage/volume ec2/volume"]);
        assert!(nodes(SharedStorageType::None).is_empty());
    }

    #[test]
    fn a_file_system_that_begins_with_a_recovery_point_needs_the_role_of_backups_and_a_second_door() {
        let restored = |backups: bool| {
            let mut spec = WordPressCluster::fixture().spec;
            let point = "arn:aws:backup:eu-west-1:210987654321:recovery-point:1EB3";
            spec.shared_storage.restore_from =
                Some(StorageRestore { recovery_point_arn: Some(point.into()), snapshot_id: None });
            spec.backup.enabled = backups;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            let graph = assemble(&blueprint, &Kinds::offline()).graph;
            let edges: Vec<_> = graph.edges().iter().map(|edge| format!("{} {}", edge.from, edge.to)).collect();
            for edge in [
                "backup/role storage/file-system",
                "storage/restore-access-point compute/role",
                "storage/restore-access-point compute/launch-template",
            ] {
                assert!(edges.iter().any(|found| found == edge), "{edge} of {edges:#?}");
            }
            graph.nodes().filter(|(name, _)| name.starts_with("backup/")).count()
        };
        assert_eq!((restored(true), restored(false)), (4, 1));
    }
}
