//! The instance that WordPress writes to. See "Creating an Amazon RDS DB instance" and "Deleting a DB instance" in the
//! Amazon RDS User Guide.

use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Kind, State};

use super::instance::{DELETE, DESCRIBE, DESCRIBE_SNAPSHOTS, Instance, MODIFY, REBOOT, SNAPSHOT, Shape, TAG};
use super::output::Database;
use super::recovery_point;
use super::restore::{self, Origin};
use crate::encryption;
use crate::iam::PASS;
use crate::secret::{Stored, VALUE};

/// Makes it.
pub const CREATE: Action = Action::write("rds:CreateDBInstance");

/// The kind.
#[derive(Debug, Clone)]
pub struct Primary;

/// What is wanted. It is always encrypted, never public, and takes minor upgrades.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The engine: `mysql`, `mariadb`.
    pub engine: &'static str,
    /// Who may do everything in it.
    pub username: &'static str,
    /// The database that it begins with.
    pub database: &'static str,
    /// Where the password is.
    pub credentials: Stored,
    /// The subnets it may be in.
    pub subnet_group: Id,
    /// Whether a standby in another zone takes over.
    pub multi_az: bool,
    /// Days of backups; none are made with 0.
    pub backup_days: u32,
    /// Whether AWS refuses to delete it.
    pub protected: bool,
    /// The key that its disk is encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
    /// Whose data it begins with.
    pub origin: Option<Origin>,
    /// What it shares with its replicas.
    pub shape: Shape,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What every DB instance has.
    pub instance: Instance,
    /// The engine.
    pub engine: String,
    /// Who may do everything in it.
    pub username: String,
    /// Whether its disk is encrypted.
    pub encrypted: bool,
    /// Whether a standby in another zone takes over.
    pub multi_az: bool,
    /// Whether its password is still that of what it was restored from.
    pub foreign_password: bool,
    /// The versions of its replicas: they are upgraded first.
    pub replicas: Vec<String>,
}

/// Path of a change: the standby.
pub const MULTI_AZ: &str = "database.multiAZ";
/// Path of a change: the days of backups.
pub const BACKUP_DAYS: &str = "database.backupRetentionDays";
/// Path of a change: the protection.
pub const PROTECTED: &str = "database.deletionProtection";

impl Kind for Primary {
    const NAME: &'static str = "rds/instance";
    const ACTIONS: &'static [Action] = &[
        DESCRIBE,
        DESCRIBE_SNAPSHOTS,
        VALUE,
        CREATE,
        restore::FROM_SNAPSHOT,
        restore::TO_TIME,
        MODIFY,
        REBOOT,
        TAG,
        restore::UNTAG,
        DELETE,
        SNAPSHOT,
        recovery_point::DELETE,
        PASS,
    ];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Database;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.instance.name.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        // Its snapshots from before upgrades stay as long as it does.
        let points = recovery_point::id(&have.instance.name);
        have.instance.holds().into_iter().chain([points]).collect()
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired {
            engine,
            username,
            database: _,
            credentials: _,
            subnet_group,
            multi_az,
            backup_days,
            protected,
            key,
            origin: _,
            shape,
        } = want;
        let Observed {
            instance,
            engine: found,
            username: user,
            encrypted,
            multi_az: standby,
            foreign_password,
            replicas,
        } = have;
        let mut changes = Changes::new();
        changes.refuse("database.engine", found, &(*engine).to_owned());
        changes.refuse("database.username", user, &(*username).to_owned());
        changes.refuse("database.subnetGroup", &instance.subnet_group, subnet_group);
        changes.refuse("encryption", encrypted, &true);
        if key.is_some() {
            changes.refuse(encryption::PATH, &instance.key, key);
        }
        restore::compare_password(*foreign_password, &mut changes);
        changes.compare(MULTI_AZ, standby, multi_az, Disruption::None);
        // AWS restarts an instance whose backups are switched on or off.
        let switched = (instance.backup_days == 0) != (*backup_days == 0);
        let backups = if switched { Disruption::Restart } else { Disruption::None };
        changes.compare(BACKUP_DAYS, &instance.backup_days, backup_days, backups);
        changes.compare(PROTECTED, &instance.protected, protected, Disruption::None);
        let restart = if *multi_az { Disruption::Restart } else { Disruption::Interruption };
        shape.after(replicas, &instance.running).compare(instance, restart, &mut changes);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Database> {
        have.instance.state(|endpoint| Database {
            name: have.instance.name.clone(),
            arn: have.instance.arn.clone(),
            endpoint: endpoint.clone(),
            reader: None,
            writer: None,
            zone: have.instance.zone.clone(),
            version: have.instance.running.version.clone(),
            restorable: have.instance.restorable,
        })
    }

    /// Its delete leaves a last snapshot.
    fn data(_: &Observed) -> Data {
        Data::Copied
    }
}

