//! What the end-to-end tests and the demo run on: a real control plane, an emulated cloud, the
//! operator as a process of its own, and waiting on conditions.
//!
//! `make tools` builds the programs that are started here. Everything that is started ends with
//! the process that started it, however that one ends.

mod account;
mod audit;
mod chart;
mod cloud;
mod control_plane;
mod kubeconfig;
mod operator;
mod ports;
mod process;
mod shared;
pub mod tools;
mod wait;

pub use account::Account;
pub use audit::Deed;
pub use chart::Chart;
pub use cloud::{Cloud, CloudKind, Endpoints};
pub use control_plane::ControlPlane;
pub use operator::{Operator, OperatorOptions};
pub use process::Process;
pub use shared::Harness;
pub use wait::{Hopeless, eventually, eventually_within};
