//! What the production sample has others in place of, or nothing: Aurora's and Memcached's kinds, interface endpoints.

use super::hands::Case;
use super::hands::Drift::Field;
use super::hands::Hand::Call;

pub const CASES: &[Case] = &[
    Case {
        kind: "ec2/vpc-endpoint",
        component: "network/endpoint-ssm",
        hands: &[Call(
            "ec2",
            "ModifyVpcEndpoint",
            &[("VpcEndpointId", "{network/endpoint-ssm}"), ("PrivateDnsEnabled", "false")],
        )],
        drift: Field("network.endpoint.privateDns", "false", "true"),
        writes: &[("ModifyVpcEndpoint", 1)],
    },
    Case {
        kind: "rds/cluster-parameter-group",
        component: "database/cluster-parameters",
        hands: &[Call(
            "rds",
            "ModifyDBClusterParameterGroup",
            &[
                ("DBClusterParameterGroupName", "{database/cluster-parameters}"),
                ("Parameters.Parameter.1.ParameterName", "max_connections"),
                ("Parameters.Parameter.1.ParameterValue", "300"),
                ("Parameters.Parameter.1.ApplyMethod", "immediate"),
            ],
        )],
        drift: Field("database.parameters.max_connections", "300", "500"),
        writes: &[("ModifyDBClusterParameterGroup", 1)],
    },
    Case {
        kind: "rds/cluster",
        component: "database/cluster",
        hands: &[Call(
            "rds",
            "ModifyDBCluster",
            &[
                ("DBClusterIdentifier", "{database/cluster}"),
                ("BackupRetentionPeriod", "3"),
                ("ApplyImmediately", "true"),
            ],
        )],
        drift: Field("database.backupRetentionDays", "3", "7"),
        writes: &[("ModifyDBCluster", 1)],
    },
    Case {
        kind: "rds/cluster-instance",
        component: "database/instance-2",
        hands: &[Call(
            "rds",
            "ModifyDBInstance",
            &[
                ("DBInstanceIdentifier", "{database/instance-2}"),
                ("DBInstanceClass", "db.r7g.xlarge"),
                ("ApplyImmediately", "true"),
            ],
        )],
        drift: Field("database.instanceClass", "db.r7g.xlarge", "db.r7g.large"),
        writes: &[("ModifyDBInstance", 1)],
    },
    Case {
        kind: "elasticache/cluster",
        component: "cache/cluster",
        hands: &[Call(
            "elasticache",
            "ModifyCacheCluster",
            &[("CacheClusterId", "{cache/cluster}"), ("NumCacheNodes", "3"), ("ApplyImmediately", "true")],
        )],
        drift: Field("cache.nodes", "3", "2"),
        writes: &[("ModifyCacheCluster", 1)],
    },
];
