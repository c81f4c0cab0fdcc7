use async_trait::async_trait;

use crate::erased::{Value, Want, diff_of, unknown_of, want_of};
use crate::{AnyKind, Bound, Change, Delta, Fault, Id, Inputs, Item, Key, Kind, Outputs};

/// One wanted thing, its types erased.
#[async_trait]
pub(crate) trait Node: Send + Sync {
    fn name(&self) -> &str;
    fn kind(&self) -> &dyn AnyKind;
    /// The nodes it needs, by index.
    fn edges(&self) -> &[usize];
    /// What is wanted, once the inputs are known.
    fn want(&self, outputs: &Outputs) -> Option<(Key, Want)>;
    fn diff(&self, want: &Want, item: &Item) -> Delta;
    fn unknown(&self) -> Value;
    async fn create(&self, key: &Key, want: &Want) -> Result<Id, Fault>;
    async fn update(&self, want: &Want, item: &Item, changes: &[Change]) -> Result<(), Fault>;
    async fn relabel(&self, item: &Item) -> Result<(), Fault>;
}

pub(crate) struct TypedNode<K: Kind, I, F> {
    pub(crate) name: String,
    pub(crate) kind: Bound<K>,
    pub(crate) edges: Vec<usize>,
    pub(crate) inputs: I,
    pub(crate) want: F,
}

#[async_trait]
impl<K, I, F> Node for TypedNode<K, I, F>
where
    K: Kind,
    I: Inputs,
    F: Fn(I::Value) -> K::Desired + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &dyn AnyKind {
        self.kind.0.as_ref()
    }

    fn edges(&self) -> &[usize] {
        &self.edges
    }

    fn want(&self, outputs: &Outputs) -> Option<(Key, Want)> {
        let want = (self.want)(self.inputs.value(outputs)?);
        let key = Key { name: self.name.clone(), variant: K::variant(&want) };
        Some((key, Want(Box::new(want))))
    }

    fn diff(&self, want: &Want, item: &Item) -> Delta {
        diff_of::<K>(want, item)
    }

    fn unknown(&self) -> Value {
        unknown_of::<K>(&self.name)
    }

    async fn create(&self, key: &Key, want: &Want) -> Result<Id, Fault> {
        self.kind.0.create(key, want_of::<K>(want)).await
    }

    async fn update(&self, want: &Want, item: &Item, changes: &[Change]) -> Result<(), Fault> {
        self.kind.0.update(&item.key, want_of::<K>(want), item, changes).await
    }

    async fn relabel(&self, item: &Item) -> Result<(), Fault> {
        self.kind.0.relabel(item).await
    }
}
