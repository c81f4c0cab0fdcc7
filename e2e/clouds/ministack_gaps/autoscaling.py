"""What MiniStack lacks of Auto Scaling."""

from ministack.services import alb, autoscaling, ec2

from .amend import OK, amend

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
