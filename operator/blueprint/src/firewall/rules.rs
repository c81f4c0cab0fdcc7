//! The firewall's rules, in the order in which they are asked: the first that decides ends the matter.
//!
//! # Caveats
//! Who writes for the site posts HTML, scripts and files of any size, which is what the rules on bodies look for. So
//! those count only, and leave a label; a last rule blocks what bears one, but for administration and the REST API. See
//! "SizeRestrictions_BODY" under "Baseline rule groups" and "Label match rule statement" in the AWS WAF Developer Guide.

use wpc_api::v1alpha1::{Firewall, ManagedRuleGroup};
use wpc_engine::Id;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// What comes from these addresses never gets through.
    Deny(Id),
    /// What comes from these addresses always gets through.
    Allow(Id),
    /// So many requests in five minutes from one address to the login page and to XML-RPC.
    LoginRate(u32),
    /// A group of AWS's; what it says of bodies only counts.
    Managed(ManagedRuleGroup),
    /// Blocks what the rules on bodies have labelled, but for administration and the REST API.
    Bodies(Vec<ManagedRuleGroup>),
    /// A rule that the firewall does not have from us, by its name.
    Other(String),
}

/// A rule on bodies: its name, and the label that it leaves.
pub type BodyRule = (&'static str, &'static str);

/// Where editors write: the rules on bodies count only there.
pub const WRITERS: [&str; 2] = ["/wp-admin/", "/wp-json/"];

/// Where passwords are tried.
pub const LOGINS: [&str; 2] = ["wp-login.php", "xmlrpc.php"];

/// AWS's name of a group.
pub const fn group_name(group: ManagedRuleGroup) -> &'static str {
    match group {
        ManagedRuleGroup::Common => "AWSManagedRulesCommonRuleSet",
        ManagedRuleGroup::KnownBadInputs => "AWSManagedRulesKnownBadInputsRuleSet",
        ManagedRuleGroup::Sqli => "AWSManagedRulesSQLiRuleSet",
        ManagedRuleGroup::WordPress => "AWSManagedRulesWordPressRuleSet",
        ManagedRuleGroup::Php => "AWSManagedRulesPHPRuleSet",
    }
}

/// Every group, in the order in which they are asked.
pub const GROUPS: [ManagedRuleGroup; 5] = [
    ManagedRuleGroup::Common,
    ManagedRuleGroup::KnownBadInputs,
    ManagedRuleGroup::Sqli,
    ManagedRuleGroup::WordPress,
    ManagedRuleGroup::Php,
];

/// The rules on bodies that an editor's work meets. Those of known bad inputs are no editor's work.
pub const fn body_rules(group: ManagedRuleGroup) -> &'static [BodyRule] {
    match group {
        ManagedRuleGroup::Common => &[
            ("SizeRestrictions_BODY", "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"),
            ("CrossSiteScripting_BODY", "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body"),
            ("EC2MetaDataSSRF_BODY", "awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body"),
            ("GenericLFI_BODY", "awswaf:managed:aws:core-rule-set:GenericLFI_Body"),
            ("GenericRFI_BODY", "awswaf:managed:aws:core-rule-set:GenericRFI_Body"),
        ],
        ManagedRuleGroup::Sqli => &[
            ("SQLi_BODY", "awswaf:managed:aws:sql-database:SQLi_Body"),
            ("SQLiExtendedPatterns_BODY", "awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body"),
        ],
        ManagedRuleGroup::Php => {
            &[("PHPHighRiskMethodsVariables_BODY", "awswaf:managed:aws:php-app:PHPHighRiskMethodsVariables_Body")]
        }
        ManagedRuleGroup::KnownBadInputs | ManagedRuleGroup::WordPress => &[],
    }
}

