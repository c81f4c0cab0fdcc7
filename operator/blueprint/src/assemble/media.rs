use std::collections::BTreeSet;

use wpc_api::v1alpha1::Tls;
use wpc_engine::{Graph, Handle, Id, Key};

use super::{Cdn, Encryption};
use crate::media::bucket::{ABORT_AFTER_DAYS, BucketOutput, Desired, Rule};
use crate::media::{BUCKET, bucket_policy};
use crate::{Blueprint, Kinds};

/// Where uploads go.
#[derive(Debug, Clone, Copy)]
pub struct Media {
    /// The bucket.
    pub bucket: Handle<BucketOutput>,
    /// The bucket, once it may be used.
    pub policy: Handle<Id>,
}

/// The bucket for uploads; nothing where they lie in shared storage, and need not be brought back to it.
pub(super) fn bucket(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    encryption: &Encryption,
) -> Option<Handle<BucketOutput>> {
    let spec = &blueprint.spec.media;
    if !spec.has_bucket() {
        return None;
    }
    let want = Desired {
        versioning: spec.versioning,
        origins: origins(blueprint),
        lifecycle: [Rule::AbortUploads(ABORT_AFTER_DAYS), Rule::ArchiveOldVersions(spec.archive_after_days.into())]
            .into(),
        key: None,
    };
    let key = encryption.key();
    Some(graph.add(BUCKET, &kinds.bucket, encryption.made, move |made| Desired { key: key(made), ..want.clone() }))
}

/// Who may use it: nobody without TLS, and the CDN's distribution, where there is one, to read.
pub(super) fn policy(graph: &mut Graph, kinds: &Kinds, bucket: Handle<BucketOutput>, cdn: Option<&Cdn>) -> Media {
    let name = bucket_policy::key_of(&Key::of(BUCKET)).name;
    let inputs = (bucket, cdn.map(|cdn| cdn.distribution));
    let policy = graph.add(name, &kinds.bucket_policy, inputs, |(bucket, distribution)| {
        let reads = distribution.map(|distribution| bucket_policy::distribution(&bucket, &distribution.arn));
        bucket_policy::Desired { allowed: reads.into_iter().flatten().collect(), bucket }
    });
    Media { bucket, policy }
}

/// The site's addresses, whose pages may read fonts and scripts from the bucket.
fn origins(blueprint: &Blueprint) -> BTreeSet<String> {
    let schemes: &[&str] = if blueprint.spec.tls == Tls::Disabled { &["http", "https"] } else { &["https"] };
    let domains = &blueprint.spec.site.domains;
    domains.iter().flat_map(|domain| schemes.iter().map(move |scheme| format!("{scheme}://{domain}"))).collect()
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    fn assembled(offload: bool, cdn: bool) -> Graph {
        with(offload, false, cdn)
    }

    fn with(offload: bool, copy_back: bool, cdn: bool) -> Graph {
        let mut spec = WordPressCluster::fixture().spec;
        (spec.media.offload, spec.media.copy_back) = (offload, copy_back);
        spec.cdn.enabled = cdn;
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        assemble(&blueprint, &Kinds::offline()).graph
    }

    #[test]
    fn uploads_have_a_bucket_only_where_they_are_offloaded() {
        let of = |offload, cdn| {
            let graph = assembled(offload, cdn);
            let ours = |name: &str| name.starts_with("media/") || name == "cdn/origin-access-control";
            graph.nodes().map(|(name, _)| name.to_owned()).filter(|name| ours(name)).collect::<Vec<_>>()
        };
        assert_eq!(of(true, true), ["media/bucket", "cdn/origin-access-control", "media/bucket-policy"]);
        assert_eq!(of(true, false), ["media/bucket", "media/bucket-policy"]);
        assert!(of(false, true).is_empty());
    }

    #[test]
    fn who_brings_uploads_back_keeps_the_bucket_and_the_right_to_it() {
        let graph = with(false, true, true);
        let edges = graph.edges();
        let needs = |to: &str, from: &str| edges.iter().any(|edge| edge.to == to && edge.from == from);
        assert!(needs("compute/role", "media/bucket") && needs("compute/launch-template", "media/bucket"));
        assert!(needs("media/bucket-policy", "cdn/distribution"), "who is still asked answers");
        assert!(!needs("cdn/distribution", "media/bucket"));
        assert!(graph.nodes().all(|(name, _)| name != "cdn/origin-access-control"));
    }

    #[test]
    fn the_policy_names_the_distribution_and_the_instances_may_use_the_bucket() {
        let edges = assembled(true, true).edges();
        let needs = |to: &str, from: &str| edges.iter().any(|edge| edge.to == to && edge.from == from);
        assert!(needs("media/bucket-policy", "cdn/distribution") && needs("cdn/distribution", "media/bucket"));
        assert!(needs("cdn/distribution", "cdn/origin-access-control") && needs("compute/role", "media/bucket"));
    }

    #[test]
    fn pages_of_every_domain_may_read_by_the_schemes_of_the_site() {
        let origins = |tls| {
            let mut spec = WordPressCluster::fixture().spec;
            spec.site.domains = vec!["a.example.com".into(), "b.example.com".into()];
            spec.tls = tls;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            super::origins(&blueprint).into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(origins(Tls::Managed), "https://a.example.com https://b.example.com");
        let both = "http://a.example.com http://b.example.com https://a.example.com https://b.example.com";
        assert_eq!(origins(Tls::Disabled), both);
    }
}
