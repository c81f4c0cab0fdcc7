"""What AWS does and MiniStack 1.5 leaves out, as far as the operator needs it.

Each section replaces one of MiniStack's functions by one that calls it and completes its work.
docs/testing.md lists the gaps; tests/suite/clouds.rs notices when a new version changes them.
"""

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from xml.etree import ElementTree

from ministack.core.responses import get_account_id, get_region
from ministack.services import alb, autoscaling, backup, cloudtrail, cloudwatch, cloudwatch_logs, ec2, elasticache, rds, route53, s3, sns, waf

OK = 200


def amend(answer, pattern, replacement):
    """An answer with every match of the pattern in its body replaced."""
    status, headers, body = answer
    return status, headers, re.sub(pattern, replacement, body.decode(), flags=re.S).encode()


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


# --- CloudWatch Logs: a delivery's id is letters and digits ----------------------------------

cloudwatch_logs.new_uuid = lambda: uuid.uuid4().hex


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


# --- Auto Scaling: zones, target groups, template updates, several types, filters -----------

# What is answered as it was asked for.
KEPT = ("DefaultInstanceWarmup", "InstanceMaintenancePolicy", "MixedInstancesPolicy", "CapacityRebalance")

plain_reconcile = autoscaling._reconcile_instances
plain_create_group = autoscaling._create_asg
plain_update_group = autoscaling._update_asg
plain_describe_groups = autoscaling._describe_asgs


def reconcile(group):
    """Instances spread over the zones of the group's subnets, and are targets of its load balancer."""
    subnets = [ec2._subnets.get(subnet) for subnet in group["VPCZoneIdentifier"].split(",")]
    group["AvailabilityZones"] = [s["AvailabilityZone"] for s in subnets if s] or group["AvailabilityZones"]
    plain_reconcile(group)
    for arn in group.get("TargetGroupARNs", []):
        alb._targets[arn] = [{"Id": instance["InstanceId"]} for instance in group["Instances"]]


def group_of(p):
    return autoscaling._asgs.get(autoscaling._p(p, "AutoScalingGroupName"))


def members(p, name):
    return autoscaling._p(p, name) or autoscaling._parse_nested(p, name)


def launch(group, p, prefix=""):
    """What instances are made from: a template, or one on several types. New ones name the template's version."""
    asked = autoscaling._parse_nested(p, f"{prefix}MixedInstancesPolicy")
    specification = asked.get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    template = specification or autoscaling._parse_nested(p, f"{prefix}LaunchTemplate")
    if not template:
        return
    template.setdefault("LaunchTemplateId", template.get("LaunchTemplateName"))
    template.setdefault("LaunchTemplateName", template["LaunchTemplateId"])
    template.setdefault("Version", "$Default")
    group["LaunchTemplate"], group["MixedInstancesPolicy"] = template, asked


def keep(group, p):
    for name in KEPT:
        group[name] = members(p, name) or group.get(name)


def create_group(p):
    answer = plain_create_group(p)
    if answer[0] == OK:
        group = group_of(p)
        group["TargetGroupARNs"] = autoscaling._parse_member_list(p, "TargetGroupARNs")
        group["Instances"].clear()
        keep(group, p)
        launch(group, p)
        reconcile(group)
    return answer


def update_group(p):
    answer = plain_update_group(p)
    if answer[0] == OK:
        group = group_of(p)
        keep(group, p)
        launch(group, p)
        group["DesiredCapacity"] = min(max(group["DesiredCapacity"], group["MinSize"]), group["MaxSize"])
        reconcile(group)
    return answer


def attach(p):
    group = group_of(p)
    group["TargetGroupARNs"] += autoscaling._parse_member_list(p, "TargetGroupARNs")
    reconcile(group)
    return autoscaling._xml(OK, "AttachLoadBalancerTargetGroupsResponse", "")


def detach(p):
    group, gone = group_of(p), autoscaling._parse_member_list(p, "TargetGroupARNs")
    group["TargetGroupARNs"] = [arn for arn in group["TargetGroupARNs"] if arn not in gone]
    for arn in gone:
        alb._targets[arn] = []
    return autoscaling._xml(OK, "DetachLoadBalancerTargetGroupsResponse", "")


