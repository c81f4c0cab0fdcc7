//! One forbidden call for each rule, and for each way to hold.

mod cache;
mod database;
mod edge;
mod identity;
mod network;
mod storage;
mod traffic;

use anyhow::Result;
use cache::caches;
use database::{cluster, database};
use edge::{access_control, addresses, delivery, edge, firewall};
use identity::{identity, keys, secrets};
use network::{ipv6, network, routes, security_group, subnet};
use storage::{backups, bucket, files, volumes};
use traffic::{doors, groups, logs, names};

use super::world::{Call, World};

/// A call that AWS refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    pub action: &'static str,
    /// What refuses it.
    pub because: &'static str,
    pub code: &'static str,
}

const fn case(action: &'static str, because: &'static str, code: &'static str) -> Case {
    Case { action, because, code }
}

const VIOLATION: &str = "DependencyViolation";
const COMBINATION: &str = "InvalidParameterCombination";

pub const CASES: &[Case] = &[
    case("DeleteVpc", "a subnet is in it", VIOLATION),
    case("DeleteVpc", "a security group is in it", VIOLATION),
    case("PutDeliverySource", "the distribution has another", "ConflictException"),
    case("DeleteDeliverySource", "a delivery goes from it", "ConflictException"),
    case("DeleteDeliveryDestination", "a delivery goes to it", "ConflictException"),
    case("DeleteVpc", "an internet gateway is attached", VIOLATION),
    case("DeleteVpc", "a route table is in it", VIOLATION),
    case("DeleteVpc", "an endpoint is in it", VIOLATION),
    case("DeleteVpc", "an egress-only internet gateway is in it", VIOLATION),
    case("DisassociateVpcCidrBlock", "a subnet has a part of it", "InvalidCidrBlock.InUse"),
    case("DisassociateSubnetCidrBlock", "a load balancer has an address of it", "InvalidCidrBlock.InUse"),
    case("AssociateSubnetCidrBlock", "the subnet has one", "InvalidSubnet.Conflict"),
    case("CreateLoadBalancer", "its subnets have no IPv6", "InvalidSubnet"),
    case("DeleteSubnet", "a NAT gateway is in it", VIOLATION),
    case("DeleteSubnet", "an interface endpoint is in it", VIOLATION),
    case("DeleteSubnet", "a load balancer is in it", VIOLATION),
    case("DeleteSubnet", "a mount target is in it", VIOLATION),
    case("DeleteSubnet", "instances are in it", VIOLATION),
    case("DeleteSubnet", "a database is in it", VIOLATION),
    case("DeleteSubnet", "a cache is in it", VIOLATION),
    case("CreateSubnet", "its CIDR overlaps another's", "InvalidSubnet.Conflict"),
    case("DetachInternetGateway", "a NAT gateway has a public address", VIOLATION),
    case("DetachInternetGateway", "a load balancer has a public address", VIOLATION),
    case("DeleteInternetGateway", "it is attached", VIOLATION),
    case("AttachInternetGateway", "it is attached", "Resource.AlreadyAssociated"),
    case("ReleaseAddress", "a NAT gateway has it", "InvalidIPAddress.InUse"),
    case("CreateNatGateway", "another has its address", "Resource.AlreadyAssociated"),
    case("DeleteRouteTable", "a subnet follows it", VIOLATION),
    case("CreateRoute", "there is one to there", "RouteAlreadyExists"),
    case("AssociateRouteTable", "the subnet follows another", "Resource.AlreadyAssociated"),
    case("CreateVpcEndpoint", "the route table leads to another", "RouteAlreadyExists"),
    case("CreateVpcEndpoint", "another has the service's own name", "InvalidParameter"),
    case("DeleteSecurityGroup", "another group's rule names it", VIOLATION),
    case("DeleteSecurityGroup", "an interface endpoint wears it", VIOLATION),
    case("DeleteSecurityGroup", "a load balancer wears it", VIOLATION),
    case("DeleteSecurityGroup", "a database wears it", VIOLATION),
    case("DeleteSecurityGroup", "a cache wears it", VIOLATION),
    case("DeleteSecurityGroup", "a mount target wears it", VIOLATION),
    case("DeleteSecurityGroup", "instances wear it", VIOLATION),
    case("AuthorizeSecurityGroupIngress", "the group has the rule", "InvalidPermission.Duplicate"),
    case("AuthorizeSecurityGroupEgress", "the group has the rule", "InvalidPermission.Duplicate"),
    case("DeleteDBInstance", "it is protected", COMBINATION),
    case("DeleteDBInstance", "nothing is said of a final snapshot", COMBINATION),
    case("DeleteDBInstance", "a final snapshot is named and skipped", COMBINATION),
    case("DeleteDBInstance", "the final snapshot's name is taken", "DBSnapshotAlreadyExists"),
    case("CreateDBInstanceReadReplica", "its source has no backups", "InvalidDBInstanceState"),
    case("CreateDBInstanceReadReplica", "RDS manages its source's password", "InvalidDBInstanceState"),
    case("ModifyDBInstance", "RDS is to manage the password, with replicas", COMBINATION),
    case("ModifyDBInstance", "storage would shrink", COMBINATION),
    case("ModifyDBInstance", "storage was changed within six hours", COMBINATION),
    case("DeleteDBSubnetGroup", "a database lies in it", "InvalidDBSubnetGroupStateFault"),
    case("CreateDBSubnetGroup", "the name is taken", "DBSubnetGroupAlreadyExists"),
    case("DeleteDBParameterGroup", "a database uses it", "InvalidDBParameterGroupState"),
    case("DeleteDBCluster", "the cluster is protected", COMBINATION),
    case("DeleteDBCluster", "nothing is said of the cluster's snapshot", COMBINATION),
    case("DeleteDBCluster", "the cluster's snapshot is named and skipped", COMBINATION),
    case("DeleteDBCluster", "the name of the cluster's snapshot is taken", "DBClusterSnapshotAlreadyExistsFault"),
    case("DeleteDBCluster", "an instance is in the cluster", "InvalidDBClusterStateFault"),
    case("DeleteDBClusterParameterGroup", "a cluster uses it", "InvalidDBParameterGroupState"),
    case("DeleteDBSubnetGroup", "a cluster lies in it", "InvalidDBSubnetGroupStateFault"),
    case("DeleteSecurityGroup", "a cluster wears it", VIOLATION),
    case("CreateDBInstance", "a cluster's, with backups of its own", COMBINATION),
    case("CreateDBInstance", "a cluster's, serverless without bounds", "InvalidDBClusterStateFault"),
    case("ModifyDBInstance", "a cluster's, another version", COMBINATION),
    case("DeleteDBInstance", "a cluster's, with a final snapshot", COMBINATION),
    case("CreateReplicationGroup", "Multi-AZ without failover", COMBINATION),
    case("CreateReplicationGroup", "failover with one node", COMBINATION),
    case("ModifyReplicationGroup", "Multi-AZ without failover", COMBINATION),
    case("ModifyReplicationGroup", "encryption at rest", COMBINATION),
    case("ModifyReplicationGroup", "encryption in transit, required at once", COMBINATION),
    case("DecreaseReplicaCount", "none would be left, with Multi-AZ", "InvalidParameterValue"),
    case("CreateCacheCluster", "a token for Memcached", COMBINATION),
    case("ModifyCacheCluster", "it is not said which nodes go", COMBINATION),
    case("DeleteCacheSubnetGroup", "a cache lies in it", "CacheSubnetGroupInUse"),
    case("DeleteCacheSubnetGroup", "a cache of Memcached lies in it", "CacheSubnetGroupInUse"),
    case("DeleteCacheParameterGroup", "a cache uses it", "InvalidCacheParameterGroupState"),
    case("DeleteFileSystem", "it has a mount target", "FileSystemInUse"),
    case("CreateMountTarget", "the zone has one", "MountTargetConflict"),
    case("UpdateFileSystem", "the throughput mode was changed within a day", "TooManyRequests"),
    case("DeleteVolume", "an instance has it", "VolumeInUse"),
    case("ModifyVolume", "it was changed within six hours", "VolumeModificationRateExceeded"),
    case("DeleteTargetGroup", "a listener sends to it", "ResourceInUse"),
    case("CreateListener", "the port is taken", "DuplicateListener"),
    case("CreateRule", "the priority is taken", "PriorityInUse"),
    case("DeleteLoadBalancer", "it is protected", "OperationNotPermitted"),
    case("DeleteAutoScalingGroup", "it has instances", "ResourceInUse"),
    case("CreateAutoScalingGroup", "the name is taken", "AlreadyExists"),
    case("CreateAutoScalingGroup", "the instance profile is new", "ValidationError"),
    case("PutScalingPolicy", "it counts requests to a target group that is not attached", "ValidationError"),
    case("DeleteRole", "an instance profile has it", "DeleteConflict"),
    case("DeleteRole", "it has a policy of its own", "DeleteConflict"),
    case("DeleteRole", "a policy is attached", "DeleteConflict"),
    case("DeleteInstanceProfile", "it has a role", "DeleteConflict"),
    case("AddRoleToInstanceProfile", "it has a role", "LimitExceeded"),
    case("CreateRole", "the name is taken", "EntityAlreadyExists"),
    case("DeleteCachePolicy", "a distribution uses it", "CachePolicyInUse"),
    case("CreateCachePolicy", "the name is taken", "CachePolicyAlreadyExists"),
    case("UpdateDistribution", "no version is named", "InvalidIfMatchVersion"),
    case("UpdateDistribution", "another version is named", "PreconditionFailed"),
    case("DeleteDistribution", "it is enabled", "DistributionNotDisabled"),
    case("DeleteCertificate", "a listener uses it", "ResourceInUseException"),
    case("CreateListener", "its certificate is not issued", "UnsupportedCertificate"),
    case("UpdateDistribution", "its certificate is not issued", "InvalidViewerCertificate"),
    case("DeleteOriginAccessControl", "a distribution uses it", "OriginAccessControlInUse"),
    case("DeleteBucket", "an old version is in it", "BucketNotEmpty"),
    case("CreateTrail", "its bucket's policy lets nobody write", "InsufficientS3BucketPolicyException"),
    case("ModifyLoadBalancerAttributes", "its log's bucket's policy lets nobody write", "InvalidConfigurationRequest"),
    case("UpdateIPSet", "another version of the addresses is named", "WAFOptimisticLockException"),
    case("DeleteIPSet", "a web ACL names the addresses", "WAFAssociatedItemException"),
    case("DeleteWebACL", "a distribution names it", "WAFAssociatedItemException"),
    case("UpdateWebACL", "another version is named", "WAFOptimisticLockException"),
    case("CreateWebACL", "the name is taken", "WAFDuplicateItemException"),
    case("CreateSecret", "one of the name is in its recovery window", "InvalidRequestException"),
    case("ScheduleKeyDeletion", "it waits for its end", "KMSInvalidStateException"),
    case("EnableKeyRotation", "it is switched off", "DisabledException"),
    case("CancelKeyDeletion", "it does not wait for its end", "KMSInvalidStateException"),
    case("DeleteBackupVault", "a backup is in it", "InvalidRequestException"),
    case("DeleteBackupPlan", "something is selected", "InvalidRequestException"),
    case("GetSecretValue", "it is in its recovery window", "InvalidRequestException"),
];

