//! What AWS says of an account and a region, and the clouds do not: quotas, and where machines are offered. And dry runs,
//! which the clouds would make. See "GetServiceQuota" in the Service Quotas API Reference,
//! "DescribeInstanceTypeOfferings" and "Dry run" in the Amazon EC2 API Reference, and
//! "DescribeOrderableDBInstanceOptions" in the Amazon RDS API Reference.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use serde_json::json;

use super::protocol::answer::Refusal;
use super::protocol::service::{EC2, QUOTAS, RDS};
use super::protocol::xml::Element;
use super::protocol::{Answer, Request};
use super::record::Outcome;

/// The quotas of an account that is not new, by code.
const LIMITS: &[(&str, u32)] = &[("L-F678F1CE", 1000), ("L-0263D0A3", 3000), ("L-1216C47A", 100_000)];

const ZONES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Of an engine, what RDS offers.
const VERSIONS: &[(&str, &[&str])] = &[
    ("mysql", &["8.0.43", "8.4.6"]),
    ("mariadb", &["10.11.14", "11.8.3"]),
    ("aurora-mysql", &["8.0.mysql_aurora.3.10.1", "8.4.mysql_aurora.8.4.7"]),
];

/// What is less than usual.
#[derive(Debug, Default)]
pub struct Region {
    limits: RwLock<BTreeMap<String, u32>>,
    withheld: RwLock<Vec<(String, String)>>,
}

impl Region {
    /// From now on this quota has this value.
    pub fn limit(&self, code: &str, value: u32) {
        self.limits.write().unwrap_or_else(PoisonError::into_inner).insert(code.to_owned(), value);
    }

    /// From now on this instance type or class is not offered in these zones, by their letters.
    pub fn withhold(&self, name: &str, zones: &str) {
        let mut withheld = self.withheld.write().unwrap_or_else(PoisonError::into_inner);
        withheld.retain(|(known, _)| known != name);
        withheld.push((name.to_owned(), zones.to_owned()));
    }

    /// The answer to what no cloud answers.
    pub fn answer(&self, request: &Request) -> Option<(Answer, Outcome)> {
        if request.service == EC2 && request.params.get("DryRun") == Some("true") {
            let message = "Request would have succeeded, but DryRun flag is set.";
            let refusal = Refusal::new(412, "DryRunOperation", message);
            return Some((Answer::refusal(request, &refusal), Outcome::Refused));
        }
        let answer = match (request.service.as_str(), request.action.as_str()) {
            (QUOTAS, "GetServiceQuota") => self.quota(request),
            (EC2, "DescribeInstanceTypeOfferings") => self.offerings(request),
            (EC2, "DescribeInstanceTypes") => types(request),
            (RDS, "DescribeOrderableDBInstanceOptions") => self.orderable(request),
            _ => return None,
        };
        Some((answer, Outcome::Forwarded))
    }

    fn quota(&self, request: &Request) -> Answer {
        let code = request.params.get("QuotaCode").unwrap_or_default();
        let usual = LIMITS.iter().find(|(known, _)| *known == code).map(|(_, value)| *value);
        let limits = self.limits.read().unwrap_or_else(PoisonError::into_inner);
        match limits.get(code).copied().or(usual) {
            Some(value) => Answer::json(&json!({"Quota": {"QuotaCode": code, "Value": f64::from(value)}})),
            None => Answer::refusal(request, &Refusal::new(400, "NoSuchResourceException", "no such quota")),
        }
    }

    fn zones(&self, request: &Request, name: &str) -> Vec<String> {
        let withheld = self.withheld.read().unwrap_or_else(PoisonError::into_inner);
        let without = withheld.iter().find(|(known, _)| known == name).map(|(_, zones)| zones.as_str());
        let offered = ZONES.iter().filter(|zone| without.is_none_or(|without| !without.contains(**zone)));
        offered.map(|zone| format!("{}{zone}", request.scope.region)).collect()
    }

