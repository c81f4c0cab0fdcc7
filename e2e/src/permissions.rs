//! Permissions whose names are not those of the calls that they are for. See "Actions defined by Amazon S3" in the
//! Service Authorization Reference.

/// A permission, and the call that it is for.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("cloudfront:CreateDistribution", "CreateDistributionWithTags"),
    ("s3:DeleteObject", "DeleteObjects"),
    ("s3:DeleteObjectVersion", "DeleteObjects"),
    ("s3:GetBucketCORS", "GetBucketCors"),
    ("s3:GetBucketPublicAccessBlock", "GetPublicAccessBlock"),
    ("s3:GetEncryptionConfiguration", "GetBucketEncryption"),
    ("s3:GetLifecycleConfiguration", "GetBucketLifecycleConfiguration"),
    ("s3:ListAllMyBuckets", "ListBuckets"),
    ("s3:ListBucketVersions", "ListObjectVersions"),
    ("s3:PutBucketCORS", "PutBucketCors"),
    ("s3:PutBucketPublicAccessBlock", "PutPublicAccessBlock"),
    ("s3:PutEncryptionConfiguration", "PutBucketEncryption"),
    ("s3:PutLifecycleConfiguration", "PutBucketLifecycleConfiguration"),
    // The tags of a new bucket.
    ("s3:TagResource", "CreateBucket"),
];

/// The call that a permission such as `s3:ListAllMyBuckets` is for.
pub fn call_of(permission: &str) -> &str {
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == permission).map(|(_, call)| *call);
    other.unwrap_or_else(|| permission.split_once(':').map_or(permission, |(_, call)| call))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_has_the_name_of_its_call_or_is_listed() {
        assert_eq!(call_of("s3:ListAllMyBuckets"), "ListBuckets");
        assert_eq!(call_of("ec2:CreateVpc"), "CreateVpc");
    }

    #[test]
    fn every_listed_permission_is_one_of_ours() {
        let kinds = wpc_blueprint::Kinds::offline().all();
        let ours = |name: &str| kinds.iter().flat_map(|kind| kind.actions()).any(|action| action.name == name);
        assert_eq!(OTHER_NAMES.iter().filter(|(name, _)| !ours(name)).collect::<Vec<_>>(), [] as [&(&str, &str); 0]);
    }
}
