//! Who holds what: one line per way in which a thing in the cloud keeps another from being deleted.

use anyhow::{Context, Result};

use super::super::engine::Engine;
use super::super::protocol::{Scope, Tree};
use super::super::table::{self, Row};
use super::network::has_ipv6;
use crate::inventory::Lister;

/// One way to hold.
#[derive(Debug)]
pub struct Hold {
    /// The kind that holds.
    pub by: &'static str,
    /// Where it says so.
    pub shown: Shown,
    /// Path of the ids that it holds.
    pub path: &'static str,
    /// What they are: a kind, or one aspect of it.
    pub what: &'static str,
    /// Which of its items hold.
    pub when: fn(&Tree) -> bool,
    /// It holds only while it is held itself, as this.
    pub through: Option<&'static str>,
}

/// Where a holder shows what it holds.
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// In its kind's list.
    Listed,
    /// In another list of its service.
    In {
        /// The action.
        action: &'static str,
        /// Path of the items.
        items: &'static str,
        /// Path of the holder's id in them.
        id: &'static str,
    },
    /// In an answer for each of its kind.
    Asked {
        /// The action.
        action: &'static str,
        /// The parameter that takes the holder's id.
        param: &'static str,
        /// Path of the items.
        items: &'static str,
    },
    /// In an answer for each of its kind, which is asked by more than an id.
    Told {
        /// The action.
        action: &'static str,
        /// What it is asked by.
        by: fn(&Tree) -> Vec<(&'static str, String)>,
        /// Path of the items.
        items: &'static str,
    },
}

const fn hold(by: &'static str, path: &'static str, what: &'static str) -> Hold {
    Hold { by, shown: Shown::Listed, path, what, when: |_| true, through: None }
}

/// Clusters show what their replication group holds; the group itself does not.
const CLUSTERS: Shown = Shown::In {
    action: "DescribeCacheClusters",
    items: "DescribeCacheClustersResult/CacheClusters/*",
    id: "ReplicationGroupId",
};

const VERSIONS: Shown = Shown::Asked {
    action: "DescribeLaunchTemplateVersions",
    param: "LaunchTemplateId",
    items: "launchTemplateVersionSet/*",
};

const GROUPS_OF_TARGET: Shown =
    Shown::Asked { action: "DescribeMountTargetSecurityGroups", param: "MountTargetId", items: "SecurityGroups/*" };

const RULES_OF_ACL: Shown = Shown::Told { action: "GetWebACL", by: place_of_acl, items: "WebACL/Rules/*" };

/// AWS WAF asks for all that an ARN says.
fn place_of_acl(acl: &Tree) -> Vec<(&'static str, String)> {
    let text = |path| acl.text(path).unwrap_or_default();
    let scope = if text("ARN").contains(":global/") { "CLOUDFRONT" } else { "REGIONAL" };
    vec![("Name", text("Name")), ("Scope", scope.to_owned()), ("Id", text("Id"))]
}

/// A public address in it.
pub const SUBNET_ADDRESS: &str = "ec2/subnet: public address";
/// A public address in one of its subnets.
pub const VPC_ADDRESS: &str = "ec2/vpc: public address";
/// An IPv6 address in it.
const SUBNET_IPV6: &str = "ec2/subnet: IPv6 address";
/// Its IPv6 range, by the association.
pub const SUBNET_RANGE: &str = "ec2/subnet: IPv6 range";
/// A subnet of its with IPv6.
const VPC_IPV6: &str = "ec2/vpc: subnet with IPv6";
/// Its IPv6 range, by the association.
pub const VPC_RANGE: &str = "ec2/vpc: IPv6 range";
/// Instances that were made from it.
const INSTANCES: &str = "ec2/launch-template: instances";

fn has_instances(group: &Tree) -> bool {
    !group.items("Instances/*").is_empty()
}

fn is_public(balancer: &Tree) -> bool {
    // moto does not show the scheme.
    balancer.text("Scheme").as_deref() != Some("internal")
}

fn is_dual_stack(balancer: &Tree) -> bool {
    balancer.text("IpAddressType").as_deref() == Some("dualstack")
}