    fn offerings(&self, request: &Request) -> Answer {
        let mut set = Element::new("instanceTypeOfferingSet");
        for name in values(request, "Filter.1.Value.") {
            for zone in self.zones(request, &name) {
                let item = Element::new("item").with(leaf("instanceType", &name)).with(leaf("location", &zone));
                set = set.with(item.with(leaf("locationType", "availability-zone")));
            }
        }
        Answer::success(request, vec![set])
    }

    fn orderable(&self, request: &Request) -> Answer {
        let (engine, class) = (request.params.get("Engine"), request.params.get("DBInstanceClass"));
        let (engine, class) = (engine.unwrap_or_default(), class.unwrap_or_default());
        let mut zones = Element::new("AvailabilityZones");
        let offered = self.zones(request, class);
        for zone in &offered {
            zones = zones.with(Element::new("AvailabilityZone").with(leaf("Name", zone)));
        }
        let mut options = Element::new("OrderableDBInstanceOptions");
        let versions = VERSIONS.iter().find(|(known, _)| *known == engine).map_or(&[][..], |(_, versions)| versions);
        for version in versions.iter().filter(|_| !offered.is_empty()) {
            let option = Element::new("OrderableDBInstanceOption")
                .with(leaf("Engine", engine))
                .with(leaf("EngineVersion", version))
                .with(leaf("DBInstanceClass", class))
                .with(leaf("MultiAZCapable", "true"))
                .with(leaf("ReadReplicaCapable", "true"))
                .with(zones.clone());
            options = options.with(option);
        }
        Answer::success(request, vec![options])
    }
}

/// A type's vCPUs follow from its size.
fn types(request: &Request) -> Answer {
    let mut set = Element::new("instanceTypeSet");
    for name in values(request, "InstanceType.") {
        let vcpus = match name.split_once('.').map_or("", |(_, size)| size).strip_suffix("xlarge") {
            None => "2",
            Some("") => "4",
            Some("2") => "8",
            Some(_) => "16",
        };
        let info = Element::new("vCpuInfo").with(leaf("defaultVCpus", vcpus));
        set = set.with(Element::new("item").with(leaf("instanceType", &name)).with(info));
    }
    Answer::success(request, vec![set])
}

fn values(request: &Request, prefix: &str) -> Vec<String> {
    let named = request.params.iter().filter(|(name, _)| name.starts_with(prefix));
    named.map(|(_, value)| value.to_owned()).collect()
}

fn leaf(name: &str, text: &str) -> Element {
    Element::new(name).with_text(text)
}

#[cfg(test)]
mod tests {
    use super::super::protocol::Scope;
    use super::*;

    fn asked(region: &Region, service: &str, action: &str, params: &[(&str, &str)]) -> Option<(Answer, Outcome)> {
        region.answer(&Request::build(service, action, params, &Scope::new("eu-west-1")).unwrap())
    }

    #[test]
    fn a_dry_run_is_not_made() {
        let region = Region::default();
        let (answer, outcome) = asked(&region, EC2, "CreateVpc", &[("DryRun", "true")]).unwrap();
        assert_eq!((answer.error_code().as_deref(), outcome), (Some("DryRunOperation"), Outcome::Refused));
        assert!(asked(&region, EC2, "CreateVpc", &[]).is_none());
    }

    #[test]
    fn quotas_and_offers_are_as_usual_until_a_test_changes_them() {
        let region = Region::default();
        let quota = |region: &Region| {
            let (answer, _) = asked(region, QUOTAS, "GetServiceQuota", &[("QuotaCode", "L-0263D0A3")]).unwrap();
            answer.tree().unwrap().text("Quota/Value").unwrap()
        };
        assert_eq!(quota(&region), "3000.0");
        region.limit("L-0263D0A3", 5);
        assert_eq!(quota(&region), "5.0");

        let zones = |region: &Region| {
            let params = [("Filter.1.Name", "instance-type"), ("Filter.1.Value.1", "m7g.large")];
            let (answer, _) = asked(region, EC2, "DescribeInstanceTypeOfferings", &params).unwrap();
            answer.tree().unwrap().items("instanceTypeOfferingSet/*").len()
        };
        assert_eq!(zones(&region), 6);
        region.withhold("m7g.large", "cf");
        assert_eq!(zones(&region), 4);
    }
}
