//! RDS.

use super::{Check, Look, Rule, text, unless};
use crate::gateway::protocol::service::RDS;
use crate::gateway::protocol::{Request, Tree};

const RULE: Rule = Rule { service: RDS, about: "rds/instance", ..Rule::NONE };
const STATE: Rule = Rule { code: "InvalidDBInstanceState", ..RULE };
const COMBINATION: Rule = Rule { code: "InvalidParameterCombination", ..RULE };

const DATABASE: Look = Look::one("rds/instance", "DBInstanceIdentifier", "DBInstanceIdentifier");
const GROUP: Look = Look::one("rds/subnet-group", "DBSubnetGroupName", "DBSubnetGroupName");
const SOURCE: Look = Look::one("rds/instance", "SourceDBInstanceIdentifier", "DBInstanceIdentifier");

pub(super) const RULES: &[Rule] = &[
    Rule {
        actions: &["ModifyDBInstance", "RebootDBInstance", "PromoteReadReplica", "CreateDBSnapshot"],
        when: "it is not available",
        check: Check::Seen(DATABASE, |_, database| unavailable(database)),
        page: "API_ModifyDBInstance: InvalidDBInstanceState",
        ..STATE
    },
    Rule {
        actions: &["DeleteDBInstance"],
        when: "it is protected",
        check: Check::Seen(DATABASE, |_, database| {
            let message = "Cannot delete protected DB Instance, please disable deletion protection and try again.";
            (text(database, "DeletionProtection") == "true").then(|| message.into())
        }),
        page: "USER_DeleteInstance: deletion protection",
        ..COMBINATION
    },
    Rule {
        actions: &["DeleteDBInstance"],
        when: "it is not said whether a final snapshot is to be taken, or both yes and no",
        check: Check::Seen(DATABASE, |request, _| undecided_snapshot(request)),
        page: "API_DeleteDBInstance: SkipFinalSnapshot, FinalDBSnapshotIdentifier",
        ..COMBINATION
    },
    Rule {
        actions: &["DeleteDBInstance"],
        when: "it is not available",
        check: Check::Seen(DATABASE, |_, database| unavailable(database)),
        page: "API_DeleteDBInstance: InvalidDBInstanceState",
        ..STATE
    },
    Rule {
        about: "rds/snapshot",
        actions: &["DeleteDBInstance"],
        code: "DBSnapshotAlreadyExists",
        when: "the name of its final snapshot is taken",
        check: Check::Seen(
            Look::one("rds/snapshot", "FinalDBSnapshotIdentifier", "DBSnapshotIdentifier"),
            |_, snapshot| {
                Some(format!("Cannot create the snapshot because {} exists.", text(snapshot, "DBSnapshotIdentifier")))
            },
        ),
        page: "API_DeleteDBInstance: DBSnapshotAlreadyExists",
        ..RULE
    },
    Rule {
        actions: &["CreateDBInstanceReadReplica"],
        when: "its source is not available, or has no backups",
        check: Check::Seen(SOURCE, |_, source| unavailable(source).or_else(|| without_backups(source))),
        page: "USER_ReadRepl: automatic backups must be enabled on the source",
        ..STATE
    },
    Rule {
        about: "rds/subnet-group",
        actions: &["DeleteDBSubnetGroup"],
        code: "InvalidDBSubnetGroupStateFault",
        when: "an instance lies in it",
        check: Check::Held { what: "rds/subnet-group", param: "DBSubnetGroupName" },
        page: "API_DeleteDBSubnetGroup: must not be associated with any DB instances",
        ..RULE
    },
    Rule {
        about: "rds/parameter-group",
        actions: &["DeleteDBParameterGroup"],
        code: "InvalidDBParameterGroupState",
        when: "an instance uses it",
        check: Check::Held { what: "rds/parameter-group", param: "DBParameterGroupName" },
        page: "API_DeleteDBParameterGroup: cannot be associated with any DB instances",
        ..RULE
    },
    Rule {
        about: "rds/subnet-group",
        actions: &["CreateDBSubnetGroup"],
        code: "DBSubnetGroupAlreadyExists",
        when: "the name is taken",
        check: Check::Seen(GROUP, |_, group| {
            Some(format!("The DB subnet group '{}' already exists.", text(group, "DBSubnetGroupName")))
        }),
        page: "API_CreateDBSubnetGroup: DBSubnetGroupAlreadyExists",
        ..RULE
    },
    Rule {
        actions: &["CreateDBInstanceReadReplica"],
        when: "RDS manages the password of its source",
        check: Check::Seen(SOURCE, |_, source| {
            let managed = !source.items("MasterUserSecret/SecretArn").is_empty() && is_not_sql_server(source);
            managed.then(|| "A source whose password is managed in Secrets Manager can't have read replicas.".into())
        }),
        page: "rds-secrets-manager: limitations",
        ..STATE
    },
    Rule {
        actions: &["ModifyDBInstance"],
        when: "RDS is to manage the password of a source of replicas",
        check: Check::Seen(DATABASE, |request, source| {
            let managed = request.params.get("ManageMasterUserPassword") == Some("true") && is_not_sql_server(source);
            let replicas = !source.items("ReadReplicaDBInstanceIdentifiers/*").is_empty();
            (managed && replicas).then(|| "ManageMasterUserPassword can't be set for a source of read replicas.".into())
        }),
        page: "rds-secrets-manager: limitations",
        ..COMBINATION
    },
    Rule {
        actions: &["ModifyDBInstance"],
        when: "its storage would shrink",
        check: Check::Seen(DATABASE, |request, database| {
            let (want, have) = storage(request, database)?;
            (want < have).then(|| format!("Requested storage of {want} GiB is less than the {have} GiB it has."))
        }),
        page: "USER_PIOPS.ModifyingExisting: storage can't be reduced",
        ..COMBINATION
    },
    Rule {
        actions: &["ModifyDBInstance"],
        when: "its storage was changed in the last six hours",
        check: Check::Again {
            look: DATABASE,
            change: |request, database| storage(request, database).is_some_and(|(want, have)| want != have),
            secs: 6 * 3600,
        },
        page: "USER_PIOPS.ModifyingExisting: six hours, or until storage optimization is done",
        ..COMBINATION
    },
];