def matches(group, filters):
    """The filters that AWS has are all on tags: tag-key, tag-value and tag:KEY."""
    tags = {tag["Key"]: tag["Value"] for tag in group.get("Tags", [])}
    candidates = {"tag-key": tags.keys(), "tag-value": tags.values()}
    return all(
        any(value in candidates.get(name, [tags.get(name.removeprefix("tag:"))]) for value in values)
        for name, values in ((f["Name"], f.get("Values", [])) for f in filters)
    )


def describe_groups(p):
    filters = autoscaling._parse_nested(p, "Filters")
    if filters:
        filters = filters.get("member", filters) if isinstance(filters, dict) else filters
        asked = autoscaling._parse_member_list(p, "AutoScalingGroupNames")
        names = [n for n, g in autoscaling._asgs.items() if matches(g, filters) and (not asked or n in asked)]
        # No names would mean every group.
        p = {f"AutoScalingGroupNames.member.{i}": n for i, n in enumerate(names or ["-none-"], 1)}

    def more(match):
        group = autoscaling._asgs[match[2]]
        arns = "".join(f"<member>{arn}</member>" for arn in group.get("TargetGroupARNs", []))
        kept = autoscaling._member_xml({name: group[name] for name in KEPT if group.get(name)})
        return f"{match[1]}<TargetGroupARNs>{arns}</TargetGroupARNs>{kept}"

    pattern = r"(<AutoScalingGroupName>([^<]+)</AutoScalingGroupName>)(?=<AutoScalingGroupARN>)"
    return amend(plain_describe_groups(p), pattern, more)


autoscaling._reconcile_instances = reconcile
autoscaling._ACTION_MAP["CreateAutoScalingGroup"] = create_group
autoscaling._ACTION_MAP["UpdateAutoScalingGroup"] = update_group
autoscaling._ACTION_MAP["DescribeAutoScalingGroups"] = describe_groups
autoscaling._ACTION_MAP["AttachLoadBalancerTargetGroups"] = attach
autoscaling._ACTION_MAP["DetachLoadBalancerTargetGroups"] = detach


# --- Auto Scaling: an instance refresh replaces the instances -------------------------------

plain_start_refresh = autoscaling._start_instance_refresh
plain_describe_refreshes = autoscaling._describe_instance_refreshes
plain_describe_activities = autoscaling._describe_scaling_activities


# The tag of a group whose new instances never serve: a story has put it there.
BREAKS = "e2e.breaks"
ABANDONED = (
    "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token 7c1d was abandoned: "
    "Lifecycle Action Completed with ABANDON Result"
)


def breaks(group):
    return any(tag["Key"] == BREAKS for tag in group.get("Tags", []))


def start_refresh(p):
    answer = plain_start_refresh(p)
    if answer[0] == OK:
        group = group_of(p)
        refresh = group["InstanceRefreshes"][0]
        refresh["Desired"] = autoscaling._parse_nested(p, "DesiredConfiguration")
        if breaks(group):
            refresh["Status"] = "RollbackSuccessful"
            refresh["StatusReason"] = "Instance refresh failed: new instances were abandoned by the hook launch."
            group["Abandoned"] = refresh["StartTime"]
            return answer
        launch(group, p, "DesiredConfiguration.")
        group["Instances"].clear()
        reconcile(group)
    return answer


def describe_activities(p):
    """What became of the first instance of a refresh that failed."""
    name = autoscaling._p(p, "AutoScalingGroupName")
    began = (group_of(p) or {}).get("Abandoned")
    if not began:
        return plain_describe_activities(p)
    activity = {
        "ActivityId": "e2e-abandoned",
        "AutoScalingGroupName": name,
        "Cause": "an instance was started in response to an instance refresh.",
        "Description": "Launching a new EC2 instance: i-0abandoned",
        "StartTime": began,
        "StatusCode": "Cancelled",
        "StatusMessage": ABANDONED,
    }
    members = "".join(f"<{key}>{value}</{key}>" for key, value in activity.items())
    result = f"<Activities><member>{members}</member></Activities>"
    return autoscaling._xml(
        OK,
        "DescribeScalingActivitiesResponse",
        f"<DescribeScalingActivitiesResult>{result}</DescribeScalingActivitiesResult>",
    )


