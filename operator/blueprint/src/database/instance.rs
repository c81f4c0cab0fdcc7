//! What a primary, its replicas and the members of a cluster have in common: all are DB instances. See "Amazon RDS DB instances" in the Amazon RDS
//! User Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Disruption, Id, State};

use super::end::Ending;
use super::output::{Endpoint, Member};
use super::storage::Storage;
use super::version::{Step, step};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("rds:DescribeDBInstances");
/// Reads the last snapshot that an earlier delete has made.
pub const DESCRIBE_SNAPSHOTS: Action = Action::read("rds:DescribeDBSnapshots");
/// Changes it, and lifts its protection.
pub const MODIFY: Action = Action::write("rds:ModifyDBInstance");
/// Restarts it, for parameters that wait for that.
pub const REBOOT: Action = Action::write("rds:RebootDBInstance");
/// Writes its tags.
pub const TAG: Action = Action::write("rds:AddTagsToResource");
/// Removes it.
pub const DELETE: Action = Action::write("rds:DeleteDBInstance");
/// Makes the last snapshot, as a part of the delete.
pub const SNAPSHOT: Action = Action::write("rds:CreateDBSnapshot");

/// What is wanted of a primary and of a replica alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The engine's version, or the beginning of it.
    pub version: String,
    /// The size of its machine.
    pub class: String,
    /// Its disk.
    pub storage: Storage,
    /// Its parameters.
    pub parameter_group: Id,
    /// Who may reach it.
    pub security_groups: BTreeSet<Id>,
    /// The ARN of the role under which its operating system is monitored, if it is.
    pub monitoring: Option<String>,
}

/// What was found of a primary and of a replica alike; modifications that are under way count as made.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// The engine's version.
    pub version: String,
    /// The size of its machine.
    pub class: String,
    /// GiB.
    pub size: u32,
    /// GiB up to which it grows by itself.
    pub max: Option<u32>,
    /// Its kind of volume.
    pub kind: String,
    /// Operations a second of its volume, where it says so.
    pub iops: Option<u32>,
    /// Its parameters.
    pub parameter_group: Id,
    /// Parameters wait for a restart.
    pub awaits_restart: bool,
    /// Who may reach it.
    pub security_groups: BTreeSet<Id>,
    /// Whether it has a public address.
    pub public: bool,
    /// Whether AWS makes minor upgrades.
    pub minor_upgrades: bool,
    /// Whether its snapshots get its tags.
    pub copies_tags: bool,
    /// The ARN of the role under which its operating system is monitored, if it is.
    pub monitoring: Option<String>,
}

/// A DB instance as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Its identifier.
    pub name: Id,
    /// Its ARN.
    pub arn: Id,
    /// What tells it from an earlier one of its name: `db-ABCDEFGHIJKLMNOPQRSTUVWXYZ`.
    pub resource: String,
    /// RDS's word for its state.
    pub status: String,
    /// Where it answers, once it does.
    pub endpoint: Option<Endpoint>,
    /// The zone it is in now.
    pub zone: Option<String>,
    /// The subnets it may be in.
    pub subnet_group: Id,
    /// Days of backups; none are made with 0.
    pub backup_days: u32,
    /// Whether AWS refuses to delete it.
    pub protected: bool,
    /// The instance it replicates.
    pub source: Option<Id>,
    /// The key that its disk is encrypted with.
    pub key: Option<Id>,
    /// Up to when it can be restored, in seconds since 1970.
    pub restorable: Option<i64>,
    /// What it shares with others of its kind.
    pub running: Running,
}

/// Path of a change: the engine's version.
pub const VERSION: &str = "database.version";
/// Path of a change: the size of the machine.
pub const CLASS: &str = "database.instanceClass";
/// Path of a change: the parameter group.
pub const PARAMETER_GROUP: &str = "database.parameterGroup";
/// Path of a change: parameters that wait for a restart.
pub const RESTART: &str = "database.parameters";
/// Path of a change: the security groups.
pub const SECURITY_GROUPS: &str = "database.securityGroups";
/// Path of a change: the public address.
pub const PUBLIC: &str = "database.publicAccess";
/// Path of a change: minor upgrades.
pub const MINOR_UPGRADES: &str = "database.minorUpgrades";
/// Path of a change: tags of snapshots.
pub const COPIES_TAGS: &str = "database.snapshotTags";
/// Path of a change: enhanced monitoring.
pub const MONITORING: &str = "database.enhancedMonitoring";
/// How often enhanced monitoring looks, in seconds.
pub const MONITORING_SECONDS: i32 = 60;

