//! Limits that AWS's pages state and its models leave out, as one table.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use super::violation::Class;
use crate::gateway::protocol::Request;
use crate::gateway::protocol::service::{CACHE, CDN, EC2, ELB, RDS, SCALING, SECRETS};

/// One limit.
#[derive(Debug)]
pub struct Limit {
    /// Signing name of the service; empty is every service.
    pub service: &'static str,
    /// The actions that make the thing; none is every write.
    pub actions: &'static [&'static str],
    /// The member, or the end of its path, without the numbers of lists.
    pub member: &'static str,
    /// Least and greatest length, in characters.
    pub length: (usize, usize),
    /// What the whole value must match; empty is anything.
    pub pattern: &'static str,
    /// How it must not begin; empty is nothing.
    pub reserved: &'static str,
    /// The page of the service's API reference that says so.
    page: &'static str,
}

const fn limit(
    service: &'static str,
    actions: &'static [&'static str],
    member: &'static str,
    length: (usize, usize),
    pattern: &'static str,
    page: &'static str,
) -> Limit {
    Limit { service, actions, member, length, pattern, reserved: "", page }
}

/// A letter first, single hyphens, none at the end.
const IDENTIFIER: &str = "[A-Za-z](-?[A-Za-z0-9])*";
/// No hyphen at either end.
const HYPHENATED: &str = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";
/// What a security group's name and every description of its rules may hold.
const GROUP_TEXT: &str = r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*";
/// What a tag may hold.
const TAG_TEXT: &str = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*";

const INSTANCES: &[&str] = &["CreateDBInstance", "CreateDBInstanceReadReplica"];
const GROUP: &[&str] = &["CreateSecurityGroup"];
const EVERY: &[&str] = &[];
/// `ddd:hh24:mi-ddd:hh24:mi`.
const WEEKLY: &str = r"(mon|tue|wed|thu|fri|sat|sun):\d\d:\d\d-(mon|tue|wed|thu|fri|sat|sun):\d\d:\d\d";

/// The limits.
pub const LIMITS: &[Limit] = &[
    Limit { reserved: "aws:", ..limit("", EVERY, "Tags.Key", (1, 127), TAG_TEXT, "Tag") },
    limit("", EVERY, "Tags.Value", (0, 256), TAG_TEXT, "Tag"),
    limit(EC2, EVERY, "ClientToken", (1, 64), "[ -~]*", "CreateNatGateway"),
    Limit { reserved: "sg-", ..limit(EC2, GROUP, "GroupName", (1, 255), GROUP_TEXT, "CreateSecurityGroup") },
    limit(EC2, GROUP, "Description", (1, 255), GROUP_TEXT, "CreateSecurityGroup"),
    limit(EC2, EVERY, "IpRanges.Description", (0, 255), GROUP_TEXT, "IpRange"),
    limit(EC2, EVERY, "UserIdGroupPairs.Description", (0, 255), GROUP_TEXT, "UserIdGroupPair"),
    limit(EC2, EVERY, "PrefixListIds.Description", (0, 255), GROUP_TEXT, "PrefixListId"),
    limit(EC2, &["CreateLaunchTemplate"], "LaunchTemplateName", (3, 128), r"[\w().\-/]+", "CreateLaunchTemplate"),
    // 16 KiB before Base64.
    limit(EC2, EVERY, "UserData", (0, 21_848), "[A-Za-z0-9+/=]*", "RequestLaunchTemplateData"),
    limit(RDS, INSTANCES, "DBInstanceIdentifier", (1, 63), IDENTIFIER, "CreateDBInstance"),
    limit(RDS, INSTANCES, "DBName", (1, 64), "[A-Za-z][A-Za-z0-9_]*", "CreateDBInstance"),
    limit(RDS, INSTANCES, "MasterUsername", (1, 16), "[A-Za-z][A-Za-z0-9_]*", "CreateDBInstance"),
    // Printable, without slash, at and double quote.
    limit(RDS, EVERY, "MasterUserPassword", (8, 41), "[ !#-.0-?A-~]*", "CreateDBInstance"),
    limit(RDS, EVERY, "PreferredBackupWindow", (11, 11), r"\d\d:\d\d-\d\d:\d\d", "CreateDBInstance"),
    limit(RDS, EVERY, "PreferredMaintenanceWindow", (19, 19), WEEKLY, "CreateDBInstance"),
    limit(RDS, EVERY, "FinalDBSnapshotIdentifier", (1, 255), IDENTIFIER, "DeleteDBInstance"),
    limit(RDS, &["CreateDBSubnetGroup"], "DBSubnetGroupName", (1, 255), r"[A-Za-z][\w. -]*", "CreateDBSubnetGroup"),
    limit(RDS, &["CreateDBParameterGroup"], "DBParameterGroupName", (1, 255), IDENTIFIER, "CreateDBParameterGroup"),
    limit(CACHE, &["CreateReplicationGroup"], "ReplicationGroupId", (1, 40), IDENTIFIER, "CreateReplicationGroup"),
    limit(CACHE, EVERY, "AuthToken", (16, 128), "[A-Za-z0-9!&#$^<>-]*", "CreateReplicationGroup"),
    limit(CACHE, &["CreateCacheCluster"], "CacheClusterId", (1, 50), IDENTIFIER, "CreateCacheCluster"),
    limit(
        CACHE,
        &["CreateCacheSubnetGroup"],
        "CacheSubnetGroupName",
        (1, 255),
        r"[A-Za-z0-9-]*",
        "CreateCacheSubnetGroup",
    ),
    Limit {
        reserved: "internal-",
        ..limit(ELB, &["CreateLoadBalancer"], "Name", (1, 32), HYPHENATED, "CreateLoadBalancer")
    },
    limit(ELB, &["CreateTargetGroup"], "Name", (1, 32), HYPHENATED, "CreateTargetGroup"),
    limit(SCALING, EVERY, "AutoScalingGroupName", (1, 255), "[!-9;-~]*", "CreateAutoScalingGroup"),
    limit(SECRETS, &["CreateSecret"], "Name", (1, 512), r"[\w/+=.@-]*", "CreateSecret"),
    limit(CDN, EVERY, "DistributionConfig.Comment", (0, 128), "", "DistributionConfig"),
    limit(CDN, EVERY, "CachePolicyConfig.Comment", (0, 128), "", "CachePolicyConfig"),
    limit(CDN, EVERY, "OriginRequestPolicyConfig.Comment", (0, 128), "", "OriginRequestPolicyConfig"),
    limit(CDN, EVERY, "OriginAccessControlConfig.Name", (1, 64), "", "OriginAccessControlConfig"),
];

