//! One forbidden call for each rule, and for each way to hold.

use anyhow::{Context, Result, bail};
use wpc_e2e::inventory::COMPONENT_TAG;

use super::world::{
    Call, World, cache, cache_policy, call, database_subnets, distribution, door_rule, listener, member, memcached,
    mount_target, role, scaling_group,
};

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

async fn network(aws: &World, because: &str) -> Result<Call> {
    let vpc = aws.vpc().await?;
    match because {
        "a subnet is in it" => drop(aws.subnet(&vpc, 0).await?),
        "a security group is in it" => drop(aws.security_group(&vpc, "web").await?),
        "an internet gateway is attached" => drop(aws.internet_gateway(&vpc).await?),
        "an egress-only internet gateway is in it" => {
            aws.make(call("ec2", "CreateEgressOnlyInternetGateway", &[("VpcId", &vpc)]), "").await?;
        }
        "a route table is in it" => drop(aws.route_table(&vpc).await?),
        "an endpoint is in it" => {
            aws.make(call("ec2", "CreateVpcEndpoint", &[("VpcId", &vpc), S3]), "").await?;
        }
        other => return Err(unknown(other)),
    }
    Ok(call("ec2", "DeleteVpc", &[("VpcId", &vpc)]))
}

const S3: (&str, &str) = ("ServiceName", "com.amazonaws.us-east-1.s3");

/// A network and two of its subnets, with IPv6: where the network and a subnet are known to have it from.
async fn ipv6(aws: &World, case: &Case) -> Result<Call> {
    let (vpc, subnets) = aws.subnets().await?;
    if case.action == "CreateLoadBalancer" {
        let wanted = call("elbv2", case.action, &[("Name", "web"), ("IpAddressType", "dualstack")]);
        return Ok(wanted.and("Subnets.member.1", &subnets[0]).and("Subnets.member.2", &subnets[1]));
    }
    let asked = [("VpcId", vpc.as_str()), ("AmazonProvidedIpv6CidrBlock", "true")];
    let network =
        aws.make(call("ec2", "AssociateVpcCidrBlock", &asked), "ipv6CidrBlockAssociation/associationId").await?;
    let range = call("ec2", "DescribeVpcs", &[("VpcId.1", &vpc)]);
    let range = aws.make(range, "vpcSet/item/ipv6CidrBlockAssociationSet/item/ipv6CidrBlock").await?;
    let mut parts = vec![];
    for (n, subnet) in subnets.iter().enumerate() {
        let part = range.replace("00::/56", &format!("0{n}::/64"));
        let asked = call("ec2", "AssociateSubnetCidrBlock", &[("SubnetId", subnet), ("Ipv6CidrBlock", &part)]);
        parts.push(aws.make(asked, "ipv6CidrBlockAssociation/associationId").await?);
    }
    match case.action {
        "DisassociateVpcCidrBlock" => Ok(call("ec2", case.action, &[("AssociationId", &network)])),
        "AssociateSubnetCidrBlock" => {
            let other = range.replace("00::/56", "07::/64");
            Ok(call("ec2", case.action, &[("SubnetId", &subnets[0]), ("Ipv6CidrBlock", &other)]))
        }
        _ => {
            let wanted = call("elbv2", "CreateLoadBalancer", &[("Name", "web"), ("IpAddressType", "dualstack")]);
            let wanted = wanted.and("Subnets.member.1", &subnets[0]).and("Subnets.member.2", &subnets[1]);
            aws.make(wanted, "").await?;
            Ok(call("ec2", case.action, &[("AssociationId", &parts[0])]))
        }
    }
}

/// An interface endpoint in a subnet, under the service's own name.
fn interface(vpc: &str, subnet: &str) -> Call {
    let service = ("ServiceName", "com.amazonaws.us-east-1.ssm");
    let named = [("VpcEndpointType", "Interface"), ("PrivateDnsEnabled", "true")];
    call("ec2", "CreateVpcEndpoint", &[&named[..], &[("VpcId", vpc), service, ("SubnetId.1", subnet)]].concat())
}

async fn subnet(aws: &World, because: &str) -> Result<Call> {
    let (vpc, subnets) = aws.subnets().await?;
    match because {
        "an interface endpoint is in it" => drop(aws.make(interface(&vpc, &subnets[0]), "").await?),
        "a NAT gateway is in it" => drop(aws.nat_gateway(&subnets[0]).await?),
        "a load balancer is in it" => drop(aws.load_balancer(&subnets, None).await?),
        "a mount target is in it" => aws.mount_target(&aws.file_system().await?, &subnets[0], None).await?,
        "instances are in it" => aws.instances(&aws.launch_template(&[]).await?, &subnets).await?,
        "a database is in it" => {
            aws.database_subnets(&subnets).await?;
            aws.database(&[PASSWORD, ("DBSubnetGroupName", "db")]).await?;
        }
        "a cache is in it" => {
            aws.cache_subnets(&subnets).await?;
            aws.cache(&[("CacheSubnetGroupName", "cache")]).await?;
        }
        other => return Err(unknown(other)),
    }
    Ok(call("ec2", "DeleteSubnet", &[("SubnetId", &subnets[0])]))
}

