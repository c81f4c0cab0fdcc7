//! The gateway before the real emulators: AWS's time from the first network to an empty account.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use wpc_e2e::gateway::protocol::{Answer, Request};
use wpc_e2e::gateway::upstream::Upstreams;
use wpc_e2e::gateway::{Config, Gateway, Profile, Scope};
use wpc_e2e::harness::{Account, Cloud, CloudKind};
use wpc_e2e::inventory::Inventory;

/// A minute of AWS: so long that no real second counts.
const MINUTE: Duration = Duration::from_secs(3600);
const REGION: &str = "us-east-1";
const STACK: &str = "default/shop/blog";

#[tokio::test]
async fn ministack_behind_the_gateway_takes_awss_time() -> Result<()> {
    life(CloudKind::MiniStack).await
}

#[tokio::test]
async fn moto_behind_the_gateway_takes_awss_time() -> Result<()> {
    life(CloudKind::Moto).await
}

struct Client {
    gateway: Gateway,
    http: Upstreams,
    scope: Scope,
}

impl Client {
    async fn call(&self, service: &str, action: &str, params: &[(&str, &str)], body: Option<&str>) -> Result<Answer> {
        let mut request = Request::build(service, action, params, &self.scope)?;
        if let Some(body) = body {
            request.body = body.to_owned().into();
        }
        self.http.forward(&request).await
    }

    /// The text at a path of an answer that must be a good one.
    async fn ok(&self, service: &str, action: &str, params: &[(&str, &str)], path: &str) -> Result<String> {
        let answer = self.call(service, action, params, None).await?;
        if !answer.ok() {
            bail!("{action}: {:?} {:?}", answer.error_code(), answer.error_message());
        }
        Ok(answer.tree().and_then(|tree| tree.text(path)).unwrap_or_default())
    }

    async fn refused(&self, service: &str, action: &str, params: &[(&str, &str)]) -> Result<String> {
        let answer = self.call(service, action, params, None).await?;
        answer.error_code().with_context(|| format!("{action} was not refused"))
    }

    async fn minutes(&self, minutes: u32) {
        self.gateway.advance(MINUTE * minutes).await;
    }

    async fn inventory(&self) -> Result<Inventory> {
        self.gateway.inventory(&self.scope).await
    }
}

async fn life(kind: CloudKind) -> Result<()> {
    let cloud = Cloud::start(kind).await?;
    let endpoints = cloud.endpoints();
    let config = Config::before(&endpoints.default, &endpoints.services).profile(Profile::aws(MINUTE));
    let gateway = Gateway::start(config).await?;
    let http = Upstreams::new(&gateway.url(), &Default::default())?;
    let aws = Client { gateway, http, scope: Scope::new(REGION).account(Account::unused().number()) };

    let before = aws.inventory().await?;
    let network = Network::make(&aws).await?;
    database(&aws, &network).await?;
    cache(&aws, &network).await?;
    files(&aws, &network).await?;
    let made = aws.inventory().await?.minus(&before);
    assert_eq!(made.of_stack(STACK).counts()["ec2/subnet"], 2);
    network.remove(&aws).await?;
    assert_eq!(aws.inventory().await?.minus(&before), Inventory::default());
    assert!(aws.gateway.writes().iter().all(|call| call.account == aws.scope.access_key));
    Ok(())
}

/// EC2's way to tag at creation.
fn tagged<'a>(kind: &'a str, params: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let tag = [
        ("TagSpecification.1.ResourceType", kind),
        ("TagSpecification.1.Tag.1.Key", "wordpresscluster.dev/stack"),
        ("TagSpecification.1.Tag.1.Value", STACK),
    ];
    [params, &tag].concat()
}

struct Network {
    vpc: String,
    subnets: [String; 2],
    address: String,
    nat: String,
}

