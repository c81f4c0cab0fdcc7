//! Load balancers, launch templates, Auto Scaling, and the roles that instances wear.

use super::{ROW, Reply, Row, Row as R, STATES, States, Tags, Under, create, delete, error, modify, read};
use crate::gateway::protocol::service::{EC2, ELB, IAM, SCALING};

const fn elb_tags(of: &'static str) -> Tags {
    Tags::Asked {
        action: "DescribeTags",
        param: "ResourceArns.member.1",
        of,
        items: "DescribeTagsResult/TagDescriptions/*/Tags/*",
    }
}

/// How long an instance refresh takes.
const REFRESH: u32 = 300;

pub(super) const ROWS: &[Row] = &[
    R {
        kind: "ec2/launch-template",
        service: EC2,
        id: "launchTemplateId",
        name: "launchTemplateName",
        reads: &[read("DescribeLaunchTemplates", "launchTemplates/*", &["LaunchTemplateId", "LaunchTemplateName"])],
        creates: &[create("CreateLaunchTemplate", "launchTemplate", "", 0)],
        deletes: &[delete("DeleteLaunchTemplate", "LaunchTemplateId", 0, Reply::Bare)],
        missing: error(400, "InvalidLaunchTemplateId.NotFound"),
        missing_name: error(400, "InvalidLaunchTemplateName.NotFoundException"),
        tags: Tags::Inside("tagSet/*"),
        ..ROW
    },
    // A deleted load balancer vanishes from the lists at once; only its interfaces linger.
    R {
        kind: "elb/load-balancer",
        service: ELB,
        id: "LoadBalancerArn",
        name: "LoadBalancerName",
        reads: &[read(
            "DescribeLoadBalancers",
            "DescribeLoadBalancersResult/LoadBalancers/*",
            &["LoadBalancerArns", "Names"],
        )],
        creates: &[create("CreateLoadBalancer", "CreateLoadBalancerResult/LoadBalancers/*", "", 150)],
        deletes: &[delete("DeleteLoadBalancer", "LoadBalancerArn", 0, Reply::Bare)],
        states: Some(States { path: "State/Code", creating: "provisioning", ..STATES }),
        missing: error(400, "LoadBalancerNotFound"),
        tags: elb_tags("LoadBalancerArn"),
        ..ROW
    },
    R {
        kind: "elb/target-group",
        service: ELB,
        id: "TargetGroupArn",
        name: "TargetGroupName",
        reads: &[read(
            "DescribeTargetGroups",
            "DescribeTargetGroupsResult/TargetGroups/*",
            &["TargetGroupArns", "Names"],
        )],
        creates: &[create("CreateTargetGroup", "CreateTargetGroupResult/TargetGroups/*", "", 0)],
        deletes: &[delete("DeleteTargetGroup", "TargetGroupArn", 0, Reply::Bare)],
        missing: error(400, "TargetGroupNotFound"),
        tags: elb_tags("TargetGroupArn"),
        ..ROW
    },
    R {
        kind: "elb/listener",
        service: ELB,
        id: "ListenerArn",
        reads: &[read("DescribeListeners", "DescribeListenersResult/Listeners/*", &["ListenerArns"])],
        creates: &[create("CreateListener", "CreateListenerResult/Listeners/*", "", 0)],
        deletes: &[delete("DeleteListener", "ListenerArn", 0, Reply::Bare)],
        missing: error(400, "ListenerNotFound"),
        tags: elb_tags("ListenerArn"),
        under: Some(Under { kind: "elb/load-balancer", param: "LoadBalancerArn" }),
        ..ROW
    },
    // The rule of the default action comes and goes with its listener.
    R {
        kind: "elb/rule",
        service: ELB,
        id: "RuleArn",
        reads: &[read("DescribeRules", "DescribeRulesResult/Rules/*", &["RuleArns"])],
        creates: &[create("CreateRule", "CreateRuleResult/Rules/*", "", 0)],
        deletes: &[delete("DeleteRule", "RuleArn", 0, Reply::Bare)],
        missing: error(400, "RuleNotFound"),
        tags: elb_tags("RuleArn"),
        under: Some(Under { kind: "elb/listener", param: "ListenerArn" }),
        only: |rule| rule.text("IsDefault").as_deref() != Some("true"),
        ..ROW
    },
    R {
        kind: "autoscaling/group",
        service: SCALING,
        id: "AutoScalingGroupName",
        reads: &[read(
            "DescribeAutoScalingGroups",
            "DescribeAutoScalingGroupsResult/AutoScalingGroups/*",
            &["AutoScalingGroupNames"],
        )],
        creates: &[create("CreateAutoScalingGroup", "", "AutoScalingGroupName", 0)],
        // The group gets the configuration that a refresh was started with when the refresh is done.
        modifies: &[modify("StartInstanceRefresh", "AutoScalingGroupName", "", REFRESH)],
        deletes: &[delete("DeleteAutoScalingGroup", "AutoScalingGroupName", 60, Reply::Bare)],
        states: Some(States {
            path: "Status",
            deleting: "Delete in progress",
            fields: &["LaunchTemplate/LaunchTemplateId", "LaunchTemplate/LaunchTemplateName", "LaunchTemplate/Version"],
            ..STATES
        }),
        exists: error(400, "AlreadyExists"),
        tags: Tags::Inside("Tags/*"),
        ..ROW
    },
    R {
        kind: "autoscaling/policy",
        service: SCALING,
        id: "PolicyName",
        reads: &[read("DescribePolicies", "DescribePoliciesResult/ScalingPolicies/*", &["PolicyNames"])],
        creates: &[create("PutScalingPolicy", "", "PolicyName", 0)],
        deletes: &[delete("DeletePolicy", "PolicyName", 0, Reply::Bare)],
        owner: Some(("autoscaling/group", "AutoScalingGroupName")),
        ..ROW
    },
    R {
        kind: "autoscaling/scheduled-action",
        service: SCALING,
        id: "ScheduledActionName",
        reads: &[read(
            "DescribeScheduledActions",
            "DescribeScheduledActionsResult/ScheduledUpdateGroupActions/*",
            &["ScheduledActionNames"],
        )],
        creates: &[create("PutScheduledUpdateGroupAction", "", "ScheduledActionName", 0)],
        deletes: &[delete("DeleteScheduledAction", "ScheduledActionName", 0, Reply::Bare)],
        owner: Some(("autoscaling/group", "AutoScalingGroupName")),
        ..ROW
    },
    // MiniStack answers Successful at once; plain moto does not know the call.
    R {
        kind: "autoscaling/instance-refresh",
        service: SCALING,
        id: "InstanceRefreshId",
        reads: &[read(
            "DescribeInstanceRefreshes",
            "DescribeInstanceRefreshesResult/InstanceRefreshes/*",
            &["InstanceRefreshIds"],
        )],
        creates: &[create("StartInstanceRefresh", "StartInstanceRefreshResult", "", REFRESH)],
        states: Some(States {
            path: "Status",
            creating: "InProgress",
            hidden: &["EndTime", "PercentageComplete", "StatusReason"],
            ..STATES
        }),
        under: Some(Under { kind: "autoscaling/group", param: "AutoScalingGroupName" }),
        owner: Some(("autoscaling/group", "AutoScalingGroupName")),
        ..ROW
    },
    R {
        kind: "iam/role",
        service: IAM,
        id: "RoleName",
        reads: &[
            read("ListRoles", "ListRolesResult/Roles/*", &[]),
            read("GetRole", "GetRoleResult/Role", &["RoleName"]),
        ],
        creates: &[create("CreateRole", "CreateRoleResult/Role", "", 0)],
        modifies: &[
            modify("UpdateAssumeRolePolicy", "RoleName", "", 0),
            modify("PutRolePolicy", "RoleName", "", 0),
            modify("AttachRolePolicy", "RoleName", "", 0),
        ],
        deletes: &[delete("DeleteRole", "RoleName", 0, Reply::Bare)],
        missing: error(404, "NoSuchEntity"),
        tags: Tags::Asked {
            action: "ListRoleTags",
            param: "RoleName",
            of: "RoleName",
            items: "ListRoleTagsResult/Tags/*",
        },
        ..ROW
    },
    R {
        kind: "iam/instance-profile",
        service: IAM,
        id: "InstanceProfileName",
        reads: &[
            read("ListInstanceProfiles", "ListInstanceProfilesResult/InstanceProfiles/*", &[]),
            read("GetInstanceProfile", "GetInstanceProfileResult/InstanceProfile", &["InstanceProfileName"]),
        ],
        // AWS takes this long to tell Auto Scaling; the profile itself shows at once.
        creates: &[create("CreateInstanceProfile", "CreateInstanceProfileResult/InstanceProfile", "", 15)],
        modifies: &[
            modify("AddRoleToInstanceProfile", "InstanceProfileName", "", 0),
            modify("RemoveRoleFromInstanceProfile", "InstanceProfileName", "", 0),
        ],
        deletes: &[delete("DeleteInstanceProfile", "InstanceProfileName", 0, Reply::Bare)],
        missing: error(404, "NoSuchEntity"),
        tags: Tags::Asked {
            action: "GetInstanceProfile",
            param: "InstanceProfileName",
            of: "InstanceProfileName",
            items: "GetInstanceProfileResult/InstanceProfile/Tags/*",
        },
        ..ROW
    },
];