def describe_refreshes(p):
    def more(match):
        refresh = next(r for r in group_of(p)["InstanceRefreshes"] if r["InstanceRefreshId"] == match[2])
        desired = autoscaling._member_xml(refresh["Desired"])
        return f"{match[1]}<DesiredConfiguration>{desired}</DesiredConfiguration>"

    return amend(plain_describe_refreshes(p), r"(<InstanceRefreshId>([^<]+)</InstanceRefreshId>)", more)


autoscaling._ACTION_MAP["StartInstanceRefresh"] = start_refresh
autoscaling._ACTION_MAP["DescribeInstanceRefreshes"] = describe_refreshes
autoscaling._ACTION_MAP["DescribeScalingActivities"] = describe_activities


# --- ELB: a load balancer lies in the network of its subnets --------------------------------

plain_create_balancer = alb._ACTION_MAP["CreateLoadBalancer"]


def create_balancer(p):
    answer = plain_create_balancer(p)
    subnet = ec2._subnets.get(next(iter(alb._parse_member_list(p, "Subnets")), ""))
    if answer[0] != OK or not subnet:
        return answer
    balancer = next(it for it in alb._lbs.values() if it["LoadBalancerName"] == alb._p(p, "Name"))
    balancer["VpcId"] = subnet["VpcId"]
    return amend(answer, r"<VpcId>[^<]*</VpcId>", f"<VpcId>{subnet['VpcId']}</VpcId>")


alb._ACTION_MAP["CreateLoadBalancer"] = create_balancer


# --- RDS: a replica is what was asked for, not its source's twin ----------------------------

plain_create_replica = rds._create_read_replica


def create_replica(p):
    answer = plain_create_replica(p)
    replica = rds._instances.get(rds._p(p, "DBInstanceIdentifier"))
    if answer[0] != OK:
        return answer
    for field in ("DBInstanceClass", "AvailabilityZone", "StorageType"):
        replica[field] = rds._p(p, field) or replica.get(field)
    for field in ("MultiAZ", "DeletionProtection"):
        replica[field] = rds._p(p, field) == "true"
    replica["BackupRetentionPeriod"] = 0
    replica["PendingModifiedValues"] = {}
    return rds._single_instance_response(
        "CreateDBInstanceReadReplicaResponse", "CreateDBInstanceReadReplicaResult", replica
    )


plain_delete_instance = rds._ACTION_MAP["DeleteDBInstance"]


def delete_instance(p):
    """A source no longer names a replica that is gone; the replicas of one that is gone stand alone."""
    gone = rds._p(p, "DBInstanceIdentifier")
    answer = plain_delete_instance(p)
    if answer[0] == OK:
        for other in rds._instances.values():
            if gone in other.get("ReadReplicaDBInstanceIdentifiers", []):
                other["ReadReplicaDBInstanceIdentifiers"].remove(gone)
            if other.get("ReadReplicaSourceDBInstanceIdentifier") == gone:
                other["ReadReplicaSourceDBInstanceIdentifier"] = ""
    return answer


rds._ACTION_MAP["CreateDBInstanceReadReplica"] = create_replica
rds._ACTION_MAP["DeleteDBInstance"] = delete_instance


# --- RDS: Aurora MySQL 8.4, and a cluster's last snapshot -----------------------------------

rds.AURORA_MYSQL_ENGINE_VERSIONS.append(("8.4.7", "aurora-mysql8.4"))
rds.AURORA_MYSQL_ENGINE_VERSION_SET.add("8.4.7")

plain_delete_cluster = rds._ACTION_MAP["DeleteDBCluster"]


def delete_cluster(p):
    cluster = rds._clusters.get(rds._p(p, "DBClusterIdentifier"))
    tags = list(rds._tags.get(cluster["DBClusterArn"], [])) if cluster else []
    answer = plain_delete_cluster(p)
    last = rds._p(p, "FinalDBSnapshotIdentifier")
    if answer[0] == OK and last:
        rds._create_cluster_snapshot_internal(last, cluster)["TagList"] = tags
    return answer


rds._ACTION_MAP["DeleteDBCluster"] = delete_cluster


# --- RDS: restores, of instances and clusters, from snapshots and to a time ------------------

OF_SOURCE = (
    *("Engine", "EngineVersion", "MasterUsername", "DBName", "DatabaseName"),
    *("AllocatedStorage", "KmsKeyId", "BackupRetentionPeriod"),
)


