//! How an instance or a cluster ends. See "Deleting a DB instance" in the Amazon RDS User Guide, and "Deleting Aurora DB
//! clusters and DB instances" in the Amazon Aurora User Guide.

use wpc_engine::Removal;

/// What the end of an instance or a cluster depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending<'a> {
    /// Its identifier.
    pub name: &'a str,
    /// What tells it from an earlier one of its name.
    pub resource: &'a str,
    /// RDS's word for its state.
    pub status: &'a str,
    /// Whether AWS refuses to delete it.
    pub protected: bool,
    /// It will never work.
    pub lost: bool,
    /// Days of backups; none are made with 0.
    pub backup_days: u32,
}

/// How a delete of an instance or a cluster goes on.
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

/// The next step towards the end of an instance or a cluster that holds data.
///
/// The snapshot's name ends in what tells this one from an earlier one of its name, so each leaves its own.
pub fn end(have: Ending<'_>, removal: Removal) -> End {
    let Ending { name, resource, status, protected, lost, backup_days } = have;
    // RDS takes no snapshot in these states.
    let dumb = lost || status.starts_with("incompatible-") || status.starts_with("inaccessible-encryption-");
    match removal {
        _ if protected => End::Unprotect,
        Removal::Delete => End::Delete { snapshot: None, backups: true },
        _ if !dumb => {
            let snapshot = format!("{name}-{}", resource.to_ascii_lowercase());
            End::Delete { snapshot: Some(snapshot), backups: false }
        }
        _ if backup_days > 0 || lost => End::Delete { snapshot: None, backups: false },
        _ => End::Refused(format!(
            "RDS takes no last snapshot of what is {status}, and there are no backups; repair it, or confirm that its \
             data may go",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::instance::Instance;
    use super::super::instance::tests::instance;
    use super::*;

    #[test]
    fn the_end_leaves_a_copy_unless_told_otherwise() {
        let of = |removal, change: fn(&mut Instance)| {
            let mut have = instance();
            change(&mut have);
            end(have.ending(), removal)
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
