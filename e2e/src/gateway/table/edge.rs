//! CloudFront and AWS WAF.

use super::{ROW, Reply, Row, Row as R, STATES, States, Tags, create, delete, error, modify, read};
use crate::gateway::protocol::service::{CDN, WAF};

/// AWS WAF keeps those of CloudFront apart.
const SCOPES: Option<(&str, &[&str])> = Some(("Scope", &["REGIONAL", "CLOUDFRONT"]));

const WAF_TAGS: Tags = Tags::Asked {
    action: "ListTagsForResource",
    param: "ResourceARN",
    of: "ARN",
    items: "TagInfoForResource/TagList/*",
};

pub(super) const ROWS: &[Row] = &[
    // Deletion is immediate, but refused until the disabled distribution is deployed (see the rules).
    R {
        kind: "cloudfront/distribution",
        service: CDN,
        id: "Id",
        reads: &[read("ListDistributions", "Items/*", &[]), read("GetDistribution", "", &["Id"])],
        creates: &[create("CreateDistribution", "", "", 240), create("CreateDistributionWithTags", "", "", 240)],
        modifies: &[modify("UpdateDistribution", "Id", "", 180)],
        deletes: &[delete("DeleteDistribution", "Id", 0, Reply::Status(204))],
        states: Some(States { path: "Status", creating: "InProgress", modifying: "InProgress", ..STATES }),
        missing: error(404, "NoSuchDistribution"),
        tags: Tags::Asked { action: "ListTagsForResource", param: "Resource", of: "ARN", items: "Items/*" },
        ..ROW
    },
    R {
        kind: "cloudfront/cache-policy",
        service: CDN,
        id: "CachePolicy/Id",
        name: "CachePolicy/CachePolicyConfig/Name",
        reads: &[read("ListCachePolicies", "Items/*", &[]), read("GetCachePolicy", "", &["Id"])],
        // The answer is the policy itself, not wrapped as in the list.
        creates: &[create("CreateCachePolicy", "", "", 0)],
        modifies: &[modify("UpdateCachePolicy", "Id", "", 0)],
        deletes: &[delete("DeleteCachePolicy", "Id", 0, Reply::Status(204))],
        missing: error(404, "NoSuchCachePolicy"),
        ..ROW
    },
    R {
        kind: "cloudfront/origin-access-control",
        service: CDN,
        id: "Id",
        name: "OriginAccessControlConfig/Name",
        reads: &[read("ListOriginAccessControls", "Items/*", &[]), read("GetOriginAccessControl", "", &["Id"])],
        creates: &[create("CreateOriginAccessControl", "", "", 0)],
        modifies: &[modify("UpdateOriginAccessControl", "Id", "", 0)],
        deletes: &[delete("DeleteOriginAccessControl", "Id", 0, Reply::Status(204))],
        missing: error(404, "NoSuchOriginAccessControl"),
        ..ROW
    },
    R {
        kind: "wafv2/web-acl",
        service: WAF,
        id: "Id",
        name: "Name",
        reads: &[read("ListWebACLs", "WebACLs/*", &[]), read("GetWebACL", "WebACL", &["Id"])],
        creates: &[create("CreateWebACL", "Summary", "", 0)],
        modifies: &[modify("UpdateWebACL", "Id", "", 0)],
        deletes: &[delete("DeleteWebACL", "Id", 0, Reply::Bare)],
        missing: error(400, "WAFNonexistentItemException"),
        exists: error(400, "WAFDuplicateItemException"),
        tags: WAF_TAGS,
        each: SCOPES,
        ..ROW
    },
    R {
        kind: "wafv2/ip-set",
        service: WAF,
        id: "Id",
        name: "Name",
        reads: &[read("ListIPSets", "IPSets/*", &[]), read("GetIPSet", "IPSet", &["Id"])],
        creates: &[create("CreateIPSet", "Summary", "", 0)],
        modifies: &[modify("UpdateIPSet", "Id", "", 0)],
        deletes: &[delete("DeleteIPSet", "Id", 0, Reply::Bare)],
        missing: error(400, "WAFNonexistentItemException"),
        exists: error(400, "WAFDuplicateItemException"),
        tags: WAF_TAGS,
        each: SCOPES,
        ..ROW
    },
];
