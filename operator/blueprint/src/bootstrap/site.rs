//! What an instance knows of its site: one JSON document, of names and no secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wpc_api::WordPressClusterSpec;
use wpc_api::v1alpha1::{Cache as CacheSpec, CacheEngine, CacheUse, DatabaseEngine, SharedStorageType, Tls};
use wpc_engine::{Id, Key, Output};

use super::{DATABASE, DEFAULT_RELEASE, release};
use crate::Blueprint;
use crate::cache::replication_group::Endpoints;
use crate::compute::group::HOOK_NAME;
use crate::compute::{KEYS as KEYS_COMPONENT, group_name};
use crate::database::USER;
use crate::database::output::{Database, Endpoint, Member};
use crate::database::replica;
use crate::media::BUCKET;
use crate::monitoring::log_group::{self, Writer};
use crate::secret::Stored;
use crate::storage::access_point::WHOLE;

/// The names that are known once other things are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Where writes go.
    pub database: Endpoint,
    /// Where reads may go.
    pub replicas: Vec<Replica>,
    /// ARN of the secret with the database's master user and password: the installer's.
    pub credentials: Id,
    /// ARN of the secret with the database's user of WordPress's own, and the password.
    pub user: Id,
    /// ARN of the secret with WordPress's keys.
    pub keys: Id,
    /// The cache, where there is one.
    pub cache: Option<Cache>,
    /// The file system and the access point for uploads, or for those that lay there before.
    pub files: Option<(Id, Id)>,
    /// The access point to the whole file system, where it began with a recovery point.
    pub whole: Option<Id>,
    /// The only instance's disk for uploads.
    pub disk: Option<Id>,
    /// The bucket for uploads, or for those that lay there before.
    pub bucket: Option<Id>,
    /// Where logs go.
    pub log_group: Option<String>,
    /// Who waits for the instance.
    pub hook: Option<Hook>,
}

/// A copy of the database that is only read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// Where it answers.
    pub at: Endpoint,
    /// Whether it follows the primary's writes by itself; readers of a cluster share its storage.
    pub lags: bool,
}

/// The cache, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// What it is: Valkey and Redis are spoken to alike.
    pub engine: CacheEngine,
    /// Where it answers; of Memcached where it tells its nodes.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// ARN of the secret with its token.
    pub secret: Option<Id>,
    /// Whether it keeps PHP's sessions.
    pub sessions: bool,
    /// Whether it keeps WordPress's objects.
    pub objects: bool,
}

/// A lifecycle hook of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The group.
    pub group: String,
    /// The hook.
    pub name: String,
}

impl Bound {
    /// What a script looks like before anything is there.
    pub fn unknown(blueprint: &Blueprint) -> Self {
        let spec = &blueprint.spec;
        let cached = spec.cache.engine != CacheEngine::None;
        let token = || (spec.cache.engine != CacheEngine::Memcached).then(|| Stored::unknown("cache/auth-token"));
        let shared = spec.shared_storage.kind == SharedStorageType::Efs;
        let members = (1..=usize::from(spec.database.read_replicas)).map(|n| Member::unknown(&replica::component(n)));
        let database = Database::unknown("database/primary");
        Self {
            replicas: Replica::all(spec, members.collect(), &database),
            database: database.endpoint,
            credentials: Id::unknown("database/credentials"),
            user: Id::unknown(USER),
            keys: Id::unknown(KEYS_COMPONENT),
            cache: cached.then(|| Cache::new(&spec.cache, Endpoints::unknown("cache/group"), token())),
            files: shared.then(|| (Id::unknown("storage/file-system"), Id::unknown("storage/access-point"))),
            whole: spec.shared_storage.recovery_point().map(|_| Id::unknown(WHOLE)),
            disk: (spec.shared_storage.kind == SharedStorageType::Ebs).then(|| Id::unknown("storage/volume")),
            bucket: spec.media.has_bucket().then(|| Id::unknown(BUCKET)),
            log_group: Some(web_log(blueprint)),
            hook: Some(Hook::of(blueprint)),
        }
    }
}

impl Replica {
    /// What a site may read from: its replicas, or its cluster's readers at their one address.
    pub fn all(spec: &WordPressClusterSpec, members: Vec<Member>, database: &Database) -> Vec<Self> {
        if spec.database.engine != DatabaseEngine::AuroraMySql {
            return members.into_iter().map(|member| Self { at: member.endpoint, lags: true }).collect();
        }
        let reader = database.reader.clone().filter(|_| spec.database.read_replicas > 0);
        reader.map(|at| Self { at, lags: false }).into_iter().collect()
    }
}

impl Hook {
    /// The hook of a blueprint's group.
    pub fn of(blueprint: &Blueprint) -> Self {
        Self { group: group_name(&blueprint.stack), name: HOOK_NAME.into() }
    }
}

/// The group for the instances' logs.
pub fn web_log(blueprint: &Blueprint) -> String {
    log_group::name(&blueprint.stack, &Key::of(format!("{}web", log_group::PREFIX)), Writer::Any)
}

