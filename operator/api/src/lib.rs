//! The `WordPressCluster` resource: what a person may ask for, what the operator answers, and every
//! rule that a request must keep.
//!
//! This crate does no IO. The schema generated from these types is the only source of defaults,
//! bounds and rules: the API server enforces it, and [`validate`] enforces the same schema on files.

pub mod annotations;
pub mod area;
mod fixture;
pub mod not_yet;
pub mod quantity;
mod schema;
mod structural;
pub mod v1alpha1;
pub mod validate;

pub use area::Area;
pub use schema::{crd, crd_yaml};
pub use v1alpha1::{WordPressCluster, WordPressClusterSpec, WordPressClusterStatus};