static COMPILED: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    let compile = |limit: &Limit| (!limit.pattern.is_empty()).then(|| pattern::compile(limit.pattern).ok()).flatten();
    LIMITS.iter().map(compile).collect()
});

/// A path without the numbers of lists.
fn plain(path: &str) -> String {
    let names = path.split('.').filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()));
    names.collect::<Vec<_>>().join(".")
}

impl Limit {
    /// Where AWS says so.
    pub fn page(&self) -> String {
        let book = match self.service {
            RDS => "AmazonRDS/latest/APIReference",
            CACHE => "AmazonElastiCache/latest/APIReference",
            ELB => "elasticloadbalancing/latest/APIReference",
            SCALING => "autoscaling/ec2/APIReference",
            SECRETS => "secretsmanager/latest/apireference",
            CDN => "cloudfront/latest/APIReference",
            _ => "AWSEC2/latest/APIReference",
        };
        format!("https://docs.aws.amazon.com/{book}/API_{}.html", self.page)
    }

    fn is_about(&self, request: &Request, member: &str) -> bool {
        let end = member.strip_suffix(self.member);
        (self.service.is_empty() || self.service == request.service)
            && (self.actions.is_empty() && !request.is_read() || self.actions.contains(&request.action.as_str()))
            && end.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }
}

/// What a value breaks.
pub fn broken(request: &Request, path: &str, value: &str) -> Vec<(Class, String)> {
    let (member, mut broken) = (plain(path), Vec::new());
    for (limit, regex) in LIMITS.iter().zip(&*COMPILED).filter(|(limit, _)| limit.is_about(request, &member)) {
        let (min, max) = limit.length;
        let length = value.chars().count();
        if !(min..=max).contains(&length) {
            broken.push((Class::Length, format!("{length}, from {min} to {max}; {}", limit.page())));
        }
        if regex.as_ref().is_some_and(|regex| !regex.is_match(value)) {
            broken.push((Class::Pattern, format!("{}; {}", limit.pattern, limit.page())));
        }
        if !limit.reserved.is_empty() && value.starts_with(limit.reserved) {
            broken.push((Class::Pattern, format!("never {}...; {}", limit.reserved, limit.page())));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::protocol::Scope;

    #[test]
    fn every_pattern_of_the_table_is_one() {
        for (limit, regex) in LIMITS.iter().zip(&*COMPILED) {
            assert_eq!(regex.is_some(), !limit.pattern.is_empty(), "{limit:?}");
            assert!(limit.page().starts_with("https://docs.aws.amazon.com/"));
        }
    }

    #[test]
    fn names_as_aws_takes_them() {
        let check = |service: &str, action: &str, member: &str, value: &str| {
            let request = Request::build(service, action, &[], &Scope::new("us-east-1")).unwrap();
            let broken = broken(&request, member, value);
            broken.into_iter().map(|(class, _)| class).collect::<Vec<_>>()
        };
        let database = |name: &str| check("rds", "CreateDBInstance", "DBInstanceIdentifier", name);
        assert_eq!(database("blog-1a2b3c4d-database"), []);
        for wrong in ["1blog", "a--b", "blog-", "b_c"] {
            assert_eq!(database(wrong), [Class::Pattern], "{wrong}");
        }
        assert_eq!(database(&"a".repeat(64)), [Class::Length]);
        let balancer = |name: &str| check("elbv2", "CreateLoadBalancer", "Name", name);
        assert_eq!(balancer(&"a".repeat(32)), []);
        assert_eq!(balancer(&"a".repeat(33)), [Class::Length]);
        assert_eq!(balancer("internal-a"), [Class::Pattern]);
        assert_eq!(balancer("-a"), [Class::Pattern]);
        let tag = |value: &str| check("ec2", "CreateTags", "Tags.2.Value", value);
        assert_eq!(tag("default/shop/blog"), []);
        assert_eq!(tag("shop|blog"), [Class::Pattern]);
        let window = |value: &str| check("rds", "ModifyDBInstance", "PreferredMaintenanceWindow", value);
        assert_eq!(window("sun:03:00-sun:04:00"), []);
        assert_eq!(window("Sun:03:00-Sun:04:00"), [Class::Pattern]);
        let password = |value: &str| check("rds", "ModifyDBInstance", "MasterUserPassword", value);
        assert_eq!(password("correct-horse!"), []);
        assert_eq!(password("correct@horse"), [Class::Pattern]);
    }
}
