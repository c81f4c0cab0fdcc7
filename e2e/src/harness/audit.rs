//! What the API server was asked by ServiceAccounts, from its own audit log.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// Whoever has a ServiceAccount's token; whatever it asks.
pub const POLICY: &str = "
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: Metadata, userGroups: [\"system:serviceaccounts\"]}
- {level: None}
";

/// What somebody did to a resource: a rule of RBAC allows exactly this.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deed {
    /// The API group; empty for the core's.
    pub group: String,
    /// The resource, with its subresource: `pods/log`.
    pub resource: String,
    /// `get`, `list`, ...
    pub verb: String,
}

impl Deed {
    /// A deed.
    pub fn new(group: &str, resource: &str, verb: &str) -> Self {
        Self { group: group.into(), resource: resource.into(), verb: verb.into() }
    }
}

/// What a user asked for, allowed or not.
pub fn deeds(log: &Path, user: &str) -> Result<BTreeSet<Deed>> {
    let text = std::fs::read_to_string(log).with_context(|| format!("no audit log {}", log.display()))?;
    // The last line may be half written.
    let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mine = events.filter(|event| event["user"]["username"] == user && event["objectRef"].is_object());
    Ok(mine.map(|event| deed(&event)).collect())
}

fn deed(event: &Value) -> Deed {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let object = &event["objectRef"];
    let resource = match object["subresource"].as_str() {
        Some(part) => format!("{}/{part}", text(&object["resource"])),
        None => text(&object["resource"]),
    };
    Deed { group: text(&object["apiGroup"]), resource, verb: text(&event["verb"]) }
}
