//! Features that are turned on and off on a living site, in both orders with their neighbours: what there is follows from
//! the spec alone, and is what a fresh site of that spec has.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_api::annotations::CONFIRM_DELETE;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::invariants::exactly_once;
use wpc_e2e::stage::{Stage, sample, scope};

/// A part of the spec, and what it is without it.
struct Feature {
    name: &'static str,
    on: Value,
    off: Value,
}

fn feature(name: &'static str, on: Value, off: Value) -> Feature {
    Feature { name, on, off }
}

/// The smallest site: what a story is about comes on top of it.
fn bare() -> Result<Value> {
    let mut manifest = sample("minimal.yaml")?;
    let spec = &mut manifest["spec"];
    spec["deletionPolicy"] = json!("Delete");
    spec["network"] = json!({ "availabilityZones": { "count": 2 }, "natGateways": "Single" });
    spec["compute"] = json!({ "replicas": { "min": 1, "max": 2 } });
    spec["database"] = json!({ "multiAZ": false, "readReplicas": 0 });
    for area in ["cdn", "firewall", "backup"] {
        spec[area] = json!({ "enabled": false });
    }
    spec["cache"] = json!({ "engine": "None" });
    spec["monitoring"] = json!({ "alarms": false, "dashboard": false });
    Ok(manifest)
}

/// How often there is what, by kind and component. What comes and goes by itself is left out, and a bucket, which
/// outlives its feature.
async fn shape(stage: &Stage) -> Result<BTreeMap<String, usize>> {
    const PASSING: [&str; 7] = [
        "ec2/instance",
        "ec2/volume",
        "ec2/network-interface",
        "autoscaling/instance-refresh",
        "rds/snapshot",
        "backup/recovery-point",
        "s3/bucket",
    ];
    let mut shape = BTreeMap::new();
    for item in stage.inventory().await?.0.into_iter().filter(|item| !PASSING.contains(&item.kind.as_str())) {
        let component = item.component.unwrap_or_default();
        let component = component.split('@').next().unwrap_or_default();
        *shape.entry(format!("{} {component}", item.kind)).or_default() += 1;
    }
    Ok(shape)
}

/// What differs, for people.
fn difference(one: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) -> Vec<String> {
    let all: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = all.into_iter().filter(|thing| one.get(*thing) != other.get(*thing));
    differ.map(|thing| format!("{thing}: {:?}, then {:?}", one.get(thing), other.get(thing))).collect()
}

