use wpc_api::quantity::Size;
use wpc_engine::{Data, Graph, Handle, Id};

use super::{Encryption, Network};
use crate::database::instance::Shape;
use crate::database::storage::Storage;
use crate::database::{parameter_group, primary, replica, subnet_group};
use crate::secret::{self, Format, Stored};
use crate::{Blueprint, Kinds};

/// Who WordPress is in the database.
const USERNAME: &str = "wordpress";
/// The database that WordPress uses.
const DATABASE: &str = "wordpress";
/// MySQL takes up to 41 characters.
const PASSWORD_LENGTH: usize = 40;

/// The database's outputs.
#[derive(Debug, Clone)]
pub struct Database {
    /// Where user name and password are.
    pub secret: Handle<Stored>,
    /// The instance that is written to.
    pub primary: Handle<primary::Output>,
    /// The instances that are only read from.
    pub replicas: Vec<Handle<replica::Output>>,
}

/// A primary with its credentials and parameters, and replicas spread over the zones that it is not in.
pub(super) fn database(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    network: &Network,
    encryption: &Encryption,
) -> Database {
    let spec = &blueprint.spec.database;
    let description = format!("database of WordPressCluster {}", blueprint.stack);
    let (key, seal) = (encryption.key(), encryption.key());
    let secret = graph.add("database/credentials", &kinds.secret, encryption.made, move |made| secret::Desired {
        description: description.clone(),
        format: Format::Login { username: USERNAME.into() },
        length: PASSWORD_LENGTH,
        data: Data::Copied,
        key: seal(made),
    });
    let subnets = network.private.clone();
    let subnet_group = graph.add("database/subnet-group", &kinds.database_subnets, subnets, |subnets| {
        subnet_group::Desired { subnets: subnets.into_iter().collect() }
    });
    let parameters = parameter_group::Desired::new(spec.engine.name(), spec.version(), &spec.parameters);
    let parameters = graph.add("database/parameters", &kinds.database_parameters, (), move |()| parameters.clone());

    let (shape, group) = (shape(blueprint), network.security_groups.database);
    let (engine, multi_az, protected) = (spec.engine.name(), spec.multi_az, spec.deletion_protection);
    let backup_days = spec.backup_retention_days.into();
    let (inputs, of_primary) = ((secret, subnet_group, parameters, group, encryption.made), shape.clone());
    let primary = graph.add(
        "database/primary",
        &kinds.database,
        inputs,
        move |(credentials, subnet_group, parameters, group, made)| {
            let shape = of_primary(parameters, group);
            let (username, database) = (USERNAME, DATABASE);
            primary::Desired {
                engine,
                username,
                database,
                credentials,
                subnet_group,
                multi_az,
                backup_days,
                protected,
                key: key(made),
                shape,
            }
        },
    );
    let zones: Vec<String> = blueprint.zones.iter().map(|zone| zone.name.clone()).collect();
    let replica = |index: usize| {
        let (zones, shape, inputs) = (zones.clone(), shape.clone(), (primary, parameters, group));
        graph.add(replica::component(index + 1), &kinds.replica, inputs, move |(primary, parameters, group)| {
            let zone = away_from(primary.zone.as_deref(), &zones, index);
            replica::Desired { source: primary.name, zone, shape: shape(parameters, group) }
        })
    };
    let replicas = (0..spec.read_replicas.into()).map(replica).collect();
    Database { secret, primary, replicas }
}

/// What the spec says of primary and replicas alike, as a function of the parameter group and the security group.
fn shape(blueprint: &Blueprint) -> impl Fn(Id, Id) -> Shape + Clone + Send + Sync + 'static {
    let spec = &blueprint.spec.database;
    let gib = |size: Size| u32::try_from(size.gib()).unwrap_or(u32::MAX);
    let storage = Storage { size: gib(spec.storage.size), max: gib(spec.storage.max), kind: spec.storage.kind.name() };
    let class = spec.instance_class(blueprint.spec.compute.architecture).to_owned();
    let version = spec.version().to_owned();
    move |parameter_group, group| Shape {
        version: version.clone(),
        class: class.clone(),
        storage,
        parameter_group,
        security_groups: [group].into(),
    }
}

/// The zone of the replica with this index: each in another one, none in the primary's, as far as there are zones.
fn away_from(primary: Option<&str>, zones: &[String], index: usize) -> Option<String> {
    let others: Vec<&String> = zones.iter().filter(|zone| Some(zone.as_str()) != primary).collect();
    let zones = if others.is_empty() { zones.iter().collect() } else { others };
    zones.get(index % zones.len().max(1)).map(|zone| (*zone).clone())
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn each_replica_is_a_thing_of_its_own() {
        let of = |replicas| {
            let spec = WordPressCluster::fixture().with_replicas(replicas).spec;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("default", "press", "gazette"), &facts).unwrap();
            let graph = assemble(&blueprint, &Kinds::offline()).graph;
            let nodes = graph.nodes().filter(|(name, _)| name.starts_with("database/"));
            nodes.map(|(name, kind)| format!("{name} {kind}")).collect::<Vec<_>>()
        };
        let base = [
            "database/credentials secretsmanager/secret",
            "database/subnet-group rds/subnet-group",
            "database/parameters rds/parameter-group",
            "database/primary rds/instance",
        ];
        assert_eq!(of(0), base);
        assert_eq!(of(2)[4..], ["database/replica-1 rds/replica", "database/replica-2 rds/replica"]);
    }

    #[test]
    fn replicas_spread_over_the_zones_that_the_primary_is_not_in() {
        let zones = ["a", "b", "c"].map(str::to_owned);
        let places =
            |primary: Option<&str>| (0..3).map(|index| away_from(primary, &zones, index).unwrap()).collect::<Vec<_>>();
        assert_eq!(places(Some("b")), ["a", "c", "a"]);
        assert_eq!(places(None), ["a", "b", "c"]);
        assert_eq!(away_from(Some("a"), &zones[..1], 4).as_deref(), Some("a"));
    }
}
