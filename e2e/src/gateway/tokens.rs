//! Client tokens: the second create with a token makes nothing. The emulators ignore tokens or half of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::protocol::answer::Refusal;
use super::protocol::service::{ACM, BACKUP, CDN, DNS, EC2, EFS, SECRETS};
use super::protocol::{Answer, Params, Request, Scope};

/// What AWS does when it sees a token again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The first answer once more, even when the thing is gone since; other content is a mismatch.
    Replay,
    /// The first answer once more while the thing exists; other content, or the same after its end, is refused.
    Reference(&'static str),
    /// The first answer once more while the thing exists; other content is refused.
    Version(&'static str),
    /// A refusal that holds the id, while the thing exists.
    Exists {
        /// The error code.
        code: &'static str,
        /// The error's field for the id.
        field: &'static str,
    },
}

/// One action that takes a token.
#[derive(Debug)]
pub struct Token {
    service: &'static str,
    action: &'static str,
    /// The parameter, by the last part of its name.
    param: &'static str,
    /// Another parameter that the token is unique within.
    within: &'static str,
    /// What AWS does.
    pub again: Again,
}

const fn token(service: &'static str, action: &'static str, param: &'static str, again: Again) -> Token {
    Token { service, action, param, within: "", again }
}

const TOKENS: &[Token] = &[
    token(EC2, "CreateNatGateway", "ClientToken", Again::Replay),
    token(EC2, "CreateRouteTable", "ClientToken", Again::Replay),
    token(EC2, "CreateLaunchTemplate", "ClientToken", Again::Replay),
    token(EC2, "CreateLaunchTemplateVersion", "ClientToken", Again::Replay),
    token(EC2, "CreateEgressOnlyInternetGateway", "ClientToken", Again::Replay),
    token(EC2, "CreateVpcEndpoint", "ClientToken", Again::Replay),
    token(EC2, "CreateFlowLogs", "ClientToken", Again::Replay),
    token(EC2, "CreateVolume", "ClientToken", Again::Replay),
    token(EC2, "RunInstances", "ClientToken", Again::Replay),
    // MiniStack answers the existing file system with 200, moto refuses without its id.
    token(
        EFS,
        "CreateFileSystem",
        "CreationToken",
        Again::Exists { code: "FileSystemAlreadyExists", field: "FileSystemId" },
    ),
    token(
        EFS,
        "CreateAccessPoint",
        "ClientToken",
        Again::Exists { code: "AccessPointAlreadyExists", field: "AccessPointId" },
    ),
    token(CDN, "CreateDistribution", "CallerReference", Again::Reference("DistributionAlreadyExists")),
    token(CDN, "CreateDistributionWithTags", "CallerReference", Again::Reference("DistributionAlreadyExists")),
    token(ACM, "RequestCertificate", "IdempotencyToken", Again::Replay),
    token(DNS, "CreateHealthCheck", "CallerReference", Again::Reference("HealthCheckAlreadyExists")),
    token(BACKUP, "CreateBackupPlan", "CreatorRequestId", Again::Version("AlreadyExistsException")),
    token(BACKUP, "StartBackupJob", "IdempotencyToken", Again::Replay),
    token(BACKUP, "StartRestoreJob", "IdempotencyToken", Again::Replay),
    Token {
        within: "BackupPlanId",
        ..token(BACKUP, "CreateBackupSelection", "CreatorRequestId", Again::Version("AlreadyExistsException"))
    },
    Token {
        within: "Name",
        ..token(SECRETS, "CreateSecret", "ClientRequestToken", Again::Version("ResourceExistsException"))
    },
    Token {
        within: "SecretId",
        ..token(SECRETS, "PutSecretValue", "ClientRequestToken", Again::Version("ResourceExistsException"))
    },
    Token {
        within: "SecretId",
        ..token(SECRETS, "UpdateSecret", "ClientRequestToken", Again::Version("ResourceExistsException"))
    },
];

/// The parameter of an action that holds its token, by the last part of its name.
pub fn param(service: &str, action: &str) -> Option<&'static str> {
    TOKENS.iter().find(|token| token.service == service && token.action == action).map(|token| token.param)
}

/// The first call with a token that worked.
#[derive(Debug, Clone)]
pub struct First {
    params: Params,
    answer: Answer,
    /// Id of what it made.
    pub id: Option<String>,
}

impl First {
    /// Remembers a call.
    pub fn new(request: &Request, answer: &Answer, id: Option<String>) -> Self {
        Self { params: request.params.sorted(), answer: answer.clone(), id }
    }
}

