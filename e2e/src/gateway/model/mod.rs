//! Requests against AWS's own models: patterns, lengths, enumerations, ranges, members, types.
//!
//! The emulators take nearly everything; AWS refuses before it looks. botocore ships the models (`service-2.json`), and
//! the clouds bring botocore. What only AWS's pages say is in [`limits`].

pub mod limits;
pub mod node;
mod own;
mod pattern;
pub mod shape;
#[cfg(test)]
mod tests;
pub mod violation;
mod walk;
mod wire;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

pub use shape::Model;
pub use violation::{Class, Violation};

use super::protocol::Request;

/// Where the models are, and what broke them so far.
#[derive(Debug, Default)]
pub struct Models {
    folder: Option<PathBuf>,
    found: Mutex<Vec<Violation>>,
}

impl Models {
    /// Checks with the models of the botocore in this virtual environment; without one, nothing is checked.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, found: Mutex::default() }
    }

    /// Checks a request.
    pub fn check(&self, request: &Request) {
        let Some(folder) = &self.folder else { return };
        let violations = match &*Model::of(folder, &request.service) {
            Ok(model) => walk::check(model, request),
            Err(error) => vec![Violation::new(request, Class::Model, "", "", error.as_str())],
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for violation in violations {
            if !found.contains(&violation) {
                found.push(violation);
            }
        }
    }

    /// What was found so far, each once.
    pub fn found(&self) -> Vec<Violation> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hands over what was found, and forgets it.
    pub fn take(&self) -> Vec<Violation> {
        std::mem::take(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
