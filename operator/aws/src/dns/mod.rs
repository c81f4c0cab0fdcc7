//! Kinds of Amazon Route 53: records of ours in zones of other people.

mod alias;
mod health_check;
mod records;
mod validation;

use aws_smithy_types::error::operation::BuildError;
use wpc_engine::Fault;

/// What a builder of the SDK made; it refuses what lacks a required field.
fn built<T>(built: Result<T, BuildError>) -> Result<T, Fault> {
    built.map_err(|error| Fault::invalid(error.to_string()))
}

/// A name as we have it: in lower case, without its last dot.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
