//! The API server's answer without an API server: the schema's shapes, bounds and CEL rules, applied to
//! files and objects.

use std::{fmt, sync::LazyLock};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Resource,
    core::cel::{CompiledSchema, ValidationErrors, Validator, compile_schema},
};
use serde_json::{Value, json};

use crate::{
    WordPressCluster, schema,
    structural::{check, complete, without_nulls},
};

/// One thing wrong with an object, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The field, such as `spec.site.domains[0]`; empty for the object as a whole.
    pub path: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

struct Rules {
    schema: Value,
    compiled: CompiledSchema,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let schema = schema::object_schema();
    let compiled = compile_schema(&schema);
    Rules { schema, compiled }
});

/// Reads a YAML or JSON text that holds one WordPressCluster; documents of other kinds may stand beside it.
pub fn manifest(text: &str) -> Result<WordPressCluster, Vec<Problem>> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| vec![Problem::new("", error.to_string())])?;
    let kind = WordPressCluster::kind(&());
    let (mut ours, others): (Vec<_>, Vec<_>) = documents
        .into_iter()
        .filter(|document| !document.is_null())
        .partition(|document| document["kind"].as_str() == Some(&kind));
    match (ours.pop(), ours.len()) {
        (Some(document), 0) => object(document),
        (None, _) => {
            let found: Vec<_> = others.iter().map(|other| other["kind"].as_str().unwrap_or("none")).collect();
            Err(vec![Problem::new("kind", format!("is {}: write {kind}", found.join(", ")))])
        }
        (Some(_), _) => {
            Err(vec![Problem::new("", format!("holds more than one {kind}: write each in a file of its own"))])
        }
    }
}

/// Reads one object: with defaults filled in, if nothing is wrong with it.
pub fn object(mut value: Value) -> Result<WordPressCluster, Vec<Problem>> {
    let mut problems = Vec::new();
    complete(&RULES.schema, &mut value);
    check(&RULES.schema, &value, "", &mut problems);
    check_identity(&value, &mut problems);
    if problems.is_empty() {
        problems = evaluate(&value, None);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    serde_json::from_value(value).map_err(|error| vec![Problem::new("", error.to_string())])
}

/// What the API server would say to an update: everything that is wrong with the new object, and every
/// change that an immutable field forbids.
pub fn update(old: &WordPressCluster, new: &WordPressCluster) -> Vec<Problem> {
    evaluate(&json!(new), Some(&json!(old)))
}

fn evaluate(value: &Value, old: Option<&Value>) -> Vec<Problem> {
    // The API server runs no rule on a null; what evaluates rules here would.
    let (value, old) = (without_nulls(value), old.map(without_nulls));
    let result = Validator::new().validate_compiled(&RULES.compiled, &value, old.as_ref());
    let errors = result.err().map(ValidationErrors::into_vec).unwrap_or_default();
    errors.into_iter().map(|error| Problem::new(error.field_path, error.message)).collect()
}

/// What Kubernetes itself demands of every object.
fn check_identity(value: &Value, problems: &mut Vec<Problem>) {
    let (version, kind) = (WordPressCluster::api_version(&()), WordPressCluster::kind(&()));
    for (field, expected) in [("apiVersion", version), ("kind", kind)] {
        match value[field].as_str() {
            Some(found) if found == expected => {}
            Some(found) => problems.push(Problem::new(field, format!("is {found}: write {expected}"))),
            None => problems.push(Problem::new(field, format!("is required: write {expected}"))),
        }
    }
    match serde_json::from_value::<ObjectMeta>(value["metadata"].clone()) {
        Ok(metadata) => check_metadata(&value["metadata"], &metadata, problems),
        Err(error) => problems.push(Problem::new("metadata", error.to_string())),
    }
}

fn check_metadata(given: &Value, metadata: &ObjectMeta, problems: &mut Vec<Problem>) {
    let understood = json!(metadata);
    for (name, field) in given.as_object().into_iter().flatten() {
        if !field.is_null() && understood.get(name).is_none() {
            problems.push(Problem::new(format!("metadata.{name}"), "is no field"));
        }
    }
    for (field, name) in [("name", &metadata.name), ("namespace", &metadata.namespace)] {
        let path = format!("metadata.{field}");
        match name.as_deref() {
            None if field == "name" => problems.push(Problem::new(path, "is required: give the site a name")),
            Some(name) if !is_dns_name(name) => problems.push(Problem::new(
                path,
                format!("`{name}` is no name: use lower-case letters, digits and hyphens, and begin and end with a letter or digit"),
            )),
            _ => {}
        }
    }
}

/// A DNS-1123 subdomain, which Kubernetes demands of names.
fn is_dns_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            label.chars().all(|c| c == '-' || edge(Some(c))) && edge(label.chars().next()) && edge(label.chars().last())
        })
}
