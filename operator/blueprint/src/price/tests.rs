use wpc_api::v1alpha1::{CacheEngine, DatabaseEngine, NatGateways, Serverless, SharedStorageType, Tls};
use wpc_api::{Area, WordPressCluster, WordPressClusterSpec};

use super::*;

fn fixture() -> WordPressClusterSpec {
    WordPressClusterSpec { region: "us-east-1".into(), ..WordPressCluster::fixture().spec }
}

fn production() -> WordPressClusterSpec {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/samples/production.yaml");
    let object: WordPressCluster = serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    object.spec
}

/// Worked by hand from AWS's price pages of us-east-1: how many, how much of it, and the published price.
const BY_HAND: &[(&str, f64, f64, f64)] = &[
    // Amazon VPC pricing: NAT gateways, 20 GB through each; public IPv4 addresses of those and of the load balancer.
    ("NAT gateways", 3.0, 730.0, 0.045),
    ("their data", 3.0, 20.0, 0.045),
    ("addresses", 6.0, 730.0, 0.005),
    // Amazon EC2 On-Demand pricing: m7g.large with Linux. Amazon EBS pricing: gp3. Transfer between zones, both ways.
    ("instances", 3.0, 730.0, 0.0816),
    ("root volumes", 3.0, 30.0, 0.08),
    ("between zones", 2.0, 50.0, 0.01),
    // Elastic Load Balancing pricing: application load balancer, one LCU.
    ("load balancer", 1.0, 730.0, 0.0225),
    ("LCU", 1.0, 730.0, 0.008),
    // Amazon RDS for MySQL pricing: db.m7g.large in one zone; a standby doubles it. gp3 in one zone.
    ("primary and standby", 2.0, 730.0, 0.168),
    ("replicas", 2.0, 730.0, 0.168),
    ("database storage", 4.0, 50.0, 0.115),
    // AWS Secrets Manager pricing: the database's two, WordPress's keys, the cache's and the distribution's.
    ("secrets", 5.0, 1.0, 0.40),
    // Amazon EFS pricing: 20 GB, half of it in Infrequent Access; Elastic throughput.
    ("files", 1.0, 10.0, 0.30),
    ("files seldom used", 1.0, 10.0, 0.016),
    ("files read", 1.0, 20.0, 0.03),
    ("files written", 1.0, 5.0, 0.06),
    // Amazon ElastiCache pricing: cache.t4g.small with Valkey.
    ("cache", 2.0, 730.0, 0.0256),
    // Amazon CloudFront pricing: 100 GB and 3 million HTTPS requests, North America.
    ("CDN data", 1.0, 100.0, 0.085),
    ("CDN requests", 1.0, 300.0, 0.01),
    // AWS WAF pricing: an ACL, five groups and a rate rule, 3 million requests.
    ("web ACL", 1.0, 1.0, 5.0),
    ("rules", 6.0, 1.0, 1.0),
    ("inspected requests", 1.0, 3.0, 0.60),
    // AWS Backup pricing: half of 50 GB, 20 GB of files, and a hundredth more for each of 35 days.
    ("database backups", 1.35, 25.0, 0.095),
    ("file backups", 1.35, 20.0, 0.05),
    // Amazon CloudWatch pricing: eleven alarms, one composite, a dashboard, 5 GB of logs.
    ("alarms", 11.0, 1.0, 0.10),
    ("composite alarm", 1.0, 1.0, 0.50),
    ("dashboard", 1.0, 1.0, 3.0),
    ("logs", 1.0, 5.0, 0.53),
    ("what the firewall stops", 1.0, 1.0, 0.53),
    // Vended logs of the same page: 10 GB of flow logs.
    ("flow logs", 1.0, 10.0, 0.50),
    // Amazon S3 pricing: 5 GB of access logs of load balancer and CDN each, 10 GB of the trail's files. The first trail costs nothing.
    ("logs in buckets", 1.0, 20.0, 0.023),
];

