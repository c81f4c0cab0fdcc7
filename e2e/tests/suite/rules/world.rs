//! An account of its own in a cloud, and ways to make what a rule is about.

use anyhow::{Context, Result, bail};
use wpc_e2e::gateway::Scope;
use wpc_e2e::gateway::protocol::{Answer, Request};
use wpc_e2e::gateway::upstream::Upstreams;

/// One call.
#[derive(Debug)]
pub struct Call {
    pub service: &'static str,
    pub action: &'static str,
    pub params: Vec<(String, String)>,
    pub body: Option<String>,
    pub header: Option<(&'static str, String)>,
}

/// A call with flat parameters.
pub fn call(service: &'static str, action: &'static str, params: &[(&str, &str)]) -> Call {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Call { service, action, params, body: None, header: None }
}

impl Call {
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}

/// An account, with or without a gateway before its cloud.
pub struct World {
    pub http: Upstreams,
    pub scope: Scope,
}

impl World {
    pub async fn send(&self, call: &Call) -> Result<Answer> {
        let params: Vec<_> = call.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut request = Request::build(call.service, call.action, &params, &self.scope)?;
        if let Some(body) = &call.body {
            request.put(body)?;
        }
        if let Some((name, value)) = &call.header {
            request.headers.insert(*name, value.parse()?);
        }
        self.http.forward(&request).await
    }

    /// The text at a path of an answer that must be a good one.
    pub async fn make(&self, call: Call, path: &str) -> Result<String> {
        let answer = self.send(&call).await?;
        if !answer.ok() {
            bail!("{}: {:?} {:?}", call.action, answer.error_code(), answer.error_message());
        }
        let text = answer.tree().and_then(|tree| tree.text(path));
        if path.is_empty() {
            Ok(String::new())
        } else {
            text.with_context(|| format!("{} without {path}", call.action))
        }
    }

    pub async fn vpc(&self) -> Result<String> {
        self.make(call("ec2", "CreateVpc", &[("CidrBlock", "10.42.0.0/16")]), "vpc/vpcId").await
    }

    /// The n-th subnet of a network.
    pub async fn subnet(&self, vpc: &str, n: u8) -> Result<String> {
        let (cidr, zone) = (format!("10.42.{n}.0/24"), if n.is_multiple_of(2) { "us-east-1a" } else { "us-east-1b" });
        let wanted = [("VpcId", vpc), ("CidrBlock", &cidr), ("AvailabilityZone", zone)];
        self.make(call("ec2", "CreateSubnet", &wanted), "subnet/subnetId").await
    }

    /// A network with two subnets.
    pub async fn subnets(&self) -> Result<(String, [String; 2])> {
        let vpc = self.vpc().await?;
        let subnets = [self.subnet(&vpc, 0).await?, self.subnet(&vpc, 1).await?];
        Ok((vpc, subnets))
    }

    pub async fn internet_gateway(&self, vpc: &str) -> Result<String> {
        let id = self.make(call("ec2", "CreateInternetGateway", &[]), "internetGateway/internetGatewayId").await?;
        self.make(call("ec2", "AttachInternetGateway", &[("InternetGatewayId", &id), ("VpcId", vpc)]), "").await?;
        Ok(id)
    }

    /// The address of a new NAT gateway.
    pub async fn nat_gateway(&self, subnet: &str) -> Result<String> {
        let address = self.make(call("ec2", "AllocateAddress", &[("Domain", "vpc")]), "allocationId").await?;
        self.make(call("ec2", "CreateNatGateway", &[("SubnetId", subnet), ("AllocationId", &address)]), "").await?;
        Ok(address)
    }

    pub async fn route_table(&self, vpc: &str) -> Result<String> {
        self.make(call("ec2", "CreateRouteTable", &[("VpcId", vpc)]), "routeTable/routeTableId").await
    }

    pub async fn security_group(&self, vpc: &str, name: &str) -> Result<String> {
        let wanted = [("GroupName", name), ("GroupDescription", name), ("VpcId", vpc)];
        self.make(call("ec2", "CreateSecurityGroup", &wanted), "groupId").await
    }

    pub async fn load_balancer(&self, subnets: &[String; 2], group: Option<&str>) -> Result<String> {
        let mut wanted = call("elbv2", "CreateLoadBalancer", &[("Name", "web")]);
        wanted = wanted.and("Subnets.member.1", &subnets[0]).and("Subnets.member.2", &subnets[1]);
        if let Some(group) = group {
            wanted = wanted.and("SecurityGroups.member.1", group);
        }
        self.make(wanted, "CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn").await
    }

