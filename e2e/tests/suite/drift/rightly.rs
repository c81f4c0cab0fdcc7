//! What AWS or a policy moves by right, and what is not ours, is no drift.

use anyhow::{Context, Result, ensure};
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, condition, sample};

use super::hands::Hand::Call;
use super::hands::{Hand, Names};

/// What moves, and the call that moves it. The emulated clouds have no zone that changes with a failover; the unit
/// tests of blueprint hold that no zone is compared.
const MOVES: &[(&str, Hand)] = &[
    (
        "the number of instances, by a policy or by hand",
        Call(
            "autoscaling",
            "SetDesiredCapacity",
            &[("AutoScalingGroupName", "{compute/group}"), ("DesiredCapacity", "5")],
        ),
    ),
    (
        "instances that go",
        Call(
            "autoscaling",
            "SetDesiredCapacity",
            &[("AutoScalingGroupName", "{compute/group}"), ("DesiredCapacity", "3")],
        ),
    ),
    (
        "the bounds that a schedule sets",
        Call(
            "autoscaling",
            "UpdateAutoScalingGroup",
            &[("AutoScalingGroupName", "{compute/group}"), ("MinSize", "4"), ("MaxSize", "8")],
        ),
    ),
    (
        "storage that RDS has grown",
        Call(
            "rds",
            "ModifyDBInstance",
            &[("DBInstanceIdentifier", "{database/primary}"), ("AllocatedStorage", "80"), ("ApplyImmediately", "true")],
        ),
    ),
    (
        "a minor version",
        Call(
            "rds",
            "ModifyDBInstance",
            &[("DBInstanceIdentifier", "{database/primary}"), ("EngineVersion", "8.4.9"), ("ApplyImmediately", "true")],
        ),
    ),
    (
        "a failover of the database",
        Call("rds", "RebootDBInstance", &[("DBInstanceIdentifier", "{database/primary}"), ("ForceFailover", "true")]),
    ),
    (
        "another primary of the cache",
        Call(
            "elasticache",
            "ModifyReplicationGroup",
            &[("ReplicationGroupId", "{cache/group}"), ("PrimaryClusterId", "{cache/group}-002")],
        ),
    ),
    (
        "somebody else's tags, and AWS's own",
        Call(
            "ec2",
            "CreateTags",
            &[
                ("ResourceId.1", "{network/vpc}"),
                ("ResourceId.2", "{network/subnet-public-a}"),
                ("Tag.1.Key", "made-by"),
                ("Tag.1.Value", "a person"),
                ("Tag.2.Key", "aws:cloudformation:stack-name"),
                ("Tag.2.Value", "another"),
            ],
        ),
    ),
    (
        "somebody else's group in our network",
        Call(
            "ec2",
            "CreateSecurityGroup",
            &[("GroupName", "theirs"), ("GroupDescription", "theirs"), ("VpcId", "{network/vpc}")],
        ),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_by_right_costs_no_write() -> Result<()> {
    let mut stage = Stage::with("rightly", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    stage.apply("gazette", sample("production.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    let mut wrong = vec![];
    for (what, hand) in MOVES {
        let mark = stage.mark();
        hand.act(&stage, &Names(&object)).await.with_context(|| (*what).to_owned())?;
        let seen = stage.pass("gazette").await?;
        let drift = condition(&seen, "DriftDetected").context("no condition")?;
        let writes = stage.writes_since(mark);
        if drift.status != "False" || !writes.is_empty() {
            wrong.push(format!("{what}: {writes:?}, {}", drift.message));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