#[test]
fn the_production_sample_costs_what_was_worked_by_hand() {
    let by_hand: f64 = BY_HAND.iter().map(|(_, count, quantity, price)| count * quantity * price).sum();
    let estimate = Estimate::of(&production(), &[]);
    let monthly = estimate.monthly().unwrap();
    let off = (monthly - by_hand).abs() / by_hand;
    assert!(off < 0.02, "the estimate is {monthly:.2}, by hand it is {by_hand:.2}: {:#?}", estimate.lines);
    assert!((900.0..1200.0).contains(&by_hand), "{by_hand}");
}

/// What a change of the fixture costs, by area.
fn change(edit: impl FnOnce(&mut WordPressClusterSpec)) -> Vec<(Area, String)> {
    let (before, mut spec) = (Estimate::of(&fixture(), &[]), fixture());
    edit(&mut spec);
    let after = Estimate::of(&spec, &[]);
    assert!(after.monthly().is_some(), "{:?}", after.unknown);
    let differ = Area::ALL.into_iter().filter_map(|area| {
        let by = after.of_area(area) - before.of_area(area);
        (by.abs() > 0.005).then(|| (area, format!("{by:+.2}")))
    });
    differ.collect()
}

#[test]
fn what_the_spec_turns_on_and_off_changes_its_area() {
    let is = |found: Vec<(Area, String)>, wanted: &[(Area, &str)]| {
        let found: Vec<_> = found.iter().map(|(area, by)| (*area, by.as_str())).collect();
        assert_eq!(found, wanted);
    };
    is(change(|spec| spec.network.nat_gateways = NatGateways::Single), &[(Area::Network, "-74.80")]);
    // Seven endpoints in three zones for three gateways.
    is(change(|spec| spec.network.nat_gateways = NatGateways::None), &[(Area::Network, "+41.80")]);
    // 7 x (3 x 730 x $0.01 + 10 GB x $0.01)
    is(change(|spec| spec.network.interface_endpoints = Some(true)), &[(Area::Network, "+154.00")]);
    is(change(|spec| spec.compute.replicas.min = 4), &[(Area::Compute, "+61.97")]);
    is(change(|spec| spec.database.multi_az = false), &[(Area::Database, "-128.39")]);
    is(change(|spec| spec.database.read_replicas = 0), &[(Area::Database, "-256.78"), (Area::Monitoring, "-0.20")]);
    is(change(|spec| spec.cache.engine = CacheEngine::Redis), &[(Area::Cache, "+9.34")]);
    is(change(|spec| spec.cache.engine = CacheEngine::None), &[(Area::Cache, "-37.78"), (Area::Monitoring, "-0.30")]);
    is(change(|spec| spec.cdn.enabled = false), &[(Area::Traffic, "+9.00"), (Area::Cdn, "-11.90")]);
    is(change(|spec| spec.firewall.enabled = false), &[(Area::Firewall, "-12.80")]);
    is(change(|spec| spec.firewall.deny_cidrs = vec!["203.0.113.0/24".into()]), &[(Area::Firewall, "+1.00")]);
    is(change(|spec| spec.backup.copy_to_region = Some("us-west-2".into())), &[(Area::Backup, "+4.83")]);
    is(change(|spec| spec.media.offload = true), &[(Area::Media, "+1.40")]);
    is(change(|spec| spec.audit.cloud_trail = true), &[(Area::Audit, "+0.23")]);
    is(change(|spec| spec.firewall.logging = true), &[(Area::Firewall, "+0.53")]);
    is(change(|spec| spec.network.flow_logs = true), &[(Area::Network, "+5.00")]);
    is(change(|spec| spec.tls = Tls::Disabled), &[]);
}

