//! `spec.wordpress`: the release, its PHP, plugins and constants.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ImageFamily;
use crate::{
    quantity::Size,
    schema::{rule, text_map},
};

/// The WordPress release and its PHP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct WordPress {
    /// The WordPress release, such as `6.8.3`. Left out: the one that this operator was tested with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[0-9]{1,2}[.][0-9]{1,2}([.][0-9]{1,2})?$')",
        "wordpress.version is no release: write one such as 6.8.3",
    )]))]
    pub version: Option<String>,

    /// Where the code comes from. Left out: the release from wordpress.org.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,

    /// PHP.
    pub php: Php,

    /// Plugins from wordpress.org, each pinned.
    #[schemars(length(max = 50))]
    pub plugins: Vec<Plugin>,

    /// More constants for wp-config.php. `true`, `false` and whole numbers are written bare, everything else as text.
    #[schemars(schema_with = "text_map", extend("x-kubernetes-validations" = [
        rule(
            "self.all(name, name.matches('^[A-Z][A-Z0-9_]{0,63}$'))",
            "constants holds a name that is no constant's: use capitals, digits and _, such as WP_POST_REVISIONS",
        ),
        rule(
            "self.all(name, !name.matches('^(DB_.*|WP_REDIS_.*|S3_UPLOADS_.*|.*_(KEY|SALT)|WP_HOME|WP_SITEURL|ABSPATH)$'))",
            "constants holds a name that the operator sets: leave out DB_*, WP_REDIS_*, S3_UPLOADS_*, *_KEY, *_SALT, WP_HOME, WP_SITEURL and ABSPATH",
        ),
        rule(
            "self.all(name, self[name].matches('^[A-Za-z0-9 _.,:/@%+=-]*$'))",
            "constants holds a value with a character that PHP or a shell might read: use letters, digits, spaces and _ . , : / @ % + = -",
        ),
    ]))]
    pub constants: BTreeMap<String, String>,
}

/// Where the code comes from: exactly one of three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "[has(self.archive), has(self.s3), has(self.git)].filter(given, given).size() == 1",
    "wordpress.source needs exactly one of archive, s3 and git",
)]))]
pub struct Source {
    /// An archive behind HTTPS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveSource>,
    /// An object in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3Source>,
    /// A Git repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<GitSource>,
}

/// An archive behind HTTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveSource {
    /// The archive's address, `https://`.
    #[schemars(length(max = 512), extend("x-kubernetes-validations" = [rule(
        "self.matches('^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~/%+-]*$')",
        "archive.url is no plain HTTPS address: write one such as https://example.com/site.tar.gz, without query",
    )]))]
    pub url: String,
    /// Its SHA-256, 64 hexadecimal digits.
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[0-9a-f]{64}$')",
        "archive.sha256 is no SHA-256: write 64 lower-case hexadecimal digits",
    )]))]
    pub sha256: String,
}

/// An object in S3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3Source {
    /// The bucket.
    #[schemars(length(max = 63), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$')",
        "s3.bucket is no bucket's name: use 3 to 63 lower-case letters, digits, dots and hyphens",
    )]))]
    pub bucket: String,
    /// The object's key.
    #[schemars(length(max = 512), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z0-9][A-Za-z0-9_./+=@-]*$')",
        "s3.key holds a character that a shell might read: use letters, digits and _ . / + = @ -",
    )]))]
    pub key: String,
    /// The object's version, so that the same code is read each time.
    #[schemars(length(max = 128), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z0-9._-]+$')",
        "s3.versionId is no version's id: copy it from S3",
    )]))]
    pub version_id: String,
}

/// A Git repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GitSource {
    /// The repository's address, `https://`.
    #[schemars(length(max = 512), extend("x-kubernetes-validations" = [rule(
        "self.matches('^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~/%+-]+$')",
        "git.repository is no plain HTTPS address: write one such as https://example.com/team/site.git",
    )]))]
    pub repository: String,
    /// A tag, or a commit in full.
    #[schemars(length(max = 100), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z0-9][A-Za-z0-9._/-]*$')",
        "git.revision is no tag or commit: use letters, digits and . _ / - and begin with a letter or digit",
    )]))]
    pub revision: String,
}

/// PHP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Php {
    /// PHP's version, such as `8.4`. Left out: the one that the image family packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4), extend("x-kubernetes-validations" = [rule(
        "self.matches('^8[.][0-9]$')",
        "php.version is none: write one such as 8.4",
    )]))]
    pub version: Option<String>,

    /// Memory of one request.
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self.matches('^[1-9][0-9]{0,4}(Mi|Gi)$')",
        "php.memoryLimit is no size: write one such as 256Mi",
    )]))]
    pub memory_limit: Size,

    /// The largest upload.
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self.matches('^[1-9][0-9]{0,4}(Mi|Gi)$')",
        "php.uploadMaxSize is no size: write one such as 64Mi",
    )]))]
    pub upload_max_size: Size,

    /// More settings for php.ini.
    #[schemars(schema_with = "text_map", extend("x-kubernetes-validations" = [
        rule(
            "self.all(name, name.matches('^[a-z][a-z0-9_.]{0,63}$'))",
            "php.settings holds a name that is no setting's: write one such as max_input_vars or opcache.memory_consumption",
        ),
        rule(
            "self.all(name, self[name].matches('^[A-Za-z0-9 _.,:/@%+=-]*$'))",
            "php.settings holds a value with a character that PHP or a shell might read: use letters, digits, spaces and _ . , : / @ % + = -",
        ),
    ]))]
    pub settings: BTreeMap<String, String>,
}

impl Default for Php {
    fn default() -> Self {
        Self {
            version: None,
            memory_limit: Size::mebibytes(256),
            upload_max_size: Size::mebibytes(64),
            settings: BTreeMap::new(),
        }
    }
}

impl Php {
    /// PHP's version on instances of this family.
    pub fn version(&self, family: ImageFamily) -> &str {
        self.version.as_deref().unwrap_or(match family {
            ImageFamily::AmazonLinux2023 | ImageFamily::Debian13 => "8.4",
            ImageFamily::Ubuntu2404 => "8.3",
        })
    }
}

/// A plugin from wordpress.org.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plugin {
    /// Its slug, as in its address on wordpress.org.
    #[schemars(length(max = 100), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[a-z0-9][a-z0-9-]*$')",
        "a plugin's name is its slug on wordpress.org: lower-case letters, digits and hyphens",
    )]))]
    pub name: String,
    /// Its version.
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[0-9][0-9A-Za-z.-]*$')",
        "a plugin's version is no release: write one such as 5.3.1",
    )]))]
    pub version: String,
    /// The SHA-256 of its archive, 64 hexadecimal digits.
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[0-9a-f]{64}$')",
        "a plugin's sha256 is no SHA-256: write 64 lower-case hexadecimal digits",
    )]))]
    pub sha256: String,
}
