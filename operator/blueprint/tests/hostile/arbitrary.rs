//! Specs that nobody would write: the smallest one, with some fields, found in the schema, set to values that are
//! plausible, extreme, or nonsense.

use std::sync::LazyLock;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use wpc_api::WordPressCluster;

/// A field, from the spec's root, and its schema.
type Field = (Vec<String>, Value);

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let crd = json!(wpc_api::crd());
    let mut fields = vec![];
    collect(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"], &[], &mut fields);
    fields
});

fn collect(schema: &Value, path: &[String], fields: &mut Vec<Field>) {
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        let path = [path, std::slice::from_ref(name)].concat();
        fields.push((path.clone(), schema.clone()));
        collect(schema, &path, fields);
    }
}

/// What may be legal somewhere.
const PLAUSIBLE: &[&str] = &[
    "",
    "0",
    "1",
    "8.4",
    "8.0",
    "16",
    "1Gi",
    "20Gi",
    "100Gi",
    "16Ti",
    "65536Gi",
    "0Gi",
    "10.0.0.0/16",
    "10.255.252.0/22",
    "0.0.0.0/0",
    "255.255.255.255/32",
    "10.0.0.1/16",
    "10.0.0.0/33",
    "fd00::/64",
    "eu-west-1",
    "eu-west-1a",
    "eu-west-1b",
    "eu-west-1c",
    "us-gov-west-1",
    "a",
    "db.m7g.large",
    "db.t4g.micro",
    "db.r7g.16xlarge",
    "cache.t4g.micro",
    "m7g.large",
    "ami-0123456789abcdef0",
    "vpc-0123456789abcdef0",
    "gazette.example.org",
    "*.example.org",
    "xn--bcher-kva.example",
    "editor@example.net",
    "/health",
    "02:00",
    "2h",
    "Europe/Berlin",
    "0 3 * * *",
    "compute/group.replicas",
    "arn:aws:acm:us-east-1:210987654321:certificate/0f0f0f0f-1111-2222-3333-444444444444",
    "128M",
    "2G",
    "2026-02-03T04:05:06Z",
    "wordpresscluster.dev/stack",
    "aws:created",
    "Name",
    "'; DROP TABLE wp_users; --",
    "$(reboot)",
];

/// Some text: plausible, any, or without end.
fn text() -> BoxedStrategy<String> {
    let long = (0..4usize).prop_map(|size| ["x", "ü", "💥", "a-"][size].repeat(10_000 >> size));
    prop_oneof![5 => select(PLAUSIBLE).prop_map(str::to_owned), 2 => any::<String>(), 1 => long].boxed()
}

/// A value for a field: mostly of its type, now and then within its bounds.
fn value(schema: &Value) -> BoxedStrategy<Value> {
    let nonsense = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        text().prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
    ];
    let right = match (schema["type"].as_str(), schema["enum"].as_array()) {
        (_, Some(values)) => select(values.clone()).boxed(),
        (Some("integer"), _) => {
            let bound = |name: &str, or| schema[name].as_i64().unwrap_or(or);
            let (least, most) = (bound("minimum", i64::MIN), bound("maximum", i64::MAX));
            let edges = [least, most, least.saturating_sub(1), most.saturating_add(1), 0, i64::MIN, i64::MAX];
            prop_oneof![4 => least..=most, 2 => select(edges.to_vec()), 1 => any::<i64>()].prop_map(Value::from).boxed()
        }
        (Some("boolean"), _) => any::<bool>().prop_map(Value::from).boxed(),
        (Some("array"), _) => {
            let few = vec(value(&schema["items"]), 0..7);
            let many = value(&schema["items"]).prop_map(|item| vec![item; 2000]);
            prop_oneof![9 => few, 1 => many].prop_map(Value::from).boxed()
        }
        (Some("object"), _) if schema["properties"].is_object() => Just(json!({})).boxed(),
        (Some("object"), _) => btree_map(text(), text(), 0..60).prop_map(|map| json!(map)).boxed(),
        _ => text().prop_map(Value::from).boxed(),
    };
    prop_oneof![12 => right, 1 => nonsense].boxed()
}

/// An object with such a spec.
pub fn object() -> impl Strategy<Value = Value> {
    let fields: Vec<usize> = (0..FIELDS.len()).collect();
    let edit = select(fields).prop_flat_map(|index| {
        let (path, schema) = &FIELDS[index];
        value(schema).prop_map(move |value| (path.clone(), value))
    });
    vec(edit, 0..6).prop_map(|edits| {
        let mut object = json!(WordPressCluster::fixture());
        for (path, value) in edits {
            set(&mut object["spec"], &path, value);
        }
        object
    })
}

fn set(at: &mut Value, path: &[String], value: Value) {
    match path {
        [] => *at = value,
        [name, rest @ ..] => {
            if !at.is_object() {
                *at = json!({});
            }
            set(&mut at[name], rest, value);
        }
    }
}
