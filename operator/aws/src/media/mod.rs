//! Buckets, all of Amazon S3.

mod bucket;
mod bucket_policy;
mod settings;

/// What S3 says of a bucket that is not there.
const NO_BUCKET: &[&str] = &["NoSuchBucket"];