def as_create(p, source, name):
    """The parameters of a create that makes what a restore makes: what is not asked for is the source's."""
    taken = {field: source.get(field) for field in OF_SOURCE}
    taken["StorageEncrypted"] = "true" if source.get("StorageEncrypted") else "false"
    taken["MasterUserPassword"] = source.get("_MasterUserPassword", "of-the-source")
    taken = {field: [str(value)] for field, value in taken.items() if value not in (None, "")}
    return {**taken, **p, **name}


def restoring(action, create, found, missing, target):
    def restore(p):
        source = found(p)
        if not source:
            return rds._error(missing, "There is nothing of this name to restore.", 404)
        answer = rds._ACTION_MAP[create](as_create(p, source, target(p)))
        return amend(answer, create, action)

    return restore


def same_name(_):
    return {}


rds._ACTION_MAP["RestoreDBInstanceFromDBSnapshot"] = restoring(
    "RestoreDBInstanceFromDBSnapshot",
    "CreateDBInstance",
    lambda p: rds._snapshots.get(rds._p(p, "DBSnapshotIdentifier")),
    "DBSnapshotNotFound",
    same_name,
)
rds._ACTION_MAP["RestoreDBInstanceToPointInTime"] = restoring(
    "RestoreDBInstanceToPointInTime",
    "CreateDBInstance",
    lambda p: rds._instances.get(rds._p(p, "SourceDBInstanceIdentifier")),
    "DBInstanceNotFound",
    lambda p: {"DBInstanceIdentifier": p["TargetDBInstanceIdentifier"]},
)
rds._ACTION_MAP["RestoreDBClusterFromSnapshot"] = restoring(
    "RestoreDBClusterFromSnapshot",
    "CreateDBCluster",
    lambda p: rds._db_cluster_snapshots.get(rds._p(p, "SnapshotIdentifier")),
    "DBClusterSnapshotNotFoundFault",
    same_name,
)
rds._ACTION_MAP["RestoreDBClusterToPointInTime"] = restoring(
    "RestoreDBClusterToPointInTime",
    "CreateDBCluster",
    lambda p: rds._clusters.get(rds._p(p, "SourceDBClusterIdentifier")),
    "DBClusterNotFoundFault",
    same_name,
)


# --- ElastiCache: members follow the replica count, parameters have a source ----------------

def resizing(plain):
    def resize(p):
        answer = plain(p)
        if answer[0] != OK:
            return answer
        group = elasticache._replication_groups[elasticache._p(p, "ReplicationGroupId")]
        members = [m["CacheClusterId"] for ng in group["NodeGroups"] for m in ng["NodeGroupMembers"]]
        twin = elasticache._clusters[members[0]]
        for gone in set(group["MemberClusters"]) - set(members):
            elasticache._clusters.pop(gone, None)
        for new in set(members) - set(group["MemberClusters"]):
            arn = elasticache._arn_cluster(new)
            elasticache._clusters[new] = {**twin, "CacheClusterId": new, "CacheClusterArn": arn}
            elasticache._tags[arn] = list(elasticache._tags.get(twin["CacheClusterArn"], []))
        group["MemberClusters"] = members
        listed = "".join(f"<ClusterId>{member}</ClusterId>" for member in members)
        return amend(answer, r"<MemberClusters>.*?</MemberClusters>", f"<MemberClusters>{listed}</MemberClusters>")

    return resize


plain_describe_parameters = elasticache._describe_cache_parameters


def describe_parameters(p):
    source = elasticache._p(p, "Source")

    def keep(match):
        return match[0] if not source or f"<Source>{source}</Source>" in match[0] else ""

    return amend(plain_describe_parameters(p), r"<Parameter>.*?</Parameter>", keep)


elasticache._increase_replica_count = resizing(elasticache._increase_replica_count)
elasticache._decrease_replica_count = resizing(elasticache._decrease_replica_count)
elasticache._describe_cache_parameters = describe_parameters


# --- ElastiCache: Memcached has a configuration endpoint, security groups, and nodes that are named to go ---

plain_cluster_inner = elasticache._cluster_xml_inner


def listed(p, name, member):
    return elasticache._extract_configs(p, name, (member, "member"))


