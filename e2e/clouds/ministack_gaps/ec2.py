"""What MiniStack lacks of EC2."""

import os
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from xml.etree import ElementTree

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2

from .amend import OK, amend

# --- EC2: the Elastic IP of a NAT gateway ---------------------------------------------------

def with_addresses(answer):
    def addresses(match):
        allocation = ec2._nat_gateways[match[2]].get("AllocationId")
        if not allocation:
            return match[0]
        public = (ec2._addresses.get(allocation) or {}).get("PublicIp", "")
        item = f"<item><allocationId>{allocation}</allocationId><publicIp>{public}</publicIp></item>"
        return f"{match[1]}<natGatewayAddressSet>{item}</natGatewayAddressSet>"

    return amend(answer, r"(<natGatewayId>([^<]+)</natGatewayId>.*?)<natGatewayAddressSet/>", addresses)


for action in ("CreateNatGateway", "DescribeNatGateways"):
    plain_nat = ec2._ACTION_MAP[action]
    ec2._ACTION_MAP[action] = lambda p, plain=plain_nat: with_addresses(plain(p))


# --- EC2: a subnet's association with a route table goes with it ----------------------------

def delete_subnet(p, plain=ec2._ACTION_MAP["DeleteSubnet"]):
    answer = plain(p)
    if answer[0] == OK:
        for table in ec2._route_tables.values():
            table["Associations"] = [
                found for found in table["Associations"] if found.get("SubnetId") != ec2._p(p, "SubnetId")
            ]
    return answer


ec2._ACTION_MAP["DeleteSubnet"] = delete_subnet


# --- EC2: an interface endpoint has security groups, and the service's own name --------------

plain_create_endpoint = ec2._ACTION_MAP["CreateVpcEndpoint"]
plain_modify_endpoint = ec2._ACTION_MAP["ModifyVpcEndpoint"]
plain_endpoint_xml = ec2._vpce_fields_xml


def create_endpoint(p):
    answer = plain_create_endpoint(p)
    if answer[0] != OK:
        return answer
    endpoint = ec2._vpc_endpoints[re.search(rb"<vpcEndpointId>([^<]+)<", answer[2])[1].decode()]
    endpoint["Groups"] = ec2._parse_member_list(p, "SecurityGroupId")
    endpoint["PrivateDns"] = ec2._p(p, "PrivateDnsEnabled") == "true"
    return ec2._xml(OK, "CreateVpcEndpointResponse", ec2._vpce_fields_xml(endpoint, tag="vpcEndpoint"))


def modify_endpoint(p):
    answer = plain_modify_endpoint(p)
    endpoint = ec2._vpc_endpoints.get(ec2._p(p, "VpcEndpointId"))
    if answer[0] == OK:
        gone = ec2._parse_member_list(p, "RemoveSecurityGroupId")
        groups = [*endpoint.get("Groups", []), *ec2._parse_member_list(p, "AddSecurityGroupId")]
        endpoint["Groups"] = [group for group in groups if group not in gone]
        named = ec2._p(p, "PrivateDnsEnabled")
        endpoint["PrivateDns"] = named == "true" if named else endpoint.get("PrivateDns", False)
    return answer


def endpoint_xml(endpoint, tag="item"):
    groups = "".join(f"<item><groupId>{group}</groupId></item>" for group in endpoint.get("Groups", []))
    named = str(endpoint.get("PrivateDns", False)).lower()
    more = f"<groupSet>{groups}</groupSet><privateDnsEnabled>{named}</privateDnsEnabled>"
    return plain_endpoint_xml(endpoint, tag=tag).replace("<state>", f"{more}<state>", 1)


ec2._ACTION_MAP["CreateVpcEndpoint"] = create_endpoint
ec2._ACTION_MAP["ModifyVpcEndpoint"] = modify_endpoint
ec2._vpce_fields_xml = endpoint_xml


# --- EC2: IPv6 ranges of networks and subnets, and routes that lead there --------------------

RANGES = {}  # by association: what has it, its range
ROUTES = {"GatewayId", "EgressOnlyInternetGatewayId", "NatGatewayId"}


