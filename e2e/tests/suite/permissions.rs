//! What `wpc iam-policy` allows is what the operator calls.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use wpc_blueprint::permissions::{BESIDE_KINDS, DEPENDENT, Permissions};
use wpc_blueprint::{Kinds, preflight};
use wpc_e2e::gateway::Call;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, sample};

/// Whose permission has another name than the call: service, call, permission.
pub const OTHER_NAMES: &[(&str, &str, &str)] = &[
    ("cloudfront", "CreateDistributionWithTags", "cloudfront:CreateDistribution"),
    ("s3", "DeleteObjects", "s3:DeleteObjectVersion"),
    ("s3", "GetBucketCors", "s3:GetBucketCORS"),
    ("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
    ("s3", "ListObjectVersions", "s3:ListBucketVersions"),
    ("s3", "PutBucketCors", "s3:PutBucketCORS"),
    ("s3", "PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    ("s3", "PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    ("s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
];

/// Services whose permissions begin otherwise than their signatures.
pub const OTHER_PREFIXES: &[(&str, &str)] = &[("monitoring", "cloudwatch")];

pub fn permission(call: &Call) -> String {
    let other = OTHER_NAMES.iter().find(|(service, action, _)| *service == call.service && *action == call.action);
    let prefix = OTHER_PREFIXES.iter().find(|(service, _)| *service == call.service).map(|(_, prefix)| *prefix);
    match other {
        Some((_, _, permission)) => (*permission).to_owned(),
        None => format!("{}:{}", prefix.unwrap_or(&call.service), call.action),
    }
}

/// Whether a statement allows a call: its action, and its condition on the stack that the request or its things name.
/// Which of several resources it is judged for, the record does not tell.
fn allows(statement: &Value, call: &Call) -> bool {
    let named = statement["Action"].as_array().into_iter().flatten().any(|action| *action == permission(call).as_str());
    let pattern = statement["Condition"]["StringLike"].as_object().and_then(|keys| keys.values().next());
    let whose = pattern.and_then(Value::as_str).is_none_or(|pattern| {
        let start = pattern.trim_end_matches('*');
        call.stack.as_ref().is_some_and(|stack| stack.starts_with(start))
    });
    named && whose
}

fn refused(statements: &[Value], calls: &[Call]) -> BTreeSet<String> {
    // Everybody may ask STS who they are.
    let calls = calls.iter().filter(|call| call.service != "sts");
    let refused = calls.filter(|call| !statements.iter().any(|statement| allows(statement, call)));
    refused.map(|call| format!("{} of stack {:?}", permission(call), call.stack)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_allowed() -> Result<()> {
    let mut stage = Stage::with("least", CloudKind::MiniStack, Profile::instant(), &[]).await?;
    let mut manifest = sample("production.yaml")?;
    manifest["spec"]["firewall"] = json!({ "denyCIDRs": ["198.51.100.0/24"] });
    stage.apply("gazette", manifest).await?;
    stage.ready("gazette").await?;
    stage.edit("gazette", json!({ "cdn": { "enabled": false }, "tags": { "edition": "late" } })).await?;
    stage.ready("gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;

    let calls = stage.calls_since(0);
    ensure!(calls.iter().filter(|call| call.write).count() > 100, "the story wrote little");
    let namespace = &stage.harness.namespace;
    let all = Kinds::offline().all();
    let statements = Permissions::of(&all, |_| true, &format!("{namespace}/*"), "aws").statements();
    let found = refused(&statements, &calls);
    ensure!(found.is_empty(), "not allowed: {found:#?}");

    // With any statement that allows a call taken away, one is missed: the test sees what is not allowed.
    let used = |statement: &Value| calls.iter().any(|call| allows(statement, call));
    let mut idle = vec![];
    for (index, statement) in statements.iter().enumerate() {
        let without: Vec<Value> = [&statements[..index], &statements[index + 1..]].concat();
        if used(statement) && refused(&without, &calls).is_empty() {
            idle.push(statement["Sid"].to_string());
        }
    }
    // What they allow is allowed by others too, on other resources, which is not judged here.
    ensure!(idle.len() < statements.len() / 3, "without these nothing is missed: {idle:?}");

    // Beyond what kinds call there is only what the table gives a reason for.
    let called: BTreeSet<&str> = all.iter().flat_map(|kind| kind.actions()).map(|action| action.name).collect();
    let beside = BESIDE_KINDS.iter().chain(preflight::ACTIONS).map(|action| action.name);
    let reasons: BTreeSet<&str> = DEPENDENT.iter().map(|row| row.needs).chain(beside).collect();
    for statement in &statements {
        for action in statement["Action"].as_array().context("no actions")? {
            let action = action.as_str().unwrap_or_default();
            ensure!(called.contains(action) || reasons.contains(action), "{action} is allowed for no reason");
        }
    }
    Ok(())
}
