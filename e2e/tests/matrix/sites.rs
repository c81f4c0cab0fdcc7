//! The sites that live: with every area, or with some of them, so that an operator's look at one is cheap.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use wpc_e2e::stage::sample;

/// Areas that a site can do without. The rest is what every site has: network, database, storage, machines and the load
/// balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Backup,
    Budget,
    Cache,
    Cdn,
    Encryption,
    Firewall,
    Logs,
    Media,
    Monitoring,
    Scaling,
    Tls,
}

/// All of them.
pub const PARTS: [Part; 11] = [
    Part::Backup,
    Part::Budget,
    Part::Cache,
    Part::Cdn,
    Part::Encryption,
    Part::Firewall,
    Part::Logs,
    Part::Media,
    Part::Monitoring,
    Part::Scaling,
    Part::Tls,
];

impl Part {
    /// Takes it out of a spec.
    fn leave_out(self, spec: &mut Value) {
        match self {
            Self::Backup => spec["backup"]["enabled"] = json!(false),
            Self::Budget => spec["budget"] = json!({}),
            Self::Cache => spec["cache"] = json!({ "engine": "None" }),
            Self::Cdn => spec["cdn"]["enabled"] = json!(false),
            Self::Encryption => spec["encryption"]["kmsKey"] = json!("AWSManaged"),
            Self::Firewall => spec["firewall"] = json!({ "enabled": false }),
            Self::Logs => {
                spec["network"]["flowLogs"] = json!(false);
                spec["loadBalancer"]["accessLogs"] = json!(false);
                spec["cdn"]["accessLogs"] = json!(false);
                spec["audit"]["cloudTrail"] = json!(false);
                spec["firewall"]["logging"] = json!(false);
            }
            Self::Media => spec["media"]["offload"] = json!(false),
            Self::Monitoring => spec["monitoring"] = json!({ "alarms": false, "dashboard": false }),
            Self::Scaling => spec["compute"]["scaling"] = json!({}),
            Self::Tls => spec["tls"] = json!("Disabled"),
        }
    }
}

/// What an edit is about, by its name up to the colon; it would do nothing to a site without.
pub fn needs(edit: &str) -> &'static [Part] {
    match edit.split_once(':').map_or(edit, |(area, _)| area) {
        "backup" => &[Part::Backup],
        "budget" => &[Part::Budget],
        "cache" => &[Part::Cache],
        "cdn" => &[Part::Cdn, Part::Firewall],
        "dns" => &[Part::Cdn, Part::Tls],
        "firewall" => &[Part::Firewall],
        "logs" => &[Part::Firewall, Part::Logs],
        "media" => &[Part::Media],
        "monitoring" => &[Part::Monitoring],
        _ => &[],
    }
}

/// The production sample, whose data goes with it once that is confirmed.
pub fn production() -> Result<Value> {
    let mut manifest = sample("production.yaml")?;
    manifest["spec"]["deletionPolicy"] = json!("Delete");
    Ok(manifest)
}

/// Every kind of the production sample, as few of each as there can be.
pub fn small() -> Result<Value> {
    let mut manifest = production()?;
    let spec = &mut manifest["spec"];
    // More than any chapter costs.
    spec["budget"]["monthlyUSD"] = json!(8000);
    spec["network"]["availabilityZones"]["count"] = json!(2);
    spec["compute"]["replicas"] = json!({ "min": 2, "max": 4 });
    spec["database"]["readReplicas"] = json!(1);
    Ok(manifest)
}

/// The small site with these parts and no others.
pub fn with(parts: &[Part]) -> Result<Value> {
    let mut manifest = small()?;
    let spec = manifest.get_mut("spec").context("a sample without a spec")?;
    for part in PARTS.into_iter().filter(|part| !parts.contains(part)) {
        part.leave_out(spec);
    }
    Ok(manifest)
}
