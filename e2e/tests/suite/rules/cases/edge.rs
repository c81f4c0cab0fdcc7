//! The CDN and its firewall.

use anyhow::{Context, Result, bail};

use super::Case;
use crate::rules::world::{Call, World, cache_policy, call, distribution};

pub async fn edge(aws: &World, case: &Case) -> Result<Call> {
    let policy = aws.cache_policy().await?;
    if case.action == "CreateCachePolicy" {
        return Ok(cache_policy());
    }
    let (id, version) = aws.distribution(&policy).await?;
    let update = || call("cloudfront", "UpdateDistribution", &[("Id", &id)]).body(distribution(&policy, false));
    match (case.action, case.because) {
        ("UpdateDistribution", "no version is named") => Ok(update()),
        ("UpdateDistribution", _) => {
            aws.make(update().header("if-match", &version), "").await?;
            Ok(update().header("if-match", &version))
        }
        ("DeleteDistribution", _) => Ok(call("cloudfront", case.action, &[("Id", &id)]).header("if-match", &version)),
        ("DeleteCachePolicy", _) => {
            let answer = aws.send(&call("cloudfront", "GetCachePolicy", &[("Id", &policy)])).await?;
            let version = answer.headers.get("etag").context("no version")?.to_str()?.to_owned();
            Ok(call("cloudfront", case.action, &[("Id", &policy)]).header("if-match", version))
        }
        _ => bail!("nobody knows how to provoke {case:?}"),
    }
}

pub async fn access_control(aws: &World, case: &Case) -> Result<Call> {
    let wanted = "<OriginAccessControlConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Name>web</Name>\
                  <SigningProtocol>sigv4</SigningProtocol><SigningBehavior>always</SigningBehavior>\
                  <OriginAccessControlOriginType>s3</OriginAccessControlOriginType></OriginAccessControlConfig>";
    let made = aws.send(&call("cloudfront", "CreateOriginAccessControl", &[]).body(wanted)).await?;
    let id = made.tree().and_then(|tree| tree.text("Id")).context("no control")?;
    let version = made.headers.get("etag").context("no version")?.to_str()?.to_owned();
    let policy = aws.cache_policy().await?;
    let origin = format!("<OriginAccessControlId>{id}</OriginAccessControlId><CustomOriginConfig>");
    let body = distribution(&policy, true).replace("<CustomOriginConfig>", &origin);
    aws.make(call("cloudfront", "CreateDistribution", &[]).body(body), "Id").await?;
    Ok(call("cloudfront", case.action, &[("Id", &id)]).header("if-match", version))
}

/// A distribution whose log goes to a bucket.
pub async fn delivery(aws: &World, action: &'static str) -> Result<Call> {
    let told = |action, text: &str| call("logs", action, &[]).body(text.to_owned());
    let source = |name| {
        let distribution = "arn:aws:cloudfront:::distribution/E1";
        told(
            "PutDeliverySource",
            &format!(r#"{{"name": "{name}", "resourceArn": "{distribution}", "logType": "ACCESS_LOGS"}}"#),
        )
    };
    aws.make(source("web"), "").await?;
    if action == "PutDeliverySource" {
        return Ok(source("other"));
    }
    let place =
        r#"{"name": "web", "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::b-1"}}"#;
    let destination = aws.make(told("PutDeliveryDestination", place), "deliveryDestination/arn").await?;
    let both = format!(r#"{{"deliverySourceName": "web", "deliveryDestinationArn": "{destination}"}}"#);
    aws.make(told("CreateDelivery", &both), "").await?;
    Ok(told(action, r#"{"name": "web"}"#))
}

/// How a firewall or a rule of it is watched.
fn seen(name: &str) -> String {
    format!(r#"{{"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "{name}"}}"#)
}

/// A set of addresses that is at another version, or that a web ACL denies.
pub async fn addresses(aws: &World, case: &Case) -> Result<Call> {
    let name = r#""Name": "deny", "Scope": "REGIONAL""#;
    let wanted = format!(r#"{{{name}, "IPAddressVersion": "IPV4", "Addresses": ["192.0.2.0/24"]}}"#);
    let made = aws.send(&call("wafv2", "CreateIPSet", &[]).body(wanted)).await?.tree().context("no set")?;
    let part = |name: &str| made.text(&format!("Summary/{name}")).with_context(|| format!("no {name}"));
    let (id, arn, version) = (part("Id")?, part("ARN")?, part("LockToken")?);
    let of = |version: &str, more: &str| {
        call("wafv2", case.action, &[]).body(format!(r#"{{{name}, "Id": "{id}", "LockToken": "{version}"{more}}}"#))
    };
    if case.action == "UpdateIPSet" {
        return Ok(of("00000000-0000-4000-8000-000000000000", r#", "Addresses": []"#));
    }
    let rule = format!(
        r#"{{"Name": "deny", "Priority": 0, "Action": {{"Block": {{}}}}, "VisibilityConfig": {}, "Statement": {{"IPSetReferenceStatement": {{"ARN": "{arn}"}}}}}}"#,
        seen("deny")
    );
    let acl = format!(
        r#"{{"Name": "web", "Scope": "REGIONAL", "DefaultAction": {{"Allow": {{}}}}, "VisibilityConfig": {}, "Rules": [{rule}]}}"#,
        seen("web")
    );
    aws.make(call("wafv2", "CreateWebACL", &[]).body(acl), "").await?;
    Ok(of(&version, ""))
}

pub async fn firewall(aws: &World, case: &Case) -> Result<Call> {
    let settings = format!(
        r#""Name": "web", "Scope": "CLOUDFRONT", "DefaultAction": {{"Allow": {{}}}}, "VisibilityConfig": {}"#,
        seen("web")
    );
    let wanted = || call("wafv2", "CreateWebACL", &[]).body(format!("{{{settings}}}"));
    let made = aws.send(&wanted()).await?.tree().context("no web ACL")?;
    let part = |name: &str| made.text(&format!("Summary/{name}")).with_context(|| format!("no {name}"));
    let (id, arn, version) = (part("Id")?, part("ARN")?, part("LockToken")?);
    match case.action {
        "CreateWebACL" => Ok(wanted()),
        "UpdateWebACL" => {
            let other = "00000000-0000-4000-8000-000000000000";
            let body = format!(r#"{{{settings}, "Id": "{id}", "LockToken": "{other}", "Rules": []}}"#);
            Ok(call("wafv2", case.action, &[]).body(body))
        }
        _ => {
            let policy = aws.cache_policy().await?;
            let named = distribution(&policy, true);
            let named =
                named.replace("</DistributionConfig>", &format!("<WebACLId>{arn}</WebACLId></DistributionConfig>"));
            aws.make(call("cloudfront", "CreateDistribution", &[]).body(named), "").await?;
            let body = format!(r#"{{"Name": "web", "Scope": "CLOUDFRONT", "Id": "{id}", "LockToken": "{version}"}}"#);
            Ok(call("wafv2", case.action, &[]).body(body))
        }
    }
}
