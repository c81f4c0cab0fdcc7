//! The schema as a whole: what the API server takes, what it costs, and that its defaults are serde's.

use serde_json::{Value, json};
use wpc_api::{WordPressCluster, WordPressClusterSpec, v1alpha1::Site, validate};

const MINIMAL: &str = "
apiVersion: wordpresscluster.dev/v1alpha1
kind: WordPressCluster
metadata: {name: gazette, namespace: press}
spec:
  region: eu-west-1
  site: {domains: [gazette.example.org], adminEmail: editor@example.net}
";

fn crd() -> Value {
    json!(wpc_api::crd())
}

fn root() -> Value {
    crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

/// Every schema below this one, with its path.
fn walk(schema: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(property, &format!("{path}.{name}"), visit);
    }
    for (key, mark) in [("items", "[]"), ("additionalProperties", ".*")] {
        if schema[key].is_object() {
            walk(&schema[key], &format!("{path}{mark}"), visit);
        }
    }
}

#[test]
fn the_definition_names_the_resource() {
    let crd = crd();
    assert_eq!(crd["metadata"]["name"], "wordpressclusters.wordpresscluster.dev");
    assert_eq!(crd["spec"]["scope"], "Namespaced");
    assert_eq!(
        crd["spec"]["names"],
        json!({
            "categories": ["wordpress"],
            "kind": "WordPressCluster",
            "plural": "wordpressclusters",
            "shortNames": ["wpc"],
            "singular": "wordpresscluster",
        })
    );
    let version = &crd["spec"]["versions"][0];
    assert_eq!(version["name"], "v1alpha1");
    assert_eq!(version["subresources"], json!({"status": {}}));
    let columns: Vec<_> =
        version["additionalPrinterColumns"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    // The message shows with `-o wide`.
    assert_eq!(columns, ["Ready", "Reason", "Progress", "Site", "Web", "$/Month", "Message", "Age"]);
}

#[test]
fn every_column_shows_a_field_of_the_status() {
    let status = &root()["properties"]["status"];
    for column in crd()["spec"]["versions"][0]["additionalPrinterColumns"].as_array().unwrap() {
        let path = column["jsonPath"].as_str().unwrap();
        let Some(path) = path.strip_prefix(".status.").filter(|path| !path.starts_with("conditions[")) else {
            continue;
        };
        let schema = path.split('.').fold(status, |schema, name| &schema["properties"][name]);
        assert_eq!(schema["type"], column["type"], "{path}");
    }
}

#[test]
fn the_file_says_what_the_definition_says() {
    let yaml = wpc_api::crd_yaml();
    assert_eq!(yaml, wpc_api::crd_yaml());
    let file: Value = serde_saphyr::from_str(&yaml).unwrap();
    assert_eq!(wpc_api::crd(), serde_json::from_value(file).unwrap());
    assert!(yaml.contains("minimum: 2\n") && !yaml.contains("minimum: 2.0"));
}

/// The API server prices rules by the bounds of what they read.
#[test]
fn everything_in_the_spec_is_bounded_and_described() {
    walk(&root()["properties"]["spec"], "spec", &mut |path, schema| {
        let has = |key: &str| !schema[key].is_null();
        match schema["type"].as_str() {
            Some("string") => assert!(has("maxLength") || has("enum"), "{path} has no maxLength"),
            Some("integer") => assert!(has("minimum") && has("maximum"), "{path} has no range"),
            Some("array") => assert!(has("maxItems") && has("items"), "{path} has no maxItems"),
            Some("object") => assert!(has("properties") || has("maxProperties"), "{path} has no maxProperties"),
            Some("boolean") => {}
            other => panic!("{path} has type {other:?}"),
        }
        let is_field = path.rsplit_once('.').is_some_and(|(_, name)| !name.ends_with(']') && name != "*");
        assert!(!is_field || has("description"), "{path} has no description");
    });
}

/// Files are checked by our own reading of the schema: it must know every keyword.
#[test]
fn the_schema_uses_only_keywords_that_files_are_checked_by() {
    const KNOWN: &[&str] = &[
        "additionalProperties",
        "default",
        "description",
        "enum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minimum",
        "nullable",
        "properties",
        "required",
        "type",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-validations",
    ];
    let mut nullable = Vec::new();
    let root = root();
    for part in ["spec", "status"] {
        walk(&root["properties"][part], part, &mut |path, schema| {
            for key in schema.as_object().unwrap().keys() {
                assert!(KNOWN.contains(&key.as_str()), "{path} uses {key}");
            }
            assert!(schema["format"].is_null() || schema["format"] == "date-time", "{path}");
            if schema["nullable"] == true {
                nullable.push(path.to_owned());
            }
        });
    }
    assert_eq!(nullable, ["spec.sharedStorage.transitionToIADays", "status"]);
}

#[test]
fn the_status_has_no_defaults_and_its_lists_know_how_to_merge() {
    let status = &root()["properties"]["status"];
    walk(status, "status", &mut |path, schema| {
        assert!(schema["default"].is_null(), "{path}");
        if schema["type"] == "array" {
            let expected = if path == "status.conditions" { "map" } else { "atomic" };
            assert_eq!(schema["x-kubernetes-list-type"], expected, "{path}");
        }
    });
    assert_eq!(status["properties"]["conditions"]["x-kubernetes-list-map-keys"], json!(["type"]));
}

#[test]
fn three_fields_make_a_site() {
    let read = validate::manifest(MINIMAL).unwrap();
    let spec = WordPressClusterSpec::new("eu-west-1", Site::new(["gazette.example.org"], "editor@example.net"));
    assert_eq!(read.spec, spec, "the schema's defaults are those of the types");
    assert_eq!(read.metadata.name.as_deref(), Some("gazette"));

    let typed: WordPressCluster = serde_saphyr::from_str(MINIMAL).unwrap();
    assert_eq!(typed.spec, spec, "serde's defaults are those of the types");
}

/// A default is what it was: this snapshot changes only with the API version.
#[test]
fn defaults_stay_as_they_are() {
    insta::assert_yaml_snapshot!("default_spec", validate::manifest(MINIMAL).unwrap().spec);
}

/// Wherever a block is given in part, the schema fills it up as serde does.
#[test]
fn half_a_block_is_completed_alike_by_schema_and_serde() {
    let spec = json!({
        "region": "eu-west-1",
        "maintenanceWindow": {"days": ["Monday"]},
        "site": {"domains": ["gazette.example.org"], "adminEmail": "editor@example.net", "title": "Gazette"},
        "wordpress": {"php": {"version": "8.4"}},
        "network": {"availabilityZones": {"count": 2}},
        "compute": {"replicas": {"min": 2}, "scaling": {"schedules": [{"name": "day", "cron": "0 6 * * *", "min": 2, "max": 3}]}, "rollout": {"bakeSeconds": 5}, "rootVolume": {"size": "40Gi"}, "image": {"id": "ami-01234567"}},
        "loadBalancer": {"healthCheck": {"path": "/up"}},
        "database": {"engine": "AuroraMySQL", "storage": {"size": "60Gi"}, "serverless": {"maxCapacity": "16"}},
        "sharedStorage": {"throughputMode": "Bursting"},
        "cache": {"nodes": 3},
        "media": {"versioning": false},
        "cdn": {"priceClass": "PriceClass_200"},
        "dns": {"hostedZoneId": "Z1"},
        "firewall": {"loginRateLimit": 100},
        "encryption": {},
        "backup": {"retentionDays": 40},
        "monitoring": {"thresholds": {"webCPUPercent": 90}},
        "audit": {},
        "budget": {},
    });
    let object = json!({
        "apiVersion": "wordpresscluster.dev/v1alpha1",
        "kind": "WordPressCluster",
        "metadata": {"name": "gazette"},
        "spec": spec,
    });
    let by_serde: WordPressCluster = serde_json::from_value(object.clone()).unwrap();
    assert_eq!(validate::object(object).unwrap(), by_serde);
}
