"""What MiniStack lacks of RDS."""

from ministack.services import rds

from .amend import OK, amend

# --- RDS: a replica is what was asked for, not its source's twin ----------------------------

plain_create_replica = rds._create_read_replica


def create_replica(p):
    answer = plain_create_replica(p)
    replica = rds._instances.get(rds._p(p, "DBInstanceIdentifier"))
    if answer[0] != OK:
        return answer
    for field in ("DBInstanceClass", "AvailabilityZone", "StorageType"):
        replica[field] = rds._p(p, field) or replica.get(field)
    for field in ("MultiAZ", "DeletionProtection"):
        replica[field] = rds._p(p, field) == "true"
    replica["BackupRetentionPeriod"] = 0
    replica["PendingModifiedValues"] = {}
    return rds._single_instance_response(
        "CreateDBInstanceReadReplicaResponse", "CreateDBInstanceReadReplicaResult", replica
    )


plain_delete_instance = rds._ACTION_MAP["DeleteDBInstance"]


def delete_instance(p):
    """A source no longer names a replica that is gone; the replicas of one that is gone stand alone."""
    gone = rds._p(p, "DBInstanceIdentifier")
    answer = plain_delete_instance(p)
    if answer[0] == OK:
        for other in rds._instances.values():
            if gone in other.get("ReadReplicaDBInstanceIdentifiers", []):
                other["ReadReplicaDBInstanceIdentifiers"].remove(gone)
            if other.get("ReadReplicaSourceDBInstanceIdentifier") == gone:
                other["ReadReplicaSourceDBInstanceIdentifier"] = ""
    return answer


rds._ACTION_MAP["CreateDBInstanceReadReplica"] = create_replica
rds._ACTION_MAP["DeleteDBInstance"] = delete_instance


# --- RDS: Aurora MySQL 8.4, and a cluster's last snapshot -----------------------------------

rds.AURORA_MYSQL_ENGINE_VERSIONS.append(("8.4.7", "aurora-mysql8.4"))
rds.AURORA_MYSQL_ENGINE_VERSION_SET.add("8.4.7")

plain_delete_cluster = rds._ACTION_MAP["DeleteDBCluster"]


def delete_cluster(p):
    cluster = rds._clusters.get(rds._p(p, "DBClusterIdentifier"))
    tags = list(rds._tags.get(cluster["DBClusterArn"], [])) if cluster else []
    answer = plain_delete_cluster(p)
    last = rds._p(p, "FinalDBSnapshotIdentifier")
    if answer[0] == OK and last:
        rds._create_cluster_snapshot_internal(last, cluster)["TagList"] = tags
    return answer


rds._ACTION_MAP["DeleteDBCluster"] = delete_cluster


# --- RDS: restores, of instances and clusters, from snapshots and to a time ------------------

OF_SOURCE = (
    *("Engine", "EngineVersion", "MasterUsername", "DBName", "DatabaseName"),
    *("AllocatedStorage", "KmsKeyId", "BackupRetentionPeriod"),
)


def as_create(p, source, name):
    """The parameters of a create that makes what a restore makes: what is not asked for is the source's."""
    taken = {field: source.get(field) for field in OF_SOURCE}
    taken["StorageEncrypted"] = "true" if source.get("StorageEncrypted") else "false"
    taken["MasterUserPassword"] = source.get("_MasterUserPassword", "of-the-source")
    taken = {field: [str(value)] for field, value in taken.items() if value not in (None, "")}
    return {**taken, **p, **name}


def restoring(action, create, found, missing, target):
    def restore(p):
        source = found(p)
        if not source:
            return rds._error(missing, "There is nothing of this name to restore.", 404)
        answer = rds._ACTION_MAP[create](as_create(p, source, target(p)))
        return amend(answer, create, action)

    return restore


def same_name(_):
    return {}


rds._ACTION_MAP["RestoreDBInstanceFromDBSnapshot"] = restoring(
    "RestoreDBInstanceFromDBSnapshot",
    "CreateDBInstance",
    lambda p: rds._snapshots.get(rds._p(p, "DBSnapshotIdentifier")),
    "DBSnapshotNotFound",
    same_name,
)
rds._ACTION_MAP["RestoreDBInstanceToPointInTime"] = restoring(
    "RestoreDBInstanceToPointInTime",
    "CreateDBInstance",
    lambda p: rds._instances.get(rds._p(p, "SourceDBInstanceIdentifier")),
    "DBInstanceNotFound",
    lambda p: {"DBInstanceIdentifier": p["TargetDBInstanceIdentifier"]},
)
rds._ACTION_MAP["RestoreDBClusterFromSnapshot"] = restoring(
    "RestoreDBClusterFromSnapshot",
    "CreateDBCluster",
    lambda p: rds._db_cluster_snapshots.get(rds._p(p, "SnapshotIdentifier")),
    "DBClusterSnapshotNotFoundFault",
    same_name,
)
rds._ACTION_MAP["RestoreDBClusterToPointInTime"] = restoring(
    "RestoreDBClusterToPointInTime",
    "CreateDBCluster",
    lambda p: rds._clusters.get(rds._p(p, "SourceDBClusterIdentifier")),
    "DBClusterNotFoundFault",
    same_name,
)
