//! CloudFront.

use super::{ROW, Reply, Row, Row as R, STATES, States, Tags, create, delete, error, modify, read};
use crate::gateway::protocol::service::CDN;

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
];
