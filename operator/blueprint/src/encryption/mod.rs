//! Encryption at rest with a key of the site's own: an AWS KMS key.

pub mod key;

/// The key's component.
pub const KEY: &str = "encryption/key";
/// The path of the choice of the key, which everything that is encrypted refuses to change.
pub const PATH: &str = "encryption.kmsKey";
