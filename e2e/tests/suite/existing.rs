//! A network that somebody else made: used, never changed, never deleted.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_e2e::gateway::Call;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::invariants::{exactly_once, only_kept};
use wpc_e2e::stage::{Stage, condition, sample};

/// A VPC with a public and a private subnet in each of two zones, made by hand.
struct Theirs {
    vpc: String,
    public: [String; 2],
    private: [String; 2],
}

impl Theirs {
    async fn make(stage: &Stage) -> Result<Self> {
        let vpc = made(stage, "CreateVpc", &[("CidrBlock", "10.80.0.0/16")], "vpc/vpcId").await?;
        let mut subnets = vec![];
        for (n, zone) in ["us-east-1a", "us-east-1b", "us-east-1a", "us-east-1b"].into_iter().enumerate() {
            let cidr = format!("10.80.{n}.0/24");
            let wanted = [("VpcId", vpc.as_str()), ("CidrBlock", &cidr), ("AvailabilityZone", zone)];
            subnets.push(made(stage, "CreateSubnet", &wanted, "subnet/subnetId").await?);
        }
        let door = made(stage, "CreateInternetGateway", &[], "internetGateway/internetGatewayId").await?;
        made(stage, "AttachInternetGateway", &[("InternetGatewayId", &door), ("VpcId", &vpc)], "").await?;
        let [a, b, c, d] = subnets.try_into().ok().context("four subnets")?;
        Ok(Self { vpc, public: [a, b], private: [c, d] })
    }

    fn spec(&self) -> Value {
        json!({ "vpcId": self.vpc, "publicSubnetIds": self.public, "privateSubnetIds": self.private })
    }

    fn ids(&self) -> Vec<&String> {
        self.public.iter().chain(&self.private).chain([&self.vpc]).collect()
    }
}

async fn made(stage: &Stage, action: &str, params: &[(&str, &str)], path: &str) -> Result<String> {
    let answer = stage.harness.cloud.call(&stage.harness.account, "ec2", action, params).await?;
    if path.is_empty() { Ok(String::new()) } else { answer.text(path).with_context(|| format!("{action}: no {path}")) }
}

/// Creates of ours that say in which network, or in which of its subnets, they are to lie. They change neither.
const USES: &[&str] = &[
    "CreateSecurityGroup",
    "CreateLoadBalancer",
    "CreateTargetGroup",
    "CreateDBSubnetGroup",
    "CreateCacheSubnetGroup",
    "CreateMountTarget",
    "CreateAutoScalingGroup",
];

fn names(call: &Call, ids: &[&String]) -> bool {
    let shown = call.params.iter().map(|(_, value)| value).chain(&call.targets);
    shown.into_iter().any(|value| value.split(',').any(|part| ids.iter().any(|id| *id == part)))
}

/// The sample, in this network.
fn site(theirs: &Theirs) -> Result<Value> {
    let mut manifest = sample("byo-network.yaml")?;
    manifest["spec"]["network"]["existing"] = theirs.spec();
    Ok(manifest)
}

async fn life(kind: CloudKind) -> Result<()> {
    let mut stage = Stage::new("theirs", kind).await?;
    let theirs = Theirs::make(&stage).await?;
    let before = stage.inventory().await?;
    stage.apply("gazette", site(&theirs)?).await?;
    let object = stage.ready("gazette").await?;
    let ours = stage.inventory().await?.minus(&before);
    exactly_once(&object, &ours, &stage.stack("gazette"))?;
    let counts = ours.counts();
    for kind in
        ["ec2/vpc", "ec2/subnet", "ec2/route-table", "ec2/internet-gateway", "ec2/nat-gateway", "ec2/vpc-endpoint"]
    {
        ensure!(!counts.contains_key(kind), "made {counts:?}");
    }
    ensure!(counts["efs/mount-target"] == 2 && counts["elasticache/cluster"] == 1, "{counts:?}");

    stage.rests("gazette").await?;

    // The API server lets no living site move.
    let refused = stage.edit("gazette", json!({ "network": { "existing": null } })).await.unwrap_err();
    ensure!(format!("{refused:#}").contains("network.existing is immutable"), "{refused:#}");

    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    only_kept(&left.minus(&before))?;
    ensure!(before.ids().is_subset(&left.ids()), "of theirs is gone: {:?}", before.minus(&left));

    let ids = theirs.ids();
    let touched = stage.gateway.writes().into_iter().filter(|call| names(call, &ids));
    let touched: Vec<_> = touched.filter(|call| !USES.contains(&call.action.as_str())).collect();
    ensure!(touched.is_empty(), "written to theirs: {touched:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_network_is_used_and_left_as_it_is_on_ministack() -> Result<()> {
    life(CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_network_is_used_and_left_as_it_is_on_moto() -> Result<()> {
    life(CloudKind::Moto).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_network_is_used_and_left_as_it_is_on_localstack() -> Result<()> {
    life(CloudKind::LocalStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_cannot_be_used_is_said_and_nothing_is_made() -> Result<()> {
    let mut stage = Stage::new("unfit", CloudKind::MiniStack).await?;
    let mut theirs = Theirs::make(&stage).await?;
    theirs.private[1] = theirs.public[0].clone();
    let (a, b) = (theirs.private[0].clone(), theirs.private[1].clone());
    stage.apply("gazette", site(&theirs)?).await?;
    let stalled = stage
        .until("gazette", "to be stalled", |object| {
            let stalled = condition(object, "Stalled").context("no condition")?;
            ensure!(stalled.status == "True" && stalled.reason == "InvalidSpec", "{stalled:?}");
            Ok(())
        })
        .await?;
    let said = condition(&stalled, "Stalled").map(|condition| condition.message.clone()).unwrap_or_default();
    ensure!(said.contains(&format!("privateSubnetIds names {a} and {b}, both in us-east-1a")), "{said}");
    ensure!(stage.gateway.writes().is_empty(), "{:?}", stage.gateway.writes());
    Ok(())
}
