//! The site's own names: certificates, records, and who makes them.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_api::WordPressCluster;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::invariants::{exactly_once, only_kept, owned};
use wpc_e2e::stage::{Stage, condition, sample};

use crate::drift::hands::Names;
use crate::drift::table_names::WITHOUT_CDN;

/// A minimal site of these names.
fn site(names: &[&str]) -> Result<Value> {
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["site"]["domains"] = json!(names);
    Ok(manifest)
}

fn endpoint(object: &WordPressCluster) -> String {
    let endpoints = object.status.as_ref().and_then(|status| status.endpoints.as_ref());
    endpoints.and_then(|endpoints| endpoints.site.clone()).unwrap_or_default()
}

/// The records of a zone, as `name type`, with what tells those of one name apart; without the zone's own.
async fn records(stage: &Stage) -> Result<BTreeSet<String>> {
    let found = stage.inventory().await?.of_kind("route53/record");
    Ok(found.0.into_iter().map(|item| item.id).collect())
}

async fn https(stage: &Stage, object: &WordPressCluster, port: &str) -> Result<String> {
    let components = object.status.clone().unwrap_or_default().components;
    let door = components.into_iter().find(|found| found.name == "traffic/load-balancer").context("no door")?;
    let arn = door.id.context("no ARN")?;
    let asked = [("LoadBalancerArn", arn.as_str())];
    let answer =
        stage.harness.cloud.call(&stage.harness.account, "elasticloadbalancing", "DescribeListeners", &asked).await?;
    let listeners = answer.items("DescribeListenersResult/Listeners/*");
    let listener = listeners.iter().find(|listener| listener.text("Port").as_deref() == Some(port));
    let action = listener.and_then(|listener| listener.items("DefaultActions/*/Type").first().cloned());
    Ok(action.and_then(|action| action.text("")).unwrap_or_default())
}

/// Without a hosted zone a person makes the records; until then the site is served under the CDN's own name.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_hosted_zone_is_told_what_to_make() -> Result<()> {
    let mut stage = Stage::with("awaits", CloudKind::MiniStack, Profile::instant(), &["--resync", "3s"]).await?;
    // Under .invalid nobody else has made them either.
    stage.apply("gazette", site(&["blog.press.invalid"])?).await?;
    let object = stage
        .until("gazette", "to await DNS", |object| {
            let ready = condition(object, "Ready").context("no condition")?;
            ensure!(ready.status == "False" && ready.reason == "AwaitingDNS", "{ready:?}");
            Ok(())
        })
        .await?;
    let status = object.status.clone().unwrap_or_default();
    let cdn = status.endpoints.clone().and_then(|endpoints| endpoints.cdn).context("no CDN")?;
    ensure!(endpoint(&object) == format!("https://{cdn}"), "{}", endpoint(&object));
    ensure!(https(&stage, &object, "80").await? == "forward", "plain HTTP serves until there is HTTPS");
    let leads = status.dns_records.iter().find(|record| record.purpose == "Site").context("no record of the site")?;
    ensure!((leads.name.as_str(), &leads.value) == ("blog.press.invalid", &cdn), "{leads:?}");
    let proof = status.dns_records.iter().find(|record| record.purpose == "Validation").context("no validation")?;
    ensure!(status.dns_records.len() == 2, "one record proves it for both certificates: {:?}", status.dns_records);

    let zone = stage.zone("press.invalid").await?;
    stage.record(&zone, &proof.name, "CNAME", &proof.value).await?;
    let object = stage.ready("gazette").await?;
    ensure!(endpoint(&object) == "https://blog.press.invalid", "{}", endpoint(&object));
    // At 443 only the CDN is let in, by a rule.
    ensure!(https(&stage, &object, "80").await? == "redirect");
    ensure!(https(&stage, &object, "443").await? == "fixed-response");
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    only_kept(&stage.inventory().await?.only(|item| item.kind != "route53/record"))
}

