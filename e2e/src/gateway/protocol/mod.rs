//! The wire protocols of AWS: what a request asks, what an answer says, how a refusal is spelt.

pub mod answer;
pub mod cbor;
pub mod params;
pub mod request;
mod route;
pub mod service;
pub mod tree;
pub mod xml;

pub use answer::Answer;
pub use params::Params;
pub use request::{Request, Scope};
pub use service::Protocol;
pub use tree::Tree;
pub use xml::Element;
