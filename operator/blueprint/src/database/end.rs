//! How an instance ends. See "Deleting a DB instance" in the Amazon RDS User Guide.

use wpc_engine::Removal;

use super::instance::Instance;

/// How a delete of an instance goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its protection is lifted first, a step of its own.
    Unprotect,
    /// It is deleted.
    Delete {
        /// The name of the snapshot that is made first.
        snapshot: Option<String>,
        /// Whether its automated backups go too.
        backups: bool,
    },
    /// It cannot be deleted without losing what must not be lost; why.
    Refused(String),
}

/// The next step towards the end of an instance that holds data.
///
/// The snapshot's name ends in what tells this instance from an earlier one of its name, so each leaves its own.
pub fn end(have: &Instance, removal: Removal) -> End {
    // RDS takes no snapshot in these states.
    let dumb = have.lost() || have.status.starts_with("incompatible-");
    match removal {
        _ if have.protected => End::Unprotect,
        Removal::Delete => End::Delete { snapshot: None, backups: true },
        _ if !dumb => {
            let snapshot = format!("{}-{}", have.name, have.resource.to_ascii_lowercase());
            End::Delete { snapshot: Some(snapshot), backups: false }
        }
        _ if have.backup_days > 0 || have.lost() => End::Delete { snapshot: None, backups: false },
        _ => End::Refused(format!(
            "RDS takes no last snapshot of an instance that is {}, and there are no backups; repair it, or confirm that its data may go",
            have.status
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::instance::tests::instance;
    use super::*;

    #[test]
    fn the_end_leaves_a_copy_unless_told_otherwise() {
        let of = |removal, change: fn(&mut Instance)| {
            let mut have = instance();
            change(&mut have);
            end(&have, removal)
        };
        let snapshot = Some("blog-primary-db-abc123".to_owned());
        assert_eq!(of(Removal::Delete, |have| have.protected = true), End::Unprotect);
        assert_eq!(of(Removal::Snapshot, |_| {}), End::Delete { snapshot, backups: false });
        assert_eq!(of(Removal::Delete, |_| {}), End::Delete { snapshot: None, backups: true });
        let backups = End::Delete { snapshot: None, backups: false };
        assert_eq!(of(Removal::Snapshot, |have| have.status = "incompatible-network".into()), backups);
        let without = of(Removal::Snapshot, |have| {
            have.status = "incompatible-network".into();
            have.backup_days = 0;
        });
        assert!(matches!(without, End::Refused(_)));
    }
}
