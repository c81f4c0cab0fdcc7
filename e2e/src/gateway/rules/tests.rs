//! Each rule refuses, and lets pass.

use serde_json::{Value, json};

use super::super::protocol::Scope;
use super::*;

/// The code of the first rule for an action that refuses this item.
fn refusal(action: &str, params: &[(&str, &str)], item: Value) -> Option<&'static str> {
    // Only the parameters count here, so the form protocol stands for all.
    let request = Request::build("rds", action, params, &Scope::new("eu-central-1")).unwrap();
    let item = Tree::Json(item);
    let mut guards = rules().filter(|rule| rule.actions.contains(&action)).peekable();
    assert!(guards.peek().is_some(), "no rule guards {action}");
    let refuses = |rule: &&Rule| match &rule.check {
        Check::Seen(_, decide) => decide(&request, &item).is_some(),
        Check::Asked(decide) => decide(&request).is_some(),
        Check::Needs(look, will_do, _) => look.named(&request).is_some() && !will_do(&item),
        _ => false,
    };
    guards.find(refuses).map(|rule| rule.code)
}

#[test]
fn databases() {
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
    let taken = Some("DBSnapshotAlreadyExists");
    assert_eq!(refusal("DeleteDBInstance", &last, json!({"DBSnapshotIdentifier": "last"})), taken);
    assert_eq!(refusal("CreateDBInstanceReadReplica", &[], database("creating", 7)), STATE);
    assert_eq!(refusal("CreateDBInstanceReadReplica", &[], database("available", 0)), STATE);
    assert_eq!(refusal("CreateDBInstanceReadReplica", &[], database("available", 1)), None);
}

#[test]
fn what_a_database_was_made_with() {
    const COMBINATION: Option<&str> = Some("InvalidParameterCombination");
    let grow = |to| [("AllocatedStorage", to)];
    let has = || json!({"AllocatedStorage": 100});
    assert_eq!(refusal("ModifyDBInstance", &grow("90"), has()), COMBINATION);
    assert_eq!(refusal("ModifyDBInstance", &grow("100"), has()), None);
    assert_eq!(refusal("ModifyDBInstance", &grow("120"), has()), None);
    let source = |engine, replicas: Value| json!({"Engine": engine, "ReadReplicaDBInstanceIdentifiers": replicas});
    let manage = [("ManageMasterUserPassword", "true")];
    assert_eq!(refusal("ModifyDBInstance", &manage, source("mysql", json!(["db-1"]))), COMBINATION);
    assert_eq!(refusal("ModifyDBInstance", &manage, source("mysql", json!([]))), None);
    assert_eq!(refusal("ModifyDBInstance", &manage, source("sqlserver-ee", json!(["db-1"]))), None);
    let managed = |engine| json!({"Engine": engine, "MasterUserSecret": {"SecretArn": "arn"}});
    assert_eq!(refusal("CreateDBInstanceReadReplica", &[], managed("mysql")), Some("InvalidDBInstanceState"));
    assert_eq!(refusal("CreateDBInstanceReadReplica", &[], managed("sqlserver-ee")), None);
    assert_eq!(refusal("CreateDBSubnetGroup", &[], json!({})), Some("DBSubnetGroupAlreadyExists"));
}

