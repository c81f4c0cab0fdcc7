//! What makes the generated schema one that the API server takes: small helpers for the types'
//! attributes, and one transformation of the whole.

use kube::core::cel::apply_defaults;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

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

/// Rewrites the spec's schema:
/// - A field without a value is absent, not null: the API server then drops a null, so no rule ever
///   meets one. Null stays where it means something else than the default.
/// - Integer formats go: the API server warns about those it does not know, and every integer has a range.
/// - A default that follows from the defaults of its own fields is written `{}`.
pub(crate) fn tidy(schema: &mut Schema) {
    if let Some(object) = schema.as_object_mut() {
        tidy_object(object);
    }
}

fn tidy_object(schema: &mut Map<String, Value>) {
    unwrap_optional(schema);
    if schema.get("format").and_then(Value::as_str).is_some_and(|format| format.contains("int")) {
        schema.remove("format");
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().filter_map(Value::as_object_mut).for_each(tidy_object);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get_mut(key).and_then(Value::as_object_mut) {
            tidy_object(inner);
        }
    }
    if let Some(default @ Value::Object(_)) = schema.get("default")
        && apply_defaults(&Value::Object(schema.clone()), &json!({})) == *default
    {
        schema.insert("default".into(), json!({}));
    }
}

/// Makes "this or null" simply "this", unless there is a default that null overrides.
fn unwrap_optional(schema: &mut Map<String, Value>) {
    let is_null = |value: &Value| value.get("type").is_some_and(|name| name == "null");
    if let Some(Value::Array(options)) = schema.get("anyOf")
        && let [inner, null] = options.as_slice()
        && is_null(null)
        && let Value::Object(mut inner) = inner.clone()
    {
        schema.remove("anyOf");
        // What the field says of itself goes before what its type says.
        inner.append(schema);
        *schema = inner;
    }
    if schema.contains_key("default") {
        return;
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
