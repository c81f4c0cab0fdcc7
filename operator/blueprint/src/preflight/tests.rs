use std::collections::BTreeSet;

use wpc_api::WordPressCluster;
use wpc_api::v1alpha1::{DatabaseEngine, DatabaseRestore, NatGateways, Serverless};
use wpc_engine::{Class, Fault};

use super::*;
use crate::database::restore::Source;
use crate::storage::volume::Snapshot;
use crate::{Blueprint, Facts, Stack};

fn needs(edit: impl FnOnce(&mut wpc_api::WordPressClusterSpec)) -> Needs {
    let mut spec = WordPressCluster::fixture().spec;
    spec.region = "us-east-1".into();
    edit(&mut spec);
    let facts = Facts::assumed(&spec.region);
    Needs::of(&Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap())
}

fn zones(letters: &str) -> BTreeSet<String> {
    letters.chars().map(|letter| format!("us-east-1{letter}")).collect()
}

fn denied() -> Fault {
    Fault { request_id: Some("r-1".into()), ..Fault::new(Class::Denied, "no").in_action(GET_QUOTA) }
}

/// What a check says, in one line.
fn said(check: Check) -> String {
    format!("{:?} {}: {}", check.verdict, check.reason, check.message)
}

#[test]
fn what_a_site_needs_follows_its_spec() {
    let plain = needs(|_| ());
    assert_eq!((plain.vpcs, plain.addresses, plain.instances), (1, 3, 3));
    assert_eq!((plain.class.as_str(), plain.version.as_str(), plain.standby), ("db.m7g.large", "8.4", true));
    assert_eq!(plain.zones, zones("abc"));
    assert_eq!(needs(|spec| spec.network.nat_gateways = NatGateways::Single).addresses, 1);
    assert_eq!(needs(|spec| spec.network.nat_gateways = NatGateways::None).addresses, 0);
    let aurora = needs(|spec| {
        spec.database.engine = DatabaseEngine::AuroraMySql;
        spec.database.serverless = Some(Serverless::default());
    });
    assert_eq!((aurora.engine, aurora.class.as_str(), aurora.standby), ("aurora-mysql", "db.serverless", false));
}

#[test]
fn a_quota_counts_what_is_used() {
    let of = |used, more| said(quota(ADDRESSES, Quota::ADDRESSES, "addresses", more, Ok(Usage { limit: 5, used })));
    assert_eq!(of(2, 3), "Passed Passed: 2 of 5 addresses are in use, 3 more are needed");
    let failed = of(3, 3);
    assert!(failed.starts_with("Failed QuotaExceeded: 3 of 5 addresses are in use, 3 more are needed."), "{failed}");
    assert!(failed.contains("EC2-VPC Elastic IPs") && failed.contains("L-0263D0A3"), "{failed}");
    let unknown = said(quota(VPCS, Quota::VPCS, "VPCs", 1, Err(denied())));
    assert_eq!(unknown, "Unknown AccessDenied: could not be checked: servicequotas:GetServiceQuota: no");
}

#[test]
fn types_with_a_quota_of_their_own_do_not_count() {
    for (name, standard) in [("m7g.large", true), ("t4g.micro", true), ("inf2.xlarge", false), ("g5.xlarge", false)] {
        assert_eq!(is_standard(name), standard, "{name}");
    }
}

#[test]
fn each_zone_must_offer_one_of_the_types() {
    let needs = needs(|spec| spec.compute.instance_types = Some(vec!["m7g.large".into(), "m6g.large".into()]));
    let offer = |name: &str, letters: &str| -> Vec<_> {
        let offering = |zone| Offering { instance_type: name.into(), zone };
        zones(letters).into_iter().map(offering).collect()
    };
    let of = |offered: Vec<Offering>| said(instance_types(&needs, Ok(offered)));
    assert_eq!(
        of([offer("m7g.large", "ab"), offer("m6g.large", "c")].concat()),
        "Passed Passed: m7g.large, m6g.large: offered in every zone"
    );
    let failed = of(offer("m7g.large", "abd"));
    assert!(failed.contains("not offered in us-east-1c, but in us-east-1a, us-east-1b, us-east-1d"), "{failed}");
    assert!(of(vec![]).contains("no zone of the region offers m7g.large"));
    assert!(said(instance_types(&needs, Err(denied()))).starts_with("Unknown"));
}

