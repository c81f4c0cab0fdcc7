//! What watches the site, and where logs go: Amazon CloudWatch.

pub mod log_group;
