//! How the operator goes about its work: policies, windows, audit, budget.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// What becomes of data when the object is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// A last snapshot or recovery point is kept.
    #[default]
    Snapshot,
    /// What holds data is kept as it is.
    Retain,
    /// Data is removed, once confirmed.
    Delete,
}

/// What to do about a resource that somebody changed in AWS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DriftPolicy {
    /// Change it back.
    #[default]
    Correct,
    /// Say so in a condition.
    Report,
}

/// Whether changes wait for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ChangePolicy {
    /// They do not.
    #[default]
    Automatic,
    /// A plan waits for its hash in an annotation.
    Approve,
}

/// Whether the site speaks HTTPS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Tls {
    /// With certificates that the operator requests and renews.
    #[default]
    Managed,
    /// Plain HTTP.
    Disabled,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the days of the week explain themselves")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// When disruptive changes may happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct MaintenanceWindow {
    /// The days on which it opens.
    #[schemars(length(min = 1, max = 7))]
    pub days: Vec<Weekday>,

    /// The time of day at which it opens, `HH:MM`.
    #[schemars(length(max = 5), extend("x-kubernetes-validations" = [rule(
        "self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",
        "start is no time of day: write HH:MM between 00:00 and 23:59",
    )]))]
    pub start: String,

    /// How long it stays open, such as `2h`, `90m` or `1h30m`.
    #[schemars(length(max = 8), extend("x-kubernetes-validations" = [rule(
        "self.matches('^([1-9][0-9]?h)?([1-9][0-9]{0,2}m)?$') && self != ''",
        "duration is none: write hours and minutes, such as 2h, 90m or 1h30m",
    )]))]
    pub duration: String,

    /// The IANA time zone of `start`, such as `Europe/Berlin`.
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z][A-Za-z0-9_+/-]*$')",
        "timeZone is none: write an IANA name such as Europe/Berlin or UTC",
    )]))]
    pub time_zone: String,
}

impl Default for MaintenanceWindow {
    fn default() -> Self {
        Self { days: vec![Weekday::Sunday], start: "03:00".into(), duration: "2h".into(), time_zone: "UTC".into() }
    }
}

/// A trail of calls made to AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Audit {
    /// Records calls to AWS with CloudTrail.
    pub cloud_trail: bool,
}

/// A limit on the price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Budget {
    /// Refuses a plan whose estimate is above so many US dollars a month. Left out: no limit.
    #[serde(rename = "monthlyUSD", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub monthly_usd: Option<u32>,
}
