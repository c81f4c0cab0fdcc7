//! The site that the fleet serves, and its user data: the very script that the blueprint renders.

use std::collections::BTreeMap;

use anyhow::Result;
use wpc_api::WordPressClusterSpec;
use wpc_api::v1alpha1::{ArchiveSource, CacheEngine, ImageFamily, Plugin, SharedStorageType, Source, Tls};
use wpc_blueprint::bootstrap::{self, Bound, Cache, Hook};
use wpc_blueprint::database::output::Endpoint;
use wpc_blueprint::{Blueprint, Facts, Stack};
use wpc_e2e::stage::sample;

use super::aws::Secrets;

/// Where nginx listens on an instance: 80 is the metadata service's there.
pub const PORT: u16 = 8080;
/// The site's first name.
pub const DOMAIN: &str = "www.fleet.test";
/// Where WordPress comes from.
pub const ARCHIVE: &str = "https://artifacts.fleet.test/wordpress.tar.gz";

/// The sample's spec for this machine: Debian, which offloads media, and an archive of our own. TLS ends before us.
pub fn spec(archive_sha256: &str) -> Result<WordPressClusterSpec> {
    let mut spec: WordPressClusterSpec = serde_json::from_value(sample("minimal.yaml")?["spec"].clone())?;
    spec.site.domains = vec![DOMAIN.into(), "fleet.test".into()];
    spec.site.title = "It's a \"fleet\" & more".into();
    spec.compute.image.family = ImageFamily::Debian13;
    spec.compute.port = PORT;
    spec.shared_storage.kind = SharedStorageType::None;
    spec.media.offload = true;
    spec.cdn.enabled = false;
    spec.tls = Tls::Managed;
    spec.load_balancer.health_check.interval_seconds = 5;
    spec.wordpress.source = Some(Source {
        archive: Some(ArchiveSource { url: ARCHIVE.into(), sha256: archive_sha256.into() }),
        ..Source::default()
    });
    spec.wordpress.constants = BTreeMap::from([("WP_POST_REVISIONS".into(), "5".into())]);
    Ok(spec)
}

/// What an instance of it is bound to: `database` is one of the names in the root's /etc/hosts.
pub fn bound(secrets: &Secrets, database: &str, objects: bool) -> Bound {
    Bound {
        database: Endpoint { host: format!("{database}.fleet.test"), port: 3306 },
        credentials: secrets.credentials.as_str().into(),
        user: secrets.user.as_str().into(),
        replicas: Vec::new(),
        keys: secrets.keys.as_str().into(),
        cache: Some(Cache {
            engine: CacheEngine::Redis,
            host: "cache.fleet.test".into(),
            port: 6379,
            tls: true,
            secret: Some(secrets.cache.as_str().into()),
            sessions: true,
            objects,
        }),
        files: None,
        whole: None,
        disk: None,
        // The folder that is mounted already stands in for the bucket.
        bucket: Some("fleet-uploads".into()),
        log_group: Some("/wordpresscluster/web".into()),
        hook: Some(Hook { group: "gazette".into(), name: "launch".into() }),
    }
}

/// The script.
pub fn user_data(spec: &WordPressClusterSpec, bound: &Bound) -> Result<String> {
    let facts = Facts::assumed(&spec.region);
    let blueprint = Blueprint::new(spec.clone(), Stack::new("default", "press", "gazette"), &facts)?;
    Ok(bootstrap::script(&blueprint, bound))
}

/// A plugin of the spec.
pub fn plugin(name: &str, version: &str, sha256: &str) -> Plugin {
    Plugin { name: name.into(), version: version.into(), sha256: sha256.into() }
}
