//! What a fault does, and how each service spells it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::protocol::service::{EC2, EFS, ELB, SECRETS};
use super::super::protocol::{Protocol, Request};

/// What a call gets in place of its answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The connection ends, and no answer comes.
    #[default]
    Dropped,
    /// No answer comes, and the connection stays: the client's own timeout decides.
    Silent,
    /// The answer breaks off in the middle.
    Cut,
    /// This error.
    Refused(Refused),
    /// An error of AWS's own, 500 or 503, as the service spells it.
    Error(u16),
    /// Too many calls, as the service spells it.
    Throttled,
    /// The credentials have expired.
    Expired,
    /// The credentials do not allow it.
    Denied,
    /// The client's clock is wrong, says AWS.
    Skewed,
    /// A list or description as it was before the last write, at most so many milliseconds ago.
    Stale(u64),
    /// A list in another order.
    Reordered,
    /// AWS's clock jumps ahead by so many seconds, then the call goes on.
    Jump(u64),
}

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// AWS's error code.
    pub code: String,
    /// AWS's message.
    pub message: String,
}

impl Refused {
    fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }
}

/// The error of a call too many.
#[derive(Debug)]
pub struct Throttle;

impl Throttle {
    /// As the request's service spells it.
    pub fn of(request: &Request) -> Refused {
        let (status, code) = match (request.service.as_str(), request.protocol()) {
            (EC2, _) => (503, "RequestLimitExceeded"),
            (EFS, _) => (429, "ThrottlingException"),
            (SECRETS | ELB, _) | (_, Protocol::Json | Protocol::RestJson) => (400, "ThrottlingException"),
            _ => (400, "Throttling"),
        };
        Refused::new(status, code, "Rate exceeded")
    }
}

impl Effect {
    /// The error that this effect answers, as the request's service spells it; `None` where it answers none.
    pub fn refusal(&self, request: &Request) -> Option<Refused> {
        let protocol = request.protocol();
        let json = matches!(protocol, Protocol::Json | Protocol::RestJson);
        // The JSON protocol has 400 for all that is the client's fault.
        let client = if matches!(protocol, Protocol::Json | Protocol::Ec2) { 400 } else { 403 };
        let (status, code, message) = match self {
            Self::Refused(refused) => return Some(refused.clone()),
            Self::Throttled => return Some(Throttle::of(request)),
            Self::Error(status @ 503) if protocol == Protocol::Ec2 => (*status, "Unavailable", "Try again later."),
            Self::Error(status @ 503) => (*status, "ServiceUnavailable", "Try again later."),
            Self::Error(status) => {
                let code = match protocol {
                    Protocol::Ec2 => "InternalError",
                    Protocol::Json => "InternalServiceError",
                    Protocol::RestJson => "InternalServerError",
                    Protocol::Query | Protocol::Cbor | Protocol::RestXml | Protocol::Unknown => "InternalFailure",
                };
                (*status, code, "An internal error has occurred.")
            }
            Self::Expired if protocol == Protocol::Ec2 => (client, "RequestExpired", "Request has expired."),
            Self::Expired => {
                let code = if json { "ExpiredTokenException" } else { "ExpiredToken" };
                (client, code, "The security token included in the request is expired")
            }
            Self::Denied => {
                let (status, code) = match protocol {
                    Protocol::Ec2 => (403, "UnauthorizedOperation"),
                    _ if json => (client, "AccessDeniedException"),
                    _ => (client, "AccessDenied"),
                };
                (status, code, "You are not authorized to perform this operation.")
            }
            Self::Skewed => {
                let code = match protocol {
                    Protocol::Ec2 => "RequestExpired",
                    _ if json => "InvalidSignatureException",
                    _ => "SignatureDoesNotMatch",
                };
                (client, code, "Signature expired: the request's date is more than 5 minutes from the service's.")
            }
            Self::Dropped | Self::Silent | Self::Cut | Self::Stale(_) | Self::Reordered | Self::Jump(_) => return None,
        };
        Some(Refused::new(status, code, message))
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped => f.write_str("dropped"),
            Self::Silent => f.write_str("silent"),
            Self::Cut => f.write_str("cut"),
            Self::Refused(refused) => write!(f, "{} {}", refused.status, refused.code),
            Self::Error(status) => write!(f, "error {status}"),
            Self::Throttled => f.write_str("throttled"),
            Self::Expired => f.write_str("expired"),
            Self::Denied => f.write_str("denied"),
            Self::Skewed => f.write_str("skewed"),
            Self::Stale(_) => f.write_str("stale"),
            Self::Reordered => f.write_str("reordered"),
            Self::Jump(seconds) => write!(f, "clock {seconds} s ahead"),
        }
    }
}
