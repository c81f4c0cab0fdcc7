use wpc_engine::Graph;

use super::{Encryption, logs};
use crate::audit::trail::{self, TRAIL};
use crate::media::{AUDIT, bucket_policy};
use crate::{Blueprint, Kinds};

/// A trail of the calls to AWS, with a bucket of its own.
pub(super) fn audit(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, encryption: &Encryption) {
    if !blueprint.spec.audit.cloud_trail {
        return;
    }
    let (stack, region) = (blueprint.stack.clone(), blueprint.spec.region.clone());
    let bucket = logs::bucket(graph, kinds, blueprint, AUDIT, move |bucket| {
        bucket_policy::trail(bucket, &trail::arn(&stack, &region, bucket)).into()
    });
    let key = encryption.key();
    graph.add(TRAIL, &kinds.trail, (bucket, encryption.made), move |(bucket, made)| trail::Desired {
        bucket,
        key: key(made),
    });
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::KmsKey;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn a_trail_has_a_bucket_that_it_may_write_to_first() {
        let assembled = |on| {
            let mut spec = WordPressCluster::fixture().spec;
            spec.audit.cloud_trail = on;
            spec.encryption.kms_key = KmsKey::Create;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            assemble(&blueprint, &Kinds::offline()).graph
        };
        let edges = assembled(true).edges();
        let needs = |to: &str, from: &str| edges.iter().any(|edge| edge.to == to && edge.from == from);
        assert!(needs(TRAIL, "audit/bucket-policy") && needs("audit/bucket-policy", AUDIT));
        assert!(needs(TRAIL, "encryption/key"));
        assert!(!assembled(false).nodes().any(|(name, _)| name.starts_with("audit/")));
    }
}
