//! A service's model as botocore ships it: `service-2.json`, without its prose.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result};
use regex::Regex;
use serde::Deserialize;

use super::pattern;
use crate::gateway::protocol::service;

/// One service.
#[derive(Debug, Deserialize)]
pub struct Model {
    operations: HashMap<String, Operation>,
    shapes: HashMap<String, Shape>,
}

/// One operation.
#[derive(Debug, Deserialize)]
pub struct Operation {
    /// How REST services spell it.
    #[serde(default)]
    pub http: Http,
    /// What it takes; nothing where it takes nothing.
    pub input: Option<Member>,
}

/// Where a REST request carries what.
#[derive(Debug, Default, Deserialize)]
pub struct Http {
    /// Path with `{Slots}`, and a fixed query.
    #[serde(default, rename = "requestUri")]
    pub uri: String,
}

/// A use of a shape: a structure's member, or what a list or map is made of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The shape's name.
    pub shape: String,
    /// Its name on the wire, where that is another.
    pub location_name: Option<String>,
    /// Its name in the EC2 protocol.
    pub query_name: Option<String>,
    /// `uri`, `querystring`, `header`, `headers`; the body otherwise.
    pub location: Option<String>,
    /// Does it make a create idempotent?
    #[serde(default)]
    pub idempotency_token: bool,
}

/// What a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of the format")]
pub enum Type {
    Structure,
    List,
    Map,
    String,
    Character,
    Blob,
    Boolean,
    Timestamp,
    Integer,
    Long,
    Float,
    Double,
    BigDecimal,
}

/// One shape: every constraint that a model knows.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Members of a structure.
    #[serde(default)]
    pub members: BTreeMap<String, Member>,
    /// Those that must be there.
    #[serde(default)]
    pub required: Vec<String>,
    /// The member that is the body.
    pub payload: Option<String>,
    /// Exactly one member.
    #[serde(default)]
    pub union: bool,
    /// What a list is made of.
    pub member: Option<Member>,
    /// Keys of a map.
    pub key: Option<Member>,
    /// Values of a map.
    pub value: Option<Member>,
    /// Is there nothing between a list's name and its numbers?
    #[serde(default)]
    pub flattened: bool,
    /// Least length, size or value.
    pub min: Option<f64>,
    /// Greatest length, size or value.
    pub max: Option<f64>,
    /// What the whole value must match.
    pub pattern: Option<String>,
    /// The values there are.
    #[serde(default, rename = "enum")]
    pub values: Vec<String>,
    /// Must it be kept out of logs?
    #[serde(default)]
    pub sensitive: bool,
    #[serde(skip)]
    compiled: OnceLock<Result<Regex, String>>,
}

impl Shape {
    /// Its pattern, compiled at first use; an error when we cannot.
    pub fn regex(&self) -> Option<&Result<Regex, String>> {
        let pattern = self.pattern.as_ref()?;
        Some(self.compiled.get_or_init(|| pattern::compile(pattern)))
    }
}

/// A model, or why there is none.
type Loaded = Arc<Result<Model, String>>;

static LOADED: LazyLock<Mutex<HashMap<PathBuf, Loaded>>> = LazyLock::new(Mutex::default);

impl Model {
    /// The model of a service, read once per process; `folder` is a virtual environment with botocore.
    pub fn of(folder: &Path, service: &str) -> Loaded {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let model = loaded.entry(folder.join(service));
        model.or_insert_with(|| Arc::new(Self::load(folder, service).map_err(|error| format!("{error:#}")))).clone()
    }

    fn load(folder: &Path, name: &str) -> Result<Self> {
        let service = service::find(name).context("the gateway does not know this service")?;
        let python = std::fs::read_dir(folder.join("lib"))
            .with_context(|| format!("{} has no botocore: run `make tools`", folder.display()))?;
        let data = python.flatten().map(|python| python.path().join("site-packages/botocore/data"));
        let data = data.into_iter().find(|data| data.is_dir()).context("no botocore: run `make tools`")?;
        let file = |name: &&str| data.join(name).join(service.version).join("service-2.json.gz");
        let file = [&[service.name], service.also].concat().iter().map(file).find(|file| file.is_file());
        let file = file.with_context(|| format!("{} has no model of {name}", data.display()))?;
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(&file)?).read_to_string(&mut text)?;
        serde_json::from_str(&text).with_context(|| format!("cannot understand {}", file.display()))
    }

    /// An operation by its name; CloudFront's names end in their version.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        let versioned = |key: &str| {
            key.strip_prefix(name).is_some_and(|rest| rest.bytes().all(|byte| byte == b'_' || byte.is_ascii_digit()))
        };
        self.operations
            .get(name)
            .or_else(|| self.operations.iter().find(|(key, _)| versioned(key)).map(|(_, operation)| operation))
    }

    /// A shape by its name.
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// The shapes whose patterns we cannot compile.
    pub fn uncompiled(&self) -> Vec<&str> {
        let broken = self.shapes.iter().filter(|(_, shape)| matches!(shape.regex(), Some(Err(_))));
        broken.map(|(name, _)| name.as_str()).collect()
    }
}
