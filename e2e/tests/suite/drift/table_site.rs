//! Load balancer, compute and CDN: one case for each kind.

use super::hands::Case;
use super::hands::Drift::{Field, Missing};
use super::hands::Hand::{Body, Call, Config, Firewall, Json};

pub const STRANGER: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Stranger","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

pub const CASES: &[Case] = &[
    Case {
        kind: "elasticloadbalancing/load-balancer",
        component: "traffic/load-balancer",
        hands: &[Call(
            "elasticloadbalancing",
            "ModifyLoadBalancerAttributes",
            &[
                ("LoadBalancerArn", "{traffic/load-balancer}"),
                ("Attributes.member.1.Key", "idle_timeout.timeout_seconds"),
                ("Attributes.member.1.Value", "30"),
            ],
        )],
        drift: Field("loadBalancer.idleTimeoutSeconds", "30", "60"),
        writes: &[("ModifyLoadBalancerAttributes", 1)],
    },
    Case {
        kind: "elasticloadbalancing/target-group",
        component: "traffic/target-group",
        hands: &[Call(
            "elasticloadbalancing",
            "ModifyTargetGroup",
            &[("TargetGroupArn", "{traffic/target-group}"), ("HealthCheckPath", "/elsewhere")],
        )],
        drift: Field("loadBalancer.healthCheck.path", "/elsewhere", "/health"),
        writes: &[("ModifyTargetGroup", 1)],
    },
    Case {
        kind: "elasticloadbalancing/listener",
        component: "traffic/listener-https",
        hands: &[Call(
            "elasticloadbalancing",
            "ModifyListener",
            &[("ListenerArn", "{traffic/listener-https}"), ("SslPolicy", "ELBSecurityPolicy-2016-08")],
        )],
        drift: Field("loadBalancer.tlsPolicy", "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
        writes: &[("ModifyListener", 1)],
    },
    // Everybody is let in, past the firewall.
    Case {
        kind: "elasticloadbalancing/rule",
        component: "traffic/entrance",
        hands: &[Call(
            "elasticloadbalancing",
            "ModifyListener",
            &[
                ("ListenerArn", "{traffic/listener-https}"),
                ("DefaultActions.member.1.Type", "forward"),
                ("DefaultActions.member.1.TargetGroupArn", "{traffic/target-group}"),
            ],
        )],
        drift: Field("loadBalancer.entrance.others", "let in", "refused"),
        writes: &[("ModifyListener", 1)],
    },
    Case {
        kind: "iam/role",
        component: "compute/role",
        hands: &[Call(
            "iam",
            "UpdateAssumeRolePolicy",
            &[("RoleName", "{compute/role}"), ("PolicyDocument", STRANGER)],
        )],
        drift: Field("compute.role.trust", "Stranger", "ec2.amazonaws.com"),
        writes: &[("UpdateAssumeRolePolicy", 1)],
    },
    Case {
        kind: "iam/monitoring-role",
        component: "database/monitoring-role",
        hands: &[Call(
            "iam",
            "UpdateAssumeRolePolicy",
            &[("RoleName", "{database/monitoring-role}"), ("PolicyDocument", STRANGER)],
        )],
        drift: Field("database.monitoringRole.trust", "Stranger", "monitoring.rds.amazonaws.com"),
        writes: &[("UpdateAssumeRolePolicy", 1)],
    },
    Case {
        kind: "iam/instance-profile",
        component: "compute/profile",
        hands: &[Call(
            "iam",
            "RemoveRoleFromInstanceProfile",
            &[("InstanceProfileName", "{compute/profile}"), ("RoleName", "{compute/role}")],
        )],
        drift: Field("compute.profile.role", "nothing", "{compute/role}"),
        writes: &[("AddRoleToInstanceProfile", 1)],
    },
    Case {
        kind: "autoscaling/group",
        component: "compute/group",
        hands: &[Call(
            "autoscaling",
            "UpdateAutoScalingGroup",
            &[("AutoScalingGroupName", "{compute/group}"), ("MaxSize", "9")],
        )],
        drift: Field("compute.replicas.max", "9", "6"),
        writes: &[("UpdateAutoScalingGroup", 1)],
    },
    Case {
        kind: "autoscaling/policy",
        component: "compute/scaling-cpu",
        hands: &[Call(
            "autoscaling",
            "PutScalingPolicy",
            &[
                ("AutoScalingGroupName", "{compute/group}"),
                ("PolicyName", "{compute/scaling-cpu}"),
                ("PolicyType", "TargetTrackingScaling"),
                (
                    "TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
                    "ASGAverageCPUUtilization",
                ),
                ("TargetTrackingConfiguration.TargetValue", "80"),
            ],
        )],
        drift: Field("compute.scaling.targetCPUUtilization", "80", "60"),
        writes: &[("PutScalingPolicy", 1)],
    },
    Case {
        kind: "autoscaling/scheduled-action",
        component: "compute/schedule-workday",
        hands: &[Call(
            "autoscaling",
            "PutScheduledUpdateGroupAction",
            &[
                ("AutoScalingGroupName", "{compute/group}"),
                ("ScheduledActionName", "{compute/schedule-workday}"),
                ("Recurrence", "0 7 * * MON-FRI"),
                ("TimeZone", "America/New_York"),
                ("MinSize", "4"),
                ("MaxSize", "20"),
            ],
        )],
        drift: Field("compute.scaling.schedules.max", "20", "8"),
        writes: &[("PutScheduledUpdateGroupAction", 1)],
    },
    Case {
        kind: "budgets/budget",
        component: "monitoring/budget",
        hands: &[Call(
            "budgets",
            "DeleteBudget",
            &[("AccountId", "000000000000"), ("BudgetName", "{monitoring/budget}")],
        )],
        drift: Missing,
        writes: &[("CreateBudget", 1)],
    },
    Case {
        kind: "cloudfront/cache-policy",
        component: "cdn/policy-static",
        hands: &[Config(
            ["GetCachePolicyConfig", "UpdateCachePolicy"],
            "cdn/policy-static",
            ["<DefaultTTL>604800<", "<DefaultTTL>60<"],
        )],
        drift: Field("cdn.staticTTLSeconds", "0..604800 (60)", "0..604800 (604800)"),
        writes: &[("UpdateCachePolicy", 1)],
    },
    Case {
        kind: "cloudfront/distribution",
        component: "cdn/distribution",
        hands: &[Config(
            ["GetDistributionConfig", "UpdateDistribution"],
            "cdn/distribution",
            ["PriceClass_100", "PriceClass_All"],
        )],
        drift: Field("cdn.priceClass", "PriceClass_All", "PriceClass_100"),
        writes: &[("UpdateDistribution", 1)],
    },
    Case {
        kind: "acm/certificate",
        component: "certificate/cdn",
        hands: &[Json(
            "acm",
            "RemoveTagsFromCertificate",
            &[],
            r#"{"CertificateArn":"{certificate/cdn}","Tags":[{"Key":"team"}]}"#,
        )],
        drift: Field("tags.team", "nothing", "press"),
        writes: &[("AddTagsToCertificate", 1)],
    },
    Case {
        kind: "cloudfront/origin-access-control",
        component: "cdn/origin-access-control",
        hands: &[Config(
            ["GetOriginAccessControlConfig", "UpdateOriginAccessControl"],
            "cdn/origin-access-control",
            ["<SigningBehavior>always<", "<SigningBehavior>never<"],
        )],
        drift: Field("cdn.originAccessControl.signing", "never sigv4 s3", "always sigv4 s3"),
        writes: &[("UpdateOriginAccessControl", 1)],
    },
    Case {
        kind: "s3/bucket",
        component: "media/bucket",
        hands: &[Body(
            "s3",
            "PutBucketVersioning",
            &[("Bucket", "{media/bucket}")],
            "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Suspended</Status></VersioningConfiguration>",
        )],
        drift: Field("media.versioning", "false", "true"),
        writes: &[("PutBucketVersioning", 1)],
    },
    Case {
        kind: "s3/bucket-policy",
        component: "media/bucket-policy",
        hands: &[Body(
            "s3",
            "PutBucketPolicy",
            &[("Bucket", "{media/bucket}")],
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"Stranger","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::{media/bucket}/*"}]}"#,
        )],
        drift: Field("media.policy", "Stranger", "Distribution,DistributionHides,OnlyTls"),
        writes: &[("PutBucketPolicy", 1)],
    },
    Case {
        kind: "wafv2/web-acl",
        component: "firewall/web-acl",
        hands: &[Firewall(["GetWebACL", "UpdateWebACL"], "firewall/web-acl", ["\"Limit\":300", "\"Limit\":900"])],
        drift: Field("firewall.rules", "login-rate 900", "login-rate 300"),
        writes: &[("UpdateWebACL", 1)],
    },
];

