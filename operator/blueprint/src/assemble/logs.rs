use std::collections::BTreeSet;

use serde_json::Value;
use wpc_engine::{Graph, Handle, Id, Key};

use crate::media::bucket::{ABORT_AFTER_DAYS, BucketOutput, Desired, Rule};
use crate::media::{AUDIT, bucket_policy};
use crate::{Blueprint, Kinds};

/// Logs of requests are archived as old uploads are, and removed a year after.
const KEPT_IN_ARCHIVE_DAYS: i32 = 365;

/// A bucket for logs, once those may use it who write there: AWS tries at once. They take only what S3 encrypts with its
/// own keys, or bring a key along. What an audit asks for is never removed.
pub(super) fn bucket(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    component: &'static str,
    allowed: impl Fn(&BucketOutput) -> Vec<Value> + Send + Sync + 'static,
) -> Handle<Id> {
    let archive = i32::from(blueprint.spec.media.archive_after_days);
    let mut lifecycle = BTreeSet::from([Rule::AbortUploads(ABORT_AFTER_DAYS), Rule::Archive(archive)]);
    if component != AUDIT {
        lifecycle.insert(Rule::Expire(archive + KEPT_IN_ARCHIVE_DAYS));
    }
    let want = Desired { versioning: false, origins: BTreeSet::new(), lifecycle, key: None };
    let bucket = graph.add(component, &kinds.bucket, (), move |()| want.clone());
    let name = bucket_policy::key_of(&Key::of(component)).name;
    graph.add(name, &kinds.bucket_policy, bucket, move |bucket| bucket_policy::Desired {
        allowed: allowed(&bucket),
        bucket,
    })
}
