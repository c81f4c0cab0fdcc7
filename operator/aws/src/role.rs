//! A role to work under: in the operator's account, or in another one.

use aws_config::{SdkConfig, sts::AssumeRoleProvider};
use aws_credential_types::provider::SharedCredentialsProvider;
use wpc_blueprint::Stack;
use wpc_engine::{Class, Fault, hex_digest};

/// The longest name of a session. See "AssumeRole" in the AWS Security Token Service API Reference.
const LONGEST: usize = 64;

/// A role as the stacks of one namespace work under it.
///
/// The external id says for whom: a role whose trust policy asks for it can be used by that namespace only, however the
/// operator is configured. See "Access to AWS accounts owned by third parties" in the IAM User Guide.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// `<cluster-id>/<namespace>`.
    pub external_id: String,
    /// What CloudTrail shows of the caller: `wpc.<cluster-id>.<namespace>`.
    pub session: String,
}

impl Role {
    /// The role with this ARN, for a stack.
    pub fn of(arn: impl Into<String>, stack: &Stack) -> Self {
        let external_id = stack.tenant();
        let full = format!("wpc.{}", external_id.replace('/', "."));
        let session = match full.len() <= LONGEST {
            true => full,
            false => format!("{}.{}", &full[..LONGEST - 9], hex_digest(&[&external_id], 8)),
        };
        Self { arn: arn.into(), external_id, session }
    }

    /// The same configuration, under this role. AWS gives credentials for an hour; the SDK renews them.
    pub(crate) async fn assume(&self, own: SdkConfig) -> SdkConfig {
        let provider = AssumeRoleProvider::builder(&self.arn)
            .external_id(&self.external_id)
            .session_name(&self.session)
            .configure(&own)
            .build();
        let provider = SharedCredentialsProvider::new(provider.await);
        own.into_builder().credentials_provider(provider).build()
    }

    /// What its owner has to do where it may not be assumed.
    pub(crate) fn advise(&self, fault: Fault) -> Fault {
        let Self { arn, external_id, .. } = self;
        let message = match fault.class {
            Class::Denied => format!(
                "{}. The trust policy of {arn} must name the operator's own role, and may ask for sts:ExternalId {external_id}",
                fault.message.trim_end_matches('.'),
            ),
            _ => fault.message,
        };
        Fault { message, ..fault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(cluster: &str, namespace: &str) -> String {
        Role::of("arn:aws:iam::210987654321:role/press", &Stack::new(cluster, namespace, "gazette")).session
    }

    #[test]
    fn a_session_says_for_whom_it_is_in_characters_that_aws_takes() {
        assert_eq!(session("default", "press"), "wpc.default.press");
        let long = |end: &str| session(&"c".repeat(63), &format!("{}{end}", "n".repeat(62)));
        assert!(long("a").len() <= LONGEST && long("a") != long("b"));
        let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        assert!(long("a").chars().all(legal) && session("eu-1", "press-2").chars().all(legal));
    }
}