/// What is there only where somebody lists networks, and where the firewall stands before the load balancer.
pub const WITHOUT_CDN: &[Case] = &[
    Case {
        kind: "wafv2/ip-set",
        component: "firewall/deny-ipv4",
        hands: &[Firewall(["GetIPSet", "UpdateIPSet"], "firewall/deny-ipv4", ["198.51.100.0/24", "192.0.2.0/24"])],
        drift: Field("firewall.denyCIDRs", "192.0.2.0/24", "198.51.100.0/24"),
        writes: &[("UpdateIPSet", 1)],
    },
    Case {
        kind: "wafv2/association",
        component: "firewall/association",
        hands: &[Json("wafv2", "DisassociateWebACL", &[], r#"{"ResourceArn": "{traffic/load-balancer}"}"#)],
        drift: Missing,
        writes: &[("AssociateWebACL", 1)],
    },
];

/// New instances come from a version that somebody else made. Once: after a refresh that is done, the group's own version
/// counts as one that follows a moment later, and is looked at again when an instance comes from it.
pub const ALONE: &[Case] = &[
    Case {
        kind: "autoscaling/instance-refresh",
        component: "compute/refresh",
        hands: &[
            Call(
                "ec2",
                "CreateLaunchTemplateVersion",
                &[
                    ("LaunchTemplateId", "{compute/launch-template}"),
                    ("SourceVersion", "1"),
                    ("LaunchTemplateData.InstanceType", "m7g.xlarge"),
                ],
            ),
            Call(
                "autoscaling",
                "UpdateAutoScalingGroup",
                &[
                    ("AutoScalingGroupName", "{compute/group}"),
                    ("LaunchTemplate.LaunchTemplateId", "{compute/launch-template}"),
                    ("LaunchTemplate.Version", "2"),
                ],
            ),
        ],
        drift: Field("compute.instances.version", "version 2", "version 1"),
        writes: &[("StartInstanceRefresh", 1)],
    },
    // The default is another version that somebody made. The one that is made in its place is what the instances have but
    // for its number, so none is replaced.
    Case {
        kind: "ec2/launch-template",
        component: "compute/launch-template",
        hands: &[
            Call(
                "ec2",
                "CreateLaunchTemplateVersion",
                &[
                    ("LaunchTemplateId", "{compute/launch-template}"),
                    ("SourceVersion", "1"),
                    ("LaunchTemplateData.InstanceType", "m7g.xlarge"),
                ],
            ),
            Call(
                "ec2",
                "ModifyLaunchTemplate",
                &[("LaunchTemplateId", "{compute/launch-template}"), ("SetDefaultVersion", "3")],
            ),
        ],
        drift: Field("compute.instanceTypes", "m7g.xlarge", "m7g.large"),
        writes: &[("CreateLaunchTemplateVersion", 1), ("ModifyLaunchTemplate", 1)],
    },
];