impl Network {
    async fn make(aws: &Client) -> Result<Self> {
        let vpc = aws.ok("ec2", "CreateVpc", &tagged("vpc", &[("CidrBlock", "10.42.0.0/16")]), "vpc/vpcId").await?;
        let subnet = async |cidr: &str, zone: &str| {
            let params = tagged("subnet", &[("VpcId", &vpc), ("CidrBlock", cidr), ("AvailabilityZone", zone)]);
            aws.ok("ec2", "CreateSubnet", &params, "subnet/subnetId").await
        };
        let subnets = [subnet("10.42.0.0/24", "us-east-1a").await?, subnet("10.42.1.0/24", "us-east-1b").await?];
        let unseen = aws.refused("ec2", "DescribeSubnets", &[("SubnetId.1", &subnets[0])]).await?;
        assert_eq!(unseen, "InvalidSubnetID.NotFound", "right after its creation");
        aws.minutes(1).await;
        let address = aws.ok("ec2", "AllocateAddress", &[("Domain", "vpc")], "allocationId").await?;
        let token = "0123456789abcdef0123456789abcdef";
        let params = [("SubnetId", subnets[0].as_str()), ("AllocationId", &address), ("ClientToken", token)];
        let create = async || aws.ok("ec2", "CreateNatGateway", &params, "natGateway/natGatewayId").await;
        let nat = create().await?;
        assert_eq!(create().await?, nat, "the token makes one");
        aws.minutes(2).await;
        let network = Self { vpc, subnets, address, nat };
        let path = "natGatewaySet/item/natGatewayAddressSet/item/allocationId";
        let held = aws.ok("ec2", "DescribeNatGateways", &[("NatGatewayId.1", &network.nat)], path).await?;
        assert_eq!(held, network.address);
        Ok(network)
    }

    async fn remove(&self, aws: &Client) -> Result<()> {
        aws.ok("ec2", "DeleteNatGateway", &[("NatGatewayId", &self.nat)], "").await?;
        let state = async || {
            let asked = [("NatGatewayId.1", self.nat.as_str())];
            aws.ok("ec2", "DescribeNatGateways", &asked, "natGatewaySet/item/state").await
        };
        assert_eq!(state().await?, "deleting");
        aws.minutes(2).await;
        assert_eq!(state().await?, "deleted");
        aws.ok("ec2", "ReleaseAddress", &[("AllocationId", &self.address)], "").await?;
        for subnet in &self.subnets {
            aws.ok("ec2", "DeleteSubnet", &[("SubnetId", subnet)], "").await?;
        }
        aws.ok("ec2", "DeleteVpc", &[("VpcId", &self.vpc)], "").await?;
        Ok(())
    }
}

async fn database(aws: &Client, network: &Network) -> Result<()> {
    let [a, b] = &network.subnets;
    let group = [
        ("DBSubnetGroupName", "blog"),
        ("DBSubnetGroupDescription", "blog"),
        ("SubnetIds.SubnetIdentifier.1", a),
        ("SubnetIds.SubnetIdentifier.2", b),
    ];
    aws.ok("rds", "CreateDBSubnetGroup", &group, "").await?;
    let primary = [
        ("DBInstanceIdentifier", "blog"),
        ("DBInstanceClass", "db.m7g.large"),
        ("Engine", "mysql"),
        ("MasterUsername", "admin"),
        ("MasterUserPassword", "correct-horse"),
        ("AllocatedStorage", "100"),
        ("BackupRetentionPeriod", "7"),
        ("DBSubnetGroupName", "blog"),
    ];
    let made = "CreateDBInstanceResult/DBInstance/DBInstanceStatus";
    assert_eq!(aws.ok("rds", "CreateDBInstance", &primary, made).await?, "creating");
    let replica = [("DBInstanceIdentifier", "blog-1"), ("SourceDBInstanceIdentifier", "blog")];
    assert_eq!(aws.refused("rds", "CreateDBInstanceReadReplica", &replica).await?, "InvalidDBInstanceState");
    aws.minutes(11).await;
    aws.ok("rds", "CreateDBInstanceReadReplica", &replica, "").await?;
    aws.minutes(6).await;
    for name in ["blog-1", "blog"] {
        let item = "DescribeDBInstancesResult/DBInstances/DBInstance";
        let asked = [("DBInstanceIdentifier", name)];
        let endpoint = format!("{item}/Endpoint/Address");
        assert!(!aws.ok("rds", "DescribeDBInstances", &asked, &endpoint).await?.is_empty());
        aws.ok("rds", "DeleteDBInstance", &[asked[0], ("SkipFinalSnapshot", "true")], "").await?;
        let state = format!("{item}/DBInstanceStatus");
        assert_eq!(aws.ok("rds", "DescribeDBInstances", &asked, &state).await?, "deleting");
        aws.minutes(5).await;
        assert_eq!(aws.refused("rds", "DescribeDBInstances", &asked).await?, "DBInstanceNotFound");
    }
    aws.ok("rds", "DeleteDBSubnetGroup", &[("DBSubnetGroupName", "blog")], "").await?;
    assert!(!format!("{:?}", aws.gateway.calls()).contains("correct-horse"));
    Ok(())
}