const PASSWORD: (&str, &str) = ("MasterUserPassword", "not-a-secret");

async fn security_group(aws: &World, because: &str) -> Result<Call> {
    let (vpc, subnets) = aws.subnets().await?;
    let group = aws.security_group(&vpc, "web").await?;
    match because {
        "another group's rule names it" => {
            let other = aws.security_group(&vpc, "database").await?;
            let wanted = call("ec2", "AuthorizeSecurityGroupIngress", &[("GroupId", &other)]);
            aws.make(rule(wanted).and("IpPermissions.1.Groups.1.GroupId", &group), "").await?;
        }
        "an interface endpoint wears it" => {
            aws.make(interface(&vpc, &subnets[0]).and("SecurityGroupId.1", &group), "").await?;
        }
        "a load balancer wears it" => drop(aws.load_balancer(&subnets, Some(&group)).await?),
        "a database wears it" => {
            aws.database(&[PASSWORD, ("VpcSecurityGroupIds.VpcSecurityGroupId.1", &group)]).await?;
        }
        "a cluster wears it" => aws.cluster(&[("VpcSecurityGroupIds.VpcSecurityGroupId.1", &group)]).await?,
        "a cache wears it" => aws.cache(&[("SecurityGroupIds.SecurityGroupId.1", &group)]).await?,
        "a mount target wears it" => {
            aws.mount_target(&aws.file_system().await?, &subnets[0], Some(&group)).await?;
        }
        "instances wear it" => {
            let template = aws.launch_template(&[("LaunchTemplateData.SecurityGroupId.1", &group)]).await?;
            aws.instances(&template, &subnets).await?;
        }
        other => return Err(unknown(other)),
    }
    Ok(call("ec2", "DeleteSecurityGroup", &[("GroupId", &group)]))
}

fn rule(wanted: Call) -> Call {
    let port = [("IpProtocol", "tcp"), ("FromPort", "80"), ("ToPort", "80")];
    port.iter().fold(wanted, |wanted, (name, value)| wanted.and(&format!("IpPermissions.1.{name}"), value))
}

async fn routes(aws: &World, case: &Case) -> Result<Call> {
    let (vpc, subnets) = aws.subnets().await?;
    match (case.action, case.because) {
        ("CreateSubnet", _) => Ok(call("ec2", "CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.42.0.128/25")])),
        ("DetachInternetGateway", because) => {
            let gateway = aws.internet_gateway(&vpc).await?;
            match because {
                "a NAT gateway has a public address" => drop(aws.nat_gateway(&subnets[0]).await?),
                _ => drop(aws.load_balancer(&subnets, None).await?),
            }
            Ok(call("ec2", case.action, &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]))
        }
        ("DeleteInternetGateway", _) => {
            let gateway = aws.internet_gateway(&vpc).await?;
            Ok(call("ec2", case.action, &[("InternetGatewayId", &gateway)]))
        }
        ("AttachInternetGateway", _) => {
            let gateway = aws.internet_gateway(&vpc).await?;
            let other = aws.make(call("ec2", "CreateVpc", &[("CidrBlock", "10.43.0.0/16")]), "vpc/vpcId").await?;
            Ok(call("ec2", case.action, &[("InternetGatewayId", &gateway), ("VpcId", &other)]))
        }
        ("ReleaseAddress", _) => {
            let address = aws.nat_gateway(&subnets[0]).await?;
            Ok(call("ec2", case.action, &[("AllocationId", &address)]))
        }
        ("CreateNatGateway", _) => {
            let address = aws.nat_gateway(&subnets[0]).await?;
            Ok(call("ec2", case.action, &[("SubnetId", &subnets[1]), ("AllocationId", &address)]))
        }
        ("DeleteRouteTable" | "AssociateRouteTable", _) => {
            let (table, other) = (aws.route_table(&vpc).await?, aws.route_table(&vpc).await?);
            let follow =
                |table: &str| call("ec2", "AssociateRouteTable", &[("RouteTableId", table), ("SubnetId", &subnets[0])]);
            aws.make(follow(&table), "").await?;
            let delete = call("ec2", "DeleteRouteTable", &[("RouteTableId", &table)]);
            Ok(if case.action == "DeleteRouteTable" { delete } else { follow(&other) })
        }
        ("CreateRoute", _) => {
            let (table, gateway) = (aws.route_table(&vpc).await?, aws.internet_gateway(&vpc).await?);
            let route =
                [("RouteTableId", table.as_str()), ("GatewayId", &gateway), ("DestinationCidrBlock", "0.0.0.0/0")];
            aws.make(call("ec2", case.action, &route), "").await?;
            Ok(call("ec2", case.action, &route))
        }
        ("CreateVpcEndpoint", "another has the service's own name") => {
            aws.make(interface(&vpc, &subnets[0]), "").await?;
            Ok(interface(&vpc, &subnets[1]))
        }
        ("CreateVpcEndpoint", _) => {
            let table = aws.route_table(&vpc).await?;
            let endpoint = [("VpcId", vpc.as_str()), S3, ("RouteTableId.1", &table)];
            aws.make(call("ec2", case.action, &endpoint), "").await?;
            Ok(call("ec2", case.action, &endpoint))
        }
        ("AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress", _) => {
            let group = aws.security_group(&vpc, "web").await?;
            let wanted = || {
                rule(call("ec2", case.action, &[("GroupId", &group)]))
                    .and("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8")
            };
            aws.make(wanted(), "").await?;
            Ok(wanted())
        }
        _ => Err(unknown(case.action)),
    }
}

