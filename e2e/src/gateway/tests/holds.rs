//! What holds what, over the recorded cloud in which one stack exists.

use super::super::rules::{Check, rules};
use super::*;

/// The names and ids of the recorded stack.
fn named(cloud: &str, action: &str, path: &str) -> String {
    let mut answer = Answer::empty(200);
    answer.body = super::fake::recorded(cloud, action).unwrap().into();
    text(&answer, path).unwrap_or_else(|| panic!("{action} shows nothing at {path}"))
}

#[tokio::test]
async fn what_the_recorded_stack_holds_cannot_be_deleted() {
    let bench = Bench::instant().await;
    let of = |action: &str, path: &str| named("ministack", action, path);
    let id = |param: &'static str, value: String| vec![(param, value)];
    let things = [
        ("ec2", "DeleteVpc", id("VpcId", of("CreateVpc", "vpc/vpcId"))),
        ("ec2", "DeleteSubnet", id("SubnetId", of("CreateSubnet", "subnet/subnetId"))),
        ("ec2", "DeleteRouteTable", id("RouteTableId", of("CreateRouteTable", "routeTable/routeTableId"))),
        ("ec2", "DeleteSecurityGroup", id("GroupId", of("CreateSecurityGroup", "groupId"))),
        ("ec2", "DetachInternetGateway", id("VpcId", of("CreateVpc", "vpc/vpcId"))),
        ("rds", "DeleteDBSubnetGroup", id("DBSubnetGroupName", "dsg-a".into())),
        ("rds", "DeleteDBParameterGroup", id("DBParameterGroupName", "default.mysql8".into())),
        ("rds", "DeleteDBCluster", id("DBClusterIdentifier", "dbc-a".into())),
        ("rds", "DeleteDBClusterParameterGroup", id("DBClusterParameterGroupName", "cpg-a".into())),
        ("elasticache", "DeleteCacheSubnetGroup", id("CacheSubnetGroupName", "csg-a".into())),
        ("elasticache", "DeleteCacheParameterGroup", id("CacheParameterGroupName", "default.valkey8".into())),
        (
            "elbv2",
            "DeleteTargetGroup",
            id("TargetGroupArn", of("CreateTargetGroup", "CreateTargetGroupResult/TargetGroups/member/TargetGroupArn")),
        ),
        ("iam", "DeleteRole", id("RoleName", "role-a".into())),
        ("iam", "DeleteInstanceProfile", id("InstanceProfileName", "prof-a".into())),
        ("cloudfront", "DeleteCachePolicy", id("Id", of("CreateCachePolicy", "Id"))),
        ("logs", "DeleteDeliverySource", id("name", "log-a".into())),
        ("logs", "DeleteDeliveryDestination", id("name", "log-a".into())),
        ("backup", "DeleteBackupVault", id("BackupVaultName", "vault-a".into())),
        ("backup", "DeleteBackupPlan", id("BackupPlanId", of("CreateBackupPlan", "BackupPlanId"))),
        ("cloudfront", "DeleteOriginAccessControl", id("Id", of("CreateOriginAccessControl", "Id"))),
    ];
    for (service, action, params) in &things {
        let params: Vec<_> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = error(&bench.call(service, action, &params).await);
        let known = rules().any(|rule| rule.actions.contains(action) && (rule.status, rule.code.to_owned()) == refused);
        assert!(known, "{action}: {refused:?}");
        assert_eq!(bench.cloud.count(action), 0, "{action} reached the cloud");
    }
    let asked = |action: &str| things.iter().any(|(_, known, _)| *known == action);
    // MiniStack's recorded NAT gateway does not show its address, the recorded listener has no certificate and the recorded
    // web ACL no addresses, the recorded network no IPv6; the live clouds' have.
    const NOT_RECORDED: [&str; 6] = [
        "ec2/address",
        "ec2/nat-gateway",
        "ec2/subnet-cidr-block",
        "ec2/vpc-cidr-block",
        "acm/certificate",
        "wafv2/ip-set",
    ];
    let held = rules().filter(|rule| matches!(rule.check, Check::Held { .. }));
    for rule in held.filter(|rule| !NOT_RECORDED.contains(&rule.about)) {
        assert!(rule.actions.iter().all(|action| asked(action)), "{:?} is not tried", rule.actions);
    }
}

#[tokio::test]
async fn an_address_is_held_until_its_nat_gateway_is_gone() {
    let bench = Bench::instant().await;
    for action in ["DescribeAddresses", "DescribeNatGateways"] {
        bench.cloud.put(action, 200, &super::fake::recorded("moto", action).unwrap());
    }
    let path = "natGatewaySet/item/natGatewayAddressSet/item/allocationId";
    let address = named("moto", "DescribeNatGateways", path);
    let release = async || bench.call("ec2", "ReleaseAddress", &[("AllocationId", &address)]).await;
    assert_eq!(error(&release().await), (400, "InvalidIPAddress.InUse".into()));
    let again = bench.call("ec2", "CreateNatGateway", &[("AllocationId", &address)]).await;
    assert_eq!(error(&again), (400, "Resource.AlreadyAssociated".into()));
    let gone = super::fake::recorded("moto", "DescribeNatGateways").unwrap().replace("available", "deleted");
    bench.cloud.put("DescribeNatGateways", 200, &gone);
    assert!(release().await.ok());
}

#[tokio::test]
async fn a_group_without_instances_and_an_unused_subnet_group_hold_nothing() {
    let bench = Bench::instant().await;
    let subnet = named("ministack", "CreateSubnet", "subnet/subnetId");
    let delete = async || error(&bench.call("ec2", "DeleteSubnet", &[("SubnetId", &subnet)]).await).1;
    let none = |action: &str| bench.cloud.put(action, 200, "<R/>");
    for action in ["DescribeNatGateways", "DescribeLoadBalancers", "DescribeDBInstances", "DescribeCacheClusters"] {
        none(action);
    }
    bench.cloud.put("DescribeMountTargets", 200, "{}");
    assert_eq!(delete().await, "DependencyViolation", "instances are in it");
    let group = super::fake::recorded("ministack", "DescribeAutoScalingGroups").unwrap();
    let (start, end) = (group.find("<Instances>").unwrap(), group.find("</Instances>").unwrap());
    bench.cloud.put("DescribeAutoScalingGroups", 200, &format!("{}{}", &group[..start + 11], &group[end..]));
    assert_eq!(delete().await, "");
}
