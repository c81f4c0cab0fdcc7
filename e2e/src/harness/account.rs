//! AWS accounts of a test's own.

use rand::Rng;

use super::cloud::Endpoints;
use crate::gateway::protocol::Scope;

/// The samples' region.
const REGION: &str = "us-east-1";

/// An AWS account: the emulated clouds take a 12-digit access key for the account's number, so
/// that each test sees a cloud of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account(String);

impl Account {
    /// An account that nobody else has used.
    pub fn unused() -> Self {
        Self(rand::rng().random_range(100_000_000_000_u64..1_000_000_000_000).to_string())
    }

    /// The account with this number.
    pub fn numbered(number: &str) -> Self {
        Self(number.to_owned())
    }

    /// The account's number, and its access key.
    pub fn number(&self) -> &str {
        &self.0
    }

    /// The environment that leads the AWS SDK into this account, at these endpoints.
    pub fn env(&self, endpoints: &Endpoints) -> Vec<(String, String)> {
        let mut env: Vec<(String, String)> = [
            ("AWS_ACCESS_KEY_ID", self.number()),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL", &endpoints.default),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        env.extend(
            endpoints.services.iter().map(|(service, url)| (format!("AWS_ENDPOINT_URL_{service}"), url.clone())),
        );
        env
    }

    /// The account as the gateway and the inventory name it.
    pub fn scope(&self) -> Scope {
        Scope::new(REGION).account(self.number())
    }
}