async fn database(aws: &World, case: &Case) -> Result<Call> {
    let name = [("DBInstanceIdentifier", "db")];
    let skip = ("SkipFinalSnapshot", "true");
    let last = ("FinalDBSnapshotIdentifier", "last");
    let modify = |change: &[(&str, &str)]| {
        call("rds", "ModifyDBInstance", &[&name, change, &[("ApplyImmediately", "true")]].concat())
    };
    let replica = call(
        "rds",
        "CreateDBInstanceReadReplica",
        &[("DBInstanceIdentifier", "db-1"), ("SourceDBInstanceIdentifier", "db")],
    );
    match case.because {
        "it is protected" => {
            aws.database(&[PASSWORD, ("DeletionProtection", "true")]).await?;
            Ok(call("rds", case.action, &[name[0], skip]))
        }
        "nothing is said of a final snapshot" => {
            aws.database(&[PASSWORD]).await?;
            Ok(call("rds", case.action, &name))
        }
        "a final snapshot is named and skipped" => {
            aws.database(&[PASSWORD]).await?;
            Ok(call("rds", case.action, &[name[0], skip, last]))
        }
        "the final snapshot's name is taken" => {
            aws.database(&[PASSWORD]).await?;
            aws.make(call("rds", "CreateDBSnapshot", &[name[0], ("DBSnapshotIdentifier", "last")]), "").await?;
            Ok(call("rds", case.action, &[name[0], last]))
        }
        "its source has no backups" => {
            aws.database(&[PASSWORD]).await?;
            aws.make(modify(&[("BackupRetentionPeriod", "0")]), "").await?;
            Ok(replica)
        }
        "RDS manages its source's password" => {
            aws.database(&[("ManageMasterUserPassword", "true")]).await?;
            Ok(replica)
        }
        "RDS is to manage the password, with replicas" => {
            aws.database(&[PASSWORD]).await?;
            aws.replica().await?;
            Ok(modify(&[("ManageMasterUserPassword", "true")]))
        }
        "storage would shrink" => {
            aws.database(&[PASSWORD]).await?;
            Ok(modify(&[("AllocatedStorage", "50")]))
        }
        "storage was changed within six hours" => {
            aws.database(&[PASSWORD]).await?;
            aws.make(modify(&[("AllocatedStorage", "200")]), "").await?;
            Ok(modify(&[("AllocatedStorage", "300")]))
        }
        "a database lies in it" | "the name is taken" => {
            let (_, subnets) = aws.subnets().await?;
            aws.database_subnets(&subnets).await?;
            if case.action == "CreateDBSubnetGroup" {
                return Ok(database_subnets(&subnets));
            }
            aws.database(&[PASSWORD, ("DBSubnetGroupName", "db")]).await?;
            Ok(call("rds", case.action, &[("DBSubnetGroupName", "db")]))
        }
        "a database uses it" => {
            let name = ("DBParameterGroupName", "db");
            let wanted = [name, ("DBParameterGroupFamily", "mysql8.4"), ("Description", "db")];
            aws.make(call("rds", "CreateDBParameterGroup", &wanted), "").await?;
            aws.database(&[PASSWORD, name]).await?;
            Ok(call("rds", case.action, &[name]))
        }
        other => Err(unknown(other)),
    }
}