/// A deletion says either that it skips the final snapshot or what that is called.
pub(super) fn undecided_snapshot(request: &Request) -> Option<String> {
    let skip = request.params.get("SkipFinalSnapshot") == Some("true");
    match (skip, request.params.get("FinalDBSnapshotIdentifier")) {
        (true, Some(_)) => {
            Some("FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.".into())
        }
        (false, None) => Some("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.".into()),
        _ => None,
    }
}

/// The storage that is asked for, and what there is.
fn storage(request: &Request, database: &Tree) -> Option<(u32, u32)> {
    let want = request.params.get("AllocatedStorage")?.parse().ok()?;
    Some((want, database.text("AllocatedStorage")?.parse().ok()?))
}

/// The one engine whose replicas do not mind who manages the password.
fn is_not_sql_server(database: &Tree) -> bool {
    !text(database, "Engine").starts_with("sqlserver")
}

fn unavailable(database: &Tree) -> Option<String> {
    let (name, state) = (text(database, "DBInstanceIdentifier"), text(database, "DBInstanceStatus"));
    let message = || format!("Database instance {name} is not in available state (it is {state}).");
    unless(database, "DBInstanceStatus", "available", message)
}

fn without_backups(source: &Tree) -> Option<String> {
    let message = "Automated backups are not enabled for this database instance. To enable automated backups, use \
                   ModifyDBInstance to set the backup retention period to a non-zero value.";
    (text(source, "BackupRetentionPeriod") == "0").then(|| message.into())
}
