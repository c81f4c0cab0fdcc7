//! What an instance does when it starts first: it becomes a web server of the site. See "Run commands when you launch an
//! EC2 instance with user data input" in the Amazon EC2 User Guide.
//!
//! One script, safe to run again, rendered from `script.sh.j2` and the files beside it. User data is no secret: everybody
//! on the instance can read it. It holds names, never values; those are read at boot, by the instance's role.
//!
//! Text that a person chose reaches the instance as JSON, which PHP and jq read: it is data there, and nothing runs it.
//! Only what the schema allows few characters (paths, host names, PHP's settings) stands in configuration files.

mod family;
mod releases;
mod site;
mod uploads;

use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior, context};
use serde_json::json;
use wpc_api::v1alpha1::{ImageFamily, Multisite, Tls};

pub use family::Family;
pub use releases::{DEFAULT_RELEASE, RELEASES, Release, release};
pub use site::{Bound, Cache, Hook, Replica, web_log};
pub use uploads::{Place, Uploads};

use crate::Blueprint;

/// AWS takes so many bytes, compressed and before they are encoded.
pub const MOST_BYTES: usize = 16 * 1024;

/// The version of Mountpoint for Amazon S3: <https://github.com/awslabs/mountpoint-s3>.
const MOUNTPOINT: &str = "1.24.0";

/// WP-CLI, and the SHA-256 of the release: <https://github.com/wp-cli/wp-cli/releases>.
const WP_CLI: (&str, &str) = (
    "https://github.com/wp-cli/wp-cli/releases/download/v2.12.0/wp-cli-2.12.0.phar",
    "ce34ddd838f7351d6759068d09793f26755463b4a4610a5a5c0a97b68220d85c",
);

/// The schema of WordPress's database.
pub const DATABASE: &str = "wordpress";

/// The names in the secret that the instances share: WordPress's keys and salts, and the first password of the
/// administrator. All are generated once.
pub const KEYS: [&str; 9] = [
    "AUTH_KEY",
    "SECURE_AUTH_KEY",
    "LOGGED_IN_KEY",
    "NONCE_KEY",
    "AUTH_SALT",
    "SECURE_AUTH_SALT",
    "LOGGED_IN_SALT",
    "NONCE_SALT",
    "ADMIN_PASSWORD",
];

const FILES: [(&str, &str); 18] = [
    ("script.sh", include_str!("script.sh.j2")),
    ("aws.sh", include_str!("files/aws.sh")),
    ("restored.sh", include_str!("files/restored.sh")),
    ("secrets.sh", include_str!("files/secrets.sh")),
    ("wp-config.php", include_str!("files/wp-config.php")),
    ("db.php", include_str!("files/db.php")),
    ("object-cache.php", include_str!("files/object-cache.php")),
    ("operator.php", include_str!("files/operator.php")),
    ("install.php", include_str!("files/install.php")),
    ("steps.php", include_str!("files/steps.php")),
    ("cron.php", include_str!("files/cron.php")),
    ("ready.php", include_str!("files/ready.php")),
    ("mounts.sh", include_str!("files/mounts.sh.j2")),
    ("uploads.php", include_str!("files/uploads.php")),
    ("moving.php", include_str!("files/moving.php")),
    ("wp.sh", include_str!("files/wp.sh")),
    ("php.ini.j2", include_str!("files/php.ini.j2")),
    ("pool.conf.j2", include_str!("files/pool.conf.j2")),
];

const NGINX: &str = include_str!("files/nginx.conf.j2");

/// Parsed once: each pass renders.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, text) in FILES.into_iter().chain([("nginx.conf.j2", NGINX)]) {
        environment.add_template(name, text.trim_end()).expect("a template");
    }
    environment
});