/// With one, all is made in it; what is somebody else's stays as it is; and nothing of ours is left behind.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_published_in_the_zone_and_go_with_the_site() -> Result<()> {
    let mut stage = Stage::with("names", CloudKind::MiniStack, Profile::instant(), &["--resync", "3s"]).await?;
    let zone = stage.zone("example.com").await?;
    let mut manifest = site(&["www.example.com", "example.com"])?;
    manifest["spec"]["dns"] = json!({ "hostedZoneId": zone });
    stage.apply("gazette", manifest).await?;
    let object = stage.ready("gazette").await?;
    ensure!(endpoint(&object) == "https://www.example.com", "{}", endpoint(&object));
    ensure!(object.status.as_ref().is_some_and(|status| status.dns_records.is_empty()), "nobody has to make records");
    let made = records(&stage).await?;
    for name in ["www.example.com.", "example.com."] {
        let wanted = [format!("{name} A"), format!("{name} AAAA"), format!("_wpc.{name} TXT")];
        ensure!(wanted.iter().all(|record| made.contains(record)), "{made:#?}");
    }
    owned(&stage.inventory().await?, &stage.stack("gazette"))?;

    // Without the CDN the names lead to the load balancer, whose health is checked.
    stage.edit("gazette", json!({ "cdn": { "enabled": false } })).await?;
    let object = stage.ready("gazette").await?;
    ensure!(records(&stage).await? == made, "the same records lead elsewhere");
    let components = object.status.clone().unwrap_or_default().components;
    ensure!(components.iter().any(|component| component.name == "dns/health-check"), "{components:#?}");
    let names = Names(&object);
    for case in WITHOUT_CDN {
        let mark = stage.mark();
        case.act(&stage, &names).await?;
        stage.pass("gazette").await?;
        stage.ready("gazette").await?;
        let writes: Vec<_> = stage.writes_since(mark).into_iter().collect();
        let expected: Vec<_> = case.writes.iter().map(|(action, count)| ((*action).to_owned(), *count)).collect();
        ensure!(writes == expected, "{}: made {writes:?}", case.kind);
    }

    // A name that leads elsewhere is left alone.
    stage.record(&zone, "shop.example.com", "A", "192.0.2.7").await?;
    stage.edit("gazette", json!({ "site": { "domains": ["www.example.com", "shop.example.com"] } })).await?;
    stage
        .until("gazette", "to leave the stranger's record alone", |object| {
            let ready = condition(object, "DnsReady").context("no condition")?;
            ensure!(ready.reason == "NotOurs" && ready.message.contains("dns/shop.example.com"), "{ready:?}");
            Ok(())
        })
        .await?;
    stage.edit("gazette", json!({ "site": { "domains": ["www.example.com"] } })).await?;
    stage.ready("gazette").await?;
    let left = records(&stage).await?;
    ensure!(left.contains("shop.example.com. A") && !left.contains("example.com. A"), "{left:#?}");
    ensure!(!left.iter().any(|record| record.starts_with("_wpc.example.com.")), "{left:#?}");

    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = records(&stage).await?;
    ensure!(left == ["shop.example.com. A".to_owned()].into(), "{left:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_regions_share_a_name_on_ministack() -> Result<()> {
    two_regions(CloudKind::MiniStack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_regions_share_a_name_on_localstack() -> Result<()> {
    two_regions(CloudKind::LocalStack).await
}

/// Two sites of two regions share one name and its proof; each makes and removes its own.
async fn two_regions(cloud: CloudKind) -> Result<()> {
    let mut stage = Stage::with("regions", cloud, Profile::instant(), &["--resync", "3s"]).await?;
    let zone = stage.zone("example.com").await?;
    let manifest = |region: &str| -> Result<Value> {
        let mut manifest = sample("global-two-regions.yaml")?;
        manifest["spec"]["region"] = json!(region);
        manifest["spec"]["dns"]["hostedZoneId"] = json!(zone);
        Ok(manifest)
    };
    stage.apply("near", manifest("us-east-1")?).await?;
    stage.ready("near").await?;
    let alone = records(&stage).await?;
    stage.apply("far", manifest("eu-west-1")?).await?;
    stage.ready("far").await?;
    let both = records(&stage).await?;
    ensure!(alone.is_subset(&both), "{alone:#?} {both:#?}");
    let sets = |records: &BTreeSet<String>, kind: &str| {
        records.iter().filter(|record| record.starts_with(&format!("www.example.com. {kind} "))).count()
    };
    ensure!((sets(&both, "A"), sets(&both, "AAAA")) == (2, 2), "{both:#?}");
    stage.rests("near").await?;
    stage.rests("far").await?;

    let mark = stage.mark();
    stage.delete("far").await?;
    stage.gone("far").await?;
    stage.pass("near").await?;
    let near = stage.stack("near");
    let touched: Vec<_> =
        stage.calls_since(mark).into_iter().filter(|call| call.write && call.stacks.contains(&near)).collect();
    ensure!(touched.is_empty(), "the other site was touched: {touched:?}");
    ensure!(records(&stage).await? == alone, "{:#?}", records(&stage).await?);
    stage.ready("near").await?;

    stage.delete("near").await?;
    stage.gone("near").await?;
    ensure!(records(&stage).await?.is_empty(), "{:#?}", records(&stage).await?);
    Ok(())
}