/// Every way to hold that the rules ask for.
pub const HOLDS: &[Hold] = &[
    hold("ec2/subnet", "vpcId", "ec2/vpc"),
    hold("logs/delivery", "deliverySourceName", "logs/delivery-source"),
    hold("logs/delivery", "deliveryDestinationArn", "logs/delivery-destination"),
    hold("ec2/internet-gateway", "attachmentSet/*/vpcId", "ec2/vpc"),
    hold("ec2/egress-only-internet-gateway", "attachmentSet/*/vpcId", "ec2/vpc"),
    hold("ec2/nat-gateway", "vpcId", "ec2/vpc"),
    hold("ec2/vpc-endpoint", "vpcId", "ec2/vpc"),
    // The main route table and the default security group are the network's own and go with it.
    Hold { when: |table| !is_main(table), ..hold("ec2/route-table", "vpcId", "ec2/vpc") },
    Hold {
        when: |group| group.text("groupName").as_deref() != Some("default"),
        ..hold("ec2/security-group", "vpcId", "ec2/vpc")
    },
    hold("ec2/nat-gateway", "subnetId", "ec2/subnet"),
    hold("ec2/vpc-endpoint", "subnetIdSet/*", "ec2/subnet"),
    hold("ec2/vpc-endpoint", "groupSet/*/groupId", "ec2/security-group"),
    hold("elb/load-balancer", "AvailabilityZones/*/SubnetId", "ec2/subnet"),
    hold("efs/mount-target", "SubnetId", "ec2/subnet"),
    Hold { when: has_instances, ..hold("autoscaling/group", "VPCZoneIdentifier", "ec2/subnet") },
    // AWS asks for interfaces; which of its group's subnets a node lies in is not told, so all count.
    Hold { through: Some("rds/subnet-group"), ..hold("rds/subnet-group", "Subnets/*/SubnetIdentifier", "ec2/subnet") },
    Hold {
        through: Some("elasticache/subnet-group"),
        ..hold("elasticache/subnet-group", "Subnets/*/SubnetIdentifier", "ec2/subnet")
    },
    hold("ec2/nat-gateway", "subnetId", SUBNET_ADDRESS),
    Hold { when: is_public, ..hold("elb/load-balancer", "AvailabilityZones/*/SubnetId", SUBNET_ADDRESS) },
    Hold { through: Some(SUBNET_ADDRESS), ..hold("ec2/subnet", "vpcId", VPC_ADDRESS) },
    Hold { when: is_dual_stack, ..hold("elb/load-balancer", "AvailabilityZones/*/SubnetId", SUBNET_IPV6) },
    Hold {
        through: Some(SUBNET_IPV6),
        ..hold("ec2/subnet", "ipv6CidrBlockAssociationSet/*/associationId", SUBNET_RANGE)
    },
    Hold { when: has_ipv6, ..hold("ec2/subnet", "vpcId", VPC_IPV6) },
    Hold { through: Some(VPC_IPV6), ..hold("ec2/vpc", "ipv6CidrBlockAssociationSet/*/associationId", VPC_RANGE) },
    hold("ec2/nat-gateway", "natGatewayAddressSet/*/allocationId", "ec2/address"),
    // A group's rule that names the group itself goes with it.
    Hold {
        when: |rule| rule.text("groupId") != rule.text("referencedGroupInfo/groupId"),
        ..hold("ec2/security-group-rule", "referencedGroupInfo/groupId", "ec2/security-group")
    },
    hold("elb/load-balancer", "SecurityGroups/*", "ec2/security-group"),
    hold("rds/instance", "VpcSecurityGroups/*/VpcSecurityGroupId", "ec2/security-group"),
    Hold {
        shown: CLUSTERS,
        ..hold("elasticache/replication-group", "SecurityGroups/*/SecurityGroupId", "ec2/security-group")
    },
    hold("elasticache/cluster", "SecurityGroups/*/SecurityGroupId", "ec2/security-group"),
    hold("elasticache/cluster", "CacheSubnetGroupName", "elasticache/subnet-group"),
    Hold { shown: GROUPS_OF_TARGET, ..hold("efs/mount-target", "", "ec2/security-group") },
    Hold {
        shown: VERSIONS,
        through: Some(INSTANCES),
        ..hold("ec2/launch-template", "launchTemplateData/securityGroupIdSet/*", "ec2/security-group")
    },
    Hold {
        shown: VERSIONS,
        through: Some(INSTANCES),
        ..hold("ec2/launch-template", "launchTemplateData/networkInterfaceSet/*/groupSet/*", "ec2/security-group")
    },
    Hold { when: has_instances, ..hold("autoscaling/group", "LaunchTemplate/LaunchTemplateId", INSTANCES) },
    Hold {
        when: has_instances,
        ..hold(
            "autoscaling/group",
            "MixedInstancesPolicy/LaunchTemplate/LaunchTemplateSpecification/LaunchTemplateId",
            INSTANCES,
        )
    },
    hold("rds/instance", "DBSubnetGroup/DBSubnetGroupName", "rds/subnet-group"),
    hold("rds/cluster", "DBSubnetGroup", "rds/subnet-group"),
    hold("rds/cluster", "DBClusterParameterGroup", "rds/cluster-parameter-group"),
    hold("rds/cluster", "VpcSecurityGroups/*/VpcSecurityGroupId", "ec2/security-group"),
    hold("rds/instance", "DBClusterIdentifier", "rds/cluster"),
    hold("rds/instance", "DBParameterGroups/*/DBParameterGroupName", "rds/parameter-group"),
    Hold {
        shown: CLUSTERS,
        ..hold("elasticache/replication-group", "CacheSubnetGroupName", "elasticache/subnet-group")
    },
    Hold {
        shown: CLUSTERS,
        ..hold(
            "elasticache/replication-group",
            "CacheParameterGroup/CacheParameterGroupName",
            "elasticache/parameter-group",
        )
    },
    hold("elb/listener", "DefaultActions/*/TargetGroupArn", "elb/target-group"),
    hold("elb/rule", "Actions/*/TargetGroupArn", "elb/target-group"),
    hold("iam/instance-profile", "Roles/*/RoleName", "iam/role"),
    hold("elb/listener", "Certificates/*/CertificateArn", "acm/certificate"),
    hold("cloudfront/distribution", "ViewerCertificate/ACMCertificateArn", "acm/certificate"),
    hold("backup/recovery-point", "BackupVaultName", "backup/vault"),
    hold("backup/selection", "BackupPlanId", "backup/plan"),
    Hold { shown: RULES_OF_ACL, ..hold("wafv2/web-acl", "Statement/IPSetReferenceStatement/ARN", "wafv2/ip-set") },
    hold("cloudfront/distribution", "DefaultCacheBehavior/CachePolicyId", "cloudfront/cache-policy"),
    hold("cloudfront/distribution", "CacheBehaviors/Items/*/CachePolicyId", "cloudfront/cache-policy"),
    hold("cloudfront/distribution", "Origins/Items/*/OriginAccessControlId", "cloudfront/origin-access-control"),
];

