//! The SDK's clients against an AWS that answers what AWS would not.

#![allow(missing_docs, reason = "tests are read, not linked to")]

mod answers;
mod cloud;
mod lists;
