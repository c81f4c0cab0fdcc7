use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The price lists that this release knows, one file a region.
const KNOWN: &[&str] = &[include_str!("us-east-1.json")];

/// The list prices of one region, in US dollars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prices {
    /// Of which region.
    pub region: String,
    /// The day on which these were the prices, such as `2026-10-02`.
    pub as_of: String,
    /// Where they come from.
    pub source: String,
    /// What has one price.
    pub rates: Rates,
    /// EC2 instances with Linux, by type.
    pub instances: BTreeMap<String, Hour>,
    /// Databases in one zone, by engine and class, as RDS names both.
    pub database: BTreeMap<String, BTreeMap<String, Hour>>,
    /// Cache nodes, by engine and type, as ElastiCache names both.
    pub cache: BTreeMap<String, BTreeMap<String, Hour>>,
}

/// What a machine costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hour {
    /// An hour, on demand.
    pub hour: f64,
    /// An hour, reserved for a year without upfront payment, where that is offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<f64>,
}

macro_rules! rates {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What has one price. What a list leaves out is not known.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct Rates {
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $name: Option<f64>,)*
        }

        impl Rates {
            /// Every rate, by its name here.
            pub fn each(&self) -> Vec<(&'static str, Option<f64>)> {
                vec![$((stringify!($name), self.$name),)*]
            }

            /// The rate of a name, to write.
            pub fn named(&mut self, name: &str) -> Option<&mut Option<f64>> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

rates! {
    /// EBS gp3, a GB and month.
    gp3_gb_month,
    /// EBS gp2, a GB and month.
    gp2_gb_month,
    /// A NAT gateway's hour.
    nat_gateway_hour,
    /// A GB through it.
    nat_gateway_gb,
    /// An application load balancer's hour.
    load_balancer_hour,
    /// An hour of a load balancer capacity unit.
    load_balancer_lcu_hour,
    /// A public IPv4 address's hour.
    public_ipv4_hour,
    /// An interface endpoint's hour in one zone.
    interface_endpoint_hour,
    /// A GB through it.
    interface_endpoint_gb,
    /// A GB to the internet.
    transfer_out_gb,
    /// A GB from one zone to another, in each direction.
    transfer_between_zones_gb,
    /// A GB to another region.
    transfer_between_regions_gb,
    /// RDS storage gp3 in one zone, a GB and month.
    database_gp3_gb_month,
    /// RDS storage gp2 in one zone, a GB and month.
    database_gp2_gb_month,
    /// An Aurora capacity unit's hour.
    aurora_acu_hour,
    /// Aurora's storage, a GB and month.
    aurora_gb_month,
    /// A million reads and writes of Aurora's storage.
    aurora_million_requests,
    /// EFS Standard, a GB and month.
    efs_gb_month,
    /// EFS Infrequent Access, a GB and month.
    efs_infrequent_gb_month,
    /// A GB read with Elastic throughput.
    efs_elastic_read_gb,
    /// A GB written with Elastic throughput.
    efs_elastic_write_gb,
    /// S3 Standard, a GB and month.
    s3_gb_month,
    /// A thousand writes to S3.
    s3_thousand_writes,
    /// A thousand reads from S3.
    s3_thousand_reads,
    /// A GB from CloudFront to North America and Europe.
    cloudfront_gb,
    /// Ten thousand HTTPS requests to CloudFront there.
    cloudfront_ten_thousand_requests,
    /// A web ACL's month.
    waf_acl_month,
    /// A rule's month.
    waf_rule_month,
    /// A million requests through WAF.
    waf_million_requests,
    /// A key's month.
    kms_key_month,
    /// Ten thousand uses of keys.
    kms_ten_thousand_requests,
    /// A secret's month.
    secret_month,
    /// A standard alarm's month.
    alarm_month,
    /// A composite alarm's month.
    composite_alarm_month,
    /// A dashboard's month.
    dashboard_month,
    /// A GB of logs taken in.
    log_ingestion_gb,
    /// A GB of logs kept for a month.
    log_gb_month,
    /// A health check of an endpoint in AWS, a month.
    health_check_month,
    /// What HTTPS adds to it.
    health_check_https_month,
    /// A snapshot of RDS, a GB and month.
    backup_database_gb_month,
    /// A snapshot of Aurora, a GB and month.
    backup_aurora_gb_month,
    /// A backup of EFS, a GB and month.
    backup_efs_gb_month,
    /// The same in cold storage.
    backup_efs_cold_gb_month,
    /// A snapshot of EBS, a GB and month.
    backup_ebs_gb_month,
}

/// A text that is no price list.
#[derive(Debug, thiserror::Error)]
#[error("this is no price list: {0}. Write one with `wpc prices --region <region>`")]
pub struct NoPrices(#[from] serde_json::Error);

impl Prices {
    /// The prices of a region, as this release knows them; none for a region that it does not know.
    pub fn known(region: &str) -> Option<&'static Prices> {
        static PARSED: OnceLock<Vec<Prices>> = OnceLock::new();
        let parse = || KNOWN.iter().map(|text| Prices::parse(text).expect("a test reads them all")).collect();
        PARSED.get_or_init(parse).iter().find(|prices| prices.region == region)
    }

    /// The regions that this release knows prices of.
    pub fn regions() -> Vec<String> {
        let regions = KNOWN.iter().filter_map(|text| Some(Prices::parse(text).ok()?.region));
        regions.collect()
    }

    /// Reads a price list.
    pub fn parse(text: &str) -> Result<Self, NoPrices> {
        Ok(serde_json::from_str(text)?)
    }

    /// Writes a price list: one price a line, so that a change of prices is one to read.
    pub fn text(&self) -> String {
        let mut text = String::new();
        write(&mut text, &serde_json::json!(self), 0);
        text.push('\n');
        text
    }
}

fn write(text: &mut String, value: &Value, depth: usize) {
    let fields = match value {
        Value::Object(fields) => fields,
        plain => return text.push_str(&plain.to_string()),
    };
    let inline = fields.len() <= 2 && !fields.values().any(Value::is_object);
    let (open, gap, close) = match inline {
        true => ("{ ".to_owned(), ", ".to_owned(), " }".to_owned()),
        false => {
            let pad = "  ".repeat(depth);
            (format!("{{\n{pad}  "), format!(",\n{pad}  "), format!("\n{pad}}}"))
        }
    };
    text.push_str(&open);
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            text.push_str(&gap);
        }
        text.push_str(&format!("{}: ", Value::from(name.as_str())));
        write(text, value, depth + 1);
    }
    text.push_str(&close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_reads_has_a_date_and_is_written_as_it_was_read() {
        for text in KNOWN {
            let prices = Prices::parse(text).unwrap();
            assert!(Prices::known(&prices.region).is_some());
            assert_eq!(prices.as_of.len(), "2026-10-02".len(), "{}", prices.as_of);
            assert_eq!(Prices::parse(&prices.text()).unwrap(), prices);
            assert_eq!(prices.text().lines().count(), text.lines().count());
        }
        assert_eq!(Prices::regions(), ["us-east-1"]);
        assert!(Prices::known("xx-nowhere-1").is_none());
    }

    #[test]
    fn no_price_is_nothing_and_none_reserved_is_above_the_usual_one() {
        for region in Prices::regions() {
            let prices = Prices::known(&region).unwrap();
            for (name, rate) in prices.rates.each() {
                assert!(rate.is_some_and(|rate| rate > 0.0), "{name}");
            }
            let tables = prices.database.values().chain(prices.cache.values()).chain([&prices.instances]);
            for (name, hour) in tables.flatten() {
                assert!(hour.hour > 0.0 && hour.reserved.is_none_or(|reserved| reserved < hour.hour), "{name}");
            }
        }
    }

    #[test]
    fn a_larger_machine_of_a_family_costs_twice_as_much() {
        let prices = Prices::known("us-east-1").unwrap();
        let tables = prices.database.values().chain(prices.cache.values()).chain([&prices.instances]);
        for table in tables {
            for (name, hour) in table.iter().filter(|(name, _)| name.ends_with(".large")) {
                let twice = name.replace(".large", ".xlarge");
                let Some(larger) = table.get(&twice) else { continue };
                let ratio = larger.hour / hour.hour;
                assert!((1.98..2.02).contains(&ratio), "{name}: {ratio}");
            }
        }
    }

    #[test]
    fn what_is_no_price_list_is_refused_with_the_way_to_one() {
        let error = Prices::parse("{}").unwrap_err().to_string();
        assert!(error.contains("wpc prices --region"), "{error}");
    }
}
