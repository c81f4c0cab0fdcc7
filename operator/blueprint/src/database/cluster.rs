//! A cluster of Aurora: the data, which its instances share. See "Creating an Amazon Aurora DB cluster", "Aurora
//! serverless v2" and "Deleting Aurora DB clusters and DB instances" in the Amazon Aurora User Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Kind, State};

use super::AURORA;
use super::end::Ending;
use super::instance::{COPIES_TAGS, PARAMETER_GROUP, SECURITY_GROUPS, TAG, VERSION, advice};
use super::output::{Database, Endpoint};
use super::primary::{BACKUP_DAYS, PROTECTED};
use super::recovery_point;
use super::restore::{self, Origin};
use super::version::{Step, step};
use crate::encryption;
use crate::secret::{Stored, VALUE};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("rds:DescribeDBClusters");
/// Reads the last snapshot that an earlier delete has made.
pub const DESCRIBE_SNAPSHOTS: Action = Action::read("rds:DescribeDBClusterSnapshots");
/// Makes it.
pub const CREATE: Action = Action::write("rds:CreateDBCluster");
/// Changes it, and lifts its protection.
pub const MODIFY: Action = Action::write("rds:ModifyDBCluster");
/// Removes it.
pub const DELETE: Action = Action::write("rds:DeleteDBCluster");
/// Makes the last snapshot, as a part of the delete.
pub const SNAPSHOT: Action = Action::write("rds:CreateDBClusterSnapshot");

/// The component.
pub const COMPONENT: &str = "database/cluster";

/// The kind.
#[derive(Debug, Clone)]
pub struct Cluster;

/// What is wanted. It is always encrypted; Aurora's storage grows, and shrinks, by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The engine's version, or the beginning of it.
    pub version: String,
    /// Who may do everything in it.
    pub username: &'static str,
    /// The database that it begins with.
    pub database: &'static str,
    /// Where the password is.
    pub credentials: Stored,
    /// The subnets that its instances may be in.
    pub subnet_group: Id,
    /// Its parameters, and those of its instances.
    pub parameter_group: Id,
    /// Who may reach it.
    pub security_groups: BTreeSet<Id>,
    /// Days of backups.
    pub backup_days: u32,
    /// Whether AWS refuses to delete it.
    pub protected: bool,
    /// The key that its storage is encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
    /// Whose data it begins with.
    pub origin: Option<Origin>,
    /// How small and how large its serverless instances become.
    pub capacity: Option<Capacity>,
}

/// How small and how large serverless instances become, in Aurora capacity units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// At least.
    pub min: f64,
    /// At most.
    pub max: f64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its identifier.
    pub name: Id,
    /// Its ARN.
    pub arn: Id,
    /// What tells it from an earlier one of its name: `cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ`.
    pub resource: String,
    /// RDS's word for its state.
    pub status: String,
    /// The engine.
    pub engine: String,
    /// The engine's version.
    pub version: String,
    /// Who may do everything in it.
    pub username: String,
    /// Whether its data are encrypted.
    pub encrypted: bool,
    /// The key that they are encrypted with.
    pub key: Option<Id>,
    /// Up to when it can be restored, in seconds since 1970.
    pub restorable: Option<i64>,
    /// Where it answers writes.
    pub endpoint: Option<Endpoint>,
    /// Where it answers reads.
    pub reader: Option<Endpoint>,
    /// The instance that is written to now.
    pub writer: Option<Id>,
    /// The subnets that its instances may be in.
    pub subnet_group: Id,
    /// Its parameters.
    pub parameter_group: Id,
    /// Who may reach it.
    pub security_groups: BTreeSet<Id>,
    /// Days of backups.
    pub backup_days: u32,
    /// Whether AWS refuses to delete it.
    pub protected: bool,
    /// Whether its snapshots get its tags.
    pub copies_tags: bool,
    /// Whether its password is still that of what it was restored from.
    pub foreign_password: bool,
    /// How small and how large its serverless instances become.
    pub capacity: Option<Capacity>,
}

/// Path of a change: how small serverless instances become.
pub const MIN_CAPACITY: &str = "database.serverless.minCapacity";
/// Path of a change: how large serverless instances become.
pub const MAX_CAPACITY: &str = "database.serverless.maxCapacity";

impl Observed {
    /// What its end depends on.
    pub fn ending(&self) -> Ending<'_> {
        Ending {
            name: &self.name.0,
            resource: &self.resource,
            status: &self.status,
            protected: self.protected,
            lost: self.lost(),
            backup_days: self.backup_days,
        }
    }

    fn lost(&self) -> bool {
        const LOST: [&str; 3] = ["failed", "cloning-failed", "migration-failed"];
        LOST.contains(&self.status.as_str())
    }
}

