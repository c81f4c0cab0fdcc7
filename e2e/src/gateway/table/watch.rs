//! What watches: CloudWatch, and its logs.

use super::{ROW, Reply, Row, Row as R, Tags, create, delete, error, read};
use crate::gateway::protocol::service::LOGS;

pub(super) const ROWS: &[Row] = &[R {
    kind: "logs/log-group",
    service: LOGS,
    id: "logGroupName",
    reads: &[read("DescribeLogGroups", "logGroups/*", &[])],
    creates: &[create("CreateLogGroup", "", "logGroupName", 0)],
    deletes: &[delete("DeleteLogGroup", "logGroupName", 0, Reply::Bare)],
    exists: error(400, "ResourceAlreadyExistsException"),
    tags: Tags::Asked { action: "ListTagsForResource", param: "resourceArn", of: "logGroupArn", items: "tags" },
    ..ROW
}];
