//! End-to-end tests: a real control plane, emulated clouds, and the gateway that teaches them
//! the ways of AWS.

pub mod gateway;
pub mod harness;
pub mod invariants;
pub mod inventory;
pub mod permissions;
pub mod soak;
pub mod stage;
