//! A database that begins with the data of another one. See "Restoring to a DB instance" and "Restoring a DB instance to a
//! specified time" in the Amazon RDS User Guide, and "Restoring from a DB cluster snapshot" in the Amazon Aurora User Guide.
//!
//! It is made by a restore in place of a create, under the same name, and so once. A restore keeps the password of what it
//! restores: a tag says so until the site's own is set.

use jiff::Timestamp;
use wpc_api::v1alpha1::DatabaseRestore;
use wpc_engine::{Action, Changes, Disruption, Id};

use super::AURORA;
use super::version::{Step, family, step};
use crate::Unfit;

/// Makes an instance from a snapshot.
pub const FROM_SNAPSHOT: Action = Action::write("rds:RestoreDBInstanceFromDBSnapshot");
/// Makes an instance with the data that another one had.
pub const TO_TIME: Action = Action::write("rds:RestoreDBInstanceToPointInTime");
/// Makes a cluster from a snapshot.
pub const CLUSTER_FROM_SNAPSHOT: Action = Action::write("rds:RestoreDBClusterFromSnapshot");
/// Makes a cluster with the data that another one had.
pub const CLUSTER_TO_TIME: Action = Action::write("rds:RestoreDBClusterToPointInTime");
/// Takes [`PASSWORD_TAG`] off.
pub const UNTAG: Action = Action::write("rds:RemoveTagsFromResource");

/// The tag of a database whose password is still that of what it was restored from.
pub const PASSWORD_TAG: &str = "wordpresscluster.dev/password";
/// Its value.
pub const OF_SOURCE: &str = "of-source";
/// Path of a change: whose password it has.
pub const PASSWORD: &str = "database.password";

/// Notes that a restored database still has another's password.
pub(super) fn compare_password(foreign: bool, changes: &mut Changes) {
    if foreign {
        changes.push(PASSWORD, "of the source", "of the secret", Disruption::None);
    }
}

/// Where the first data come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A snapshot, by its id.
    Snapshot(String),
    /// Another database, by its id, and the time of whose data.
    Time(String, Timestamp),
}

impl Origin {
    const SNAPSHOT: &'static str = "database.restoreFrom.snapshotId";

    /// What the spec says.
    pub fn of(spec: &DatabaseRestore) -> Option<Self> {
        let DatabaseRestore { snapshot_id, source_id, time } = spec;
        match (snapshot_id, source_id, time) {
            (Some(id), _, _) => Some(Self::Snapshot(id.clone())),
            (None, Some(id), Some(time)) => Some(Self::Time(id.clone(), *time)),
            _ => None,
        }
    }

    fn what(&self) -> String {
        match self {
            Self::Snapshot(id) => format!("the snapshot {id}"),
            Self::Time(id, _) => format!("the database {id}"),
        }
    }

    fn field(&self) -> &'static str {
        match self {
            Self::Snapshot(_) => Self::SNAPSHOT,
            Self::Time(..) => "database.restoreFrom.sourceId",
        }
    }
}

/// What was found under the id of an origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its engine, as RDS names it.
    pub engine: String,
    /// The engine's version.
    pub version: String,
    /// Who may do everything in it.
    pub username: String,
    /// The size of its disk in GiB.
    pub gibibytes: u32,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key that it is encrypted with.
    pub key: Option<Id>,
    /// RDS's word for its state.
    pub status: String,
    /// Up to when it can be restored, in seconds since 1970, of a database with backups.
    pub latest: Option<i64>,
}

/// What it is to become.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The engine, as RDS names it.
    pub engine: &'a str,
    /// The beginning of its version.
    pub version: &'a str,
    /// Who may do everything in it.
    pub username: &'a str,
    /// The size of its disk in GiB.
    pub gibibytes: u32,
    /// The key that it is to be encrypted with, if one was named.
    pub key: Option<&'a Id>,
}

