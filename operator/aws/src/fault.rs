//! What AWS's error codes mean: one narrow table.
//!
//! EC2's errors are not modelled in the SDK, so every service is read by its code. See "Common error types" in each
//! service's API reference.

use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use wpc_engine::{Access, Action, Class, Fault};

use crate::answer::not_understood;

/// Codes by class; what is not listed is judged by its HTTP status.
const TABLE: &[(Class, &[&str])] = &[
    (
        Class::Throttled,
        &[
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "TooManyRequestsException",
            "PriorRequestNotComplete",
            "SlowDown",
        ],
    ),
    (
        Class::Busy,
        &[
            "InvalidDBInstanceState",
            "InvalidDBInstanceStateFault",
            "InvalidDBClusterStateFault",
            "InvalidDBSubnetGroupStateFault",
            "InvalidDBParameterGroupState",
            "InvalidReplicationGroupState",
            "InvalidCacheClusterState",
            "InvalidCacheParameterGroupState",
            "IncorrectState",
            "IncorrectLifeCycleState",
            "IncorrectFileSystemLifeCycleState",
            "IncorrectMountTargetState",
            "OperationInProgress",
            "ResourceBusy",
            "ResourceContention",
            "ScalingActivityInProgress",
            "InstanceRefreshInProgress",
            // AWS Backup: a recovery point that is still being made.
            "InvalidResourceStateException",
            "DistributionNotDisabled",
            "ConcurrentModification",
            // EBS: a disk changes once in six hours.
            "IncorrectModificationState",
            "VolumeModificationRateExceeded",
            // CloudWatch Logs: other writes to the same group.
            "OperationAbortedException",
            "RequestInProgressException",
            "EntityTemporarilyUnmodifiable",
            // CloudFront: somebody else wrote between our read and our write.
            "PreconditionFailed",
            "InvalidIfMatchVersion",
            // AWS WAF: the same.
            "WAFOptimisticLockException",
            // What the call refers to was made moments ago: AWS says to try again in a few minutes.
            "WAFUnavailableEntityException",
            "WAFServiceLinkedRoleErrorException",
            "DependencyTimeout",
            // An address or subnet is still let go by what had it before.
            "Resource.AlreadyAssociated",
            "Gateway.NotAttached",
            // Identity is eventually consistent: a role or profile made moments ago is not seen everywhere yet.
            "InvalidIamInstanceProfile",
            // S3: somebody else changes the bucket at the same time.
            "OperationAborted",
        ],
    ),
    (
        Class::Blocked,
        &[
            "DependencyViolation",
            "DeleteConflict",
            "ResourceInUse",
            "ResourceInUseFault",
            "FileSystemInUse",
            "VolumeInUse",
            "InvalidIPAddress.InUse",
            "InvalidDBSubnetGroupStateFault",
            "CacheSubnetGroupInUse",
            "ResourceInUseException",
            "CachePolicyInUse",
            "OriginRequestPolicyInUse",
            "OriginAccessControlInUse",
            "WAFAssociatedItemException",
        ],
    ),
    (
        Class::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AuthFailure",
            "UnauthorizedOperation",
            "UnauthorizedAccess",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "UnrecognizedClientException",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "RequestTimeTooSkewed",
            "ExpiredToken",
            "ExpiredTokenException",
            "RequestExpired",
            "OptInRequired",
            "MissingAuthenticationToken",
            "NotAuthorized",
        ],
    ),
    // A name that another distribution serves, of whichever account.
    (Class::NotOurs, &["CNAMEAlreadyExists"]),
    (
        Class::Quota,
        &[
            "WAFLimitsExceededException",
            "NodeQuotaForClusterExceeded",
            "NodeQuotaForCustomerExceeded",
            "ClusterQuotaForCustomerExceeded",
        ],
    ),
    (
        Class::Transient,
        &[
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServiceError",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "Unavailable",
            "InsufficientInstanceCapacity",
            "InsufficientCacheClusterCapacity",
            "InsufficientThroughputCapacity",
            "WAFInternalErrorException",
            "WAFTagOperationException",
            "WAFTagOperationInternalErrorException",
        ],
    ),
];

