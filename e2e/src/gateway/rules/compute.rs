//! Load balancers, Auto Scaling, and the roles that instances wear.

use super::{Check, Look, Rule, text};
use crate::gateway::protocol::Tree;
use crate::gateway::protocol::service::{ELB, IAM, SCALING};

const REFRESHES: Look = Look::one("autoscaling/instance-refresh", "AutoScalingGroupName", "AutoScalingGroupName");
const GROUP: Look = Look::one("autoscaling/group", "AutoScalingGroupName", "AutoScalingGroupNames");

const RULES_OF_PORT: Look = Look::one("elb/rule", "ListenerArn", "ListenerArn");
const LISTENERS: Look = Look::one("elb/listener", "LoadBalancerArn", "LoadBalancerArn");
const ATTRIBUTES: Look = Look::one("elb/load-balancer", "LoadBalancerArn", "LoadBalancerArn")
    .told("DescribeLoadBalancerAttributes", "DescribeLoadBalancerAttributesResult/Attributes/*");
const TEMPLATE: Look = Look::one("ec2/launch-template", "*.LaunchTemplateId", "LaunchTemplateId")
    .told("DescribeLaunchTemplateVersions", "launchTemplateVersionSet/*");
const ROLE: Look = Look::one("iam/role", "RoleName", "RoleName");
const PROFILE: Look = Look::one("iam/instance-profile", "InstanceProfileName", "InstanceProfileName");

