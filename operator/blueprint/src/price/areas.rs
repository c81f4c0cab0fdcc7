//! What each area costs. See the pricing page of each service, such as "Amazon VPC pricing".

use std::collections::BTreeMap;

use wpc_api::v1alpha1::{NatGateways, SharedStorageType, VolumeType};
use wpc_api::{Area, WordPressClusterSpec};

use super::data;
use super::{Assumed, HOURS, Hour, Line, Prices, Rates};
use crate::network::endpoint::SERVICES;

/// What is paid for, and what has no price.
pub(super) fn areas(spec: &WordPressClusterSpec, prices: &Prices, assumed: Assumed) -> (Vec<Line>, Vec<String>) {
    let mut bill =
        Bill { spec, prices, rates: &prices.rates, assumed, area: Area::Network, lines: vec![], unknown: vec![] };
    for area in Area::ALL.into_iter().filter(|area| spec.uses(*area)) {
        bill.area = area;
        match area {
            Area::Network => network(&mut bill),
            Area::Compute => compute(&mut bill),
            Area::Traffic => traffic(&mut bill),
            Area::Database => data::database(&mut bill),
            Area::Storage => data::storage(&mut bill),
            Area::Cache => data::cache(&mut bill),
            Area::Media => data::media(&mut bill),
            Area::Cdn => cdn(&mut bill),
            // Certificates of ACM for its own services, and the first trail of management events, cost nothing.
            Area::Certificate => {}
            Area::Dns => dns(&mut bill),
            Area::Firewall => firewall(&mut bill),
            Area::Encryption => encryption(&mut bill),
            Area::Backup => data::backup(&mut bill),
            Area::Monitoring => monitoring(&mut bill),
            Area::Audit => audit(&mut bill),
        }
    }
    (bill.lines, bill.unknown)
}

/// A bill in the making.
pub(super) struct Bill<'a> {
    pub(super) spec: &'a WordPressClusterSpec,
    pub(super) prices: &'a Prices,
    pub(super) rates: &'a Rates,
    pub(super) assumed: Assumed,
    area: Area,
    lines: Vec<Line>,
    unknown: Vec<String>,
}