#[cfg(test)]
mod tests {
    use wpc_engine::Output;

    use super::super::instance::tests::{instance, paths, shape};
    use super::super::instance::{PARAMETER_GROUP, VERSION};
    use super::*;

    fn want() -> Desired {
        Desired {
            engine: "mysql",
            username: "wordpress",
            database: "wordpress",
            credentials: Stored::unknown("credentials"),
            subnet_group: "subnets".into(),
            multi_az: true,
            backup_days: 7,
            protected: false,
            key: None,
            origin: None,
            shape: shape(),
        }
    }

    fn have() -> Observed {
        Observed {
            instance: instance(),
            engine: "mysql".into(),
            username: "wordpress".into(),
            encrypted: true,
            multi_az: true,
            foreign_password: false,
            replicas: vec!["8.4.7".into()],
        }
    }

    fn differs(change: impl Fn(&mut Desired, &mut Observed)) -> Vec<String> {
        let (mut want, mut have) = (want(), have());
        change(&mut want, &mut have);
        paths(Primary::diff(&want, &have))
    }

    #[test]
    fn diff_knows_each_field() {
        let none: [&str; 0] = [];
        assert_eq!(differs(|_, _| {}), none);
        assert_eq!(differs(|want, _| want.multi_az = false), [MULTI_AZ]);
        assert_eq!(differs(|_, have| have.foreign_password = true), [restore::PASSWORD]);
        let origin = |want: &mut Desired, _: &mut Observed| want.origin = Some(Origin::Snapshot("before".into()));
        assert_eq!(differs(origin), none, "it has begun long ago");
        assert_eq!(differs(|want, _| want.backup_days = 14), [BACKUP_DAYS]);
        assert_eq!(differs(|want, _| want.protected = true), [PROTECTED]);
        assert_eq!(differs(|want, _| want.engine = "mariadb"), ["!database.engine"]);
        assert_eq!(differs(|_, have| have.username = "root".into()), ["!database.username"]);
        assert_eq!(differs(|_, have| have.instance.subnet_group = "others".into()), ["!database.subnetGroup"]);
        assert_eq!(differs(|_, have| have.encrypted = false), ["!encryption"]);
        assert_eq!(differs(|_, have| have.instance.key = Some("arn:aws-managed".into())), none);
        assert_eq!(differs(|want, _| want.key = Some("arn:own".into())), ["!encryption.kmsKey"]);
    }

    #[test]
    fn replicas_are_upgraded_first_and_the_parameter_group_goes_with_the_version() {
        let upgrade = |replicas: &'static [&'static str]| {
            differs(|want, have| {
                want.shape.version = "8.4.9".into();
                want.shape.parameter_group = "group-other".into();
                have.replicas = replicas.iter().map(|version| (*version).to_owned()).collect();
            })
        };
        let none: [&str; 0] = [];
        assert_eq!(upgrade(&["8.4.9", "8.4.7"]), none);
        assert_eq!(upgrade(&["8.4.9", "8.4.9"]), [VERSION, PARAMETER_GROUP]);
        assert_eq!(upgrade(&[]), [VERSION, PARAMETER_GROUP]);
    }

    #[test]
    fn it_holds_what_it_stands_on_and_tells_where_it_answers() {
        let points = format!("{}/recovery-point", have().instance.name);
        assert_eq!(Primary::holds(&have()), ["subnets", "group-84", "sg-1", &points].map(Id::from));
        let State::Ready(output) = Primary::state(&have()) else { panic!("it is available") };
        assert_eq!((output.endpoint.host.as_str(), output.zone.as_deref()), ("blog-primary.rds", Some("us-east-1a")));
        assert_eq!(Primary::data(&have()), Data::Copied);
    }
}