/// Turns each pair on and off in both orders, one at a time; then a fresh site has all that the last pair has.
async fn walk(mut stage: Stage, base: Value, pairs: &[[Feature; 2]]) -> Result<()> {
    stage.apply("gazette", base.clone()).await?;
    stage.ready("gazette").await?;
    let mut wrong = vec![];
    let mut known = BTreeMap::from([(BTreeSet::new(), shape(&stage).await?)]);
    for pair in pairs {
        for order in [[&pair[0], &pair[1]], [&pair[1], &pair[0]]] {
            let mut on = BTreeSet::new();
            let steps = order.map(|feature| (feature, true)).into_iter().chain(order.map(|feature| (feature, false)));
            for (feature, comes) in steps {
                let Feature { name, on: with, off: without } = feature;
                let what = format!("{on:?}, and {name} {}", if comes { "comes" } else { "goes" });
                if comes {
                    on.insert(*name)
                } else {
                    on.remove(name)
                };
                stage.edit("gazette", if comes { with } else { without }.clone()).await.context(what.clone())?;
                let object = stage.ready("gazette").await.context(what.clone())?;
                exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette")).context(what.clone())?;
                let found = shape(&stage).await?;
                let first = known.entry(on.clone()).or_insert_with(|| found.clone());
                let differ = difference(first, &found);
                if !differ.is_empty() {
                    wrong.push(format!("{what}: {}", differ.join("; ")));
                }
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));

    stage.annotate("gazette", CONFIRM_DELETE, "gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let [one, other] = pairs.last().context("no pairs")?;
    let mut fresh = base;
    for feature in [one, other] {
        json_patch(&mut fresh["spec"], &feature.on);
    }
    stage.apply("gazette", fresh).await?;
    stage.ready("gazette").await?;
    let differ = difference(&shape(&stage).await?, &known[&BTreeSet::from([one.name, other.name])]);
    ensure!(differ.is_empty(), "a fresh site has other things: {}", differ.join("; "));
    Ok(())
}

/// A merge patch, as the API server applies it.
fn json_patch(target: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else { return *target = patch.clone() };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in fields {
        json_patch(&mut target[name.as_str()], value);
    }
}

fn cdn() -> Feature {
    feature("CDN", json!({ "cdn": { "enabled": true } }), json!({ "cdn": { "enabled": false } }))
}

fn firewall() -> Feature {
    feature("firewall", json!({ "firewall": { "enabled": true } }), json!({ "firewall": { "enabled": false } }))
}

fn media() -> Feature {
    feature("media offload", json!({ "media": { "offload": true } }), json!({ "media": { "offload": false } }))
}

/// Uploads that lay in the bucket are brought back when they are not to go there any more.
fn there_and_back() -> Feature {
    feature(
        "media offload",
        json!({ "media": { "offload": true, "copyBack": false } }),
        json!({ "media": { "offload": false, "copyBack": true } }),
    )
}

fn plain() -> Feature {
    feature("plain HTTP", json!({ "tls": "Disabled" }), json!({ "tls": "Managed" }))
}

fn alarms() -> Feature {
    feature("alarms", json!({ "monitoring": { "alarms": true } }), json!({ "monitoring": { "alarms": false } }))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_edge_comes_and_goes_with_what_stands_behind_it() -> Result<()> {
    let stage = Stage::new("edge", CloudKind::MiniStack).await?;
    walk(stage, bare()?, &[[cdn(), firewall()], [media(), cdn()]]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_go_to_the_bucket_and_come_back() -> Result<()> {
    let stage = Stage::new("there-and-back", CloudKind::MiniStack).await?;
    let mut base = bare()?;
    base["spec"]["media"] = json!({ "copyBack": true });
    walk(stage, base, &[[there_and_back(), cdn()]]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_distributions_log_comes_and_goes_with_it() -> Result<()> {
    let stage = Stage::new("edge-logs", CloudKind::MiniStack).await?;
    let logs =
        feature("access logs", json!({ "cdn": { "accessLogs": true } }), json!({ "cdn": { "accessLogs": false } }));
    walk(stage, bare()?, &[[cdn(), logs]]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_come_go_and_are_swapped() -> Result<()> {
    let mut stage = Stage::new("doors-shut", CloudKind::MiniStack).await?;
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    let asked = cloud.call(account, "acm", "RequestCertificate", &[("DomainName", "blog.example.com")]).await?;
    let given = asked.text("CertificateArn").context("no ARN")?;
    stage.before = stage.gateway.inventory(&scope(&stage.harness.account)).await?;
    let own = feature(
        "a certificate of one's own",
        json!({ "loadBalancer": { "certificateArn": given } }),
        json!({ "loadBalancer": { "certificateArn": null } }),
    );
    let inside = feature(
        "an internal load balancer",
        json!({ "loadBalancer": { "internal": true } }),
        json!({ "loadBalancer": { "internal": false } }),
    );
    walk(stage, bare()?, &[[plain(), cdn()], [own, plain()], [inside, firewall()]]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn names_come_and_go_with_what_they_lead_to() -> Result<()> {
    let mut stage = Stage::new("named", CloudKind::MiniStack).await?;
    let zone = stage.zone("example.com").await?;
    // Without the records no certificate is issued: HTTPS comes and goes with them.
    let names = || {
        let without = json!({ "dns": null, "tls": "Disabled" });
        feature("names", json!({ "dns": { "hostedZoneId": zone }, "tls": "Managed" }), without)
    };
    let mut base = bare()?;
    base["spec"]["tls"] = json!("Disabled");
    walk(stage, base, &[[names(), cdn()], [names(), alarms()]]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_watches_and_keeps_comes_and_goes() -> Result<()> {
    let stage = Stage::new("watched", CloudKind::MiniStack).await?;
    let dashboard = feature(
        "dashboard",
        json!({ "monitoring": { "dashboard": true } }),
        json!({ "monitoring": { "dashboard": false } }),
    );
    let redis = feature("Redis", json!({ "cache": { "engine": "Redis" } }), json!({ "cache": { "engine": "None" } }));
    let backup = feature("backup", json!({ "backup": { "enabled": true } }), json!({ "backup": { "enabled": false } }));
    let copies = feature(
        "locked, with copies elsewhere",
        json!({ "backup": { "lockVault": true, "copyToRegion": "us-west-2" } }),
        json!({ "backup": { "lockVault": false, "copyToRegion": null } }),
    );
    let replica = feature(
        "a replica and a standby",
        json!({ "database": { "readReplicas": 1, "multiAZ": true } }),
        json!({ "database": { "readReplicas": 0, "multiAZ": false } }),
    );
    walk(stage, bare()?, &[[dashboard, alarms()], [redis, alarms()], [backup, copies], [replica, alarms()]]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ways_to_aws_come_before_the_way_out_goes() -> Result<()> {
    let stage = Stage::new("ways", CloudKind::MiniStack).await?;
    let none = feature(
        "no NAT gateway",
        json!({ "network": { "natGateways": "None" } }),
        json!({ "network": { "natGateways": "Single" } }),
    );
    let endpoints = feature(
        "interface endpoints",
        json!({ "network": { "interfaceEndpoints": true } }),
        json!({ "network": { "interfaceEndpoints": null } }),
    );
    walk(stage, bare()?, &[[none, endpoints]]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn ipv6_comes_and_goes_beside_ipv4() -> Result<()> {
    let stage = Stage::new("ipv6", CloudKind::MiniStack).await?;
    let ipv6 = || feature("IPv6", json!({ "network": { "ipv6": true } }), json!({ "network": { "ipv6": false } }));
    let internal = feature(
        "an internal load balancer",
        json!({ "loadBalancer": { "internal": true } }),
        json!({ "loadBalancer": { "internal": false } }),
    );
    walk(stage, bare()?, &[[ipv6(), internal], [ipv6(), cdn()]]).await
}

/// Nobody's site moves into a network that somebody has: the API server refuses it, and nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_living_site_does_not_move() -> Result<()> {
    let mut stage = Stage::new("stays", CloudKind::MiniStack).await?;
    stage.apply("gazette", bare()?).await?;
    stage.ready("gazette").await?;
    let mark = stage.mark();
    let other = json!({
        "vpcId": "vpc-0123456789abcdef0",
        "publicSubnetIds": ["subnet-01234567", "subnet-01234568"],
        "privateSubnetIds": ["subnet-11234567", "subnet-11234568"],
    });
    let refused = stage.edit("gazette", json!({ "network": { "existing": other } })).await.unwrap_err();
    ensure!(format!("{refused:#}").contains("network.existing is immutable"), "{refused:#}");
    stage.pass("gazette").await?;
    ensure!(stage.writes_since(mark).is_empty(), "{:?}", stage.writes_since(mark));
    Ok(())
}
