//! What watches: CloudWatch and its logs, and whom alarms tell.

use super::{ROW, Read, Reply, Row, Row as R, Tags, create, delete, error, read};
use crate::gateway::protocol::service::{LOGS, SNS, WATCH};

const ALARM_TAGS: Tags =
    Tags::Asked { action: "ListTagsForResource", param: "ResourceARN", of: "AlarmArn", items: "Tags/*" };

pub(super) const ROWS: &[Row] = &[
    R {
        kind: "logs/log-group",
        service: LOGS,
        id: "logGroupName",
        reads: &[read("DescribeLogGroups", "logGroups/*", &[])],
        creates: &[create("CreateLogGroup", "", "logGroupName", 0)],
        deletes: &[delete("DeleteLogGroup", "logGroupName", 0, Reply::Bare)],
        exists: error(400, "ResourceAlreadyExistsException"),
        tags: Tags::Asked { action: "ListTagsForResource", param: "resourceArn", of: "logGroupArn", items: "tags" },
        ..ROW
    },
    R {
        kind: "logs/delivery-source",
        service: LOGS,
        id: "name",
        reads: &[
            read("DescribeDeliverySources", "deliverySources/*", &[]),
            read("GetDeliverySource", "deliverySource", &["name"]),
        ],
        creates: &[create("PutDeliverySource", "", "name", 0)],
        deletes: &[delete("DeleteDeliverySource", "name", 0, Reply::Bare)],
        exists: error(400, "ConflictException"),
        missing: error(400, "ResourceNotFoundException"),
        tags: Tags::Asked { action: "ListTagsForResource", param: "resourceArn", of: "arn", items: "tags" },
        ..ROW
    },
    R {
        kind: "logs/delivery-destination",
        service: LOGS,
        id: "name",
        reads: &[
            read("DescribeDeliveryDestinations", "deliveryDestinations/*", &[]),
            read("GetDeliveryDestination", "deliveryDestination", &["name"]),
        ],
        creates: &[create("PutDeliveryDestination", "", "name", 0)],
        deletes: &[delete("DeleteDeliveryDestination", "name", 0, Reply::Bare)],
        exists: error(400, "ConflictException"),
        missing: error(400, "ResourceNotFoundException"),
        tags: Tags::Asked { action: "ListTagsForResource", param: "resourceArn", of: "arn", items: "tags" },
        ..ROW
    },
    R {
        kind: "logs/delivery",
        service: LOGS,
        id: "id",
        reads: &[read("DescribeDeliveries", "deliveries/*", &[]), read("GetDelivery", "delivery", &["id"])],
        creates: &[create("CreateDelivery", "delivery", "", 0)],
        deletes: &[delete("DeleteDelivery", "id", 0, Reply::Bare)],
        missing: error(400, "ResourceNotFoundException"),
        tags: Tags::Asked { action: "ListTagsForResource", param: "resourceArn", of: "arn", items: "tags" },
        ..ROW
    },
    R {
        kind: "cloudwatch/alarm",
        service: WATCH,
        id: "AlarmName",
        reads: &[read("DescribeAlarms", "MetricAlarms/*", &[])],
        creates: &[create("PutMetricAlarm", "", "AlarmName", 0)],
        deletes: &[delete("DeleteAlarms", "AlarmNames", 0, Reply::Bare)],
        tags: ALARM_TAGS,
        ..ROW
    },
    // Those of metrics are listed where nothing is said.
    R {
        kind: "cloudwatch/composite-alarm",
        service: WATCH,
        id: "AlarmName",
        reads: &[Read {
            with: &[("AlarmTypes.1", "CompositeAlarm")],
            ..read("DescribeAlarms", "CompositeAlarms/*", &[])
        }],
        creates: &[create("PutCompositeAlarm", "", "AlarmName", 0)],
        deletes: &[delete("DeleteAlarms", "AlarmNames", 0, Reply::Bare)],
        tags: ALARM_TAGS,
        ..ROW
    },
    R {
        kind: "cloudwatch/dashboard",
        service: WATCH,
        id: "DashboardName",
        reads: &[read("ListDashboards", "DashboardEntries/*", &[])],
        creates: &[create("PutDashboard", "", "DashboardName", 0)],
        deletes: &[delete("DeleteDashboards", "DashboardNames", 0, Reply::Bare)],
        ..ROW
    },
    R {
        kind: "sns/topic",
        service: SNS,
        id: "TopicArn",
        reads: &[read("ListTopics", "ListTopicsResult/Topics/*", &[])],
        creates: &[create("CreateTopic", "CreateTopicResult", "", 0)],
        deletes: &[delete("DeleteTopic", "TopicArn", 0, Reply::Bare)],
        tags: Tags::Asked {
            action: "ListTagsForResource",
            param: "ResourceArn",
            of: "TopicArn",
            items: "ListTagsForResourceResult/Tags/*",
        },
        ..ROW
    },
];
