//! Which REST path is which action.

use http::Method;

use super::service::{BACKUP, CDN, DNS, EFS, S3};

/// One action of a REST service.
struct Route {
    service: &'static str,
    method: &'static str,
    /// Path after the version, which AWS Backup and S3 have none of; `{Name}` is a parameter, `{Name+}` one with slashes in it.
    path: &'static str,
    /// A query key that must be there, to tell two actions of one path apart.
    query: &'static str,
    action: &'static str,
}

const fn route(service: &'static str, method: &'static str, path: &'static str, action: &'static str) -> Route {
    Route { service, method, path, query: "", action }
}

/// One aspect of a bucket, told from the others by a query key.
const fn aspect(method: &'static str, query: &'static str, action: &'static str) -> Route {
    Route { query, ..route(S3, method, "{Bucket}", action) }
}

const ROUTES: &[Route] = &[
    route(EFS, "GET", "file-systems/replication-configurations", "DescribeReplicationConfigurations"),
    route(EFS, "POST", "file-systems", "CreateFileSystem"),
    route(EFS, "GET", "file-systems", "DescribeFileSystems"),
    route(EFS, "PUT", "file-systems/{FileSystemId}", "UpdateFileSystem"),
    route(EFS, "DELETE", "file-systems/{FileSystemId}", "DeleteFileSystem"),
    route(EFS, "GET", "file-systems/{FileSystemId}/backup-policy", "DescribeBackupPolicy"),
    route(EFS, "PUT", "file-systems/{FileSystemId}/backup-policy", "PutBackupPolicy"),
    route(EFS, "GET", "file-systems/{FileSystemId}/policy", "DescribeFileSystemPolicy"),
    route(EFS, "PUT", "file-systems/{FileSystemId}/policy", "PutFileSystemPolicy"),
    route(EFS, "DELETE", "file-systems/{FileSystemId}/policy", "DeleteFileSystemPolicy"),
    route(EFS, "PUT", "file-systems/{FileSystemId}/protection", "UpdateFileSystemProtection"),
    route(EFS, "GET", "file-systems/{FileSystemId}/lifecycle-configuration", "DescribeLifecycleConfiguration"),
    route(EFS, "PUT", "file-systems/{FileSystemId}/lifecycle-configuration", "PutLifecycleConfiguration"),
    route(EFS, "POST", "mount-targets", "CreateMountTarget"),
    route(EFS, "GET", "mount-targets", "DescribeMountTargets"),
    route(EFS, "DELETE", "mount-targets/{MountTargetId}", "DeleteMountTarget"),
    route(EFS, "GET", "mount-targets/{MountTargetId}/security-groups", "DescribeMountTargetSecurityGroups"),
    route(EFS, "PUT", "mount-targets/{MountTargetId}/security-groups", "ModifyMountTargetSecurityGroups"),
    route(EFS, "POST", "access-points", "CreateAccessPoint"),
    route(EFS, "GET", "access-points", "DescribeAccessPoints"),
    route(EFS, "DELETE", "access-points/{AccessPointId}", "DeleteAccessPoint"),
    route(EFS, "GET", "resource-tags/{ResourceId}", "ListTagsForResource"),
    route(EFS, "POST", "resource-tags/{ResourceId}", "TagResource"),
    route(EFS, "DELETE", "resource-tags/{ResourceId}", "UntagResource"),
    route(BACKUP, "PUT", "backup-vaults/{BackupVaultName}", "CreateBackupVault"),
    route(BACKUP, "GET", "backup-vaults", "ListBackupVaults"),
    route(BACKUP, "GET", "backup-vaults/{BackupVaultName}", "DescribeBackupVault"),
    route(BACKUP, "DELETE", "backup-vaults/{BackupVaultName}", "DeleteBackupVault"),
    route(BACKUP, "PUT", "backup-vaults/{BackupVaultName}/vault-lock", "PutBackupVaultLockConfiguration"),
    route(BACKUP, "DELETE", "backup-vaults/{BackupVaultName}/vault-lock", "DeleteBackupVaultLockConfiguration"),
    route(BACKUP, "GET", "backup-vaults/{BackupVaultName}/recovery-points", "ListRecoveryPointsByBackupVault"),
    route(
        BACKUP,
        "DELETE",
        "backup-vaults/{BackupVaultName}/recovery-points/{RecoveryPointArn}",
        "DeleteRecoveryPoint",
    ),
    route(BACKUP, "PUT", "backup/plans", "CreateBackupPlan"),
    route(BACKUP, "GET", "backup/plans", "ListBackupPlans"),
    route(BACKUP, "GET", "backup/plans/{BackupPlanId}", "GetBackupPlan"),
    route(BACKUP, "POST", "backup/plans/{BackupPlanId}", "UpdateBackupPlan"),
    route(BACKUP, "DELETE", "backup/plans/{BackupPlanId}", "DeleteBackupPlan"),
    route(BACKUP, "PUT", "backup/plans/{BackupPlanId}/selections", "CreateBackupSelection"),
    route(BACKUP, "GET", "backup/plans/{BackupPlanId}/selections", "ListBackupSelections"),
    route(BACKUP, "GET", "backup/plans/{BackupPlanId}/selections/{SelectionId}", "GetBackupSelection"),
    route(BACKUP, "DELETE", "backup/plans/{BackupPlanId}/selections/{SelectionId}", "DeleteBackupSelection"),
    route(BACKUP, "PUT", "backup-jobs", "StartBackupJob"),
    route(BACKUP, "GET", "backup-jobs", "ListBackupJobs"),
    route(BACKUP, "GET", "backup-jobs/{BackupJobId}", "DescribeBackupJob"),
    route(BACKUP, "PUT", "restore-jobs", "StartRestoreJob"),
    route(BACKUP, "GET", "restore-jobs", "ListRestoreJobs"),
    route(BACKUP, "GET", "restore-jobs/{RestoreJobId}", "DescribeRestoreJob"),
    route(BACKUP, "GET", "tags/{ResourceArn}", "ListTags"),
    route(BACKUP, "POST", "tags/{ResourceArn}", "TagResource"),
    route(BACKUP, "POST", "untag/{ResourceArn}", "UntagResource"),
    Route { query: "WithTags", ..route(CDN, "POST", "distribution", "CreateDistributionWithTags") },
    route(CDN, "POST", "distribution", "CreateDistribution"),
    route(CDN, "GET", "distribution", "ListDistributions"),
    route(CDN, "GET", "distribution/{Id}", "GetDistribution"),
    route(CDN, "DELETE", "distribution/{Id}", "DeleteDistribution"),
    route(CDN, "GET", "distribution/{Id}/config", "GetDistributionConfig"),
    route(CDN, "PUT", "distribution/{Id}/config", "UpdateDistribution"),
    route(CDN, "POST", "distribution/{DistributionId}/invalidation", "CreateInvalidation"),
    route(CDN, "GET", "distribution/{DistributionId}/invalidation", "ListInvalidations"),
    route(CDN, "GET", "distribution/{DistributionId}/invalidation/{Id}", "GetInvalidation"),
    route(CDN, "POST", "cache-policy", "CreateCachePolicy"),
    route(CDN, "GET", "cache-policy", "ListCachePolicies"),
    route(CDN, "GET", "cache-policy/{Id}", "GetCachePolicy"),
    route(CDN, "GET", "cache-policy/{Id}/config", "GetCachePolicyConfig"),
    route(CDN, "PUT", "cache-policy/{Id}", "UpdateCachePolicy"),
    route(CDN, "DELETE", "cache-policy/{Id}", "DeleteCachePolicy"),
    route(CDN, "POST", "origin-request-policy", "CreateOriginRequestPolicy"),
    route(CDN, "GET", "origin-request-policy", "ListOriginRequestPolicies"),
    route(CDN, "GET", "origin-request-policy/{Id}", "GetOriginRequestPolicy"),
    route(CDN, "PUT", "origin-request-policy/{Id}", "UpdateOriginRequestPolicy"),
    route(CDN, "DELETE", "origin-request-policy/{Id}", "DeleteOriginRequestPolicy"),
    route(CDN, "GET", "tagging", "ListTagsForResource"),
    Route { query: "Operation=Tag", ..route(CDN, "POST", "tagging", "TagResource") },
    Route { query: "Operation=Untag", ..route(CDN, "POST", "tagging", "UntagResource") },
    route(DNS, "POST", "hostedzone", "CreateHostedZone"),
    route(DNS, "GET", "hostedzone", "ListHostedZones"),
    route(DNS, "GET", "hostedzone/{Id}", "GetHostedZone"),
    route(DNS, "DELETE", "hostedzone/{Id}", "DeleteHostedZone"),
    route(DNS, "GET", "hostedzone/{HostedZoneId}/rrset", "ListResourceRecordSets"),
    route(DNS, "POST", "hostedzone/{HostedZoneId}/rrset", "ChangeResourceRecordSets"),
    route(DNS, "POST", "healthcheck", "CreateHealthCheck"),
    route(DNS, "GET", "healthcheck", "ListHealthChecks"),
    route(DNS, "GET", "healthcheck/{HealthCheckId}", "GetHealthCheck"),
    route(DNS, "POST", "healthcheck/{HealthCheckId}", "UpdateHealthCheck"),
    route(DNS, "DELETE", "healthcheck/{HealthCheckId}", "DeleteHealthCheck"),
    // Of Route 53's things only health checks are asked for their tags.
    route(DNS, "POST", "tags/healthcheck", "ListTagsForResources"),
    route(DNS, "GET", "tags/healthcheck/{ResourceId}", "ListTagsForResource"),
    route(DNS, "POST", "tags/healthcheck/{ResourceId}", "ChangeTagsForResource"),
    route(CDN, "POST", "origin-access-control", "CreateOriginAccessControl"),
    route(CDN, "GET", "origin-access-control", "ListOriginAccessControls"),
    route(CDN, "GET", "origin-access-control/{Id}", "GetOriginAccessControl"),
    route(CDN, "GET", "origin-access-control/{Id}/config", "GetOriginAccessControlConfig"),
    route(CDN, "PUT", "origin-access-control/{Id}/config", "UpdateOriginAccessControl"),
    route(CDN, "DELETE", "origin-access-control/{Id}", "DeleteOriginAccessControl"),
    route(S3, "GET", "", "ListBuckets"),
    aspect("GET", "versioning", "GetBucketVersioning"),
    aspect("PUT", "versioning", "PutBucketVersioning"),
    aspect("GET", "encryption", "GetBucketEncryption"),
    aspect("PUT", "encryption", "PutBucketEncryption"),
    aspect("GET", "publicAccessBlock", "GetPublicAccessBlock"),
    aspect("PUT", "publicAccessBlock", "PutPublicAccessBlock"),
    aspect("DELETE", "publicAccessBlock", "DeletePublicAccessBlock"),
    aspect("GET", "ownershipControls", "GetBucketOwnershipControls"),
    aspect("PUT", "ownershipControls", "PutBucketOwnershipControls"),
    aspect("GET", "lifecycle", "GetBucketLifecycleConfiguration"),
    aspect("PUT", "lifecycle", "PutBucketLifecycleConfiguration"),
    aspect("DELETE", "lifecycle", "DeleteBucketLifecycle"),
    aspect("GET", "cors", "GetBucketCors"),
    aspect("PUT", "cors", "PutBucketCors"),
    aspect("DELETE", "cors", "DeleteBucketCors"),
    aspect("GET", "tagging", "GetBucketTagging"),
    aspect("PUT", "tagging", "PutBucketTagging"),
    aspect("DELETE", "tagging", "DeleteBucketTagging"),
    aspect("GET", "policy", "GetBucketPolicy"),
    aspect("PUT", "policy", "PutBucketPolicy"),
    aspect("DELETE", "policy", "DeleteBucketPolicy"),
    aspect("GET", "location", "GetBucketLocation"),
    aspect("GET", "versions", "ListObjectVersions"),
    aspect("GET", "list-type", "ListObjectsV2"),
    aspect("POST", "delete", "DeleteObjects"),
    route(S3, "HEAD", "{Bucket}", "HeadBucket"),
    route(S3, "PUT", "{Bucket}", "CreateBucket"),
    route(S3, "DELETE", "{Bucket}", "DeleteBucket"),
    route(S3, "GET", "{Bucket}/{Key+}", "GetObject"),
    route(S3, "HEAD", "{Bucket}/{Key+}", "HeadObject"),
    route(S3, "PUT", "{Bucket}/{Key+}", "PutObject"),
    route(S3, "DELETE", "{Bucket}/{Key+}", "DeleteObject"),
];

