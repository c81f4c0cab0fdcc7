//! What watches the site, and where logs go: Amazon CloudWatch, and Amazon SNS.

pub mod alarm;
pub mod board;
pub mod composite_alarm;
pub mod dashboard;
pub mod log_group;
pub mod topic;
pub mod watch;