#[test]
fn a_class_must_be_offered_with_the_version_the_standby_and_the_zones() {
    let needs = needs(|_| ());
    let option = |version: &str, letters: &str, standby, replicas| Orderable {
        version: version.into(),
        zones: zones(letters),
        standby,
        replicas,
    };
    let of = |offered: Vec<Orderable>| said(database(&needs, Ok(offered)));
    assert_eq!(of(vec![option("8.4.6", "abc", true, true)]), "Passed Passed: mysql 8.4 on db.m7g.large: offered");
    for (offered, words) in [
        (vec![], "does not offer db.m7g.large for mysql"),
        (vec![option("8.0.42", "abc", true, true)], "8.4 on db.m7g.large, but 8.0.42"),
        (vec![option("8.40.1", "abc", true, true)], "but 8.40.1"),
        (vec![option("8.4.6", "abc", false, true)], "without the standby"),
        (vec![option("8.4.6", "abc", true, false)], "without the standby (database.multiAZ) or the replicas"),
        (vec![option("8.4.6", "aef", true, true)], "2 of the site's zones are needed"),
    ] {
        let text = of(offered);
        assert!(text.starts_with("Failed PreflightFailed") && text.contains(words), "{words}: {text}");
    }
}

#[test]
fn the_domains_must_lie_in_a_public_zone() {
    let domains = ["www.example.com".to_owned(), "example.com".to_owned()];
    let of = |name: &str, private| {
        let zone = HostedZone { name: name.into(), private };
        said(hosted_zone("Z1", &domains, Ok(Some(zone))))
    };
    assert_eq!(of("example.com.", false), "Passed Passed: the domains lie in example.com");
    assert!(of("example.com.", true).contains("is private"));
    assert!(of("ample.com.", false).contains("www.example.com, example.com lies outside"));
    assert!(said(hosted_zone("Z1", &domains, Ok(None))).contains("there is no hosted zone Z1"));
}

#[test]
fn what_a_site_is_restored_from_must_fit() {
    let needs = needs(|spec| {
        let snapshot_id = Some("before".into());
        spec.database.restore_from = Some(DatabaseRestore { snapshot_id, source_id: None, time: None });
    });
    let found = |status: &str| Source {
        engine: "mysql".into(),
        version: "8.4.7".into(),
        username: "wordpress".into(),
        gibibytes: 50,
        encrypted: true,
        key: None,
        status: status.into(),
        latest: None,
    };
    let of = |found| said(origin(&needs, needs.origin.as_ref().unwrap(), found));
    assert!(of(Ok(Some(found("available")))).starts_with("Passed"));
    assert!(of(Ok(Some(found("creating")))).starts_with("Unknown NotChecked: the snapshot before is creating"));
    assert!(of(Ok(None)).starts_with("Failed PreflightFailed: there is no snapshot before"));
    assert!(of(Err(denied())).starts_with("Unknown AccessDenied"));
    let small = Snapshot { gibibytes: 80, complete: Some(true) };
    assert!(said(disk("snap-1", 50, Ok(Some(small)))).starts_with("Failed PreflightFailed: the snapshot snap-1"));
    assert!(said(disk("snap-1", 80, Ok(Some(small)))).starts_with("Passed"));
    assert!(said(disk("snap-1", 80, Err(denied()))).starts_with("Unknown"));
    let point = "arn:aws:backup:us-east-1:210987654321:recovery-point:1EB3";
    let files = |region: &str, there| said(recovery_point(point, (region, "210987654321"), there));
    assert!(files("us-east-1", Ok(true)).starts_with("Passed"));
    assert!(files("us-east-1", Ok(false)).starts_with("Failed PreflightFailed: there is no recovery point"));
    assert!(files("us-east-1", Err(denied())).starts_with("Unknown"));
    assert!(files("us-west-2", Ok(false)).starts_with("Failed PreflightFailed: the recovery point is in us-east-1"));
}