def range_xml(association, tag):
    pool = "<ipv6Pool>Amazon</ipv6Pool>" if association.startswith("vpc-") else ""
    state = "<ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState>"
    cidr = f"<ipv6CidrBlock>{RANGES[association][1]}</ipv6CidrBlock>"
    return f"<{tag}><associationId>{association}</associationId>{cidr}{state}{pool}</{tag}>"


def ranges_xml(plain, id_name):
    def fields(thing, tag="item"):
        mine = [key for key, (of, _) in RANGES.items() if of == thing[id_name]]
        listed = "".join(range_xml(association, "item") for association in mine)
        shown = f"<ipv6CidrBlockAssociationSet>{listed}</ipv6CidrBlockAssociationSet><state>"
        return plain(thing, tag=tag).replace("<state>", shown, 1)

    return fields


def associate(kind):
    def answer(p):
        of = ec2._p(p, f"{kind}Id")
        known = {"Vpc": ec2._vpcs, "Subnet": ec2._subnets}[kind]
        if of not in known:
            return ec2._error(f"Invalid{kind}ID.NotFound", f"The ID '{of}' does not exist", 400)
        association = f"{kind.lower()}-cidr-assoc-{uuid.uuid4().hex[:17]}"
        asked = ec2._p(p, "Ipv6CidrBlock")
        RANGES[association] = (of, asked or f"2600:1f18:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:2]}00::/56")
        body = range_xml(association, "ipv6CidrBlockAssociation")
        name = {"Vpc": "vpcId", "Subnet": "subnetId"}[kind]
        return ec2._xml(OK, f"Associate{kind}CidrBlockResponse", f"<{name}>{of}</{name}>{body}")

    return answer


def disassociate(kind):
    def answer(p):
        association = ec2._p(p, "AssociationId")
        if association not in RANGES:
            return ec2._error(f"Invalid{kind}CidrBlockAssociationID.NotFound", f"'{association}' does not exist", 400)
        body = range_xml(association, "ipv6CidrBlockAssociation").replace("associated", "disassociating")
        del RANGES[association]
        return ec2._xml(OK, f"Disassociate{kind}CidrBlockResponse", body)

    return answer


def routing(plain, action):
    def answer(p):
        to, table = ec2._p(p, "DestinationIpv6CidrBlock"), ec2._route_tables.get(ec2._p(p, "RouteTableId"))
        if not to or not table:
            return plain(p)
        rest = [route for route in table["Routes"] if route.get("DestinationIpv6CidrBlock") != to]
        leads = {name: ec2._p(p, name) for name in ROUTES if ec2._p(p, name)}
        new = [{"DestinationIpv6CidrBlock": to, **leads, "State": "active", "Origin": "CreateRoute"}]
        table["Routes"] = rest if action == "DeleteRoute" else rest + new
        return ec2._xml(OK, f"{action}Response", "<return>true</return>")

    return answer


ec2._vpc_fields_xml = ranges_xml(ec2._vpc_fields_xml, "VpcId")
ec2._subnet_fields_xml = ranges_xml(ec2._subnet_fields_xml, "SubnetId")
for kind in ("Vpc", "Subnet"):
    ec2._ACTION_MAP[f"Associate{kind}CidrBlock"] = associate(kind)
    ec2._ACTION_MAP[f"Disassociate{kind}CidrBlock"] = disassociate(kind)
for action in ("CreateRoute", "ReplaceRoute", "DeleteRoute"):
    ec2._ACTION_MAP[action] = routing(ec2._ACTION_MAP[action], action)


# --- EC2: a rule of a security group names its prefix list ----------------------------------

def rule_xml(group, rule, is_egress=False, plain=ec2._sg_rule_xml):
    lists = [entry["PrefixListId"] for entry in rule.get("PrefixListIds", [])]
    if not lists:
        return plain(group, rule, is_egress=is_egress)
    return plain(group, rule, is_egress=is_egress).replace(
        "</toPort>", f"</toPort><prefixListId>{lists[0]}</prefixListId>", 1
    )


def permissions(p, prefix, plain=ec2._parse_ip_permissions):
    rules = plain(p, prefix)
    for number, rule in enumerate(rules, 1):
        listed = ec2._p(p, f"{prefix}.{number}.PrefixListIds.1.PrefixListId")
        if listed:
            rule["PrefixListIds"] = [{"PrefixListId": listed}]
    return rules


