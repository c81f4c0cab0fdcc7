//! What the emulated clouds must hold and do before the operator meets them; docs/testing.md tells why each is asked.

use anyhow::{Context, Result};
use wpc_e2e::gateway::protocol::Tree;
use wpc_e2e::harness::{Account, Cloud, CloudKind};

/// A cloud, and an account in it.
struct Caller {
    cloud: Cloud,
    account: Account,
}

impl Caller {
    async fn call(&self, service: &str, action: &str, parameters: &[(&str, &str)]) -> Result<Tree> {
        self.cloud.call(&self.account, service, action, parameters).await
    }

    /// The text at a path of the answer.
    async fn ask(&self, service: &str, action: &str, parameters: &[(&str, &str)], path: &str) -> Result<String> {
        let answer = self.call(service, action, parameters).await?;
        answer.text(path).with_context(|| format!("{action} answered without {path}: {answer:?}"))
    }

    /// The texts at a path of every item of the answer.
    async fn list(&self, service: &str, action: &str, parameters: &[(&str, &str)], path: &str) -> Result<Vec<String>> {
        let (items, leaf) = path.split_once("/*/").context("a path of items and a leaf")?;
        let answer = self.call(service, action, parameters).await?;
        Ok(answer.items(&format!("{items}/*")).iter().filter_map(|item| item.text(leaf)).collect())
    }
}

#[tokio::test]
async fn ministack_is_the_cloud_that_the_operator_needs() -> Result<()> {
    check(CloudKind::MiniStack).await
}

#[tokio::test]
async fn moto_is_the_cloud_that_the_operator_needs() -> Result<()> {
    check(CloudKind::Moto).await
}

#[tokio::test]
async fn localstack_is_the_cloud_that_the_operator_needs() -> Result<()> {
    check(CloudKind::LocalStack).await
}

async fn check(kind: CloudKind) -> Result<()> {
    let aws = Caller { cloud: Cloud::start(kind).await?, account: Account::unused() };
    accounts_are_apart(&aws).await?;
    images_are_there(&aws).await?;
    let subnets = network(&aws).await?;
    instances_follow_their_group(&aws, &subnets).await?;
    replicas_are_what_was_asked_for(&aws, &subnets).await?;
    cache_members_follow_the_count(&aws, &subnets).await
}

