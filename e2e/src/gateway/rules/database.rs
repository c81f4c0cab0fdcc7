//! RDS.

use super::{Check, Look, Rule, text, unless};
use crate::gateway::protocol::Tree;
use crate::gateway::protocol::service::RDS;

const RULE: Rule = Rule { service: RDS, about: "rds/instance", ..Rule::NONE };
const STATE: Rule = Rule { code: "InvalidDBInstanceState", ..RULE };
const COMBINATION: Rule = Rule { code: "InvalidParameterCombination", ..RULE };

const DATABASE: Look = Look::one("rds/instance", "DBInstanceIdentifier", "DBInstanceIdentifier");
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
        check: Check::Seen(DATABASE, |request, _| {
            let skip = request.params.get("SkipFinalSnapshot") == Some("true");
            match (skip, request.params.get("FinalDBSnapshotIdentifier")) {
                (true, Some(_)) => {
                    Some("FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.".into())
                }
                (false, None) => {
                    Some("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.".into())
                }
                _ => None,
            }
        }),
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
];

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
