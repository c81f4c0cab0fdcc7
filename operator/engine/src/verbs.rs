use std::fmt;
use std::future::Future;

use crate::{Change, Fault, Id, Key, Kind, Removal};

/// Whose a found thing is, and whether it says so rightly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Ours, with the labels (tags) it should have.
    Ours,
    /// Ours, or being adopted; these labels are to be written again.
    Mislabelled(Vec<Change>),
    /// Managed by somebody else: reported, never touched.
    Foreign(Owner),
}

/// Who owns what is not ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Another operator manages the same stack.
    Operator(String),
    /// Somebody else, or nobody who says so.
    Stranger(String),
}

impl From<&str> for Owner {
    fn from(stranger: &str) -> Self {
        Self::Stranger(stranger.to_owned())
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(name) => write!(f, "operator {name}"),
            Self::Stranger(name) => f.write_str(name),
        }
    }
}

/// A thing that a list or read found.
#[derive(Debug)]
pub struct Found<K: Kind> {
    /// Its key, from its labels, its name or its place.
    pub key: Key,
    /// The thing.
    pub have: K::Observed,
    /// Whose it is.
    pub standing: Standing,
}

impl<K: Kind> Found<K> {
    /// A thing that is ours beyond doubt.
    pub fn ours(key: Key, have: K::Observed) -> Self {
        Self { key, have, standing: Standing::Ours }
    }
}

/// The IO half of one kind: a thin translation to the cloud's calls. No retry, no waiting, no state.
///
/// # Guarantees
/// The engine calls `create` only after a complete, error-free `list` that shows nothing of the key that lives, and
/// after all of the node's inputs were usable; `update` and `delete` only with what the same pass found, read by id
/// where a list may be older than the last write. It deletes nothing that something listed holds.
///
/// # Assumptions
/// "Already exists" and "not found" never leave an implementation: a create that finds its own thing answers with its
/// id, one that finds somebody else's with [`Class::NotOurs`](crate::Class::NotOurs); a delete of what is gone succeeds.
/// A client token that answers with something at its end is followed by the next token. What lists show may lag behind,
/// but by less than [`Options::settle`](crate::Options::settle), caches included.
pub trait Verbs<K: Kind>: Send + Sync + 'static {
    /// Everything of this kind that the stack owns, whatever its state (also what is being deleted), complete or a
    /// fault.
    fn list(&self) -> impl Future<Output = Result<Vec<Found<K>>, Fault>> + Send;

    /// One thing by its id, straight from the cloud; `None` where the cloud does not know it (yet).
    fn read(&self, key: &Key, id: &Id) -> impl Future<Output = Result<Option<Found<K>>, Fault>> + Send;

    /// Makes the thing, labelled, and answers its id without waiting for it.
    fn create(&self, key: &Key, want: &K::Desired) -> impl Future<Output = Result<Id, Fault>> + Send;

    /// Makes exactly the given changes.
    fn update(
        &self,
        key: &Key,
        want: &K::Desired,
        have: &K::Observed,
        changes: &[Change],
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Takes the next step towards the thing's end (lifting a protection, then the delete itself), without waiting.
    fn delete(&self, key: &Key, have: &K::Observed, removal: Removal)
    -> impl Future<Output = Result<(), Fault>> + Send;

    /// Writes the thing's labels again. Kinds that take none are never [`Standing::Mislabelled`].
    fn relabel(&self, key: &Key, have: &K::Observed) -> impl Future<Output = Result<(), Fault>> + Send {
        let _ = (key, have);
        async { Ok(()) }
    }
}
