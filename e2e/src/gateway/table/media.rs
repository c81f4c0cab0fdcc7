//! Amazon S3, and AWS CloudTrail, which writes there.

use super::{ROW, Read, Reply, Row, Row as R, Tags, create, delete, error, read};
use crate::gateway::protocol::service::{S3, TRAIL};

pub(super) const ROWS: &[Row] = &[
    R {
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
    },
    // Those of other regions are listed where nothing is said.
    R {
        kind: "cloudtrail/trail",
        service: TRAIL,
        id: "TrailARN",
        name: "Name",
        reads: &[Read {
            with: &[("includeShadowTrails", "")],
            ..read("DescribeTrails", "trailList/*", &["trailNameList"])
        }],
        creates: &[create("CreateTrail", "", "", 0)],
        deletes: &[delete("DeleteTrail", "Name", 0, Reply::Bare)],
        missing: error(400, "TrailNotFoundException"),
        exists: error(400, "TrailAlreadyExistsException"),
        tags: Tags::Asked {
            action: "ListTags",
            param: "ResourceIdList.1",
            of: "TrailARN",
            items: "ResourceTagList/*/TagsList/*",
        },
        ..ROW
    },
];