impl Kind for Cluster {
    const NAME: &'static str = "rds/cluster";
    const ACTIONS: &'static [Action] = &[
        DESCRIBE,
        DESCRIBE_SNAPSHOTS,
        VALUE,
        CREATE,
        restore::CLUSTER_FROM_SNAPSHOT,
        restore::CLUSTER_TO_TIME,
        MODIFY,
        TAG,
        restore::UNTAG,
        DELETE,
        SNAPSHOT,
        recovery_point::DELETE_CLUSTER,
    ];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Database;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        let groups = [&have.subnet_group, &have.parameter_group].into_iter();
        // Its snapshots from before upgrades stay as long as it does.
        let points = recovery_point::id(&have.name);
        groups.chain(&have.security_groups).chain(&have.key).cloned().chain([points]).collect()
    }

    /// Which instance is the writer is no difference: it moves when another takes over.
    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired {
            version,
            username,
            database: _,
            credentials: _,
            subnet_group,
            parameter_group,
            security_groups,
            backup_days,
            protected,
            key,
            origin: _,
            capacity,
        } = want;
        let Observed {
            name: _,
            arn: _,
            resource: _,
            status: _,
            engine,
            version: release,
            username: user,
            encrypted,
            key: sealed,
            restorable: _,
            endpoint: _,
            reader: _,
            writer: _,
            subnet_group: subnets,
            parameter_group: group,
            security_groups: groups,
            backup_days: days,
            protected: protection,
            copies_tags,
            foreign_password,
            capacity: found,
        } = have;
        let mut changes = Changes::new();
        changes.refuse("database.engine", engine, &AURORA.to_owned());
        changes.refuse("database.username", user, &(*username).to_owned());
        changes.refuse("database.subnetGroup", subnets, subnet_group);
        changes.refuse("encryption", encrypted, &true);
        if key.is_some() {
            changes.refuse(encryption::PATH, sealed, key);
        }
        restore::compare_password(*foreign_password, &mut changes);
        match step(version, release) {
            Step::Up => changes.push(VERSION, release, version, Disruption::Interruption),
            Step::Down => changes.refuse(VERSION, release, version),
            Step::Stay => {}
        }
        changes.compare(PARAMETER_GROUP, group, parameter_group, Disruption::Restart);
        changes.compare(SECURITY_GROUPS, groups, security_groups, Disruption::None);
        changes.compare(BACKUP_DAYS, days, backup_days, Disruption::None);
        changes.compare(PROTECTED, protection, protected, Disruption::None);
        changes.compare(COPIES_TAGS, copies_tags, &true, Disruption::None);
        // Once given, the bounds stay; machines of a fixed size do not mind them.
        if let Some(Capacity { min, max }) = capacity {
            let units = |units: f64| Some(units.to_string());
            let (smallest, largest) = (found.map(|found| found.min), found.map(|found| found.max));
            changes.compare(MIN_CAPACITY, &smallest.and_then(units), &units(*min), Disruption::None);
            changes.compare(MAX_CAPACITY, &largest.and_then(units), &units(*max), Disruption::None);
        }
        changes.delta()
    }

    /// See "Viewing DB cluster status in an Amazon Aurora DB cluster" in the Amazon Aurora User Guide.
    fn state(have: &Observed) -> State<Database> {
        let usable = || {
            have.endpoint.as_ref().map(|endpoint| Database {
                name: have.name.clone(),
                arn: have.arn.clone(),
                endpoint: endpoint.clone(),
                reader: have.reader.clone(),
                writer: have.writer.clone(),
                zone: None,
                version: have.version.clone(),
                restorable: have.restorable,
            })
        };
        let settling = |reason| State::Settling { usable: usable(), reason };
        match have.status.as_str() {
            "available" | "backing-up" => usable().map_or(settling("AwaitingEndpoint"), State::Ready),
            "creating" => State::Settling { usable: None, reason: "Creating" },
            "deleting" => State::Leaving,
            status if have.lost() => State::Dead { message: format!("RDS says {status}: it cannot be recovered") },
            "modifying" => settling("Modifying"),
            "starting" => settling("Starting"),
            "upgrading" => settling("Upgrading"),
            "failing-over" => settling("FailingOver"),
            status => match advice(status) {
                Some(advice) => State::Broken { usable: usable(), message: format!("RDS says {status}: {advice}") },
                None => settling("Changing"),
            },
        }
    }

    /// Its delete leaves a last snapshot.
    fn data(_: &Observed) -> Data {
        Data::Copied
    }
}

#[cfg(test)]
mod tests {
    use wpc_engine::Removal;

    use super::super::end::{End, end};
    use super::super::instance::tests::paths;
    use super::*;

    fn want() -> Desired {
        Desired {
            version: "8.0.mysql_aurora.3.10".into(),
            username: "wordpress",
            database: "wordpress",
            credentials: Stored { arn: "arn:secret".into(), version: None, digest: None },
            subnet_group: "subnets".into(),
            parameter_group: "group-80".into(),
            security_groups: ["sg-1".into()].into(),
            backup_days: 7,
            protected: false,
            key: None,
            origin: None,
            capacity: None,
        }
    }