/// Path parameters of `path` under `pattern`, if it matches.
fn matches(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut found = Vec::new();
    loop {
        let want = wanted.next();
        if let Some(name) = want.and_then(|want| want.strip_prefix('{')?.strip_suffix("+}")) {
            let rest: Vec<&str> = given.collect();
            return (!rest.is_empty()).then(|| {
                found.push((name.to_owned(), decoded(&rest.join("/"))));
                found
            });
        }
        match (want, given.next()) {
            (None, None) => return Some(found),
            (Some(want), Some(have)) => match want.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(_) if have.is_empty() => return None,
                Some(name) => found.push((name.to_owned(), decoded(have))),
                None if want == have => {}
                None => return None,
            },
            _ => return None,
        }
    }
}

/// Whether a service's paths begin with its version.
pub fn is_versioned(service: &str) -> bool {
    ![BACKUP, S3].contains(&service)
}

fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// Is there this key, or this key with this value, in a query?
fn has(query: &str, wanted: &str) -> bool {
    query.split('&').any(|part| part == wanted || part.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('=')))
}

/// The action of a REST call and its path parameters.
pub fn action(service: &str, method: &Method, path: &str, query: &str) -> Option<(String, Vec<(String, String)>)> {
    let path = path.trim_matches('/');
    let rest = if is_versioned(service) { path.split_once('/')?.1 } else { path };
    ROUTES
        .iter()
        .filter(|route| route.service == service && route.method == method.as_str())
        .filter(|route| route.query.is_empty() || has(query, route.query))
        .find_map(|route| Some((route.action.to_owned(), matches(route.path, rest)?)))
}

