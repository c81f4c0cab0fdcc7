//! What AWS's Price List API answers, as a price list. See "GetProducts" in the AWS Billing API Reference, and "Reading the
//! service price list files" in the AWS Billing user guide.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Hour, Prices, Rates};

/// One question: a service, and attributes that its products must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The service, as the list names it.
    pub service: &'static str,
    /// Attributes and their values.
    pub filters: Vec<(&'static str, String)>,
    what: What,
}

/// What the answer is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Instances,
    Database(&'static str),
    Cache(&'static str),
    /// Rates, by the usage types of [`RATES`].
    Rates,
}

/// A rate: its name, its service, the end of its usage type (what stands before it is the region), an attribute that it
/// must have, and how many of the list's units are one of ours.
type Row = (&'static str, &'static str, &'static str, Option<(&'static str, &'static str)>, f64);

const RATES: &[Row] = &[
    ("gp3_gb_month", "AmazonEC2", "EBS:VolumeUsage.gp3", None, 1.0),
    ("gp2_gb_month", "AmazonEC2", "EBS:VolumeUsage.gp2", None, 1.0),
    ("backup_ebs_gb_month", "AmazonEC2", "EBS:SnapshotUsage", None, 1.0),
    ("nat_gateway_hour", "AmazonEC2", "NatGateway-Hours", Some(("operation", "NatGateway")), 1.0),
    ("nat_gateway_gb", "AmazonEC2", "NatGateway-Bytes", Some(("operation", "NatGateway")), 1.0),
    ("load_balancer_hour", "AWSELB", "LoadBalancerUsage", Some(("operation", "LoadBalancing:Application")), 1.0),
    ("load_balancer_lcu_hour", "AWSELB", "LCUUsage", Some(("operation", "LoadBalancing:Application")), 1.0),
    ("public_ipv4_hour", "AmazonVPC", "PublicIPv4:InUseAddress", None, 1.0),
    ("interface_endpoint_hour", "AmazonVPC", "VpcEndpoint-Hours", None, 1.0),
    ("interface_endpoint_gb", "AmazonVPC", "VpcEndpoint-Bytes", None, 1.0),
    ("transfer_out_gb", "AWSDataTransfer", "DataTransfer-Out-Bytes", Some(("transferType", "AWS Outbound")), 1.0),
    ("transfer_between_zones_gb", "AWSDataTransfer", "DataTransfer-Regional-Bytes", None, 1.0),
    ("database_gp3_gb_month", "AmazonRDS", "RDS:GP3-Storage", None, 1.0),
    ("database_gp2_gb_month", "AmazonRDS", "RDS:GP2-Storage", None, 1.0),
    ("backup_database_gb_month", "AmazonRDS", "RDS:ChargedBackupUsage", None, 1.0),
    ("aurora_acu_hour", "AmazonRDS", "Aurora:ServerlessV2Usage", Some(("databaseEngine", "Aurora MySQL")), 1.0),
    ("aurora_gb_month", "AmazonRDS", "Aurora:StorageUsage", None, 1.0),
    ("aurora_million_requests", "AmazonRDS", "Aurora:StorageIOUsage", None, 1_000_000.0),
    ("backup_aurora_gb_month", "AmazonRDS", "Aurora:BackupUsage", None, 1.0),
    ("efs_gb_month", "AmazonEFS", "TimedStorage-ByteHrs", None, 1.0),
    ("efs_infrequent_gb_month", "AmazonEFS", "IATimedStorage-ByteHrs", None, 1.0),
    ("efs_elastic_read_gb", "AmazonEFS", "ETDataAccess-Bytes", Some(("accessType", "Read")), 1.0),
    ("efs_elastic_write_gb", "AmazonEFS", "ETDataAccess-Bytes", Some(("accessType", "Write")), 1.0),
    ("s3_gb_month", "AmazonS3", "TimedStorage-ByteHrs", None, 1.0),
    ("s3_thousand_writes", "AmazonS3", "Requests-Tier1", None, 1_000.0),
    ("s3_thousand_reads", "AmazonS3", "Requests-Tier2", None, 1_000.0),
    ("waf_acl_month", "awswaf", "WebACLV2", None, 1.0),
    ("waf_rule_month", "awswaf", "RuleV2", None, 1.0),
    ("waf_million_requests", "awswaf", "RequestV2-Tier1", None, 1_000_000.0),
    ("kms_key_month", "awskms", "KMS-Keys", None, 1.0),
    ("kms_ten_thousand_requests", "awskms", "KMS-Requests", None, 10_000.0),
    ("secret_month", "AWSSecretsManager", "AWSSecretsManager-Secrets", None, 1.0),
    ("alarm_month", "AmazonCloudWatch", "CW:AlarmMonitorUsage", None, 1.0),
    ("composite_alarm_month", "AmazonCloudWatch", "CW:CompositeAlarmMonitorUsage", None, 1.0),
    ("log_ingestion_gb", "AmazonCloudWatch", "DataProcessing-Bytes", None, 1.0),
    ("log_gb_month", "AmazonCloudWatch", "TimedStorage-ByteHrs", None, 1.0),
    ("backup_efs_gb_month", "AWSBackup", "WarmStorage-ByteHrs-EFS", None, 1.0),
    ("backup_efs_cold_gb_month", "AWSBackup", "ColdStorage-ByteHrs-EFS", None, 1.0),
];

/// What is the same in every region, or has no region: it stays as the list had it that this release knows.
const EVERYWHERE: &[&str] = &[
    "cloudfront_gb",
    "cloudfront_ten_thousand_requests",
    "dashboard_month",
    "health_check_month",
    "health_check_https_month",
];

/// The questions whose answers make the price list of a region.
pub fn queries(region: &str) -> Vec<Query> {
    let query = |service, what, filters: &[(&'static str, &str)]| {
        let filters = filters.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Query { service, filters: [("regionCode", region.to_owned())].into_iter().chain(filters).collect(), what }
    };
    let instances = [
        ("productFamily", "Compute Instance"),
        ("operatingSystem", "Linux"),
        ("tenancy", "Shared"),
        ("preInstalledSw", "NA"),
        ("capacitystatus", "Used"),
        ("marketoption", "OnDemand"),
    ];
    let mut all = vec![query("AmazonEC2", What::Instances, &instances)];
    for (engine, name) in [("mysql", "MySQL"), ("mariadb", "MariaDB"), ("aurora-mysql", "Aurora MySQL")] {
        let filters =
            [("productFamily", "Database Instance"), ("deploymentOption", "Single-AZ"), ("databaseEngine", name)];
        all.push(query("AmazonRDS", What::Database(engine), &filters));
    }
    for (engine, name) in [("valkey", "Valkey"), ("redis", "Redis"), ("memcached", "Memcached")] {
        let filters = [("productFamily", "Cache Instance"), ("cacheEngine", name)];
        all.push(query("AmazonElastiCache", What::Cache(engine), &filters));
    }
    let rated = RATES.iter().map(|(_, service, usage, ..)| {
        // Usage types bear the region's short name, which no call tells: ask by family where there is one.
        let family: &[(&'static str, &str)] = match (*service, *usage) {
            ("AmazonEC2", "EBS:SnapshotUsage") => &[("productFamily", "Storage Snapshot")],
            ("AmazonEC2", usage) if usage.starts_with("Nat") => &[("productFamily", "NAT Gateway")],
            ("AmazonEC2", _) => &[("productFamily", "Storage")],
            ("AWSELB", _) => &[("productFamily", "Load Balancer-Application")],
            ("AmazonRDS", usage) if usage.contains("Serverless") => &[("productFamily", "ServerlessV2")],
            ("AmazonRDS", usage) if usage.contains("StorageIO") => &[("productFamily", "System Operation")],
            ("AmazonRDS", usage) if usage.contains("Backup") => &[("productFamily", "Storage Snapshot")],
            ("AmazonRDS", _) => &[("productFamily", "Database Storage")],
            ("AWSDataTransfer", _) => &[("fromRegionCode", region)],
            _ => &[],
        };
        let mut query = query(service, What::Rates, family);
        if *service == "AWSDataTransfer" {
            query.filters.retain(|(name, _)| *name != "regionCode");
        }
        query
    });
    for query in rated {
        if !all.contains(&query) {
            all.push(query);
        }
    }
    all
}

/// A price list in the making.
#[derive(Debug, Clone)]
pub struct Collected {
    prices: Prices,
}

impl Collected {
    /// One without prices, of a day.
    pub fn new(region: &str, as_of: &str) -> Self {
        let source =
            "AWS Price List API (GetProducts), on demand; reserved for a year without upfront payment".to_owned();
        let mut rates = Rates::default();
        if let Some(known) = Prices::known("us-east-1") {
            let mut known = known.rates.clone();
            for name in EVERYWHERE {
                let price = known.named(name).and_then(|rate| *rate);
                if let Some(rate) = rates.named(name) {
                    *rate = price;
                }
            }
        }
        let (region, as_of) = (region.to_owned(), as_of.to_owned());
        let (instances, database, cache) = Default::default();
        Self { prices: Prices { region, as_of, source, rates, instances, database, cache } }
    }

    /// Takes one product of an answer; what is not looked for is left.
    pub fn take(&mut self, query: &Query, product: &str) -> Result<(), serde_json::Error> {
        let product: Value = serde_json::from_str(product)?;
        let attributes = &product["product"]["attributes"];
        let text = |name: &str| attributes[name].as_str().unwrap_or_default();
        let usage = text("usagetype");
        let Some(price) = on_demand(&product) else { return Ok(()) };
        let hour = Hour { hour: price, reserved: reserved(&product) };
        let into = |table: &mut BTreeMap<String, Hour>| {
            table.insert(text("instanceType").to_owned(), hour);
        };
        match query.what {
            What::Instances if ends(usage, &format!("BoxUsage:{}", text("instanceType"))) => {
                into(&mut self.prices.instances)
            }
            // Not the storage that costs nothing by request, whose instances cost more.
            What::Database(engine) if usage.contains("InstanceUsage:") => {
                into(self.prices.database.entry(engine.to_owned()).or_default());
            }
            What::Cache(engine) if usage.contains("NodeUsage:") => {
                into(self.prices.cache.entry(engine.to_owned()).or_default());
            }
            What::Rates => {
                for (name, service, end, attribute, units) in RATES {
                    let meant = *service == query.service
                        && ends(usage, end)
                        && attribute.is_none_or(|(name, value)| text(name) == value);
                    if let Some(rate) = self.prices.rates.named(name).filter(|_| meant) {
                        *rate = Some(round(price * units));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The price list, and the names of what no answer had a price of.
    pub fn done(self) -> (Prices, Vec<&'static str>) {
        let missing = self.prices.rates.each().into_iter().filter(|(_, rate)| rate.is_none());
        let missing = missing.map(|(name, _)| name).collect();
        (self.prices, missing)
    }
}

/// Whether a usage type is this one, of whatever region: `EU-NatGateway-Hours` is `NatGateway-Hours`.
fn ends(usage: &str, end: &str) -> bool {
    let Some(region) = usage.strip_suffix(end) else { return false };
    let short = |region: &str| region.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    region.is_empty() || region.strip_suffix('-').is_some_and(|region| !region.is_empty() && short(region))
}

/// The price on demand of the first tier that costs something.
fn on_demand(product: &Value) -> Option<f64> {
    let terms = product["terms"]["OnDemand"].as_object()?;
    let mut tiers: Vec<(f64, f64)> = terms.values().flat_map(dimensions).filter_map(tier).collect();
    tiers.sort_by(|one, other| one.0.total_cmp(&other.0));
    tiers.into_iter().map(|(_, price)| price).find(|price| *price > 0.0)
}

/// The hourly price of a reservation for a year without upfront payment.
fn reserved(product: &Value) -> Option<f64> {
    let terms = product["terms"]["Reserved"].as_object()?;
    let wanted = |term: &&Value| {
        let is = |name: &str, value: &str| term["termAttributes"][name].as_str().is_some_and(|found| found == value);
        is("LeaseContractLength", "1yr") && is("PurchaseOption", "No Upfront") && !is("OfferingClass", "convertible")
    };
    let mut hourly = terms.values().filter(wanted).flat_map(dimensions).filter(|dimension| dimension["unit"] == "Hrs");
    hourly.find_map(|dimension| Some(tier(dimension)?.1))
}

fn dimensions(term: &Value) -> impl Iterator<Item = &Value> {
    term["priceDimensions"].as_object().into_iter().flat_map(|dimensions| dimensions.values())
}

/// Where a tier begins, and its price.
fn tier(dimension: &Value) -> Option<(f64, f64)> {
    let begin = dimension["beginRange"].as_str().unwrap_or("0").parse().unwrap_or(0.0);
    Some((begin, dimension["pricePerUnit"]["USD"].as_str()?.parse().ok()?))
}

/// Without what multiplying adds behind the twelfth place.
fn round(price: f64) -> f64 {
    (price * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn product(attributes: Value, price: &str) -> String {
        let dimension = json!({"unit": "Hrs", "beginRange": "0", "pricePerUnit": {"USD": price}});
        let reserved = |length: &str, option: &str, price: &str| {
            json!({
                "termAttributes": {"LeaseContractLength": length, "PurchaseOption": option, "OfferingClass": "standard"},
                "priceDimensions": {"d": {"unit": "Hrs", "pricePerUnit": {"USD": price}}},
            })
        };
        json!({
            "product": {"attributes": attributes},
            "terms": {
                "OnDemand": {"t": {"priceDimensions": {"d": dimension}}},
                "Reserved": {
                    "a": reserved("3yr", "No Upfront", "0.01"),
                    "b": reserved("1yr", "All Upfront", "0.00"),
                    "c": reserved("1yr", "No Upfront", "0.05"),
                },
            },
        })
        .to_string()
    }

    fn asked(what: What) -> Query {
        queries("eu-west-1").into_iter().find(|query| query.what == what).unwrap()
    }

    #[test]
    fn machines_are_taken_with_their_reserved_price() {
        let mut list = Collected::new("eu-west-1", "2026-11-21");
        let of = |usage: &str| json!({"instanceType": "m7g.large", "usagetype": usage});
        list.take(&asked(What::Instances), &product(of("EU-BoxUsage:m7g.large"), "0.0911")).unwrap();
        list.take(&asked(What::Instances), &product(of("EU-UnusedBox:m7g.large"), "9")).unwrap();
        let aurora = |usage: &str| json!({"instanceType": "db.r7g.large", "usagetype": usage});
        let query = asked(What::Database("aurora-mysql"));
        list.take(&query, &product(aurora("EU-InstanceUsageIOOptimized:db.r7g.large"), "9")).unwrap();
        list.take(&query, &product(aurora("EU-InstanceUsage:db.r7g.large"), "0.3")).unwrap();
        let (prices, _) = list.done();
        assert_eq!(prices.instances["m7g.large"], Hour { hour: 0.0911, reserved: Some(0.05) });
        assert_eq!(prices.database["aurora-mysql"]["db.r7g.large"].hour, 0.3);
    }

    #[test]
    fn rates_are_taken_by_usage_type_whatever_the_region_and_in_our_units() {
        let mut list = Collected::new("eu-west-1", "2026-11-21");
        let mut take = |service: &str, attributes: Value, price: &str| {
            let query = queries("eu-west-1").into_iter().find(|q| q.service == service && q.what == What::Rates);
            list.take(&query.unwrap(), &product(attributes, price)).unwrap();
        };
        take("AmazonEC2", json!({"usagetype": "EU-NatGateway-Hours", "operation": "NatGateway"}), "0.048");
        take("AmazonEC2", json!({"usagetype": "EU-RegionalNatGateway-Hours", "operation": "RegionalNatGateway"}), "9");
        take("AmazonS3", json!({"usagetype": "EU-Requests-Tier1"}), "0.000005");
        let (prices, missing) = list.done();
        assert_eq!(prices.rates.nat_gateway_hour, Some(0.048));
        assert_eq!(prices.rates.s3_thousand_writes, Some(0.005));
        assert_eq!(prices.rates.cloudfront_gb, Some(0.085), "the same everywhere");
        assert!(missing.contains(&"gp3_gb_month") && !missing.contains(&"nat_gateway_hour"), "{missing:?}");
    }

    #[test]
    fn every_rate_is_looked_for_or_the_same_everywhere() {
        let mut looked: Vec<_> = RATES.iter().map(|(name, ..)| *name).chain(EVERYWHERE.iter().copied()).collect();
        // The other region is not in the question.
        looked.push("transfer_between_regions_gb");
        looked.sort_unstable();
        let mut all: Vec<_> = Rates::default().each().into_iter().map(|(name, _)| name).collect();
        all.sort_unstable();
        assert_eq!(looked, all);
    }

    #[test]
    fn no_question_is_asked_twice() {
        let queries = queries("eu-west-1");
        for (index, query) in queries.iter().enumerate() {
            assert!(!queries[index + 1..].contains(query), "{query:?}");
        }
    }

    #[test]
    fn a_tier_that_is_free_is_not_the_price() {
        let tiers = json!({"terms": {"OnDemand": {"t": {"priceDimensions": {
            "b": {"beginRange": "1", "pricePerUnit": {"USD": "0.09"}},
            "a": {"beginRange": "0", "pricePerUnit": {"USD": "0"}},
            "c": {"beginRange": "10240", "pricePerUnit": {"USD": "0.085"}},
        }}}}});
        assert_eq!(on_demand(&tiers), Some(0.09));
    }
}
