//! CloudFront and AWS WAF.

use super::{Check, Look, Rule, unless};
use crate::gateway::protocol::service::{CDN, WAF};

const RULE: Rule = Rule { service: CDN, status: 409, about: "cloudfront/distribution", ..Rule::NONE };

const IP_SET: Rule = Rule { service: WAF, about: "wafv2/ip-set", ..Rule::NONE };

const THE_SET: Look = Look::one("wafv2/ip-set", "Id", "Id").told("GetIPSet", "").beside(&["Name", "Scope"]);

const DISTRIBUTION: Look = Look::one("cloudfront/distribution", "Id", "Id");

pub(super) const RULES: &[Rule] = &[
    Rule {
        actions: &["DeleteDistribution"],
        code: "DistributionNotDisabled",
        when: "it is not disabled, or that is not deployed yet",
        check: Check::Seen(DISTRIBUTION, |_, distribution| {
            let message = || "The distribution you are trying to delete has not been disabled.".into();
            unless(distribution, "DistributionConfig/Enabled", "false", message)
                .or_else(|| unless(distribution, "Status", "Deployed", message))
        }),
        page: "HowToDeleteDistribution: disabled and deployed first",
        ..RULE
    },
    Rule {
        about: "cloudfront/cache-policy",
        actions: &["DeleteCachePolicy"],
        code: "CachePolicyInUse",
        when: "a distribution uses it",
        check: Check::Held { what: "cloudfront/cache-policy", param: "Id" },
        page: "API_DeleteCachePolicy: CachePolicyInUse",
        ..RULE
    },
    Rule {
        about: "cloudfront/origin-access-control",
        actions: &["DeleteOriginAccessControl"],
        code: "OriginAccessControlInUse",
        when: "a distribution uses it",
        check: Check::Held { what: "cloudfront/origin-access-control", param: "Id" },
        page: "API_DeleteOriginAccessControl: OriginAccessControlInUse",
        ..RULE
    },
    Rule {
        service: WAF,
        status: 400,
        about: "wafv2/web-acl",
        actions: &["DeleteWebACL"],
        code: "WAFAssociatedItemException",
        when: "a distribution names it",
        check: Check::Seen(Look::all("cloudfront/distribution", "Id"), |request, distribution| {
            let (id, acl) = (request.params.get("Id")?, distribution.text("WebACLId")?);
            let message =
                "AWS WAF couldn't perform the operation because your resource is being used by another resource";
            acl.ends_with(&format!("/{id}")).then(|| message.into())
        }),
        page: "API_DeleteWebACL: only when it is not associated with any resource",
    },
    Rule {
        actions: &["UpdateIPSet", "DeleteIPSet"],
        code: "WAFOptimisticLockException",
        when: "another version is named",
        check: Check::Seen(THE_SET, |request, set| {
            let (named, now) = (request.params.get("LockToken")?, set.text("LockToken")?);
            (named != now).then(|| "AWS WAF couldn't save your changes because someone changed the resource".into())
        }),
        page: "API_UpdateIPSet: LockToken",
        ..IP_SET
    },
    Rule {
        actions: &["DeleteIPSet"],
        code: "WAFAssociatedItemException",
        when: "a web ACL names it",
        check: Check::Held { what: "wafv2/ip-set", param: "Id" },
        page: "API_DeleteIPSet: WAFAssociatedItemException",
        ..IP_SET
    },
];
