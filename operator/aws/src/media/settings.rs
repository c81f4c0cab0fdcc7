//! A bucket's settings: each is a question and an answer of its own. The SDK's futures are large, so each is boxed.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketVersioningStatus, CorsConfiguration, CorsRule,
    ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, NoncurrentVersionTransition,
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Transition,
    TransitionStorageClass, VersioningConfiguration,
};
use futures::future::{BoxFuture, FutureExt};
use wpc_blueprint::media::bucket::{
    ACCESS, CORS, Desired, ENCRYPTION, GET_ACCESS, GET_CORS, GET_ENCRYPTION, GET_LIFECYCLE, GET_OWNERSHIP,
    GET_VERSIONING, LIFECYCLE, OWNERSHIP, PUT_ACCESS, PUT_CORS, PUT_ENCRYPTION, PUT_LIFECYCLE, PUT_OWNERSHIP,
    PUT_VERSIONING, Rule, Settings, VERSIONING,
};
use wpc_engine::{Fault, Id};

use crate::Cloud;
use crate::call::absent;
use crate::cdn::built;

/// Pages ask for it again after so many seconds.
const CORS_MAX_AGE: i32 = 3600;
/// What pages may do with what lies in a bucket.
const CORS_METHODS: [&str; 2] = ["GET", "HEAD"];

impl Cloud {
    /// How a bucket is set. What was never set, S3 does not find.
    pub(super) async fn bucket_settings(&self, name: &Id) -> Result<Settings, Fault> {
        let (blocked, ownership, encryption, versioning, origins, lifecycle) = futures::try_join!(
            self.is_blocked(name),
            self.owner(name),
            self.encryption(name),
            self.keeps_versions(name),
            self.origins(name),
            self.lifecycle(name),
        )?;
        Ok(Settings { blocked, ownership, encryption, versioning, origins, lifecycle })
    }

    fn is_blocked<'a>(&'a self, name: &'a Id) -> BoxFuture<'a, Result<bool, Fault>> {
        let request = self.clients.s3.get_public_access_block().bucket(&name.0);
        let ask = async move {
            let answer = self.call(GET_ACCESS, request.send()).await;
            let answer = absent(answer, &["NoSuchPublicAccessBlockConfiguration"])?;
            Ok(answer.and_then(|answer| answer.public_access_block_configuration).is_some_and(|sdk| blocked(&sdk)))
        };
        ask.boxed()
    }

    fn owner<'a>(&'a self, name: &'a Id) -> BoxFuture<'a, Result<String, Fault>> {
        let request = self.clients.s3.get_bucket_ownership_controls().bucket(&name.0);
        let ask = async move {
            let answer = self.call(GET_OWNERSHIP, request.send()).await;
            let answer = absent(answer, &["OwnershipControlsNotFoundError"])?;
            Ok(answer.and_then(|answer| answer.ownership_controls).map(|sdk| owner(&sdk)).unwrap_or_default())
        };
        ask.boxed()
    }

    fn encryption<'a>(&'a self, name: &'a Id) -> BoxFuture<'a, Result<String, Fault>> {
        let request = self.clients.s3.get_bucket_encryption().bucket(&name.0);
        let ask = async move {
            let answer = self.call(GET_ENCRYPTION, request.send()).await;
            let answer = absent(answer, &["ServerSideEncryptionConfigurationNotFoundError"])?;
            let sdk = answer.and_then(|answer| answer.server_side_encryption_configuration);
            Ok(sdk.map(|sdk| encrypted(&sdk)).unwrap_or_default())
        };
        ask.boxed()
    }

    fn keeps_versions<'a>(&'a self, name: &'a Id) -> BoxFuture<'a, Result<bool, Fault>> {
        let request = self.clients.s3.get_bucket_versioning().bucket(&name.0);
        let ask = async move {
            let answer = self.call(GET_VERSIONING, request.send()).await?;
            Ok(answer.status == Some(BucketVersioningStatus::Enabled))
        };
        ask.boxed()
    }

    fn origins<'a>(&'a self, name: &'a Id) -> BoxFuture<'a, Result<BTreeSet<String>, Fault>> {
        let request = self.clients.s3.get_bucket_cors().bucket(&name.0);
        let ask = async move {
            let answer = absent(self.call(GET_CORS, request.send()).await, &["NoSuchCORSConfiguration"])?;
            Ok(answer.iter().flat_map(|answer| answer.cors_rules()).flat_map(origins).collect())
        };
        ask.boxed()
    }

    fn lifecycle<'a>(&'a self, name: &'a Id) -> BoxFuture<'a, Result<BTreeSet<Rule>, Fault>> {
        let request = self.clients.s3.get_bucket_lifecycle_configuration().bucket(&name.0);
        let ask = async move {
            let answer = absent(self.call(GET_LIFECYCLE, request.send()).await, &["NoSuchLifecycleConfiguration"])?;
            Ok(answer.iter().flat_map(|answer| answer.rules()).flat_map(rules).collect())
        };
        ask.boxed()
    }

