//! Uploads in a bucket: turned on and off on a living site, a name that is taken, and the end of a bucket that is full.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use wpc_api::annotations::CONFIRM_DELETE;
use wpc_blueprint::Stack;
use wpc_blueprint::media::{BUCKET, MOVED, bucket};
use wpc_e2e::harness::CloudKind;
use wpc_e2e::invariants::{exactly_once, only_kept};
use wpc_e2e::stage::{self, Stage, condition, sample};
use wpc_engine::Key;

/// What the bucket of a site on this stage is called.
fn name_of(stage: &Stage, object: &str) -> Result<String> {
    let stack: Stack = stage.stack(object).parse()?;
    Ok(bucket::name(&stack, &Key::of(BUCKET), stage.harness.account.number(), "us-east-1"))
}

/// Puts a file there as WordPress would, past the operator.
async fn put(stage: &Stage, bucket: &str, key: &str) -> Result<()> {
    let object = [("Bucket", bucket), ("Key", key)];
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    cloud.send(account, ("s3", "PutObject"), &object, "a picture", None).await.map(drop)
}

/// What was written since, each once.
fn writes(stage: &Stage, mark: u64, expected: &[&str]) -> Result<()> {
    let expected: BTreeMap<_, _> = expected.iter().map(|action| ((*action).to_owned(), 1)).collect();
    ensure!(stage.writes_since(mark) == expected, "{:?}", stage.writes_since(mark));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_move_to_a_bucket_and_back_and_it_outlives_the_switch() -> Result<()> {
    let mut stage = Stage::new("uploads", CloudKind::MiniStack).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    stage.ready("gazette").await?;
    let mark = stage.mark();
    stage.edit("gazette", json!({ "media": { "offload": true } })).await?;
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    let name = name_of(&stage, "gazette")?;
    let endpoints = object.status.clone().unwrap_or_default().endpoints.context("no endpoints")?;
    ensure!(endpoints.media_bucket.as_deref() == Some(name.as_str()), "{endpoints:?}");
    ensure!(condition(&object, "MediaReady").is_some_and(|ready| ready.status == "True"), "MediaReady");
    // The instances' right to it, the bucket with what AWS does not set by itself, and the CDN's right to it; instances that
    // write to it come in place of those that do not.
    writes(
        &stage,
        mark,
        &[
            "CreateBucket",
            "CreateLaunchTemplateVersion",
            "CreateOriginAccessControl",
            "ModifyLaunchTemplate",
            "PutBucketCors",
            "PutBucketLifecycleConfiguration",
            "PutBucketPolicy",
            "PutBucketVersioning",
            "PutRolePolicy",
            "StartInstanceRefresh",
        ],
    )?;

    // The CDN asks the bucket once the instances say that all uploads are there.
    let mark = stage.mark();
    put(&stage, &name, "wp-content/uploads/.moved.old").await?;
    stage.pass("gazette").await?;
    stage.ready("gazette").await?;
    writes(&stage, mark, &[])?;
    put(&stage, &name, MOVED).await?;
    stage.pass("gazette").await?;
    stage.ready("gazette").await?;
    writes(&stage, mark, &["UpdateDistribution"])?;

    // Back: whoever still asks the bucket may, and so may the instances, which copy what is there.
    let mark = stage.mark();
    stage.edit("gazette", json!({ "media": { "offload": false, "copyBack": true } })).await?;
    let object = stage.ready("gazette").await?;
    let back = [
        "CreateLaunchTemplateVersion",
        "DeleteOriginAccessControl",
        "ModifyLaunchTemplate",
        "StartInstanceRefresh",
        "UpdateDistribution",
    ];
    writes(&stage, mark, &back)?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    let endpoints = object.status.clone().unwrap_or_default().endpoints.context("no endpoints")?;
    ensure!(endpoints.media_bucket.as_deref() == Some(name.as_str()), "{endpoints:?}");

    // There again: the instances have taken the mark away, and the CDN waits for the next.
    let object = [("Bucket", name.as_str()), ("Key", MOVED)];
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    cloud.send(account, ("s3", "DeleteObject"), &object, "", None).await?;
    stage.pass("gazette").await?;
    let mark = stage.mark();
    stage.edit("gazette", json!({ "media": { "offload": true, "copyBack": false } })).await?;
    stage.ready("gazette").await?;
    let there =
        ["CreateLaunchTemplateVersion", "CreateOriginAccessControl", "ModifyLaunchTemplate", "StartInstanceRefresh"];
    writes(&stage, mark, &there)?;

    put(&stage, &name, "wp-content/uploads/a.png").await?;
    stage.edit("gazette", json!({ "media": { "offload": false } })).await?;
    let object = stage.ready("gazette").await?;
    let kept = object.status.clone().unwrap_or_default().endpoints.context("no endpoints")?;
    ensure!(kept.media_bucket.is_none(), "{kept:?}");
    let left = stage.inventory().await?;
    ensure!(left.of_kind("cloudfront/origin-access-control").0.is_empty(), "{left:#?}");
    ensure!(left.of_kind("s3/bucket").0.len() == 1, "{left:#?}");

    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    only_kept(&left)?;
    ensure!(left.of_kind("s3/bucket").0.len() == 1, "{left:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_shared_storage_and_without_a_cdn_uploads_lie_in_the_bucket_alone() -> Result<()> {
    let mut stage = Stage::new("bucket-only", CloudKind::MiniStack).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["media"] = json!({ "offload": true });
    manifest["spec"]["sharedStorage"] = json!({ "type": "None" });
    manifest["spec"]["cdn"] = json!({ "enabled": false });
    manifest["spec"]["deletionPolicy"] = json!("Delete");
    stage.apply("gazette", manifest).await?;
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;

    // Overwritten, so that an old version lies below the new one, and more than a page of them.
    let name = name_of(&stage, "gazette")?;
    for key in ["wp-content/uploads/a.png", "wp-content/uploads/a.png", "wp-content/uploads/b.png"] {
        put(&stage, &name, key).await?;
    }
    let gone = [("Bucket", name.as_str()), ("Key", "wp-content/uploads/b.png")];
    let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
    cloud.send(account, ("s3", "DeleteObject"), &gone, "", None).await?;

    stage.annotate("gazette", CONFIRM_DELETE, "gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    ensure!(left.0.is_empty(), "{left:#?}");
    let refused = stage.gateway.calls().into_iter().find(|call| call.error.as_deref() == Some("BucketNotEmpty"));
    ensure!(refused.is_none(), "deleted before it was empty: {refused:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_another_account_has_is_said() -> Result<()> {
    let mut stage = Stage::new("bucket-taken", CloudKind::MiniStack).await?;
    let name = name_of(&stage, "gazette")?;
    let other = wpc_e2e::harness::Account::unused();
    stage.harness.cloud.send(&other, ("s3", "CreateBucket"), &[("Bucket", &name)], "", None).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["media"] = json!({ "offload": true });
    stage.apply("gazette", manifest).await?;
    stage
        .until("gazette", "to say that the bucket's name is taken", |object| {
            let stalled = condition(object, "Stalled").context("no condition")?;
            let says = stalled.status == "True" && stalled.reason == "NotOurs";
            ensure!(
                says && stalled.message.contains("is taken in another AWS account"),
                "{}",
                stage::conditions(object)
            );
            Ok(())
        })
        .await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let lost = [("Bucket", name.as_str())];
    stage.harness.cloud.send(&other, ("s3", "GetBucketVersioning"), &lost, "", None).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_distributions_log_has_a_bucket_that_goes_after_it() -> Result<()> {
    let mut stage = Stage::new("cdn-logs", CloudKind::MiniStack).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["deletionPolicy"] = json!("Delete");
    stage.apply("gazette", manifest).await?;
    stage.ready("gazette").await?;
    let mark = stage.mark();
    stage.edit("gazette", json!({ "cdn": { "accessLogs": true } })).await?;
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    let expected = [
        "CreateBucket",
        "CreateDelivery",
        "PutBucketLifecycleConfiguration",
        "PutBucketPolicy",
        "PutDeliveryDestination",
        "PutDeliverySource",
    ];
    let expected: BTreeMap<_, _> = expected.map(|action| (action.to_owned(), 1)).into();
    ensure!(stage.writes_since(mark) == expected, "{:?}", stage.writes_since(mark));
    let order: Vec<_> = stage.calls_since(mark).into_iter().filter(|call| call.write).map(|call| call.action).collect();
    let at = |action: &str| order.iter().position(|known| known == action);
    ensure!(at("PutBucketPolicy") < at("PutDeliveryDestination"), "{order:?}");
    ensure!(order.last().is_some_and(|last| last == "CreateDelivery"), "{order:?}");

    let order = end_with_a_log(&mut stage, "AWSLogs/CloudFront/a.log.gz").await?;
    let at = |action: &str| order.iter().position(|known| known == action);
    let legal = ["DeleteDelivery", "DeleteDeliverySource", "DeleteDistribution"].map(at);
    ensure!(legal.is_sorted() && legal[0].is_some(), "{order:?}");
    ensure!(at("DeleteDeliveryDestination") < at("DeleteObjects") && at("DeleteObjects").is_some(), "{order:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_load_balancers_log_has_a_bucket_that_goes_after_it() -> Result<()> {
    let mut stage = Stage::new("access-logs", CloudKind::MiniStack).await?;
    let mut manifest = sample("minimal.yaml")?;
    manifest["spec"]["deletionPolicy"] = json!("Delete");
    stage.apply("gazette", manifest).await?;
    stage.ready("gazette").await?;
    let mark = stage.mark();
    stage.edit("gazette", json!({ "loadBalancer": { "accessLogs": true } })).await?;
    let object = stage.ready("gazette").await?;
    exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
    let expected =
        ["CreateBucket", "ModifyLoadBalancerAttributes", "PutBucketLifecycleConfiguration", "PutBucketPolicy"];
    let expected: BTreeMap<_, _> = expected.map(|action| (action.to_owned(), 1)).into();
    ensure!(stage.writes_since(mark) == expected, "{:?}", stage.writes_since(mark));
    let order: Vec<_> = stage.calls_since(mark).into_iter().filter(|call| call.write).map(|call| call.action).collect();
    ensure!(order.last().is_some_and(|last| last == "ModifyLoadBalancerAttributes"), "{order:?}");

    let order = end_with_a_log(&mut stage, "AWSLogs/a.log.gz").await?;
    let at = |action: &str| order.iter().position(|known| known == action);
    ensure!(at("DeleteLoadBalancer") < at("DeleteObjects") && at("DeleteObjects").is_some(), "{order:?}");
    Ok(())
}

/// Deletes a site, confirmed, whose one bucket has a log in it: nothing is left. Says what took effect, in order.
async fn end_with_a_log(stage: &mut Stage, log: &str) -> Result<Vec<String>> {
    let buckets = stage.inventory().await?.of_kind("s3/bucket");
    let name = buckets.0.first().context("no bucket")?.name.clone();
    put(stage, &name, log).await?;
    let mark = stage.mark();
    stage.annotate("gazette", CONFIRM_DELETE, "gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;
    let left = stage.inventory().await?;
    ensure!(left.0.is_empty(), "{left:#?}");
    Ok(stage.calls_since(mark).into_iter().filter(|call| call.took_effect()).map(|call| call.action).collect())
}
