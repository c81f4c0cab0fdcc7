//! What a site lives through: it is made, edited in each area, and deleted.

use anyhow::Result;
use serde_json::{Value, json};
use wpc_e2e::stage::sample;

use crate::sites::{small, with};

/// One thing that a person does to a site.
#[derive(Debug, Clone)]
pub enum Chapter {
    /// The site is made.
    Create(Value),
    /// Its spec is edited.
    Edit {
        /// The area.
        what: &'static str,
        /// A merge patch of the spec.
        spec: Value,
        /// The creates of things with data that it may repeat.
        renews: &'static [&'static str],
    },
    /// It is deleted, its data with it.
    Delete,
}

impl Chapter {
    /// For messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "creation",
            Self::Edit { what, .. } => what,
            Self::Delete => "deletion",
        }
    }
}

fn edit(what: &'static str, spec: Value) -> Chapter {
    Chapter::Edit { what, spec, renews: &[] }
}

/// Stands for the id of a life's own hosted zone.
pub const ZONE: &str = "{zone}";

/// Stands for the ARN of a life's own recovery point.
pub const POINT: &str = "{point}";

/// An edit of each area, and the same edits taken back, in pairs.
pub fn edits() -> Vec<(Chapter, Chapter)> {
    vec![
        (
            edit("budget: more", json!({ "budget": { "monthlyUSD": 9000 } })),
            edit("budget: less", json!({ "budget": { "monthlyUSD": 8000 } })),
        ),
        (
            edit("network: one way out", json!({ "network": { "natGateways": "Single" } })),
            edit("network: a way out in each zone", json!({ "network": { "natGateways": "PerZone" } })),
        ),
        (
            edit("network: IPv6", json!({ "network": { "ipv6": true } })),
            edit("network: IPv4 alone", json!({ "network": { "ipv6": false } })),
        ),
        (
            edit(
                "compute: larger, earlier, more",
                json!({ "compute": {
                    "instanceTypes": ["m7g.xlarge"],
                    "scaling": { "targetCPUUtilization": 45 },
                    "replicas": { "max": 5 },
                } }),
            ),
            edit(
                "compute: as before",
                json!({ "compute": {
                    "instanceTypes": ["m7g.large"],
                    "scaling": { "targetCPUUtilization": 60 },
                    "replicas": { "max": 4 },
                } }),
            ),
        ),
        (
            edit(
                "compute: by requests and by the clock, in part on spot",
                json!({ "compute": {
                    "scaling": {
                        "targetRequestsPerInstance": 900,
                        "schedules": [{ "name": "day", "cron": "0 6 * * MON-FRI", "min": 3, "max": 8 }],
                    },
                    "spotPercent": 50,
                } }),
            ),
            edit(
                "compute: by load alone, all on demand",
                json!({ "compute": {
                    "scaling": { "targetRequestsPerInstance": null, "schedules": [] },
                    "spotPercent": 0,
                } }),
            ),
        ),
        (
            edit(
                "traffic: other health, more patience",
                json!({ "loadBalancer": {
                    "idleTimeoutSeconds": 120,
                    "healthCheck": { "path": "/alive" },
                    "tlsPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
                } }),
            ),
            edit(
                "traffic: as before",
                json!({ "loadBalancer": {
                    "idleTimeoutSeconds": 60,
                    "healthCheck": { "path": "/health" },
                    "tlsPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                } }),
            ),
        ),
        (
            Chapter::Edit {
                what: "database: larger, one replica more",
                spec: json!({ "database": {
                    "instanceClass": "db.m7g.xlarge",
                    "readReplicas": 2,
                    "parameters": { "max_connections": "600", "wait_timeout": "300" },
                } }),
                renews: &["CreateDBInstanceReadReplica"],
            },
            edit(
                "database: smaller, one replica less",
                json!({ "database": {
                    "instanceClass": "db.m7g.large",
                    "readReplicas": 1,
                    "parameters": { "max_connections": "500", "wait_timeout": null },
                } }),
            ),
        ),
        (
            edit(
                "storage: bursting",
                json!({ "sharedStorage": { "throughputMode": "Bursting", "transitionToIADays": 60 } }),
            ),
            edit(
                "storage: elastic",
                json!({ "sharedStorage": { "throughputMode": "Elastic", "transitionToIADays": 30 } }),
            ),
        ),
        (
            edit("cache: larger, one node more", json!({ "cache": { "nodes": 3, "nodeType": "cache.t4g.medium" } })),
            edit("cache: smaller, one node less", json!({ "cache": { "nodes": 2, "nodeType": "cache.t4g.small" } })),
        ),
        (
            edit("cache: none", json!({ "cache": { "engine": "None" } })),
            Chapter::Edit {
                what: "cache: again",
                spec: json!({ "cache": { "engine": "Valkey" } }),
                renews: &["CreateReplicationGroup"],
            },
        ),
        (
            edit(
                "cache: Memcached",
                json!({ "cache": { "engine": "Memcached", "version": null, "uses": ["ObjectCache"], "nodes": 2 } }),
            ),
            edit("cache: Memcached on one node", json!({ "cache": { "nodes": 1 } })),
        ),
        (
            edit("cache: Memcached on three nodes", json!({ "cache": { "nodes": 3 } })),
            Chapter::Edit {
                what: "cache: Valkey again",
                spec: json!({ "cache": { "engine": "Valkey", "uses": ["ObjectCache", "Sessions"], "nodes": 2 } }),
                renews: &["CreateReplicationGroup"],
            },
        ),
        (
            edit(
                "cdn: files for a day",
                json!({ "cdn": { "staticTTLSeconds": 86_400, "priceClass": "PriceClass_All" } }),
            ),
            edit(
                "cdn: files for a week",
                json!({ "cdn": { "staticTTLSeconds": 604_800, "priceClass": "PriceClass_100" } }),
            ),
        ),
        (
            edit(
                "monitoring: other limits, other mail, no dashboard",
                json!({ "monitoring": {
                    "thresholds": { "webCPUPercent": 70 },
                    "notify": [{ "email": "late@example.com" }],
                    "dashboard": false,
                    "logRetentionDays": 7,
                } }),
            ),
            edit(
                "monitoring: as before",
                json!({ "monitoring": {
                    "thresholds": { "webCPUPercent": 85 },
                    "notify": [{ "email": "web@example.com" }],
                    "dashboard": true,
                    "logRetentionDays": 30,
                } }),
            ),
        ),
        (
            edit("monitoring: nobody watches", json!({ "monitoring": { "alarms": false } })),
            edit("monitoring: somebody watches again", json!({ "monitoring": { "alarms": true } })),
        ),
        (
            edit(
                "backup: later, kept for longer",
                json!({ "backup": { "schedule": "cron(0 6 * * ? *)", "retentionDays": 60, "lockVault": true } }),
            ),
            edit(
                "backup: as before",
                json!({ "backup": { "schedule": "cron(0 5 * * ? *)", "retentionDays": 35, "lockVault": false } }),
            ),
        ),
        (
            edit("backup: none", json!({ "backup": { "enabled": false } })),
            edit("backup: again", json!({ "backup": { "enabled": true } })),
        ),
        (
            edit(
                "media: no versions, archived late",
                json!({ "media": { "versioning": false, "archiveAfterDays": 120 } }),
            ),
            edit("media: versions, archived early", json!({ "media": { "versioning": true, "archiveAfterDays": 90 } })),
        ),
        (
            edit(
                "logs: none",
                json!({
                    "network": { "flowLogs": false },
                    "loadBalancer": { "accessLogs": false },
                    "cdn": { "accessLogs": false },
                    "audit": { "cloudTrail": false },
                    "firewall": { "logging": false },
                }),
            ),
            edit(
                "logs: again",
                json!({
                    "network": { "flowLogs": true },
                    "loadBalancer": { "accessLogs": true },
                    "cdn": { "accessLogs": true },
                    "audit": { "cloudTrail": true },
                    "firewall": { "logging": true },
                }),
            ),
        ),
        (
            edit(
                "firewall: lists, and fewer logins",
                json!({ "firewall": {
                    "loginRateLimit": 100,
                    "allowCIDRs": ["203.0.113.0/24"],
                    "denyCIDRs": ["198.51.100.0/24"],
                } }),
            ),
            edit(
                "firewall: as before",
                json!({ "firewall": { "loginRateLimit": 300, "allowCIDRs": [], "denyCIDRs": [] } }),
            ),
        ),
        (
            edit("firewall: another network", json!({ "firewall": { "denyCIDRs": ["192.0.2.0/24"] } })),
            edit("firewall: none denied", json!({ "firewall": { "denyCIDRs": [] } })),
        ),
        (
            edit("cdn: none, the firewall before the load balancer", json!({ "cdn": { "enabled": false } })),
            Chapter::Edit {
                what: "cdn: again, with the firewall",
                spec: json!({ "cdn": { "enabled": true } }),
                renews: &["CreateDistributionWithTags"],
            },
        ),
        (
            edit(
                "dns: published, without the CDN",
                json!({ "dns": { "hostedZoneId": ZONE }, "cdn": { "enabled": false } }),
            ),
            edit("dns: not published, with the CDN", json!({ "dns": null, "cdn": { "enabled": true } })),
        ),
        (
            edit("tags: late", json!({ "tags": { "edition": "late" } })),
            edit("tags: early", json!({ "tags": { "edition": "early" } })),
        ),
    ]
}

/// Edits that are taken back also in a whole life: only so do things shrink, and come again.
const BACK: &[&str] = &[
    "network: IPv4 alone",
    "compute: by load alone, all on demand",
    "database: smaller, one replica less",
    "cache: smaller, one node less",
    "cache: again",
    "cache: Memcached on one node",
    "cache: Valkey again",
    "backup: again",
    "logs: again",
    "firewall: none denied",
    "cdn: again, with the firewall",
];

/// What leads only forward: two upgrades, the second of which leaves the first one's copy of the database behind.
fn upgrades() -> [Chapter; 2] {
    let to = |version: &str| json!({ "wordpress": { "version": version } });
    [edit("wordpress: a later one", to("6.9.9")), edit("wordpress: the next one", to("7.0.7"))]
}

/// From nothing to nothing, with an update of each area.
pub fn whole(manifest: Value) -> Vec<Chapter> {
    let pairs = edits()
        .into_iter()
        .flat_map(|(forth, back)| [Some(forth), Some(back).filter(|back| BACK.contains(&back.name()))]);
    [Chapter::Create(manifest)].into_iter().chain(pairs.flatten()).chain(upgrades()).chain([Chapter::Delete]).collect()
}

/// The small site on Aurora: what its kinds do, from nothing to nothing.
pub fn aurora() -> Result<Vec<Chapter>> {
    let mut manifest = small()?;
    manifest["spec"]["database"] = json!({
        "engine": "AuroraMySQL",
        "readReplicas": 1,
        "parameters": { "max_connections": "500", "wait_timeout": "300" },
    });
    let [later, next] = upgrades();
    Ok(vec![
        Chapter::Create(manifest),
        later,
        next,
        Chapter::Edit {
            what: "aurora: serverless, one reader more",
            spec: json!({ "database": {
                "serverless": { "minCapacity": "0.5", "maxCapacity": "8" },
                "readReplicas": 2,
                "parameters": { "max_connections": "600", "wait_timeout": null },
            } }),
            renews: &["CreateDBInstance"],
        },
        edit(
            "aurora: machines, one reader less",
            json!({ "database": { "serverless": null, "readReplicas": 1, "backupRetentionDays": 14 } }),
        ),
        Chapter::Delete,
    ])
}

/// A site with one instance and a disk.
pub fn single() -> Result<Vec<Chapter>> {
    let mut manifest = sample("single-instance.yaml")?;
    manifest["spec"]["deletionPolicy"] = json!("Delete");
    Ok(vec![
        Chapter::Create(manifest),
        edit("storage: a larger disk", json!({ "sharedStorage": { "size": "80Gi" } })),
        Chapter::Delete,
    ])
}

/// A site without backups of its own, which begins with a recovery point of another's files.
pub fn restored() -> Result<Vec<Chapter>> {
    let mut manifest = with(&[])?;
    manifest["spec"]["sharedStorage"]["restoreFrom"] = json!({ "recoveryPointArn": POINT });
    Ok(vec![Chapter::Create(manifest), Chapter::Delete])
}
