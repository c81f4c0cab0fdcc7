//! The content delivery network before the load balancer.
//!
//! CloudFront's lists show no tags and its policies take none, so what belongs to a stack says so in its comment too.
//!
//! # Caveats
//! An account may have 20 cache policies of its own unless AWS raises the quota, and a stack needs up to two: AWS's
//! managed policies serve everything else. Policies are not shared between stacks, though they often say the same:
//! nothing in AWS counts who uses one, so the last stack to go could not know that it is.

pub mod cache_policy;
pub mod distribution;
pub mod log_delivery;
pub mod log_destination;
pub mod log_source;
pub mod media_origin;
pub mod origin_access_control;
pub mod settings;

use wpc_engine::hex_digest;

use crate::Stack;

/// AWS's managed cache policy that caches nothing. See "Use managed cache policies" in the CloudFront Developer Guide.
pub const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

/// AWS's managed origin request policy that forwards all that the viewer sent, `Host` among it, and CloudFront's own
/// headers. The load balancer overwrites `X-Forwarded-Proto`, so only `CloudFront-Forwarded-Proto` tells WordPress that
/// the viewer speaks HTTPS. See "Use managed origin request policies" in the CloudFront Developer Guide.
pub const ALL_VIEWER_AND_CLOUDFRONT_HEADERS: &str = "33f36d7e-f396-46d9-90e0-52428a34d9dc";

/// AWS's managed origin request policy for buckets: what S3 decides by which sites' pages may read an object, and nothing
/// else of what the viewer sent. See "Use managed origin request policies" in the CloudFront Developer Guide.
pub const CORS_S3_ORIGIN: &str = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf";

/// The header in which the distribution sends the secret that lets it in at the load balancer.
pub const ORIGIN_HEADER: &str = "X-Origin-Verify";
/// That secret's component.
pub const ORIGIN_SECRET: &str = "cdn/origin-secret";
/// How long it is: CloudFront takes more, a condition of the load balancer's 128.
pub const ORIGIN_SECRET_LENGTH: usize = 64;

/// What stands for the secret wherever it is compared or shown.
pub fn proof(secret: &str) -> String {
    hex_digest(&[secret], 32)
}

/// A comment is at most so long.
const COMMENT: usize = 128;

/// The comment that says whose a thing is: the stack's id, or a digest of it where that is too long.
pub fn mark(stack: &Stack) -> String {
    let id = stack.to_string();
    if id.len() <= COMMENT { id } else { hex_digest(&[&id], 64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_fits_a_comment_and_tells_stacks_apart() {
        assert_eq!(mark(&Stack::new("default", "sites", "blog")), "default/sites/blog");
        let long = |name: &str| mark(&Stack::new("c".repeat(63), "n".repeat(63), name));
        assert!(long("one").len() <= COMMENT && long("one") != long("two"));
    }
}
