//! Kinds of the content delivery network: Amazon CloudFront's, and of CloudWatch Logs what delivers its log.

mod cache_policy;
mod config;
mod distribution;
mod log_delivery;
mod log_destination;
mod log_source;
mod origin_access_control;

use std::collections::BTreeSet;

use aws_smithy_types::error::operation::BuildError;
use wpc_engine::Fault;

/// What a builder of the SDK made; it refuses what lacks a required field.
pub(crate) fn built<T>(built: Result<T, BuildError>) -> Result<T, Fault> {
    built.map_err(|error| Fault::invalid(error.to_string()))
}

/// CloudFront's lists begin with their length.
fn quantity<T>(items: &BTreeSet<T>) -> i32 {
    i32::try_from(items.len()).unwrap_or(i32::MAX)
}
