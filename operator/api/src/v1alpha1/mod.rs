//! `wordpresscluster.dev/v1alpha1`: the resource itself. One file per block of the spec.

mod backup;
mod cache;
mod cdn;
mod compute;
mod database;
mod dns;
mod encryption;
mod firewall;
mod load_balancer;
mod media;
mod monitoring;
mod network;
mod operations;
mod shared_storage;
mod site;
mod status;
mod wordpress;

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Area,
    schema::{rule, text_map, tidy},
};

pub use backup::*;
pub use cache::*;
pub use cdn::*;
pub use compute::*;
pub use database::*;
pub use dns::*;
pub use encryption::*;
pub use firewall::*;
pub use load_balancer::*;
pub use media::*;
pub use monitoring::*;
pub use network::*;
pub use operations::*;
pub use shared_storage::*;
pub use site::*;
pub use status::*;
pub use wordpress::*;

/// What a site should be. Every field but `region`, `site.domains` and `site.adminEmail` has a default
/// that is sound in production. A field that is left out and shows no default is resolved by the
/// operator and shown in status, never written here.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "wordpresscluster.dev",
    version = "v1alpha1",
    kind = "WordPressCluster",
    plural = "wordpressclusters",
    shortname = "wpc",
    category = "wordpress",
    namespaced,
    status = "WordPressClusterStatus",
    derive = "PartialEq",
    cel,
    doc = "A WordPress site on AWS: network, instances, database, shared files, cache and CDN.",
    validation = Rule::new("size(self.metadata.name) <= 50")
        .message("metadata.name is longer than 50 characters: AWS resources are named after it; choose a shorter name"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Reason", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].reason"#),
    printcolumn(
        name = "Progress",
        type_ = "string",
        description = "Components ready, of all",
        json_path = ".status.progress.summary"
    ),
    printcolumn(name = "Site", type_ = "string", json_path = ".status.endpoints.site"),
    printcolumn(
        name = "Web",
        type_ = "string",
        description = "Instances healthy, of those desired",
        json_path = ".status.compute.summary"
    ),
    printcolumn(
        name = "$/Month",
        type_ = "string",
        description = "Estimated price in US dollars a month",
        json_path = ".status.estimate.monthlyUSD"
    ),
    printcolumn(
        name = "Message",
        type_ = "string",
        priority = 1,
        json_path = r#".status.conditions[?(@.type=="Ready")].message"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = tidy, extend("x-kubernetes-validations" = [
    rule(
        "self.sharedStorage.type != 'EBS' || self.compute.replicas.max == 1",
        "sharedStorage.type EBS is one disk for one instance: set compute.replicas.max to 1, or use EFS",
    ),
    rule(
        "self.sharedStorage.type != 'EBS' || self.compute.scaling.schedules.all(schedule, schedule.max == 1)",
        "sharedStorage.type EBS is one disk for one instance: set max of each of compute.scaling.schedules to 1, or use EFS",
    ),
    rule(
        "self.sharedStorage.type != 'None' || self.media.offload",
        "sharedStorage.type None leaves uploads nowhere to go: set media.offload to true, or use EFS",
    ),
    rule(
        "self.compute.image.family != 'Debian13' || self.sharedStorage.type != 'EFS' || self.media.offload",
        "compute.image.family Debian13 has no package to mount EFS: set media.offload to true, or use another family",
    ),
    rule(
        "!self.media.copyBack || !self.media.offload",
        "media.copyBack brings uploads out of the bucket, and media.offload puts them into it: set one of them to false",
    ),
    rule(
        "self.network.natGateways != 'None' || has(self.network.existing) || self.compute.image.family == 'AmazonLinux2023'",
        "network.natGateways None leaves no way to the packages of Ubuntu and Debian: set compute.image.family to AmazonLinux2023, whose packages lie in S3, or natGateways to Single",
    ),
    rule(
        "!self.loadBalancer.internal || !self.cdn.enabled",
        "loadBalancer.internal is true and cdn.enabled too: CloudFront cannot reach a load balancer inside the VPC; set one of them to false",
    ),
    rule(
        "!self.cdn.enabled || !has(self.dns) || self.dns.routing.policy == 'Simple'",
        "one distribution serves a name in the whole world: with dns.routing.policy Latency or Geolocation set cdn.enabled to false",
    ),
    rule(
        "!self.cdn.enabled || !has(self.dns) || self.tls == 'Managed'",
        "a distribution serves a name only with a certificate: with dns and tls Disabled set cdn.enabled to false",
    ),
    rule(
        "!has(self.network.availabilityZones.names) || self.network.availabilityZones.names.all(zone, zone.startsWith(self.region))",
        "network.availabilityZones.names holds a zone of another region: name zones of spec.region, such as us-east-1a in us-east-1",
    ),
    rule(
        "!has(self.backup.copyToRegion) || self.backup.copyToRegion != self.region",
        "backup.copyToRegion is the region of the site: name another region, or leave it out",
    ),
]))]
pub struct WordPressClusterSpec {
    /// The AWS region of the site, such as `us-east-1`. Immutable.
    #[schemars(length(max = 25), extend("x-kubernetes-validations" = [
        rule("self.matches('^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$')", "region is no AWS region: write one such as us-east-1"),
        rule("self == oldSelf", "region is immutable: create another WordPressCluster in the new region and move the data"),
    ]))]
    pub region: String,

    /// A role to assume for every AWS call, for a site in another account. The operator's configuration must allow it
    /// to the namespace. It may change while it leads to the same account. Left out: the operator's own identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 640), extend("x-kubernetes-validations" = [rule(
        "self.matches('^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$')",
        "roleArn is no role's ARN: write arn:aws:iam::<account>:role/<name>",
    )]))]
    pub role_arn: Option<String>,

    /// Tags for every AWS resource of this site, beside the operator's own.
    #[serde(default)]
    #[schemars(schema_with = "text_map", extend("x-kubernetes-validations" = [
        rule(
            r"self.all(key, key.matches('^[\\p{L}\\p{N} _.:/=+@-]{1,128}$') && self[key].matches('^[\\p{L}\\p{N} _.:/=+@-]*$'))",
            "tags hold a character that AWS refuses: use letters, digits, spaces and _ . : / = + @ - in keys (1 to 128) and values",
        ),
        rule(
            "self.all(key, !key.lowerAscii().startsWith('aws:') && !key.startsWith('wordpresscluster.dev/'))",
            "tags hold a reserved key: aws:* belongs to AWS and wordpresscluster.dev/* to the operator; choose another prefix",
        ),
    ]))]
    pub tags: BTreeMap<String, String>,

    /// What becomes of data when the object is deleted. `Snapshot`: a final snapshot of the database, and the
    /// file system is kept until it has a recovery point. `Retain`: everything that holds data is kept.
    /// `Delete`: data is removed, if the annotation `wordpresscluster.dev/confirm-delete` holds the object's name.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,

    /// What to do about a resource that somebody changed in AWS: correct it, or only report it.
    #[serde(default)]
    pub drift_policy: DriftPolicy,

    /// Paths that somebody else owns: neither compared nor written, such as `compute/group.desiredCapacity`.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(max = 128)), extend("x-kubernetes-validations" = [rule(
        "self.all(path, path.matches('^[A-Za-z0-9_./*-]+$'))",
        "ignoreDrift holds what is no path: write <component>.<field>, such as compute/group.desiredCapacity",
    )]))]
    pub ignore_drift: Vec<String>,

    /// `Automatic` applies changes as they come; `Approve` shows a plan in status and waits until the
    /// annotation `wordpresscluster.dev/approve` holds its hash.
    #[serde(default)]
    pub change_policy: ChangePolicy,

    /// Stops every write to AWS: corrections, changes, and deletion too.
    #[serde(default)]
    pub paused: bool,

    /// When disruptive changes may happen. Left out: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_window: Option<MaintenanceWindow>,

    /// Takes the site down to save money: no web instances, database stopped, no NAT gateways. Data is kept.
    #[serde(default)]
    pub hibernate: bool,

    /// The site that visitors see.
    pub site: Site,

    /// The WordPress release and its PHP.
    #[serde(default)]
    pub wordpress: WordPress,

    /// The VPC.
    #[serde(default)]
    pub network: Network,

    /// The web instances.
    #[serde(default)]
    pub compute: Compute,

    /// The application load balancer.
    #[serde(default)]
    pub load_balancer: LoadBalancer,

    /// The database and its replicas.
    #[serde(default)]
    pub database: Database,

    /// The file system that all instances share for uploads.
    #[serde(default)]
    pub shared_storage: SharedStorage,

    /// The cache for objects and sessions.
    #[serde(default)]
    pub cache: Cache,

    /// Where uploads go.
    #[serde(default)]
    pub media: Media,

    /// The content delivery network.
    #[serde(default)]
    pub cdn: Cdn,

    /// `Managed`: certificates are requested and renewed. `Disabled`: plain HTTP, said in a condition.
    #[serde(default)]
    pub tls: Tls,

    /// The hosted zone to publish the site's names in. Left out: a person publishes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,

    /// The web application firewall.
    #[serde(default)]
    pub firewall: Firewall,

    /// Encryption at rest, which is always on.
    #[serde(default)]
    pub encryption: Encryption,

    /// Backups of database and files, beside the database's own.
    #[serde(default)]
    pub backup: Backup,

    /// Alarms and a dashboard.
    #[serde(default)]
    pub monitoring: Monitoring,

    /// A trail of calls made to AWS.
    #[serde(default)]
    pub audit: Audit,

    /// A limit on the price.
    #[serde(default)]
    pub budget: Budget,
}

