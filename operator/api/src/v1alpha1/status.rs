//! `status`: what the operator has found and done.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::tidy_status;

/// What the operator has found and done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(transform = tidy_status)]
pub struct WordPressClusterStatus {
    /// The generation of the spec that this status speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The value of the annotation `wordpresscluster.dev/reconcile-at` that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_reconcile_request: Option<String>,
    /// `Ready`, `Reconciling`, `Stalled`, `DriftDetected`, `Paused`, and one `<Area>Ready` for each area.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// Where to reach what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Endpoints>,
    /// The records that a person must make in DNS, where `spec.dns` names no hosted zone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub dns_records: Vec<DnsRecord>,
    /// The web instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compute: Option<ComputeStatus>,
    /// How far the instances' replacement is; nothing while none is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutStatus>,
    /// The database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseStatus>,
    /// What it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// How far back it can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    /// Everything that the site is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub components: Vec<Component>,
    /// What is about to change, and waits for a window or an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Progress {
    /// Components that are ready.
    pub ready: u32,
    /// Components in all.
    pub total: u32,
    /// Both, for a table: `41/58`.
    pub summary: String,
}

impl Progress {
    /// So many of so many.
    pub fn new(ready: u32, total: u32) -> Self {
        Self { ready, total, summary: format!("{ready}/{total}") }
    }
}

/// Where to reach what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Endpoints {
    /// The site, as visitors reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The load balancer's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<String>,
    /// The CDN's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdn: Option<String>,
    /// The database to write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_writer: Option<String>,
    /// The database to read from; with several replicas, their names separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_reader: Option<String>,
    /// The cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    /// The shared file system's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_system: Option<String>,
    /// The bucket for uploads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_bucket: Option<String>,
    /// The ARN of the secret that holds the database's credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_secret: Option<String>,
}

/// A record that a person must make in DNS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsRecord {
    /// Its name.
    pub name: String,
    /// `CNAME`. At the top of a zone, where that is not allowed, the provider's alias (`ALIAS`, `ANAME`).
    #[serde(rename = "type")]
    pub type_: String,
    /// Its value.
    pub value: String,
    /// `Validation`: the certificates are issued and renewed by it. `Site`: visitors find the site by it.
    pub purpose: String,
}

/// The web instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ComputeStatus {
    /// How many there should be.
    pub desired: u32,
    /// How many there are.
    pub in_service: u32,
    /// How many the load balancer sends visitors to.
    pub healthy: u32,
    /// Healthy and desired, for a table: `3/3`.
    pub summary: String,
    /// A selector of the instances; empty, for they are no Pods.
    pub selector: String,
    /// The machine image in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// The launch template's version in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_template_version: Option<i64>,
    /// The instance refresh under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Refresh>,
}

impl ComputeStatus {
    /// So many instances.
    pub fn new(desired: u32, in_service: u32, healthy: u32) -> Self {
        Self { desired, in_service, healthy, summary: format!("{healthy}/{desired}"), ..Self::default() }
    }
}

/// An instance refresh under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Refresh {
    /// Its id.
    pub id: String,
    /// Its state, as AWS names it.
    pub state: String,
    /// How many percent are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u32>,
}

/// How far the instances' replacement is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RolloutStatus {
    /// `RecoveryPoint`, `Canary`, `RollingOut`, `Baking`, `RollingBack`, `Failed`, or `Waiting` with `rollout.policy: Manual`.
    pub step: String,
    /// The WordPress that is replaced, where another one is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The other one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What a person can do, if there is something.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// The database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DatabaseStatus {
    /// The engine's version in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The zone in which the writer is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer_zone: Option<String>,
    /// The replicas.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub replicas: Vec<ReplicaStatus>,
}

/// A replica.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ReplicaStatus {
    /// Its id.
    pub id: String,
    /// Its zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Its state, as AWS names it.
    pub state: String,
}

/// What it costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Estimate {
    /// US dollars a month, at list price, with the use that docs/cost.md assumes.
    #[serde(rename = "monthlyUSD")]
    pub monthly_usd: String,
}

/// How far back it can be restored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Recovery {
    /// The last backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_backup: Option<Time>,
    /// The earliest time that can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recoverable_since: Option<Time>,
    /// The database's snapshot from before WordPress was last upgraded: for `database.restoreFrom.snapshotId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_snapshot: Option<UpgradeSnapshot>,
}

/// A snapshot from before an upgrade.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct UpgradeSnapshot {
    /// Its id.
    pub id: String,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<Time>,
}

/// One thing that the site is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Component {
    /// Its name, such as `network/vpc`.
    pub name: String,
    /// What it is, such as `ec2/vpc`.
    pub kind: String,
    /// Its id in AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its state: `Ready`, `Settling`, `Waiting`, `Blocked`, `Failed`, and so on.
    pub state: String,
    /// Why, if there is more to say.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// In this state since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
}

/// What is about to change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Plan {
    /// What a person approves: it stands for exactly these actions.
    pub hash: String,
    /// The actions, in order.
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub actions: Vec<PlannedAction>,
}

/// One change to one component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PlannedAction {
    /// The component's name.
    pub component: String,
    /// `Create`, `Update` or `Delete`.
    pub verb: String,
    /// The field that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its old value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What it disturbs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disruption: Option<String>,
}
