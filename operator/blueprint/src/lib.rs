//! What a WordPress stack is made of: the pure half of every AWS kind, and how they hang together.
//!
//! No IO, no clock, no randomness. [`Blueprint`] turns a spec into the [`Graph`](wpc_engine::Graph) of everything that
//! is wanted; each kind says what it is in `<area>/<kind>.rs`.

mod assemble;
mod blueprint;
pub mod cache;
pub mod cdn;
mod cidr;
pub mod compute;
pub mod database;
pub mod firewall;
mod kinds;
pub mod network;
pub mod permissions;
pub mod secret;
mod stack;
pub mod storage;
pub mod traffic;

pub use assemble::{
    Assembly, Cache, Cdn, Compute, Database, Firewall, Network, SecurityGroups, Storage, Traffic, assemble,
};
pub use blueprint::{Blueprint, CDN_RANGES, Facts, Impossible, Zone};
pub use cidr::{NoPlace, ZonePlan, plan};
pub use kinds::{AllVerbs, Kinds};
pub use stack::{NoStack, Stack};
pub use wpc_api::annotations::{TAG_COMPONENT, TAG_OPERATOR, TAG_STACK};
