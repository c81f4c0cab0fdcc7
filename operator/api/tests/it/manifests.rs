//! Files as people write them, and what they are told.

use proptest::prelude::*;
use serde_json::json;
use wpc_api::{
    WordPressCluster, annotations,
    v1alpha1::{Architecture, CacheEngine, DatabaseEngine, ImageFamily},
    validate::{self, Problem},
};

fn problems(text: &str) -> Vec<String> {
    let problems: Vec<Problem> = validate::manifest(text).err().unwrap_or_default();
    problems.iter().map(Problem::to_string).collect()
}

/// The minimal manifest, with one text replaced.
fn minimal_with(old: &str, new: &str) -> String {
    let text = "
apiVersion: wordpresscluster.dev/v1alpha1
kind: WordPressCluster
metadata:
  name: gazette
  namespace: press
spec:
  region: eu-west-1
  site:
    domains: [gazette.example.org]
    adminEmail: editor@example.net
";
    assert!(text.contains(old));
    text.replace(old, new)
}

#[test]
fn each_mistake_is_named_with_its_place() {
    for (old, new, said) in [
        ("/v1alpha1", "/v1", "apiVersion: is wordpresscluster.dev/v1: write wordpresscluster.dev/v1alpha1"),
        ("  name: gazette\n", "", "metadata.name: is required: give the site a name"),
        (
            "name: gazette",
            "name: The_Gazette",
            "metadata.name: `The_Gazette` is no name: use lower-case letters, digits and hyphens, and begin and end with a letter or digit",
        ),
        ("namespace: press", "lables: {}", "metadata.lables: is no field"),
        ("spec:", "specs: {}\nspec:", "specs: is no field; did you mean `spec`?"),
        ("region:", "regoin:", "spec.region: is required: The AWS region of the site, such as `us-east-1`. Immutable."),
        ("region:", "regoin:", "spec.regoin: is no field; did you mean `region`?"),
        ("domains:", "domain:", "spec.site.domain: is no field; did you mean `domains`?"),
        ("[gazette.example.org]", "gazette.example.org", "spec.site.domains: is a string: write a list"),
        (
            "region: eu-west-1",
            "region: 7",
            "spec.region: is a number: write a string (in quotes, if it looks like something else)",
        ),
    ] {
        let problems = problems(&minimal_with(old, new));
        assert!(problems.iter().any(|problem| problem == said), "{new}: {problems:#?}");
    }
}

#[test]
fn every_mistake_is_named_at_once() {
    let text =
        minimal_with("region: eu-west-1", "region: eu-west-1\n  cache: {nodes: 9}\n  database: {readReplicas: 16}");
    assert_eq!(
        problems(&text),
        [
            "spec.cache.nodes: 9 is out of range: write 1 to 6",
            "spec.database.readReplicas: 16 is out of range: write 0 to 15"
        ]
    );
}

#[test]
fn other_documents_may_stand_beside_it() {
    let ours = minimal_with("name: gazette", "name: gazette");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: press}\n";
    assert!(validate::manifest(&format!("---\n{namespace}---\n{ours}---\n")).is_ok());
    assert_eq!(problems(namespace), ["kind: is Namespace: write WordPressCluster"]);
    let twice = problems(&format!("{ours}---\n{ours}"));
    assert_eq!(twice, ["holds more than one WordPressCluster: write each in a file of its own"]);
    assert_eq!(problems("").len(), 1);
    assert_eq!(problems("a: [").len(), 1);
    assert_eq!(problems(&minimal_with("name: gazette", "name: gazette\n  name: herald")).len(), 1, "a key twice");
}

#[test]
fn json_is_read_too() {
    let json = json!(WordPressCluster::fixture()).to_string();
    assert_eq!(validate::manifest(&json), Ok(WordPressCluster::fixture()));
}

#[test]
fn the_fixture_is_what_the_api_server_would_return() {
    let changed = WordPressCluster::fixture()
        .named("papers", "herald")
        .with_replicas(1)
        .with_instances(2, 4)
        .in_zones(2)
        .with_cache(CacheEngine::Redis)
        .annotated("wordpresscluster.dev/adopt", "true")
        .paused()
        .deleting();
    for object in [WordPressCluster::fixture(), changed.clone()] {
        assert_eq!(validate::object(json!(object)), Ok(object));
    }
    assert!(changed.adopts() && !changed.deletion_confirmed());
    assert!(changed.annotated("wordpresscluster.dev/confirm-delete", "herald").deletion_confirmed());
    assert_eq!(WordPressCluster::fixture().scope().unwrap(), None);
}

