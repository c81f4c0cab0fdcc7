//! What AWS refuses and the emulators allow: one entry per rule, each decided on the thing as clients see it.

use super::protocol::answer::Refusal;
use super::protocol::service::{CACHE, CDN, EFS, RDS, SCALING};
use super::protocol::{Request, Tree};

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Signing name of the service.
    pub service: &'static str,
    /// The actions it guards.
    pub actions: &'static [&'static str],
    /// What it looks at before deciding.
    pub look: Look,
    /// Decides, on each thing it sees.
    pub refuse: fn(&Request, &Tree) -> Option<Refusal>,
    /// The AWS page it follows.
    pub page: &'static str,
}

/// Which thing a rule looks at.
#[derive(Debug)]
pub struct Look {
    /// Its kind.
    pub kind: &'static str,
    /// The request's parameter that names it.
    pub param: &'static str,
    /// The parameter to ask the list by.
    pub ask: &'static str,
}

const DATABASE: Look = Look { kind: "rds/instance", param: "DBInstanceIdentifier", ask: "DBInstanceIdentifier" };
const SOURCE: Look = Look { kind: "rds/instance", param: "SourceDBInstanceIdentifier", ask: "DBInstanceIdentifier" };
const FILE_SYSTEM: Look = Look { kind: "efs/file-system", param: "FileSystemId", ask: "FileSystemId" };
const MOUNT_TARGET: Look = Look { kind: "efs/mount-target", param: "MountTargetId", ask: "MountTargetId" };
const CACHE_GROUP: Look =
    Look { kind: "elasticache/replication-group", param: "ReplicationGroupId", ask: "ReplicationGroupId" };
const DISTRIBUTION: Look = Look { kind: "cloudfront/distribution", param: "Id", ask: "Id" };
const REFRESHES: Look =
    Look { kind: "autoscaling/instance-refresh", param: "AutoScalingGroupName", ask: "AutoScalingGroupName" };

const GROUP: Look = Look { kind: "autoscaling/group", param: "AutoScalingGroupName", ask: "AutoScalingGroupNames" };

