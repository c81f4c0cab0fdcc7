//! The resource as others meet it: its rules, its schema, its files.

mod manifests;
mod rules;
mod schema;
