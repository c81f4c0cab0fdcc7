use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use wpc_api::annotations::{TAG_COMPONENT, TAG_STACK};
use wpc_engine::{Id, Key, hex_digest};

/// A stack's identity: `<cluster-id>/<namespace>/<name>`.
///
/// Names, client tokens and caller references derive from it and a [`Key`], never from the object's uid: the command
/// line, a restored cluster and a re-applied Git repository must find the same resources.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stack {
    cluster: String,
    namespace: String,
    name: String,
}

impl Stack {
    /// The stack of an object.
    pub fn new(cluster: impl Into<String>, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { cluster: cluster.into(), namespace: namespace.into(), name: name.into() }
    }

    /// The object's name.
    pub fn object(&self) -> &str {
        &self.name
    }

    /// The object's namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The object's namespace among those of all clusters, `<cluster-id>/<namespace>`: who owns the stack.
    pub fn tenant(&self) -> String {
        format!("{}/{}", self.cluster, self.namespace)
    }

    /// A name for a resource, at most `max` characters of `a-z0-9-`, a letter first, no double or trailing hyphen:
    /// what RDS, ElastiCache, Elastic Load Balancing, IAM and the others all accept.
    ///
    /// It reads `<object>-<8 hex of the stack id>-<component>[-<variant>]`. Where that is too long the object's name is
    /// cut first, then the component gives way to a digest.
    pub fn name(&self, key: &Key, max: usize) -> String {
        let hash = hex_digest(&[&self.to_string()], 8);
        let component = plain(&key.to_string());
        let tail = format!("{hash}-{component}");
        let tail = match tail.len() + 2 <= max {
            true => tail,
            false => format!("{hash}-{}", hex_digest(&[&key.to_string()], 8)),
        };
        let object = plain(&self.name);
        // ELB refuses `internal-`, security groups `sg-`, RDS and ElastiCache a digit in front.
        let reserved = object.starts_with("internal") || object.starts_with("sg");
        let object = match reserved || !object.starts_with(|c: char| c.is_ascii_lowercase()) {
            true => format!("w{object}"),
            false => object,
        };
        let room = max.saturating_sub(tail.len() + 1).max(1);
        let cut: String = object.chars().take(room).collect();
        format!("{}-{tail}", cut.trim_end_matches('-'))
    }

    /// Whether a name could be one that [`Stack::name`] made for this stack: worth a look at its tags, no proof.
    pub fn may_have_named(&self, name: &str) -> bool {
        name.contains(&format!("-{}-", hex_digest(&[&self.to_string()], 8)))
    }

    /// The client token of a key: 32 hex digits fit every service.
    pub fn token(&self, key: &Key) -> String {
        hex_digest(&[&self.to_string(), &key.to_string()], 32)
    }

    /// The token of the next incarnation, when `gone` answered to the last one: deterministic, so a crash replays it.
    pub fn token_after(&self, token: &str, gone: &Id) -> String {
        hex_digest(&[token, &gone.0], 32)
    }

    /// The tags that say whose a resource is, without the operator's and the user's.
    pub fn tags(&self, key: &Key) -> BTreeMap<String, String> {
        BTreeMap::from([(TAG_STACK.into(), self.to_string()), (TAG_COMPONENT.into(), key.to_string())])
    }
}

/// Lower case, with every other character than `a-z0-9` a single hyphen.
fn plain(text: &str) -> String {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.cluster, self.namespace, self.name)
    }
}

/// A text that is no stack id.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no stack id; write <cluster-id>/<namespace>/<name>")]
pub struct NoStack(String);

impl FromStr for Stack {
    type Err = NoStack;

    fn from_str(text: &str) -> Result<Self, NoStack> {
        match text.split('/').collect::<Vec<_>>().as_slice() {
            [cluster, namespace, name] if ![cluster, namespace, name].iter().any(|part| part.is_empty()) => {
                Ok(Self::new(*cluster, *namespace, *name))
            }
            _ => Err(NoStack(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Stack {
    type Error = NoStack;

    fn try_from(text: String) -> Result<Self, NoStack> {
        text.parse()
    }
}

impl From<Stack> for String {
    fn from(stack: Stack) -> Self {
        stack.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(name: &str, variant: Option<&str>) -> Key {
        Key { name: name.into(), variant: variant.map(Into::into) }
    }

    #[test]
    fn names_say_what_they_are_for() {
        let stack = Stack::new("default", "sites", "blog");
        assert_eq!(stack.name(&Key::of("database/primary"), 63), "blog-6b8a99fd-database-primary");
        assert_eq!(stack.name(&key("cache/group", Some("0a1b2c3d")), 40), "blog-6b8a99fd-cache-group-0a1b2c3d");
        assert_eq!(Stack::new("default", "sites", "9-to.5").name(&Key::of("a/b"), 40), "w9-to-5-df85ced3-a-b");
    }

    #[test]
    fn stacks_of_one_name_in_two_namespaces_share_nothing() {
        let (one, two) = (Stack::new("default", "a", "blog"), Stack::new("default", "b", "blog"));
        let key = Key::of("database/primary");
        assert_ne!(one.name(&key, 32), two.name(&key, 32));
        assert!(one.may_have_named(&one.name(&key, 32)) && !one.may_have_named(&two.name(&key, 32)));
        assert_ne!(one.token(&key), two.token(&key));
        assert_ne!(one.tags(&key), two.tags(&key));
    }

    proptest! {
        #[test]
        fn every_name_is_legal(object in "[a-z0-9]([a-z0-9.-]{0,48}[a-z0-9])?", component in "[a-z]{2,12}/[a-z0-9-]{1,30}", max in 32usize..=64) {
            let stack = Stack::new("default", "sites", object);
            let name = stack.name(&key(component.trim_end_matches('-'), None), max);
            prop_assert!(name.len() <= max, "{name}");
            prop_assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
            prop_assert!(!name.contains("--") && !name.ends_with('-') && !name.starts_with("internal-"), "{name}");
            prop_assert!(stack.may_have_named(&name), "{name}");
            prop_assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
        }

        #[test]
        fn a_stack_id_reads_back(cluster in "[a-z0-9-]{1,20}", namespace in "[a-z0-9-]{1,20}", name in "[a-z0-9.-]{1,20}") {
            let stack = Stack::new(cluster, namespace, name);
            prop_assert_eq!(stack.to_string().parse::<Stack>().unwrap(), stack);
        }
    }
}
