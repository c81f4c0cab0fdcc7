"""What AWS does and moto 5.2 leaves out, as far as the operator needs it.

Each section replaces or adds methods of moto's classes. docs/testing.md lists the gaps;
tests/suite/clouds.rs notices when a new version changes them.
"""

import json
import uuid

from moto.autoscaling.models import InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import EC2Backend
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.subnets import Subnet
from moto.ec2.utils import parse_user_data
from moto.kms.models import KmsBackend
from moto.rds.models import RDSBackend
from moto.wafv2.exceptions import WAFNonexistentItemException, WAFV2DuplicateItemException, WAFv2ClientError
from moto.wafv2.responses import WAFV2Response

# --- EC2: a gateway endpoint has its route in every route table -----------------------------

plain_modify_endpoint = EC2Backend.modify_vpc_endpoint


def modify_endpoint(self, vpc_id, *, add_route_tables, remove_route_tables, **rest):
    endpoint = self.describe_vpc_endpoints([vpc_id])[0]
    before = list(endpoint.route_table_ids)
    plain_modify_endpoint(
        self, vpc_id, add_route_tables=add_route_tables, remove_route_tables=remove_route_tables, **rest
    )
    destination = endpoint.destination_prefix_list_id
    for table in set(endpoint.route_table_ids) - set(before):
        self.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=destination)
    for table in set(before) - set(endpoint.route_table_ids):
        self.delete_route(table, destination)


EC2Backend.modify_vpc_endpoint = modify_endpoint


# --- EC2: later versions of a launch template can be launched too ---------------------------

plain_create_version = LaunchTemplate.create_version


def create_version(self, data, description):
    if isinstance(data.get("UserData"), str):
        data["UserData"] = parse_user_data(data["UserData"])
    return plain_create_version(self, data, description)


LaunchTemplate.create_version = create_version


# --- EC2: subnets are found by their IPv6 ranges, whose state is a word ----------------------

plain_subnet_filter = Subnet.get_filter_value


def subnet_filter(self, filter_name, method_name=None):
    if filter_name == "ipv6-cidr-block-association.association-id":
        return list(self.ipv6_cidr_block_associations)
    return plain_subnet_filter(self, filter_name, method_name)


def subnet_ranges(self):
    ranges = self.ipv6_cidr_block_associations.values()
    return [each for each in ranges if each["ipv6CidrBlockState"]["State"] == "associated"]


Subnet.get_filter_value = subnet_filter
Subnet.ipv6_cidr_block_association_set = property(subnet_ranges)


# --- EC2: a launch template's tags are those that it has now ---------------------------------

LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, _: None)


# --- RDS: a subnet group outlives its modification ------------------------------------------

plain_modify_subnet_group = RDSBackend.modify_db_subnet_group


def modify_subnet_group(self, subnet_name, description, subnets):
    group = plain_modify_subnet_group(self, subnet_name, description, subnets)
    self.subnet_groups[subnet_name] = group
    return group


RDSBackend.modify_db_subnet_group = modify_subnet_group


# --- RDS: a replica does not inherit its source's protection, standby and backups ------------

plain_create_replica = RDSBackend.create_db_instance_read_replica


def create_replica(self, db_kwargs):
    alone = {"deletion_protection": False, "multi_az": False, "backup_retention_period": 0}
    return plain_create_replica(self, {**alone, **db_kwargs})


RDSBackend.create_db_instance_read_replica = create_replica


# --- RDS: the replicas of a source that is gone stand alone ----------------------------------

plain_delete_instance = RDSBackend.delete_db_instance


def delete_instance(self, db_instance_identifier, *args, **kwargs):
    gone = plain_delete_instance(self, db_instance_identifier, *args, **kwargs)
    for database in self.databases.values():
        if database.is_replica and database.source_db_instance_identifier == db_instance_identifier:
            database.is_replica, database.source_db_instance_identifier = False, None
    return gone


RDSBackend.delete_db_instance = delete_instance


# --- Auto Scaling: warm-up, maintenance, and the version that an instance was launched from --

