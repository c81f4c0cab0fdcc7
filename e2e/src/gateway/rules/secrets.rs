//! Secrets Manager.

use super::{Check, Look, Rule};
use crate::gateway::protocol::service::SECRETS;
use crate::gateway::protocol::{Request, Tree};

const RULE: Rule =
    Rule { service: SECRETS, about: "secretsmanager/secret", code: "InvalidRequestException", ..Rule::NONE };

const NAMED: Look = Look::one("secretsmanager/secret", "Name", "SecretId");
const SECRET: Look = Look::one("secretsmanager/secret", "SecretId", "SecretId");

pub(super) const RULES: &[Rule] = &[
    Rule {
        actions: &["CreateSecret"],
        when: "a secret of the name is in its recovery window",
        check: Check::Seen(NAMED, deleted),
        page: "API_CreateSecret: InvalidRequestException",
        ..RULE
    },
    Rule {
        actions: &["GetSecretValue", "PutSecretValue", "UpdateSecret", "TagResource", "UntagResource"],
        when: "it is in its recovery window",
        check: Check::Seen(SECRET, deleted),
        page: "API_GetSecretValue: InvalidRequestException",
        ..RULE
    },
];

fn deleted(_: &Request, secret: &Tree) -> Option<String> {
    let message = "You can't perform this operation on the secret because it is already scheduled for deletion.";
    secret.text("DeletedDate").map(|_| message.into())
}
