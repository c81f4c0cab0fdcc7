//! An object for tests. Its names differ from the product's and from each other, so that a value in the
//! wrong place shows.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::api::ObjectMeta;

use crate::{
    WordPressCluster, WordPressClusterSpec, annotations,
    v1alpha1::{CacheEngine, DeletionPolicy, Site},
};

impl WordPressCluster {
    /// A site with only the required fields, as the API server would return it.
    pub fn fixture() -> Self {
        let spec = WordPressClusterSpec::new("eu-west-1", Site::new(["gazette.example.org"], "editor@example.net"));
        let metadata = ObjectMeta {
            name: Some("gazette".into()),
            namespace: Some("press".into()),
            uid: Some("5f0c8a52-0d5e-4f3a-9d6b-2f1f4a7c9e11".into()),
            resource_version: Some("707".into()),
            generation: Some(4),
            creation_timestamp: Some(Time("2026-02-03T04:05:06Z".parse().expect("a time"))),
            ..ObjectMeta::default()
        };
        Self { metadata, spec, status: None }
    }

    /// In this namespace, under this name.
    pub fn named(mut self, namespace: &str, name: &str) -> Self {
        self.metadata.namespace = Some(namespace.into());
        self.metadata.name = Some(name.into());
        self
    }

    /// With so many read replicas.
    pub fn with_replicas(mut self, count: u8) -> Self {
        self.spec.database.read_replicas = count;
        self
    }

    /// With so many instances, at least and at most.
    pub fn with_instances(mut self, min: u16, max: u16) -> Self {
        self.spec.compute.replicas.min = min;
        self.spec.compute.replicas.max = max;
        self
    }

    /// In so many zones.
    pub fn in_zones(mut self, count: u8) -> Self {
        self.spec.network.availability_zones.count = Some(count);
        self.spec.network.availability_zones.names = None;
        self
    }

    /// With this cache.
    pub fn with_cache(mut self, engine: CacheEngine) -> Self {
        self.spec.cache.engine = engine;
        self
    }

    /// With this annotation.
    pub fn annotated(mut self, key: &str, value: &str) -> Self {
        self.metadata.annotations.get_or_insert_default().insert(key.into(), value.into());
        self
    }

    /// With our finalizer.
    pub fn finalized(mut self) -> Self {
        self.metadata.finalizers.get_or_insert_default().push(annotations::FINALIZER.into());
        self
    }

    /// Paused.
    pub fn paused(mut self) -> Self {
        self.spec.paused = true;
        self
    }

    /// With this deletion policy.
    pub fn deleted_by(mut self, policy: DeletionPolicy) -> Self {
        self.spec.deletion_policy = policy;
        self
    }

    /// Being deleted, and held by our finalizer.
    pub fn deleting(mut self) -> Self {
        self.metadata.deletion_timestamp = Some(Time("2026-03-04T05:06:07Z".parse().expect("a time")));
        self.finalized()
    }
}
