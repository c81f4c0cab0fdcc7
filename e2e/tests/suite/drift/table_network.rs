//! Network: one case for each kind.

use super::hands::Drift::{Field, Missing};
use super::hands::Hand::Call;
use super::hands::{Case, Hand};

/// Somebody takes the site's tag `team` off a thing of EC2's.
macro_rules! untag {
    ($kind:literal, $component:literal) => {
        Case {
            kind: $kind,
            component: $component,
            hands: &[Call(
                "ec2",
                "DeleteTags",
                &[("ResourceId.1", concat!("{", $component, "}")), ("Tag.1.Key", "team")],
            )],
            drift: Field("tags.team", "nothing", "press"),
            writes: &[("CreateTags", 1)],
        }
    };
}

const ZONE_B: &str = "{network/route-table-private-b}";
const TABLES: &str = "{network/route-table-private-a},{network/route-table-private-b},{network/route-table-private-c},{network/route-table-public}";
const TABLES_LEFT: &str =
    "{network/route-table-private-a},{network/route-table-private-b},{network/route-table-private-c}";

pub const CASES: &[Case] = &[
    Case {
        kind: "ec2/vpc",
        component: "network/vpc",
        hands: &[Call(
            "ec2",
            "ModifyVpcAttribute",
            &[("VpcId", "{network/vpc}"), ("EnableDnsHostnames.Value", "false")],
        )],
        drift: Field("network.dnsHostnames", "false", "true"),
        writes: &[("ModifyVpcAttribute", 1)],
    },
    untag!("ec2/subnet", "network/subnet-private-a"),
    untag!("ec2/internet-gateway", "network/internet-gateway"),
    untag!("ec2/address", "network/address-a"),
    untag!("ec2/nat-gateway", "network/nat-gateway-b"),
    untag!("ec2/route-table", "network/route-table-private-c"),
    Case {
        kind: "ec2/route",
        component: "network/route-private-b",
        hands: &[Call(
            "ec2",
            "ReplaceRoute",
            &[
                ("RouteTableId", ZONE_B),
                ("DestinationCidrBlock", "0.0.0.0/0"),
                ("NatGatewayId", "{network/nat-gateway-a}"),
            ],
        )],
        drift: Field("network.route.target", "{network/nat-gateway-a}", "{network/nat-gateway-b}"),
        writes: &[("ReplaceRoute", 1)],
    },
    Case {
        kind: "ec2/route-table-association",
        component: "network/association-private-a",
        hands: &[Call(
            "ec2",
            "ReplaceRouteTableAssociation",
            &[("AssociationId", "{network/association-private-a}"), ("RouteTableId", ZONE_B)],
        )],
        drift: Field("network.subnet.routeTable", ZONE_B, "{network/route-table-private-a}"),
        writes: &[("ReplaceRouteTableAssociation", 1)],
    },
    Case {
        kind: "ec2/vpc-endpoint",
        component: "network/endpoint-s3",
        hands: &[Call(
            "ec2",
            "ModifyVpcEndpoint",
            &[("VpcEndpointId", "{network/endpoint-s3}"), ("RemoveRouteTableId.1", "{network/route-table-public}")],
        )],
        drift: Field("network.endpoint.routeTables", TABLES_LEFT, TABLES),
        writes: &[("ModifyVpcEndpoint", 1)],
    },
    untag!("ec2/flow-log", "network/flow-log"),
    Case {
        kind: "iam/flow-log-role",
        component: "network/flow-log-role",
        hands: &[Call(
            "iam",
            "DeleteRolePolicy",
            &[("RoleName", "{network/flow-log-role}"), ("PolicyName", "flow-logs")],
        )],
        drift: Field("network.flowLogRole.policy", "nothing", "Find,Write"),
        writes: &[("PutRolePolicy", 1)],
    },
    untag!("ec2/security-group", "network/security-group-cache"),
    Case {
        kind: "ec2/security-group-rule",
        component: "network/rule-database-in-tcp-3306-web",
        hands: &[REVOKE],
        drift: Missing,
        writes: &[("AuthorizeSecurityGroupIngress", 1)],
    },
];

/// What keeps others from being looked at, so that it is not done together with all else.
pub const ALONE: &[Case] = &[Case {
    kind: "ec2/internet-gateway",
    component: "network/internet-gateway",
    hands: &[Call(
        "ec2",
        "DetachInternetGateway",
        &[("InternetGatewayId", "{network/internet-gateway}"), ("VpcId", "{network/vpc}")],
    )],
    drift: Field("network.internetGateway.attachment", "nothing", "{network/vpc}"),
    writes: &[("AttachInternetGateway", 1)],
}];

/// A site with IPv6.
pub const IPV6: &[Case] = &[
    untag!("ec2/egress-only-internet-gateway", "network/egress-only-gateway"),
    Case {
        kind: "ec2/route",
        component: "network/route-ipv6-private-a",
        hands: &[Call(
            "ec2",
            "DeleteRoute",
            &[("RouteTableId", "{network/route-table-private-a}"), ("DestinationIpv6CidrBlock", "::/0")],
        )],
        drift: Missing,
        writes: &[("CreateRoute", 1)],
    },
    Case {
        kind: "elasticloadbalancing/load-balancer",
        component: "traffic/load-balancer",
        hands: &[Call(
            "elbv2",
            "SetIpAddressType",
            &[("LoadBalancerArn", "{traffic/load-balancer}"), ("IpAddressType", "ipv4")],
        )],
        drift: Field("loadBalancer.ipAddressType", "ipv4", "dualstack"),
        writes: &[("SetIpAddressType", 1)],
    },
    Case {
        kind: "ec2/subnet-cidr-block",
        component: "network/ipv6-private-a",
        hands: &[Call("ec2", "DisassociateSubnetCidrBlock", &[("AssociationId", "{network/ipv6-private-a}")])],
        drift: Missing,
        writes: &[("AssociateSubnetCidrBlock", 1)],
    },
];

/// What all other addresses are a part of: AWS lets it go once nobody has any.
pub const IPV6_ALONE: &[Case] = &[Case {
    kind: "ec2/vpc-cidr-block",
    component: "network/ipv6",
    hands: &[
        Call("elbv2", "SetIpAddressType", &[("LoadBalancerArn", "{traffic/load-balancer}"), ("IpAddressType", "ipv4")]),
        Call("ec2", "DisassociateSubnetCidrBlock", &[("AssociationId", "{network/ipv6-public-a}")]),
        Call("ec2", "DisassociateSubnetCidrBlock", &[("AssociationId", "{network/ipv6-public-b}")]),
        Call("ec2", "DisassociateSubnetCidrBlock", &[("AssociationId", "{network/ipv6-private-a}")]),
        Call("ec2", "DisassociateSubnetCidrBlock", &[("AssociationId", "{network/ipv6-private-b}")]),
        Call("ec2", "DisassociateVpcCidrBlock", &[("AssociationId", "{network/ipv6}")]),
    ],
    drift: Missing,
    writes: &[("AssociateSubnetCidrBlock", 4), ("AssociateVpcCidrBlock", 1), ("SetIpAddressType", 1)],
}];

const REVOKE: Hand = Call(
    "ec2",
    "RevokeSecurityGroupIngress",
    &[
        ("GroupId", "{network/security-group-database}"),
        ("SecurityGroupRuleId.1", "{network/rule-database-in-tcp-3306-web}"),
    ],
);
