use wpc_api::v1alpha1::KmsKey;
use wpc_engine::{Graph, Handle, Id};

use crate::encryption::{KEY, key};
use crate::{Blueprint, Kinds};

/// The key of the site.
#[derive(Debug, Clone, Default)]
pub struct Encryption {
    /// The one that is made for it.
    pub made: Option<Handle<Id>>,
    /// The one that it was given.
    given: Option<Id>,
}

impl Encryption {
    /// What an encrypted thing names: the key that was made, once it is known, or the one that was given; none is AWS's own.
    pub(super) fn key(&self) -> impl Fn(Option<Id>) -> Option<Id> + Clone + Send + Sync + 'static {
        let given = self.given.clone();
        move |made| made.or_else(|| given.clone())
    }
}

/// The key that everything is encrypted with at rest: one of the site's own, a given one, or each service's own.
pub(super) fn encryption(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint) -> Encryption {
    match &blueprint.spec.encryption.kms_key {
        KmsKey::AwsManaged => Encryption::default(),
        KmsKey::Arn(arn) => Encryption { made: None, given: Some(Id(arn.clone())) },
        KmsKey::Create => {
            let description = format!("Data at rest of WordPressCluster {}", blueprint.stack);
            let made = graph.add(KEY, &kinds.key, (), move |()| key::Desired { description: description.clone() });
            Encryption { made: Some(made), given: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    const GIVEN: &str = "arn:aws:kms:us-east-1:210987654321:key/0c1a5ee7";

    #[test]
    fn everything_that_holds_something_is_encrypted_with_the_key() {
        let edges = |key: KmsKey| {
            let mut spec = WordPressCluster::fixture().spec;
            spec.encryption.kms_key = key;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            let graph = assemble(&blueprint, &Kinds::offline()).graph;
            let edges = graph.edges().into_iter().filter(|edge| edge.from == KEY);
            edges.map(|edge| edge.to).collect::<Vec<_>>()
        };
        let made = edges(KmsKey::Create);
        for thing in [
            "database/credentials",
            "database/primary",
            "storage/file-system",
            "cache/auth-token",
            "cache/group",
            "compute/role",
            "compute/launch-template",
            "backup/vault",
            "monitoring/log-web",
        ] {
            assert!(made.iter().any(|to| to == thing), "{thing} is not among {made:?}");
        }
        assert!(edges(KmsKey::AwsManaged).is_empty());
        assert!(edges(KmsKey::Arn(GIVEN.into())).is_empty());
        let given = Encryption { made: None, given: Some(GIVEN.into()) };
        assert_eq!(given.key()(None), Some(GIVEN.into()));
        assert_eq!(Encryption::default().key()(None), None);
    }
}