ec2._sg_rule_xml = rule_xml
ec2._parse_ip_permissions = permissions


# --- EC2: a flow log's group, role and tags ---------------------------------------------------

flow_log_settings = {}


def create_flow_logs(p, plain=ec2._ACTION_MAP["CreateFlowLogs"]):
    answer = plain(p)
    for identifier in re.findall(r"<item>(fl-[^<]+)</item>", answer[2].decode()):
        flow_log_settings[identifier] = (ec2._p(p, "LogGroupName"), ec2._p(p, "DeliverLogsPermissionArn"))
        ec2._parse_tag_specs(p, "vpc-flow-log", identifier)
    return answer


def describe_flow_logs(p, plain=ec2._ACTION_MAP["DescribeFlowLogs"]):
    def settings(match):
        group, role = flow_log_settings.get(match[1], ("", ""))
        shown = f"<logGroupName>{group}</logGroupName><deliverLogsPermissionArn>{role}</deliverLogsPermissionArn>"
        return f"{match[0]}{shown}<deliverLogsStatus>SUCCESS</deliverLogsStatus>"

    return amend(plain(p), r"<flowLogId>([^<]+)</flowLogId>", settings)


ec2._ACTION_MAP["CreateFlowLogs"] = create_flow_logs
ec2._ACTION_MAP["DescribeFlowLogs"] = describe_flow_logs


# --- EC2: a disk and its snapshots name their key --------------------------------------------

def sealed(store, tag, plain):
    """Names the key that the request, or the disk that a snapshot is taken of, has."""
    def make(p):
        answer = plain(p)
        if answer[0] != OK:
            return answer
        made = re.search(rf"<{tag}>([^<]+)</{tag}>", answer[2].decode())[1]
        of = ec2._volumes.get(ec2._p(p, "VolumeId")) or {}
        store[made]["KmsKeyId"] = ec2._p(p, "KmsKeyId") or of.get("KmsKeyId") or ""
        return answer

    return make


def with_key(plain):
    def inner(thing):
        key = thing.get("KmsKeyId")
        return plain(thing) + (f"<kmsKeyId>{key}</kmsKeyId>" if key else "")

    return inner


ec2._ACTION_MAP["CreateVolume"] = sealed(ec2._volumes, "volumeId", ec2._ACTION_MAP["CreateVolume"])
ec2._ACTION_MAP["CreateSnapshot"] = sealed(ec2._snapshots, "snapshotId", ec2._ACTION_MAP["CreateSnapshot"])
ec2._volume_inner_xml = with_key(ec2._volume_inner_xml)
ec2._snapshot_inner_xml = with_key(ec2._snapshot_inner_xml)


# --- EC2: what lives in the cloud that this one completes -----------------------------------

NEIGHBOUR = os.environ.get("NEIGHBOUR_EC2_ENDPOINT")


def ask_neighbour(action, key, identifier):
    """The leaves of the one thing that the neighbour has under this id, or None."""
    form = urllib.parse.urlencode({"Action": action, "Version": "2016-11-15", key: identifier})
    scope = f"{get_account_id()}/20260101/{get_region()}/ec2/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    try:
        with urllib.request.urlopen(urllib.request.Request(NEIGHBOUR, form.encode(), headers), timeout=10) as answer:
            found = ElementTree.fromstring(answer.read())
    except urllib.error.HTTPError:
        return None
    leaves = ((leaf.tag.split("}")[-1], leaf.text) for leaf in found.iter())
    return {name[0].upper() + name[1:]: text for name, text in leaves}


def shared(store, action, key):
    """Makes a store of MiniStack's know the things of the neighbour."""
    plain = type(store)

    class Shared(plain):
        __slots__ = ()

        def get(self, identifier, default=None):
            return super().get(identifier) or ask_neighbour(action, key, identifier) or default

    store.__class__ = Shared


if NEIGHBOUR:
    shared(ec2._subnets, "DescribeSubnets", "SubnetId.1")
    shared(ec2._security_groups, "DescribeSecurityGroups", "GroupId.1")
