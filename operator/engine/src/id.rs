use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the cloud calls a thing: `vpc-0a1b`, an ARN, a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub String);

impl Id {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Id {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What we call a thing: the component's name and the variant of its immutable fields.
///
/// A changed immutable field makes another key, so the old thing and the new one are two things; there is no "replace".
/// Written `network/nat-a@9c1d0e2f`, or `network/vpc` where there is no variant: `@` is one of the few signs that every
/// service of AWS takes in the value of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// `area/thing`.
    pub name: String,
    /// Digest of the immutable fields; `None` for what holds data or has no immutable field.
    pub variant: Option<String>,
}

impl Key {
    /// A key without variant.
    pub fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), variant: None }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variant {
            Some(variant) => write!(f, "{}@{variant}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl FromStr for Key {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('@') {
            Some((name, variant)) => Self { name: name.to_owned(), variant: Some(variant.to_owned()) },
            None => Self::of(text),
        })
    }
}

/// Eight hex digits that stand for the given parts, for variants. Parts are length-prefixed: `["ab", "c"]` and
/// `["a", "bc"]` differ.
pub fn digest(parts: &[&str]) -> String {
    hex_digest(parts, 8)
}

/// The first `digits` (at most 64) hex digits of SHA-256 over the length-prefixed parts.
pub fn hex_digest(parts: &[&str], digits: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = hex::encode(hash.finalize());
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_what_it_wrote() {
        for key in [Key::of("network/vpc"), Key { name: "network/nat-a".into(), variant: Some("9c1d0e2f".into()) }] {
            assert_eq!(key.to_string().parse::<Key>(), Ok(key));
        }
    }

    #[test]
    fn a_digest_tells_where_one_part_ends() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["ab", "c"]).len(), 8);
        assert_eq!(hex_digest(&["x"], 32).len(), 32);
    }
}