/// Is it the route table that its network began with?
fn is_main(table: &Tree) -> bool {
    table.items("associationSet/*").iter().any(|one| one.text("main").as_deref() == Some("true"))
}

impl Hold {
    /// The ids that an item of the holder's holds.
    pub(super) fn ids(&self, item: &Tree) -> Vec<String> {
        let texts = item.items(self.path);
        // Auto Scaling joins subnets by commas.
        texts.iter().filter_map(|text| text.text("")).flat_map(|text| split(&text)).collect()
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A holder, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its kind.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
}

impl Engine {
    /// The first holder of a thing, as the cloud has it: what AWS is still deleting holds on.
    pub async fn holder(&self, what: &'static str, id: &str, scope: &Scope) -> Result<Option<Holder>> {
        if let Some(gone) = self.memory.holder(what, id, scope, self.clock.now()) {
            return Ok(Some(gone));
        }
        for hold in HOLDS.iter().filter(|hold| hold.what == what) {
            let row = table::row(hold.by).with_context(|| format!("no kind {}", hold.by))?;
            for (holder, item) in self.shown(hold, row, scope).await? {
                // AWS WAF is asked by the last part of an ARN.
                let is_it = |held: &String| table::same(held, id) || held.rsplit('/').next() == Some(id);
                if !(hold.when)(&item) || !hold.ids(&item).iter().any(is_it) {
                    continue;
                }
                let holds = match hold.through {
                    Some(through) => Box::pin(self.holder(through, &holder, scope)).await?.is_some(),
                    None => true,
                };
                if holds {
                    return Ok(Some(Holder { kind: hold.by, id: holder }));
                }
            }
        }
        Ok(None)
    }

    /// Where the holders of a kind say what they hold, each with the holder's id.
    async fn shown(&self, hold: &Hold, row: &'static Row, scope: &Scope) -> Result<Vec<(String, Tree)>> {
        let lister = Lister { clouds: &self.upstreams, scope };
        if let Shown::In { action, items, id } = hold.shown {
            let items = lister.pages(row.service, action, items, &[]).await?;
            return Ok(items.into_iter().filter_map(|item| Some((item.text(id)?, item))).collect());
        }
        let mut shown = Vec::new();
        for item in lister.all(row).await? {
            let Some(id) = row.id_of(&item) else { continue };
            let (action, by, items) = match hold.shown {
                Shown::Asked { action, param, items } => (action, vec![(param, id.clone())], items),
                Shown::Told { action, by, items } => (action, by(&item), items),
                Shown::Listed | Shown::In { .. } => {
                    shown.push((id, item));
                    continue;
                }
            };
            let by: Vec<_> = by.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answers = lister.pages(row.service, action, items, &by).await?;
            shown.extend(answers.into_iter().map(|answer| (id.clone(), answer)));
        }
        Ok(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hold_is_between_kinds_of_the_table_and_asked_for() {
        for hold in HOLDS {
            assert!(table::row(hold.by).is_some(), "{}", hold.by);
            let kind = hold.what.split(':').next().unwrap_or_default();
            assert!(table::row(kind).is_some(), "{}", hold.what);
            let asked = super::super::rules().any(|rule| rule.held() == Some(hold.what))
                || HOLDS.iter().any(|other| other.through == Some(hold.what));
            assert!(asked, "no rule asks who holds {}", hold.what);
        }
    }
}
