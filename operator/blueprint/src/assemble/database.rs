use wpc_api::Area;
use wpc_api::quantity::Size;
use wpc_api::v1alpha1::DatabaseEngine;
use wpc_engine::{Data, Graph, Handle, Id};

use super::aurora::aurora;
use super::{Encryption, Network};
use crate::database::instance::Shape;
use crate::database::restore::Origin;
use crate::database::storage::Storage;
use crate::database::{
    SITE_USERNAME, USER, USERNAME, monitoring_role, output, parameter_group, primary, replica, subnet_group,
};
use crate::iam::{self, RoleOutput};
use crate::secret::{self, Format, Stored};
use crate::{Blueprint, Kinds};

/// The database that WordPress uses.
pub(super) const DATABASE: &str = "wordpress";
/// MySQL takes up to 41 characters.
const PASSWORD_LENGTH: usize = 40;

/// The database's outputs, whichever engine it has.
#[derive(Debug, Clone)]
pub struct Database {
    /// Where the master user's name and password are.
    pub secret: Handle<Stored>,
    /// Where those of WordPress's own user are.
    pub user: Handle<Stored>,
    /// What is written to: the primary, or the cluster.
    pub primary: Handle<output::Database>,
    /// The instances that are read from; of a cluster all, of which one is the writer.
    pub replicas: Vec<Handle<output::Member>>,
}

impl Database {
    /// The replicas with addresses of their own that reads go to: of a cluster none, whose readers have one in common.
    pub(super) fn followers(&self, blueprint: &Blueprint) -> Vec<Handle<output::Member>> {
        match blueprint.spec.database.engine {
            DatabaseEngine::AuroraMySql => Vec::new(),
            DatabaseEngine::MySql | DatabaseEngine::MariaDb => self.replicas.clone(),
        }
    }
}

/// What every engine stands on.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) secret: Handle<Stored>,
    pub(super) user: Handle<Stored>,
    pub(super) subnet_group: Handle<Id>,
    pub(super) security_group: Handle<Id>,
    /// Under which RDS monitors its instances, where the site is monitored.
    pub(super) monitoring: Option<Handle<RoleOutput>>,
    pub(super) encryption: &'a Encryption,
}

/// The database with its credentials and subnets.
pub(super) fn database(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    network: &Network,
    encryption: &Encryption,
) -> Database {
    let description = format!("database of WordPressCluster {}", blueprint.stack);
    let seal = encryption.key();
    let secret = graph.add("database/credentials", &kinds.secret, encryption.made, move |made| secret::Desired {
        description: description.clone(),
        format: Format::Login { username: USERNAME.into() },
        length: PASSWORD_LENGTH,
        data: Data::Copied,
        key: seal(made),
    });
    let description = format!("WordPress's user in the database of WordPressCluster {}", blueprint.stack);
    let seal = encryption.key();
    let user = graph.add(USER, &kinds.secret, encryption.made, move |made| secret::Desired {
        description: description.clone(),
        format: Format::Login { username: SITE_USERNAME.into() },
        length: PASSWORD_LENGTH,
        // The next instance that boots gives the user the password that is there then.
        data: Data::None,
        key: seal(made),
    });
    let subnets = network.private.clone();
    let subnet_group = graph.add("database/subnet-group", &kinds.database_subnets, subnets, |subnets| {
        subnet_group::Desired { subnets: subnets.into_iter().collect() }
    });
    let boundary = blueprint.boundary.clone();
    let monitoring = blueprint.spec.uses(Area::Monitoring).then(|| {
        let want = move |()| iam::Desired { boundary: boundary.clone() };
        graph.add(monitoring_role::COMPONENT, &kinds.monitoring_role, (), want)
    });
    let ground =
        Ground { secret, user, subnet_group, security_group: network.security_groups.database, monitoring, encryption };
    match blueprint.spec.database.engine {
        DatabaseEngine::AuroraMySql => aurora(graph, kinds, blueprint, ground),
        DatabaseEngine::MySql | DatabaseEngine::MariaDb => instances(graph, kinds, blueprint, ground),
    }
}

/// A primary with its parameters, and replicas spread over the zones that it is not in.
fn instances(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, ground: Ground<'_>) -> Database {
    let spec = &blueprint.spec.database;
    let Ground { secret, user, subnet_group, security_group, monitoring, encryption } = ground;
    let parameters = parameter_group::Desired::new(spec.engine.name(), spec.version(), &spec.parameters);
    let parameters = graph.add("database/parameters", &kinds.database_parameters, (), move |()| parameters.clone());

    let shape = shape(blueprint);
    let (engine, multi_az, protected) = (spec.engine.name(), spec.multi_az, spec.deletion_protection);
    let backup_days = spec.backup_retention_days.into();
    let (key, of_primary) = (encryption.key(), shape.clone());
    let origin = spec.restore_from.as_ref().and_then(Origin::of);
    let inputs = (secret, subnet_group, parameters, security_group, (monitoring, encryption.made));
    let primary = graph.add(
        "database/primary",
        &kinds.database,
        inputs,
        move |(credentials, subnet_group, parameters, group, (monitoring, made))| {
            let shape = of_primary(parameters, group, monitoring);
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
                origin: origin.clone(),
                shape,
            }
        },
    );
    let zones: Vec<String> = blueprint.zones.iter().map(|zone| zone.name.clone()).collect();
    let replica = |index: usize| {
        let (zones, shape) = (zones.clone(), shape.clone());
        let inputs = (primary, parameters, security_group, monitoring);
        graph.add(replica::component(index + 1), &kinds.replica, inputs, move |inputs| {
            let (primary, parameters, group, monitoring) = inputs;
            let zone = away_from(primary.zone.as_deref(), &zones, index);
            replica::Desired { source: primary.name, zone, shape: shape(parameters, group, monitoring) }
        })
    };
    let replicas = (0..spec.read_replicas.into()).map(replica).collect();
    Database { secret, user, primary, replicas }
}

/// What the spec says of primary and replicas alike, as a function of what they stand on: parameter group, security
/// group, role.
fn shape(blueprint: &Blueprint) -> impl Fn(Id, Id, Option<RoleOutput>) -> Shape + Clone + Send + Sync + 'static {
    let spec = &blueprint.spec.database;
    let gib = |size: Size| u32::try_from(size.gib()).unwrap_or(u32::MAX);
    let storage = Storage { size: gib(spec.storage.size), max: gib(spec.storage.max), kind: spec.storage.kind.name() };
    let class = spec.instance_class(blueprint.spec.compute.architecture).to_owned();
    let version = spec.version().to_owned();
    move |parameter_group, group, monitoring| Shape {
        version: version.clone(),
        class: class.clone(),
        storage,
        parameter_group,
        security_groups: [group].into(),
        monitoring: monitoring.map(|role| role.arn),
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
            "database/user secretsmanager/secret",
            "database/subnet-group rds/subnet-group",
            "database/monitoring-role iam/monitoring-role",
            "database/parameters rds/parameter-group",
            "database/primary rds/instance",
        ];
        let point = "database/recovery-point rds/recovery-point";
        assert_eq!(of(0), [&base[..], &[point]].concat());
        assert_eq!(of(2)[6..], ["database/replica-1 rds/replica", "database/replica-2 rds/replica", point]);
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
