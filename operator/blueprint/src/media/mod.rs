//! Buckets of Amazon S3: for uploads, and what may be done with them.

pub mod bucket;
pub mod bucket_policy;

/// The component of the bucket for uploads.
pub const BUCKET: &str = "media/bucket";

/// Where uploads lie in the bucket, and under the site's address: the CDN asks for a key as the visitor asked for it.
pub const UPLOADS: &str = "wp-content/uploads/*";
