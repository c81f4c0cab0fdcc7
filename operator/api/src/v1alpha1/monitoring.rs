//! `spec.monitoring`: alarms and a dashboard.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// Alarms and a dashboard in Amazon CloudWatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Monitoring {
    /// Watches the site and says when something is wrong.
    pub alarms: bool,

    /// When something is wrong. What is left out has the operator's own threshold.
    pub thresholds: Thresholds,

    /// Whom the alarms reach.
    #[schemars(length(max = 20))]
    pub notify: Vec<Notify>,

    /// Makes a dashboard.
    pub dashboard: bool,

    /// For how many days logs are kept: one of the numbers that CloudWatch Logs has, such as 7, 30, 90 or 365.
    #[schemars(range(min = 1, max = 3653), extend("x-kubernetes-validations" = [rule(
        "self in [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]",
        "monitoring.logRetentionDays is none of CloudWatch's: write 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653",
    )]))]
    pub log_retention_days: u16,
}

impl Default for Monitoring {
    fn default() -> Self {
        Self {
            alarms: true,
            thresholds: Thresholds::default(),
            notify: Vec::new(),
            dashboard: true,
            log_retention_days: 30,
        }
    }
}

/// When something is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Thresholds {
    /// CPU use of the database above so many percent.
    #[serde(rename = "databaseCPUPercent", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub database_cpu_percent: Option<u8>,
    /// Connections to the database above so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub database_connections: Option<u32>,
    /// Free space of the database below so many percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 99))]
    pub database_free_storage_percent: Option<u8>,
    /// A replica behind by more than so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400))]
    pub replica_lag_seconds: Option<u32>,
    /// CPU use of the web instances above so many percent.
    #[serde(rename = "webCPUPercent", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub web_cpu_percent: Option<u8>,
    /// Unhealthy web instances above so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 500))]
    pub unhealthy_hosts: Option<u16>,
    /// Answers that blame the server above so many a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub server_errors_per_minute: Option<u32>,
    /// CPU use of the cache above so many percent.
    #[serde(rename = "cacheCPUPercent", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub cache_cpu_percent: Option<u8>,
    /// Evictions from the cache above so many a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub cache_evictions_per_minute: Option<u32>,
    /// Hits in the cache below so many percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 99))]
    pub cache_hit_percent: Option<u8>,
}

/// Whom the alarms reach: exactly one of two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "has(self.email) != has(self.topicArn)",
    "each of monitoring.notify needs exactly one of email and topicArn",
)]))]
pub struct Notify {
    /// A person's address. AWS asks whether mail is welcome there first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 254), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z]{2,63}$')",
        "monitoring.notify.email is no plain address: write one such as web@example.com",
    )]))]
    pub email: Option<String>,
    /// A topic of Amazon SNS that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 400), extend("x-kubernetes-validations" = [rule(
        "self.matches('^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$')",
        "monitoring.notify.topicArn is no topic's ARN: write arn:aws:sns:<region>:<account>:<name>",
    )]))]
    pub topic_arn: Option<String>,
}