#[test]
fn clusters() {
    const STATE: Option<&str> = Some("InvalidDBClusterStateFault");
    const COMBINATION: Option<&str> = Some("InvalidParameterCombination");
    let (skip, last) = (("SkipFinalSnapshot", "true"), ("FinalDBSnapshotIdentifier", "last"));
    let cluster = |status| json!({"Status": status});
    assert_eq!(refusal("ModifyDBCluster", &[], cluster("creating")), STATE);
    assert_eq!(refusal("ModifyDBCluster", &[], cluster("available")), None);
    assert_eq!(refusal("DeleteDBCluster", &[skip], cluster("creating")), STATE);
    assert_eq!(refusal("DeleteDBCluster", &[], cluster("available")), COMBINATION);
    assert_eq!(refusal("DeleteDBCluster", &[skip, last], cluster("available")), COMBINATION);
    assert_eq!(refusal("DeleteDBCluster", &[skip], json!({"DeletionProtection": true})), COMBINATION);
    let taken = json!({"DBClusterSnapshotIdentifier": "last"});
    assert_eq!(refusal("DeleteDBCluster", &[last], taken), Some("DBClusterSnapshotAlreadyExistsFault"));

    let member = || json!({"DBClusterIdentifier": "cluster", "DBInstanceStatus": "available"});
    let (of, size) = (("DBClusterIdentifier", "cluster"), ("AllocatedStorage", "50"));
    assert_eq!(refusal("CreateDBInstance", &[of, size], json!({})), COMBINATION);
    assert_eq!(refusal("CreateDBInstance", &[size], json!({})), None);
    let serverless = ("DBInstanceClass", "db.serverless");
    assert_eq!(refusal("CreateDBInstance", &[of, serverless], json!({})), STATE);
    let bounds = json!({"ServerlessV2ScalingConfiguration": {"MaxCapacity": 8}});
    assert_eq!(refusal("CreateDBInstance", &[of, serverless], bounds), None);
    assert_eq!(refusal("ModifyDBInstance", &[("EngineVersion", "8.4")], member()), COMBINATION);
    assert_eq!(refusal("ModifyDBInstance", &[("PromotionTier", "2")], member()), None);
    assert_eq!(refusal("DeleteDBInstance", &[last], member()), COMBINATION);
}

#[test]
fn what_a_cache_must_have_for_failover() {
    const COMBINATION: Option<&str> = Some("InvalidParameterCombination");
    let (zones, failover) = (("MultiAZEnabled", "true"), ("AutomaticFailoverEnabled", "true"));
    let nodes = |count| ("NumCacheClusters", count);
    assert_eq!(refusal("CreateReplicationGroup", &[zones, nodes("2")], json!({})), COMBINATION);
    assert_eq!(refusal("CreateReplicationGroup", &[zones, failover, nodes("1")], json!({})), COMBINATION);
    assert_eq!(refusal("CreateReplicationGroup", &[failover], json!({})), COMBINATION);
    assert_eq!(refusal("CreateReplicationGroup", &[zones, failover, nodes("2")], json!({})), None);
    assert_eq!(refusal("CreateReplicationGroup", &[nodes("1")], json!({})), None);
    let group = |zones: &str, failover: &str, nodes: &[&str]| json!({"MultiAZ": zones, "AutomaticFailover": failover, "MemberClusters": nodes});
    let (off, on) = ("disabled", "enabled");
    assert_eq!(refusal("ModifyReplicationGroup", &[zones], group(off, off, &["a", "b"])), COMBINATION);
    assert_eq!(refusal("ModifyReplicationGroup", &[zones, failover], group(off, off, &["a"])), COMBINATION);
    let less = [("AutomaticFailoverEnabled", "false")];
    assert_eq!(refusal("ModifyReplicationGroup", &less, group(on, on, &["a", "b"])), COMBINATION);
    assert_eq!(refusal("ModifyReplicationGroup", &[zones, failover], group(off, off, &["a", "b"])), None);
    assert_eq!(refusal("ModifyReplicationGroup", &[("SnapshotWindow", "x")], group(on, on, &["a", "b"])), None);
    let none = [("NewReplicaCount", "0")];
    assert_eq!(refusal("DecreaseReplicaCount", &none, group(on, on, &["a", "b"])), Some("InvalidParameterValue"));
    assert_eq!(refusal("DecreaseReplicaCount", &none, group(off, off, &["a", "b"])), None);
}