pub(super) const RULES: &[Rule] = &[
    Rule {
        about: "autoscaling/group",
        service: SCALING,
        actions: &["DeleteAutoScalingGroup"],
        code: "ResourceInUse",
        when: "it has instances and is not forced",
        check: Check::Seen(GROUP, |request, group| {
            let forced = request.params.get("ForceDelete") == Some("true");
            let message = "You cannot delete an AutoScalingGroup while there are instances still in the group.";
            let empty = group.items("Instances/*").is_empty();
            (!forced && !empty).then(|| message.into())
        }),
        page: "API_DeleteAutoScalingGroup: ResourceInUse",
        ..Rule::NONE
    },
    Rule {
        about: "autoscaling/instance-refresh",
        service: SCALING,
        actions: &["StartInstanceRefresh"],
        code: "InstanceRefreshInProgress",
        when: "one is in progress",
        check: Check::Seen(REFRESHES, |_, refresh| {
            let message =
                "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.";
            let running = ["Pending", "InProgress", "Cancelling"].contains(&text(refresh, "Status").as_str());
            running.then(|| message.into())
        }),
        page: "API_StartInstanceRefresh: InstanceRefreshInProgress",
        ..Rule::NONE
    },
    Rule {
        about: "elb/target-group",
        service: ELB,
        actions: &["DeleteTargetGroup"],
        code: "ResourceInUse",
        when: "a listener sends to it",
        check: Check::Held { what: "elb/target-group", param: "TargetGroupArn" },
        page: "API_DeleteTargetGroup: ResourceInUse",
        ..Rule::NONE
    },
    Rule {
        about: "iam/role",
        service: IAM,
        actions: &["DeleteRole"],
        status: 409,
        code: "DeleteConflict",
        when: "an instance profile has it",
        check: Check::Held { what: "iam/role", param: "RoleName" },
        page: "API_DeleteRole: DeleteConflict",
    },
    Rule {
        about: "iam/instance-profile",
        service: IAM,
        actions: &["DeleteInstanceProfile"],
        status: 409,
        code: "DeleteConflict",
        when: "it has a role",
        check: Check::Seen(PROFILE, |_, profile| {
            let message = "Cannot delete entity, must remove roles from instance profile first.";
            (!profile.items("Roles/*").is_empty()).then(|| message.into())
        }),
        page: "API_DeleteInstanceProfile: DeleteConflict",
    },
    Rule {
        about: "iam/instance-profile",
        service: IAM,
        actions: &["AddRoleToInstanceProfile"],
        status: 409,
        code: "LimitExceeded",
        when: "it has a role",
        check: Check::Seen(PROFILE, |_, profile| {
            let message = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
            (!profile.items("Roles/*").is_empty()).then(|| message.into())
        }),
        page: "API_AddRoleToInstanceProfile: one role",
    },
    Rule {
        about: "iam/role",
        service: IAM,
        actions: &["DeleteRole"],
        status: 409,
        code: "DeleteConflict",
        when: "it has a policy of its own",
        check: Check::Seen(ROLE.told("ListRolePolicies", "ListRolePoliciesResult/PolicyNames/*"), |_, policy| {
            Some(format!("Cannot delete entity, must delete policies first: {}", text(policy, "")))
        }),
        page: "API_DeleteRole: DeleteConflict",
    },
    Rule {
        about: "iam/role",
        service: IAM,
        actions: &["DeleteRole"],
        status: 409,
        code: "DeleteConflict",
        when: "a policy is attached to it",
        check: Check::Seen(
            ROLE.told("ListAttachedRolePolicies", "ListAttachedRolePoliciesResult/AttachedPolicies/*"),
            |_, policy| {
                let name = text(policy, "PolicyName");
                Some(format!("Cannot delete entity, must detach all policies first: {name}"))
            },
        ),
        page: "API_DeleteRole: DeleteConflict",
    },
    Rule {
        about: "iam/instance-profile",
        service: SCALING,
        actions: &["CreateAutoScalingGroup", "UpdateAutoScalingGroup", "StartInstanceRefresh"],
        code: "ValidationError",
        when: "the launch template's instance profile was made moments ago",
        check: Check::New {
            look: TEMPLATE,
            path: "launchTemplateData/iamInstanceProfile/name",
            kind: "iam/instance-profile",
        },
        page: "troubleshoot_general_eventual-consistency; ts-as-launch-template: Invalid IAM Instance Profile name",
        ..Rule::NONE
    },
    Rule {
        about: "autoscaling/group",
        service: SCALING,
        actions: &["CreateAutoScalingGroup"],
        code: "AlreadyExists",
        when: "the name is taken",
        check: Check::Seen(GROUP, |_, group| {
            Some(format!("AutoScalingGroup by this name already exists: {}", text(group, "AutoScalingGroupName")))
        }),
        page: "API_CreateAutoScalingGroup: AlreadyExists",
        ..Rule::NONE
    },
    Rule {
        about: "autoscaling/policy",
        service: SCALING,
        actions: &["PutScalingPolicy"],
        code: "ValidationError",
        when: "it counts the requests to a target group that the group is not attached to",
        check: Check::Seen(GROUP, |request, group| {
            let label = request.params.find("ResourceLabel")?;
            let attached =
                |arn: &Tree| arn.text("").is_some_and(|arn| label.ends_with(arn.rsplit(':').next().unwrap_or(&arn)));
            let message = "The load balancer target group is not attached to the Auto Scaling group";
            (!group.items("TargetGroupARNs/*").iter().any(attached)).then(|| message.into())
        }),
        page: "API_PredefinedMetricSpecification: ResourceLabel",
        ..Rule::NONE
    },
    Rule {
        about: "elb/listener",
        service: ELB,
        actions: &["CreateListener"],
        code: "DuplicateListener",
        when: "the load balancer listens on the port",
        check: Check::Seen(LISTENERS, |request, listener| {
            let taken = request.params.get("Port") == listener.text("Port").as_deref();
            taken.then(|| "A listener with the specified port already exists.".into())
        }),
        page: "API_CreateListener: DuplicateListener",
        ..Rule::NONE
    },
    Rule {
        about: "elb/rule",
        service: ELB,
        actions: &["CreateRule"],
        code: "PriorityInUse",
        when: "the listener has a rule of the priority",
        check: Check::Seen(RULES_OF_PORT, |request, rule| {
            let taken = request.params.get("Priority") == rule.text("Priority").as_deref();
            taken.then(|| "Priority is currently in use".into())
        }),
        page: "API_CreateRule: PriorityInUse",
        ..Rule::NONE
    },
    Rule {
        about: "elb/load-balancer",
        service: ELB,
        actions: &["DeleteLoadBalancer"],
        code: "OperationNotPermitted",
        when: "it is protected",
        check: Check::Seen(ATTRIBUTES, |_, attribute| {
            let protection = text(attribute, "Key") == "deletion_protection.enabled";
            let message = "Load balancer cannot be deleted because deletion protection is enabled";
            (protection && text(attribute, "Value") == "true").then(|| message.into())
        }),
        page: "API_DeleteLoadBalancer: OperationNotPermitted",
        ..Rule::NONE
    },
];
