//! `spec.firewall`: the web application firewall.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// The web application firewall, AWS WAF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Firewall {
    /// Puts the firewall before the site.
    pub enabled: bool,

    /// AWS's own rules to apply. See "AWS Managed Rules rule groups list".
    #[schemars(length(max = 5))]
    pub managed_rule_groups: Vec<ManagedRuleGroup>,

    /// So many requests in five minutes from one address to the login page, and no more.
    #[schemars(range(min = 10, max = 1_000_000))]
    pub login_rate_limit: u32,

    /// Networks that always get through.
    #[serde(rename = "allowCIDRs")]
    #[schemars(length(max = 100), inner(length(max = 43)), extend("x-kubernetes-validations" = [rule(
        "self.all(network, isCIDR(network) && !network.endsWith('/0'))",
        "firewall.allowCIDRs holds what is no network: write ones such as 203.0.113.0/24 or 2001:db8::/32; /0 is none that AWS WAF takes",
    )]))]
    pub allow_cidrs: Vec<String>,

    /// Networks that never get through, even if they are in `allowCIDRs`.
    #[serde(rename = "denyCIDRs")]
    #[schemars(length(max = 100), inner(length(max = 43)), extend("x-kubernetes-validations" = [rule(
        "self.all(network, isCIDR(network) && !network.endsWith('/0'))",
        "firewall.denyCIDRs holds what is no network: write ones such as 203.0.113.0/24 or 2001:db8::/32; /0 is none that AWS WAF takes",
    )]))]
    pub deny_cidrs: Vec<String>,

    /// Writes what it blocks or counts into CloudWatch Logs, without cookies and passwords.
    pub logging: bool,
}

impl Default for Firewall {
    fn default() -> Self {
        Self {
            enabled: true,
            managed_rule_groups: vec![
                ManagedRuleGroup::Common,
                ManagedRuleGroup::KnownBadInputs,
                ManagedRuleGroup::Sqli,
                ManagedRuleGroup::WordPress,
                ManagedRuleGroup::Php,
            ],
            login_rate_limit: 300,
            allow_cidrs: Vec::new(),
            deny_cidrs: Vec::new(),
            logging: false,
        }
    }
}

/// A group of AWS's own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ManagedRuleGroup {
    /// Core rule set.
    Common,
    /// Known bad inputs.
    KnownBadInputs,
    /// SQL injection.
    #[serde(rename = "SQLi")]
    Sqli,
    /// Attacks on WordPress.
    WordPress,
    /// Attacks on PHP.
    #[serde(rename = "PHP")]
    Php,
}
