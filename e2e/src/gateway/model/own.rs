//! Our own rule about tokens: [`Tokens`](crate::gateway::tokens) says what they are good for.

use crate::gateway::protocol::Request;
use crate::gateway::tokens;

pub use crate::gateway::protocol::params::MASK;

/// Writes that take a token and rightly come without one of ours.
const WITHOUT: &[(&str, &str)] = &[];

/// 32 hexadecimal digits, which every service takes; what SDKs make up has hyphens.
pub fn is_token(value: &str) -> bool {
    value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Need this call no token of ours?
pub fn goes_without(request: &Request) -> bool {
    request.is_read() || WITHOUT.contains(&(request.service.as_str(), request.action.as_str()))
}

/// What makes a create idempotent where the models do not say so, such as CloudFront's caller reference.
pub fn reference(request: &Request) -> Option<(&'static str, String)> {
    let name = tokens::param(&request.service, &request.action)?;
    Some((name, request.params.find(name)?.to_owned()))
}