/// A quota's codes all end alike.
fn is_quota(code: &str) -> bool {
    const ENDS: [&str; 4] = ["LimitExceeded", "QuotaExceeded", "QuotaExceededFault", "LimitExceededException"];
    code.starts_with("TooMany") || ENDS.iter().any(|end| code.ends_with(end))
}

/// The fault of a failed call.
pub(crate) fn fault<E, R>(action: Action, error: SdkError<E, R>) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + HttpStatus + 'static,
{
    // A write that was sent and not answered may have taken effect.
    let lost = |message: String| match action.access {
        Access::Write => Fault::new(Class::Unclear, message),
        Access::Read => Fault::new(Class::Transient, message),
    };
    if let Some(why) = not_understood(&error) {
        return lost(why.to_string()).in_action(action);
    }
    let fault = match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status();
            let error = context.err();
            answered(action, error.code(), error.message(), status).with_request_id(error)
        }
        SdkError::TimeoutError(_) => lost("no answer in time".into()),
        SdkError::ResponseError(context) => match context.raw().status() {
            500.. => lost(format!("HTTP status {} without an answer that can be read", context.raw().status())),
            _ => lost("the answer could not be read".into()),
        },
        SdkError::DispatchFailure(failure) => {
            if let Some(fault) = failure.as_connector_error().and_then(|error| not_assumed(error)) {
                return fault;
            }
            let cause = failure.as_connector_error().map(|error| causes(error)).unwrap_or_default();
            undelivered(&cause).unwrap_or_else(|| lost(format!("AWS cannot be reached: {cause}")))
        }
        SdkError::ConstructionFailure(failure) => construction(&failure),
        other => lost(causes(&other)),
    };
    fault.in_action(action)
}

/// What certainly never left: without credentials nothing is sent, and a refused connection takes nothing. A connection
/// that broke may have.
fn undelivered(cause: &str) -> Option<Fault> {
    let unreachable = ["refused", "dns error", "failed to lookup"];
    if cause.contains("credential") {
        return Some(Fault::new(Class::Denied, format!("{cause}. Set AWS_* variables, a profile or a role")));
    }
    let never_sent = unreachable.iter().any(|part| cause.contains(part));
    never_sent.then(|| Fault::new(Class::Transient, format!("AWS cannot be reached: {cause}")))
}

