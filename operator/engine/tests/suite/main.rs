//! The engine on fake kinds in a fake cloud.

#![allow(missing_docs, reason = "tests are read, not linked to")]

mod author;
mod awaited;
mod claims;
mod cloud;
mod contested;
mod crashes;
mod faults;
mod identity;
mod kinds;
mod life;
mod lives;
mod operator;
mod pace;
mod plan;
mod process;
mod removal;
mod stack;
mod things;
mod truth;
mod walk;
