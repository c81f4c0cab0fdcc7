//! What the API server does with a structural schema before any CEL rule runs, for files: fills in
//! defaults, drops nulls, checks shapes and bounds. Only the keywords that our schema uses are known
//! here; a test holds the schema to them.

use serde_json::{Map, Value};

use crate::validate::Problem;

/// Fills in defaults and drops nulls that the schema has no use for.
pub(crate) fn complete(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let no_properties = Map::new();
            let properties = schema["properties"].as_object().unwrap_or(&no_properties);
            for (name, property) in properties {
                if property["nullable"] != true && fields.get(name).is_some_and(Value::is_null) {
                    fields.remove(name);
                }
                if let Some(default) = property.get("default")
                    && !fields.contains_key(name)
                {
                    fields.insert(name.clone(), default.clone());
                }
            }
            for (name, field) in fields {
                complete(properties.get(name).unwrap_or(&schema["additionalProperties"]), field);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| complete(&schema["items"], item)),
        _ => {}
    }
}

/// The same without the nulls that have a meaning.
pub(crate) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, field)| !field.is_null());
            kept.map(|(name, field)| (name.clone(), without_nulls(field))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        _ => value.clone(),
    }
}

/// Every way in which the value is not of the schema's shape, and every bound it breaks.
pub(crate) fn check(schema: &Value, value: &Value, path: &str, problems: &mut Vec<Problem>) {
    let mut report = |message: String| problems.push(Problem::new(path, message));
    match (schema["type"].as_str(), value) {
        (_, Value::Null) if schema["nullable"] == true => {}
        (Some("object"), Value::Object(fields)) => {
            bounded(schema, "Properties", "entries", fields.len(), &mut report);
            check_object(schema, fields, path, problems);
        }
        (Some("array"), Value::Array(items)) => {
            bounded(schema, "Items", "entries", items.len(), &mut report);
            for (index, item) in items.iter().enumerate() {
                check(&schema["items"], item, &format!("{path}[{index}]"), problems);
            }
        }
        (Some("string"), Value::String(text)) => {
            bounded(schema, "Length", "characters", text.chars().count(), &mut report);
            if let Some(allowed) = schema["enum"].as_array() {
                let allowed: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
                if !allowed.contains(&text.as_str()) {
                    report(format!("`{text}` is none of {}{}", allowed.join(", "), did_you_mean(text, &allowed)));
                }
            }
            if schema["format"] == "date-time" && text.parse::<jiff::Timestamp>().is_err() {
                report(format!("`{text}` is no time: write one such as 2026-01-31T12:00:00Z"));
            }
        }
        (Some("integer"), Value::Number(number)) if number.is_i64() || number.is_u64() => {
            let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
            let number = number.as_f64().unwrap_or(f64::NAN);
            if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
                let [least, most] = [least, most].map(Option::unwrap_or_default);
                report(format!("{number} is out of range: write {least} to {most}"));
            }
        }
        (Some("boolean"), Value::Bool(_)) => {}
        (Some(expected), found) => report(format!("is {}: write {}", kind(found), article(expected))),
        (None, _) => {}
    }
}

fn check_object(schema: &Value, fields: &Map<String, Value>, path: &str, problems: &mut Vec<Problem>) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let no_properties = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&no_properties);
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            let description = properties.get(name).and_then(|property| property["description"].as_str());
            let message = ["is required", description.unwrap_or_default()].join(": ");
            problems.push(Problem::new(join(name), message.trim_end_matches(": ")));
        }
    }
    for (name, field) in fields {
        if let Some(property) = properties.get(name).or_else(|| schema.get("additionalProperties")) {
            check(property, field, &join(name), problems);
        } else if schema["x-kubernetes-preserve-unknown-fields"] != true {
            let known: Vec<&str> = properties.keys().map(String::as_str).collect();
            problems.push(Problem::new(join(name), format!("is no field{}", did_you_mean(name, &known))));
        }
    }
}

/// `minItems`, `maxLength` and their like.
fn bounded(schema: &Value, what: &str, unit: &str, size: usize, report: &mut impl FnMut(String)) {
    let bound = |end: &str| schema[format!("{end}{what}")].as_u64().and_then(|bound| usize::try_from(bound).ok());
    if let Some(least) = bound("min").filter(|least| size < *least) {
        report(format!("has {size} {unit}: write at least {least}"));
    }
    if let Some(most) = bound("max").filter(|most| size > *most) {
        report(format!("has {size} {unit}: write at most {most}"));
    }
}

/// `; did you mean ...?`, if something known is near.
fn did_you_mean(given: &str, known: &[&str]) -> String {
    let given = given.to_lowercase();
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&given, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 5)
        .min()
        .map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn article(name: &str) -> &str {
    match name {
        "object" => "an object",
        "array" => "a list",
        "string" => "a string (in quotes, if it looks like something else)",
        "integer" => "a whole number",
        "boolean" => "true or false",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn completes_as_the_api_server_does() {
        let schema = json!({
            "type": "object",
            "properties": {
                "block": {
                    "type": "object",
                    "default": {},
                    "properties": {"size": {"type": "integer", "default": 3}, "never": {"type": "integer"}},
                },
                "days": {"type": "integer", "nullable": true, "default": 30},
                "list": {"type": "array", "items": {"type": "object", "properties": {"on": {"default": true}}}},
            },
        });
        for (given, completed) in [
            (json!({}), json!({"block": {"size": 3}, "days": 30})),
            (json!({"block": null, "days": null}), json!({"block": {"size": 3}, "days": null})),
            (json!({"block": {"size": 5, "never": null}}), json!({"block": {"size": 5}, "days": 30})),
            (json!({"list": [{}]}), json!({"list": [{"on": true}], "block": {"size": 3}, "days": 30})),
        ] {
            let mut value = given.clone();
            complete(&schema, &mut value);
            assert_eq!(value, completed, "{given}");
        }
    }

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        assert_eq!(did_you_mean("readReplica", &["readReplicas", "restoreFrom"]), "; did you mean `readReplicas`?");
        assert_eq!(did_you_mean("multiAz", &["multiAZ"]), "; did you mean `multiAZ`?");
        assert_eq!(did_you_mean("colour", &["readReplicas", "restoreFrom"]), "");
    }
}
