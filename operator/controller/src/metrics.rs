use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use wpc_aws::Accounts;
use wpc_engine::Report;

use crate::leadership::Leadership;

/// Every word of an outcome that a component in a report can bear for long.
const STATES: [&str; 13] = [
    "Ready",
    "Settling",
    "Waiting",
    "Blocked",
    "Absent",
    "Refused",
    "Contested",
    "Broken",
    "Failed",
    "Deleting",
    "Held",
    "Unclaimed",
    "Kept",
];

/// What `/metrics` shows. Labels are static words or object names, never texts of errors.
pub(crate) struct Metrics {
    registry: Registry,
    /// Passes by result.
    pub(crate) passes: Family<Result, Counter>,
    /// How long passes take, in seconds.
    pub(crate) seconds: Histogram,
    /// Each object's components by state.
    components: Family<Components, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Result {
    pub(crate) result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Components {
    namespace: String,
    name: String,
    state: &'static str,
}

impl Metrics {
    pub(crate) fn new(accounts: &Accounts, leadership: &Leadership) -> Self {
        let passes = Family::<Result, Counter>::default();
        let seconds = Histogram::new(exponential_buckets(0.05, 2.0, 12));
        let components = Family::<Components, Gauge>::default();
        let mut registry = Registry::with_prefix("wordpress_operator");
        registry.register("passes", "Passes over objects, by result", passes.clone());
        registry.register("pass_seconds", "How long a pass takes", seconds.clone());
        registry.register("components", "Components of each object, by state", components.clone());
        registry.register("leader", "1 where this replica acts, 0 where it stands by", leadership.gauge.clone());
        let calls = accounts.calls().clone();
        registry.register("aws_calls", "Calls to AWS, by service, operation and result", calls);
        Self { registry, passes, seconds, components }
    }

    /// Counts what a pass over an object found.
    pub(crate) fn count(&self, namespace: &str, name: &str, report: &Report) {
        for state in STATES {
            let found = report.components.iter().filter(|component| component.outcome.word() == state).count();
            self.components.get_or_create(&components(namespace, name, state)).set(found as i64);
        }
    }

    /// Forgets an object that is gone.
    pub(crate) fn forget(&self, namespace: &str, name: &str) {
        for state in STATES {
            self.components.remove(&components(namespace, name, state));
        }
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes any text");
        text
    }
}

fn components(namespace: &str, name: &str, state: &'static str) -> Components {
    Components { namespace: namespace.to_owned(), name: name.to_owned(), state }
}