/// Method and path of an action, with the parameters that the path takes, and the query that it must have.
pub fn of_action(service: &str, action: &str) -> Option<(Method, &'static str, &'static str)> {
    let route = ROUTES.iter().find(|route| route.service == service && route.action == action)?;
    Some((route.method.parse().ok()?, route.path, route.query))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(service: &str, method: Method, path: &str, query: &str) -> Option<String> {
        action(service, &method, path, query).map(|found| found.0)
    }

    #[test]
    fn paths_lead_to_actions() {
        assert_eq!(name(EFS, Method::POST, "/2015-02-01/file-systems", "").unwrap(), "CreateFileSystem");
        assert_eq!(
            name(CDN, Method::POST, "/2020-05-31/distribution", "WithTags").unwrap(),
            "CreateDistributionWithTags"
        );
        assert_eq!(name(CDN, Method::POST, "/2020-05-31/distribution", "").unwrap(), "CreateDistribution");
        assert_eq!(
            name(CDN, Method::POST, "/2020-05-31/tagging", "Operation=Untag&Resource=x").unwrap(),
            "UntagResource"
        );
        assert_eq!(name(EFS, Method::GET, "/2015-02-01/nothing", ""), None);
        let arn = "/tags/arn%3Aaws%3Abackup%3Aeu-central-1%3A1%3Abackup-vault%3Aa/";
        let (found, params) = action(BACKUP, &Method::GET, arn, "").unwrap();
        let arn = "arn:aws:backup:eu-central-1:1:backup-vault:a";
        assert_eq!((found.as_str(), params), ("ListTags", vec![("ResourceArn".into(), arn.into())]));
        for (method, path, query, wanted) in [
            (Method::GET, "/", "x-id=ListBuckets", "ListBuckets"),
            (Method::PUT, "/media", "", "CreateBucket"),
            (Method::PUT, "/media", "policy", "PutBucketPolicy"),
            (Method::GET, "/media", "versions&max-keys=1000", "ListObjectVersions"),
            (Method::GET, "/media", "versioning", "GetBucketVersioning"),
            (Method::GET, "/media/a/b%20c.png", "x-id=GetObject", "GetObject"),
        ] {
            assert_eq!(name(S3, method, path, query).as_deref(), Some(wanted), "{path}?{query}");
        }
        let (_, params) = action(S3, &Method::PUT, "/media/a/b%20c.png", "").unwrap();
        assert_eq!(params, [("Bucket".into(), "media".into()), ("Key".into(), "a/b c.png".into())]);
        let (found, params) = action(CDN, &Method::PUT, "/2020-05-31/distribution/E1/config", "").unwrap();
        assert_eq!((found.as_str(), params), ("UpdateDistribution", vec![("Id".into(), "E1".into())]));
    }

    #[test]
    fn every_action_has_one_route() {
        for route in ROUTES {
            let (method, path, query) = of_action(route.service, route.action).unwrap();
            assert_eq!((method.as_str(), path, query), (route.method, route.path, route.query), "{}", route.action);
        }
    }
}
