//! EC2's network.

use super::holds::{SUBNET_RANGE, VPC_ADDRESS, VPC_RANGE};
use super::{Check, Look, Rule, text};
use crate::gateway::protocol::service::{EC2, ELB};
use crate::gateway::protocol::{Request, Tree};

const RULE: Rule = Rule { service: EC2, status: 400, ..Rule::NONE };
const VIOLATION: Rule = Rule { code: "DependencyViolation", ..RULE };

const GATEWAY: Look = Look::one("ec2/internet-gateway", "InternetGatewayId", "InternetGatewayId");
const TABLE: Look = Look::one("ec2/route-table", "RouteTableId", "RouteTableId");
const RULES_OF_GROUP: Look = Look::all("ec2/security-group-rule", "GroupId");

pub(super) const RULES: &[Rule] = &[
    Rule {
        about: "ec2/vpc",
        actions: &["DeleteVpc"],
        when: "anything is in it",
        check: Check::Held { what: "ec2/vpc", param: "VpcId" },
        page: "API_DeleteVpc",
        ..VIOLATION
    },
    Rule {
        about: "ec2/subnet",
        actions: &["DeleteSubnet"],
        when: "an interface is in it: of a NAT gateway, load balancer, instance, database, cache or mount target",
        check: Check::Held { what: "ec2/subnet", param: "SubnetId" },
        page: "API_DeleteSubnet",
        ..VIOLATION
    },
    Rule {
        about: "ec2/vpc-cidr-block",
        actions: &["DisassociateVpcCidrBlock"],
        code: "InvalidCidrBlock.InUse",
        when: "a subnet has a part of it",
        check: Check::Held { what: VPC_RANGE, param: "AssociationId" },
        page: "API_DisassociateVpcCidrBlock, errors-overview: InvalidCidrBlock.InUse",
        ..RULE
    },
    Rule {
        about: "ec2/subnet-cidr-block",
        actions: &["DisassociateSubnetCidrBlock"],
        code: "InvalidCidrBlock.InUse",
        when: "a load balancer has an address of it",
        check: Check::Held { what: SUBNET_RANGE, param: "AssociationId" },
        page: "API_DisassociateSubnetCidrBlock, errors-overview: InvalidCidrBlock.InUse",
        ..RULE
    },
    Rule {
        about: "ec2/subnet-cidr-block",
        actions: &["AssociateSubnetCidrBlock"],
        code: "InvalidSubnet.Conflict",
        when: "the subnet has an IPv6 range",
        check: Check::Seen(Look::one("ec2/subnet", "SubnetId", "SubnetId"), |_, subnet| {
            has_ipv6(subnet).then(|| format!("{} has an IPv6 CIDR block", text(subnet, "subnetId")))
        }),
        page: "API_AssociateSubnetCidrBlock: one IPv6 CIDR block a subnet, errors-overview: InvalidSubnet.Conflict",
        ..RULE
    },
    Rule {
        about: "elb/load-balancer",
        service: ELB,
        actions: &["CreateLoadBalancer"],
        code: "InvalidSubnet",
        when: "it is to have IPv6, and one of its subnets has none",
        check: Check::Seen(Look::all("ec2/subnet", "IpAddressType"), |request, subnet| {
            let id = text(subnet, "subnetId");
            let asked = request.params.list("Subnets").contains(&id.as_str());
            let wanted = request.params.get("IpAddressType") == Some("dualstack");
            (wanted && asked && !has_ipv6(subnet)).then(|| format!("{id} has no associated IPv6 CIDR block"))
        }),
        page: "API_CreateLoadBalancer; application-load-balancers: IP address type",
        ..RULE
    },
    Rule {
        about: "ec2/subnet",
        actions: &["CreateSubnet"],
        code: "InvalidSubnet.Conflict",
        when: "its CIDR overlaps another subnet's of the network",
        check: Check::Seen(Look::all("ec2/subnet", "VpcId"), |request, subnet| {
            let (wanted, taken) = (request.params.get("CidrBlock")?, text(subnet, "cidrBlock"));
            let here = request.params.get("VpcId") == subnet.text("vpcId").as_deref();
            (here && overlap(wanted, &taken)).then(|| format!("The CIDR '{wanted}' conflicts with another subnet"))
        }),
        page: "API_CreateSubnet, errors-overview: InvalidSubnet.Conflict",
        ..RULE
    },
    Rule {
        about: "ec2/internet-gateway",
        actions: &["DetachInternetGateway"],
        when: "a public address of the network is in use: a NAT gateway's or a load balancer's",
        check: Check::Held { what: VPC_ADDRESS, param: "VpcId" },
        page: "API_DetachInternetGateway: no Elastic IP addresses or public addresses",
        ..VIOLATION
    },
    Rule {
        about: "ec2/internet-gateway",
        actions: &["DeleteInternetGateway"],
        when: "it is attached",
        check: Check::Seen(GATEWAY, |_, gateway| {
            let attached = !gateway.items("attachmentSet/*").is_empty();
            attached.then(|| format!("{} has dependencies and cannot be deleted.", text(gateway, "internetGatewayId")))
        }),
        page: "API_DeleteInternetGateway",
        ..VIOLATION
    },
    Rule {
        about: "ec2/internet-gateway",
        actions: &["AttachInternetGateway"],
        code: "Resource.AlreadyAssociated",
        when: "it is attached already",
        check: Check::Seen(GATEWAY, |_, gateway| {
            let network = gateway.items("attachmentSet/*").first().map(|attached| text(attached, "vpcId"))?;
            Some(format!("{} is already attached to network {network}", text(gateway, "internetGatewayId")))
        }),
        page: "API_AttachInternetGateway, errors-overview: Resource.AlreadyAssociated",
        ..RULE
    },
    // The gateways are asked, not the address: moto's stays associated when its gateway is gone.
    Rule {
        about: "ec2/address",
        actions: &["ReleaseAddress"],
        code: "InvalidIPAddress.InUse",
        when: "a NAT gateway has it, until that one is gone",
        check: Check::Held { what: "ec2/address", param: "AllocationId" },
        page: "API_ReleaseAddress: InvalidIPAddress.InUse",
        ..RULE
    },
    Rule {
        about: "ec2/nat-gateway",
        actions: &["CreateNatGateway"],
        code: "Resource.AlreadyAssociated",
        when: "another has its address",
        check: Check::Held { what: "ec2/address", param: "AllocationId" },
        page: "API_CreateNatGateway: an Elastic IP address is associated with one resource",
        ..RULE
    },
    Rule {
        about: "ec2/route-table",
        actions: &["DeleteRouteTable"],
        when: "a subnet follows it, or it is the network's main one",
        check: Check::Seen(TABLE, |_, table| {
            let used = !table.items("associationSet/*").is_empty();
            used.then(|| format!("{} has dependencies and cannot be deleted.", text(table, "routeTableId")))
        }),
        page: "API_DeleteRouteTable",
        ..VIOLATION
    },
    Rule {
        about: "ec2/route",
        actions: &["CreateRoute"],
        code: "RouteAlreadyExists",
        when: "the table has a route to there",
        check: Check::Seen(TABLE, |request, table| {
            let kinds = [
                ("DestinationCidrBlock", "destinationCidrBlock"),
                ("DestinationIpv6CidrBlock", "destinationIpv6CidrBlock"),
            ];
            let (to, path) = kinds.into_iter().find_map(|(param, path)| Some((request.params.get(param)?, path)))?;
            let routes = table.items("routeSet/*");
            let known = routes.iter().any(|route| text(route, path) == to);
            known.then(|| format!("The route identified by {to} already exists."))
        }),
        page: "API_CreateRoute, errors-overview: RouteAlreadyExists",
        ..RULE
    },
    Rule {
        about: "ec2/route-table-association",
        actions: &["AssociateRouteTable"],
        code: "Resource.AlreadyAssociated",
        when: "the subnet follows a table already",
        check: Check::Seen(Look::all("ec2/route-table", "SubnetId"), |request, table| {
            let subnet = request.params.get("SubnetId")?;
            let follows = table.items("associationSet/*").iter().any(|one| text(one, "subnetId") == subnet);
            let other = request.params.get("RouteTableId") != table.text("routeTableId").as_deref();
            (follows && other).then(|| format!("the specified association for {subnet} conflicts with an existing one"))
        }),
        page: "API_AssociateRouteTable, errors-overview: Resource.AlreadyAssociated",
        ..RULE
    },
    Rule {
        about: "ec2/vpc-endpoint",
        actions: &["CreateVpcEndpoint"],
        code: "RouteAlreadyExists",
        when: "one of its route tables leads to another endpoint of the service",
        check: Check::Seen(Look::all("ec2/vpc-endpoint", "VpcId"), |request, endpoint| {
            let service = request.params.get("ServiceName") == endpoint.text("serviceName").as_deref();
            let alive = !text(endpoint, "state").starts_with("delet");
            let tables = request.params.list("RouteTableId");
            let shared = endpoint
                .items("routeTableIdSet/*")
                .iter()
                .find_map(|table| table.text("").filter(|table| tables.contains(&table.as_str())))?;
            (service && alive).then(|| format!("route table {shared} already has a route to the service"))
        }),
        page: "API_CreateVpcEndpoint; gateway-endpoints: one endpoint route of a service in a table",
        ..RULE
    },
    Rule {
        about: "ec2/vpc-endpoint",
        actions: &["CreateVpcEndpoint"],
        code: "InvalidParameter",
        when: "another endpoint of the network has the service's own name, until that one is gone",
        check: Check::Seen(Look::all("ec2/vpc-endpoint", "PrivateDnsEnabled"), |request, endpoint| {
            let asked = |param: &str, path: &str| request.params.get(param) == endpoint.text(path).as_deref();
            let same = asked("VpcId", "vpcId") && asked("ServiceName", "serviceName");
            let named =
                asked("PrivateDnsEnabled", "privateDnsEnabled") && text(endpoint, "privateDnsEnabled") == "true";
            (same && named && text(endpoint, "state") != "deleted").then(|| {
                let (service, network) = (text(endpoint, "serviceName"), text(endpoint, "vpcId"));
                format!("private-dns-enabled cannot be set: there is already a conflicting DNS domain for {service} in {network}")
            })
        }),
        page: "API_CreateVpcEndpoint; interface-endpoints: private DNS names",
        ..RULE
    },
    Rule {
        about: "ec2/security-group",
        actions: &["DeleteSecurityGroup"],
        when: "another group's rule names it, or an interface wears it",
        check: Check::Held { what: "ec2/security-group", param: "GroupId" },
        page: "API_DeleteSecurityGroup",
        ..VIOLATION
    },
    Rule {
        about: "ec2/security-group-rule",
        actions: &["AuthorizeSecurityGroupIngress"],
        code: "InvalidPermission.Duplicate",
        when: "the group has the same rule",
        check: Check::Seen(RULES_OF_GROUP, |request, rule| duplicate(request, rule, "false")),
        page: "API_AuthorizeSecurityGroupIngress, errors-overview: InvalidPermission.Duplicate",
        ..RULE
    },
    Rule {
        about: "ec2/security-group-rule",
        actions: &["AuthorizeSecurityGroupEgress"],
        code: "InvalidPermission.Duplicate",
        when: "the group has the same rule",
        check: Check::Seen(RULES_OF_GROUP, |request, rule| duplicate(request, rule, "true")),
        page: "API_AuthorizeSecurityGroupEgress, errors-overview: InvalidPermission.Duplicate",
        ..RULE
    },
];

