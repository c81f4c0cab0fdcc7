//! Kinds of Amazon CloudWatch and its logs, and of Amazon SNS.

mod alarm;
mod composite_alarm;
mod dashboard;
mod log_group;
mod topic;

/// What CloudWatch says of what is not there; it has had several protocols, and each its own words.
const NOT_FOUND: &[&str] =
    &["ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError", "DashboardNotFound"];