impl Cache {
    /// The cache of a spec, where it answers. Memcached asks for no token, and keeps no sessions.
    pub fn new(spec: &CacheSpec, at: Endpoints, token: Option<Stored>) -> Self {
        let redis = spec.engine != CacheEngine::Memcached;
        Self {
            host: at.primary,
            port: at.port,
            engine: spec.engine,
            tls: true,
            secret: token.map(|token| token.arn),
            sessions: redis && spec.uses.contains(&CacheUse::Sessions),
            objects: spec.uses.contains(&CacheUse::ObjectCache),
        }
    }

    /// Whether it keeps WordPress's objects, and by the plugin for Redis.
    pub fn keeps_objects_in_redis(&self) -> bool {
        self.objects && self.engine != CacheEngine::Memcached
    }
}

/// The plugin that keeps WordPress's objects in Redis or Valkey: <https://wordpress.org/plugins/redis-cache/>.
const REDIS_CACHE: (&str, &str, &str) =
    ("redis-cache", "2.7.0", "0cbc41dea351688693b8e7db1165b5d92b6c8ef7231ac0ff5abec7b83d62c635");

/// The site's address: the first domain.
pub fn url(spec: &WordPressClusterSpec) -> String {
    let scheme = match spec.tls {
        Tls::Managed => "https",
        Tls::Disabled => "http",
    };
    format!("{scheme}://{}", spec.site.canonical_domain().unwrap_or_default())
}

/// Where the authorities are whom Amazon RDS has its certificates from. They change: Amazon's own address is what is
/// trusted. See "Using SSL/TLS to encrypt a connection to a DB instance or cluster" in the Amazon RDS User Guide.
pub fn database_authorities(region: &str) -> String {
    let host = match region.split('-').collect::<Vec<_>>()[..] {
        ["cn", ..] => "rds-truststore.s3.cn-north-1.amazonaws.com.cn",
        ["us", "gov", ..] => "truststore.pki.us-gov-west-1.rds.amazonaws.com",
        _ => "truststore.pki.rds.amazonaws.com",
    };
    format!("https://{host}/global/global-bundle.pem")
}

/// The document.
pub fn document(blueprint: &Blueprint, bound: &Bound) -> Value {
    let spec = &blueprint.spec;
    let mut plugins: Vec<Value> = Vec::new();
    if bound.cache.as_ref().is_some_and(Cache::keeps_objects_in_redis) && !spec.wordpress.plugins.iter().any(own) {
        let (name, version, sha256) = REDIS_CACHE;
        plugins.push(json!({ "name": name, "version": version, "sha256": sha256 }));
    }
    plugins.extend(spec.wordpress.plugins.iter().map(|plugin| json!(plugin)));
    let activate: Vec<&Value> = plugins.iter().map(|plugin| &plugin["name"]).collect();
    json!({
        "stack": blueprint.stack.to_string(),
        "region": spec.region,
        "site": {
            "url": url(spec),
            "domains": spec.site.domains,
            "title": spec.site.title,
            "adminUser": spec.site.admin_user,
            "adminEmail": spec.site.admin_email,
            "locale": spec.site.locale,
            "multisite": spec.site.multisite,
        },
        "source": source(spec),
        "activate": activate,
        "plugins": plugins,
        "constants": spec.wordpress.constants,
        "database": {
            "host": bound.database.host,
            "port": bound.database.port,
            "name": DATABASE,
            "replicas": bound.replicas.iter().map(|replica| json!({
                "host": replica.at.host,
                "port": replica.at.port,
                "lags": replica.lags,
            })).collect::<Vec<_>>(),
            "secret": bound.user.0,
            "master": bound.credentials.0,
        },
        "keys": bound.keys.0,
        "cache": bound.cache.as_ref().map(|cache| json!({
            "host": cache.host,
            "port": cache.port,
            "tls": cache.tls,
            "secret": cache.secret.as_ref().map(|secret| &secret.0),
            "sessions": cache.sessions,
            "objects": cache.objects,
            "memcached": cache.engine == CacheEngine::Memcached,
        })),
        "files": bound.files.as_ref().map(|(system, point)| match &bound.whole {
            None => json!({ "fileSystem": system.0, "accessPoint": point.0 }),
            Some(whole) => json!({ "fileSystem": system.0, "accessPoint": point.0, "whole": whole.0 }),
        }),
        "disk": bound.disk.as_ref().map(|disk| &disk.0),
        "bucket": bound.bucket.as_ref().map(|bucket| &bucket.0),
        "hook": bound.hook.as_ref().map(|hook| json!({ "group": hook.group, "name": hook.name })),
    })
}

fn own(plugin: &wpc_api::v1alpha1::Plugin) -> bool {
    plugin.name == REDIS_CACHE.0
}

/// Where the code comes from: exactly one key.
fn source(spec: &WordPressClusterSpec) -> Value {
    if let Some(source) = &spec.wordpress.source {
        return json!(source);
    }
    // A version that is not known is refused before anything is rendered.
    let release = spec.wordpress.version.as_deref().and_then(release).unwrap_or(DEFAULT_RELEASE);
    json!({ "archive": { "url": release.url(), "sha256": release.sha256 } })
}

/// The document as the script carries it, in lines that people can bear.
pub fn encoded(document: &Value) -> String {
    let text = STANDARD.encode(document.to_string());
    let lines: Vec<&str> =
        text.as_bytes().chunks(100).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    lines.join("\n")
}
