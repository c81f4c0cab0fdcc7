//! `spec.network`: the VPC.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// The VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule(
        "has(self.existing) == has(oldSelf.existing) && (!has(self.existing) || self.existing == oldSelf.existing)",
        "network.existing is immutable: a site cannot move to another VPC; create another WordPressCluster and move the data",
    ),
    rule(
        "!has(self.existing) || !has(self.availabilityZones.names)",
        "network.existing brings its own zones along, those of its subnets: leave availabilityZones.names out",
    ),
    rule(
        "!has(self.existing) || !self.flowLogs",
        "network.flowLogs records a VPC of the site's own: leave it out with network.existing, whose owner decides what it records",
    ),
    rule(
        "self.natGateways != 'None' || has(self.existing) || !has(self.interfaceEndpoints) || self.interfaceEndpoints",
        "network.natGateways None and interfaceEndpoints false leave the instances no way to AWS: leave interfaceEndpoints out, or set natGateways to Single or PerZone",
    ),
    rule(
        "!has(self.existing) || !self.ipv6",
        "network.existing is never changed, so IPv6 is its owner's to give: leave ipv6 out",
    ),
    rule(
        "!has(self.existing) || !has(self.interfaceEndpoints) || !self.interfaceEndpoints",
        "network.existing is never changed, and an endpoint changes what its names lead to: leave interfaceEndpoints out, and make the endpoints there",
    ),
]))]
pub struct Network {
    /// The VPC's IPv4 range: private, with a prefix of /16 to /22. Immutable.
    #[schemars(with = "String", length(max = 18), extend("x-kubernetes-validations" = [
        rule(
            "isCIDR(self) && cidr(self).ip().family() == 4 && cidr(self).masked() == cidr(self)",
            "network.cidr is no IPv4 network: write one such as 10.42.0.0/16, with no bits set beyond the prefix",
        ),
        rule(
            "!isCIDR(self) || (cidr(self).prefixLength() >= 16 && cidr(self).prefixLength() <= 22)",
            "network.cidr is too large or too small: its prefix must be /16 to /22, such as 10.42.0.0/16",
        ),
        rule(
            "!isCIDR(self) || ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].exists(range, cidr(range).containsCIDR(self))",
            "network.cidr is not private: choose one inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10",
        ),
        rule(
            "self == oldSelf",
            "network.cidr is immutable: create another WordPressCluster with the new range and move the data",
        ),
    ]))]
    pub cidr: Ipv4Net,

    /// The zones to spread over: how many, or which.
    pub availability_zones: AvailabilityZones,

    /// The private subnets' way out: a NAT gateway in each zone, one for all, or none.
    pub nat_gateways: NatGateways,

    /// Private ways from the instances to the AWS services that they call, an interface endpoint for each. Left out: only
    /// where there are no NAT gateways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_endpoints: Option<bool>,

    /// IPv6 beside IPv4: addresses from Amazon in every subnet, for the load balancer and for the instances, which nobody
    /// reaches from outside.
    pub ipv6: bool,

    /// Records the VPC's traffic in CloudWatch Logs.
    pub flow_logs: bool,

    /// A VPC that exists: used, never changed, never deleted. Its zones are those of its subnets, and its ways in and out
    /// are its owner's: `cidr`, `availabilityZones` and `natGateways` say nothing then. Immutable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing: Option<ExistingNetwork>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            cidr: Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 42, 0, 0), 16),
            availability_zones: AvailabilityZones { count: Some(3), names: None },
            nat_gateways: NatGateways::default(),
            interface_endpoints: None,
            ipv6: false,
            flow_logs: false,
            existing: None,
        }
    }
}

impl Network {
    /// Whether the network has interface endpoints. Without NAT gateways nothing works without them; in a network that
    /// exists they are its owner's.
    pub fn interface_endpoints(&self) -> bool {
        let needed = self.nat_gateways == NatGateways::None;
        self.existing.is_none() && self.interface_endpoints.unwrap_or(needed)
    }
}

/// The zones to spread over: exactly one of `count` and `names`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "has(self.count) != has(self.names)",
    "network.availabilityZones needs exactly one of count and names: write {count: 3} or {names: [us-east-1a, us-east-1b]}",
)]))]
pub struct AvailabilityZones {
    /// How many zones of the region, 2 to 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 6))]
    pub count: Option<u8>,

    /// Which zones, 2 to 6, such as `us-east-1a`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 6), inner(length(max = 26)), extend("x-kubernetes-validations" = [
        rule(
            "self.all(zone, zone.matches('^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}[a-z]$'))",
            "network.availabilityZones.names holds what is no zone: write names such as us-east-1a",
        ),
        rule(
            "self.all(zone, self.exists_one(other, other == zone))",
            "network.availabilityZones.names holds a zone twice: write each once",
        ),
    ]))]
    pub names: Option<Vec<String>>,
}

impl AvailabilityZones {
    /// How many zones were asked for.
    pub fn count(&self) -> usize {
        match (&self.names, self.count) {
            (Some(names), _) => names.len(),
            (None, count) => count.map_or(3, usize::from),
        }
    }

    /// The zones, if they were asked for by name.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }
}

/// The private subnets' way out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum NatGateways {
    /// One in each zone: a zone's failure stays in the zone.
    #[default]
    PerZone,
    /// One for all zones: cheaper.
    Single,
    /// None: instances reach AWS through interface endpoints, and nothing else.
    None,
}

/// A VPC that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExistingNetwork {
    /// The VPC.
    #[schemars(length(max = 30), extend("x-kubernetes-validations" = [rule(
        "self.matches('^vpc-[0-9a-f]{8,17}$')",
        "network.existing.vpcId is no VPC's id: write one such as vpc-0123456789abcdef0",
    )]))]
    pub vpc_id: String,

    /// Its public subnets, one per zone, for the load balancer.
    #[schemars(length(min = 2, max = 6), inner(length(max = 30)), extend("x-kubernetes-validations" = [rule(
        "self.all(subnet, subnet.matches('^subnet-[0-9a-f]{8,17}$'))",
        "network.existing.publicSubnetIds holds what is no subnet's id: write ids such as subnet-0123456789abcdef0",
    )]))]
    pub public_subnet_ids: Vec<String>,

    /// Its private subnets, one per zone, for everything else.
    #[schemars(length(min = 2, max = 6), inner(length(max = 30)), extend("x-kubernetes-validations" = [rule(
        "self.all(subnet, subnet.matches('^subnet-[0-9a-f]{8,17}$'))",
        "network.existing.privateSubnetIds holds what is no subnet's id: write ids such as subnet-0123456789abcdef0",
    )]))]
    pub private_subnet_ids: Vec<String>,
}