impl Shape {
    /// The shape that a source takes while its replicas, with these versions, are not upgraded yet: it waits for them
    /// with its version and with the parameter group, which goes with the version.
    pub(super) fn after(&self, replicas: &[String], have: &Running) -> Self {
        let up = |version: &str| step(&self.version, version) == Step::Up;
        match up(&have.version) && replicas.iter().any(|version| up(version)) {
            true => {
                let (version, parameter_group) = (have.version.clone(), have.parameter_group.clone());
                Self { version, parameter_group, ..self.clone() }
            }
            false => self.clone(),
        }
    }

    /// Notes what differs. `restart` is what a restart does to the site.
    pub(super) fn compare(&self, have: &Instance, restart: Disruption, changes: &mut Changes) {
        let Self { version, class, storage, parameter_group, security_groups, monitoring } = self;
        let Running {
            version: release,
            class: machine,
            size: _,
            max: _,
            kind: _,
            iops: _,
            parameter_group: group,
            awaits_restart,
            security_groups: groups,
            public,
            minor_upgrades,
            copies_tags,
            monitoring: role,
        } = &have.running;
        match step(version, release) {
            Step::Up => changes.push(VERSION, release, version, Disruption::Interruption),
            Step::Down => changes.refuse(VERSION, release, version),
            Step::Stay => {}
        }
        changes.compare(CLASS, machine, class, restart);
        // Storage is changed once in six hours: while AWS still moves the data, a difference waits.
        if have.status != "storage-optimization" {
            storage.compare(&have.running, changes);
        }
        changes.compare(PARAMETER_GROUP, group, parameter_group, restart);
        changes.compare(RESTART, awaits_restart, &false, restart);
        changes.compare(SECURITY_GROUPS, groups, security_groups, Disruption::None);
        changes.compare(PUBLIC, public, &false, Disruption::None);
        changes.compare(MINOR_UPGRADES, minor_upgrades, &true, Disruption::None);
        changes.compare(COPIES_TAGS, copies_tags, &true, Disruption::None);
        changes.compare(MONITORING, role, monitoring, Disruption::None);
    }
}

impl Instance {
    /// What AWS would not let be deleted because of it.
    pub(super) fn holds(&self) -> Vec<Id> {
        let groups = [&self.subnet_group, &self.running.parameter_group].into_iter();
        groups.chain(&self.running.security_groups).chain(&self.key).cloned().collect()
    }

    /// What dependants learn of one among several.
    pub(super) fn member(&self, endpoint: &Endpoint) -> Member {
        Member {
            name: self.name.clone(),
            endpoint: endpoint.clone(),
            zone: self.zone.clone(),
            state: self.status.clone(),
        }
    }

    /// Its state, with an output made of where it answers. See "Viewing Amazon RDS DB instance status".
    pub(super) fn state<O>(&self, output: impl Fn(&Endpoint) -> O) -> State<O> {
        let usable = || self.endpoint.as_ref().map(&output);
        let settling = |reason| State::Settling { usable: usable(), reason };
        match self.status.as_str() {
            "available" | "backing-up" | "storage-optimization" | "storage-initialization" => {
                usable().map_or(settling("AwaitingEndpoint"), State::Ready)
            }
            "creating" => State::Settling { usable: None, reason: "Creating" },
            "deleting" | "delete-precheck" => State::Leaving,
            status if self.lost() => State::Dead { message: format!("RDS says {status}: it cannot be recovered") },
            "modifying" => settling("Modifying"),
            "rebooting" => settling("Rebooting"),
            "starting" => settling("Starting"),
            "upgrading" => settling("Upgrading"),
            status => match advice(status) {
                Some(advice) => State::Broken { usable: usable(), message: format!("RDS says {status}: {advice}") },
                None => settling("Changing"),
            },
        }
    }

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

    /// It will never work.
    pub(super) fn lost(&self) -> bool {
        const LOST: [&str; 5] =
            ["failed", "incompatible-create", "incompatible-restore", "insufficient-capacity", "restore-error"];
        LOST.contains(&self.status.as_str())
    }
}

