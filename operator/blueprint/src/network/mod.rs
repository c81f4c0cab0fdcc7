//! The network: a VPC over several zones, its subnets, its ways in and out, and who may talk to whom.

pub mod address;
pub mod association;
pub mod egress_only_gateway;
pub mod endpoint;
pub mod flow_log;
pub mod flow_log_role;
pub mod internet_gateway;
pub mod nat_gateway;
pub mod route;
pub mod route_table;
pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
pub mod subnet_cidr_block;
pub mod vpc;
pub mod vpc_cidr_block;
