//! Amazon S3, and who writes logs there.

use super::{Check, Look, Rule, text};
use crate::gateway::protocol::Tree;
use crate::gateway::protocol::service::{ELB, LOGS, S3, TRAIL};

const RULE: Rule = Rule { service: S3, status: 409, about: "s3/bucket", ..Rule::NONE };

const LOG: Rule = Rule { service: LOGS, status: 400, code: "ConflictException", ..Rule::NONE };

const CONTENT: Look = Look::one("s3/bucket", "Bucket", "Bucket").told("ListObjectVersions", "");

pub(super) const RULES: &[Rule] = &[
    Rule {
        actions: &["DeleteBucket"],
        code: "BucketNotEmpty",
        when: "something is in it, be it an old version",
        check: Check::Seen(CONTENT, |_, content: &Tree| {
            let empty = ["Version", "DeleteMarker"].iter().all(|part| content.items(part).is_empty());
            (!empty).then(|| {
                "The bucket you tried to delete is not empty. You must delete all versions in the bucket.".into()
            })
        }),
        page: "API_DeleteBucket: all objects, versions and delete markers first",
        ..RULE
    },
    Rule {
        about: "cloudtrail/trail",
        service: TRAIL,
        status: 400,
        actions: &["CreateTrail", "UpdateTrail"],
        code: "InsufficientS3BucketPolicyException",
        when: "the bucket's policy does not let CloudTrail write",
        check: Check::Needs(
            Look::one("s3/bucket", "S3BucketName", "Bucket").told("GetBucketPolicy", "Statement/*"),
            |statement| lets_write(statement, "cloudtrail.amazonaws.com"),
            "Incorrect S3 bucket policy is detected for the bucket.",
        ),
        page: "API_CreateTrail: InsufficientS3BucketPolicyException",
    },
    Rule {
        about: "elb/load-balancer",
        service: ELB,
        status: 400,
        actions: &["ModifyLoadBalancerAttributes"],
        code: "InvalidConfigurationRequest",
        when: "the policy of its log's bucket does not let load balancers write",
        check: Check::Needs(
            Look::one("s3/bucket", "key=access_logs.s3.bucket", "Bucket").told("GetBucketPolicy", "Statement/*"),
            |statement| lets_write(statement, "logdelivery.elasticloadbalancing.amazonaws.com"),
            "Access Denied for bucket. Please check S3bucket permission.",
        ),
        page: "enable-access-logging: attach a policy to your S3 bucket; bucket permissions are checked",
    },
    Rule {
        about: "logs/delivery-source",
        actions: &["PutDeliverySource"],
        when: "what it tells of has a source of another name",
        check: Check::Seen(Look::all("logs/delivery-source", "resourceArn"), |request, source| {
            let told = |of: &Tree| of.text("").as_deref() == request.params.get("resourceArn");
            let other = text(source, "name") != request.params.get("name").unwrap_or_default();
            let known = other && source.items("resourceArns/*").iter().any(told);
            known.then(|| "This ResourceId has already been used in another Delivery Source in this account.".into())
        }),
        page: "API_PutDeliverySource: ConflictException",
        ..LOG
    },
    Rule {
        about: "logs/delivery-source",
        actions: &["DeleteDeliverySource"],
        when: "a delivery goes from it",
        check: Check::Held { what: "logs/delivery-source", param: "name" },
        page: "API_DeleteDeliverySource: not while a delivery is associated with it",
        ..LOG
    },
    Rule {
        about: "logs/delivery-destination",
        actions: &["DeleteDeliveryDestination"],
        when: "a delivery goes to it",
        check: Check::Held { what: "logs/delivery-destination", param: "name" },
        page: "API_DeleteDeliveryDestination: not while a delivery is associated with it",
        ..LOG
    },
];

/// Whether a statement of a bucket's policy lets a service put objects there.
fn lets_write(statement: &Tree, service: &str) -> bool {
    let says = |path: &str, word: &str| statement.text(path).as_deref() == Some(word);
    says("Effect", "Allow") && says("Principal/Service", service) && says("Action", "s3:PutObject")
}