/// Where, action, token, what it is within.
type Name = (Scope, &'static str, String, String);

/// One token's memory; whoever holds its lock is the only one to use the token.
pub type Slot = Arc<tokio::sync::Mutex<Option<First>>>;

/// All tokens seen.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<HashMap<Name, Slot>>);

impl Tokens {
    /// The token of a request, and its memory.
    pub fn slot(&self, request: &Request) -> Option<(&'static Token, Slot)> {
        let token = TOKENS.iter().find(|token| token.service == request.service && token.action == request.action)?;
        let value = request.params.find(token.param).filter(|value| !value.is_empty())?;
        let within = request.params.get(token.within).unwrap_or_default();
        let name = (request.scope.clone(), token.action, value.to_owned(), within.to_owned());
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some((token, slots.entry(name).or_default().clone()))
    }

    /// Forgets every token.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What AWS answers to a token seen before; `None`: as if it were new.
pub fn again(token: &Token, first: &First, request: &Request, gone: bool) -> Option<Answer> {
    let same = first.params == request.params.sorted();
    let refuse = |status, code, message: &str| Some(Answer::refusal(request, &Refusal::new(status, code, message)));
    match token.again {
        Again::Replay if same => Some(first.answer.clone()),
        Again::Replay => {
            refuse(400, "IdempotentParameterMismatch", "The client token was used before, with other parameters.")
        }
        Again::Reference(_) if same && !gone => Some(first.answer.clone()),
        Again::Reference(code) => {
            refuse(409, code, "The caller reference that you are using to create a distribution was used before.")
        }
        Again::Version(_) | Again::Exists { .. } if gone => None,
        Again::Version(_) if same => Some(first.answer.clone()),
        Again::Version(code) => refuse(400, code, "A version with this token exists, with another value."),
        Again::Exists { code, field } => {
            let id = first.id.clone().unwrap_or_default();
            let refusal = Refusal::new(409, code, format!("'{id}' already exists with this creation token."));
            Some(Answer::refusal(request, &refusal.with(field, id)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(service: &str, action: &str, params: &[(&str, &str)]) -> Request {
        // Built by hand: own REST calls have no bodies.
        let scope = Scope::new("eu-central-1");
        let mut request = Request::build("ec2", "DescribeVpcs", &[], &scope).unwrap();
        request.service = service.into();
        request.action = action.into();
        request.params = Params::default();
        params.iter().for_each(|(name, value)| request.params.push(name, value));
        request
    }

    async fn twice(service: &str, action: &str, param: &str, other: bool, gone: bool) -> Option<(u16, Option<String>)> {
        let tokens = Tokens::default();
        let first = request(service, action, &[(param, "t1"), ("Content", "a")]);
        let (token, slot) = tokens.slot(&first).unwrap();
        *slot.lock().await = Some(First::new(&first, &Answer::empty(200), Some("id-1".into())));
        let second = request(service, action, &[(param, "t1"), ("Content", if other { "b" } else { "a" })]);
        let (_, slot) = tokens.slot(&second).unwrap();
        let remembered = slot.lock().await.clone().unwrap();
        let answer = again(token, &remembered, &second, gone)?;
        Some((answer.status.as_u16(), answer.error_code()))
    }

    #[test]
    fn the_same_in_another_order_is_the_same() {
        let [one, other] = [[("A", "1"), ("B", "2")], [("B", "2"), ("A", "1")]];
        let told = |params: &[(&str, &str)]| request(BACKUP, "StartRestoreJob", params);
        let first = First::new(&told(&one), &Answer::empty(200), None);
        let token = TOKENS.iter().find(|token| token.action == "StartRestoreJob").unwrap();
        let answered = again(token, &first, &told(&other), false).unwrap();
        assert_eq!((answered.status.as_u16(), answered.error_code()), (200, None));
    }

    #[tokio::test]
    async fn every_token_is_remembered_as_aws_does() {
        for token in TOKENS {
            let (service, action, param) = (token.service, token.action, token.param);
            for gone in [false, true] {
                let same = twice(service, action, param, false, gone).await;
                let other = twice(service, action, param, true, gone).await;
                let refused = |status, code: &str| Some((status, Some(code.to_owned())));
                let (want_same, want_other) = match (token.again, gone) {
                    (Again::Replay, _) => (Some((200, None)), refused(400, "IdempotentParameterMismatch")),
                    (Again::Reference(code), false) => (Some((200, None)), refused(409, code)),
                    (Again::Reference(code), true) => (refused(409, code), refused(409, code)),
                    (Again::Version(code), false) => (Some((200, None)), refused(400, code)),
                    (Again::Version(_) | Again::Exists { .. }, true) => (None, None),
                    (Again::Exists { code, .. }, false) => (refused(409, code), refused(409, code)),
                };
                assert_eq!((same, other), (want_same, want_other), "{action}, gone: {gone}");
            }
        }
    }

    #[test]
    fn a_token_belongs_to_its_action_region_and_account() {
        let tokens = Tokens::default();
        let slot = |request: &Request| tokens.slot(request).unwrap().1;
        let nat = request(EC2, "CreateNatGateway", &[("ClientToken", "t")]);
        let table = request(EC2, "CreateRouteTable", &[("ClientToken", "t")]);
        let mut far = nat.clone();
        far.scope.region = "eu-west-1".into();
        let mut other = nat.clone();
        other.scope = other.scope.account("123456789012");
        assert!(Arc::ptr_eq(&slot(&nat), &slot(&nat)));
        assert!(!Arc::ptr_eq(&slot(&nat), &slot(&table)));
        assert!(!Arc::ptr_eq(&slot(&nat), &slot(&far)));
        assert!(!Arc::ptr_eq(&slot(&nat), &slot(&other)));
        assert!(tokens.slot(&request(EC2, "CreateVpc", &[("ClientToken", "t")])).is_none());
        assert!(tokens.slot(&request(EC2, "CreateNatGateway", &[])).is_none());
    }
}
