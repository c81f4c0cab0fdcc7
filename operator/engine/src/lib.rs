//! A level-triggered reconciliation engine over a typed graph of cloud resources.
//!
//! The engine knows neither Kubernetes nor AWS. A [`Kind`] says, without IO, what one kind of thing is: how wanted and
//! found differ, when it is ready, what it keeps from being deleted. [`Verbs`] does the IO. A [`Graph`] holds one node
//! per thing; [`run`] is one pass over it: list everything, move each thing one step nearer to what is wanted, remove
//! what nobody claims, and say in a [`Report`] what was found and done. Nothing in a pass waits: "not ready yet" is a
//! value, and [`Report::requeue`] says when to look again.
//!
//! Nothing is remembered between passes but hints ([`Memory`]); losing them costs a settle window, never a duplicate.

mod action;
mod change;
mod erased;
mod fault;
mod graph;
mod id;
mod inputs;
mod kind;
mod memory;
mod node;
mod pass;
mod report;
mod requeue;
mod room;
mod secret;
mod settle;
mod state;
mod step;
mod sweep;
mod tries;
mod verbs;
mod world;

pub use action::{Access, Action};
pub use change::{Change, Changes, Delta, Disruption};
pub use erased::{AnyKind, Bound, Item, Items, Offline};
pub use fault::{Class, Fault};
pub use graph::{Edge, Graph, Handle, Outputs};
pub use id::{Id, Key, digest, hex_digest};
pub use inputs::{Inputs, Maybe, When};
pub use kind::{Data, Identity, Kind, Output};
pub use memory::Memory;
pub use pass::{Hold, Mode, Options, Proposal, run};
pub use report::{Component, Contest, Event, Observer, Outcome, Report, Step, Verb};
pub use requeue::{Pace, requeue};
pub use secret::Secret;
pub use state::State;
pub use sweep::Removal;
pub use verbs::{Found, Owner, Standing, Verbs};