def completing(plain, root):
    def complete(p):
        cluster = elasticache._clusters.get(elasticache._p(p, "CacheClusterId"))
        gone = listed(p, "CacheNodeIdsToRemove", "CacheNodeId")
        if cluster and gone:
            cluster["CacheNodes"] = [node for node in cluster["CacheNodes"] if node["CacheNodeId"] not in gone]
            cluster["NumCacheNodes"] = len(cluster["CacheNodes"])
        answer = plain(p)
        if answer[0] != OK:
            return answer
        cluster = elasticache._clusters[elasticache._p(p, "CacheClusterId")]
        groups = listed(p, "SecurityGroupIds", "SecurityGroupId")
        if groups:
            cluster["SecurityGroups"] = [{"SecurityGroupId": group, "Status": "active"} for group in groups]
        return elasticache._xml_cluster_response(f"{root}Response", f"{root}Result", cluster)

    return complete


def cluster_inner(cluster):
    text = plain_cluster_inner(cluster)
    if cluster["Engine"] != "memcached":
        return text
    endpoint = cluster["_endpoint"]
    address = f"<Address>{cluster['CacheClusterId']}.cfg.{endpoint['Address']}</Address><Port>{endpoint['Port']}</Port>"
    return f"{text}<ConfigurationEndpoint>{address}</ConfigurationEndpoint>"


elasticache._create_cache_cluster = completing(elasticache._create_cache_cluster, "CreateCacheCluster")
elasticache._modify_cache_cluster = completing(elasticache._modify_cache_cluster, "ModifyCacheCluster")
elasticache._cluster_xml_inner = cluster_inner
# --- Backup: the recovery points that complete jobs leave in their vault --------------------

plain_backup = backup.handle_request


def points(vault):
    jobs = [job for job in backup._jobs.values() if job["BackupVaultName"] == vault and not job.get("PointIsGone")]
    same = ("RecoveryPointArn", "BackupVaultName", "BackupVaultArn", "ResourceArn", "CreationDate", "CompletionDate")
    return [{**{name: job[name] for name in same}, "Status": job["State"], "IsEncrypted": True} for job in jobs]


def list_points(vault, query):
    if vault not in backup._vaults:
        return backup._not_found(f"Vault '{vault}' not found.")
    return backup._paginate(points(vault), query, "RecoveryPoints")


def delete_point(arn):
    for job in backup._jobs.values():
        if job["RecoveryPointArn"] == arn:
            job["PointIsGone"] = True
            return backup._no_content()
    return backup._not_found(f"Recovery point '{arn}' not found.")


def lock(name, locked, days):
    vault = backup._vaults.get(name)
    if vault is None:
        return backup._not_found(f"Vault '{name}' not found.")
    vault["Locked"] = locked
    vault.pop("MinRetentionDays", None)
    if days is not None:
        vault["MinRetentionDays"] = days
    return backup._no_content()


async def answer_backup(method, path, headers, body, query):
    """Three calls more: DeleteRecoveryPoint and those of the vault's lock."""
    plain = urllib.parse.unquote(path)
    point = re.fullmatch(r"/backup-vaults/([^/]+)/recovery-points/(.+)", plain)
    locked = re.fullmatch(r"/backup-vaults/([^/]+)/vault-lock", plain)
    if point and method == "DELETE":
        return delete_point(point[2])
    if locked and method == "PUT":
        return lock(locked[1], True, json.loads(body or b"{}").get("MinRetentionDays"))
    if locked and method == "DELETE":
        return lock(locked[1], False, None)
    return await plain_backup(method, path, headers, body, query)


backup._list_recovery_points_by_vault = list_points
backup.handle_request = answer_backup


# --- CloudWatch: when a dashboard was changed is a time, and no text, in CBOR ----------------

plain_list_dashboards = cloudwatch._list_dashboards


def list_dashboards(params, data, is_cbor, is_json=False):
    if not is_cbor:
        return plain_list_dashboards(params, data, is_cbor, is_json)
    prefix = data.get("DashboardNamePrefix") or ""
    named = [cloudwatch._dashboards[name] for name in sorted(cloudwatch._dashboards) if name.startswith(prefix)]
    shown = ("DashboardName", "DashboardArn", "Size")
    entries = [
        {**{key: one[key] for key in shown}, "LastModified": cloudwatch._cbor_timestamp(one["LastModified"])}
        for one in named
    ]
    return cloudwatch._cbor_ok({"DashboardEntries": entries})


cloudwatch._list_dashboards = list_dashboards


# --- SNS: mail is welcome only where somebody has confirmed it -------------------------------

