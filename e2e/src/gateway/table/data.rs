//! What holds data: databases, file systems, caches, secrets.

use super::{
    Mirror, Modify, ROW, Read, Reply, Row, Row as R, STATES, States, Tags, Under, create, delete, error, modify, read,
};
use crate::gateway::protocol::Tree;
use crate::gateway::protocol::service::{CACHE, EC2, EFS, RDS, SECRETS};
use crate::inventory::COMPONENT_TAG;

const fn rds_tags(of: &'static str) -> Tags {
    Tags::Asked {
        action: "ListTagsForResource",
        param: "ResourceName",
        of,
        items: "ListTagsForResourceResult/TagList/*",
    }
}

/// ElastiCache shares RDS's way, and refuses it while a replication group is not available.
const CACHE_TAGS: Tags = rds_tags("ARN");

const REPLICATION_GROUP: States = States {
    path: "Status",
    creating: "creating",
    modifying: "modifying",
    deleting: "deleting",
    hidden: &["NodeGroups", "ConfigurationEndpoint"],
    ..STATES
};

/// Whether it is of a site's files; the disks of instances bear tags of the site too.
fn of_storage(item: &Tree) -> bool {
    let is = |tag: &Tree, path: &str, wanted: &str| tag.text(path).is_some_and(|text| text.starts_with(wanted));
    item.items("tagSet/*").iter().any(|tag| is(tag, "key", COMPONENT_TAG) && is(tag, "value", "storage/"))
}