plain_instance_init = InstanceState.__init__
plain_instance_template = InstanceState.launch_template.fget
plain_put_policy = AutoScalingResponse.put_scaling_policy
KEPT = {
    "DefaultInstanceWarmup": "default_instance_warmup",
    "InstanceMaintenancePolicy": "instance_maintenance_policy",
}


def instance_init(self, *args, **kwargs):
    plain_instance_init(self, *args, **kwargs)
    self.launched_from = getattr(self.auto_scaling_group, "launch_template_version", None)


def instance_template(self):
    template = plain_instance_template(self)
    return template and {**template, "Version": self.launched_from}


def keeping(plain):
    """What is answered as it was asked for; several types stay until others, or a template alone, are asked for."""
    def handle(self):
        before = self.autoscaling_backend.autoscaling_groups.get(self._get_param("AutoScalingGroupName"))
        types = before and before.mixed_instances_policy
        answer = plain(self)
        group = group_of(self)
        if not self._get_param("LaunchTemplate") and not self._get_param("MixedInstancesPolicy"):
            group.mixed_instances_policy = types
        for name, attribute in KEPT.items():
            value = self._get_param(name)
            if value is not None:
                setattr(group, attribute, value)
        rebalance = self._get_param("CapacityRebalance")
        if rebalance is not None:
            group.capacity_rebalance = str(rebalance).lower() == "true"
        return answer

    return handle


def group_of(response):
    return response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]


def put_policy(self):
    return ActionResult({"PolicyARN": plain_put_policy(self).result["PolicyArn"]})


InstanceState.__init__ = instance_init
InstanceState.launch_template = property(instance_template)
AutoScalingResponse.create_auto_scaling_group = keeping(AutoScalingResponse.create_auto_scaling_group)
AutoScalingResponse.update_auto_scaling_group = keeping(AutoScalingResponse.update_auto_scaling_group)
AutoScalingResponse.put_scaling_policy = put_policy


# --- Auto Scaling: an instance refresh replaces the instances, at once ----------------------

def start_refresh(self):
    group = group_of(self)
    desired = self._get_param("DesiredConfiguration", {})
    if desired:
        group.mixed_instances_policy = desired.get("MixedInstancesPolicy")
        group._set_launch_configuration(None, desired.get("LaunchTemplate"), group.mixed_instances_policy)
    for state in list(group.instance_states):
        self.autoscaling_backend.terminate_instance(state.instance.id, should_decrement=False)
    refresh = {
        "InstanceRefreshId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "Status": "Successful",
        "StartTime": utcnow(),
        "EndTime": utcnow(),
        "PercentageComplete": 100,
        "InstancesToUpdate": 0,
        "DesiredConfiguration": desired,
        "Preferences": self._get_param("Preferences", {}),
    }
    group.instance_refreshes = [refresh, *getattr(group, "instance_refreshes", [])]
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


def describe_refreshes(self):
    wanted = self._get_param("InstanceRefreshIds", [])
    refreshes = getattr(group_of(self), "instance_refreshes", [])
    return ActionResult({
        "InstanceRefreshes": [r for r in refreshes if not wanted or r["InstanceRefreshId"] in wanted]
    })


AutoScalingResponse.start_instance_refresh = start_refresh
AutoScalingResponse.describe_instance_refreshes = describe_refreshes


# --- AWS WAF: the error for a name that is taken ----------------------------------------------

def duplicate_item(self):
    WAFv2ClientError.__init__(self, "WAFDuplicateItemException", "some resource is a duplicate of an existing one.")


WAFV2DuplicateItemException.__init__ = duplicate_item


# --- AWS WAF: what a web ACL stands before ------------------------------------------------------


def list_resources(self):
    acl = self.wafv2_backend.wacls.get(self._get_param("WebACLArn"))
    if not acl:
        raise WAFNonexistentItemException
    return 200, {}, json.dumps({"ResourceArns": acl.associated_resources})


WAFV2Response.list_resources_for_web_acl = list_resources


# --- KMS: a service's own key is AWS's ----------------------------------------------------------

plain_default_keys = KmsBackend._generate_default_keys


def default_keys(self, alias_name):
    key = plain_default_keys(self, alias_name)
    if key:
        self.keys[key].key_manager = "AWS"
    return key


KmsBackend._generate_default_keys = default_keys
