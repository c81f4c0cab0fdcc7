//! How far each permission reaches: to what carries our stack tag, where AWS can tell.
//!
//! # Caveats
//! Only what the "Service Authorization Reference" names as a condition key of the action's resource is used. A call about
//! several resources is judged for each: what it makes is told by the tags in the request, what it is made in is not
//! asked for tags, so that it may be somebody else's (an existing network).

/// What tells that a thing is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The tag that it has.
    Tag,
    /// The tag that the request gives it.
    NewTag,
    /// Nothing.
    Nothing,
}

/// Some actions, and on what they are allowed.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// The statement's name.
    pub sid: &'static str,
    /// The actions, by what they are called.
    pub actions: &'static [&'static str],
    /// The resources: ARNs without `arn:<partition>:`; `*` for all.
    pub on: &'static [&'static str],
    /// What tells that they are ours.
    pub by: By,
}

const fn reach(sid: &'static str, by: By, on: &'static [&'static str], actions: &'static [&'static str]) -> Reach {
    Reach { sid, actions, on, by }
}

const ALL: &[&str] = &["*"];
/// Roles and instance profiles lie under [`PATH`](crate::iam::PATH).
pub const IDENTITIES: &[&str] = &["iam::*:instance-profile/wordpresscluster/*", "iam::*:role/wordpresscluster/*"];
/// S3 judges neither request nor bucket by tags unless its owner has that switched on: only their names tell ours.
pub const BUCKETS: &[&str] = &["s3:::*-bucket-????????"];
const OBJECTS: &[&str] = &["s3:::*-bucket-????????/*"];

/// Every action that is not allowed on everything. One may stand in several lines: each allows a part of it.
pub const REACHES: &[Reach] = &[
    reach(
        "NewInNetwork",
        By::NewTag,
        &[
            "ec2:*:*:egress-only-internet-gateway/*",
            "ec2:*:*:elastic-ip/*",
            "ec2:*:*:internet-gateway/*",
            "ec2:*:*:launch-template/*",
            "ec2:*:*:natgateway/*",
            "ec2:*:*:route-table/*",
            "ec2:*:*:security-group/*",
            "ec2:*:*:security-group-rule/*",
            "ec2:*:*:snapshot/*",
            "ec2:*:*:subnet/*",
            "ec2:*:*:volume/*",
            "ec2:*:*:vpc-endpoint/*",
            "ec2:*:*:vpc-flow-log/*",
            "ec2:*:*:vpc/*",
        ],
        &[
            "ec2:AllocateAddress",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:CreateEgressOnlyInternetGateway",
            "ec2:CreateFlowLogs",
            "ec2:CreateInternetGateway",
            "ec2:CreateLaunchTemplate",
            "ec2:CreateNatGateway",
            "ec2:CreateRouteTable",
            "ec2:CreateSecurityGroup",
            "ec2:CreateSnapshot",
            "ec2:CreateSubnet",
            "ec2:CreateVolume",
            "ec2:CreateVpc",
            "ec2:CreateVpcEndpoint",
        ],
    ),
    reach(
        "NewInVpc",
        By::Nothing,
        &["ec2:*:*:vpc/*"],
        &[
            "ec2:CreateEgressOnlyInternetGateway",
            "ec2:CreateFlowLogs",
            "ec2:CreateRouteTable",
            "ec2:CreateSecurityGroup",
            "ec2:CreateSubnet",
            "ec2:CreateVpcEndpoint",
        ],
    ),
    reach("NewInSubnet", By::Nothing, &["ec2:*:*:subnet/*", "ec2:*:*:elastic-ip/*"], &["ec2:CreateNatGateway"]),
    reach(
        "EndpointIn",
        By::Nothing,
        &["ec2:*:*:route-table/*", "ec2:*:*:subnet/*", "ec2:*:*:security-group/*"],
        &["ec2:CreateVpcEndpoint"],
    ),
    reach("TagInNetwork", By::NewTag, &["ec2:*:*:*/*"], &["ec2:CreateTags"]),
    reach(
        "OwnNetwork",
        By::Tag,
        ALL,
        &[
            "ec2:AssociateRouteTable",
            "ec2:AssociateSubnetCidrBlock",
            "ec2:AssociateVpcCidrBlock",
            "ec2:AttachInternetGateway",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:CreateLaunchTemplateVersion",
            "ec2:CreateRoute",
            "ec2:CreateSnapshot",
            "ec2:DeleteEgressOnlyInternetGateway",
            "ec2:DeleteFlowLogs",
            "ec2:DeleteInternetGateway",
            "ec2:DeleteLaunchTemplate",
            "ec2:DeleteNatGateway",
            "ec2:DeleteRoute",
            "ec2:DeleteRouteTable",
            "ec2:DeleteSecurityGroup",
            "ec2:DeleteSubnet",
            "ec2:DeleteTags",
            "ec2:DeleteVolume",
            "ec2:DeleteVpc",
            "ec2:DeleteVpcEndpoints",
            "ec2:DetachInternetGateway",
            "ec2:DisassociateRouteTable",
            "ec2:DisassociateSubnetCidrBlock",
            "ec2:DisassociateVpcCidrBlock",
            "ec2:ModifyLaunchTemplate",
            "ec2:ModifyVolume",
            "ec2:ModifyVpcAttribute",
            "ec2:ModifyVpcEndpoint",
            "ec2:ReleaseAddress",
            "ec2:ReplaceRoute",
            "ec2:ReplaceRouteTableAssociation",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ],
    ),
    reach(
        "NewLoadBalancing",
        By::NewTag,
        ALL,
        &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateRule",
            "elasticloadbalancing:CreateTargetGroup",
        ],
    ),
    reach(
        "OwnLoadBalancing",
        By::Tag,
        ALL,
        &[
            "elasticloadbalancing:DeleteListener",
            "elasticloadbalancing:DeleteLoadBalancer",
            "elasticloadbalancing:DeleteRule",
            "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:SetIpAddressType",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetSubnets",
            "elasticloadbalancing:SetWebACL",
        ],
    ),
    reach("NewGroup", By::NewTag, ALL, &["autoscaling:CreateAutoScalingGroup", "autoscaling:CreateOrUpdateTags"]),
    reach(
        "OwnGroup",
        By::Tag,
        ALL,
        &[
            "autoscaling:AttachLoadBalancerTargetGroups",
            "autoscaling:DeleteAutoScalingGroup",
            "autoscaling:DeletePolicy",
            "autoscaling:DeleteScheduledAction",
            "autoscaling:DetachLoadBalancerTargetGroups",
            "autoscaling:PutScalingPolicy",
            "autoscaling:PutScheduledUpdateGroupAction",
            "autoscaling:StartInstanceRefresh",
            "autoscaling:UpdateAutoScalingGroup",
        ],
    ),
    reach(
        "NewDatabase",
        By::NewTag,
        &["rds:*:*:db:*", "rds:*:*:pg:*", "rds:*:*:subgrp:*", "rds:*:*:snapshot:*"],
        &[
            "rds:AddTagsToResource",
            "rds:CreateDBInstance",
            "rds:CreateDBParameterGroup",
            "rds:CreateDBSubnetGroup",
            "rds:RestoreDBInstanceFromDBSnapshot",
            "rds:RestoreDBInstanceToPointInTime",
        ],
    ),
    reach(
        "DatabaseWith",
        By::Nothing,
        &["rds:*:*:og:*", "rds:*:*:pg:*", "rds:*:*:secgrp:*", "rds:*:*:snapshot:*", "rds:*:*:subgrp:*"],
        &[
            "rds:CreateDBInstance",
            "rds:CreateDBInstanceReadReplica",
            "rds:DeleteDBInstance",
            "rds:ModifyDBInstance",
            "rds:RestoreDBInstanceFromDBSnapshot",
            "rds:RestoreDBInstanceToPointInTime",
        ],
    ),
    // The source is a resource of these too, and may be somebody else's.
    reach(
        "NewReplica",
        By::Nothing,
        &["rds:*:*:db:*"],
        &["rds:CreateDBInstanceReadReplica", "rds:RestoreDBInstanceToPointInTime"],
    ),
    reach(
        "OwnDatabase",
        By::Tag,
        ALL,
        &[
            "rds:DeleteDBInstance",
            "rds:DeleteDBParameterGroup",
            "rds:DeleteDBSnapshot",
            "rds:DeleteDBSubnetGroup",
            "rds:ModifyDBInstance",
            "rds:ModifyDBParameterGroup",
            "rds:ModifyDBSubnetGroup",
            "rds:RebootDBInstance",
            "rds:RemoveTagsFromResource",
            "rds:ResetDBParameterGroup",
        ],
    ),
    reach(
        "NewFiles",
        By::NewTag,
        ALL,
        &["elasticfilesystem:CreateAccessPoint", "elasticfilesystem:CreateFileSystem", "elasticfilesystem:TagResource"],
    ),
    reach(
        "OwnFiles",
        By::Tag,
        ALL,
        &[
            "elasticfilesystem:CreateMountTarget",
            "elasticfilesystem:DeleteAccessPoint",
            "elasticfilesystem:DeleteFileSystem",
            "elasticfilesystem:DeleteMountTarget",
            "elasticfilesystem:ModifyMountTargetSecurityGroups",
            "elasticfilesystem:PutBackupPolicy",
            "elasticfilesystem:PutFileSystemPolicy",
            "elasticfilesystem:PutLifecycleConfiguration",
            "elasticfilesystem:UpdateFileSystem",
        ],
    ),
    reach(
        "NewIdentity",
        By::NewTag,
        IDENTITIES,
        &["iam:CreateInstanceProfile", "iam:CreateRole", "iam:TagInstanceProfile", "iam:TagRole"],
    ),
    reach(
        "OwnIdentity",
        By::Tag,
        IDENTITIES,
        &[
            "iam:AddRoleToInstanceProfile",
            "iam:AttachRolePolicy",
            "iam:DeleteInstanceProfile",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:UpdateAssumeRolePolicy",
        ],
    ),
    reach(
        "Buckets",
        By::Nothing,
        BUCKETS,
        &[
            "s3:CreateBucket",
            "s3:DeleteBucket",
            "s3:PutBucketCORS",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
            "s3:TagResource",
        ],
    ),
    reach("Objects", By::Nothing, OBJECTS, &["s3:DeleteObject", "s3:DeleteObjectVersion"]),
    reach(
        "NewLogs",
        By::NewTag,
        ALL,
        &[
            "logs:CreateDelivery",
            "logs:CreateLogGroup",
            "logs:PutDeliveryDestination",
            "logs:PutDeliverySource",
            "logs:TagResource",
        ],
    ),
    reach(
        "OwnLogs",
        By::Tag,
        ALL,
        &[
            "logs:AssociateKmsKey",
            "logs:DeleteDelivery",
            "logs:DeleteDeliveryDestination",
            "logs:DeleteDeliverySource",
            "logs:DeleteLogGroup",
            "logs:PutRetentionPolicy",
        ],
    ),
    reach("NewSecret", By::NewTag, ALL, &["secretsmanager:CreateSecret", "secretsmanager:TagResource"]),
    reach(
        "OwnSecret",
        By::Tag,
        ALL,
        &["secretsmanager:DeleteSecret", "secretsmanager:GetSecretValue", "secretsmanager:RestoreSecret"],
    ),
    reach("NewCertificate", By::NewTag, ALL, &["acm:AddTagsToCertificate", "acm:RequestCertificate"]),
    reach("OwnCertificate", By::Tag, ALL, &["acm:DeleteCertificate"]),
    reach("OwnDistribution", By::Tag, ALL, &["cloudfront:DeleteDistribution", "cloudfront:UpdateDistribution"]),
    reach("TagDistribution", By::NewTag, ALL, &["cloudfront:TagResource"]),
    reach(
        "NewFirewall",
        By::NewTag,
        &["wafv2:*:*:*/webacl/*", "wafv2:*:*:*/ipset/*"],
        &["wafv2:CreateIPSet", "wafv2:CreateWebACL", "wafv2:TagResource"],
    ),
    reach(
        "FirewallWith",
        By::Nothing,
        &["wafv2:*:*:*/ipset/*", "wafv2:*:*:*/managedruleset/*"],
        &["wafv2:CreateWebACL", "wafv2:UpdateWebACL"],
    ),
    reach(
        "OwnFirewall",
        By::Tag,
        ALL,
        &[
            "wafv2:AssociateWebACL",
            "wafv2:DeleteIPSet",
            "wafv2:DeleteLoggingConfiguration",
            "wafv2:DeleteWebACL",
            "wafv2:DisassociateWebACL",
            "wafv2:PutLoggingConfiguration",
            "wafv2:UpdateIPSet",
            "wafv2:UpdateWebACL",
        ],
    ),
    // Of a trail AWS asks for no tags; ours all end alike.
    reach(
        "Trails",
        By::Nothing,
        &["cloudtrail:*:*:trail/*-audit-trail"],
        &[
            "cloudtrail:AddTags",
            "cloudtrail:CreateTrail",
            "cloudtrail:DeleteTrail",
            "cloudtrail:StartLogging",
            "cloudtrail:UpdateTrail",
        ],
    ),
    reach("NewKey", By::NewTag, ALL, &["kms:CreateKey", "kms:TagResource"]),
    reach(
        "OwnKey",
        By::Tag,
        ALL,
        &[
            "kms:CancelKeyDeletion",
            "kms:EnableKey",
            "kms:EnableKeyRotation",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
        ],
    ),
    reach(
        "NewCache",
        By::NewTag,
        &[
            "elasticache:*:*:cluster:*",
            "elasticache:*:*:parametergroup:*",
            "elasticache:*:*:replicationgroup:*",
            "elasticache:*:*:subnetgroup:*",
        ],
        &[
            "elasticache:AddTagsToResource",
            "elasticache:CreateCacheCluster",
            "elasticache:CreateCacheParameterGroup",
            "elasticache:CreateCacheSubnetGroup",
            "elasticache:CreateReplicationGroup",
        ],
    ),
    reach(
        "CacheWith",
        By::Nothing,
        &["elasticache:*:*:parametergroup:*", "elasticache:*:*:securitygroup:*", "elasticache:*:*:subnetgroup:*"],
        &[
            "elasticache:CreateCacheCluster",
            "elasticache:CreateReplicationGroup",
            "elasticache:ModifyCacheCluster",
            "elasticache:ModifyReplicationGroup",
        ],
    ),
    reach(
        "OwnCache",
        By::Tag,
        ALL,
        &[
            "elasticache:DecreaseReplicaCount",
            "elasticache:DeleteCacheCluster",
            "elasticache:DeleteCacheParameterGroup",
            "elasticache:DeleteCacheSubnetGroup",
            "elasticache:DeleteReplicationGroup",
            "elasticache:IncreaseReplicaCount",
            "elasticache:ModifyCacheCluster",
            "elasticache:ModifyCacheParameterGroup",
            "elasticache:ModifyCacheSubnetGroup",
            "elasticache:ModifyReplicationGroup",
        ],
    ),
    reach("NewTopic", By::NewTag, ALL, &["sns:CreateTopic", "sns:TagResource"]),
    reach("OwnTopic", By::Tag, ALL, &["sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe"]),
];