/// Every rule, in the order they are asked.
pub const RULES: &[Rule] = &[
    Rule {
        service: RDS,
        actions: &["ModifyDBInstance", "RebootDBInstance", "PromoteReadReplica", "CreateDBSnapshot"],
        look: DATABASE,
        refuse: |_, database| unavailable(database),
        page: "API_ModifyDBInstance: InvalidDBInstanceState",
    },
    Rule {
        service: RDS,
        actions: &["DeleteDBInstance"],
        look: DATABASE,
        refuse: undeletable_database,
        page: "API_DeleteDBInstance: SkipFinalSnapshot, FinalDBSnapshotIdentifier, InvalidDBInstanceState",
    },
    Rule {
        service: RDS,
        actions: &["DeleteDBInstance"],
        look: Look { kind: "rds/snapshot", param: "FinalDBSnapshotIdentifier", ask: "DBSnapshotIdentifier" },
        refuse: |_, snapshot| {
            let message =
                format!("Cannot create the snapshot because {} exists.", text(snapshot, "DBSnapshotIdentifier"));
            Some(Refusal::new(400, "DBSnapshotAlreadyExists", message))
        },
        page: "API_DeleteDBInstance: DBSnapshotAlreadyExists",
    },
    Rule {
        service: RDS,
        actions: &["CreateDBInstanceReadReplica"],
        look: SOURCE,
        refuse: |_, source| unavailable(source).or_else(|| without_backups(source)),
        page: "USER_ReadRepl: automatic backups must be enabled on the source",
    },
    Rule {
        service: CACHE,
        actions: &["ModifyReplicationGroup", "IncreaseReplicaCount", "DecreaseReplicaCount", "DeleteReplicationGroup"],
        look: CACHE_GROUP,
        refuse: |_, group| {
            let message = format!("Replication group {} is not in available state.", text(group, "ReplicationGroupId"));
            unless(group, "Status", "available", Refusal::new(400, "InvalidReplicationGroupState", message))
        },
        page: "API_ModifyReplicationGroup: InvalidReplicationGroupState",
    },
    Rule {
        service: EFS,
        actions: &["CreateMountTarget", "CreateAccessPoint", "UpdateFileSystem", "PutLifecycleConfiguration"],
        look: FILE_SYSTEM,
        refuse: |_, files| {
            let message = format!("File system {} is not available.", text(files, "FileSystemId"));
            unless(
                files,
                "LifeCycleState",
                "available",
                Refusal::new(409, "IncorrectFileSystemLifeCycleState", message),
            )
        },
        page: "API_CreateMountTarget: IncorrectFileSystemLifeCycleState",
    },
    Rule {
        service: EFS,
        actions: &["DeleteFileSystem"],
        look: FILE_SYSTEM,
        refuse: |_, files| {
            let message = format!("File system {} has mount targets.", text(files, "FileSystemId"));
            unless(files, "NumberOfMountTargets", "0", Refusal::new(409, "FileSystemInUse", message))
        },
        page: "API_DeleteFileSystem: FileSystemInUse",
    },
    Rule {
        service: EFS,
        actions: &["ModifyMountTargetSecurityGroups"],
        look: MOUNT_TARGET,
        refuse: |_, target| {
            let message = format!("Mount target {} is not available.", text(target, "MountTargetId"));
            unless(target, "LifeCycleState", "available", Refusal::new(409, "IncorrectMountTargetState", message))
        },
        page: "API_ModifyMountTargetSecurityGroups: IncorrectMountTargetState",
    },
    Rule {
        service: CDN,
        actions: &["DeleteDistribution"],
        look: DISTRIBUTION,
        refuse: |_, distribution| {
            let refusal = || {
                let message = "The distribution you are trying to delete has not been disabled.";
                Refusal::new(409, "DistributionNotDisabled", message)
            };
            unless(distribution, "DistributionConfig/Enabled", "false", refusal())
                .or_else(|| unless(distribution, "Status", "Deployed", refusal()))
        },
        page: "HowToDeleteDistribution: disabled and deployed first",
    },
    Rule {
        service: SCALING,
        actions: &["DeleteAutoScalingGroup"],
        look: GROUP,
        refuse: |request, group| {
            let forced = request.params.get("ForceDelete") == Some("true");
            let message = "You cannot delete an AutoScalingGroup while there are instances still in the group.";
            let empty = group.items("Instances/*").is_empty();
            (!forced && !empty).then(|| Refusal::new(400, "ResourceInUse", message))
        },
        page: "API_DeleteAutoScalingGroup: ResourceInUse",
    },
    Rule {
        service: SCALING,
        actions: &["StartInstanceRefresh"],
        look: REFRESHES,
        refuse: |_, refresh| {
            let message =
                "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.";
            let running = ["Pending", "InProgress", "Cancelling"].contains(&text(refresh, "Status").as_str());
            running.then(|| Refusal::new(400, "InstanceRefreshInProgress", message))
        },
        page: "API_StartInstanceRefresh: InstanceRefreshInProgress",
    },
];

fn text(item: &Tree, path: &str) -> String {
    item.text(path).unwrap_or_default()
}

/// The refusal, unless the item has this value (or does not say).
fn unless(item: &Tree, path: &str, value: &str, refusal: Refusal) -> Option<Refusal> {
    item.text(path).filter(|found| found != value).map(|_| refusal)
}

fn unavailable(database: &Tree) -> Option<Refusal> {
    let (name, state) = (text(database, "DBInstanceIdentifier"), text(database, "DBInstanceStatus"));
    let message = format!("Database instance {name} is not in available state (it is {state}).");
    unless(database, "DBInstanceStatus", "available", Refusal::new(400, "InvalidDBInstanceState", message))
}

fn without_backups(source: &Tree) -> Option<Refusal> {
    let message = "Automated backups are not enabled for this database instance. To enable automated backups, use \
                   ModifyDBInstance to set the backup retention period to a non-zero value.";
    (text(source, "BackupRetentionPeriod") == "0").then(|| Refusal::new(400, "InvalidDBInstanceState", message))
}