async fn cache(aws: &Client, network: &Network) -> Result<()> {
    let [a, b] = &network.subnets;
    let group = [
        ("CacheSubnetGroupName", "blog"),
        ("CacheSubnetGroupDescription", "blog"),
        ("SubnetIds.SubnetIdentifier.1", a),
        ("SubnetIds.SubnetIdentifier.2", b),
    ];
    aws.ok("elasticache", "CreateCacheSubnetGroup", &group, "").await?;
    let name = ("ReplicationGroupId", "blog");
    let nodes = [
        name,
        ("ReplicationGroupDescription", "blog"),
        ("Engine", "valkey"),
        ("CacheNodeType", "cache.t4g.small"),
        ("NumCacheClusters", "2"),
        ("CacheSubnetGroupName", "blog"),
    ];
    aws.ok("elasticache", "CreateReplicationGroup", &nodes, "").await?;
    assert_eq!(aws.refused("elasticache", "DeleteReplicationGroup", &[name]).await?, "InvalidReplicationGroupState");
    aws.minutes(6).await;
    let state = "DeleteReplicationGroupResult/ReplicationGroup/Status";
    assert_eq!(aws.ok("elasticache", "DeleteReplicationGroup", &[name], state).await?, "deleting");
    assert_eq!(aws.refused("elasticache", "CreateReplicationGroup", &nodes).await?, "ReplicationGroupAlreadyExists");
    aws.minutes(5).await;
    aws.ok("elasticache", "DeleteCacheSubnetGroup", &[("CacheSubnetGroupName", "blog")], "").await?;
    Ok(())
}

async fn files(aws: &Client, network: &Network) -> Result<()> {
    let create = async || aws.call("efs", "CreateFileSystem", &[], Some(r#"{"CreationToken": "blog"}"#)).await;
    let id = create().await?.tree().and_then(|tree| tree.text("FileSystemId")).context("no file system")?;
    let again = create().await?;
    assert_eq!(again.error_code().as_deref(), Some("FileSystemAlreadyExists"));
    assert_eq!(again.tree().and_then(|tree| tree.text("FileSystemId")), Some(id.clone()));
    aws.minutes(1).await;
    let target = format!(r#"{{"FileSystemId": "{id}", "SubnetId": "{}"}}"#, network.subnets[0]);
    let target = aws.call("efs", "CreateMountTarget", &[], Some(&target)).await?;
    let target = target.tree().and_then(|tree| tree.text("MountTargetId")).context("no mount target")?;
    aws.minutes(2).await;
    aws.ok("efs", "DeleteMountTarget", &[("MountTargetId", &target)], "").await?;
    assert_eq!(aws.refused("efs", "DeleteFileSystem", &[("FileSystemId", &id)]).await?, "FileSystemInUse");
    aws.minutes(2).await;
    aws.ok("efs", "DeleteFileSystem", &[("FileSystemId", &id)], "").await?;
    aws.minutes(1).await;
    assert_eq!(aws.refused("efs", "DescribeFileSystems", &[("FileSystemId", &id)]).await?, "FileSystemNotFound");
    Ok(())
}
