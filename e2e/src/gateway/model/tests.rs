//! What the models of our services happen not to show: unions, maps, flattened lists, headers, missing models.

use std::path::PathBuf;

use http::HeaderValue;
use serde_json::{Value, json};

use super::{Class, Model, Models, walk};
use crate::gateway::protocol::{Request, Scope};

/// A model with one operation and these shapes.
fn model(action: &str, uri: &str, mut shapes: Value) -> Model {
    shapes["S"] = json!({"type": "string", "max": 3});
    let operation = json!({"http": {"requestUri": uri}, "input": {"shape": "Input"}});
    serde_json::from_value(json!({"operations": {action: operation}, "shapes": shapes})).unwrap()
}

fn request(service: &str, action: &str, params: &[(&str, &str)]) -> Request {
    Request::build(service, action, params, &Scope::new("us-east-1")).unwrap()
}

fn broken(model: &Model, request: &Request) -> Vec<(Class, String)> {
    walk::check(model, request).into_iter().map(|violation| (violation.class, violation.member)).collect()
}

fn is(class: Class, member: &str) -> (Class, String) {
    (class, member.to_owned())
}

#[test]
fn maps_and_lists_of_the_query_protocol() {
    let shapes = json!({
        "Input": {"type": "structure", "members": {
            "Names": {"shape": "Names"}, "Flat": {"shape": "Flat"}, "Words": {"shape": "Words"},
        }},
        "Names": {"type": "list", "member": {"shape": "S", "locationName": "Name"}, "min": 1, "max": 2},
        "Flat": {"type": "list", "member": {"shape": "S"}, "flattened": true},
        "Words": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "S"}, "max": 1},
    });
    let model = model("CreateDBInstance", "/", shapes);
    let check = |params: &[(&str, &str)]| broken(&model, &request("rds", "CreateDBInstance", params));
    let word = [("Words.entry.1.key", "a"), ("Words.entry.1.value", "b")];
    assert_eq!(check(&[[("Names.Name.1", "a"), ("Flat.1", "b")], word].concat()), []);
    assert_eq!(check(&[("Names", "")]), [is(Class::Size, "Names")]);
    assert_eq!(check(&[("Names.member.1", "a")]), [is(Class::Type, "Names")]);
    let long = [("Names.Name.1", "abcd"), ("Flat.2", "abcd"), word[0], ("Words.entry.1.value", "abcd")];
    let want = ["Names.1", "Flat.1", "Words.a"].map(|member| is(Class::Length, member));
    assert_eq!(check(&long), want);
    let two = [word[0], word[1], ("Words.entry.2.key", "c"), ("Words.entry.2.value", "d")];
    assert_eq!(check(&two), [is(Class::Size, "Words")]);
}

#[test]
fn a_union_takes_one_and_json_means_its_types() {
    let shapes = json!({
        "Input": {"type": "structure", "union": true, "members": {
            "Text": {"shape": "S"}, "When": {"shape": "T"}, "Count": {"shape": "I"}, "Bytes": {"shape": "B"},
        }},
        "T": {"type": "timestamp"},
        "I": {"type": "integer", "min": 1},
        "B": {"type": "blob", "max": 2},
    });
    let model = model("CreateSecret", "/", shapes);
    let check = |body: Value| {
        let mut request = request("secretsmanager", "CreateSecret", &[]);
        request.body = body.to_string().into();
        broken(&model, &request)
    };
    assert_eq!(check(json!({"When": 1.5})), []);
    assert_eq!(check(json!({"Text": null, "Bytes": "YWI="})), []);
    assert_eq!(check(json!({"Text": "a", "Count": 1})), [is(Class::Required, "")]);
    assert_eq!(check(json!({"When": "2026-01-01T00:00:00Z"})), [is(Class::Type, "When")]);
    assert_eq!(check(json!({"Text": 7})), [is(Class::Type, "Text")]);
    assert_eq!(check(json!({"Count": 0})), [is(Class::Range, "Count")]);
    assert_eq!(check(json!({"Bytes": "YWJj"})), [is(Class::Length, "Bytes")]);
    assert_eq!(check(json!({"Bytes": "?"})), [is(Class::Type, "Bytes")]);
}

#[test]
fn path_query_header_and_payload_of_rest() {
    let shapes = json!({
        "Input": {"type": "structure", "required": ["Id", "IfMatch"], "payload": "Config", "members": {
            "Id": {"shape": "S", "location": "uri", "locationName": "Id"},
            "IfMatch": {"shape": "S", "location": "header", "locationName": "If-Match"},
            "Config": {"shape": "Config", "locationName": "DistributionConfig"},
        }},
        "Config": {"type": "structure", "required": ["Comment"], "members": {
            "Comment": {"shape": "S"}, "Item": {"shape": "Flat"},
        }},
        "Flat": {"type": "list", "member": {"shape": "S"}, "flattened": true, "max": 1},
    });
    let model = model("UpdateDistribution2020_05_31", "/2020-05-31/distribution/{Id}/config", shapes);
    let check = |id: &str, etag: Option<&'static str>, body: &str| {
        let mut request = request("cloudfront", "UpdateDistribution", &[("Id", id)]);
        etag.map(|etag| request.headers.insert("if-match", HeaderValue::from_static(etag)));
        request.body = format!("<DistributionConfig>{body}</DistributionConfig>").into();
        broken(&model, &request)
    };
    assert_eq!(check("E1", Some("e"), "<Comment/><Item>a</Item>"), []);
    assert_eq!(check("E1", None, "<Comment>a</Comment>"), [is(Class::Required, "IfMatch")]);
    assert_eq!(check("E234", Some("e"), "<Comment/>"), [is(Class::Length, "Id")]);
    let wrong = check("E1", Some("e"), "<Item>a</Item><Item>b</Item><Colour/>");
    let want =
        [is(Class::Unknown, "Config.Colour"), is(Class::Required, "Config.Comment"), is(Class::Size, "Config.Item")];
    assert_eq!(wrong, want);
}

#[test]
fn without_a_model_nothing_passes() {
    let models = Models::new(Some(PathBuf::from("/nowhere")));
    models.check(&request("ec2", "DescribeVpcs", &[]));
    models.check(&request("ec2", "DescribeVpcs", &[]));
    let found = models.found();
    assert_eq!(found.len(), 1, "each violation once");
    assert_eq!(found[0].class, Class::Model);
    assert!(found[0].rule.contains("make tools"), "{}", found[0]);
    let off = Models::default();
    off.check(&request("ec2", "DescribeVpcs", &[]));
    assert_eq!(off.found(), []);
}
