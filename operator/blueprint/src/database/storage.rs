//! How large an instance's disk is. See "Working with storage for Amazon RDS DB instances" in the Amazon RDS User Guide.

use wpc_engine::{Changes, Disruption};

use super::instance::Running;

/// How large its disk is, and may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// GiB, at least.
    pub size: u32,
    /// GiB up to which it grows by itself; `size`: it does not.
    pub max: u32,
    /// Its kind of volume: `gp3`.
    pub kind: &'static str,
}

/// Path of a change: the disk's size.
pub const SIZE: &str = "database.storage.size";
/// Path of a change: up to which size the disk grows by itself.
pub const MAX: &str = "database.storage.max";
/// Path of a change: the kind of volume.
pub const KIND: &str = "database.storage.type";
/// From this size on (GiB) a gp3 volume has [`STRIPED_IOPS`], and growth must name its IOPS.
pub const STRIPED: u32 = 400;
/// The baseline of a large gp3 volume.
pub const STRIPED_IOPS: u32 = 12_000;

impl Storage {
    /// Storage only grows, by hand or by itself: more than wanted is no difference.
    pub(super) fn compare(&self, have: &Running, changes: &mut Changes) {
        if self.size > have.size {
            changes.push(SIZE, format!("{}Gi", have.size), format!("{}Gi", self.size), Disruption::None);
        }
        let limit = have.max.unwrap_or(have.size).max(self.floor(have));
        if limit != self.limit(have) {
            changes.push(MAX, format!("{limit}Gi"), format!("{}Gi", self.limit(have)), Disruption::None);
        }
        changes.compare(KIND, &have.kind, &self.kind.to_owned(), Disruption::None);
    }

    /// The size it has after a change.
    pub fn floor(&self, have: &Running) -> u32 {
        self.size.max(have.size)
    }

    /// The size up to which it grows by itself after a change; the size itself switches that off.
    pub fn limit(&self, have: &Running) -> u32 {
        self.max.max(self.floor(have))
    }

    /// Operations a second that growth must name: a large gp3 volume has a baseline of its own.
    pub fn iops(&self, have: &Running) -> Option<u32> {
        let striped = self.kind == "gp3" && self.floor(have) >= STRIPED;
        striped.then(|| have.iops.unwrap_or_default().max(STRIPED_IOPS))
    }
}

#[cfg(test)]
mod tests {
    use super::super::instance::tests::{instance, paths};
    use super::*;

    #[test]
    fn storage_only_grows() {
        let none: [&str; 0] = [];
        let differs = |want: Storage, size, max| {
            let mut changes = Changes::new();
            want.compare(&Running { size, max, ..instance().running }, &mut changes);
            paths(changes.delta())
        };
        let sized =
            |size, max, found_size, found_max| differs(Storage { size, max, kind: "gp3" }, found_size, found_max);
        assert_eq!(sized(50, 200, 120, Some(200)), none, "it has grown by itself");
        assert_eq!(sized(50, 200, 200, Some(200)), none, "as far as it may");
        assert_eq!(sized(50, 50, 50, None), none);
        assert_eq!(sized(50, 200, 300, None), none, "by hand, beyond");
        assert_eq!(sized(100, 200, 50, Some(200)), [SIZE]);
        assert_eq!(sized(300, 400, 50, Some(200)), [SIZE, MAX]);
        assert_eq!(sized(50, 50, 50, Some(200)), [MAX]);
        assert_eq!(differs(Storage { size: 50, max: 200, kind: "gp2" }, 50, Some(200)), [KIND]);
    }

    #[test]
    fn growth_of_a_large_volume_names_its_iops() {
        let have = instance().running;
        let storage = |size, max, kind| Storage { size, max, kind };
        assert_eq!(storage(399, 500, "gp3").iops(&have), None);
        assert_eq!(storage(400, 500, "gp3").iops(&have), Some(12_000));
        assert_eq!(storage(400, 500, "gp3").iops(&Running { iops: Some(14_000), ..have.clone() }), Some(14_000));
        assert_eq!(storage(400, 500, "gp2").iops(&have), None);
        assert_eq!(storage(100, 50, "gp3").limit(&have), 100);
    }
}
