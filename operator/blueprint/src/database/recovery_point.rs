//! The copy of the database from before WordPress is upgraded. See "Creating a DB snapshot" in the Amazon RDS User Guide and
//! "Creating a DB cluster snapshot" in the Amazon Aurora User Guide.
//!
//! There is one of these beside each database: what it wants is a snapshot named for the upgrade that is about to happen,
//! and an update of it takes that. Nothing runs the new WordPress before it is complete.
//!
//! # Guarantees
//! One snapshot for one upgrade, across crashes too: its name follows from the database and the upgrade. The last one
//! stays until the next is complete, and when the site goes, unless its data go with it.

use wpc_engine::{Action, Change, Delta, Disruption, Id, Identity, Kind, Output, State};

use super::{cluster, instance};
use crate::compute::code::Upgrade;

/// Reads the snapshots of instances.
pub const DESCRIBE: Action = instance::DESCRIBE_SNAPSHOTS;
/// Reads the snapshots of clusters.
pub const DESCRIBE_CLUSTER: Action = cluster::DESCRIBE_SNAPSHOTS;
/// Takes one of an instance.
pub const CREATE: Action = instance::SNAPSHOT;
/// Takes one of a cluster.
pub const CREATE_CLUSTER: Action = cluster::SNAPSHOT;
/// Removes one of an instance.
pub const DELETE: Action = Action::write("rds:DeleteDBSnapshot");
/// Removes one of a cluster.
pub const DELETE_CLUSTER: Action = Action::write("rds:DeleteDBClusterSnapshot");

/// The component.
pub const COMPONENT: &str = "database/recovery-point";
/// Why it is not ready while a snapshot is taken.
pub const TAKING: &str = "TakingSnapshot";

/// The kind.
#[derive(Debug, Clone)]
pub struct RecoveryPoint;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The database's identifier.
    pub database: Id,
    /// The upgrade that is about to happen.
    pub upgrade: Option<Upgrade>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The database's identifier and what this is: it has no place of its own.
    pub id: Id,
    /// The database's identifier.
    pub database: Id,
    /// What tells the database from an earlier one of its name.
    pub resource: String,
    /// Whether it is a cluster.
    pub cluster: bool,
    /// The snapshots from before upgrades, those on their way out left out.
    pub points: Vec<Point>,
}

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its name.
    pub name: String,
    /// When it was taken, in seconds since 1970.
    pub taken: Option<i64>,
    /// How far it is.
    pub phase: Phase,
}

/// How far a snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is being taken.
    Taking,
    /// It can be restored.
    Complete,
    /// It cannot, and never will.
    Failed,
}

impl Phase {
    /// RDS's word for the state of a snapshot.
    pub fn of(status: &str) -> Option<Self> {
        match status {
            "available" => Some(Self::Complete),
            "failed" => Some(Self::Failed),
            "deleting" | "deleted" => None,
            _ => Some(Self::Taking),
        }
    }
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// The complete ones, by the beginning of their names without the upgrade.
    prefix: String,
    /// Name and time of those that are complete.
    complete: Vec<(String, Option<i64>)>,
}

impl Output for Taken {
    fn unknown(_: &str) -> Self {
        Self::default()
    }
}

impl Taken {
    /// The complete snapshot from before an upgrade, and when it was taken.
    pub fn before(&self, upgrade: &Upgrade) -> Option<&(String, Option<i64>)> {
        let name = format!("{}{}", self.prefix, upgrade.slug());
        self.complete.iter().find(|(found, _)| *found == name)
    }

    /// The newest complete one.
    pub fn newest(&self) -> Option<&(String, Option<i64>)> {
        self.complete.iter().max_by_key(|(_, taken)| *taken)
    }
}

/// The path of the change that takes a snapshot.
pub const TAKE: &str = "database.recoveryPoint";
/// The path of the change that removes those that a newer one has replaced, and those that failed.
pub const OLDER: &str = "database.olderRecoveryPoints";

/// The id of what stands beside a database.
pub fn id(database: &Id) -> Id {
    Id(format!("{database}/recovery-point"))
}

/// What the names of a database's snapshots from before upgrades begin with.
pub fn prefix(database: &Id, resource: &str) -> String {
    format!("{database}-{}-before-", resource.to_ascii_lowercase())
}

impl Observed {
    /// The name of the snapshot from before an upgrade.
    pub fn name(&self, upgrade: &Upgrade) -> String {
        format!("{}{}", prefix(&self.database, &self.resource), upgrade.slug())
    }

    fn newest(&self) -> Option<&Point> {
        self.points.iter().filter(|point| point.phase == Phase::Complete).max_by_key(|point| point.taken)
    }

    /// Those that are of no use any more: a failed one, and all but the one to keep once that is complete.
    pub fn superfluous(&self, upgrade: Option<&Upgrade>) -> Vec<&Point> {
        let wanted = upgrade.map(|upgrade| self.name(upgrade));
        let complete = |point: &&Point| point.phase == Phase::Complete;
        let kept = match &wanted {
            Some(name) => self.points.iter().filter(complete).find(|point| point.name == *name),
            None => self.newest(),
        };
        let older = |point: &&Point| kept.is_some_and(|kept| kept.name != point.name && point.phase != Phase::Taking);
        self.points.iter().filter(|point| point.phase == Phase::Failed || older(point)).collect()
    }
}

