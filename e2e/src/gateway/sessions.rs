//! Sessions: what AssumeRole gives leads into the role's account, and only whom the role trusts gets one.
//!
//! The clouds give a session to anybody, moto's knows nothing of those of MiniStack beside it, and both take the
//! number of an account for an access key: so a session's key is replaced by that number. Where the cloud of most services
//! is to judge what the role may do (moto can), the key stays, but for the services of the other one. See "AssumeRole" in the AWS
//! Security Token Service API Reference, and "Access to AWS accounts owned by third parties" in the IAM User Guide.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use http::{HeaderValue, header};
use serde_json::Value;

use super::protocol::answer::Refusal;
use super::protocol::service::STS;
use super::protocol::{Answer, Request, Scope};
use super::upstream::Upstreams;

/// The roles of the sessions, by access key.
#[derive(Debug, Default)]
pub struct Sessions {
    roles: Mutex<HashMap<String, String>>,
    judged: AtomicBool,
}

impl Sessions {
    /// A request as one of the role's account, if a session makes it.
    pub fn enter(&self, mut request: Request, may_judge: impl Fn(&str) -> bool) -> Request {
        let sessions = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(role) = sessions.get(&request.scope.access_key).cloned() else { return request };
        let account = account(&role).to_owned();
        if self.judged.load(Ordering::Relaxed) && may_judge(&request.service) {
            request.scope.access_key = account;
            request.role = Some(role);
            return request;
        }
        let signed = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let signed = signed.unwrap_or_default().replace(&request.scope.access_key, &account);
        if let Ok(signed) = HeaderValue::from_str(&signed) {
            request.headers.insert(header::AUTHORIZATION, signed);
        }
        request.headers.remove("x-amz-security-token");
        request.scope.access_key = account;
        request.role = Some(role);
        request
    }

    /// From now on the cloud judges what roles may do.
    pub fn judge(&self) {
        self.judged.store(true, Ordering::Relaxed);
    }

    /// Remembers a session that was given.
    pub fn learn(&self, request: &Request, answer: &Answer) {
        if !assumes(request) || !answer.ok() {
            return;
        }
        let key = answer.tree().and_then(|tree| tree.text("AssumeRoleResult/Credentials/AccessKeyId"));
        if let (Some(key), Some(role)) = (key, request.params.get("RoleArn")) {
            self.roles.lock().unwrap_or_else(PoisonError::into_inner).insert(key, role.to_owned());
        }
    }
}

/// Why a role is not given to who asks for it: it does not exist, or its trust policy names others.
pub async fn distrust(upstreams: &Upstreams, request: &Request) -> Option<Refusal> {
    if !assumes(request) {
        return None;
    }
    let (role, caller) = (request.params.get("RoleArn").unwrap_or_default(), &request.scope.access_key);
    let name = role.rsplit('/').next().unwrap_or_default();
    let scope = Scope { access_key: account(role).to_owned(), ..request.scope.clone() };
    let policy = async {
        let answer = upstreams.forward(&Request::build("iam", "GetRole", &[("RoleName", name)], &scope).ok()?).await;
        answer.ok().filter(Answer::ok)?.tree()?.text("GetRoleResult/Role/AssumeRolePolicyDocument")
    };
    let trusted = policy.await.is_some_and(|policy| trusts(&policy, caller, request.params.get("ExternalId")));
    let said =
        || format!("User: arn:aws:iam::{caller}:root is not authorized to perform: sts:AssumeRole on resource: {role}");
    (!trusted).then(|| Refusal::new(403, "AccessDenied", said()))
}

fn assumes(request: &Request) -> bool {
    request.service == STS && request.action == "AssumeRole"
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// Whether a trust policy lets an account in, with this external id.
fn trusts(policy: &str, caller: &str, external_id: Option<&str>) -> bool {
    let text = percent_encoding::percent_decode_str(policy).decode_utf8_lossy();
    let policy: Value = serde_json::from_str(&text).unwrap_or_default();
    policy["Statement"].as_array().into_iter().flatten().any(|statement| {
        let principal = statement["Principal"]["AWS"].as_str().unwrap_or_default();
        let wanted = statement["Condition"]["StringEquals"]["sts:ExternalId"].as_str();
        statement["Effect"] == "Allow"
            && statement["Action"] == "sts:AssumeRole"
            && account(principal) == caller
            && wanted.is_none_or(|wanted| external_id == Some(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_policy_names_who_and_for_whom() {
        let policy = |condition: &str| {
            format!(
                r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"arn:aws:iam::123456789012:root"}}{condition}}}]}}"#
            )
        };
        let open = policy("");
        let press = policy(r#","Condition":{"StringEquals":{"sts:ExternalId":"default/press"}}"#);
        assert!(trusts(&open, "123456789012", None) && trusts(&open, "123456789012", Some("default/shop")));
        assert!(!trusts(&open, "210987654321", None) && !trusts("{}", "123456789012", None));
        assert!(trusts(&press, "123456789012", Some("default/press")));
        assert!(!trusts(&press, "123456789012", Some("default/shop")) && !trusts(&press, "123456789012", None));
        let encoded = percent_encoding::utf8_percent_encode(&open, percent_encoding::NON_ALPHANUMERIC).to_string();
        assert!(trusts(&encoded, "123456789012", None));
    }
}
