//! The door of the compute pool: a load balancer, its listeners and the group of targets behind it.

pub mod entrance;
pub mod listener;
pub mod load_balancer;
pub mod target_group;