/// Makes what a case is about and answers the forbidden call.
pub async fn provoke(aws: &World, case: &Case) -> Result<Call> {
    match case.action.trim_start_matches(|first: char| first.is_lowercase()) {
        "DeleteVpc" => network(aws, case.because).await,
        action if action.contains("CidrBlock") || action == "CreateLoadBalancer" => ipv6(aws, case).await,
        action if action.contains("Delivery") => delivery(aws, case.action).await,
        "DeleteSubnet" => subnet(aws, case.because).await,
        "DeleteSecurityGroup" => security_group(aws, case.because).await,
        _ if case.because.contains("certificate") || case.action.contains("Certificate") => names(aws, case).await,
        _ if case.because.contains("cluster") && case.action.contains("DB") => cluster(aws, case).await,
        action if action.contains("Key") => keys(aws, case).await,
        action if action.contains("Backup") => backups(aws, case).await,
        action if action.contains("DB") => database(aws, case).await,
        action
            if action.contains("ReplicationGroup") || action.contains("Replica") || action.contains("DeleteCacheS") =>
        {
            caches(aws, case).await
        }
        "CreateCacheCluster" | "ModifyCacheCluster" => caches(aws, case).await,
        "DeleteCacheParameterGroup" => caches(aws, case).await,
        action if action.contains("Role") || action.contains("Profile") => identity(aws, case).await,
        "DeleteOriginAccessControl" => access_control(aws, case).await,
        "DeleteBucket" => bucket(aws, case).await,
        "CreateTrail" | "ModifyLoadBalancerAttributes" => logs(aws, case).await,
        action if action.contains("IPSet") => addresses(aws, case).await,
        action if action.contains("Distribution") || action.contains("CachePolicy") => edge(aws, case).await,
        action if action.contains("MountTarget") || action.contains("FileSystem") => files(aws, case).await,
        action if action.contains("WebACL") => firewall(aws, case).await,
        action if action.contains("Volume") => volumes(aws, case).await,
        action if action.contains("Secret") => secrets(aws, case).await,
        "CreateRule" => doors(aws, case).await,
        action if action.contains("Listener") || action.contains("LoadBalancer") || action.contains("Target") => {
            doors(aws, case).await
        }
        action if action.contains("Scaling") => groups(aws, case).await,
        _ => routes(aws, case).await,
    }
}

fn unknown(case: &str) -> anyhow::Error {
    anyhow::anyhow!("nobody knows how to provoke: {case}")
}

const PASSWORD: (&str, &str) = ("MasterUserPassword", "not-a-secret");
