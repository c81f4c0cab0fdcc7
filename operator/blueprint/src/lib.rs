//! What a WordPress stack is made of: the pure half of every AWS kind, and how they hang together.
//!
//! No IO, no clock, no randomness. [`Blueprint`] turns a spec into the [`Graph`](wpc_engine::Graph) of everything that
//! is wanted; each kind says what it is in `<area>/<kind>.rs`.

mod assemble;
pub mod audit;
pub mod backup;
mod blueprint;
pub mod bootstrap;
pub mod budget;
pub mod cache;
pub mod cdn;
pub mod certificate;
mod cidr;
pub mod compute;
pub mod database;
pub mod dns;
pub mod encryption;
mod existing;
pub mod firewall;
pub mod iam;
mod kinds;
pub mod media;
pub mod monitoring;
pub mod network;
pub mod permissions;
pub mod preflight;
pub mod price;
pub mod refusal;
pub mod secret;
mod stack;
pub mod storage;
pub mod traffic;
mod unfit;

pub use assemble::{
    Assembly, Backup, Cache, Cdn, Certificate, Certificates, Compute, Database, Encryption, Firewall, Media,
    Monitoring, Network, Rollout, SecurityGroups, Storage, Traffic, assemble,
};
pub use blueprint::{Blueprint, CDN_RANGES, Facts, Impossible, Subnet, Zone};
pub use cidr::{NoPlace, ZonePlan, plan};
pub use existing::{Existing, Place, Unusable};
pub use kinds::{AllVerbs, Kinds};
pub use stack::{NoStack, Stack};
pub use unfit::Unfit;
pub use wpc_api::annotations::{TAG_COMPONENT, TAG_OPERATOR, TAG_STACK};
