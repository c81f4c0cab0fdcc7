//! Buckets of Amazon S3, for uploads and for logs, and who may use them.

pub mod bucket;
pub mod bucket_policy;

/// The component of the bucket for uploads.
pub const BUCKET: &str = "media/bucket";

/// The component of the bucket for the load balancer's logs.
pub const LOAD_BALANCER_LOGS: &str = "traffic/logs-bucket";

/// The component of the bucket for the content delivery network's logs.
pub const CDN_LOGS: &str = "cdn/logs-bucket";

/// The component of the bucket for the trail's files.
pub const AUDIT: &str = "audit/bucket";

/// Where uploads lie in the bucket, and under the site's address: the CDN asks for a key as the visitor asked for it.
pub const UPLOADS: &str = "wp-content/uploads/*";

/// The object that the instances write once all uploads from elsewhere are in the bucket.
pub const MOVED: &str = "wp-content/uploads/.moved";