#[test]
fn what_a_cache_was_made_with() {
    const COMBINATION: Option<&str> = Some("InvalidParameterCombination");
    for fixed in ["AtRestEncryptionEnabled", "KmsKeyId", "Port", "CacheSubnetGroupName"] {
        assert_eq!(refusal("ModifyReplicationGroup", &[(fixed, "true")], json!({})), COMBINATION, "{fixed}");
    }
    let mode = |mode| [("TransitEncryptionEnabled", "true"), ("TransitEncryptionMode", mode)];
    let group = |encrypted| json!({"TransitEncryptionEnabled": encrypted});
    assert_eq!(refusal("ModifyReplicationGroup", &mode("required"), group(false)), COMBINATION);
    assert_eq!(refusal("ModifyReplicationGroup", &mode("preferred"), group(false)), None);
    assert_eq!(refusal("ModifyReplicationGroup", &mode("required"), group(true)), None);
}

#[test]
fn secrets() {
    const DELETED: Option<&str> = Some("InvalidRequestException");
    for action in ["CreateSecret", "GetSecretValue", "PutSecretValue"] {
        assert_eq!(refusal(action, &[], json!({"DeletedDate": 1})), DELETED);
        assert_eq!(refusal(action, &[], json!({"DeletedDate": null})), None);
    }
}

#[test]
fn doors_and_roles() {
    let port = [("Port", "80")];
    assert_eq!(refusal("CreateListener", &port, json!({"Port": 80})), Some("DuplicateListener"));
    assert_eq!(refusal("CreateListener", &port, json!({"Port": 443})), None);
    let priority = [("Priority", "1")];
    assert_eq!(refusal("CreateRule", &priority, json!({"Priority": "1"})), Some("PriorityInUse"));
    assert_eq!(refusal("CreateRule", &priority, json!({"Priority": "2"})), None);
    let protection = |on| json!({"Key": "deletion_protection.enabled", "Value": on});
    assert_eq!(refusal("DeleteLoadBalancer", &[], protection("true")), Some("OperationNotPermitted"));
    assert_eq!(refusal("DeleteLoadBalancer", &[], protection("false")), None);
    assert_eq!(refusal("DeleteRole", &[], json!("site")), Some("DeleteConflict"));
    assert_eq!(refusal("CreateAutoScalingGroup", &[], json!({})), Some("AlreadyExists"));
}

#[test]
fn caches() {
    let busy = Some("InvalidReplicationGroupState");
    assert_eq!(refusal("DeleteReplicationGroup", &[], json!({"Status": "creating"})), busy);
    assert_eq!(refusal("DeleteReplicationGroup", &[], json!({"Status": "available"})), None);
}

#[test]
fn memcached() {
    const COMBINATION: Option<&str> = Some("InvalidParameterCombination");
    let busy = Some("InvalidCacheClusterState");
    assert_eq!(refusal("DeleteCacheCluster", &[], json!({"CacheClusterStatus": "creating"})), busy);
    assert_eq!(refusal("DeleteCacheCluster", &[], json!({"CacheClusterStatus": "available"})), None);
    let engine = |engine| ("Engine", engine);
    let token = ("AuthToken", "not-a-secret");
    assert_eq!(refusal("CreateCacheCluster", &[engine("memcached"), token], json!({})), COMBINATION);
    assert_eq!(refusal("CreateCacheCluster", &[engine("redis"), token], json!({})), None);
    assert_eq!(refusal("CreateCacheCluster", &[engine("memcached")], json!({})), None);
    let nodes = |count| ("NumCacheNodes", count);
    let (have, gone) = (|| json!({"NumCacheNodes": 3}), ("CacheNodeIdsToRemove.CacheNodeId.1", "0003"));
    assert_eq!(refusal("ModifyCacheCluster", &[nodes("2")], have()), COMBINATION);
    assert_eq!(refusal("ModifyCacheCluster", &[nodes("1"), gone], have()), COMBINATION);
    assert_eq!(refusal("ModifyCacheCluster", &[nodes("4"), gone], have()), COMBINATION);
    assert_eq!(refusal("ModifyCacheCluster", &[nodes("2"), gone], have()), None);
    assert_eq!(refusal("ModifyCacheCluster", &[nodes("4")], have()), None);
}

