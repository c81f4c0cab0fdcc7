//! EC2's network: VPC, subnets, gateways, addresses, routes, security groups, endpoints.

use super::{ROW, Reply, Row, Row as R, STATES, States, Tags, create, delete, error, read};
use crate::gateway::protocol::service::EC2;

const TAGS: Tags = Tags::Inside("tagSet/*");

pub(super) const ROWS: &[Row] = &[
    R {
        kind: "ec2/vpc",
        service: EC2,
        id: "vpcId",
        reads: &[read("DescribeVpcs", "vpcSet/*", &["VpcId"])],
        creates: &[create("CreateVpc", "vpc", "", 1)],
        deletes: &[delete("DeleteVpc", "VpcId", 0, Reply::Bare)],
        states: Some(States { path: "state", creating: "pending", filter: "state", ..STATES }),
        missing: error(400, "InvalidVpcID.NotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/subnet",
        service: EC2,
        id: "subnetId",
        reads: &[read("DescribeSubnets", "subnetSet/*", &["SubnetId"])],
        creates: &[create("CreateSubnet", "subnet", "", 1)],
        deletes: &[delete("DeleteSubnet", "SubnetId", 0, Reply::Bare)],
        states: Some(States { path: "state", creating: "pending", filter: "state", ..STATES }),
        missing: error(400, "InvalidSubnetID.NotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/internet-gateway",
        service: EC2,
        id: "internetGatewayId",
        reads: &[read("DescribeInternetGateways", "internetGatewaySet/*", &["InternetGatewayId"])],
        creates: &[create("CreateInternetGateway", "internetGateway", "", 0)],
        deletes: &[delete("DeleteInternetGateway", "InternetGatewayId", 0, Reply::Bare)],
        missing: error(400, "InvalidInternetGatewayID.NotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/egress-only-internet-gateway",
        service: EC2,
        id: "egressOnlyInternetGatewayId",
        reads: &[read(
            "DescribeEgressOnlyInternetGateways",
            "egressOnlyInternetGatewaySet/*",
            &["EgressOnlyInternetGatewayId"],
        )],
        creates: &[create("CreateEgressOnlyInternetGateway", "egressOnlyInternetGateway", "", 0)],
        deletes: &[delete("DeleteEgressOnlyInternetGateway", "EgressOnlyInternetGatewayId", 0, Reply::Bare)],
        missing: error(400, "InvalidGatewayID.NotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/address",
        service: EC2,
        id: "allocationId",
        name: "publicIp",
        reads: &[read("DescribeAddresses", "addressesSet/*", &["AllocationId"])],
        creates: &[create("AllocateAddress", "", "", 0)],
        deletes: &[delete("ReleaseAddress", "AllocationId", 0, Reply::Bare)],
        missing: error(400, "InvalidAllocationID.NotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/nat-gateway",
        service: EC2,
        id: "natGatewayId",
        reads: &[read("DescribeNatGateways", "natGatewaySet/*", &["NatGatewayId"])],
        creates: &[create("CreateNatGateway", "natGateway", "", 90)],
        deletes: &[delete("DeleteNatGateway", "NatGatewayId", 60, Reply::Id("natGatewayId"))],
        states: Some(States {
            path: "state",
            creating: "pending",
            deleting: "deleting",
            gone: "deleted",
            filter: "state",
            hidden: &[
                "natGatewayAddressSet/*/publicIp",
                "natGatewayAddressSet/*/privateIp",
                "natGatewayAddressSet/*/networkInterfaceId",
            ],
            ..STATES
        }),
        missing: error(400, "NatGatewayNotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/route-table",
        service: EC2,
        id: "routeTableId",
        reads: &[read("DescribeRouteTables", "routeTableSet/*", &["RouteTableId"])],
        creates: &[create("CreateRouteTable", "routeTable", "", 0)],
        deletes: &[delete("DeleteRouteTable", "RouteTableId", 0, Reply::Bare)],
        missing: error(400, "InvalidRouteTableID.NotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/security-group",
        service: EC2,
        id: "groupId",
        name: "groupName",
        reads: &[read("DescribeSecurityGroups", "securityGroupInfo/*", &["GroupId", "GroupName"])],
        creates: &[create("CreateSecurityGroup", "", "", 0)],
        deletes: &[delete("DeleteSecurityGroup", "GroupId", 0, Reply::Bare)],
        missing: error(400, "InvalidGroup.NotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/security-group-rule",
        service: EC2,
        id: "securityGroupRuleId",
        reads: &[read("DescribeSecurityGroupRules", "securityGroupRuleSet/*", &["SecurityGroupRuleId"])],
        creates: &[
            create("AuthorizeSecurityGroupIngress", "securityGroupRuleSet/*", "", 0),
            create("AuthorizeSecurityGroupEgress", "securityGroupRuleSet/*", "", 0),
        ],
        deletes: &[
            delete("RevokeSecurityGroupIngress", "SecurityGroupRuleId", 0, Reply::Bare),
            delete("RevokeSecurityGroupEgress", "SecurityGroupRuleId", 0, Reply::Bare),
        ],
        missing: error(400, "InvalidSecurityGroupRuleId.NotFound"),
        tags: TAGS,
        owner: Some(("ec2/security-group", "groupId")),
        ..ROW
    },
    R {
        kind: "ec2/vpc-endpoint",
        service: EC2,
        id: "vpcEndpointId",
        reads: &[read("DescribeVpcEndpoints", "vpcEndpointSet/*", &["VpcEndpointId"])],
        // An interface endpoint's, which has to come and go in every zone; a gateway endpoint is quicker.
        creates: &[create("CreateVpcEndpoint", "vpcEndpoint", "", 60)],
        deletes: &[delete("DeleteVpcEndpoints", "VpcEndpointId", 60, Reply::Nothing("unsuccessful"))],
        states: Some(States {
            path: "state",
            creating: "pending",
            deleting: "deleting",
            gone: "deleted",
            filter: "vpc-endpoint-state",
            ..STATES
        }),
        missing: error(400, "InvalidVpcEndpointId.NotFound"),
        tags: TAGS,
        ..ROW
    },
    R {
        kind: "ec2/flow-log",
        service: EC2,
        id: "flowLogId",
        reads: &[read("DescribeFlowLogs", "flowLogSet/*", &["FlowLogId"])],
        creates: &[create("CreateFlowLogs", "", "", 0)],
        deletes: &[delete("DeleteFlowLogs", "FlowLogId", 0, Reply::Nothing("unsuccessful"))],
        missing: error(400, "InvalidFlowLogId.NotFound"),
        tags: TAGS,
        ..ROW
    },
];
