//! `spec.monitoring`: alarms and a dashboard.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Database;
use crate::schema::rule;

/// Alarms and a dashboard in Amazon CloudWatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Monitoring {
    /// Watches the site and says when something is wrong.
    pub alarms: bool,

    /// When something is wrong.
    pub thresholds: Thresholds,

    /// Whom the alarms reach. An alarm tells five topics at most, and one is the operator's own.
    #[schemars(length(max = 20), extend("x-kubernetes-validations" = [rule(
        "self.filter(one, has(one.topicArn)).size() <= 4",
        "monitoring.notify names more than four topics: subscribe one topic to the others",
    )]))]
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
    /// CPU use of the database above so many percent; 80 where left out.
    #[serde(rename = "databaseCPUPercent", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub database_cpu_percent: Option<u8>,
    /// Connections to the database above so many; four fifths of max_connections, or 500 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub database_connections: Option<u32>,
    /// Free space of the database below so many percent; 10 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 99))]
    pub database_free_storage_percent: Option<u8>,
    /// A replica behind by more than so many seconds; 60 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400))]
    pub replica_lag_seconds: Option<u32>,
    /// CPU use of the web instances above so many percent; 85 where left out.
    #[serde(rename = "webCPUPercent", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub web_cpu_percent: Option<u8>,
    /// Unhealthy web instances above so many; 0 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 500))]
    pub unhealthy_hosts: Option<u16>,
    /// Answers that blame the server above so many a minute; 20 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub server_errors_per_minute: Option<u32>,
    /// CPU use of the cache above so many percent; 80 where left out.
    #[serde(rename = "cacheCPUPercent", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub cache_cpu_percent: Option<u8>,
    /// Evictions from the cache above so many a minute; 100 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub cache_evictions_per_minute: Option<u32>,
    /// Hits in the cache below so many percent; 50 where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 99))]
    pub cache_hit_percent: Option<u8>,
}

impl Thresholds {
    /// Percent of the database's CPU.
    pub fn database_cpu_percent(&self) -> u8 {
        self.database_cpu_percent.unwrap_or(80)
    }

    /// Connections to the database: four fifths of those that its parameters allow, or of what the default class takes.
    pub fn database_connections(&self, database: &Database) -> u32 {
        let most = database.parameters.get("max_connections").and_then(|most| most.parse().ok()).unwrap_or(625_u32);
        self.database_connections.unwrap_or(most / 5 * 4)
    }

    /// Free bytes of the database's storage, as a part of the size that is asked for.
    pub fn database_free_storage_bytes(&self, database: &Database) -> u64 {
        (database.storage.size.gib() << 30) / 100 * u64::from(self.database_free_storage_percent.unwrap_or(10))
    }

    /// Seconds that a replica is behind.
    pub fn replica_lag_seconds(&self) -> u32 {
        self.replica_lag_seconds.unwrap_or(60)
    }

    /// Percent of the web instances' CPU.
    pub fn web_cpu_percent(&self) -> u8 {
        self.web_cpu_percent.unwrap_or(85)
    }

    /// Web instances that fail their health check.
    pub fn unhealthy_hosts(&self) -> u16 {
        self.unhealthy_hosts.unwrap_or(0)
    }

    /// Answers a minute that blame the server.
    pub fn server_errors_per_minute(&self) -> u32 {
        self.server_errors_per_minute.unwrap_or(20)
    }

    /// Percent of the CPU that the cache's engine runs on.
    pub fn cache_cpu_percent(&self) -> u8 {
        self.cache_cpu_percent.unwrap_or(80)
    }

    /// Evictions from a node of the cache in a minute.
    pub fn cache_evictions_per_minute(&self) -> u32 {
        self.cache_evictions_per_minute.unwrap_or(100)
    }

    /// Percent of questions that a node of the cache can answer.
    pub fn cache_hit_percent(&self) -> u8 {
        self.cache_hit_percent.unwrap_or(50)
    }
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
