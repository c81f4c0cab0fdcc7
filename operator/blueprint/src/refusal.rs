//! Why a change is refused, and what to do instead.

use wpc_engine::Change;

use crate::compute::{code, instance_refresh};

/// What is said of changes that are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// For conditions and events: static, CamelCase.
    pub reason: &'static str,
    /// For people.
    pub message: String,
}

/// What to say of the changes that one component refuses.
pub fn refusal(changes: &[Change]) -> Refusal {
    let of = |path: &str| changes.iter().find(|change| change.path == path);
    if let Some(Change { to, .. }) = of(instance_refresh::LAUNCH) {
        return Refusal { reason: "RolloutFailed", message: to.clone() };
    }
    if let Some(Change { from, to, .. }) = of(code::VERSION) {
        let message = format!(
            "WordPress {to} is older than {from}, which instances have: that upgraded the database, and an older WordPress \
             does not know it. Write wordpress.version {from} or a later one, or make a new site with \
             database.restoreFrom.snapshotId a snapshot from before (status.recovery) and WordPress {to}"
        );
        return Refusal { reason: "DowngradeRefused", message };
    }
    let each = changes.iter().map(|change| format!("{}: {} -> {}", change.path, change.from, change.to));
    let message = format!(
        "{} cannot be changed while its data lives. Write the old value back, or move the data to a new WordPressCluster",
        each.collect::<Vec<_>>().join("; ")
    );
    Refusal { reason: "ChangeRefused", message }
}

#[cfg(test)]
mod tests {
    use wpc_engine::Disruption;

    use super::*;

    #[test]
    fn each_says_what_to_do() {
        let told = |path: &str, from: &str, to: &str| {
            let change = Change { path: path.into(), from: from.into(), to: to.into(), disruption: Disruption::None };
            let Refusal { reason, message } = refusal(&[change]);
            assert!(message.len() < 480, "{message}");
            (reason, message)
        };
        let (reason, message) = told(code::VERSION, "6.9.9", "6.8.8");
        assert_eq!(reason, "DowngradeRefused");
        assert!(message.starts_with("WordPress 6.8.8 is older than 6.9.9,"), "{message}");
        assert!(message.contains("database.restoreFrom.snapshotId"), "{message}");
        let (reason, message) = told(instance_refresh::LAUNCH, "version 1", "refresh r-1 failed");
        assert_eq!((reason, message.as_str()), ("RolloutFailed", "refresh r-1 failed"));
        let (reason, message) = told("database.engine", "mysql", "mariadb");
        assert_eq!(reason, "ChangeRefused");
        assert!(message.starts_with("database.engine: mysql -> mariadb cannot be changed"), "{message}");
    }
}
