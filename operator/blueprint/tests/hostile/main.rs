//! Blueprints of specs that nobody would write.

#![allow(missing_docs, reason = "tests are read, not linked to")]

mod arbitrary;
mod specs;
