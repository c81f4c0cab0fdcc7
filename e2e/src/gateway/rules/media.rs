//! Amazon S3.

use super::{Check, Look, Rule};
use crate::gateway::protocol::Tree;
use crate::gateway::protocol::service::S3;

const RULE: Rule = Rule { service: S3, status: 409, about: "s3/bucket", ..Rule::NONE };

const CONTENT: Look = Look::one("s3/bucket", "Bucket", "Bucket").told("ListObjectVersions", "");

pub(super) const RULES: &[Rule] = &[Rule {
    actions: &["DeleteBucket"],
    code: "BucketNotEmpty",
    when: "something is in it, be it an old version",
    check: Check::Seen(CONTENT, |_, content: &Tree| {
        let empty = ["Version", "DeleteMarker"].iter().all(|part| content.items(part).is_empty());
        (!empty)
            .then(|| "The bucket you tried to delete is not empty. You must delete all versions in the bucket.".into())
    }),
    page: "API_DeleteBucket: all objects, versions and delete markers first",
    ..RULE
}];
