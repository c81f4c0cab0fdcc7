//! `spec.cdn`: the content delivery network.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// The content delivery network, Amazon CloudFront.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Cdn {
    /// Puts a distribution before the load balancer.
    pub enabled: bool,

    /// Which edge locations serve. See "CloudFront pricing".
    pub price_class: PriceClass,

    /// Seconds for which static files stay in the CDN, 0 to 31536000.
    #[serde(rename = "staticTTLSeconds")]
    #[schemars(range(min = 0, max = 31_536_000))]
    pub static_ttl_seconds: u32,

    /// A certificate of us-east-1 in ACM, the only region that CloudFront reads. Left out: one is requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), extend("x-kubernetes-validations" = [rule(
        "self.matches('^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/[A-Za-z0-9-]+$')",
        "cdn.certificateArn is no certificate's ARN in us-east-1: write arn:aws:acm:us-east-1:<account>:certificate/<id>",
    )]))]
    pub certificate_arn: Option<String>,

    /// A log of requests in a bucket of its own.
    pub access_logs: bool,

    /// The countries that may, or may not, see the site. Left out: all may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geo_restriction: Option<GeoRestriction>,
}

impl Default for Cdn {
    fn default() -> Self {
        Self {
            enabled: true,
            price_class: PriceClass::default(),
            static_ttl_seconds: 604_800,
            certificate_arn: None,
            access_logs: false,
            geo_restriction: None,
        }
    }
}

/// Which of CloudFront's edge locations serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PriceClass {
    /// North America, Europe and Israel.
    #[default]
    #[serde(rename = "PriceClass_100")]
    Class100,
    /// All but South America, Australia and New Zealand.
    #[serde(rename = "PriceClass_200")]
    Class200,
    /// All.
    #[serde(rename = "PriceClass_All")]
    All,
}

impl PriceClass {
    /// The name that CloudFront uses.
    pub const fn name(self) -> &'static str {
        match self {
            PriceClass::Class100 => "PriceClass_100",
            PriceClass::Class200 => "PriceClass_200",
            PriceClass::All => "PriceClass_All",
        }
    }
}

/// The countries that may, or may not, see the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GeoRestriction {
    /// `Allow`: only these countries may. `Deny`: these may not.
    pub policy: GeoPolicy,
    /// Two capital letters each (ISO 3166-1 alpha-2), such as `DE`.
    #[schemars(length(min = 1, max = 250), inner(length(max = 2)), extend("x-kubernetes-validations" = [rule(
        "self.all(country, country.matches('^[A-Z]{2}$'))",
        "cdn.geoRestriction.countries holds what is no country's code: write two capital letters each, such as DE",
    )]))]
    pub countries: Vec<String>,
}

/// Whether a list of countries is of those who may or of those who may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GeoPolicy {
    /// Only these may.
    Allow,
    /// All but these may.
    Deny,
}