impl Bill<'_> {
    /// So much of something, for each of so many components.
    pub(super) fn add(
        &mut self,
        component: &str,
        count: u32,
        item: impl Into<String>,
        of: (f64, &'static str),
        price: Option<f64>,
    ) {
        let (quantity, unit) = of;
        if count == 0 || quantity <= 0.0 {
            return;
        }
        let (component, item) = (component.to_owned(), item.into());
        let Some(price) = price else {
            self.unknown.push(format!("no price of the {item} ({component}) in {} is known", self.prices.region));
            return;
        };
        let (area, assumed, reserved) = (self.area, false, None);
        self.lines.push(Line { area, component, item, count, quantity, unit, price, assumed, reserved });
    }

    /// The same, where the spec does not say how much.
    pub(super) fn assume(
        &mut self,
        component: &str,
        count: u32,
        item: impl Into<String>,
        of: (f64, &'static str),
        price: Option<f64>,
    ) {
        let before = self.lines.len();
        self.add(component, count, item, of, price);
        self.lines[before..].iter_mut().for_each(|line| line.assumed = true);
    }

    /// Machines that run all month: so many for each of so many components.
    pub(super) fn machines(
        &mut self,
        component: &str,
        (count, each): (u32, u32),
        name: &str,
        list: Option<&BTreeMap<String, Hour>>,
    ) {
        if count * each == 0 {
            return;
        }
        let Some(hour) = list.and_then(|list| list.get(name)) else {
            self.unknown.push(format!("no price of {name} in {} is known", self.prices.region));
            return;
        };
        let item = if each > 1 { format!("{each} x {name}") } else { name.to_owned() };
        self.add(component, count, item, (f64::from(each) * HOURS, "hours"), Some(hour.hour));
        if let Some(line) = self.lines.last_mut() {
            line.reserved = hour.reserved;
        }
    }

    pub(super) fn zones(&self) -> u32 {
        self.spec.network.availability_zones.count().try_into().unwrap_or(u32::MAX)
    }

    fn gateways(&self) -> u32 {
        match (&self.spec.network.existing, self.spec.network.nat_gateways) {
            (Some(_), _) | (None, NatGateways::None) => 0,
            (None, NatGateways::Single) => 1,
            (None, NatGateways::PerZone) => self.zones(),
        }
    }
}

fn network(bill: &mut Bill<'_>) {
    let (rates, assumed, gateways) = (bill.rates, bill.assumed, bill.gateways());
    bill.add("network/nat-gateway-*", gateways, "NAT gateway", (HOURS, "hours"), rates.nat_gateway_hour);
    bill.assume("network/nat-gateway-*", gateways, "data through it", (assumed.nat_gb, "GB"), rates.nat_gateway_gb);
    bill.add("network/address-*", gateways, "public IPv4 address", (HOURS, "hours"), rates.public_ipv4_hour);
    let network = &bill.spec.network;
    if network.interface_endpoints() {
        let (hours, count) = (f64::from(bill.zones()) * HOURS, SERVICES.len() as u32);
        let component = "network/endpoint-interface-*";
        bill.add(component, count, "interface endpoint", (hours, "hours"), rates.interface_endpoint_hour);
        bill.assume(component, count, "data through it", (assumed.endpoint_gb, "GB"), rates.interface_endpoint_gb);
    }
    if network.flow_logs {
        bill.assume("network/flow-log", 1, "flow logs", (assumed.flow_logs_gb, "GB"), rates.log_ingestion_gb);
    }
}

/// The fewest instances: more of them come and go with the visitors. Spot instances cost less than here.
fn compute(bill: &mut Bill<'_>) {
    let (rates, assumed, spec) = (bill.rates, bill.assumed, &bill.spec.compute);
    let (count, group) = (u32::from(spec.replicas.min), "compute/group");
    bill.add("compute/keys", 1, "secret", (1.0, "months"), rates.secret_month);
    let name = spec.instance_types().swap_remove(0);
    bill.machines(group, (1, count), &name, Some(&bill.prices.instances));
    let size = f64::from(count) * spec.root_volume.size.gib() as f64;
    let (item, price) = volume(spec.root_volume.kind, rates);
    bill.add(group, 1, format!("root volumes, {item}"), (size, "GB"), price);
    let both_ways = 2.0 * assumed.zones_gb;
    bill.assume(group, 1, "data between zones", (both_ways, "GB"), rates.transfer_between_zones_gb);
}

pub(super) fn volume(kind: VolumeType, rates: &Rates) -> (&'static str, Option<f64>) {
    match kind {
        VolumeType::Gp3 => ("gp3", rates.gp3_gb_month),
        VolumeType::Gp2 => ("gp2", rates.gp2_gb_month),
    }
}

fn traffic(bill: &mut Bill<'_>) {
    let (rates, assumed, spec, door) = (bill.rates, bill.assumed, bill.spec, "traffic/load-balancer");
    bill.add(door, 1, "load balancer", (HOURS, "hours"), rates.load_balancer_hour);
    let units = assumed.load_balancer_lcu * HOURS;
    bill.assume(door, 1, "capacity units", (units, "LCU hours"), rates.load_balancer_lcu_hour);
    if !spec.load_balancer.internal {
        let hours = f64::from(bill.zones()) * HOURS;
        bill.add(door, 1, "public IPv4 addresses", (hours, "hours"), rates.public_ipv4_hour);
        // CloudFront fetches from AWS for nothing.
        if !spec.cdn.enabled {
            bill.assume(door, 1, "data to visitors", (assumed.visitor_gb, "GB"), rates.transfer_out_gb);
        }
    }
    if spec.load_balancer.access_logs {
        bill.assume("traffic/logs-bucket", 1, "access logs", (assumed.access_logs_gb, "GB"), rates.s3_gb_month);
    }
}

fn cdn(bill: &mut Bill<'_>) {
    let (rates, assumed, component) = (bill.rates, bill.assumed, "cdn/distribution");
    bill.add("cdn/origin-secret", 1, "secret", (1.0, "months"), rates.secret_month);
    bill.assume(component, 1, "data to visitors", (assumed.visitor_gb, "GB"), rates.cloudfront_gb);
    if bill.spec.cdn.access_logs {
        bill.assume("cdn/logs-bucket", 1, "access logs", (assumed.access_logs_gb, "GB"), rates.s3_gb_month);
    }
    let requests = 100.0 * assumed.visitor_million_requests;
    bill.assume(component, 1, "requests", (requests, "x 10,000"), rates.cloudfront_ten_thousand_requests);
}

/// The zone is the user's. Queries for aliases of AWS's own names cost nothing.
fn dns(bill: &mut Bill<'_>) {
    let rates = bill.rates;
    if bill.spec.dns.as_ref().is_some_and(|dns| dns.health_check) {
        let component = "dns/health-check";
        bill.add(component, 1, "health check", (1.0, "months"), rates.health_check_month);
        bill.add(component, 1, "over HTTPS", (1.0, "months"), rates.health_check_https_month);
    }
}

fn firewall(bill: &mut Bill<'_>) {
    let (rates, assumed, spec, component) = (bill.rates, bill.assumed, &bill.spec.firewall, "firewall/web-acl");
    let lists = [&spec.allow_cidrs, &spec.deny_cidrs].into_iter().filter(|list| !list.is_empty()).count();
    // Beside the groups and the lists, the one that counts logins.
    let rules = spec.managed_rule_groups.len() + lists + 1;
    bill.add(component, 1, "web ACL", (1.0, "months"), rates.waf_acl_month);
    bill.add(component, 1, "rules", (rules as f64, "months"), rates.waf_rule_month);
    bill.assume(component, 1, "requests", (assumed.visitor_million_requests, "million"), rates.waf_million_requests);
    if spec.logging {
        let logs = (assumed.firewall_logs_gb, "GB");
        bill.assume("monitoring/log-firewall", 1, "logs, taken in and kept", logs, logs_taken_in(rates));
    }
}

fn encryption(bill: &mut Bill<'_>) {
    let (rates, assumed) = (bill.rates, bill.assumed);
    bill.add("encryption/key", 1, "key", (1.0, "months"), rates.kms_key_month);
    let uses = (assumed.kms_ten_thousand_requests, "x 10,000");
    bill.assume("encryption/key", 1, "uses", uses, rates.kms_ten_thousand_requests);
}

fn monitoring(bill: &mut Bill<'_>) {
    let (rates, assumed, spec) = (bill.rates, bill.assumed, bill.spec);
    if spec.monitoring.alarms {
        let database = 3 + u32::from(spec.database.read_replicas);
        let cache = if spec.uses(Area::Cache) { 3 } else { 0 };
        // Web: CPU, unhealthy hosts, server errors.
        bill.add("monitoring/alarm-*", database + cache + 3, "alarm", (1.0, "months"), rates.alarm_month);
        bill.add("monitoring/alarm-site-down", 1, "composite alarm", (1.0, "months"), rates.composite_alarm_month);
    }
    if spec.monitoring.dashboard {
        bill.add("monitoring/dashboard", 1, "dashboard", (1.0, "months"), rates.dashboard_month);
    }
    bill.assume("monitoring/log-web", 1, "logs, taken in and kept", (assumed.logs_gb, "GB"), logs_taken_in(rates));
}

/// A month of logs, and keeping them for another.
fn logs_taken_in(rates: &Rates) -> Option<f64> {
    rates.log_ingestion_gb.zip(rates.log_gb_month).map(|(taken_in, kept)| taken_in + kept)
}

/// The first copy of management events is delivered for nothing.
fn audit(bill: &mut Bill<'_>) {
    let (rates, assumed) = (bill.rates, bill.assumed);
    bill.assume("audit/bucket", 1, "the trail's files", (assumed.flow_logs_gb, "GB"), rates.s3_gb_month);
}

/// Whether the site has files on a disk of one instance.
pub(super) fn one_disk(spec: &WordPressClusterSpec) -> bool {
    spec.shared_storage.kind == SharedStorageType::Ebs
}
