//! Every kind has its crash row: the chapters reach each of its writes, and the rolling lives die with each.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use wpc_blueprint::Kinds;
use wpc_engine::Access;

use crate::chapters::{small, whole};
use crate::fate::{Fate, Ways};
use crate::life::Life;

/// Writes that no chapter reaches.
const NOT_REACHED: &[(&str, &[&str])] = &[
    (
        "permissions, no calls of ours",
        &[
            "ec2:RunInstances",
            "elasticloadbalancing:SetWebACL",
            "iam:CreateServiceLinkedRole",
            "iam:PassRole",
            "rds:CreateDBSnapshot",
        ],
    ),
    (
        "what nobody edits: only drift asks for it",
        &[
            "autoscaling:AttachLoadBalancerTargetGroups",
            "autoscaling:DetachLoadBalancerTargetGroups",
            "ec2:ModifyVpcEndpoint",
            "ec2:ReplaceRouteTableAssociation",
            "elasticache:ModifyCacheSubnetGroup",
            "elasticfilesystem:ModifyMountTargetSecurityGroups",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:SetSubnets",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:UpdateAssumeRolePolicy",
            "rds:ModifyDBSubnetGroup",
        ],
    ),
    ("a parameter that waits for a restart, which MiniStack does not model", &["rds:RebootDBInstance"]),
    ("a secret that somebody deleted and that can still be had back", &["secretsmanager:RestoreSecret"]),
];

/// A permission and the call that it is needed for, where they differ.
const OTHER_NAMES: &[(&str, &str)] = &[("CreateDistribution", "CreateDistributionWithTags")];

#[tokio::test(flavor = "multi_thread")]
async fn the_chapters_reach_every_write_of_every_kind() -> Result<()> {
    let mut life = Life::new("reference", &Ways::certain()).await?;
    let mut reached = BTreeSet::new();
    for chapter in whole(small()?) {
        reached.extend(life.live(&chapter, |_| Fate::Spared).await?.effects);
    }
    complete(&reached)
}

/// Fails when a write of a kind is not reached, or is listed above and reached all the same.
fn complete(reached: &BTreeSet<String>) -> Result<()> {
    let reaches = |operation: &str| {
        let other = OTHER_NAMES.iter().find(|(name, _)| *name == operation).map(|(_, call)| *call);
        reached.contains(operation) || other.is_some_and(|call| reached.contains(call))
    };
    let excused: BTreeSet<&str> = NOT_REACHED.iter().flat_map(|(_, actions)| *actions).copied().collect();
    let (mut missing, mut stale) = (BTreeSet::new(), BTreeSet::new());
    for kind in Kinds::offline().all() {
        for action in kind.actions().iter().filter(|action| action.access == Access::Write) {
            match (reaches(action.operation()), excused.contains(action.name)) {
                (false, false) => missing.insert(format!("{} of {}", action.name, kind.name())),
                (true, true) => stale.insert(action.name),
                _ => false,
            };
        }
    }
    ensure!(
        missing.is_empty() && stale.is_empty(),
        "no chapter reaches {missing:#?}: add one to chapters.rs, or say in coverage.rs why none can; reached after all, \
         and to be struck from coverage.rs: {stale:#?}"
    );
    Ok(())
}