/// The role could not be assumed, so nothing was sent. What STS said lies below what the SDK says of credentials.
fn not_assumed(error: &(dyn std::error::Error + 'static)) -> Option<Fault> {
    const ASSUME: Action = Action::read("sts:AssumeRole");
    let mut chain = std::iter::successors(Some(error), |error| error.source());
    let fault = match chain.find_map(|error| error.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>())? {
        SdkError::ServiceError(context) => {
            let error = context.err();
            answered(ASSUME, error.code(), error.message(), context.raw().status().as_u16()).with_request_id(error)
        }
        other => Fault::new(Class::Transient, causes(other)),
    };
    Some(fault.in_action(ASSUME))
}

/// The request was never sent: credentials are missing, or a field cannot be written.
fn construction(failure: &dyn std::fmt::Debug) -> Fault {
    let text = format!("{failure:?}");
    match text.to_ascii_lowercase().contains("credential") {
        true => Fault::new(Class::Denied, "no AWS credentials were found; set AWS_* variables, a profile or a role"),
        false => Fault::invalid("the request could not be built"),
    }
}

/// The fault of a refusal that an answer carries inside, as those of calls on many things do.
pub(crate) fn refused(action: Action, code: Option<&str>, message: Option<&str>) -> Fault {
    answered(action, code, message, 400).in_action(action)
}

fn answered(action: Action, code: Option<&str>, message: Option<&str>, status: u16) -> Fault {
    let text = message.unwrap_or("AWS gave no message");
    let class = code.and_then(class_of).unwrap_or(match status {
        429 => Class::Throttled,
        500.. if action.access == Access::Write => Class::Unclear,
        500.. => Class::Transient,
        401 | 403 => Class::Denied,
        _ => Class::Invalid,
    });
    // "Invalid IAM Instance Profile name" is what Auto Scaling says of one made moments ago.
    let class = match class {
        Class::Invalid if text.contains("Invalid IAM Instance Profile") => Class::Busy,
        // What RDS says of a role made moments ago.
        Class::Invalid if text.contains("required permissions for: ENHANCED_MONITORING") => Class::Busy,
        // AWS Backup does not see a role yet that was made moments ago.
        Class::Invalid if text.contains("cannot be assumed by AWS Backup") => Class::Busy,
        // What a write refers to was made moments ago and is not seen everywhere yet, or is gone: the next pass knows.
        Class::Invalid if action.access == Access::Write && code.is_some_and(|code| code.ends_with(".NotFound")) => {
            Class::Busy
        }
        Class::Transient if action.access == Access::Write && status >= 500 => Class::Unclear,
        class => class,
    };
    Fault { code: code.map(Into::into), ..Fault::new(class, text) }
}

fn class_of(code: &str) -> Option<Class> {
    let code = code.strip_suffix("Fault").unwrap_or(code);
    let listed =
        TABLE.iter().find(|(_, codes)| codes.iter().any(|known| known.strip_suffix("Fault").unwrap_or(known) == code));
    listed.map(|(class, _)| *class).or_else(|| is_quota(code).then_some(Class::Quota))
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    texts.join(": ")
}

/// The status of a raw answer.
pub(crate) trait HttpStatus {
    /// Its number.
    fn status(&self) -> u16;
}

impl HttpStatus for HttpResponse {
    fn status(&self) -> u16 {
        self.status().as_u16()
    }
}

trait WithRequestId {
    fn with_request_id(self, error: &impl ProvideErrorMetadata) -> Self;
}

impl WithRequestId for Fault {
    fn with_request_id(mut self, error: &impl ProvideErrorMetadata) -> Self {
        self.request_id = error.meta().extra("aws_request_id").map(Into::into);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Action = Action::read("ec2:DescribeVpcs");
    const WRITE: Action = Action::write("ec2:CreateVpc");

    #[test]
    fn a_code_has_one_meaning() {
        let table = [
            ("RequestLimitExceeded", 503, Class::Throttled),
            ("VpcLimitExceeded", 400, Class::Quota),
            ("AddressLimitExceeded", 400, Class::Quota),
            ("InstanceQuotaExceeded", 400, Class::Quota),
            ("TooManyDistributions", 400, Class::Quota),
            ("DependencyViolation", 400, Class::Blocked),
            ("UnauthorizedOperation", 403, Class::Denied),
            ("InvalidSignatureException", 400, Class::Denied),
            ("InvalidDBInstanceState", 400, Class::Busy),
            ("WAFOptimisticLockException", 400, Class::Busy),
            ("WAFUnavailableEntityException", 400, Class::Busy),
            ("WAFAssociatedItemException", 400, Class::Blocked),
            ("WAFLimitsExceededException", 400, Class::Quota),
            ("InvalidParameterValue", 400, Class::Invalid),
            ("SomethingNew", 403, Class::Denied),
        ];
        for (code, status, class) in table {
            assert_eq!(answered(WRITE, Some(code), None, status).class, class, "{code}");
        }
    }

    #[test]
    fn a_failed_write_may_have_taken_effect_and_a_read_not() {
        assert_eq!(answered(WRITE, Some("InternalError"), None, 500).class, Class::Unclear);
        assert_eq!(answered(READ, Some("InternalError"), None, 500).class, Class::Transient);
        assert_eq!(answered(WRITE, None, None, 503).class, Class::Unclear);
    }

    #[test]
    fn a_broken_connection_may_have_carried_the_call_and_a_refused_one_not() {
        let class = |cause| undelivered(cause).map(|fault| fault.class);
        assert_eq!(class("other: the credential provider was not enabled"), Some(Class::Denied));
        assert_eq!(class("io error: tcp connect error: Connection refused (os error 111)"), Some(Class::Transient));
        assert_eq!(class("other: client error (SendRequest): connection closed before message completed"), None);
    }

    #[test]
    fn a_role_made_moments_ago_is_worth_waiting_for() {
        let message =
            "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING";
        assert_eq!(answered(WRITE, Some("InvalidParameterValue"), Some(message), 400).class, Class::Busy);
    }

    #[test]
    fn a_profile_made_moments_ago_is_worth_waiting_for() {
        let message = "You must use a valid fully-formed launch template. Invalid IAM Instance Profile name";
        assert_eq!(answered(WRITE, Some("ValidationError"), Some(message), 400).class, Class::Busy);
    }
}
