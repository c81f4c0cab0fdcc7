//! How AWS resources are listed, read, created, updated and deleted: the only crate that links the AWS SDK.
//!
//! One file per kind, `<area>/<kind>.rs`, is a thin translation between the pure half in `wpc-blueprint` and the SDK's
//! calls. Everything that all of them need is beside them: [`Cloud`] is one stack's view of one account and region, and
//! its `call` is the one gate through which every request goes.

mod account;
mod answer;
mod audit;
mod backup;
mod budget;
mod cache;
mod call;
mod cdn;
mod certificate;
mod clients;
mod cloud;
mod compute;
mod database;
mod dns;
mod encryption;
mod fault;
mod firewall;
mod gate;
mod iam;
mod incarnation;
mod labels;
mod leave;
mod media;
mod monitoring;
mod network;
mod observer;
mod preflight;
mod price_list;
mod role;
mod secret;
mod storage;
mod tag_cache;
mod traffic;
mod wire;

pub use account::{Account, Accounts};
pub use clients::{Clients, Login, Scope};
pub use cloud::{Access, Cloud};
pub use gate::{Calls, Gate};
pub use labels::Labels;
pub use leave::{GivenUp, Leave};
pub use observer::Observer;
pub use role::Role;