/// Has it an IPv6 range, or one that is still on its way?
pub(super) fn has_ipv6(subnet: &Tree) -> bool {
    let states = subnet.items("ipv6CidrBlockAssociationSet/*/ipv6CidrBlockState/state");
    states.iter().filter_map(|state| state.text("")).any(|state| state != "disassociated")
}

/// Start and end of an IPv4 block.
fn block(cidr: &str) -> Option<(u64, u64)> {
    let (address, bits) = cidr.split_once('/')?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
    let size = 1_u64 << (32 - bits);
    let start = u64::from(u32::from(address.parse::<std::net::Ipv4Addr>().ok()?)) / size * size;
    Some((start, start + size))
}

fn overlap(one: &str, other: &str) -> bool {
    match (block(one), block(other)) {
        (Some(one), Some(other)) => one.0 < other.1 && other.0 < one.1,
        _ => false,
    }
}

/// Does the request ask for this rule once more?
fn duplicate(request: &Request, rule: &Tree, egress: &str) -> Option<String> {
    let group = request.params.get("GroupId")?;
    if rule.text("groupId").as_deref() != Some(group) || text(rule, "isEgress") != egress {
        return None;
    }
    let (protocol, all) = (text(rule, "ipProtocol"), text(rule, "ipProtocol") == "-1");
    let asked = |at: usize, name: &str| request.params.get(&format!("IpPermissions.{at}.{name}")).unwrap_or_default();
    let same = |at: &usize| {
        let ports = asked(*at, "FromPort") == text(rule, "fromPort") && asked(*at, "ToPort") == text(rule, "toPort");
        let part = format!("IpPermissions.{at}.");
        let peer = |(name, value): (&str, &str)| {
            let path = PEERS.iter().find(|(last, _)| name.starts_with(&part) && name.ends_with(last));
            path.is_some_and(|(_, path)| rule.text(path).as_deref() == Some(value))
        };
        asked(*at, "IpProtocol") == protocol && (all || ports) && request.params.iter().any(peer)
    };
    let known = (1..).take_while(|at| !asked(*at, "IpProtocol").is_empty()).any(|at| same(&at));
    known.then(|| format!("the specified rule of {group} already exists"))
}

/// Whom a rule is about: last part of the parameter, path in the rule.
const PEERS: &[(&str, &str)] = &[
    (".CidrIp", "cidrIpv4"),
    (".CidrIpv6", "cidrIpv6"),
    (".PrefixListId", "prefixListId"),
    (".GroupId", "referencedGroupInfo/groupId"),
];
