use std::collections::BTreeSet;

use futures::executor::block_on;
use ipnet::Ipv4Net;
use proptest::prelude::*;
use serde_json::Value;
use wpc_api::{WordPressCluster, WordPressClusterSpec, validate};
use wpc_blueprint::{Blueprint, Facts, Impossible, Kinds, Stack, assemble};
use wpc_engine::{Key, Memory, Options, Outcome, Report, run};

use crate::arbitrary::object;

/// More things than the largest stack has, also with as many replicas as a byte can say.
const MANY: usize = 400;

fn stack() -> Stack {
    Stack::new("default", "press", "gazette")
}

/// What would be made of a spec if nothing existed.
fn planned(spec: WordPressClusterSpec) -> Result<(Blueprint, Report), Impossible> {
    let facts = Facts::assumed(&spec.region);
    let blueprint = Blueprint::new(spec, stack(), &facts)?;
    let kinds = Kinds::offline();
    let assembly = assemble(&blueprint, &kinds);
    let report = block_on(run(&assembly.graph, &kinds.all(), &mut Memory::fresh(), &Options::plan()));
    Ok((blueprint, report))
}

/// What AWS takes as a tag. See "Tag naming limits and requirements" in the documentation of AWS.
fn is_tag(name: &str, value: &str) -> bool {
    let sign = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let length = |text: &str| text.chars().count();
    (1..=128).contains(&length(name))
        && length(value) <= 256
        && name.chars().chain(value.chars()).all(sign)
        && !name.to_ascii_lowercase().starts_with("aws:")
}

/// The longest names, by service: load balancer and target group, replication group, DB instance, role, instance profile
/// and policy, Auto Scaling group and what else takes as much.
const LIMITS: [usize; 6] = [32, 40, 63, 64, 128, 255];

fn is_name(name: &str, max: usize) -> bool {
    name.len() <= max
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
        && !["internal-", "sg-", "aws-waf-logs-"].iter().any(|start| name.starts_with(start))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Also what the schema refuses: an object may have been written under another version's schema.
    #[test]
    fn no_spec_panics_and_no_plan_is_without_bounds(object in object()) {
        let spec: Option<WordPressClusterSpec> = serde_json::from_value(object["spec"].clone()).ok();
        if let Some(Ok((_, report))) = spec.map(planned) {
            prop_assert!(report.components.len() <= MANY, "{} components", report.components.len());
        }
        let told = validate::object(object);
        prop_assert!(told.err().is_none_or(|problems| problems.len() < 20_000));
    }

    /// What the schema takes can be built, or it is said why not; and it names and tags only what AWS takes.
    #[test]
    fn what_the_schema_takes_aws_takes(object in object()) {
        let Ok(object) = validate::object(object) else { return Ok(()) };
        let (blueprint, report) = match planned(object.spec) {
            Ok(planned) => planned,
            Err(why) => {
                prop_assert!(why.to_string().len() <= 512, "{why}");
                return Ok(());
            }
        };
        let absent = |c: &wpc_engine::Component| c.outcome == Outcome::Absent;
        prop_assert!(report.components.iter().all(absent) && !report.components.is_empty(), "{:?}", report.components);
        let keys: Vec<&Key> = report.components.iter().map(|component| &component.key).collect();
        for max in LIMITS {
            let names: BTreeSet<String> = keys.iter().map(|key| stack().name(key, max)).collect();
            prop_assert!(names.iter().all(|name| is_name(name, max)), "{names:?}");
            prop_assert_eq!(names.len(), keys.len(), "one name for two things");
        }
        let tags: Vec<(String, String)> = blueprint.tags().into_iter().chain(keys.iter().flat_map(|key| stack().tags(key))).collect();
        prop_assert!(tags.iter().all(|(name, value)| is_tag(name, value)), "{tags:?}");
        prop_assert!(blueprint.tags().len() + 4 <= 50, "AWS takes fifty tags");
        addresses(&blueprint)?;
    }
}

/// Every subnet lies inside the network, has room for a load balancer, and overlaps no other.
fn addresses(blueprint: &Blueprint) -> Result<(), TestCaseError> {
    let network: Ipv4Net = blueprint.spec.network.cidr;
    let nets: Vec<Ipv4Net> =
        blueprint.zones.iter().flat_map(|zone| [zone.plan.private, zone.plan.public, zone.plan.spare]).collect();
    for (index, net) in nets.iter().enumerate() {
        prop_assert!(network.contains(net) && net.prefix_len() <= 27 && net.prefix_len() >= 16, "{net} in {network}");
        prop_assert!(nets[index + 1..].iter().all(|other| !net.contains(other) && !other.contains(net)), "{nets:?}");
    }
    Ok(())
}

/// The schema refuses it, another version's may not have.
#[test]
fn two_zones_in_one_place_are_refused() {
    let mut spec = WordPressCluster::fixture().spec;
    spec.network.availability_zones.count = None;
    spec.network.availability_zones.names = Some(vec!["eu-west-1a".into(), "eu-west-1b".into(), "eu-west-1a".into()]);
    let told = planned(spec).err().map(|why| why.to_string()).unwrap_or_default();
    assert!(told.contains("eu-west-1a and eu-west-1a") && told.contains("a letter of its own"), "{told}");
}

/// The properties above are of specs that are taken and of specs that are not.
#[test]
fn some_specs_are_taken_and_some_are_not() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let taken: usize = (0..300)
        .filter(|_| {
            let object: Value =
                proptest::strategy::ValueTree::current(&object().new_tree(&mut runner).expect("no filter"));
            validate::object(object).is_ok()
        })
        .count();
    assert!((30..270).contains(&taken), "{taken} of 300 are taken");
}
