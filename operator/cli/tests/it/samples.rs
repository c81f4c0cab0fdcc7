use std::collections::BTreeSet;

use serde_json::Value;

use crate::{repository, stderr, stdout, wpc};

/// The files of config/samples, and the fewest components that each must be made of.
const SAMPLES: &[(&str, usize)] = &[
    ("aurora.yaml", 55),
    ("byo-network.yaml", 30),
    ("global-two-regions.yaml", 55),
    ("minimal.yaml", 55),
    ("multi-az.yaml", 55),
    ("production.yaml", 55),
    ("single-instance.yaml", 40),
];

#[test]
fn every_sample_is_listed() {
    let files = std::fs::read_dir(repository("config/samples")).unwrap();
    let found: BTreeSet<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let listed = SAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn every_sample_is_valid() {
    for (name, _) in SAMPLES {
        let output = wpc(&["validate", "-f", &path(name)]);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert!(stdout(&output).ends_with("valid\n"), "{name}");
    }
}

#[test]
fn every_sample_is_planned_without_aws_and_without_an_environment() {
    for (name, fewest) in SAMPLES {
        let output = wpc(&["plan", "--offline", "-o", "json", "-f", &path(name)]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", stderr(&output));
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        let actions = plan["actions"].as_array().unwrap();
        let components: BTreeSet<_> = actions.iter().map(|action| action["component"].as_str().unwrap()).collect();
        assert_eq!(components.len(), actions.len(), "{name}: a component is created twice");
        assert!(actions.iter().all(|action| action["verb"] == "Create"), "{name}");
        assert_eq!(plan["summary"]["create"], actions.len(), "{name}");
        assert!(components.len() >= *fewest, "{name}: only {} components", components.len());
        assert!(!plan["hash"].as_str().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn the_minimal_sample_has_only_what_is_required() {
    let text = std::fs::read_to_string(repository("config/samples/minimal.yaml")).unwrap();
    let mut object: Value = serde_saphyr::from_str(&text).unwrap();
    assert!(wpc_api::validate::object(object.clone()).is_ok());
    let required = [("/spec", "region"), ("/spec/site", "domains"), ("/spec/site", "adminEmail")];
    for (place, field) in required {
        let fields = object.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
        let value = fields.remove(field).unwrap_or_else(|| panic!("{place}/{field} is missing"));
        if field == "domains" {
            assert_eq!(value.as_array().map(Vec::len), Some(1));
        }
    }
    assert_eq!(object["spec"], serde_json::json!({"site": {}}), "more than the required fields");
}

fn path(name: &str) -> String {
    repository("config/samples").join(name).display().to_string()
}
