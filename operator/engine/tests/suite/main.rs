//! The engine on fake kinds in a fake cloud.

#![allow(missing_docs, reason = "tests are read, not linked to")]

mod cloud;
mod crashes;
mod kinds;
mod lives;
mod stack;
