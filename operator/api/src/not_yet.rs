//! What may be asked for, but is not built yet. This is the only list of it: a value other than the
//! default at one of these paths stops the site with `NotSupportedYet` and the path, and a field leaves
//! the list with the code that honours it.

use serde_json::{Value, json};

use crate::{Area, WordPressClusterSpec, v1alpha1::Site};

/// A value that was asked for and is not built yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotYet {
    /// The field, such as `database.engine`, relative to the spec.
    pub path: &'static str,
    /// The area it belongs to; none if it is about the site as a whole.
    pub area: Option<Area>,
    /// What was asked for, and what to write instead.
    pub message: String,
}

/// A path, its area, and the values beside the default that are built.
type Row = (&'static str, Option<Area>, &'static [&'static str]);

const TABLE: &[Row] = &[("changePolicy", None, &[]), ("maintenanceWindow", None, &[]), ("hibernate", None, &[])];

/// Every value in the spec that is not built yet.
pub fn not_yet(spec: &WordPressClusterSpec) -> Vec<NotYet> {
    let given = json!(spec);
    let default = json!(WordPressClusterSpec::new("", Site::new([""; 0], "")));
    let rows = TABLE.iter().filter_map(|(path, area, built)| {
        let (given, default) = (at(&given, path), at(&default, path));
        let honoured = given == default || given.as_str().is_some_and(|given| built.contains(&given));
        (!honoured).then(|| NotYet { path, area: *area, message: message(given, default, built) })
    });
    rows.collect()
}

fn at<'a>(spec: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(spec, |value, name| &value[name])
}

fn message(given: &Value, default: &Value, built: &[&str]) -> String {
    match (given, default) {
        (_, Value::Null) => "is not supported yet: leave it out".to_owned(),
        (given, default) => {
            let instead: Vec<_> = [default.clone()].into_iter().chain(built.iter().map(|value| json!(value))).collect();
            let instead: Vec<_> = instead.iter().map(plain).collect();
            format!("{} is not supported yet: leave it out, or write {}", plain(given), instead.join(" or "))
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().filter(|text| !text.is_empty()).map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        WordPressCluster,
        schema::object_schema,
        v1alpha1::{ChangePolicy, DatabaseEngine},
    };

    #[test]
    fn every_path_is_in_the_schema_once() {
        let object = object_schema();
        for (index, (path, _, built)) in TABLE.iter().enumerate() {
            let spec = &object["properties"]["spec"];
            let schema = path.split('.').fold(spec, |schema, name| &schema["properties"][name]);
            assert!(schema.is_object(), "{path}");
            assert!(TABLE[index + 1..].iter().all(|(other, _, _)| other != path), "{path} twice");
            for value in *built {
                assert!(schema["enum"].as_array().unwrap().contains(&json!(value)), "{path}: {value}");
            }
        }
    }

    #[test]
    fn the_default_spec_asks_for_nothing_unbuilt() {
        assert_eq!(not_yet(&WordPressCluster::fixture().spec), []);
    }

    #[test]
    fn says_what_was_asked_for_and_what_to_write() {
        let mut spec = WordPressCluster::fixture().spec;
        spec.change_policy = ChangePolicy::Approve;
        spec.hibernate = true;
        let said: Vec<_> = not_yet(&spec).into_iter().map(|it| (it.path, it.area, it.message)).collect();
        assert_eq!(
            said,
            [
                ("changePolicy", None, "Approve is not supported yet: leave it out, or write Automatic".to_owned()),
                ("hibernate", None, "true is not supported yet: leave it out, or write false".to_owned()),
            ]
        );
        spec = WordPressCluster::fixture().spec;
        spec.database.engine = DatabaseEngine::AuroraMySql;
        assert_eq!(not_yet(&spec), []);
    }
}