async fn accounts_are_apart(aws: &Caller) -> Result<()> {
    let identity = aws.ask("sts", "GetCallerIdentity", &[], "GetCallerIdentityResult/Account").await?;
    assert_eq!(identity, aws.account.number());
    let before = aws.list("ec2", "DescribeVpcs", &[], "vpcSet/*/vpcId").await?;
    aws.cloud.call(&Account::unused(), "ec2", "CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).await?;
    assert_eq!(aws.list("ec2", "DescribeVpcs", &[], "vpcSet/*/vpcId").await?, before);
    Ok(())
}

async fn images_are_there(aws: &Caller) -> Result<()> {
    for (owner, name, architecture) in [
        ("amazon", "al2023-ami-2023.*-kernel-6.1-arm64", "arm64"),
        ("amazon", "al2023-ami-2023.*-kernel-6.1-x86_64", "x86_64"),
        ("099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*", "arm64"),
        ("136693071363", "debian-13-arm64-*", "arm64"),
    ] {
        let filters = [("Owner.1", owner), ("Filter.1.Name", "name"), ("Filter.1.Value.1", name)];
        let found = aws.list("ec2", "DescribeImages", &filters, "imagesSet/*/architecture").await?;
        assert!(found.iter().all(|one| one == architecture) && !found.is_empty(), "{name}: {found:?}");
    }
    Ok(())
}

/// A VPC with two subnets and a NAT gateway that knows its address; the subnets' ids.
async fn network(aws: &Caller) -> Result<[String; 2]> {
    let vpc = aws.ask("ec2", "CreateVpc", &[("CidrBlock", "10.42.0.0/16")], "vpc/vpcId").await?;
    let mut subnets = [const { String::new() }; 2];
    for (subnet, (zone, cidr)) in
        subnets.iter_mut().zip([("us-east-1a", "10.42.0.0/24"), ("us-east-1b", "10.42.1.0/24")])
    {
        let wanted = [("VpcId", vpc.as_str()), ("AvailabilityZone", zone), ("CidrBlock", cidr)];
        *subnet = aws.ask("ec2", "CreateSubnet", &wanted, "subnet/subnetId").await?;
    }
    let address = aws.ask("ec2", "AllocateAddress", &[("Domain", "vpc")], "allocationId").await?;
    aws.call("ec2", "CreateNatGateway", &[("SubnetId", &subnets[0]), ("AllocationId", &address)]).await?;
    let nat = aws.call("ec2", "DescribeNatGateways", &[]).await?.items("natGatewaySet/*");
    assert_eq!(nat[0].text("natGatewayAddressSet/item/allocationId"), Some(address));
    Ok(subnets)
}

async fn instances_follow_their_group(aws: &Caller, subnets: &[String; 2]) -> Result<()> {
    let (service, group) = ("autoscaling", ("AutoScalingGroupName", "web"));
    let image = aws.list("ec2", "DescribeImages", &[("Owner.1", "amazon")], "imagesSet/*/imageId").await?.remove(0);
    let data = [("LaunchTemplateData.ImageId", image.as_str()), ("LaunchTemplateData.InstanceType", "m7g.large")];
    let template = [&[("LaunchTemplateName", "web"), ("LaunchTemplateData.UserData", "aGk=")], &data[..]].concat();
    let id = aws.ask("ec2", "CreateLaunchTemplate", &template, "launchTemplate/launchTemplateId").await?;
    aws.call("ec2", "CreateLaunchTemplateVersion", &template).await?;
    let vpc = aws.ask("ec2", "DescribeSubnets", &[("SubnetId.1", &subnets[0])], "subnetSet/item/vpcId").await?;
    let target = [("Name", "web"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", &vpc)];
    let target = aws.call("elbv2", "CreateTargetGroup", &target).await?;
    let target =
        target.text("CreateTargetGroupResult/TargetGroups/member/TargetGroupArn").context("no target group")?;

    let create = [
        group,
        ("MinSize", "2"),
        ("MaxSize", "4"),
        ("DefaultInstanceWarmup", "120"),
        ("VPCZoneIdentifier", &subnets.join(",")),
        ("LaunchTemplate.LaunchTemplateId", &id),
        ("LaunchTemplate.Version", "1"),
        ("TargetGroupARNs.member.1", &target),
        ("Tags.member.1.Key", "ours"),
        ("Tags.member.1.Value", "yes"),
    ];
    aws.call(service, "CreateAutoScalingGroup", &create).await?;
    let groups = "DescribeAutoScalingGroupsResult/AutoScalingGroups";
    let found = aws.call(service, "DescribeAutoScalingGroups", &[]).await?.items(&format!("{groups}/*"));
    assert_eq!(found[0].text("TargetGroupARNs/member"), Some(target.clone()));
    assert_eq!(found[0].text("DefaultInstanceWarmup").as_deref(), Some("120"));
    for (key, expected) in [("ours", 1), ("theirs", 0)] {
        let filter = [("Filters.member.1.Name", "tag-key"), ("Filters.member.1.Values.member.1", key)];
        let names = format!("{groups}/*/AutoScalingGroupName");
        let found = aws.list(service, "DescribeAutoScalingGroups", &filter, &names).await?;
        assert_eq!(found.len(), expected, "filter on {key}");
    }
    let health = "DescribeTargetHealthResult/TargetHealthDescriptions/*/TargetHealth/State";
    let health = aws.list("elbv2", "DescribeTargetHealth", &[("TargetGroupArn", &target)], health).await?;
    assert_eq!(health, ["healthy", "healthy"]);

    aws.call(service, "UpdateAutoScalingGroup", &[&[group, ("LaunchTemplate.Version", "2")], &create[5..6]].concat())
        .await?;
    assert_eq!(versions(aws).await?, ["1", "1"], "an update launches nothing");
    aws.call(service, "StartInstanceRefresh", &[group]).await?;
    assert_eq!(versions(aws).await?, ["2", "2"], "a refresh launches the group's template");
    let refreshes = "DescribeInstanceRefreshesResult/InstanceRefreshes/*/Status";
    assert_eq!(aws.list(service, "DescribeInstanceRefreshes", &[group], refreshes).await?, ["Successful"]);
    Ok(())
}

/// The template versions that the instances were launched from.
async fn versions(aws: &Caller) -> Result<Vec<String>> {
    let path = "DescribeAutoScalingInstancesResult/AutoScalingInstances/*/LaunchTemplate/Version";
    aws.list("autoscaling", "DescribeAutoScalingInstances", &[], path).await
}

async fn replicas_are_what_was_asked_for(aws: &Caller, subnets: &[String; 2]) -> Result<()> {
    let group = [
        ("DBSubnetGroupName", "db"),
        ("DBSubnetGroupDescription", "db"),
        ("SubnetIds.SubnetIdentifier.1", &subnets[0]),
        ("SubnetIds.SubnetIdentifier.2", &subnets[1]),
    ];
    aws.call("rds", "CreateDBSubnetGroup", &group).await?;
    aws.call("rds", "ModifyDBSubnetGroup", &group).await?;
    let source = [
        ("DBInstanceIdentifier", "db"),
        ("DBInstanceClass", "db.m7g.xlarge"),
        ("DBSubnetGroupName", "db"),
        ("Engine", "mysql"),
        ("AllocatedStorage", "20"),
        ("MasterUsername", "wordpress"),
        ("MasterUserPassword", "not-a-secret"),
        ("DeletionProtection", "true"),
    ];
    aws.call("rds", "CreateDBInstance", &source).await?;
    let replica = [
        ("DBInstanceIdentifier", "db-1"),
        ("SourceDBInstanceIdentifier", "db"),
        ("DBInstanceClass", "db.m7g.large"),
        ("AvailabilityZone", "us-east-1b"),
    ];
    aws.call("rds", "CreateDBInstanceReadReplica", &replica).await?;
    let path = "DescribeDBInstancesResult/DBInstances/*";
    let found = aws.call("rds", "DescribeDBInstances", &[replica[0]]).await?.items(path);
    assert_eq!(found[0].text("DBInstanceClass").as_deref(), Some("db.m7g.large"));
    assert_eq!(found[0].text("AvailabilityZone").as_deref(), Some("us-east-1b"));
    assert_ne!(found[0].text("DeletionProtection").as_deref(), Some("true"));

    aws.call("rds", "DeleteDBInstance", &[replica[0], ("SkipFinalSnapshot", "true")]).await?;
    let found = aws.call("rds", "DescribeDBInstances", &[source[0]]).await?.items(path);
    assert!(found[0].items("ReadReplicaDBInstanceIdentifiers/*").is_empty(), "a replica that is gone is listed");
    Ok(())
}

async fn cache_members_follow_the_count(aws: &Caller, subnets: &[String; 2]) -> Result<()> {
    let group = [
        ("CacheSubnetGroupName", "cache"),
        ("CacheSubnetGroupDescription", "cache"),
        ("SubnetIds.SubnetIdentifier.1", &subnets[0]),
        ("SubnetIds.SubnetIdentifier.2", &subnets[1]),
    ];
    let zone = "CreateCacheSubnetGroupResult/CacheSubnetGroup/Subnets/*/SubnetAvailabilityZone/Name";
    let zones = aws.list("elasticache", "CreateCacheSubnetGroup", &group, zone).await?;
    assert_eq!(zones, ["us-east-1a", "us-east-1b"]);
    let replication = [
        ("ReplicationGroupId", "cache"),
        ("ReplicationGroupDescription", "cache"),
        ("Engine", "valkey"),
        ("NumCacheClusters", "2"),
        ("CacheSubnetGroupName", "cache"),
    ];
    aws.call("elasticache", "CreateReplicationGroup", &replication).await?;
    for (action, replicas, expected) in [("IncreaseReplicaCount", "2", 3), ("DecreaseReplicaCount", "1", 2)] {
        let count = [replication[0], ("NewReplicaCount", replicas), ("ApplyImmediately", "true")];
        aws.call("elasticache", action, &count).await?;
        let path = "DescribeCacheClustersResult/CacheClusters/*/CacheClusterId";
        assert_eq!(aws.list("elasticache", "DescribeCacheClusters", &[], path).await?.len(), expected, "{action}");
    }

    let parameters = [("CacheParameterGroupName", "cache"), ("CacheParameterGroupFamily", "valkey8")];
    aws.call("elasticache", "CreateCacheParameterGroup", &[&parameters[..], &[("Description", "cache")]].concat())
        .await?;
    let policy = [
        parameters[0],
        ("ParameterNameValues.ParameterNameValue.1.ParameterName", "maxmemory-policy"),
        ("ParameterNameValues.ParameterNameValue.1.ParameterValue", "allkeys-lru"),
    ];
    aws.call("elasticache", "ModifyCacheParameterGroup", &policy).await?;
    let path = "DescribeCacheParametersResult/Parameters/*/ParameterName";
    let own = aws.list("elasticache", "DescribeCacheParameters", &[parameters[0], ("Source", "user")], path).await?;
    assert_eq!(own, ["maxmemory-policy"]);
    Ok(())
}