#[test]
fn what_is_left_out_is_resolved_by_engine_architecture_and_image() {
    let mut spec = WordPressCluster::fixture().spec;
    assert_eq!(spec.compute.instance_types(), ["m7g.large"]);
    spec.compute.architecture = Architecture::X86_64;
    assert_eq!(spec.compute.instance_types(), ["m7i.large"]);
    spec.compute.instance_types = Some(vec!["c7g.large".into(), "c6g.large".into()]);
    assert_eq!(spec.compute.instance_types(), ["c7g.large", "c6g.large"]);

    for (engine, version, arm, intel) in [
        (DatabaseEngine::MySql, "8.4", "db.m7g.large", "db.m7i.large"),
        (DatabaseEngine::AuroraMySql, "8.4", "db.r7g.large", "db.r7i.large"),
        (DatabaseEngine::MariaDb, "11.8", "db.m7g.large", "db.m7i.large"),
    ] {
        spec.database.engine = engine;
        assert_eq!(spec.database.version(), version);
        assert_eq!(spec.database.instance_class(Architecture::Arm64), arm);
        assert_eq!(spec.database.instance_class(Architecture::X86_64), intel);
    }
    spec.database.version = Some("8.4.6".into());
    spec.database.instance_class = Some("db.r8g.large".into());
    assert_eq!((spec.database.version(), spec.database.instance_class(Architecture::Arm64)), ("8.4.6", "db.r8g.large"));

    for (engine, version) in [
        (CacheEngine::Valkey, Some("8.1")),
        (CacheEngine::Redis, Some("7.1")),
        (CacheEngine::Memcached, Some("1.6.22")),
        (CacheEngine::None, None),
    ] {
        spec.cache.engine = engine;
        assert_eq!(spec.cache.version(), version);
    }
    spec.cache.version = Some("7.2".into());
    assert_eq!(spec.cache.version(), None, "without an engine there is no version");

    assert_eq!(spec.wordpress.php.version(ImageFamily::Ubuntu2404), "8.3");
    assert_eq!(spec.wordpress.php.version(ImageFamily::AmazonLinux2023), "8.4");

    assert_eq!(spec.network.availability_zones.count(), 3);
    spec.network.availability_zones.names = Some(vec!["eu-west-1a".into(), "eu-west-1b".into()]);
    assert_eq!(spec.network.availability_zones.count(), 2);
    assert_eq!(spec.site.canonical_domain(), Some("gazette.example.org"));
}

fn object_with(field: &str, value: serde_json::Value) -> Result<WordPressCluster, Vec<Problem>> {
    let mut object = json!(WordPressCluster::fixture());
    object["spec"]["site"][field] = value;
    validate::object(object)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_domain_panics_or_carries_anything_else(domain in prop_oneof![any::<String>(), "[a-z0-9.;$`'\" -]{1,24}"]) {
        if object_with("domains", json!([domain])).is_ok() {
            prop_assert!(domain.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-'));
            prop_assert!(domain.contains('.') && domain.len() <= 253);
        }
    }

    #[test]
    fn no_title_carries_what_a_shell_or_php_would_run(title in prop_oneof![any::<String>(), "[a$({`\\\\<?\n ]{1,8}"]) {
        let refused = title.chars().any(|c| c.is_ascii_control() || c == '`' || c == '\\')
            || ["$(", "${", "<?"].iter().any(|start| title.contains(start))
            || title.chars().count() > 200;
        prop_assert_eq!(object_with("title", json!(title)).is_err(), refused);
    }

    #[test]
    fn no_annotation_panics_or_means_more_than_it_says(
        text in prop_oneof![any::<String>(), "[{}\":, a-z]{0,40}", Just("true".to_owned()), Just("gazette".to_owned())],
    ) {
        let said = |name| WordPressCluster::fixture().annotated(name, &text);
        prop_assert_eq!(said(annotations::ADOPT).adopts(), text == "true");
        prop_assert_eq!(said(annotations::CONFIRM_DELETE).deletion_confirmed(), text == "gazette");
        prop_assert!(said(annotations::SCOPE).scope().is_err(), "a scope has an account, a region and a stack");
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        prop_assert!(validate::manifest(&text).is_err());
    }
}