/// What a person can do about a state that does not end by itself.
pub(super) fn advice(status: &str) -> Option<&'static str> {
    Some(match status {
        "stopped" | "stopping" => "start it; AWS does after seven days",
        "storage-full" => "raise database.storage.size",
        "incompatible-parameters" => "correct database.parameters",
        status if status.starts_with("inaccessible-encryption-credentials") => "give it back its key",
        status if status.starts_with("incompatible-") => "see its events in RDS",
        _ => return None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use wpc_engine::Delta;

    use super::super::storage::SIZE;
    use super::*;

    pub(in super::super) fn shape() -> Shape {
        Shape {
            version: "8.4".into(),
            class: "db.m7g.large".into(),
            storage: Storage { size: 50, max: 200, kind: "gp3" },
            parameter_group: "group-84".into(),
            security_groups: ["sg-1".into()].into(),
            monitoring: Some("arn:role".into()),
        }
    }

    pub(in super::super) fn instance() -> Instance {
        Instance {
            name: "blog-primary".into(),
            arn: "arn:aws:rds:x".into(),
            resource: "db-ABC123".into(),
            status: "available".into(),
            endpoint: Some(Endpoint { host: "blog-primary.rds".into(), port: 3306 }),
            zone: Some("us-east-1a".into()),
            subnet_group: "subnets".into(),
            backup_days: 7,
            protected: false,
            source: None,
            key: None,
            restorable: None,
            running: Running {
                version: "8.4.7".into(),
                class: "db.m7g.large".into(),
                size: 50,
                max: Some(200),
                kind: "gp3".into(),
                iops: Some(3000),
                parameter_group: "group-84".into(),
                awaits_restart: false,
                security_groups: ["sg-1".into()].into(),
                public: false,
                minor_upgrades: true,
                copies_tags: true,
                monitoring: Some("arn:role".into()),
            },
        }
    }

    pub(in super::super) fn paths(delta: Delta) -> Vec<String> {
        match delta {
            Delta::Same => vec![],
            Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
            Delta::Refused(changes) => changes.into_iter().map(|change| format!("!{}", change.path)).collect(),
        }
    }

    fn compared(change: impl Fn(&mut Shape, &mut Instance)) -> Vec<String> {
        let (mut want, mut have) = (shape(), instance());
        change(&mut want, &mut have);
        let mut changes = Changes::new();
        want.compare(&have, Disruption::Restart, &mut changes);
        paths(changes.delta())
    }

    #[test]
    fn each_field_has_its_meaning() {
        let none: [&str; 0] = [];
        assert_eq!(compared(|_, _| {}), none);
        assert_eq!(compared(|want, _| want.class = "db.m7g.xlarge".into()), [CLASS]);
        assert_eq!(compared(|want, _| want.version = "8.4.9".into()), [VERSION]);
        assert_eq!(compared(|want, _| want.version = "8.4.5".into()), none);
        assert_eq!(compared(|want, _| want.version = "8.0".into()), [format!("!{VERSION}")]);
        assert_eq!(compared(|_, have| have.running.parameter_group = "default.mysql8.4".into()), [PARAMETER_GROUP]);
        assert_eq!(compared(|_, have| have.running.awaits_restart = true), [RESTART]);
        assert_eq!(compared(|_, have| have.running.security_groups = [].into()), [SECURITY_GROUPS]);
        assert_eq!(compared(|_, have| have.running.public = true), [PUBLIC]);
        assert_eq!(compared(|_, have| have.running.minor_upgrades = false), [MINOR_UPGRADES]);
        assert_eq!(compared(|_, have| have.running.copies_tags = false), [COPIES_TAGS]);
        assert_eq!(compared(|_, have| have.running.monitoring = None), [MONITORING]);
        assert_eq!(compared(|want, _| want.monitoring = None), [MONITORING]);
    }

    #[test]
    fn storage_waits_while_aws_still_moves_it() {
        let grown = |status: &'static str| {
            compared(|want, have| {
                want.storage.size = 100;
                have.status = status.into();
            })
        };
        assert_eq!(grown("available"), [SIZE]);
        assert_eq!(grown("storage-optimization").len(), 0);
    }

    #[test]
    fn each_state_has_its_meaning() {
        let of = |status: &str| Instance { status: status.into(), ..instance() }.state(|endpoint| endpoint.port);
        for status in ["available", "backing-up", "storage-optimization"] {
            assert_eq!(of(status), State::Ready(3306), "{status}");
        }
        assert_eq!(of("creating"), State::Settling { usable: None, reason: "Creating" });
        assert_eq!(of("modifying"), State::Settling { usable: Some(3306), reason: "Modifying" });
        assert_eq!(of("configuring-log-exports"), State::Settling { usable: Some(3306), reason: "Changing" });
        assert_eq!(of("deleting"), State::Leaving);
        assert!(matches!(of("failed"), State::Dead { .. }));
        assert!(matches!(of("storage-full"), State::Broken { usable: Some(3306), .. }));
        assert!(matches!(of("incompatible-network"), State::Broken { .. }));
        let nowhere = Instance { endpoint: None, ..instance() }.state(|endpoint| endpoint.port);
        assert_eq!(nowhere, State::Settling { usable: None, reason: "AwaitingEndpoint" });
    }
}
