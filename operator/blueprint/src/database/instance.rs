//! What a primary and its replicas have in common: both are DB instances. See "Amazon RDS DB instances" in the Amazon RDS
//! User Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Disruption, Id, Removal, State};

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

/// How large its disk is, and may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// GiB, at least.
    pub size: u32,
    /// GiB up to which it grows by itself; `size`: it does not.
    pub max: u32,
    /// Its kind of volume: `gp3`.
    pub kind: &'static str,
}

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
    /// What it shares with others of its kind.
    pub running: Running,
}

/// Where an instance answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name in DNS.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Path of a change: the engine's version.
pub const VERSION: &str = "database.version";
/// Path of a change: the size of the machine.
pub const CLASS: &str = "database.instanceClass";
/// Path of a change: the disk's size.
pub const SIZE: &str = "database.storage.size";
/// Path of a change: up to which size the disk grows by itself.
pub const MAX: &str = "database.storage.max";
/// Path of a change: the kind of volume.
pub const KIND: &str = "database.storage.type";
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

/// From this size on (GiB) a gp3 volume has [`STRIPED_IOPS`], and growth must name its IOPS.
pub const STRIPED: u32 = 400;
/// The baseline of a large gp3 volume.
pub const STRIPED_IOPS: u32 = 12_000;

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
        let Self { version, class, storage, parameter_group, security_groups } = self;
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
    }
}

impl Storage {
    /// Storage only grows, by hand or by itself: more than wanted is no difference.
    fn compare(&self, have: &Running, changes: &mut Changes) {
        if self.size > have.size {
            changes.push(SIZE, format!("{}Gi", have.size), format!("{}Gi", self.size), Disruption::None);
        }
        let limit = have.max.unwrap_or(have.size).max(self.floor(have));
        if limit != self.limit(have) {
            changes.push(MAX, format!("{limit}Gi"), format!("{}Gi", self.limit(have)), Disruption::None);
        }
        changes.compare(KIND, &have.kind, &self.kind.to_owned(), Disruption::None);
    }

    /// The size it has after a change.
    pub fn floor(&self, have: &Running) -> u32 {
        self.size.max(have.size)
    }

    /// The size up to which it grows by itself after a change; the size itself switches that off.
    pub fn limit(&self, have: &Running) -> u32 {
        self.max.max(self.floor(have))
    }

    /// Operations a second that growth must name: a large gp3 volume has a baseline of its own.
    pub fn iops(&self, have: &Running) -> Option<u32> {
        let striped = self.kind == "gp3" && self.floor(have) >= STRIPED;
        striped.then(|| have.iops.unwrap_or_default().max(STRIPED_IOPS))
    }
}

impl Instance {
    /// What AWS would not let be deleted because of it.
    pub(super) fn holds(&self) -> Vec<Id> {
        let groups = [&self.subnet_group, &self.running.parameter_group].into_iter();
        groups.chain(&self.running.security_groups).cloned().collect()
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

    /// It will never work.
    fn lost(&self) -> bool {
        const LOST: [&str; 5] =
            ["failed", "incompatible-create", "incompatible-restore", "insufficient-capacity", "restore-error"];
        LOST.contains(&self.status.as_str())
    }
}

/// What a person can do about a state that does not end by itself.
fn advice(status: &str) -> Option<&'static str> {
    Some(match status {
        "stopped" | "stopping" => "start it; AWS does after seven days",
        "storage-full" => "raise database.storage.size",
        "incompatible-parameters" => "correct database.parameters",
        status if status.starts_with("inaccessible-encryption-credentials") => "give it back its key",
        status if status.starts_with("incompatible-") => "see its events in RDS",
        _ => return None,
    })
}

/// How a delete of an instance goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its protection is lifted first, a step of its own.
    Unprotect,
    /// It is deleted.
    Delete {
        /// The name of the snapshot that is made first.
        snapshot: Option<String>,
        /// Whether its automated backups go too.
        backups: bool,
    },
    /// It cannot be deleted without losing what must not be lost; why.
    Refused(String),
}