#[test]
fn files() {
    let early = Some("IncorrectFileSystemLifeCycleState");
    assert_eq!(refusal("CreateMountTarget", &[], json!({"LifeCycleState": "creating"})), early);
    assert_eq!(refusal("CreateMountTarget", &[], json!({"LifeCycleState": "available"})), None);
    assert_eq!(refusal("DeleteFileSystem", &[], json!({"NumberOfMountTargets": 2})), Some("FileSystemInUse"));
    assert_eq!(refusal("DeleteFileSystem", &[], json!({"NumberOfMountTargets": 0})), None);
    let target = Some("IncorrectMountTargetState");
    assert_eq!(refusal("ModifyMountTargetSecurityGroups", &[], json!({"LifeCycleState": "deleting"})), target);
    assert_eq!(refusal("ModifyMountTargetSecurityGroups", &[], json!({"LifeCycleState": "available"})), None);
}

#[test]
fn the_edge() {
    let site = |enabled, status| json!({"Status": status, "DistributionConfig": {"Enabled": enabled}});
    assert_eq!(refusal("DeleteDistribution", &[], site(true, "Deployed")), Some("DistributionNotDisabled"));
    assert_eq!(refusal("DeleteDistribution", &[], site(false, "InProgress")), Some("DistributionNotDisabled"));
    assert_eq!(refusal("DeleteDistribution", &[], site(false, "Deployed")), None);
}

#[test]
fn buckets() {
    let version = json!({"Version": {"Key": "a", "VersionId": "1"}});
    let marker = json!({"DeleteMarker": {"Key": "a", "VersionId": "2"}});
    assert_eq!(refusal("DeleteBucket", &[], version), Some("BucketNotEmpty"));
    assert_eq!(refusal("DeleteBucket", &[], marker), Some("BucketNotEmpty"));
    assert_eq!(refusal("DeleteBucket", &[], json!({"Name": "media"})), None);
}

#[test]
fn who_writes_logs() {
    let lets = |service: &str| json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject"});
    let (trail, doors) = (lets("cloudtrail.amazonaws.com"), lets("logdelivery.elasticloadbalancing.amazonaws.com"));
    let bucket = [("S3BucketName", "logs")];
    assert_eq!(refusal("CreateTrail", &bucket, trail.clone()), None);
    assert_eq!(refusal("CreateTrail", &bucket, doors.clone()), Some("InsufficientS3BucketPolicyException"));
    let log = [("Attributes.member.2.Key", "access_logs.s3.bucket"), ("Attributes.member.2.Value", "logs")];
    assert_eq!(refusal("ModifyLoadBalancerAttributes", &log, doors), None);
    assert_eq!(refusal("ModifyLoadBalancerAttributes", &log, trail.clone()), Some("InvalidConfigurationRequest"));
    assert_eq!(refusal("ModifyLoadBalancerAttributes", &[], trail), None, "it has no log");
}

#[test]
fn firewalls() {
    let set = json!({"LockToken": "b", "IPSet": {"Name": "deny"}});
    let stale = Some("WAFOptimisticLockException");
    assert_eq!(refusal("UpdateIPSet", &[("LockToken", "a")], set.clone()), stale);
    assert_eq!(refusal("DeleteIPSet", &[("LockToken", "b")], set), None);
}

#[test]
fn compute() {
    let force = [("ForceDelete", "true")];
    let full = json!({"Instances": [{"InstanceId": "i-1"}]});
    assert_eq!(refusal("DeleteAutoScalingGroup", &[], full.clone()), Some("ResourceInUse"));
    assert_eq!(refusal("DeleteAutoScalingGroup", &force, full), None);
    assert_eq!(refusal("DeleteAutoScalingGroup", &[], json!({"Instances": []})), None);
    let worn = json!({"Roles": [{"RoleName": "site"}]});
    assert_eq!(refusal("DeleteInstanceProfile", &[], worn.clone()), Some("DeleteConflict"));
    assert_eq!(refusal("DeleteInstanceProfile", &[], json!({"Roles": []})), None);
    assert_eq!(refusal("AddRoleToInstanceProfile", &[], worn), Some("LimitExceeded"));
    assert_eq!(refusal("AddRoleToInstanceProfile", &[], json!({"Roles": []})), None);
    let running = Some("InstanceRefreshInProgress");
    assert_eq!(refusal("StartInstanceRefresh", &[], json!({"Status": "InProgress"})), running);
    assert_eq!(refusal("StartInstanceRefresh", &[], json!({"Status": "Successful"})), None);
}