    fn have() -> Observed {
        let endpoint = |host: &str| Some(Endpoint { host: host.into(), port: 3306 });
        Observed {
            name: "blog-cluster".into(),
            arn: "arn:cluster".into(),
            resource: "cluster-ABC123".into(),
            status: "available".into(),
            engine: "aurora-mysql".into(),
            version: "8.0.mysql_aurora.3.10.1".into(),
            username: "wordpress".into(),
            encrypted: true,
            key: Some("arn:aws-managed".into()),
            restorable: None,
            endpoint: endpoint("writer.rds"),
            reader: endpoint("reader.rds"),
            writer: Some("blog-instance-1".into()),
            subnet_group: "subnets".into(),
            parameter_group: "group-80".into(),
            security_groups: ["sg-1".into()].into(),
            backup_days: 7,
            protected: false,
            copies_tags: true,
            foreign_password: false,
            capacity: None,
        }
    }

    fn differs(change: impl Fn(&mut Desired, &mut Observed)) -> Vec<String> {
        let (mut want, mut have) = (want(), have());
        change(&mut want, &mut have);
        paths(Cluster::diff(&want, &have))
    }

    #[test]
    fn diff_knows_each_field() {
        let none: [&str; 0] = [];
        assert_eq!(differs(|_, _| {}), none);
        assert_eq!(differs(|_, have| have.writer = Some("blog-instance-2".into())), none, "a failover is no drift");
        assert_eq!(differs(|want, _| want.backup_days = 14), [BACKUP_DAYS]);
        assert_eq!(differs(|want, _| want.protected = true), [PROTECTED]);
        assert_eq!(differs(|_, have| have.foreign_password = true), [restore::PASSWORD]);
        assert_eq!(differs(|_, have| have.copies_tags = false), [COPIES_TAGS]);
        assert_eq!(differs(|want, _| want.security_groups = [].into()), [SECURITY_GROUPS]);
        assert_eq!(differs(|want, _| want.parameter_group = "group-84".into()), [PARAMETER_GROUP]);
        assert_eq!(differs(|want, _| want.version = "8.4".into()), [VERSION]);
        assert_eq!(differs(|_, have| have.version = "8.4.7".into()), [format!("!{VERSION}")]);
        assert_eq!(differs(|_, have| have.engine = "mysql".into()), ["!database.engine"]);
        assert_eq!(differs(|_, have| have.username = "root".into()), ["!database.username"]);
        assert_eq!(differs(|_, have| have.subnet_group = "others".into()), ["!database.subnetGroup"]);
        assert_eq!(differs(|_, have| have.encrypted = false), ["!encryption"]);
        assert_eq!(differs(|want, _| want.key = Some("arn:own".into())), ["!encryption.kmsKey"]);
    }

    #[test]
    fn the_bounds_of_serverless_instances_are_compared_while_there_are_any() {
        let bounds = |min, max| Some(Capacity { min, max });
        let none: [&str; 0] = [];
        assert_eq!(differs(|want, _| want.capacity = bounds(0.5, 8.0)), [MIN_CAPACITY, MAX_CAPACITY]);
        assert_eq!(differs(|_, have| have.capacity = bounds(0.5, 8.0)), none);
        let higher = |want: &mut Desired, have: &mut Observed| {
            want.capacity = bounds(0.5, 16.0);
            have.capacity = bounds(0.5, 8.0);
        };
        assert_eq!(differs(higher), [MAX_CAPACITY]);
    }

    #[test]
    fn it_answers_while_another_instance_takes_over() {
        let state = |status: &str| Cluster::state(&Observed { status: status.into(), ..have() });
        let State::Ready(output) = state("available") else { panic!("it is available") };
        let reader = output.reader.as_ref().map(|reader| reader.host.as_str());
        assert_eq!((output.endpoint.host.as_str(), reader), ("writer.rds", Some("reader.rds")));
        assert_eq!(state("failing-over"), State::Settling { usable: Some(output), reason: "FailingOver" });
        assert_eq!(state("creating").usable(), None);
        assert!(matches!(state("stopped"), State::Broken { .. }));
        assert!(matches!(state("migration-failed"), State::Dead { .. }));
        let points = format!("{}/recovery-point", have().name);
        assert_eq!(Cluster::holds(&have()), ["subnets", "group-80", "sg-1", "arn:aws-managed", &points].map(Id::from));
    }

    #[test]
    fn its_end_leaves_a_snapshot_of_its_own() {
        let snapshot = Some("blog-cluster-cluster-abc123".to_owned());
        assert_eq!(end(have().ending(), Removal::Snapshot), End::Delete { snapshot, backups: false });
        assert_eq!(end(Observed { protected: true, ..have() }.ending(), Removal::Delete), End::Unprotect);
        assert_eq!(Cluster::data(&have()), Data::Copied);
    }
}
