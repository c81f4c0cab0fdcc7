//! The network: a VPC over several zones, its subnets, its ways in and out, and who may talk to whom.

pub mod subnet;
pub mod vpc;