pub(super) const ROWS: &[Row] = &[
    R {
        kind: "rds/subnet-group",
        service: RDS,
        id: "DBSubnetGroupName",
        reads: &[read(
            "DescribeDBSubnetGroups",
            "DescribeDBSubnetGroupsResult/DBSubnetGroups/*",
            &["DBSubnetGroupName"],
        )],
        creates: &[create("CreateDBSubnetGroup", "CreateDBSubnetGroupResult/DBSubnetGroup", "", 0)],
        deletes: &[delete("DeleteDBSubnetGroup", "DBSubnetGroupName", 0, Reply::Bare)],
        missing: error(404, "DBSubnetGroupNotFoundFault"),
        tags: rds_tags("DBSubnetGroupArn"),
        ..ROW
    },
    R {
        kind: "rds/parameter-group",
        service: RDS,
        id: "DBParameterGroupName",
        reads: &[read(
            "DescribeDBParameterGroups",
            "DescribeDBParameterGroupsResult/DBParameterGroups/*",
            &["DBParameterGroupName"],
        )],
        creates: &[create("CreateDBParameterGroup", "CreateDBParameterGroupResult/DBParameterGroup", "", 0)],
        deletes: &[delete("DeleteDBParameterGroup", "DBParameterGroupName", 0, Reply::Bare)],
        missing: error(404, "DBParameterGroupNotFound"),
        tags: rds_tags("DBParameterGroupArn"),
        ..ROW
    },
    R {
        kind: "rds/instance",
        service: RDS,
        id: "DBInstanceIdentifier",
        reads: &[read("DescribeDBInstances", "DescribeDBInstancesResult/DBInstances/*", &["DBInstanceIdentifier"])],
        creates: &[
            create("CreateDBInstance", "CreateDBInstanceResult/DBInstance", "", 600),
            create("CreateDBInstanceReadReplica", "CreateDBInstanceReadReplicaResult/DBInstance", "", 300),
            create("RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceFromDBSnapshotResult/DBInstance", "", 600),
            create("RestoreDBInstanceToPointInTime", "RestoreDBInstanceToPointInTimeResult/DBInstance", "", 600),
        ],
        modifies: &[
            Modify {
                flag: "ApplyImmediately",
                at_once: &[
                    "AutoMinorVersionUpgrade",
                    "CopyTagsToSnapshot",
                    "DeletionProtection",
                    "MaxAllocatedStorage",
                    "PreferredBackupWindow",
                    "PreferredMaintenanceWindow",
                ],
                ..modify("ModifyDBInstance", "DBInstanceIdentifier", "ModifyDBInstanceResult/DBInstance", 300)
            },
            modify("PromoteReadReplica", "DBInstanceIdentifier", "PromoteReadReplicaResult/DBInstance", 300),
            modify("RebootDBInstance", "DBInstanceIdentifier", "RebootDBInstanceResult/DBInstance", 60),
        ],
        deletes: &[delete("DeleteDBInstance", "DBInstanceIdentifier", 240, Reply::Item("DBInstance"))],
        states: Some(States {
            path: "DBInstanceStatus",
            creating: "creating",
            modifying: "modifying",
            deleting: "deleting",
            hidden: &["Endpoint", "InstanceCreateTime", "LatestRestorableTime"],
            pending: "PendingModifiedValues",
            fields: &["DBInstanceClass", "AllocatedStorage", "MultiAZ", "EngineVersion", "Iops", "StorageType"],
            ..STATES
        }),
        missing: error(404, "DBInstanceNotFound"),
        exists: error(400, "DBInstanceAlreadyExists"),
        tags: Tags::Inside("TagList/*"),
        ..ROW
    },
    R {
        kind: "rds/snapshot",
        service: RDS,
        id: "DBSnapshotIdentifier",
        reads: &[read("DescribeDBSnapshots", "DescribeDBSnapshotsResult/DBSnapshots/*", &["DBSnapshotIdentifier"])],
        creates: &[create("CreateDBSnapshot", "CreateDBSnapshotResult/DBSnapshot", "", 120)],
        deletes: &[delete("DeleteDBSnapshot", "DBSnapshotIdentifier", 0, Reply::Item("DBSnapshot"))],
        states: Some(States { path: "Status", creating: "creating", ..STATES }),
        missing: error(404, "DBSnapshotNotFound"),
        exists: error(400, "DBSnapshotAlreadyExists"),
        tags: Tags::Inside("TagList/*"),
        ..ROW
    },
    // The disks of instances, which go with them, are listed too.
    R {
        kind: "ec2/volume",
        service: EC2,
        id: "volumeId",
        reads: &[read("DescribeVolumes", "volumeSet/*", &["VolumeId"])],
        creates: &[create("CreateVolume", "", "", 5)],
        deletes: &[delete("DeleteVolume", "VolumeId", 5, Reply::Bare)],
        states: Some(States { path: "status", creating: "creating", deleting: "deleting", ..STATES }),
        missing: error(400, "InvalidVolume.NotFound"),
        tags: Tags::Inside("tagSet/*"),
        only: of_storage,
        ..ROW
    },
    R {
        kind: "ec2/snapshot",
        service: EC2,
        id: "snapshotId",
        reads: &[read("DescribeSnapshots", "snapshotSet/*", &["SnapshotId"])],
        creates: &[create("CreateSnapshot", "", "", 60)],
        deletes: &[delete("DeleteSnapshot", "SnapshotId", 0, Reply::Bare)],
        states: Some(States { path: "status", creating: "pending", ..STATES }),
        missing: error(400, "InvalidSnapshot.NotFound"),
        tags: Tags::Inside("tagSet/*"),
        only: of_storage,
        ..ROW
    },
    R {
        kind: "rds/cluster-parameter-group",
        service: RDS,
        id: "DBClusterParameterGroupName",
        reads: &[read(
            "DescribeDBClusterParameterGroups",
            "DescribeDBClusterParameterGroupsResult/DBClusterParameterGroups/*",
            &["DBClusterParameterGroupName"],
        )],
        creates: &[create(
            "CreateDBClusterParameterGroup",
            "CreateDBClusterParameterGroupResult/DBClusterParameterGroup",
            "",
            0,
        )],
        deletes: &[delete("DeleteDBClusterParameterGroup", "DBClusterParameterGroupName", 0, Reply::Bare)],
        missing: error(404, "DBParameterGroupNotFound"),
        tags: rds_tags("DBClusterParameterGroupArn"),
        ..ROW
    },
    R {
        kind: "rds/cluster",
        service: RDS,
        id: "DBClusterIdentifier",
        reads: &[read("DescribeDBClusters", "DescribeDBClustersResult/DBClusters/*", &["DBClusterIdentifier"])],
        creates: &[
            create("CreateDBCluster", "CreateDBClusterResult/DBCluster", "", 90),
            create("RestoreDBClusterFromSnapshot", "RestoreDBClusterFromSnapshotResult/DBCluster", "", 300),
            create("RestoreDBClusterToPointInTime", "RestoreDBClusterToPointInTimeResult/DBCluster", "", 300),
        ],
        modifies: &[
            Modify {
                flag: "ApplyImmediately",
                at_once: &["BackupRetentionPeriod", "CopyTagsToSnapshot", "DeletionProtection"],
                ..modify("ModifyDBCluster", "DBClusterIdentifier", "ModifyDBClusterResult/DBCluster", 60)
            },
            modify("FailoverDBCluster", "DBClusterIdentifier", "FailoverDBClusterResult/DBCluster", 30),
        ],
        deletes: &[delete("DeleteDBCluster", "DBClusterIdentifier", 120, Reply::Item("DBCluster"))],
        states: Some(States {
            path: "Status",
            creating: "creating",
            modifying: "modifying",
            deleting: "deleting",
            ..STATES
        }),
        missing: error(404, "DBClusterNotFoundFault"),
        exists: error(400, "DBClusterAlreadyExistsFault"),
        tags: Tags::Inside("TagList/*"),
        ..ROW
    },
    R {
        kind: "rds/cluster-snapshot",
        service: RDS,
        id: "DBClusterSnapshotIdentifier",
        reads: &[read(
            "DescribeDBClusterSnapshots",
            "DescribeDBClusterSnapshotsResult/DBClusterSnapshots/*",
            &["DBClusterSnapshotIdentifier"],
        )],
        creates: &[create("CreateDBClusterSnapshot", "CreateDBClusterSnapshotResult/DBClusterSnapshot", "", 120)],
        deletes: &[delete(
            "DeleteDBClusterSnapshot",
            "DBClusterSnapshotIdentifier",
            0,
            Reply::Item("DBClusterSnapshot"),
        )],
        states: Some(States { path: "Status", creating: "creating", ..STATES }),
        missing: error(404, "DBClusterSnapshotNotFoundFault"),
        exists: error(400, "DBClusterSnapshotAlreadyExistsFault"),
        tags: Tags::Inside("TagList/*"),
        ..ROW
    },
    R {
        kind: "efs/file-system",
        service: EFS,
        id: "FileSystemId",
        reads: &[read("DescribeFileSystems", "FileSystems/*", &["FileSystemId"])],
        creates: &[create("CreateFileSystem", "", "", 15)],
        modifies: &[modify("UpdateFileSystem", "FileSystemId", "", 30)],
        deletes: &[delete("DeleteFileSystem", "FileSystemId", 15, Reply::Status(204))],
        states: Some(States {
            path: "LifeCycleState",
            creating: "creating",
            modifying: "updating",
            deleting: "deleting",
            ..STATES
        }),
        missing: error(404, "FileSystemNotFound"),
        tags: Tags::Inside("Tags/*"),
        ..ROW
    },
    R {
        kind: "efs/mount-target",
        service: EFS,
        id: "MountTargetId",
        reads: &[read("DescribeMountTargets", "MountTargets/*", &["MountTargetId"])],
        creates: &[create("CreateMountTarget", "", "", 90)],
        deletes: &[delete("DeleteMountTarget", "MountTargetId", 60, Reply::Status(204))],
        states: Some(States { path: "LifeCycleState", creating: "creating", deleting: "deleting", ..STATES }),
        missing: error(404, "MountTargetNotFound"),
        under: Some(Under { kind: "efs/file-system", param: "FileSystemId" }),
        owner: Some(("efs/file-system", "FileSystemId")),
        ..ROW
    },
    R {
        kind: "efs/access-point",
        service: EFS,
        id: "AccessPointId",
        reads: &[read("DescribeAccessPoints", "AccessPoints/*", &["AccessPointId"])],
        creates: &[create("CreateAccessPoint", "", "", 10)],
        deletes: &[delete("DeleteAccessPoint", "AccessPointId", 10, Reply::Status(204))],
        states: Some(States { path: "LifeCycleState", creating: "creating", deleting: "deleting", ..STATES }),
        missing: error(404, "AccessPointNotFound"),
        tags: Tags::Inside("Tags/*"),
        ..ROW
    },
    R {
        kind: "elasticache/subnet-group",
        service: CACHE,
        id: "CacheSubnetGroupName",
        reads: &[read(
            "DescribeCacheSubnetGroups",
            "DescribeCacheSubnetGroupsResult/CacheSubnetGroups/*",
            &["CacheSubnetGroupName"],
        )],
        creates: &[create("CreateCacheSubnetGroup", "CreateCacheSubnetGroupResult/CacheSubnetGroup", "", 0)],
        deletes: &[delete("DeleteCacheSubnetGroup", "CacheSubnetGroupName", 0, Reply::Bare)],
        missing: error(400, "CacheSubnetGroupNotFoundFault"),
        tags: CACHE_TAGS,
        ..ROW
    },
    R {
        kind: "elasticache/parameter-group",
        service: CACHE,
        id: "CacheParameterGroupName",
        reads: &[read(
            "DescribeCacheParameterGroups",
            "DescribeCacheParameterGroupsResult/CacheParameterGroups/*",
            &["CacheParameterGroupName"],
        )],
        creates: &[create("CreateCacheParameterGroup", "CreateCacheParameterGroupResult/CacheParameterGroup", "", 0)],
        deletes: &[delete("DeleteCacheParameterGroup", "CacheParameterGroupName", 0, Reply::Bare)],
        missing: error(404, "CacheParameterGroupNotFound"),
        tags: CACHE_TAGS,
        ..ROW
    },
    R {
        kind: "elasticache/replication-group",
        service: CACHE,
        id: "ReplicationGroupId",
        reads: &[
            read(
                "DescribeReplicationGroups",
                "DescribeReplicationGroupsResult/ReplicationGroups/*",
                &["ReplicationGroupId"],
            ),
            Read {
                mirror: Some(Mirror {
                    id: "ReplicationGroupId",
                    states: States {
                        path: "CacheClusterStatus",
                        hidden: &["CacheNodes", "CacheClusterCreateTime"],
                        ..REPLICATION_GROUP
                    },
                }),
                ..read("DescribeCacheClusters", "DescribeCacheClustersResult/CacheClusters/*", &[])
            },
        ],
        creates: &[create("CreateReplicationGroup", "CreateReplicationGroupResult/ReplicationGroup", "", 300)],
        modifies: &[
            Modify {
                flag: "ApplyImmediately",
                at_once: &[
                    "AutoMinorVersionUpgrade",
                    "PreferredMaintenanceWindow",
                    "ReplicationGroupDescription",
                    "SnapshotRetentionLimit",
                    "SnapshotWindow",
                ],
                ..modify(
                    "ModifyReplicationGroup",
                    "ReplicationGroupId",
                    "ModifyReplicationGroupResult/ReplicationGroup",
                    300,
                )
            },
            modify("IncreaseReplicaCount", "ReplicationGroupId", "IncreaseReplicaCountResult/ReplicationGroup", 300),
            modify("DecreaseReplicaCount", "ReplicationGroupId", "DecreaseReplicaCountResult/ReplicationGroup", 120),
        ],
        deletes: &[delete("DeleteReplicationGroup", "ReplicationGroupId", 240, Reply::Item("ReplicationGroup"))],
        states: Some(REPLICATION_GROUP),
        missing: error(404, "ReplicationGroupNotFoundFault"),
        exists: error(400, "ReplicationGroupAlreadyExists"),
        tags: CACHE_TAGS,
        ..ROW
    },
    R {
        kind: "elasticache/cluster",
        service: CACHE,
        id: "CacheClusterId",
        reads: &[read("DescribeCacheClusters", "DescribeCacheClustersResult/CacheClusters/*", &["CacheClusterId"])],
        creates: &[create("CreateCacheCluster", "CreateCacheClusterResult/CacheCluster", "", 300)],
        modifies: &[Modify {
            flag: "ApplyImmediately",
            at_once: &["AZMode", "AutoMinorVersionUpgrade", "PreferredMaintenanceWindow", "SecurityGroupIds"],
            ..modify("ModifyCacheCluster", "CacheClusterId", "ModifyCacheClusterResult/CacheCluster", 300)
        }],
        deletes: &[delete("DeleteCacheCluster", "CacheClusterId", 240, Reply::Item("CacheCluster"))],
        states: Some(States {
            path: "CacheClusterStatus",
            hidden: &["CacheNodes", "ConfigurationEndpoint", "CacheClusterCreateTime"],
            ..REPLICATION_GROUP
        }),
        missing: error(404, "CacheClusterNotFound"),
        exists: error(400, "CacheClusterAlreadyExists"),
        tags: CACHE_TAGS,
        // The others are nodes of replication groups.
        only: |cluster| cluster.text("ReplicationGroupId").is_none_or(|group| group.is_empty()),
        ..ROW
    },
    R {
        kind: "secretsmanager/secret",
        service: SECRETS,
        id: "ARN",
        name: "Name",
        reads: &[
            read("ListSecrets", "SecretList/*", &[]),
            read("DescribeSecret", "", &["SecretId"]),
            read("GetSecretValue", "", &["SecretId"]),
        ],
        creates: &[create("CreateSecret", "", "", 0)],
        modifies: &[modify("PutSecretValue", "SecretId", "", 0), modify("UpdateSecret", "SecretId", "", 0)],
        deletes: &[delete("DeleteSecret", "SecretId", 0, Reply::Bare)],
        missing: error(400, "ResourceNotFoundException"),
        tags: Tags::Inside("Tags/*"),
        ..ROW
    },
];