#[test]
fn networks() {
    let range = |cidr| [("VpcId", "vpc-1"), ("CidrBlock", cidr)];
    let subnet = |vpc| json!({"vpcId": vpc, "cidrBlock": "10.0.0.0/24"});
    assert_eq!(refusal("CreateSubnet", &range("10.0.0.128/25"), subnet("vpc-1")), Some("InvalidSubnet.Conflict"));
    assert_eq!(refusal("CreateSubnet", &range("10.0.0.0/16"), subnet("vpc-1")), Some("InvalidSubnet.Conflict"));
    assert_eq!(refusal("CreateSubnet", &range("10.0.1.0/24"), subnet("vpc-1")), None);
    assert_eq!(refusal("CreateSubnet", &range("10.0.0.0/24"), subnet("vpc-2")), None);
    let gateway = |attachments: Value| json!({"internetGatewayId": "igw-1", "attachmentSet": attachments});
    let attached = || gateway(json!([{"vpcId": "vpc-1"}]));
    assert_eq!(refusal("DeleteInternetGateway", &[], attached()), Some("DependencyViolation"));
    assert_eq!(refusal("DeleteInternetGateway", &[], gateway(json!([]))), None);
    assert_eq!(refusal("AttachInternetGateway", &[], attached()), Some("Resource.AlreadyAssociated"));
    assert_eq!(refusal("AttachInternetGateway", &[], gateway(json!([]))), None);
}

#[test]
fn routes() {
    let table = |associations: Value| json!({"routeTableId": "rtb-1", "associationSet": associations});
    let followed = || table(json!([{"main": false, "subnetId": "subnet-1"}]));
    assert_eq!(refusal("DeleteRouteTable", &[], followed()), Some("DependencyViolation"));
    assert_eq!(refusal("DeleteRouteTable", &[], table(json!([]))), None);
    let associate = |table| [("RouteTableId", table), ("SubnetId", "subnet-1")];
    assert_eq!(refusal("AssociateRouteTable", &associate("rtb-2"), followed()), Some("Resource.AlreadyAssociated"));
    assert_eq!(refusal("AssociateRouteTable", &associate("rtb-1"), followed()), None, "it does already");
    assert_eq!(refusal("AssociateRouteTable", &associate("rtb-2"), table(json!([]))), None);
    let routes = json!({"routeSet": [{"destinationCidrBlock": "0.0.0.0/0"}]});
    let route = |to| [("DestinationCidrBlock", to)];
    assert_eq!(refusal("CreateRoute", &route("0.0.0.0/0"), routes.clone()), Some("RouteAlreadyExists"));
    assert_eq!(refusal("CreateRoute", &route("10.9.0.0/16"), routes.clone()), None);
    let ipv6 = [("DestinationIpv6CidrBlock", "::/0")];
    assert_eq!(refusal("CreateRoute", &ipv6, routes), None);
    let routes = json!({"routeSet": [{"destinationIpv6CidrBlock": "::/0"}]});
    assert_eq!(refusal("CreateRoute", &ipv6, routes), Some("RouteAlreadyExists"));
    let endpoint = |state| json!({"serviceName": "s3", "state": state, "routeTableIdSet": ["rtb-1"]});
    let create = |table| [("ServiceName", "s3"), ("RouteTableId.1", table)];
    assert_eq!(refusal("CreateVpcEndpoint", &create("rtb-1"), endpoint("available")), Some("RouteAlreadyExists"));
    assert_eq!(refusal("CreateVpcEndpoint", &create("rtb-2"), endpoint("available")), None);
    assert_eq!(refusal("CreateVpcEndpoint", &create("rtb-1"), endpoint("deleted")), None);
    let named = |state| json!({"serviceName": "ssm", "vpcId": "vpc-1", "privateDnsEnabled": true, "state": state});
    let create = |vpc, named| [("VpcId", vpc), ("ServiceName", "ssm"), ("PrivateDnsEnabled", named)];
    assert_eq!(refusal("CreateVpcEndpoint", &create("vpc-1", "true"), named("deleting")), Some("InvalidParameter"));
    assert_eq!(refusal("CreateVpcEndpoint", &create("vpc-1", "false"), named("available")), None);
    assert_eq!(refusal("CreateVpcEndpoint", &create("vpc-2", "true"), named("available")), None);
    assert_eq!(refusal("CreateVpcEndpoint", &create("vpc-1", "true"), named("deleted")), None);
}