/// The next step towards the end of an instance that holds data.
///
/// The snapshot's name ends in what tells this instance from an earlier one of its name, so each leaves its own.
pub fn end(have: &Instance, removal: Removal) -> End {
    // RDS takes no snapshot in these states.
    let dumb = have.lost() || have.status.starts_with("incompatible-");
    match removal {
        _ if have.protected => End::Unprotect,
        Removal::Delete => End::Delete { snapshot: None, backups: true },
        _ if !dumb => {
            let snapshot = format!("{}-{}", have.name, have.resource.to_ascii_lowercase());
            End::Delete { snapshot: Some(snapshot), backups: false }
        }
        _ if have.backup_days > 0 || have.lost() => End::Delete { snapshot: None, backups: false },
        _ => End::Refused(format!(
            "RDS takes no last snapshot of an instance that is {}, and there are no backups; repair it, or confirm that its data may go",
            have.status
        )),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use wpc_engine::Delta;

    use super::*;

    pub(in super::super) fn shape() -> Shape {
        Shape {
            version: "8.4".into(),
            class: "db.m7g.large".into(),
            storage: Storage { size: 50, max: 200, kind: "gp3" },
            parameter_group: "group-84".into(),
            security_groups: ["sg-1".into()].into(),
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
    }

    #[test]
    fn storage_only_grows() {
        let none: [&str; 0] = [];
        let sized = |size, max, found_size, found_max| {
            compared(|want, have| {
                want.storage = Storage { size, max, kind: "gp3" };
                (have.running.size, have.running.max) = (found_size, found_max);
            })
        };
        assert_eq!(sized(50, 200, 120, Some(200)), none, "it has grown by itself");
        assert_eq!(sized(50, 200, 200, Some(200)), none, "as far as it may");
        assert_eq!(sized(50, 50, 50, None), none);
        assert_eq!(sized(50, 200, 300, None), none, "by hand, beyond");
        assert_eq!(sized(100, 200, 50, Some(200)), [SIZE]);
        assert_eq!(sized(300, 400, 50, Some(200)), [SIZE, MAX]);
        assert_eq!(sized(50, 50, 50, Some(200)), [MAX]);
        assert_eq!(compared(|want, _| want.storage.kind = "gp2"), [KIND]);
        let busy = compared(|want, have| {
            want.storage.size = 100;
            have.status = "storage-optimization".into();
        });
        assert_eq!(busy, none);
    }

    #[test]
    fn growth_of_a_large_volume_names_its_iops() {
        let have = instance().running;
        let storage = |size, max, kind| Storage { size, max, kind };
        assert_eq!(storage(399, 500, "gp3").iops(&have), None);
        assert_eq!(storage(400, 500, "gp3").iops(&have), Some(12_000));
        assert_eq!(storage(400, 500, "gp3").iops(&Running { iops: Some(14_000), ..have.clone() }), Some(14_000));
        assert_eq!(storage(400, 500, "gp2").iops(&have), None);
        assert_eq!(storage(100, 50, "gp3").limit(&have), 100);
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

    #[test]
    fn the_end_leaves_a_copy_unless_told_otherwise() {
        let of = |removal, change: fn(&mut Instance)| {
            let mut have = instance();
            change(&mut have);
            end(&have, removal)
        };
        let snapshot = Some("blog-primary-db-abc123".to_owned());
        assert_eq!(of(Removal::Delete, |have| have.protected = true), End::Unprotect);
        assert_eq!(of(Removal::Snapshot, |_| {}), End::Delete { snapshot, backups: false });
        assert_eq!(of(Removal::Delete, |_| {}), End::Delete { snapshot: None, backups: true });
        let backups = End::Delete { snapshot: None, backups: false };
        assert_eq!(of(Removal::Snapshot, |have| have.status = "incompatible-network".into()), backups);
        let without = of(Removal::Snapshot, |have| {
            have.status = "incompatible-network".into();
            have.backup_days = 0;
        });
        assert!(matches!(without, End::Refused(_)));
    }
}