async fn cluster(aws: &World, case: &Case) -> Result<Call> {
    let name = ("DBClusterIdentifier", "cluster");
    let (skip, last) = (("SkipFinalSnapshot", "true"), ("FinalDBSnapshotIdentifier", "last"));
    let instance = ("DBInstanceIdentifier", "member");
    match (case.action, case.because) {
        ("DeleteDBClusterParameterGroup", _) => {
            let group = ("DBClusterParameterGroupName", "cluster");
            let wanted = [group, ("DBParameterGroupFamily", "aurora-mysql8.0"), ("Description", "cluster")];
            aws.make(call("rds", "CreateDBClusterParameterGroup", &wanted), "").await?;
            aws.cluster(&[group]).await?;
            return Ok(call("rds", case.action, &[group]));
        }
        ("DeleteDBSubnetGroup", _) => {
            let (_, subnets) = aws.subnets().await?;
            aws.database_subnets(&subnets).await?;
            let group = ("DBSubnetGroupName", "db");
            aws.cluster(&[group]).await?;
            return Ok(call("rds", case.action, &[group]));
        }
        (_, "the cluster is protected") => {
            aws.cluster(&[("DeletionProtection", "true")]).await?;
            return Ok(call("rds", case.action, &[name, skip]));
        }
        _ => aws.cluster(&[]).await?,
    }
    match (case.action, case.because) {
        ("CreateDBInstance", "a cluster's, with backups of its own") => {
            Ok(member("db.r7g.large").and("BackupRetentionPeriod", "7"))
        }
        ("CreateDBInstance", _) => Ok(member("db.serverless")),
        ("ModifyDBInstance", _) => {
            aws.make(member("db.r7g.large"), "").await?;
            let version = ("EngineVersion", "8.0.mysql_aurora.3.10.3");
            Ok(call("rds", case.action, &[instance, version, ("ApplyImmediately", "true")]))
        }
        ("DeleteDBInstance", _) => {
            aws.make(member("db.r7g.large"), "").await?;
            Ok(call("rds", case.action, &[instance, last]))
        }
        (_, "nothing is said of the cluster's snapshot") => Ok(call("rds", case.action, &[name])),
        (_, "the cluster's snapshot is named and skipped") => Ok(call("rds", case.action, &[name, skip, last])),
        (_, "the name of the cluster's snapshot is taken") => {
            let taken = [name, ("DBClusterSnapshotIdentifier", "last")];
            aws.make(call("rds", "CreateDBClusterSnapshot", &taken), "").await?;
            Ok(call("rds", case.action, &[name, last]))
        }
        ("DeleteDBCluster", _) => {
            aws.make(member("db.r7g.large"), "").await?;
            Ok(call("rds", case.action, &[name, skip]))
        }
        _ => Err(unknown(case.because)),
    }
}

async fn caches(aws: &World, case: &Case) -> Result<Call> {
    let name = ("ReplicationGroupId", "cache");
    let (zones, failover) = (("MultiAZEnabled", "true"), ("AutomaticFailoverEnabled", "true"));
    match (case.action, case.because) {
        ("CreateReplicationGroup", "failover with one node") => Ok(cache("1", &[failover])),
        ("CreateReplicationGroup", _) => Ok(cache("2", &[zones])),
        ("ModifyReplicationGroup", because) => {
            aws.cache(&[]).await?;
            let change: &[_] = match because {
                "Multi-AZ without failover" => &[zones],
                "encryption at rest" => &[("AtRestEncryptionEnabled", "true")],
                _ => &[("TransitEncryptionEnabled", "true"), ("TransitEncryptionMode", "required")],
            };
            Ok(call("elasticache", case.action, &[&[name, ("ApplyImmediately", "true")], change].concat()))
        }
        ("DecreaseReplicaCount", _) => {
            aws.cache(&[zones, failover]).await?;
            Ok(call("elasticache", case.action, &[name, ("NewReplicaCount", "0"), ("ApplyImmediately", "true")]))
        }
        ("CreateCacheCluster", _) => Ok(memcached(&[("AuthToken", "not-a-secret-at-all")])),
        ("ModifyCacheCluster", _) => {
            aws.make(memcached(&[]), "").await?;
            let fewer = [("CacheClusterId", "memcached"), ("NumCacheNodes", "1"), ("ApplyImmediately", "true")];
            Ok(call("elasticache", case.action, &fewer))
        }
        ("DeleteCacheSubnetGroup", because) => {
            let (_, subnets) = aws.subnets().await?;
            aws.cache_subnets(&subnets).await?;
            let lies = [("CacheSubnetGroupName", "cache")];
            match because {
                "a cache lies in it" => aws.cache(&lies).await?,
                _ => drop(aws.make(memcached(&lies), "").await?),
            }
            Ok(call("elasticache", case.action, &[("CacheSubnetGroupName", "cache")]))
        }
        ("DeleteCacheParameterGroup", _) => {
            let name = ("CacheParameterGroupName", "cache");
            let wanted = [name, ("CacheParameterGroupFamily", "valkey8"), ("Description", "cache")];
            aws.make(call("elasticache", "CreateCacheParameterGroup", &wanted), "").await?;
            aws.cache(&[name]).await?;
            Ok(call("elasticache", case.action, &[name]))
        }
        _ => Err(unknown(case.action)),
    }
}

