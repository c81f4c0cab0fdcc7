//! One file per command.

pub mod apply;
pub mod bootstrap;
pub mod cost;
pub mod crd;
pub mod destroy;
pub mod exec;
pub mod graph;
pub mod iam_policy;
pub mod plan;
pub mod preflight;
pub mod prices;
pub mod run;
pub mod status;
pub mod validate;
