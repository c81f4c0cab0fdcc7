//! The network: a VPC over several zones, its subnets, its ways in and out, and who may talk to whom.

pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
pub mod vpc;
