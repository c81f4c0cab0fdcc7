//! The Kubernetes half: watches WordPressClusters and brings each one's stack nearer to its spec, pass by pass.
//!
//! A pass reads as one sentence in [`reconcile`](mod@reconcile): dereference, validate, blueprint, assemble, run,
//! project, requeue. Only dereference, run and the write of the status hold a client.

mod config;
mod context;
mod events;
mod finalize;
mod http;
mod leadership;
mod metrics;
pub mod pass;
pub mod project;
mod reconcile;
mod recorder;
mod run;
mod status;
mod tenancy;
#[cfg(test)]
mod tests;
mod trigger;

pub use config::Config;
pub use leadership::{Election, Lost};
pub use run::{Ended, run};
pub use tenancy::{Grant, NoGrant, Tenancy};