PENDING = "PendingConfirmation"
plain_subscribe = sns._subscribe


def subscribe(params):
    """The address itself is the token that confirms it: nobody reads mail here."""
    answer = plain_subscribe(params)
    topic, _ = sns._get_topic(sns._p(params, "TopicArn"))
    if answer[0] != OK or sns._p(params, "Protocol") != "email":
        return answer
    made = next(one for one in topic["subscriptions"] if one["endpoint"] == sns._p(params, "Endpoint"))
    if not made.get("asked"):
        made.update(asked=True, confirmed=False, token=made["endpoint"])
    if made["confirmed"]:
        return answer
    return amend(answer, r"<SubscriptionArn>.*?</SubscriptionArn>", "<SubscriptionArn>pending confirmation</SubscriptionArn>")


def listing(plain):
    def pending(params):
        waiting = {
            one["arn"]
            for topic in sns._topics.values()
            for one in topic["subscriptions"]
            if one.get("asked") and not one["confirmed"]
        }

        def shown(match):
            return f"<SubscriptionArn>{PENDING if match[1] in waiting else match[1]}</SubscriptionArn>"

        return amend(plain(params), r"<SubscriptionArn>(.*?)</SubscriptionArn>", shown)

    return pending


sns._subscribe = subscribe
sns._list_subscriptions = listing(sns._list_subscriptions)
sns._list_subscriptions_by_topic = listing(sns._list_subscriptions_by_topic)


# --- S3: a new bucket is closed to the public ------------------------------------------------

s3._new_bucket_public_access_block = lambda: {"_public_access_block": s3._NEW_BUCKET_PUBLIC_ACCESS_BLOCK}


# --- CloudTrail: the tags of a new trail ------------------------------------------------------

plain_create_trail = cloudtrail._create_trail


def create_trail(body):
    answer = plain_create_trail(body)
    if answer[0] == OK:
        tags = {tag["Key"]: tag.get("Value", "") for tag in body.get("TagsList", [])}
        cloudtrail._trail_tags[json.loads(answer[2])["TrailARN"]] = tags
    return answer


cloudtrail._DISPATCH["CreateTrail"] = create_trail


# --- AWS WAF: a web ACL that stands before a load balancer stays ------------------------------

plain_delete_web_acl = waf._delete_web_acl


def delete_web_acl(data):
    acl = waf._resource_from_scope(waf._web_acls, data.get("Id", ""), data.get("Scope", "REGIONAL"))
    if acl and acl["ARN"] in waf._associations.values():
        return waf._waf_err("WAFAssociatedItemException", "The resource is being used by another resource.")
    return plain_delete_web_acl(data)


waf._delete_web_acl = delete_web_acl


# --- AWS WAF: where a web ACL writes its log --------------------------------------------------

firewall_logs = {}
plain_waf = waf.handle_request


async def handle_waf(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "").split(".")[-1]
    data = json.loads(body) if action.endswith("LoggingConfiguration") else {}
    if action == "PutLoggingConfiguration":
        firewall_logs[data["LoggingConfiguration"]["ResourceArn"]] = data["LoggingConfiguration"]
        return waf.json_response(data)
    if action in ("GetLoggingConfiguration", "DeleteLoggingConfiguration"):
        if data["ResourceArn"] not in firewall_logs:
            return waf._waf_err("WAFNonexistentItemException", "There is no logging configuration.")
        if action == "DeleteLoggingConfiguration":
            del firewall_logs[data["ResourceArn"]]
            return waf.json_response({})
        return waf.json_response({"LoggingConfiguration": firewall_logs[data["ResourceArn"]]})
    answer = await plain_waf(method, path, headers, body, query_params)
    if action == "DeleteWebACL" and answer[0] == OK:
        identifier = json.loads(body)["Id"]
        for arn in [arn for arn in firewall_logs if arn.endswith(f"/{identifier}")]:
            del firewall_logs[arn]
    return answer


waf.handle_request = handle_waf


# --- Route 53: flags in small letters, as XML has them ----------------------------------------

plain_health_check = route53._build_health_check_el


def health_check(parent, check):
    config = check.get("config", {})
    flags = {name: str(value).lower() for name, value in config.items() if isinstance(value, bool)}
    plain_health_check(parent, {**check, "config": {**config, **flags}})


route53._build_health_check_el = health_check
