//! Which changes of an object mean work.

use std::collections::BTreeMap;

use kube::core::DeserializeGuard;
use kube::{Resource, ResourceExt};
use wpc_api::{WordPressCluster, annotations};

/// What a pass depends on. A write of the status changes none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trigger {
    generation: Option<i64>,
    deleting: bool,
    finalizers: Vec<String>,
    annotations: BTreeMap<String, String>,
}

impl Trigger {
    pub(crate) fn of(object: &DeserializeGuard<WordPressCluster>) -> Self {
        let ours = |name: &str| name.starts_with(annotations::GROUP) && name != annotations::SCOPE;
        let annotations = object.annotations().iter().filter(|(name, _)| ours(name));
        Self {
            generation: object.meta().generation,
            deleting: object.meta().deletion_timestamp.is_some(),
            finalizers: object.finalizers().to_vec(),
            annotations: annotations.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(object: WordPressCluster) -> Trigger {
        Trigger::of(&DeserializeGuard(Ok(object)))
    }

    #[test]
    fn a_status_write_is_no_work_and_a_request_is() {
        let object = WordPressCluster::fixture;
        let mut written = object();
        written.status = Some(Default::default());
        written.metadata.resource_version = Some("708".into());
        assert_eq!(trigger(object()), trigger(written));
        assert_eq!(trigger(object()), trigger(object().annotated(annotations::SCOPE, "{}")));
        assert_ne!(trigger(object()), trigger(object().annotated(annotations::RECONCILE_AT, "now")));
        assert_ne!(trigger(object()), trigger(object().deleting()));
        let mut edited = object();
        edited.metadata.generation = Some(5);
        assert_ne!(trigger(object()), trigger(edited));
    }
}