/// The rules that a spec asks for. What is denied is denied even if it is allowed too.
pub fn rules(spec: &Firewall, deny: Vec<Id>, allow: Vec<Id>) -> Vec<Rule> {
    let groups: Vec<_> = GROUPS.into_iter().filter(|group| spec.managed_rule_groups.contains(group)).collect();
    let with_bodies: Vec<_> = groups.iter().copied().filter(|group| !body_rules(*group).is_empty()).collect();
    let bodies = (!with_bodies.is_empty()).then_some(Rule::Bodies(with_bodies));
    let lists = deny.into_iter().map(Rule::Deny).chain(allow.into_iter().map(Rule::Allow));
    let rate = [Rule::LoginRate(spec.login_rate_limit)];
    lists.chain(rate).chain(groups.into_iter().map(Rule::Managed)).chain(bodies).collect()
}

impl Rule {
    /// Its name in the firewall; metrics and logs have it too.
    pub fn name(&self) -> String {
        match self {
            Self::Deny(set) => format!("deny-{}", version(set)),
            Self::Allow(set) => format!("allow-{}", version(set)),
            Self::LoginRate(_) => "login-rate".into(),
            Self::Managed(group) => group_name(*group).into(),
            Self::Bodies(_) => "bodies-outside-administration".into(),
            Self::Other(name) => name.clone(),
        }
    }
}

/// Sets are named after what they hold.
fn version(set: &Id) -> &'static str {
    let component = set.as_str().rsplit("firewall").next().unwrap_or_default();
    if component.contains("ipv6") { "ipv6" } else { "ipv4" }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LoginRate(limit) => write!(f, "{} {limit}", self.name()),
            Self::Bodies(groups) => {
                let groups: Vec<&str> = groups.iter().map(|group| group_name(*group)).collect();
                write!(f, "{} of {}", self.name(), groups.join("+"))
            }
            _ => f.write_str(&self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(groups: &[ManagedRuleGroup]) -> Firewall {
        Firewall { managed_rule_groups: groups.to_vec(), ..Firewall::default() }
    }

    fn names(spec: &Firewall, deny: &[&str], allow: &[&str]) -> Vec<String> {
        let ids = |texts: &[&str]| texts.iter().copied().map(Id::from).collect();
        rules(spec, ids(deny), ids(allow)).iter().map(Rule::name).collect()
    }

    #[test]
    fn denied_then_allowed_then_the_rate_then_aws_then_bodies() {
        let all = names(&Firewall::default(), &["arn:x-deny-ipv4-y"], &["arn:x-allow-ipv4-y", "arn:x-allow-ipv6-y"]);
        assert_eq!(all[..4], ["deny-ipv4", "allow-ipv4", "allow-ipv6", "login-rate"]);
        assert_eq!(all[4..9], GROUPS.map(group_name));
        assert_eq!(all[9..], ["bodies-outside-administration"]);
    }

    #[test]
    fn bodies_are_judged_only_where_a_group_looks_at_them() {
        let few = spec(&[ManagedRuleGroup::WordPress, ManagedRuleGroup::KnownBadInputs]);
        assert_eq!(names(&few, &[], &[]).last().map(String::as_str), Some(group_name(ManagedRuleGroup::WordPress)));
        let with = rules(&spec(&[ManagedRuleGroup::Php, ManagedRuleGroup::WordPress]), vec![], vec![]);
        assert_eq!(with.last(), Some(&Rule::Bodies(vec![ManagedRuleGroup::Php])));
    }

    /// AWS's own figures; a web ACL has 1,500 units before it costs more. See "Web ACL capacity units (WCUs) in AWS WAF".
    #[test]
    fn everything_at_once_stays_within_the_included_capacity() {
        let group = |group: &ManagedRuleGroup| match group {
            ManagedRuleGroup::Common => 700,
            ManagedRuleGroup::KnownBadInputs | ManagedRuleGroup::Sqli => 200,
            ManagedRuleGroup::WordPress | ManagedRuleGroup::Php => 100,
        };
        let lists = 4;
        // Contains costs 10, a transformation 10.
        let rate = 2 + LOGINS.len() * 20;
        let labels: usize = GROUPS.iter().map(|group| body_rules(*group).len()).sum();
        let bodies = labels + WRITERS.len() * 2;
        let all = GROUPS.iter().map(group).sum::<usize>() + lists + rate + bodies;
        assert!(all <= 1500, "{all}");
    }
}