    /// A listener that sends to a new target group: its load balancer and the group.
    pub async fn listener(&self) -> Result<(String, String)> {
        let (vpc, subnets) = self.subnets().await?;
        let balancer = self.load_balancer(&subnets, None).await?;
        let wanted = [("Name", "web"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", &vpc)];
        let path = "CreateTargetGroupResult/TargetGroups/member/TargetGroupArn";
        let target = self.make(call("elbv2", "CreateTargetGroup", &wanted), path).await?;
        self.make(listener(&balancer, &target), "").await?;
        Ok((balancer, target))
    }

    pub async fn launch_template(&self, extra: &[(&str, &str)]) -> Result<String> {
        let image = call("ec2", "DescribeImages", &[("Owner.1", "amazon")]);
        let image = self.send(&image).await?.tree().context("no images")?.items("imagesSet/*");
        let image = image.first().and_then(|image| image.text("imageId")).context("no image")?;
        let mut wanted = call("ec2", "CreateLaunchTemplate", &[("LaunchTemplateName", "web")]);
        wanted = wanted.and("LaunchTemplateData.ImageId", &image).and("LaunchTemplateData.InstanceType", "m7g.large");
        for (name, value) in extra {
            wanted = wanted.and(name, value);
        }
        self.make(wanted, "launchTemplate/launchTemplateId").await
    }

    /// A group of two instances.
    pub async fn instances(&self, template: &str, subnets: &[String; 2]) -> Result<()> {
        self.make(scaling_group(template, subnets), "").await.map(drop)
    }

    pub async fn database_subnets(&self, subnets: &[String; 2]) -> Result<()> {
        self.make(database_subnets(subnets), "").await.map(drop)
    }

    /// A database with backups.
    pub async fn database(&self, extra: &[(&str, &str)]) -> Result<()> {
        let mut wanted = database();
        for (name, value) in extra {
            wanted = wanted.and(name, value);
        }
        self.make(wanted, "").await.map(drop)
    }

    pub async fn replica(&self) -> Result<()> {
        let wanted = [("DBInstanceIdentifier", "db-1"), ("SourceDBInstanceIdentifier", "db")];
        self.make(call("rds", "CreateDBInstanceReadReplica", &wanted), "").await.map(drop)
    }

    /// A cluster without instances.
    pub async fn cluster(&self, extra: &[(&str, &str)]) -> Result<()> {
        let wanted = [
            ("DBClusterIdentifier", "cluster"),
            ("Engine", "aurora-mysql"),
            ("EngineVersion", "8.0.mysql_aurora.3.08.1"),
            ("MasterUsername", "admin"),
            ("MasterUserPassword", "not-a-secret"),
        ];
        self.make(call("rds", "CreateDBCluster", &[&wanted, extra].concat()), "").await.map(drop)
    }

    pub async fn cache_subnets(&self, subnets: &[String; 2]) -> Result<()> {
        let wanted = [
            ("CacheSubnetGroupName", "cache"),
            ("CacheSubnetGroupDescription", "cache"),
            ("SubnetIds.SubnetIdentifier.1", &subnets[0]),
            ("SubnetIds.SubnetIdentifier.2", &subnets[1]),
        ];
        self.make(call("elasticache", "CreateCacheSubnetGroup", &wanted), "").await.map(drop)
    }

    /// Two nodes.
    pub async fn cache(&self, extra: &[(&str, &str)]) -> Result<()> {
        self.make(cache("2", extra), "").await.map(drop)
    }

    pub async fn file_system(&self) -> Result<String> {
        let wanted = call("efs", "CreateFileSystem", &[]).body(r#"{"CreationToken": "files"}"#);
        self.make(wanted, "FileSystemId").await
    }

    pub async fn mount_target(&self, files: &str, subnet: &str, group: Option<&str>) -> Result<()> {
        self.make(mount_target(files, subnet, group), "").await.map(drop)
    }

    pub async fn role(&self) -> Result<()> {
        self.make(role(), "").await.map(drop)
    }

    pub async fn instance_profile(&self) -> Result<()> {
        self.make(call("iam", "CreateInstanceProfile", &[("InstanceProfileName", "web")]), "").await?;
        let wear = [("InstanceProfileName", "web"), ("RoleName", "web")];
        self.make(call("iam", "AddRoleToInstanceProfile", &wear), "").await.map(drop)
    }

    pub async fn cache_policy(&self) -> Result<String> {
        self.make(cache_policy(), "Id").await
    }

    /// A distribution and its version.
    pub async fn distribution(&self, policy: &str) -> Result<(String, String)> {
        let wanted = call("cloudfront", "CreateDistribution", &[]).body(distribution(policy, true));
        let answer = self.send(&wanted).await?;
        let id = answer.tree().and_then(|tree| tree.text("Id")).context("no distribution")?;
        let version = answer.headers.get("etag").context("no version")?.to_str()?.to_owned();
        Ok((id, version))
    }
}

/// An instance of the cluster.
pub fn member(class: &str) -> Call {
    let wanted = [
        ("DBInstanceIdentifier", "member"),
        ("DBClusterIdentifier", "cluster"),
        ("Engine", "aurora-mysql"),
        ("DBInstanceClass", class),
    ];
    call("rds", "CreateDBInstance", &wanted)
}

/// Two nodes of Memcached.
pub fn memcached(extra: &[(&str, &str)]) -> Call {
    let wanted = [
        ("CacheClusterId", "memcached"),
        ("Engine", "memcached"),
        ("CacheNodeType", "cache.t4g.small"),
        ("NumCacheNodes", "2"),
    ];
    call("elasticache", "CreateCacheCluster", &[&wanted, extra].concat())
}

pub fn listener(balancer: &str, target: &str) -> Call {
    let wanted = [
        ("LoadBalancerArn", balancer),
        ("Protocol", "HTTP"),
        ("Port", "80"),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", target),
    ];
    call("elbv2", "CreateListener", &wanted)
}

pub fn door_rule(listener: &str, target: &str) -> Call {
    let wanted = [
        ("ListenerArn", listener),
        ("Priority", "1"),
        ("Conditions.member.1.Field", "path-pattern"),
        ("Conditions.member.1.Values.member.1", "/feed/*"),
        ("Actions.member.1.Type", "forward"),
        ("Actions.member.1.TargetGroupArn", target),
    ];
    call("elbv2", "CreateRule", &wanted)
}

pub fn scaling_group(template: &str, subnets: &[String; 2]) -> Call {
    let wanted = [
        ("AutoScalingGroupName", "web"),
        ("MinSize", "2"),
        ("MaxSize", "4"),
        ("VPCZoneIdentifier", &subnets.join(",")),
        ("LaunchTemplate.LaunchTemplateId", template),
        ("LaunchTemplate.Version", "1"),
    ];
    call("autoscaling", "CreateAutoScalingGroup", &wanted)
}

pub fn database_subnets(subnets: &[String; 2]) -> Call {
    let wanted = [
        ("DBSubnetGroupName", "db"),
        ("DBSubnetGroupDescription", "db"),
        ("SubnetIds.SubnetIdentifier.1", &subnets[0]),
        ("SubnetIds.SubnetIdentifier.2", &subnets[1]),
    ];
    call("rds", "CreateDBSubnetGroup", &wanted)
}

fn database() -> Call {
    let wanted = [
        ("DBInstanceIdentifier", "db"),
        ("DBInstanceClass", "db.m7g.large"),
        ("Engine", "mysql"),
        ("AllocatedStorage", "100"),
        ("MasterUsername", "wordpress"),
        ("BackupRetentionPeriod", "7"),
    ];
    call("rds", "CreateDBInstance", &wanted)
}

pub fn cache(nodes: &str, extra: &[(&str, &str)]) -> Call {
    let wanted = [
        ("ReplicationGroupId", "cache"),
        ("ReplicationGroupDescription", "cache"),
        ("Engine", "valkey"),
        ("CacheNodeType", "cache.t4g.small"),
        ("NumCacheClusters", nodes),
    ];
    call("elasticache", "CreateReplicationGroup", &[&wanted[..], extra].concat())
}

pub fn mount_target(files: &str, subnet: &str, group: Option<&str>) -> Call {
    let groups = group.map_or(String::new(), |group| format!(r#", "SecurityGroups": ["{group}"]"#));
    let wanted = format!(r#"{{"FileSystemId": "{files}", "SubnetId": "{subnet}"{groups}}}"#);
    call("efs", "CreateMountTarget", &[]).body(wanted)
}

pub fn role() -> Call {
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
    call("iam", "CreateRole", &[("RoleName", "web"), ("AssumeRolePolicyDocument", trust)])
}

pub fn cache_policy() -> Call {
    let part = |name: &str, behaviour: &str| format!("<{name}sConfig><{behaviour}>none</{behaviour}></{name}sConfig>");
    let parts = [part("Header", "HeaderBehavior"), part("Cookie", "CookieBehavior")].concat();
    let parts = format!("{parts}{}", part("QueryString", "QueryStringBehavior"));
    call("cloudfront", "CreateCachePolicy", &[]).body(format!(
        "<CachePolicyConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Name>web</Name><MinTTL>0</MinTTL>\
         <ParametersInCacheKeyAndForwardedToOrigin><EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip>\
         {parts}</ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig>"
    ))
}

pub fn distribution(policy: &str, enabled: bool) -> String {
    format!(
        "<DistributionConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><CallerReference>web</CallerReference>\
         <Origins><Quantity>1</Quantity><Items><Origin><Id>o</Id><DomainName>x.example.com</DomainName>\
         <CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>\
         <OriginProtocolPolicy>http-only</OriginProtocolPolicy></CustomOriginConfig></Origin></Items></Origins>\
         <DefaultCacheBehavior><TargetOriginId>o</TargetOriginId><ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy>\
         <CachePolicyId>{policy}</CachePolicyId></DefaultCacheBehavior>\
         <Comment>web</Comment><Enabled>{enabled}</Enabled></DistributionConfig>"
    )
}