impl Kind for RecoveryPoint {
    const NAME: &'static str = "rds/recovery-point";
    const ACTIONS: &'static [Action] = &[
        instance::DESCRIBE,
        cluster::DESCRIBE,
        DESCRIBE,
        DESCRIBE_CLUSTER,
        CREATE,
        CREATE_CLUSTER,
        DELETE,
        DELETE_CLUSTER,
        instance::TAG,
    ];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Taken;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { database: _, upgrade } = want;
        let Observed { id: _, database: _, resource: _, cluster: _, points } = have;
        let change =
            |path: &str, from: String, to: String| Change { path: path.into(), from, to, disruption: Disruption::None };
        let superfluous = have.superfluous(upgrade.as_ref());
        if !superfluous.is_empty() {
            let names: Vec<_> = superfluous.iter().map(|point| point.name.as_str()).collect();
            return Delta::Update(vec![change(OLDER, names.join(","), "none".into())]);
        }
        let wanted = upgrade.as_ref().map(|upgrade| have.name(upgrade));
        match wanted.filter(|name| points.iter().all(|point| point.name != *name)) {
            Some(name) => Delta::Update(vec![change(TAKE, "none".into(), name)]),
            None => Delta::Same,
        }
    }

    fn state(have: &Observed) -> State<Taken> {
        let complete = have.points.iter().filter(|point| point.phase == Phase::Complete);
        let taken = Taken {
            prefix: prefix(&have.database, &have.resource),
            complete: complete.map(|point| (point.name.clone(), point.taken)).collect(),
        };
        match have.points.iter().any(|point| point.phase == Phase::Taking) {
            true => State::Settling { usable: Some(taken), reason: TAKING },
            false => State::Ready(taken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::code::tests::code;

    fn upgrade(from: &str, to: &str) -> Upgrade {
        Upgrade { from: code(from), to: code(to) }
    }

    fn point(from: &str, to: &str, taken: i64, phase: Phase) -> Point {
        let name = format!("blog-primary-db-abc-before-{}", upgrade(from, to).slug());
        Point { name, taken: Some(taken), phase }
    }

    fn have(points: Vec<Point>) -> Observed {
        let database = Id::from("blog-primary");
        Observed { id: id(&database), database, resource: "db-ABC".into(), cluster: false, points }
    }

    fn does(to: Option<Upgrade>, points: Vec<Point>) -> Option<(String, String, String)> {
        let want = Desired { database: "blog-primary".into(), upgrade: to };
        match RecoveryPoint::diff(&want, &have(points)) {
            Delta::Same => None,
            Delta::Update(mut changes) if changes.len() == 1 => {
                changes.pop().map(|change| (change.path, change.from, change.to))
            }
            delta => panic!("{delta:?}"),
        }
    }

    #[test]
    fn one_for_one_upgrade_and_the_last_one_stays() {
        use Phase::{Complete, Failed, Taking};
        let old = || point("6.7.1", "6.8.8", 1, Complete);
        let new = |phase| point("6.8.8", "6.9.9", 2, phase);
        let to = || Some(upgrade("6.8.8", "6.9.9"));
        let takes = || Some((TAKE.to_owned(), "none".to_owned(), new(Taking).name));
        let removes = |point: Point| Some((OLDER.to_owned(), point.name, "none".to_owned()));
        assert_eq!(does(None, vec![]), None, "a new site");
        assert_eq!(does(to(), vec![]), takes());
        assert_eq!(does(to(), vec![old()]), takes(), "the old one stays meanwhile");
        assert_eq!(does(to(), vec![old(), new(Taking)]), None);
        assert_eq!(does(to(), vec![old(), new(Complete)]), removes(old()));
        assert_eq!(does(to(), vec![new(Complete)]), None, "once");
        assert_eq!(does(None, vec![new(Complete)]), None, "it is kept afterwards");
        assert_eq!(does(None, vec![old(), new(Complete)]), removes(old()), "after a crash");
        assert_eq!(does(to(), vec![old(), new(Failed)]), removes(new(Failed)), "and then once more");
        assert_eq!(does(None, vec![old(), new(Taking)]), None, "what is taken cannot be removed");
    }

    #[test]
    fn it_is_known_when_it_is_complete() {
        use Phase::{Complete, Taking};
        let to = upgrade("6.8.8", "6.9.9");
        let of = |phase| RecoveryPoint::state(&have(vec![point("6.8.8", "6.9.9", 7, phase)]));
        let State::Settling { usable: Some(taken), reason: TAKING } = of(Taking) else { panic!("{:?}", of(Taking)) };
        assert_eq!(taken.before(&to), None);
        let State::Ready(taken) = of(Complete) else { panic!("{:?}", of(Complete)) };
        let name = "blog-primary-db-abc-before-wordpress-6-8-8-to-6-9-9".to_owned();
        assert_eq!(taken.before(&to), Some(&(name, Some(7))));
        assert_eq!(taken.before(&upgrade("6.8.8", "7.0.7")), None);
        assert_eq!(taken.newest().map(|(_, taken)| *taken), Some(Some(7)));
        assert_eq!(Phase::of("deleting"), None);
        assert_eq!(Phase::of("copying"), Some(Taking));
    }
}
