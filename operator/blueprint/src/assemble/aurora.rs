use std::collections::BTreeSet;

use wpc_api::v1alpha1::Serverless;
use wpc_engine::Graph;

use super::database::{DATABASE, Database, Ground};
use crate::database::cluster::{self, Capacity};
use crate::database::restore::Origin;
use crate::database::{AURORA, USERNAME, cluster_instance, parameter_group};
use crate::{Blueprint, Kinds};

/// A cluster with its parameters, and its instances spread over the zones: the writer, and a reader for each replica that
/// is asked for. Which of them is the writer is Aurora's.
pub(super) fn aurora(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, ground: Ground<'_>) -> Database {
    let spec = &blueprint.spec.database;
    let Ground { secret, user, subnet_group, security_group, monitoring, encryption } = ground;
    let parameters = parameter_group::Desired::new(AURORA, spec.version(), &spec.parameters);
    let parameters =
        graph.add("database/cluster-parameters", &kinds.cluster_parameters, (), move |()| parameters.clone());

    let version = spec.version().to_owned();
    let (protected, backup_days) = (spec.deletion_protection, spec.backup_retention_days.into());
    let capacity = spec.serverless.as_ref().and_then(capacity);
    let key = encryption.key();
    let origin = spec.restore_from.as_ref().and_then(Origin::of);
    let inputs = (secret, subnet_group, parameters, security_group, encryption.made);
    let cluster = graph.add(cluster::COMPONENT, &kinds.database_cluster, inputs, move |inputs| {
        let (credentials, subnet_group, parameter_group, security_group, made) = inputs;
        cluster::Desired {
            version: version.clone(),
            username: USERNAME,
            database: DATABASE,
            credentials,
            subnet_group,
            parameter_group,
            security_groups: BTreeSet::from([security_group]),
            backup_days,
            protected,
            key: key(made),
            origin: origin.clone(),
            capacity,
        }
    });

    let class = spec.instance_class(blueprint.spec.compute.architecture).to_owned();
    let instance = |index: u8| {
        let zone = blueprint.zones.get(usize::from(index) % blueprint.zones.len().max(1)).map(|zone| zone.name.clone());
        let (class, name) = (class.clone(), cluster_instance::component(usize::from(index) + 1));
        graph.add(name, &kinds.cluster_instance, (cluster, subnet_group, monitoring), move |inputs| {
            let (cluster, subnet_group, monitoring) = inputs;
            cluster_instance::Desired {
                cluster: cluster.name,
                subnet_group,
                class: class.clone(),
                zone: zone.clone(),
                // The first two follow the writer's size where they are serverless, so that either takes over at once.
                tier: index.min(LAST_TIER),
                monitoring: monitoring.map(|role| role.arn),
            }
        })
    };
    let replicas = (0..=spec.read_replicas).map(instance).collect();
    Database { secret, user, primary: cluster, replicas }
}

/// The tier of those that take over last.
const LAST_TIER: u8 = 15;

fn capacity(serverless: &Serverless) -> Option<Capacity> {
    let Serverless { min_capacity, max_capacity } = serverless;
    Some(Capacity { min: min_capacity.parse().ok()?, max: max_capacity.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::DatabaseEngine;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn a_writer_and_its_readers_stand_on_a_cluster() {
        let mut spec = WordPressCluster::fixture().with_replicas(1).spec;
        spec.database.engine = DatabaseEngine::AuroraMySql;
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("default", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let nodes = graph.nodes().filter(|(name, _)| name.starts_with("database/"));
        let expected = [
            "database/credentials secretsmanager/secret",
            "database/user secretsmanager/secret",
            "database/subnet-group rds/subnet-group",
            "database/monitoring-role iam/monitoring-role",
            "database/cluster-parameters rds/cluster-parameter-group",
            "database/cluster rds/cluster",
            "database/instance-1 rds/cluster-instance",
            "database/instance-2 rds/cluster-instance",
            "database/recovery-point rds/recovery-point",
        ];
        assert_eq!(nodes.map(|(name, kind)| format!("{name} {kind}")).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn capacity_is_read_as_it_is_written() {
        let serverless = Serverless { min_capacity: "0.5".into(), max_capacity: "16".into() };
        assert_eq!(capacity(&serverless), Some(Capacity { min: 0.5, max: 16.0 }));
    }
}