impl WordPressClusterSpec {
    /// A spec with the required fields, and defaults for the rest.
    pub fn new(region: impl Into<String>, site: Site) -> Self {
        Self {
            region: region.into(),
            role_arn: None,
            tags: BTreeMap::new(),
            deletion_policy: DeletionPolicy::default(),
            drift_policy: DriftPolicy::default(),
            ignore_drift: Vec::new(),
            change_policy: ChangePolicy::default(),
            paused: false,
            maintenance_window: None,
            hibernate: false,
            site,
            wordpress: WordPress::default(),
            network: Network::default(),
            compute: Compute::default(),
            load_balancer: LoadBalancer::default(),
            database: Database::default(),
            shared_storage: SharedStorage::default(),
            cache: Cache::default(),
            media: Media::default(),
            cdn: Cdn::default(),
            tls: Tls::default(),
            dns: None,
            firewall: Firewall::default(),
            encryption: Encryption::default(),
            backup: Backup::default(),
            monitoring: Monitoring::default(),
            audit: Audit::default(),
            budget: Budget::default(),
        }
    }

    /// Whether the site has anything of this area.
    pub fn uses(&self, area: Area) -> bool {
        match area {
            Area::Network | Area::Compute | Area::Traffic | Area::Database => true,
            Area::Storage => self.shared_storage.kind != SharedStorageType::None,
            Area::Cache => self.cache.engine != CacheEngine::None,
            Area::Media => self.media.has_bucket(),
            Area::Cdn => self.cdn.enabled,
            Area::Certificate => self.tls == Tls::Managed,
            Area::Dns => self.dns.is_some(),
            Area::Firewall => self.firewall.enabled,
            // Every service's own key needs nothing of ours.
            Area::Encryption => self.encryption.kms_key == KmsKey::Create,
            Area::Backup => self.backup.enabled,
            Area::Monitoring => self.monitoring.alarms || self.monitoring.dashboard,
            Area::Audit => self.audit.cloud_trail,
        }
    }
}
