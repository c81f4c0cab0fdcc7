//! Token buckets and counters that every call passes, shared by the whole process.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use wpc_engine::{Access, Action};

/// What a call is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CallLabels {
    /// `ec2`.
    pub service: &'static str,
    /// `CreateVpc`.
    pub operation: &'static str,
    /// `ok`, or the fault's reason.
    pub result: &'static str,
}

/// Calls by service, operation and result.
pub type Calls = Family<CallLabels, Counter>;

/// Token buckets by service and class.
pub(crate) type Buckets = Mutex<HashMap<(&'static str, Access), Arc<DefaultDirectRateLimiter>>>;

/// The way to AWS of one account and region: how fast calls may go, and how many went.
///
/// Rates lie under AWS's published ones, since others use the account too. See "Request throttling" in the API
/// references of Amazon EC2 and Elastic Load Balancing, and "Quotas" of the others.
#[derive(Default)]
pub struct Gate {
    pub(crate) regional: Arc<Buckets>,
    /// Of the services that know no region.
    pub(crate) global: Arc<Buckets>,
    /// Calls by service, operation and result.
    pub(crate) calls: Calls,
}

impl Gate {
    /// Waits until the call may go.
    pub(crate) async fn pass(&self, action: Action) {
        let bucket = {
            let global = matches!(action.service(), "iam" | "cloudfront");
            let buckets = if global { &self.global } else { &self.regional };
            let mut buckets = buckets.lock().expect("no panic while the buckets are held");
            let bucket = buckets.entry((action.service(), action.access));
            bucket.or_insert_with(|| Arc::new(RateLimiter::direct(rate(action)))).clone()
        };
        bucket.until_ready().await;
    }

    pub(crate) fn count(&self, action: Action, result: &'static str) {
        let labels = CallLabels { service: action.service(), operation: action.operation(), result };
        self.calls.get_or_create(&labels).inc();
    }
}

/// Calls a second and burst, by service and class.
fn rate(action: Action) -> Quota {
    let (second, burst) = match (action.service(), action.access) {
        ("ec2", Access::Read) => (20, 100),
        ("ec2", Access::Write) => (5, 50),
        ("elasticloadbalancing", Access::Read) => (10, 40),
        ("elasticloadbalancing", Access::Write) => (3, 20),
        ("cloudfront", Access::Write) => (2, 10),
        (_, Access::Read) => (10, 50),
        (_, Access::Write) => (5, 30),
    };
    let number = |n| NonZeroU32::new(n).expect("the table has no zero");
    Quota::per_second(number(second)).allow_burst(number(burst))
}
