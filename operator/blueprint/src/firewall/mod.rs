//! The firewall before the site, AWS WAF: before the content delivery network, or before the load balancer where there
//! is none.

pub mod association;
pub mod ip_set;
pub mod logging;
mod rules;
pub mod web_acl;

pub use rules::{BodyRule, GROUPS, LOGINS, Rule, WRITERS, body_rules, group_name, rules};

/// Reads the tags, which no list shows.
pub const LIST_TAGS: wpc_engine::Action = wpc_engine::Action::read("wafv2:ListTagsForResource");
/// Writes tags, also at creation.
pub const TAG: wpc_engine::Action = wpc_engine::Action::write("wafv2:TagResource");

/// What a firewall stands before: AWS keeps those of CloudFront apart, in us-east-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Before a distribution.
    CloudFront,
    /// Before a load balancer.
    Regional,
}

impl Scope {
    /// The region that a firewall lies in, and with it what it writes to.
    pub const fn region(self, home: &str) -> &str {
        match self {
            Self::CloudFront => "us-east-1",
            Self::Regional => home,
        }
    }

    /// Both.
    pub const ALL: [Self; 2] = [Self::CloudFront, Self::Regional];

    /// AWS's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloudFront => "CLOUDFRONT",
            Self::Regional => "REGIONAL",
        }
    }

    /// The scope that an ARN tells.
    pub fn of(arn: &str) -> Self {
        match arn.split(':').nth(5).is_some_and(|resource| resource.starts_with("global/")) {
            true => Self::CloudFront,
            false => Self::Regional,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_its_scope() {
        assert_eq!(Scope::of("arn:aws:wafv2:us-east-1:1:global/webacl/site/0a"), Scope::CloudFront);
        assert_eq!(Scope::of("arn:aws:wafv2:us-east-1:1:regional/webacl/site/0a"), Scope::Regional);
    }
}
