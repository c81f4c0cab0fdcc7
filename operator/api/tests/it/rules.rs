//! Every rule of the schema, met from both sides. The cases are data, so that the same tables can be put
//! to a real API server.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use wpc_api::{
    WordPressCluster,
    validate::{self, Problem},
};

type Fields = Map<String, Value>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    set: Fields,
    at: String,
    says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    set: Fields,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    #[serde(default)]
    from: Fields,
    to: Fields,
    at: Option<String>,
    says: Option<String>,
}

fn cases<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<T> {
    serde_saphyr::from_str(text).unwrap()
}

fn refused() -> Vec<Refused> {
    cases(include_str!("../cases/refused.yaml"))
}

fn accepted() -> Vec<Accepted> {
    cases(include_str!("../cases/accepted.yaml"))
}

fn updates() -> Vec<Update> {
    cases(include_str!("../cases/updates.yaml"))
}

/// The minimal object with these fields set, by dotted path from the top.
fn object(fields: &Fields) -> Value {
    let mut object = json!({
        "apiVersion": "wordpresscluster.dev/v1alpha1",
        "kind": "WordPressCluster",
        "metadata": {"name": "gazette", "namespace": "press"},
        "spec": {
            "region": "eu-west-1",
            "site": {"domains": ["gazette.example.org"], "adminEmail": "editor@example.net"},
        },
    });
    for (path, value) in fields {
        // A tag's key may hold dots, but a path here does not reach into maps.
        let place = path.split('.').fold(&mut object, |place, name| &mut place[name]);
        *place = value.clone();
    }
    object
}

fn read(fields: &Fields) -> WordPressCluster {
    validate::object(object(fields)).unwrap_or_else(|problems| panic!("{fields:?}: {problems:?}"))
}

fn said(problems: &[Problem], at: &str, says: &str) -> bool {
    problems.iter().any(|problem| problem.path == at && problem.message.starts_with(says))
}

#[test]
fn what_is_refused_is_refused_with_advice() {
    for Refused { set, at, says } in refused() {
        let problems = validate::object(object(&set)).err().unwrap_or_default();
        assert!(said(&problems, &at, &says), "{set:?} should be refused at `{at}` with `{says}`: {problems:?}");
    }
}

#[test]
fn what_is_accepted_survives_the_way_there_and_back() {
    for Accepted { set } in accepted() {
        let read = read(&set);
        assert_eq!(validate::object(json!(read)), Ok(read), "{set:?}");
    }
}

#[test]
fn updates_keep_what_is_immutable() {
    for Update { from, to, at, says } in updates() {
        let problems = validate::update(&read(&from), &read(&to));
        match (at, says) {
            (Some(at), Some(says)) => {
                assert!(said(&problems, &at, &says), "{from:?} to {to:?} should be refused: {problems:?}");
                assert_eq!(problems.len(), 1, "{problems:?}");
            }
            _ => assert_eq!(problems, [], "{from:?} to {to:?}"),
        }
    }
}

/// A rule: where it stands (items as `[]`), its text and its message.
struct Rule {
    path: String,
    rule: String,
    message: String,
}

fn rules() -> Vec<Rule> {
    fn walk(schema: &Value, path: String, found: &mut Vec<Rule>) {
        for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
            let text = |key: &str| rule[key].as_str().unwrap().to_owned();
            found.push(Rule { path: path.clone(), rule: text("rule"), message: text("message") });
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            walk(property, if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, found);
        }
        if schema["items"].is_object() {
            walk(&schema["items"], format!("{path}[]"), found);
        }
    }
    let crd = json!(wpc_api::crd());
    let mut found = Vec::new();
    walk(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], String::new(), &mut found);
    found
}

#[test]
fn no_rule_is_without_a_case() {
    let rules = rules();
    assert!(rules.len() > 80, "{} rules", rules.len());
    let (refused, updates) = (refused(), updates());
    for Rule { path, rule, message } in &rules {
        let met = if rule.contains("oldSelf") {
            updates.iter().any(|case| case.says.as_ref().is_some_and(|says| message.starts_with(says)))
        } else {
            refused.iter().any(|case| message.starts_with(&case.says))
        };
        assert!(met, "no case refuses for `{rule}` at {path}");
    }

    fn places(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        found.insert(path.to_owned());
        for (name, field) in value.as_object().into_iter().flatten() {
            places(field, format!("{path}.{name}").trim_start_matches('.'), found);
        }
        for item in value.as_array().into_iter().flatten() {
            places(item, &format!("{path}[]"), found);
        }
    }
    let mut reached = BTreeSet::new();
    accepted().iter().for_each(|case| places(&json!(read(&case.set)), "", &mut reached));
    for Rule { path, rule, .. } in &rules {
        assert!(reached.contains(path), "no case keeps `{rule}` at {path}");
    }
}

#[test]
fn every_message_says_what_to_write_and_fits_a_line() {
    for Rule { path, message, .. } in rules() {
        let advice = [": ", "; "].iter().any(|mark| message.contains(mark))
            || message.contains("needs ")
            || message.contains("its slug");
        assert!(advice && message.len() <= 200, "{path}: {message}");
    }
}