/// The script of a blueprint's instances, with the names that are known only once other things are there.
///
/// # Panics
/// When the template is wrong, which a test rules out: it is part of the program, not of its input.
pub fn script(blueprint: &Blueprint, bound: &Bound) -> String {
    let spec = &blueprint.spec;
    let family = Family::of(spec.compute.image.family);
    let site = site::document(blueprint, bound);
    let php = &spec.wordpress.php;
    let url = site::url(spec);
    let multisite = spec.site.multisite != Multisite::None;
    let sessions = bound.cache.as_ref().is_some_and(|cache| cache.sessions);
    let object_cache = bound.cache.as_ref().is_some_and(Cache::keeps_objects_in_redis);
    let memcached = bound.cache.as_ref().is_some_and(|cache| cache.objects) && !object_cache;
    // A network of sites tells them apart by their names; else every name leads to the first.
    let others: Vec<String> = spec.site.domains.iter().skip(1).filter(|_| !multisite).cloned().collect();
    let uploads = Uploads::of(spec);
    let version = php.version(spec.compute.image.family);
    let named = family.php(version, sessions || object_cache, uploads.uses(Place::Files));
    let word = |place: Place| match place {
        Place::Bucket => "in_bucket",
        Place::Disk => "on_disk",
        Place::Files => "in_files",
    };
    let template = TEMPLATES.get_template("script.sh").expect("the template is there");
    let context = context! {
        stack => blueprint.stack.to_string(),
        site => site::encoded(&site),
        apt => spec.compute.image.family != ImageFamily::AmazonLinux2023,
        debian => spec.compute.image.family == ImageFamily::Debian13,
        ubuntu => spec.compute.image.family == ImageFamily::Ubuntu2404,
        distribution => family.distribution,
        user => family.user,
        authorities => family.authorities,
        database_authorities => site::database_authorities(&spec.region),
        packages => &named.packages,
        php => context! {
            service => &named.service,
            pools => &named.pools,
            ini => &named.inis[0],
            inis => &named.inis,
            memory => php.memory_limit.mib(),
            upload => php.upload_max_size.mib(),
            settings => &php.settings,
        },
        replicas => !bound.replicas.is_empty(),
        files => uploads.uses(Place::Files),
        restored => bound.whole.is_some(),
        bucket => uploads.uses(Place::Bucket),
        disk => uploads.uses(Place::Disk),
        timer => if uploads.before.is_some() { " wordpress-uploads.timer" } else { "" },
        now => word(uploads.now),
        before => uploads.before.map(word),
        // The books are kept on the side of the files: objects cannot be touched, and each would be paid for.
        books => match uploads.now {
            Place::Bucket => "/srv/uploads-before/.moved/to-bucket",
            _ => "/srv/uploads/.moved/to-files",
        },
        mountpoint => MOUNTPOINT,
        wp_cli => context! { url => WP_CLI.0, sha256 => WP_CLI.1 },
        log_group => bound.log_group.is_some(),
        agent => bound.log_group.as_ref().map(|group| agent(group, uploads.before.is_some())),
        object_cache,
        memcached,
        https => spec.tls == Tls::Managed,
        cdn => spec.cdn.enabled,
        url,
        others,
        multisite => spec.site.multisite == Multisite::Subdirectory,
        port => spec.compute.port,
        health_path => &spec.load_balancer.health_check.path,
        keepalive => spec.load_balancer.idle_timeout_seconds + 15,
    };
    without_comments(&template.render(context).expect("the template fits its context"))
}

/// AWS takes few bytes: what the sources explain is for who reads them. The first lines say what this is.
fn without_comments(script: &str) -> String {
    let comment = |line: &str| ["# ", "// "].iter().any(|mark| line.trim_start().starts_with(mark));
    let lines = script.lines().enumerate().filter(|(number, line)| *number < 3 || !comment(line));
    lines.flat_map(|(_, line)| [line, "\n"]).collect()
}

/// What the CloudWatch agent sends: see "Manually create or edit the CloudWatch agent configuration file" in the Amazon
/// CloudWatch User Guide.
fn agent(group: &str, moving: bool) -> String {
    let file = |path: &str, stream: &str| json!({ "file_path": path, "log_group_name": group, "log_stream_name": format!("{{instance_id}}/{stream}") });
    let mut files = vec![
        file("/var/log/cloud-init-output.log", "boot"),
        file("/var/log/nginx/error.log", "nginx"),
        file("/var/log/nginx/access.log", "access"),
        file("/var/log/php*-fpm.log", "php"),
        file("/var/log/php-fpm/error.log", "php"),
    ];
    files.extend(moving.then(|| file("/var/log/wordpress-uploads.log", "uploads")));
    json!({
        "logs": { "logs_collected": { "files": { "collect_list": files } } },
    })
    .to_string()
}

#[cfg(test)]
mod tests;
