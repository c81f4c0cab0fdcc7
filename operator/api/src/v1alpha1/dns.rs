//! `spec.dns`: the hosted zone that the site's names are published in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// A hosted zone in Amazon Route 53, and how the site's names are published there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dns {
    /// The hosted zone's id.
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = [rule(
        "self.matches('^Z[A-Z0-9]+$')",
        "dns.hostedZoneId is no hosted zone's id: write one such as Z0123456789ABCDEFGHIJ, without /hostedzone/",
    )]))]
    pub hosted_zone_id: String,

    /// How one of several sites of the same name is chosen.
    #[serde(default)]
    pub routing: Routing,

    /// Checks from outside whether the site answers.
    #[serde(default = "yes")]
    pub health_check: bool,
}

fn yes() -> bool {
    true
}

/// How one of several sites of the same name is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "has(self.location) == (self.policy == 'Geolocation')",
    "dns.routing.location belongs to policy Geolocation, and only to it: name the place served there, such as EU, or leave it out",
)]))]
pub struct Routing {
    /// `Simple`: this is the only one. `Latency`: the nearest. `Geolocation`: the one for the visitor's place.
    pub policy: RoutingPolicy,

    /// The place that this site serves: a continent (`EU`), a country (`DE`), or `*` for the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2), extend("x-kubernetes-validations" = [rule(
        "self.matches('^([A-Z]{2}|[*])$')",
        "dns.routing.location is no place: write a continent or country as two capital letters, or *",
    )]))]
    pub location: Option<String>,
}

/// How one of several sites of the same name is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RoutingPolicy {
    /// There is only this one.
    #[default]
    Simple,
    /// The nearest.
    Latency,
    /// The one for the visitor's place.
    Geolocation,
}
