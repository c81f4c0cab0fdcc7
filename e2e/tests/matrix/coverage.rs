//! Every kind has its crash row: the chapters reach each of its writes, and the rolling lives die with each.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use wpc_blueprint::Kinds;
use wpc_e2e::permissions::call_of;
use wpc_engine::Access;

use crate::chapters::{aurora, restored, single, whole};
use crate::fate::{Fate, Ways};
use crate::life::Life;
use crate::sites::small;

/// Writes that no chapter reaches.
const NOT_REACHED: &[(&str, &[&str])] = &[
    (
        "permissions, no calls of ours",
        &[
            "backup-storage:MountCapsule",
            "ec2:RunInstances",
            "elasticloadbalancing:SetWebACL",
            "iam:CreateServiceLinkedRole",
            "iam:PassRole",
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
            "elasticloadbalancing:SetSubnets",
            "iam:PutRolePermissionsBoundary",
            "iam:UpdateAssumeRolePolicy",
            "cloudfront:UpdateOriginAccessControl",
            "cloudtrail:UpdateTrail",
            "rds:ModifyDBSubnetGroup",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketOwnershipControls",
        ],
    ),
    (
        "an entrance that somebody changed, or whose secret they replaced: the story `door` replaces it",
        &["elasticloadbalancing:ModifyRule"],
    ),
    ("the path of a health check that there is: two edits", &["route53:UpdateHealthCheck"]),
    ("a log group that somebody took the key from", &["logs:AssociateKmsKey"]),
    (
        "a key that somebody switched off, renamed, or scheduled for deletion",
        &["kms:CancelKeyDeletion", "kms:EnableKey", "kms:PutKeyPolicy", "kms:UpdateAlias"],
    ),
    (
        "a file system, or a disk, whose end was begun and that lives on",
        &["ec2:DeleteTags", "elasticfilesystem:UntagResource"],
    ),
    ("a file system that AWS backs up by itself: only a hand has it do so", &["elasticfilesystem:PutBackupPolicy"]),
    (
        "the data of this life goes without a copy, and its vault is empty",
        &["backup:StartBackupJob", "backup:DeleteRecoveryPoint", "ec2:CreateSnapshot"],
    ),
    ("somebody who confirms that mail is welcome, which nobody does here", &["sns:Unsubscribe"]),
    (
        "objects, which nobody writes here: the story `media` removes some",
        &["s3:DeleteObject", "s3:DeleteObjectVersion"],
    ),
    (
        "what begins with another one's data, which is not there: the story `restore`, where the answers are lost too",
        &[
            "rds:RemoveTagsFromResource",
            "rds:RestoreDBClusterFromSnapshot",
            "rds:RestoreDBClusterToPointInTime",
            "rds:RestoreDBInstanceFromDBSnapshot",
            "rds:RestoreDBInstanceToPointInTime",
        ],
    ),
    ("a parameter that waits for a restart, which MiniStack does not model", &["rds:RebootDBInstance"]),
    ("a secret that somebody deleted and that can still be had back", &["secretsmanager:RestoreSecret"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_chapters_reach_every_write_of_every_kind() -> Result<()> {
    let mut reached = BTreeSet::new();
    let lives = [
        ("reference", whole(small()?)),
        ("reference on Aurora", aurora()?),
        ("one instance", single()?),
        ("restored files", restored()?),
    ];
    for (title, chapters) in lives {
        let mut life = Life::new(title, &Ways::certain()).await?;
        for chapter in chapters {
            reached.extend(life.live(&chapter, |_| Fate::Spared).await?.effects);
        }
    }
    complete(&reached)
}

/// Fails when a write of a kind is not reached, or is listed above and reached all the same.
fn complete(reached: &BTreeSet<String>) -> Result<()> {
    let excused: BTreeSet<&str> = NOT_REACHED.iter().flat_map(|(_, actions)| *actions).copied().collect();
    let (mut missing, mut stale) = (BTreeSet::new(), BTreeSet::new());
    for kind in Kinds::offline().all() {
        for action in kind.actions().iter().filter(|action| action.access == Access::Write) {
            match (reached.contains(call_of(action.name)), excused.contains(action.name)) {
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