#[test]
fn aurora_is_priced_by_its_machines_or_its_fewest_units() {
    let aurora = |serverless| {
        let mut spec = fixture();
        spec.database.engine = DatabaseEngine::AuroraMySql;
        spec.database.serverless = serverless;
        Estimate::of(&spec, &[]).of_area(Area::Database)
    };
    // A writer and two readers of db.r7g.large, 25 GB, 50 million requests, two secrets.
    assert_eq!(format!("{:.2}", aurora(None)), "617.74");
    assert_eq!(format!("{:.2}", aurora(Some(Serverless::default()))), "144.70");
}

#[test]
fn one_disk_costs_less_than_a_file_system() {
    let mut spec = fixture();
    spec.shared_storage.kind = SharedStorageType::Ebs;
    assert_eq!(format!("{:.2}", Estimate::of(&spec, &[]).of_area(Area::Storage)), "4.00");
}

#[test]
fn what_has_no_price_is_named_and_there_is_no_total() {
    let mut spec = fixture();
    spec.compute.instance_types = Some(vec!["m99g.large".into()]);
    let estimate = Estimate::of(&spec, &[]);
    assert_eq!(estimate.monthly(), None);
    assert_eq!(estimate.unknown, ["no price of m99g.large in us-east-1 is known"]);

    spec = fixture();
    spec.region = "xx-nowhere-1".into();
    let estimate = Estimate::of(&spec, &[]);
    assert_eq!((estimate.monthly(), estimate.lines.len()), (None, 0));
    assert_eq!(estimate.unknown, ["no prices of xx-nowhere-1 are known"]);
}

#[test]
fn a_list_that_is_given_counts_before_the_one_that_is_known() {
    let mut list = Prices::known("us-east-1").unwrap().clone();
    list.rates.nat_gateway_hour = Some(0.1);
    let difference = 3.0 * HOURS * (0.1 - 0.045);
    let of = |given: &[Prices]| Estimate::of(&fixture(), given).of_area(Area::Network);
    assert!((of(&[list.clone()]) - of(&[]) - difference).abs() < 1e-9);
    list.rates.nat_gateway_hour = None;
    let estimate = Estimate::of(&fixture(), &[list]);
    assert_eq!(estimate.unknown, ["no price of the NAT gateway (network/nat-gateway-*) in us-east-1 is known"]);
}

#[test]
fn components_have_their_share() {
    let estimate = Estimate::of(&fixture(), &[]);
    let of = |component: &str| estimate.of_component(component).map(|price| format!("{price:.2}"));
    assert_eq!(of("network/nat-gateway-b"), Some("33.75".into()));
    assert_eq!(of("database/replica-2"), Some("128.39".into()));
    assert_eq!(of("monitoring/alarm-web-cpu"), Some("0.10".into()));
    assert_eq!(of("monitoring/alarm-site-down"), Some("0.50".into()));
    assert_eq!(of("network/vpc"), None);
}

#[test]
fn reserving_saves_about_a_third_of_the_machines() {
    let reserved = Estimate::of(&fixture(), &[]).reserved().unwrap();
    let share = reserved.saving() / reserved.on_demand;
    assert!((0.29..0.35).contains(&share), "{share}");
}

#[test]
fn a_budget_names_both_numbers_and_what_to_change() {
    let estimate = Estimate::of(&fixture(), &[]);
    let monthly = estimate.monthly().unwrap();
    assert_eq!(estimate.above(monthly as u32 + 1), None);
    let over = estimate.above(500).unwrap();
    let text = over.to_string();
    assert_eq!(over.reason(), "BudgetExceeded");
    for word in [&format!("${monthly:.2}"), "$500.00", "database ($", "Raise the budget"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let mut spec = fixture();
    spec.region = "xx-nowhere-1".into();
    let over = Estimate::of(&spec, &[]).above(500).unwrap();
    assert_eq!(over.reason(), "PriceUnknown");
    assert!(over.to_string().contains("no prices of xx-nowhere-1"), "{over}");
}