/// Whether a site can begin with what was found.
pub fn judge(origin: &Origin, found: Option<&Source>, wish: Wish<'_>) -> Result<(), Unfit> {
    let (what, field) = (origin.what(), origin.field());
    let unfit = |message: String| Err(Unfit { message, passes: false });
    let Some(source) = found else {
        let [_, thing, id] = what.splitn(3, ' ').collect::<Vec<_>>()[..] else { return unfit(what) };
        return unfit(format!("there is no {thing} {id} in this account and region. Correct {field}"));
    };
    if source.engine != wish.engine {
        let instead = match engine(&source.engine) {
            Some(engine) => format!("Write database.engine: {engine}, or name another one in {field}"),
            None => format!("No site runs on that: name another one in {field}"),
        };
        return unfit(format!(
            "{what} is of {}, and this site's database of {}. {instead}",
            source.engine, wish.engine
        ));
    }
    let same = family(wish.engine, wish.version) == family(wish.engine, &source.version);
    if !same || step(wish.version, &source.version) == Step::Down {
        let release: Vec<&str> = source.version.split('.').take(2).collect();
        return unfit(format!(
            "{what} is of version {}, and database.version is {}. Write database.version: \"{}\"; it can be raised when \
             the site is ready",
            source.version,
            wish.version,
            release.join(".")
        ));
    }
    if source.username != wish.username {
        return unfit(format!(
            "the master user of {what} is {}, and a site's is {}: RDS cannot rename it. Dump that database and load it \
             into a new site, or name another one in {field}",
            source.username, wish.username
        ));
    }
    let aurora = wish.engine == AURORA;
    if !aurora && source.gibibytes > wish.gibibytes {
        return unfit(format!(
            "{what} has {}Gi, and database.storage.size is {}Gi: storage never shrinks. Write database.storage.size: {0}Gi \
             or more",
            source.gibibytes, wish.gibibytes
        ));
    }
    // Aurora encrypts what it restores with the key that it is told.
    let sealed_anew = aurora && wish.key.is_some();
    if !source.encrypted && !sealed_anew {
        let instead = match aurora {
            true => "Name a key in encryption.kmsKey".to_owned(),
            false => format!("Copy a snapshot of it with a key, and name the copy in {}", Origin::SNAPSHOT),
        };
        return unfit(format!("{what} is not encrypted, and a site's database is. {instead}"));
    }
    if let (false, Some(key), Some(found)) = (aurora, wish.key, &source.key)
        && key != found
    {
        return unfit(format!(
            "{what} is encrypted with {found}, and stays so: the site's key is {key}. Write encryption.kmsKey: {found}, or \
             copy a snapshot of it with the site's key and name the copy in {}",
            Origin::SNAPSHOT
        ));
    }
    match (origin, source.latest) {
        (Origin::Snapshot(_), _) if source.status != "available" => Err(Unfit {
            message: format!("{what} is {}: it can be restored once it is available", source.status),
            passes: source.status != "failed",
        }),
        (Origin::Time(..), None) => unfit(format!(
            "{what} has no backups to restore. Take a snapshot of it, and name that in {}",
            Origin::SNAPSHOT
        )),
        (Origin::Time(_, time), Some(latest)) if time.as_second() > latest => {
            let latest = Timestamp::from_second(latest).unwrap_or_default();
            unfit(format!(
                "{what} can be restored up to {latest} so far. Write an earlier time in database.restoreFrom.time, or wait"
            ))
        }
        _ => Ok(()),
    }
}

