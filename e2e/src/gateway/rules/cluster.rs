//! RDS: clusters of Aurora.

use super::database::undecided_snapshot;
use super::{Check, Look, Rule, text, unless};
use crate::gateway::protocol::Tree;
use crate::gateway::protocol::service::RDS;

const RULE: Rule = Rule { service: RDS, about: "rds/cluster", ..Rule::NONE };
const STATE: Rule = Rule { code: "InvalidDBClusterStateFault", ..RULE };
const COMBINATION: Rule = Rule { code: "InvalidParameterCombination", ..RULE };

const CLUSTER: Look = Look::one("rds/cluster", "DBClusterIdentifier", "DBClusterIdentifier");
const MEMBER: Look = Look::one("rds/instance", "DBInstanceIdentifier", "DBInstanceIdentifier");

/// What a cluster's instances do not have of their own.
const SHARED: &[&str] = &[
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "DBName",
    "DeletionProtection",
    "MasterUserPassword",
    "MasterUsername",
    "MultiAZ",
    "StorageEncrypted",
    "VpcSecurityGroupIds.VpcSecurityGroupId.1",
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        actions: &["ModifyDBCluster", "FailoverDBCluster", "CreateDBClusterSnapshot"],
        when: "it is not available",
        check: Check::Seen(CLUSTER, |_, cluster| unavailable(cluster)),
        page: "API_ModifyDBCluster: InvalidDBClusterStateFault",
        ..STATE
    },
    Rule {
        actions: &["DeleteDBCluster"],
        when: "it is protected",
        check: Check::Seen(CLUSTER, |_, cluster| {
            let message = "Cannot delete protected Cluster, please disable deletion protection and try again.";
            (text(cluster, "DeletionProtection") == "true").then(|| message.into())
        }),
        page: "USER_DeleteCluster: deletion protection",
        ..COMBINATION
    },
    Rule {
        actions: &["DeleteDBCluster"],
        when: "it is not said whether a final snapshot is to be taken, or both yes and no",
        check: Check::Seen(CLUSTER, |request, _| undecided_snapshot(request)),
        page: "API_DeleteDBCluster: SkipFinalSnapshot, FinalDBSnapshotIdentifier",
        ..COMBINATION
    },
    Rule {
        actions: &["DeleteDBCluster"],
        when: "it has instances",
        check: Check::Held { what: "rds/cluster", param: "DBClusterIdentifier" },
        page: "USER_DeleteCluster: delete all DB instances in the cluster first",
        ..STATE
    },
    Rule {
        actions: &["DeleteDBCluster"],
        when: "it is not available",
        check: Check::Seen(CLUSTER, |_, cluster| unavailable(cluster)),
        page: "API_DeleteDBCluster: InvalidDBClusterStateFault",
        ..STATE
    },
    Rule {
        about: "rds/cluster-snapshot",
        actions: &["DeleteDBCluster"],
        code: "DBClusterSnapshotAlreadyExistsFault",
        when: "the name of its final snapshot is taken",
        check: Check::Seen(
            Look::one("rds/cluster-snapshot", "FinalDBSnapshotIdentifier", "DBClusterSnapshotIdentifier"),
            |_, snapshot| {
                let name = text(snapshot, "DBClusterSnapshotIdentifier");
                Some(format!("Cannot create the cluster snapshot because {name} exists."))
            },
        ),
        page: "API_DeleteDBCluster: DBClusterSnapshotAlreadyExistsFault",
        ..RULE
    },
    Rule {
        about: "rds/cluster-parameter-group",
        actions: &["DeleteDBClusterParameterGroup"],
        code: "InvalidDBParameterGroupState",
        when: "a cluster uses it",
        check: Check::Held { what: "rds/cluster-parameter-group", param: "DBClusterParameterGroupName" },
        page: "API_DeleteDBClusterParameterGroup: can't be associated with any DB clusters",
        ..RULE
    },
    Rule {
        about: "rds/instance",
        actions: &["CreateDBInstance"],
        when: "it is to be a cluster's and what the cluster has is asked for",
        check: Check::Asked(|request| {
            request.params.get("DBClusterIdentifier")?;
            let asked = SHARED.iter().find(|name| request.params.get(name).is_some())?;
            Some(format!("The requested DB Instance will be a member of a DB Cluster. Set {asked} for the DB Cluster."))
        }),
        page: "API_CreateDBInstance: not applicable to Aurora",
        ..COMBINATION
    },
    Rule {
        about: "rds/instance",
        actions: &["CreateDBInstance"],
        when: "it is to be serverless and its cluster has no bounds for that",
        check: Check::Seen(CLUSTER, |request, cluster| {
            let serverless = request.params.get("DBInstanceClass") == Some("db.serverless");
            (serverless && without_bounds(cluster)).then(|| {
                "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 \
                 DB instance."
                    .into()
            })
        }),
        page: "aurora-serverless-v2.create: the cluster's capacity range first",
        ..STATE
    },
    Rule {
        about: "rds/instance",
        actions: &["ModifyDBInstance"],
        when: "it is a cluster's and what the cluster has is to change",
        check: Check::Seen(MEMBER, |request, instance| {
            let mut changed = SHARED.iter().chain(&["EngineVersion"]);
            let asked = changed.find(|name| request.params.get(name).is_some()).filter(|_| is_member(instance))?;
            Some(format!("The specified DB Instance is a member of a cluster. Modify {asked} for the DB Cluster."))
        }),
        page: "Aurora.Modifying: settings of the DB cluster",
        ..COMBINATION
    },
    Rule {
        about: "rds/instance",
        actions: &["DeleteDBInstance"],
        when: "it is a cluster's and a final snapshot of it is asked for",
        check: Check::Seen(MEMBER, |request, instance| {
            let asked = request.params.get("FinalDBSnapshotIdentifier").filter(|_| is_member(instance));
            asked.map(|_| "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance.".into())
        }),
        page: "USER_DeleteCluster: an instance of a cluster leaves no snapshot",
        ..COMBINATION
    },
];

fn unavailable(cluster: &Tree) -> Option<String> {
    let (name, state) = (text(cluster, "DBClusterIdentifier"), text(cluster, "Status"));
    unless(cluster, "Status", "available", || {
        format!("DbCluster {name} is in {state} state but expected it to be one of available.")
    })
}

fn is_member(instance: &Tree) -> bool {
    !text(instance, "DBClusterIdentifier").is_empty()
}

fn without_bounds(cluster: &Tree) -> bool {
    text(cluster, "ServerlessV2ScalingConfiguration/MaxCapacity").is_empty()
}
