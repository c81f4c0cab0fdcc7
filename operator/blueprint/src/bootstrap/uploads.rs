//! Where uploads lie, and where they lay before.

use wpc_api::WordPressClusterSpec;
use wpc_api::v1alpha1::{ImageFamily, SharedStorageType};

/// Somewhere to keep files that all instances share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A bucket, which Mountpoint for Amazon S3 shows as files.
    Bucket,
    /// The only instance's disk.
    Disk,
    /// A file system.
    Files,
}

/// Where a site's uploads lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uploads {
    /// Where new ones go.
    pub now: Place,
    /// Where there may be others, which are copied.
    pub before: Option<Place>,
}

impl Uploads {
    /// Where a spec's uploads lie. What an instance cannot mount is nowhere to copy from.
    pub fn of(spec: &WordPressClusterSpec) -> Self {
        let shared = match spec.shared_storage.kind {
            SharedStorageType::Efs => Some(Place::Files),
            SharedStorageType::Ebs => Some(Place::Disk),
            SharedStorageType::None => None,
        };
        let mounts = |place: &Place| *place != Place::Files || spec.compute.image.family != ImageFamily::Debian13;
        match shared {
            Some(now) if !spec.media.offload => Self { now, before: spec.media.copy_back.then_some(Place::Bucket) },
            shared => Self { now: Place::Bucket, before: shared.filter(mounts) },
        }
    }

    /// Whether instances mount this place.
    pub fn uses(self, place: Place) -> bool {
        self.now == place || self.before == Some(place)
    }
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;

    #[test]
    fn the_other_place_is_where_uploads_lay_before() {
        use ImageFamily::{AmazonLinux2023, Debian13, Ubuntu2404};
        use Place::{Bucket, Disk, Files};
        use SharedStorageType::{Ebs, Efs};
        for (offload, copy_back, kind, family, now, before) in [
            (false, false, Efs, AmazonLinux2023, Files, None),
            (false, false, Ebs, Debian13, Disk, None),
            (true, false, Efs, AmazonLinux2023, Bucket, Some(Files)),
            (true, false, Efs, Debian13, Bucket, None),
            (true, false, Ebs, Debian13, Bucket, Some(Disk)),
            (true, false, SharedStorageType::None, Ubuntu2404, Bucket, None),
            (false, true, Efs, Ubuntu2404, Files, Some(Bucket)),
            (false, true, Ebs, AmazonLinux2023, Disk, Some(Bucket)),
        ] {
            let mut spec = WordPressCluster::fixture().spec;
            (spec.media.offload, spec.media.copy_back) = (offload, copy_back);
            (spec.shared_storage.kind, spec.compute.image.family) = (kind, family);
            assert_eq!(Uploads::of(&spec), Uploads { now, before }, "{offload} {copy_back} {kind:?} {family:?}");
        }
    }
}