async fn files(aws: &World, case: &Case) -> Result<Call> {
    let files = aws.file_system().await?;
    if case.action == "UpdateFileSystem" {
        let mode = |mode| {
            call("efs", "UpdateFileSystem", &[("FileSystemId", &files)])
                .body(format!(r#"{{"ThroughputMode": "{mode}"}}"#))
        };
        aws.make(mode("elastic"), "").await?;
        return Ok(mode("bursting"));
    }
    let (_, subnets) = aws.subnets().await?;
    aws.mount_target(&files, &subnets[0], None).await?;
    match case.action {
        "CreateMountTarget" => Ok(mount_target(&files, &subnets[0], None)),
        _ => Ok(call("efs", case.action, &[("FileSystemId", &files)])),
    }
}

async fn volumes(aws: &World, case: &Case) -> Result<Call> {
    let wanted = [
        ("AvailabilityZone", "us-east-1a"),
        ("Size", "8"),
        ("VolumeType", "gp3"),
        ("TagSpecification.1.ResourceType", "volume"),
        ("TagSpecification.1.Tag.1.Key", COMPONENT_TAG),
        ("TagSpecification.1.Tag.1.Value", "storage/volume"),
    ];
    let volume = aws.make(call("ec2", "CreateVolume", &wanted), "volumeId").await?;
    if case.action == "ModifyVolume" {
        let size = |size| call("ec2", "ModifyVolume", &[("VolumeId", &volume), ("Size", size)]);
        aws.make(size("9"), "").await?;
        return Ok(size("10"));
    }
    let template = aws.launch_template(&[]).await?;
    let instance = [
        ("LaunchTemplate.LaunchTemplateId", template.as_str()),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("Placement.AvailabilityZone", "us-east-1a"),
    ];
    let instance = aws.make(call("ec2", "RunInstances", &instance), "instancesSet/item/instanceId").await?;
    let attach = [("VolumeId", volume.as_str()), ("InstanceId", &instance), ("Device", "/dev/sdf")];
    aws.make(call("ec2", "AttachVolume", &attach), "").await?;
    Ok(call("ec2", case.action, &[("VolumeId", &volume)]))
}

async fn doors(aws: &World, case: &Case) -> Result<Call> {
    let (balancer, target) = aws.listener().await?;
    match case.action {
        "CreateListener" => Ok(listener(&balancer, &target)),
        "CreateRule" => {
            let ports = aws.send(&call("elbv2", "DescribeListeners", &[("LoadBalancerArn", &balancer)])).await?;
            let port = ports.tree().and_then(|tree| tree.text("DescribeListenersResult/Listeners/member/ListenerArn"));
            let port = port.context("no listener")?;
            aws.make(door_rule(&port, &target), "").await?;
            Ok(door_rule(&port, &target))
        }
        "DeleteTargetGroup" => Ok(call("elbv2", case.action, &[("TargetGroupArn", &target)])),
        _ => {
            let protect = [
                ("LoadBalancerArn", balancer.as_str()),
                ("Attributes.member.1.Key", "deletion_protection.enabled"),
                ("Attributes.member.1.Value", "true"),
            ];
            aws.make(call("elbv2", "ModifyLoadBalancerAttributes", &protect), "").await?;
            Ok(call("elbv2", case.action, &[("LoadBalancerArn", &balancer)]))
        }
    }
}

async fn groups(aws: &World, case: &Case) -> Result<Call> {
    let (_, subnets) = aws.subnets().await?;
    if case.because == "the instance profile is new" {
        aws.role().await?;
        aws.instance_profile().await?;
        let template = aws.launch_template(&[("LaunchTemplateData.IamInstanceProfile.Name", "web")]).await?;
        return Ok(scaling_group(&template, &subnets));
    }
    let template = aws.launch_template(&[]).await?;
    aws.instances(&template, &subnets).await?;
    match case.action {
        "CreateAutoScalingGroup" => Ok(scaling_group(&template, &subnets)),
        "PutScalingPolicy" => {
            const METRIC: &str = "TargetTrackingConfiguration.PredefinedMetricSpecification";
            let policy = [
                ("AutoScalingGroupName", "web"),
                ("PolicyName", "requests"),
                ("PolicyType", "TargetTrackingScaling"),
                ("TargetTrackingConfiguration.TargetValue", "900"),
            ];
            let policy = call("autoscaling", "PutScalingPolicy", &policy)
                .and(&format!("{METRIC}.PredefinedMetricType"), "ALBRequestCountPerTarget")
                .and(&format!("{METRIC}.ResourceLabel"), "app/web/50dc6c495c0c9188/targetgroup/web/73e2d6bc24d8a067");
            Ok(policy)
        }
        _ => Ok(call("autoscaling", case.action, &[("AutoScalingGroupName", "web")])),
    }
}

async fn identity(aws: &World, case: &Case) -> Result<Call> {
    aws.role().await?;
    let name = ("RoleName", "web");
    match case.because {
        "the name is taken" => return Ok(role()),
        "it has a policy of its own" => {
            let document = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;
            let policy = [name, ("PolicyName", "site"), ("PolicyDocument", document)];
            aws.make(call("iam", "PutRolePolicy", &policy), "").await?;
        }
        "a policy is attached" => {
            let policy = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
            aws.make(call("iam", "AttachRolePolicy", &[name, ("PolicyArn", policy)]), "").await?;
        }
        _ => aws.instance_profile().await?,
    }
    match case.action {
        "DeleteRole" => Ok(call("iam", "DeleteRole", &[name])),
        action => Ok(call("iam", action, &[("InstanceProfileName", "web"), name])),
    }
}

async fn edge(aws: &World, case: &Case) -> Result<Call> {
    let policy = aws.cache_policy().await?;
    if case.action == "CreateCachePolicy" {
        return Ok(cache_policy());
    }
    let (id, version) = aws.distribution(&policy).await?;
    let update = || call("cloudfront", "UpdateDistribution", &[("Id", &id)]).body(distribution(&policy, false));
    match (case.action, case.because) {
        ("UpdateDistribution", "no version is named") => Ok(update()),
        ("UpdateDistribution", _) => {
            aws.make(update().header("if-match", &version), "").await?;
            Ok(update().header("if-match", &version))
        }
        ("DeleteDistribution", _) => Ok(call("cloudfront", case.action, &[("Id", &id)]).header("if-match", &version)),
        ("DeleteCachePolicy", _) => {
            let answer = aws.send(&call("cloudfront", "GetCachePolicy", &[("Id", &policy)])).await?;
            let version = answer.headers.get("etag").context("no version")?.to_str()?.to_owned();
            Ok(call("cloudfront", case.action, &[("Id", &policy)]).header("if-match", version))
        }
        _ => bail!("nobody knows how to provoke {case:?}"),
    }
}

async fn names(aws: &World, case: &Case) -> Result<Call> {
    let pending = case.because == "its certificate is not issued";
    let domain = if pending { "www.example.invalid" } else { "www.example.com" };
    let wanted = format!(r#"{{"DomainName": "{domain}", "ValidationMethod": "DNS"}}"#);
    let arn = aws.make(call("acm", "RequestCertificate", &[]).body(wanted), "CertificateArn").await?;
    if case.action == "UpdateDistribution" {
        let policy = aws.cache_policy().await?;
        let (id, version) = aws.distribution(&policy).await?;
        let viewers = format!("<ViewerCertificate><ACMCertificateArn>{arn}</ACMCertificateArn></ViewerCertificate>");
        let config = distribution(&policy, true).replace("<Comment>", &format!("{viewers}<Comment>"));
        return Ok(call("cloudfront", case.action, &[("Id", &id)]).body(config).header("if-match", version));
    }
    let (balancer, target) = aws.listener().await?;
    let https = [("Protocol", "HTTPS"), ("Port", "443"), ("Certificates.member.1.CertificateArn", arn.as_str())];
    let mut listener = listener(&balancer, &target);
    listener.params.retain(|(name, _)| name != "Protocol" && name != "Port");
    let listener = https.iter().fold(listener, |listener, (name, value)| listener.and(name, value));
    if pending {
        return Ok(listener);
    }
    aws.make(listener, "").await?;
    Ok(call("acm", case.action, &[("CertificateArn", &arn)]))
}

async fn access_control(aws: &World, case: &Case) -> Result<Call> {
    let wanted = "<OriginAccessControlConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Name>web</Name>\
                  <SigningProtocol>sigv4</SigningProtocol><SigningBehavior>always</SigningBehavior>\
                  <OriginAccessControlOriginType>s3</OriginAccessControlOriginType></OriginAccessControlConfig>";
    let made = aws.send(&call("cloudfront", "CreateOriginAccessControl", &[]).body(wanted)).await?;
    let id = made.tree().and_then(|tree| tree.text("Id")).context("no control")?;
    let version = made.headers.get("etag").context("no version")?.to_str()?.to_owned();
    let policy = aws.cache_policy().await?;
    let origin = format!("<OriginAccessControlId>{id}</OriginAccessControlId><CustomOriginConfig>");
    let body = distribution(&policy, true).replace("<CustomOriginConfig>", &origin);
    aws.make(call("cloudfront", "CreateDistribution", &[]).body(body), "Id").await?;
    Ok(call("cloudfront", case.action, &[("Id", &id)]).header("if-match", version))
}

async fn bucket(aws: &World, case: &Case) -> Result<Call> {
    let name = format!("media-{}", aws.scope.access_key.to_ascii_lowercase());
    let bucket = ("Bucket", name.as_str());
    aws.make(call("s3", "CreateBucket", &[bucket]), "").await?;
    let kept = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>";
    aws.make(call("s3", "PutBucketVersioning", &[bucket]).body(kept), "").await?;
    let object = [bucket, ("Key", "wp-content/uploads/a.png")];
    aws.make(call("s3", "PutObject", &object).body("a"), "").await?;
    aws.make(call("s3", "DeleteObject", &object), "").await?;
    Ok(call("s3", case.action, &[bucket]))
}

/// A distribution whose log goes to a bucket.
async fn delivery(aws: &World, action: &'static str) -> Result<Call> {
    let told = |action, text: &str| call("logs", action, &[]).body(text.to_owned());
    let source = |name| {
        let distribution = "arn:aws:cloudfront:::distribution/E1";
        told(
            "PutDeliverySource",
            &format!(r#"{{"name": "{name}", "resourceArn": "{distribution}", "logType": "ACCESS_LOGS"}}"#),
        )
    };
    aws.make(source("web"), "").await?;
    if action == "PutDeliverySource" {
        return Ok(source("other"));
    }
    let place =
        r#"{"name": "web", "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::b-1"}}"#;
    let destination = aws.make(told("PutDeliveryDestination", place), "deliveryDestination/arn").await?;
    let both = format!(r#"{{"deliverySourceName": "web", "deliveryDestinationArn": "{destination}"}}"#);
    aws.make(told("CreateDelivery", &both), "").await?;
    Ok(told(action, r#"{"name": "web"}"#))
}

/// A bucket whose policy speaks of reading alone.
async fn logs(aws: &World, case: &Case) -> Result<Call> {
    let name = format!("logs-{}", aws.scope.access_key.to_ascii_lowercase());
    let bucket = ("Bucket", name.as_str());
    aws.make(call("s3", "CreateBucket", &[bucket]), "").await?;
    let reads = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"Service": "cloudfront.amazonaws.com"}}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{name}/*"}}]}}"#
    );
    aws.make(call("s3", "PutBucketPolicy", &[bucket]).body(reads), "").await?;
    if case.action == "CreateTrail" {
        return Ok(call("cloudtrail", case.action, &[("Name", "trail"), ("S3BucketName", &name)]));
    }
    let (balancer, _) = aws.listener().await?;
    let log = [("access_logs.s3.enabled", "true"), ("access_logs.s3.bucket", &name)];
    let wanted = call("elbv2", case.action, &[("LoadBalancerArn", &balancer)]);
    Ok((1..).zip(log).fold(wanted, |wanted, (number, (key, value))| {
        wanted
            .and(&format!("Attributes.member.{number}.Key"), key)
            .and(&format!("Attributes.member.{number}.Value"), value)
    }))
}

async fn secrets(aws: &World, case: &Case) -> Result<Call> {
    let wanted = || call("secretsmanager", "CreateSecret", &[]).body(r#"{"Name": "web", "SecretString": "x"}"#);
    aws.make(wanted(), "ARN").await?;
    let named = r#"{"SecretId": "web"}"#;
    aws.make(call("secretsmanager", "DeleteSecret", &[]).body(named), "ARN").await?;
    match case.action {
        "CreateSecret" => Ok(wanted()),
        _ => Ok(call("secretsmanager", case.action, &[]).body(named)),
    }
}

async fn keys(aws: &World, case: &Case) -> Result<Call> {
    let key = aws.make(call("kms", "CreateKey", &[]).body("{}"), "KeyMetadata/KeyId").await?;
    let of = |action| call("kms", action, &[]).body(format!(r#"{{"KeyId": "{key}"}}"#));
    match case.action {
        "ScheduleKeyDeletion" => drop(aws.make(of("ScheduleKeyDeletion"), "").await?),
        "EnableKeyRotation" => drop(aws.make(of("DisableKey"), "").await?),
        _ => {}
    }
    Ok(of(case.action))
}

const ROLE: &str = "arn:aws:iam::000000000000:role/web";

async fn backups(aws: &World, case: &Case) -> Result<Call> {
    let name = ("BackupVaultName", "vault");
    aws.make(call("backup", "CreateBackupVault", &[name]).body("{}"), "").await?;
    let database = "arn:aws:rds:us-east-1:000000000000:db:db";
    if case.action == "DeleteBackupVault" {
        let job = format!(r#"{{"BackupVaultName": "vault", "ResourceArn": "{database}", "IamRoleArn": "{ROLE}"}}"#);
        aws.make(call("backup", "StartBackupJob", &[]).body(job), "").await?;
        return Ok(call("backup", case.action, &[name]));
    }
    let plan = r#"{"BackupPlan": {"BackupPlanName": "plan", "Rules": [{"RuleName": "site", "TargetBackupVaultName": "vault"}]}}"#;
    let plan = aws.make(call("backup", "CreateBackupPlan", &[]).body(plan), "BackupPlanId").await?;
    let id = ("BackupPlanId", plan.as_str());
    let selection = format!(
        r#"{{"BackupSelection": {{"SelectionName": "site", "IamRoleArn": "{ROLE}", "Resources": ["{database}"]}}}}"#
    );
    aws.make(call("backup", "CreateBackupSelection", &[id]).body(selection), "").await?;
    Ok(call("backup", case.action, &[id]))
}

/// How a firewall or a rule of it is watched.
fn seen(name: &str) -> String {
    format!(r#"{{"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "{name}"}}"#)
}

/// A set of addresses that is at another version, or that a web ACL denies.
async fn addresses(aws: &World, case: &Case) -> Result<Call> {
    let name = r#""Name": "deny", "Scope": "REGIONAL""#;
    let wanted = format!(r#"{{{name}, "IPAddressVersion": "IPV4", "Addresses": ["192.0.2.0/24"]}}"#);
    let made = aws.send(&call("wafv2", "CreateIPSet", &[]).body(wanted)).await?.tree().context("no set")?;
    let part = |name: &str| made.text(&format!("Summary/{name}")).with_context(|| format!("no {name}"));
    let (id, arn, version) = (part("Id")?, part("ARN")?, part("LockToken")?);
    let of = |version: &str, more: &str| {
        call("wafv2", case.action, &[]).body(format!(r#"{{{name}, "Id": "{id}", "LockToken": "{version}"{more}}}"#))
    };
    if case.action == "UpdateIPSet" {
        return Ok(of("00000000-0000-4000-8000-000000000000", r#", "Addresses": []"#));
    }
    let rule = format!(
        r#"{{"Name": "deny", "Priority": 0, "Action": {{"Block": {{}}}}, "VisibilityConfig": {}, "Statement": {{"IPSetReferenceStatement": {{"ARN": "{arn}"}}}}}}"#,
        seen("deny")
    );
    let acl = format!(
        r#"{{"Name": "web", "Scope": "REGIONAL", "DefaultAction": {{"Allow": {{}}}}, "VisibilityConfig": {}, "Rules": [{rule}]}}"#,
        seen("web")
    );
    aws.make(call("wafv2", "CreateWebACL", &[]).body(acl), "").await?;
    Ok(of(&version, ""))
}

async fn firewall(aws: &World, case: &Case) -> Result<Call> {
    let settings = format!(
        r#""Name": "web", "Scope": "CLOUDFRONT", "DefaultAction": {{"Allow": {{}}}}, "VisibilityConfig": {}"#,
        seen("web")
    );
    let wanted = || call("wafv2", "CreateWebACL", &[]).body(format!("{{{settings}}}"));
    let made = aws.send(&wanted()).await?.tree().context("no web ACL")?;
    let part = |name: &str| made.text(&format!("Summary/{name}")).with_context(|| format!("no {name}"));
    let (id, arn, version) = (part("Id")?, part("ARN")?, part("LockToken")?);
    match case.action {
        "CreateWebACL" => Ok(wanted()),
        "UpdateWebACL" => {
            let other = "00000000-0000-4000-8000-000000000000";
            let body = format!(r#"{{{settings}, "Id": "{id}", "LockToken": "{other}", "Rules": []}}"#);
            Ok(call("wafv2", case.action, &[]).body(body))
        }
        _ => {
            let policy = aws.cache_policy().await?;
            let named = distribution(&policy, true);
            let named =
                named.replace("</DistributionConfig>", &format!("<WebACLId>{arn}</WebACLId></DistributionConfig>"));
            aws.make(call("cloudfront", "CreateDistribution", &[]).body(named), "").await?;
            let body = format!(r#"{{"Name": "web", "Scope": "CLOUDFRONT", "Id": "{id}", "LockToken": "{version}"}}"#);
            Ok(call("wafv2", case.action, &[]).body(body))
        }
    }
}
