//! Amazon S3.

use super::{ROW, Reply, Row, Row as R, Tags, create, delete, error, read};
use crate::gateway::protocol::service::S3;

pub(super) const ROWS: &[Row] = &[R {
    kind: "s3/bucket",
    service: S3,
    id: "Name",
    reads: &[read("ListBuckets", "Buckets/*", &[])],
    creates: &[create("CreateBucket", "", "Bucket", 0)],
    deletes: &[delete("DeleteBucket", "Bucket", 0, Reply::Status(204))],
    missing: error(404, "NoSuchBucket"),
    exists: error(409, "BucketAlreadyOwnedByYou"),
    tags: Tags::Asked { action: "GetBucketTagging", param: "Bucket", of: "Name", items: "TagSet/*" },
    ..ROW
}];
