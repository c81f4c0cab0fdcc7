//! What watches, and logs: one case for each kind.

use super::hands::Case;
use super::hands::Drift::{Field, Missing};
use super::hands::Hand::{Call, Json};

pub const CASES: &[Case] = &[
    Case {
        kind: "logs/log-group",
        component: "monitoring/log-web",
        hands: &[Json(
            "logs",
            "PutRetentionPolicy",
            &[],
            r#"{"logGroupName":"{name:monitoring/log-web}","retentionInDays":3}"#,
        )],
        drift: Field("monitoring.logRetentionDays", "3", "30"),
        writes: &[("PutRetentionPolicy", 1)],
    },
    Case {
        kind: "logs/delivery-source",
        component: "cdn/log-source",
        hands: &[Json("logs", "UntagResource", &[], r#"{"resourceArn":"{cdn/log-source}","tagKeys":["team"]}"#)],
        drift: Field("tags.team", "nothing", "press"),
        writes: &[("TagResource", 1)],
    },
    Case {
        kind: "logs/delivery-destination",
        component: "cdn/log-destination",
        hands: &[Json("logs", "UntagResource", &[], r#"{"resourceArn":"{cdn/log-destination}","tagKeys":["team"]}"#)],
        drift: Field("tags.team", "nothing", "press"),
        writes: &[("TagResource", 1)],
    },
    Case {
        kind: "logs/delivery",
        component: "cdn/log-delivery",
        hands: &[Json("logs", "DeleteDelivery", &[], r#"{"id":"{cdn/log-delivery}"}"#)],
        drift: Missing,
        writes: &[("CreateDelivery", 1)],
    },
    Case {
        kind: "cloudwatch/alarm",
        component: "monitoring/alarm-web-cpu",
        hands: &[Call("cloudwatch", "DisableAlarmActions", &[("AlarmNames.1", "{name:monitoring/alarm-web-cpu}")])],
        drift: Field("monitoring.alarms.enabled", "false", "true"),
        writes: &[("PutMetricAlarm", 1)],
    },
    Case {
        kind: "cloudwatch/composite-alarm",
        component: "monitoring/alarm-site-down",
        hands: &[Call("cloudwatch", "DeleteAlarms", &[("AlarmNames.1", "{name:monitoring/alarm-site-down}")])],
        drift: Missing,
        writes: &[("PutCompositeAlarm", 1)],
    },
    Case {
        kind: "cloudwatch/dashboard",
        component: "monitoring/dashboard",
        hands: &[Call("cloudwatch", "DeleteDashboards", &[("DashboardNames.1", "{monitoring/dashboard}")])],
        drift: Missing,
        writes: &[("PutDashboard", 1)],
    },
    Case {
        kind: "cloudtrail/trail",
        component: "audit/trail",
        hands: &[Json("cloudtrail", "StopLogging", &[], r#"{"Name":"{audit/trail}"}"#)],
        drift: Field("audit.trail.logging", "false", "true"),
        writes: &[("StartLogging", 1)],
    },
    Case {
        kind: "wafv2/logging",
        component: "firewall/logging",
        hands: &[Json(
            "wafv2",
            "PutLoggingConfiguration",
            &[],
            r#"{"LoggingConfiguration":{"ResourceArn":"{firewall/web-acl}","LogDestinationConfigs":["{monitoring/log-firewall}"],"RedactedFields":[{"SingleHeader":{"Name":"authorization"}},{"SingleHeader":{"Name":"cookie"}}]}}"#,
        )],
        drift: Field("firewall.logging.filter", "everything", "what is blocked or counted"),
        writes: &[("PutLoggingConfiguration", 1)],
    },
    // Under AWS's own key no alarm could tell it anything.
    Case {
        kind: "sns/topic",
        component: "monitoring/topic",
        hands: &[Call(
            "sns",
            "SetTopicAttributes",
            &[
                ("TopicArn", "{monitoring/topic}"),
                ("AttributeName", "KmsMasterKeyId"),
                ("AttributeValue", "alias/aws/sns"),
            ],
        )],
        drift: Field("monitoring.topic.kmsKey", "alias/aws/sns", "{encryption/key}"),
        writes: &[("SetTopicAttributes", 1)],
    },
];
