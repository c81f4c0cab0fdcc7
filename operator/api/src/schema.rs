//! What makes the generated schema one that the API server takes: small helpers for the types'
//! attributes, one transformation of the whole, and the definition as a file.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::WordPressCluster;

/// The resource's definition, for a cluster to serve it.
pub fn crd() -> CustomResourceDefinition {
    WordPressCluster::crd()
}

/// The definition as YAML, the same for the same types.
pub fn crd_yaml() -> String {
    let mut crd = json!(crd());
    whole_numbers(&mut crd);
    // Folding long rules would make them hard to read, and to find.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: 4096 };
    serde_saphyr::to_string_with_options(&crd, options).expect("a JSON value is YAML")
}

/// Bounds are floats in the definition's type: `1.0` for 1.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            #[allow(clippy::cast_possible_truncation, reason = "only what survives the way back is taken")]
            if let Some(float) = number.as_f64()
                && (float as i64) as f64 == float
            {
                *number = (float as i64).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// The schema of the whole object, as JSON.
pub(crate) fn object_schema() -> Value {
    let version = crd().spec.versions.swap_remove(0);
    let mut schema = json!(version.schema.and_then(|schema| schema.open_api_v3_schema));
    // The API server's own, which no definition may describe.
    schema["properties"]["apiVersion"] = json!({"type": "string"});
    schema["properties"]["kind"] = json!({"type": "string"});
    schema["properties"]["metadata"] = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    schema
}

/// One entry of `x-kubernetes-validations`: a CEL rule, and what to write instead.
pub(crate) fn rule(rule: &str, message: &str) -> Value {
    json!({"rule": rule, "message": message})
}

/// A map of short texts. The bounds keep the price of CEL rules over it within the API server's budget.
pub(crate) fn text_map(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 40,
        "additionalProperties": {"type": "string", "maxLength": 256},
    })
}

/// Rewrites a generated schema:
/// - A field without a value is absent, not null: the API server then drops a null, so no rule ever
///   meets one. Null stays where it means something else than the default.
/// - Integer formats go: the API server warns about those it does not know, and every integer of the
///   spec has a range.
///
/// Defaults of blocks stay written out: the API server runs a block's rules on its bare default.
pub(crate) fn tidy(schema: &mut Schema) {
    if let Some(object) = schema.as_object_mut() {
        tidy_object(object);
    }
}

/// The same for the status, whose every value is written by the operator: it has no defaults.
pub(crate) fn tidy_status(schema: &mut Schema) {
    tidy(schema);
    if let Some(object) = schema.as_object_mut() {
        drop_defaults(object);
    }
}

fn drop_defaults(schema: &mut Map<String, Value>) {
    schema.remove("default");
    for inner in subschemas(schema) {
        drop_defaults(inner);
    }
}

/// The schemas of what it holds: fields, items, values of a map.
fn subschemas(schema: &mut Map<String, Value>) -> Vec<&mut Map<String, Value>> {
    let mut found = Vec::new();
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => found.extend(fields.values_mut().filter_map(Value::as_object_mut)),
            ("items" | "additionalProperties", Value::Object(inner)) => found.push(inner),
            _ => {}
        }
    }
    found
}

fn tidy_object(schema: &mut Map<String, Value>) {
    unwrap_optional(schema);
    if schema.get("format").and_then(Value::as_str).is_some_and(|format| format.contains("int")) {
        schema.remove("format");
    }
    for inner in subschemas(schema) {
        tidy_object(inner);
    }
}

/// Makes "this or null" simply "this", unless there is a default that null overrides.
fn unwrap_optional(schema: &mut Map<String, Value>) {
    if schema.contains_key("default") {
        return;
    }
    let is_null = |value: &Value| value["type"] == "null";
    if let Some(Value::Array(options)) = schema.get("anyOf")
        && let [Value::Object(inner), null] = options.as_slice()
        && is_null(null)
    {
        let mut inner = inner.clone();
        schema.remove("anyOf");
        // What the field says of itself replaces what its type says.
        inner.append(schema);
        *schema = inner;
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}