fn undeletable_database(request: &Request, database: &Tree) -> Option<Refusal> {
    let combination = |message: &str| Some(Refusal::new(400, "InvalidParameterCombination", message));
    if text(database, "DeletionProtection") == "true" {
        return combination("Cannot delete protected DB Instance, please disable deletion protection and try again.");
    }
    match (request.params.get("SkipFinalSnapshot"), request.params.get("FinalDBSnapshotIdentifier")) {
        (Some("true"), Some(_)) => {
            combination("FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.")
        }
        (Some("true"), None) | (_, Some(_)) => unavailable(database),
        (_, None) => combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::protocol::Scope;
    use super::super::table;
    use super::*;

    fn refusal(action: &str, params: &[(&str, &str)], item: serde_json::Value) -> Option<&'static str> {
        let rule = RULES.iter().find(|rule| rule.actions.contains(&action)).unwrap();
        // Only the parameters count here, so the form protocol stands for all.
        let request = Request::build("rds", action, params, &Scope::new("eu-central-1")).unwrap();
        (rule.refuse)(&request, &Tree::Json(item)).map(|refusal| refusal.code)
    }

    #[test]
    fn each_rule_refuses_and_allows() {
        let database = |state, backups| json!({"DBInstanceStatus": state, "BackupRetentionPeriod": backups});
        let skip = [("SkipFinalSnapshot", "true")];
        let last = [("FinalDBSnapshotIdentifier", "last")];
        const STATE: Option<&str> = Some("InvalidDBInstanceState");
        const COMBINATION: Option<&str> = Some("InvalidParameterCombination");
        assert_eq!(refusal("ModifyDBInstance", &[], database("creating", 7)), STATE);
        assert_eq!(refusal("ModifyDBInstance", &[], database("available", 7)), None);
        assert_eq!(refusal("DeleteDBInstance", &skip, database("creating", 7)), STATE);
        assert_eq!(refusal("DeleteDBInstance", &last, database("deleting", 7)), STATE);
        assert_eq!(refusal("DeleteDBInstance", &[], database("available", 7)), COMBINATION);
        assert_eq!(refusal("DeleteDBInstance", &[skip, last].concat(), database("available", 7)), COMBINATION);
        assert_eq!(refusal("DeleteDBInstance", &last, json!({"DeletionProtection": true})), COMBINATION);
        assert_eq!(refusal("DeleteDBInstance", &last, database("available", 7)), None);
        assert_eq!(refusal("CreateDBInstanceReadReplica", &[], database("creating", 7)), STATE);
        assert_eq!(refusal("CreateDBInstanceReadReplica", &[], database("available", 0)), STATE);
        assert_eq!(refusal("CreateDBInstanceReadReplica", &[], database("available", 1)), None);
        let busy = Some("InvalidReplicationGroupState");
        assert_eq!(refusal("DeleteReplicationGroup", &[], json!({"Status": "creating"})), busy);
        assert_eq!(refusal("DeleteReplicationGroup", &[], json!({"Status": "available"})), None);
        let early = Some("IncorrectFileSystemLifeCycleState");
        assert_eq!(refusal("CreateMountTarget", &[], json!({"LifeCycleState": "creating"})), early);
        assert_eq!(refusal("CreateMountTarget", &[], json!({"LifeCycleState": "available"})), None);
        assert_eq!(refusal("DeleteFileSystem", &[], json!({"NumberOfMountTargets": 2})), Some("FileSystemInUse"));
        assert_eq!(refusal("DeleteFileSystem", &[], json!({"NumberOfMountTargets": 0})), None);
        let target = Some("IncorrectMountTargetState");
        assert_eq!(refusal("ModifyMountTargetSecurityGroups", &[], json!({"LifeCycleState": "deleting"})), target);
        let site = |enabled, status| json!({"Status": status, "DistributionConfig": {"Enabled": enabled}});
        assert_eq!(refusal("DeleteDistribution", &[], site(true, "Deployed")), Some("DistributionNotDisabled"));
        assert_eq!(refusal("DeleteDistribution", &[], site(false, "InProgress")), Some("DistributionNotDisabled"));
        assert_eq!(refusal("DeleteDistribution", &[], site(false, "Deployed")), None);
        let force = [("ForceDelete", "true")];
        let full = json!({"Instances": [{"InstanceId": "i-1"}]});
        assert_eq!(refusal("DeleteAutoScalingGroup", &[], full.clone()), Some("ResourceInUse"));
        assert_eq!(refusal("DeleteAutoScalingGroup", &force, full), None);
        assert_eq!(refusal("DeleteAutoScalingGroup", &[], json!({"Instances": []})), None);
        let running = Some("InstanceRefreshInProgress");
        assert_eq!(refusal("StartInstanceRefresh", &[], json!({"Status": "InProgress"})), running);
        assert_eq!(refusal("StartInstanceRefresh", &[], json!({"Status": "Successful"})), None);
    }

    #[test]
    fn every_rule_looks_at_a_kind_of_the_table_and_names_its_page() {
        for rule in RULES {
            let row = table::row(rule.look.kind).unwrap_or_else(|| panic!("no kind {}", rule.look.kind));
            assert_eq!(row.service, rule.service);
            assert!(!rule.page.is_empty() && !rule.actions.is_empty());
        }
    }
}
