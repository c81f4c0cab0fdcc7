//! Networks, and who may reach what.

use anyhow::Result;

use super::{Case, PASSWORD, unknown};
use crate::rules::world::{Call, World, call};

const S3: (&str, &str) = ("ServiceName", "com.amazonaws.us-east-1.s3");

pub async fn network(aws: &World, because: &str) -> Result<Call> {
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

/// A network and two of its subnets, with IPv6: where the network and a subnet are known to have it from.
pub async fn ipv6(aws: &World, case: &Case) -> Result<Call> {
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

pub async fn subnet(aws: &World, because: &str) -> Result<Call> {
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

pub async fn security_group(aws: &World, because: &str) -> Result<Call> {
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

pub async fn routes(aws: &World, case: &Case) -> Result<Call> {
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
