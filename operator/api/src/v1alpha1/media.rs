//! `spec.media`: where uploads go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where uploads go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Media {
    /// Uploads go to S3 instead of shared storage.
    pub offload: bool,

    /// Brings uploads back: after `offload` the bucket stays a part of the site, and what lies in it alone is copied into
    /// shared storage.
    pub copy_back: bool,

    /// Keeps what was overwritten or deleted in the bucket.
    pub versioning: bool,

    /// Old versions and logs move to Glacier after so many days.
    #[schemars(range(min = 1, max = 3650))]
    pub archive_after_days: u16,
}

impl Media {
    /// Whether a bucket is a part of the site: uploads go to it, or come back from it.
    pub fn has_bucket(&self) -> bool {
        self.offload || self.copy_back
    }
}

impl Default for Media {
    fn default() -> Self {
        Self { offload: false, copy_back: false, versioning: true, archive_after_days: 90 }
    }
}