/// An engine as the spec names it.
fn engine(name: &str) -> Option<&'static str> {
    Some(match name {
        "mysql" => "MySQL",
        "mariadb" => "MariaDB",
        AURORA => "AuroraMySQL",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        Source {
            engine: "mysql".into(),
            version: "8.4.7".into(),
            username: "wordpress".into(),
            gibibytes: 50,
            encrypted: true,
            key: Some("arn:one".into()),
            status: "available".into(),
            latest: Some("2026-01-31T12:00:00Z".parse::<Timestamp>().unwrap().as_second()),
        }
    }

    const WISH: Wish<'_> = Wish { engine: "mysql", version: "8.4", username: "wordpress", gibibytes: 50, key: None };

    fn snapshot() -> Origin {
        Origin::Snapshot("before".into())
    }

    fn at(time: &str) -> Origin {
        Origin::Time("blog".into(), time.parse().unwrap())
    }

    #[test]
    fn what_fits_is_taken() {
        for version in ["8.4", "8.4.5", "8.4.9"] {
            assert_eq!(judge(&snapshot(), Some(&source()), Wish { version, ..WISH }), Ok(()), "{version}");
        }
        assert_eq!(judge(&snapshot(), Some(&source()), Wish { gibibytes: 100, ..WISH }), Ok(()));
        assert_eq!(judge(&snapshot(), Some(&source()), Wish { key: Some(&"arn:one".into()), ..WISH }), Ok(()));
        assert_eq!(judge(&at("2026-01-31T12:00:00Z"), Some(&source()), WISH), Ok(()));
        let aurora = Source { engine: AURORA.into(), version: "8.0.mysql_aurora.3.10.1".into(), ..source() };
        let wish = Wish { engine: AURORA, version: "8.0", gibibytes: 20, ..WISH };
        assert_eq!(judge(&snapshot(), Some(&aurora), Wish { key: Some(&"arn:two".into()), ..wish }), Ok(()));
        let open = Source { encrypted: false, key: None, ..aurora };
        assert_eq!(judge(&snapshot(), Some(&open), Wish { key: Some(&"arn:two".into()), ..wish }), Ok(()));
        assert!(judge(&snapshot(), Some(&open), wish).is_err());
    }

    #[test]
    fn what_does_not_fit_says_what_to_write() {
        let of =
            |origin: &Origin, source: Option<Source>, wish| judge(origin, source.as_ref(), wish).unwrap_err().message;
        let is = |change: fn(&mut Source)| {
            let mut source = source();
            change(&mut source);
            of(&snapshot(), Some(source), WISH)
        };
        let two = Id::from("arn:two");
        for (said, words) in [
            (
                of(&snapshot(), None, WISH),
                "no snapshot before in this account and region. Correct database.restoreFrom",
            ),
            (of(&at("2026-01-01T00:00:00Z"), None, WISH), "no database blog in this account and region"),
            (is(|source| source.engine = "mariadb".into()), "Write database.engine: MariaDB"),
            (is(|source| source.engine = "postgres".into()), "No site runs on that"),
            (is(|source| source.version = "8.0.42".into()), "Write database.version: \"8.0\""),
            (is(|source| source.username = "admin".into()), "is admin, and a site's is wordpress"),
            (is(|source| source.gibibytes = 120), "Write database.storage.size: 120Gi"),
            (is(|source| source.encrypted = false), "Copy a snapshot of it with a key"),
            (is(|source| source.status = "creating".into()), "is creating: it can be restored once it is available"),
            (of(&snapshot(), Some(source()), Wish { key: Some(&two), ..WISH }), "Write encryption.kmsKey: arn:one"),
            (of(&at("2026-01-31T12:00:01Z"), Some(source()), WISH), "up to 2026-01-31T12:00:00Z so far"),
            (of(&at("2026-01-01T00:00:00Z"), Some(Source { latest: None, ..source() }), WISH), "no backups to restore"),
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }

    #[test]
    fn only_what_is_being_made_passes() {
        let passes = |status: &str| {
            judge(&snapshot(), Some(&Source { status: status.into(), ..source() }), WISH).unwrap_err().passes
        };
        assert!(passes("creating") && !passes("failed"));
        assert!(!judge(&snapshot(), None, WISH).unwrap_err().passes);
    }

    #[test]
    fn the_spec_names_one_of_both() {
        let none = DatabaseRestore::default();
        assert_eq!(Origin::of(&none), None);
        assert_eq!(
            Origin::of(&DatabaseRestore { snapshot_id: Some("before".into()), ..none.clone() }),
            Some(snapshot())
        );
        let time = "2026-01-31T12:00:00Z";
        let both = DatabaseRestore { source_id: Some("blog".into()), time: Some(time.parse().unwrap()), ..none };
        assert_eq!(Origin::of(&both), Some(at(time)));
    }
}
