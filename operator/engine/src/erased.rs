//! The one place where a kind's types are erased, so that the pass itself is ordinary, non-generic code.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;

use crate::state::State;
use crate::{Action, Change, Data, Delta, Fault, Found, Id, Identity, Key, Kind, Output, Removal, Standing, Verbs};

pub(crate) type Value = Arc<dyn Any + Send + Sync>;

/// What a list said of one kind.
pub type Items = Result<Vec<Item>, Fault>;

/// A found thing of any kind.
#[derive(Clone)]
pub struct Item {
    /// Its key.
    pub key: Key,
    /// What the cloud calls it.
    pub id: Id,
    /// Its kind's name.
    pub kind: &'static str,
    /// What it keeps the cloud from deleting.
    pub holds: Vec<Id>,
    /// Whether it can be used.
    pub state: State<()>,
    /// Whether it holds data.
    pub data: Data,
    /// Whose it is.
    pub standing: Standing,
    pub(crate) usable: Option<Value>,
    pub(crate) have: Value,
}

impl Item {
    fn new<K: Kind>(found: Found<K>) -> Self {
        let Found { key, have, standing } = found;
        let state = K::state(&have);
        let data = K::data(&have);
        let usable = state.usable().map(|output| Arc::new(output.clone()) as Value);
        let state = match state {
            State::Ready(_) => State::Ready(()),
            State::Settling { usable, reason } => State::Settling { usable: usable.map(drop), reason },
            State::Leaving => State::Leaving,
            State::Broken { usable, message } => State::Broken { usable: usable.map(drop), message },
            // What holds data is never given up.
            State::Dead { message } if data != Data::None => State::Broken { usable: None, message },
            State::Dead { message } => State::Dead { message },
        };
        Self {
            key,
            id: K::id(&have),
            kind: K::NAME,
            holds: K::holds(&have),
            state,
            data,
            standing,
            usable,
            have: Arc::new(have),
        }
    }

    /// Its delete is known to be under way.
    pub(crate) fn leave(&mut self) {
        self.state = State::Leaving;
        self.usable = None;
    }
}

/// A kind with its verbs, whatever its types: enough to list it and to remove what nobody claims.
#[async_trait]
pub trait AnyKind: Send + Sync {
    /// The kind's name.
    fn name(&self) -> &'static str;
    /// What its verbs call.
    fn actions(&self) -> &'static [Action];
    /// How a repeated create is told from a second one.
    fn identity(&self) -> Identity;
    /// May the old and the new variant live side by side?
    fn coexists(&self) -> bool;
    /// Does it go only after all else that goes?
    fn last(&self) -> bool;
    /// Does it go on as before until it has settled?
    fn leads_back(&self) -> bool;
    /// See [`Verbs::list`].
    async fn list(&self) -> Items;
    /// See [`Verbs::read`].
    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Item>, Fault>;
    /// See [`Verbs::delete`].
    async fn delete(&self, item: &Item, removal: Removal) -> Result<(), Fault>;
}

#[async_trait]
pub(crate) trait TypedKind<K: Kind>: AnyKind {
    async fn create(&self, key: &Key, want: &K::Desired) -> Result<Id, Fault>;
    async fn update(&self, key: &Key, want: &K::Desired, item: &Item, changes: &[Change]) -> Result<(), Fault>;
    async fn relabel(&self, item: &Item) -> Result<(), Fault>;
}

/// A kind bound to the verbs that reach one stack.
pub struct Bound<K: Kind>(pub(crate) Arc<dyn TypedKind<K>>);

impl<K: Kind> Clone for Bound<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Kind> Bound<K> {
    /// Binds a kind to its verbs.
    pub fn new(verbs: Arc<impl Verbs<K>>) -> Self {
        Self(Arc::new(Adapter { verbs, kind: PhantomData }))
    }

    /// A kind of which nothing exists, for plans without a cloud.
    pub fn offline() -> Self {
        Self::new(Arc::new(Offline))
    }

    /// The same, without its types.
    pub fn any(&self) -> Arc<dyn AnyKind> {
        self.0.clone()
    }
}

struct Adapter<K, V> {
    verbs: Arc<V>,
    kind: PhantomData<fn() -> K>,
}

fn have<K: Kind>(item: &Item) -> &K::Observed {
    item.have.downcast_ref().expect("an item goes back only to the kind that found it")
}

#[async_trait]
impl<K: Kind, V: Verbs<K>> AnyKind for Adapter<K, V> {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn actions(&self) -> &'static [Action] {
        K::ACTIONS
    }

    fn identity(&self) -> Identity {
        K::IDENTITY
    }

    fn coexists(&self) -> bool {
        K::COEXISTS
    }

    fn last(&self) -> bool {
        K::LAST
    }

    fn leads_back(&self) -> bool {
        K::LEADS_BACK
    }

    async fn list(&self) -> Items {
        Ok(self.verbs.list().await?.into_iter().map(Item::new).collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Item>, Fault> {
        Ok(self.verbs.read(key, id).await?.map(Item::new))
    }

    async fn delete(&self, item: &Item, removal: Removal) -> Result<(), Fault> {
        self.verbs.delete(&item.key, have::<K>(item), removal).await
    }
}

#[async_trait]
impl<K: Kind, V: Verbs<K>> TypedKind<K> for Adapter<K, V> {
    async fn create(&self, key: &Key, want: &K::Desired) -> Result<Id, Fault> {
        self.verbs.create(key, want).await
    }

    async fn update(&self, key: &Key, want: &K::Desired, item: &Item, changes: &[Change]) -> Result<(), Fault> {
        self.verbs.update(key, want, have::<K>(item), changes).await
    }

    async fn relabel(&self, item: &Item) -> Result<(), Fault> {
        self.verbs.relabel(&item.key, have::<K>(item)).await
    }
}

/// Verbs of a cloud in which nothing exists and nothing can be made.
#[derive(Debug, Clone, Copy)]
pub struct Offline;

impl<K: Kind> Verbs<K> for Offline {
    async fn list(&self) -> Result<Vec<Found<K>>, Fault> {
        Ok(vec![])
    }

    async fn read(&self, _: &Key, _: &Id) -> Result<Option<Found<K>>, Fault> {
        Ok(None)
    }

    async fn create(&self, _: &Key, _: &K::Desired) -> Result<Id, Fault> {
        Err(Fault::invalid("there is no cloud to write to"))
    }

    async fn update(&self, _: &Key, _: &K::Desired, _: &K::Observed, _: &[Change]) -> Result<(), Fault> {
        Err(Fault::invalid("there is no cloud to write to"))
    }

    async fn delete(&self, _: &Key, _: &K::Observed, _: Removal) -> Result<(), Fault> {
        Err(Fault::invalid("there is no cloud to write to"))
    }
}

/// A wanted thing whose inputs are known.
pub(crate) struct Want(pub(crate) Box<dyn Any + Send + Sync>);

pub(crate) fn want_of<K: Kind>(want: &Want) -> &K::Desired {
    want.0.downcast_ref().expect("a want goes back only to the node that made it")
}

pub(crate) fn diff_of<K: Kind>(want: &Want, item: &Item) -> Delta {
    K::diff(want_of::<K>(want), have::<K>(item))
}

pub(crate) fn unknown_of<K: Kind>(node: &str) -> Value {
    Arc::new(K::Output::unknown(node))
}