    /// Makes one change.
    pub(super) async fn set_bucket(&self, name: &Id, want: &Desired, path: &str) -> Result<(), Fault> {
        let s3 = &self.clients.s3;
        match path {
            ACCESS => {
                let request = s3.put_public_access_block().bucket(&name.0).public_access_block_configuration(closed());
                self.call(PUT_ACCESS, request.send().boxed()).await.map(drop)
            }
            OWNERSHIP => {
                let request = s3.put_bucket_ownership_controls().bucket(&name.0).ownership_controls(owned()?);
                self.call(PUT_OWNERSHIP, request.send().boxed()).await.map(drop)
            }
            ENCRYPTION => {
                let request = s3.put_bucket_encryption().bucket(&name.0);
                let request = request.server_side_encryption_configuration(encryption(want.key.as_ref())?);
                self.call(PUT_ENCRYPTION, request.send().boxed()).await.map(drop)
            }
            VERSIONING => {
                let status = match want.versioning {
                    true => BucketVersioningStatus::Enabled,
                    false => BucketVersioningStatus::Suspended,
                };
                let request = s3.put_bucket_versioning().bucket(&name.0);
                let request =
                    request.versioning_configuration(VersioningConfiguration::builder().status(status).build());
                self.call(PUT_VERSIONING, request.send().boxed()).await.map(drop)
            }
            CORS if want.origins.is_empty() => {
                self.call(PUT_CORS, s3.delete_bucket_cors().bucket(&name.0).send().boxed()).await.map(drop)
            }
            CORS => {
                let request = s3.put_bucket_cors().bucket(&name.0).cors_configuration(cors(&want.origins)?);
                self.call(PUT_CORS, request.send().boxed()).await.map(drop)
            }
            LIFECYCLE => {
                let rules = want.lifecycle.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
                let rules = built(BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build())?;
                let request = s3.put_bucket_lifecycle_configuration().bucket(&name.0).lifecycle_configuration(rules);
                self.call(PUT_LIFECYCLE, request.send().boxed()).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}

fn closed() -> PublicAccessBlockConfiguration {
    let closed = PublicAccessBlockConfiguration::builder().block_public_acls(true).ignore_public_acls(true);
    closed.block_public_policy(true).restrict_public_buckets(true).build()
}

fn blocked(sdk: &PublicAccessBlockConfiguration) -> bool {
    let ways =
        [sdk.block_public_acls(), sdk.ignore_public_acls(), sdk.block_public_policy(), sdk.restrict_public_buckets()];
    ways.iter().all(|way| *way == Some(true))
}

fn owned() -> Result<OwnershipControls, Fault> {
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced).build();
    built(OwnershipControls::builder().rules(built(rule)?).build())
}

fn owner(sdk: &OwnershipControls) -> String {
    sdk.rules().first().map(|rule| rule.object_ownership().as_str().to_owned()).unwrap_or_default()
}

/// With a key of ours, one data key serves a whole bucket for a while: each object's own would be a call to KMS.
fn encryption(key: Option<&Id>) -> Result<ServerSideEncryptionConfiguration, Fault> {
    let by_default = ServerSideEncryptionByDefault::builder().set_kms_master_key_id(key.map(|key| key.0.clone()));
    let by_default = by_default.sse_algorithm(match key {
        Some(_) => ServerSideEncryption::AwsKms,
        None => ServerSideEncryption::Aes256,
    });
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(built(by_default.build())?)
        .bucket_key_enabled(key.is_some());
    built(ServerSideEncryptionConfiguration::builder().rules(rule.build()).build())
}

/// The key, or the algorithm where the key is not named.
fn encrypted(sdk: &ServerSideEncryptionConfiguration) -> String {
    let by_default = sdk.rules().iter().find_map(|rule| rule.apply_server_side_encryption_by_default());
    let named = |it: &ServerSideEncryptionByDefault| it.kms_master_key_id().map(str::to_owned);
    by_default.map(|it| named(it).unwrap_or_else(|| it.sse_algorithm().as_str().to_owned())).unwrap_or_default()
}

fn cors(origins: &BTreeSet<String>) -> Result<CorsConfiguration, Fault> {
    let rule = CorsRule::builder()
        .set_allowed_origins(Some(origins.iter().cloned().collect()))
        .set_allowed_methods(Some(CORS_METHODS.map(String::from).into()))
        .allowed_headers("*")
        .max_age_seconds(CORS_MAX_AGE);
    built(CorsConfiguration::builder().cors_rules(built(rule.build())?).build())
}

/// The origins of a rule like ours; of any other what it allows beside that.
fn origins(sdk: &CorsRule) -> Vec<String> {
    let methods: BTreeSet<&str> = sdk.allowed_methods().iter().map(String::as_str).collect();
    let ours = methods == CORS_METHODS.into() && sdk.allowed_headers() == ["*"];
    let other = || format!(" ({} with {})", sdk.allowed_methods().join(" "), sdk.allowed_headers().join(" "));
    let end = if ours { String::new() } else { other() };
    sdk.allowed_origins().iter().map(|origin| format!("{origin}{end}")).collect()
}

/// A rule for all of the bucket.
fn rule(rule: &Rule) -> Result<LifecycleRule, Fault> {
    let sdk = LifecycleRule::builder()
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build());
    let sdk = match rule {
        Rule::AbortUploads(days) => {
            let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(*days).build();
            sdk.id("incomplete-uploads").abort_incomplete_multipart_upload(abort)
        }
        Rule::Archive(days) => {
            let archive = Transition::builder().days(*days).storage_class(TransitionStorageClass::Glacier);
            sdk.id("archive").transitions(archive.build())
        }
        Rule::ArchiveOldVersions(days) => {
            let archive = NoncurrentVersionTransition::builder().noncurrent_days(*days);
            let archive = archive.storage_class(TransitionStorageClass::Glacier);
            sdk.id("archive-old-versions").noncurrent_version_transitions(archive.build())
        }
        Rule::Expire(days) => sdk.id("expire").expiration(LifecycleExpiration::builder().days(*days).build()),
        Rule::Other(what) => sdk.id(what),
    };
    built(sdk.build())
}

/// What a rule does, in our words as far as we have them.
fn rules(sdk: &LifecycleRule) -> Vec<Rule> {
    let other = |what: &str| Rule::Other(format!("{} ({what})", sdk.id().unwrap_or("a rule")));
    if sdk.status() != &ExpirationStatus::Enabled {
        return vec![other("off")];
    }
    let every = LifecycleRuleFilter::builder();
    let all = [every.clone().build(), every.prefix("").build()];
    if !sdk.filter().is_some_and(|filter| all.contains(filter)) {
        return vec![other("for a part")];
    }
    let glacier = |class: Option<&TransitionStorageClass>| class == Some(&TransitionStorageClass::Glacier);
    let archived = sdk.transitions().iter().map(|it| match (it.days(), glacier(it.storage_class())) {
        (Some(days), true) => Rule::Archive(days),
        _ => other("another class"),
    });
    let old = sdk.noncurrent_version_transitions().iter().map(|it| match (it.noncurrent_days(), it.storage_class()) {
        (Some(days), class) if glacier(class) && it.newer_noncurrent_versions().is_none() => {
            Rule::ArchiveOldVersions(days)
        }
        _ => other("another class"),
    });
    let expired = sdk.expiration().map(|it| it.days().map_or_else(|| other("an end"), Rule::Expire));
    let removed = sdk.noncurrent_version_expiration().map(|_| other("removes old versions"));
    let aborted = sdk.abort_incomplete_multipart_upload().and_then(|it| it.days_after_initiation());
    let aborted = aborted.map(Rule::AbortUploads);
    archived.chain(old).chain(expired).chain(removed).chain(aborted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_were_written() {
        assert!(blocked(&closed()));
        assert!(!blocked(&PublicAccessBlockConfiguration::builder().block_public_acls(true).build()));
        assert_eq!(owner(&owned().unwrap()), "BucketOwnerEnforced");
        assert_eq!(encrypted(&encryption(None).unwrap()), "AES256");
        assert_eq!(encrypted(&encryption(Some(&"arn:key".into())).unwrap()), "arn:key");
        let sites = BTreeSet::from(["https://a.example.com".to_owned(), "https://b.example.com".to_owned()]);
        assert_eq!(cors(&sites).unwrap().cors_rules().iter().flat_map(origins).collect::<BTreeSet<_>>(), sites);
        for want in [Rule::AbortUploads(7), Rule::Archive(90), Rule::ArchiveOldVersions(30), Rule::Expire(365)] {
            assert_eq!(rules(&rule(&want).unwrap()), [want]);
        }
    }

    #[test]
    fn what_others_have_set_is_told_from_what_we_would_set() {
        let rule = CorsRule::builder().allowed_origins("*").allowed_methods("PUT").build().unwrap();
        assert_eq!(origins(&rule), ["* (PUT with )"]);

        let base = || LifecycleRule::builder().id("theirs").status(ExpirationStatus::Enabled);
        let all = || LifecycleRuleFilter::builder().build();
        let expiry = || LifecycleExpiration::builder().days(3).build();
        let part = base().filter(LifecycleRuleFilter::builder().prefix("tmp/").build()).expiration(expiry());
        let large =
            base().filter(LifecycleRuleFilter::builder().object_size_greater_than(9).build()).expiration(expiry());
        let off = base().status(ExpirationStatus::Disabled).expiration(expiry());
        let cold = Transition::builder().days(3).storage_class(TransitionStorageClass::DeepArchive).build();
        for (rule, expected) in [
            (part, "theirs (for a part)"),
            (large, "theirs (for a part)"),
            (off, "theirs (off)"),
            (base().filter(all()).transitions(cold), "theirs (another class)"),
            // By a prefix, the old way.
            (base().expiration(expiry()), "theirs (for a part)"),
        ] {
            assert_eq!(rules(&rule.build().unwrap()), [Rule::Other(expected.into())]);
        }
        assert_eq!(rules(&base().filter(all()).expiration(expiry()).build().unwrap()), [Rule::Expire(3)]);
    }
}