#[test]
fn ipv6() {
    let subnet = |state| {
        let range = json!({"associationId": "subnet-cidr-assoc-1", "ipv6CidrBlockState": {"state": state}});
        json!({"subnetId": "subnet-1", "ipv6CidrBlockAssociationSet": [range]})
    };
    let asked = [("SubnetId", "subnet-1")];
    let one = "AssociateSubnetCidrBlock";
    assert_eq!(refusal(one, &asked, subnet("associating")), Some("InvalidSubnet.Conflict"));
    assert_eq!(refusal(one, &asked, subnet("disassociated")), None);
    let door = |kind| [("IpAddressType", kind), ("Subnets.member.1", "subnet-1")];
    assert_eq!(refusal("CreateLoadBalancer", &door("dualstack"), subnet("disassociated")), Some("InvalidSubnet"));
    assert_eq!(refusal("CreateLoadBalancer", &door("dualstack"), subnet("associated")), None);
    assert_eq!(refusal("CreateLoadBalancer", &door("ipv4"), subnet("disassociated")), None);
}

#[test]
fn rules_of_security_groups() {
    let rule = |egress: &str, peer: Value| {
        let mut rule =
            json!({"groupId": "sg-1", "isEgress": egress, "ipProtocol": "tcp", "fromPort": 80, "toPort": 80});
        rule.as_object_mut().unwrap().extend(peer.as_object().unwrap().clone());
        rule
    };
    let asked = |port: &'static str, peer: (&'static str, &'static str)| {
        [
            ("GroupId", "sg-1"),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", port),
            ("IpPermissions.1.ToPort", port),
            peer,
        ]
    };
    let cidr = || json!({"cidrIpv4": "10.0.0.0/8"});
    let group = || json!({"referencedGroupInfo": {"groupId": "sg-2"}});
    let (from, of) =
        (("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"), ("IpPermissions.1.Groups.1.GroupId", "sg-2"));
    const DUPLICATE: Option<&str> = Some("InvalidPermission.Duplicate");
    let (ingress, egress) = ("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress");
    assert_eq!(refusal(ingress, &asked("80", from), rule("false", cidr())), DUPLICATE);
    assert_eq!(refusal(ingress, &asked("80", of), rule("false", group())), DUPLICATE);
    assert_eq!(refusal(egress, &asked("80", of), rule("true", group())), DUPLICATE);
    assert_eq!(refusal(egress, &asked("80", of), rule("false", group())), None);
    assert_eq!(refusal(ingress, &asked("443", from), rule("false", cidr())), None);
    assert_eq!(refusal(ingress, &asked("80", of), rule("false", cidr())), None);
}

#[test]
fn keys() {
    const STATE: Option<&str> = Some("KMSInvalidStateException");
    let key = |state| json!({"Arn": "arn", "KeyState": state});
    for action in ["ScheduleKeyDeletion", "EnableKey", "TagResource"] {
        assert_eq!(refusal(action, &[], key("PendingDeletion")), STATE, "{action}");
        assert_eq!(refusal(action, &[], key("Disabled")), None, "{action}");
    }
    assert_eq!(refusal("EnableKeyRotation", &[], key("Disabled")), Some("DisabledException"));
    assert_eq!(refusal("EnableKeyRotation", &[], key("Enabled")), None);
    assert_eq!(refusal("CancelKeyDeletion", &[], key("Enabled")), STATE);
    assert_eq!(refusal("CancelKeyDeletion", &[], key("PendingDeletion")), None);
}

#[test]
fn every_rule_is_whole() {
    for rule in rules() {
        let whole = [rule.about, rule.service, rule.code, rule.when, rule.page].iter().all(|part| !part.is_empty());
        assert!(whole && !rule.actions.is_empty() && rule.status >= 400, "{rule:?}");
        match &rule.check {
            Check::Asked(_) => {}
            Check::Seen(look, _) | Check::Needs(look, ..) | Check::Again { look, .. } | Check::New { look, .. } => {
                assert!(table::row(look.kind).is_some(), "no kind {}", look.kind);
            }
            Check::Held { what, .. } => {
                assert!(holds::HOLDS.iter().any(|hold| hold.what == *what), "nothing holds {what}");
            }
        }
    }
}

/// Kinds of which AWS forgives everything that the operator could do wrong.
const FREE: &[(&str, &str)] = &[
    ("budgets/budget", "it goes at any time; a second one of its name is refused by the cloud"),
    ("backup/selection", "it goes at any time; a second one with its token is answered by the tokens"),
    ("ec2/egress-only-internet-gateway", "it goes at any time; a second one with its token is answered by the tokens"),
    ("ec2/flow-log", "it goes at any time; a second one with its token is answered by the tokens"),
    ("ec2/launch-template", "AWS deletes one that a group uses; names are refused by the clouds"),
    ("efs/access-point", "it can be deleted at any time; a second one with its token is answered by the tokens"),
    ("s3/bucket-policy", "PutBucketPolicy makes or changes it, and it goes with its bucket"),
    (
        "logs/log-group",
        "it can be deleted while somebody writes to it; a second one of its name is refused by the clouds",
    ),
    ("logs/delivery", "it goes at any time; a second one between its ends is refused by the clouds"),
    ("autoscaling/scheduled-action", "PutScheduledUpdateGroupAction makes or changes it, and it goes with its group"),
    ("cloudwatch/alarm", "PutMetricAlarm makes or changes it; the clouds refuse to delete one that a composite names"),
    (
        "cloudwatch/composite-alarm",
        "PutCompositeAlarm makes or changes it; a name in its rule must exist, in MiniStack",
    ),
    ("cloudwatch/dashboard", "PutDashboard makes or changes it"),
    ("route53/validation", "one call makes, changes and deletes records in one step; nothing holds one"),
    ("route53/alias", "as the validation"),
    ("route53/health-check", "it goes at any time; a second one with its reference is answered by the tokens"),
    ("wafv2/association", "AssociateWebACL makes or changes it, and it goes with either end"),
    ("wafv2/logging", "PutLoggingConfiguration makes or changes it, and it goes with its web ACL"),
    ("sns/topic", "CreateTopic answers with what is there; its subscriptions go with it"),
];

/// The operator's kinds by the table's names, where those differ.
fn in_table(kind: &str) -> String {
    match kind {
        "rds/replica" | "rds/cluster-instance" => "rds/instance".into(),
        "rds/recovery-point" => "rds/snapshot".into(),
        "iam/monitoring-role" => "iam/role".into(),
        "iam/backup-role" | "iam/flow-log-role" => "iam/role".into(),
        kind => kind.replace("elasticloadbalancing/", "elb/"),
    }
}

#[test]
fn every_kind_of_the_operator_has_a_rule() {
    for kind in wpc_blueprint::Kinds::offline().all() {
        let name = in_table(kind.name());
        let ruled = rules().any(|rule| rule.about == name);
        let free = FREE.iter().any(|(free, _)| *free == name);
        assert!(ruled || free, "{name} has no rule in gateway/rules, and no line here says why AWS has none");
        assert!(ruled != free, "{name} has a rule and needs no line here");
    }
}
