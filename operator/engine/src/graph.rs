use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use crate::erased::Value;
use crate::node::{Node, TypedNode};
use crate::{Bound, Inputs, Kind, Output};

/// Everything that is wanted, one node per thing, with the late-bound values between them as edges.
///
/// A [`Handle`] comes only from [`Graph::add`] (or [`Graph::given`], for what is known from the start) and is the only
/// way to read an upstream output, so an undeclared dependency does not compile and a cycle cannot be written.
///
/// ```
/// # use wpc_engine::{Action, Bound, Delta, Graph, Id, Identity, Kind, State};
/// # struct Thing;
/// # impl Kind for Thing {
/// #     const NAME: &'static str = "thing";
/// #     const ACTIONS: &'static [Action] = &[];
/// #     const IDENTITY: Identity = Identity::Name;
/// #     type Desired = Option<Id>;
/// #     type Observed = Id;
/// #     type Output = Id;
/// #     fn variant(_: &Option<Id>) -> Option<String> { None }
/// #     fn id(have: &Id) -> Id { have.clone() }
/// #     fn holds(_: &Id) -> Vec<Id> { vec![] }
/// #     fn diff(_: &Option<Id>, _: &Id) -> Delta { Delta::Same }
/// #     fn state(have: &Id) -> State<Id> { State::Ready(have.clone()) }
/// # }
/// # let kind = Bound::<Thing>::offline();
/// let mut graph = Graph::new();
/// let vpc = graph.add("network/vpc", &kind, (), |()| None);
/// graph.add("network/subnet", &kind, vpc, |vpc: Id| Some(vpc));
/// assert_eq!(graph.edges()[0].from, "network/vpc");
/// ```
///
/// The same with the need for `vpc` left out:
///
/// ```compile_fail,E0308
/// # use wpc_engine::{Action, Bound, Delta, Graph, Id, Identity, Kind, State};
/// # struct Thing;
/// # impl Kind for Thing {
/// #     const NAME: &'static str = "thing";
/// #     const ACTIONS: &'static [Action] = &[];
/// #     const IDENTITY: Identity = Identity::Name;
/// #     type Desired = Option<Id>;
/// #     type Observed = Id;
/// #     type Output = Id;
/// #     fn variant(_: &Option<Id>) -> Option<String> { None }
/// #     fn id(have: &Id) -> Id { have.clone() }
/// #     fn holds(_: &Id) -> Vec<Id> { vec![] }
/// #     fn diff(_: &Option<Id>, _: &Id) -> Delta { Delta::Same }
/// #     fn state(have: &Id) -> State<Id> { State::Ready(have.clone()) }
/// # }
/// # let kind = Bound::<Thing>::offline();
/// let mut graph = Graph::new();
/// let vpc = graph.add("network/vpc", &kind, (), |()| None);
/// graph.add("network/subnet", &kind, (), move |()| Some(vpc));
/// ```
#[derive(Default)]
pub struct Graph {
    pub(crate) nodes: Vec<Box<dyn Node>>,
    names: BTreeSet<String>,
    given: Vec<Value>,
}

/// Indices from here on are of what is given, not of nodes.
pub(crate) const GIVEN: usize = usize::MAX / 2;

/// The output of a node that was added before, or what is given in place of one.
pub struct Handle<O> {
    pub(crate) index: usize,
    output: PhantomData<fn() -> O>,
}

impl<O> Clone for Handle<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for Handle<O> {}

impl<O> std::fmt::Debug for Handle<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Handle({})", self.index)
    }
}

/// One dependency: `to` needs the output of `from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The node that is needed.
    pub from: String,
    /// The node that needs it.
    pub to: String,
}

impl Graph {
    /// The empty graph: nothing is wanted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a thing: its name (`area/thing`), its kind, the handles it needs, and what is wanted given their outputs.
    ///
    /// # Panics
    /// When two nodes have one name, or a handle is of another graph: errors in the program, not in its input.
    pub fn add<K: Kind, I: Inputs>(
        &mut self,
        name: impl Into<String>,
        kind: &Bound<K>,
        inputs: I,
        want: impl Fn(I::Value) -> K::Desired + Send + Sync + 'static,
    ) -> Handle<K::Output> {
        let name = name.into();
        assert!(self.names.insert(name.clone()), "two nodes are named {name}");
        let mut edges = vec![];
        inputs.edges(&mut edges);
        edges.sort_unstable();
        edges.dedup();
        assert!(edges.iter().all(|edge| *edge < self.nodes.len()), "{name} needs a node of another graph");
        self.nodes.push(Box::new(TypedNode { name, kind: kind.clone(), edges, inputs, want }));
        Handle { index: self.nodes.len() - 1, output: PhantomData }
    }

    /// What no node makes: somebody else's, known from the start. It is used, and neither changed nor removed.
    pub fn given<O: Output>(&mut self, output: O) -> Handle<O> {
        self.given.push(Arc::new(output));
        Handle { index: GIVEN + self.given.len() - 1, output: PhantomData }
    }

    /// How many things are wanted.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The nodes' names and kinds, in the order they were added.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.nodes.iter().map(|node| (node.name(), node.kind().name()))
    }

    /// The dependencies between them.
    pub fn edges(&self) -> Vec<Edge> {
        let name = |index: usize| self.nodes[index].name().to_owned();
        let to = self.nodes.iter().flat_map(|node| node.edges().iter().map(move |from| (*from, node.name())));
        to.map(|(from, to)| Edge { from: name(from), to: to.to_owned() }).collect()
    }

    /// Of each node, whether it needs this one, directly or through others.
    pub(crate) fn below(&self, index: usize) -> Vec<bool> {
        let mut below = vec![false; self.nodes.len()];
        // Edges lead only to nodes that were added before.
        for later in index + 1..self.nodes.len() {
            below[later] = self.nodes[later].edges().iter().any(|edge| *edge == index || below[*edge]);
        }
        below
    }

    /// The graph in the dot language of Graphviz.
    pub fn dot(&self) -> String {
        let nodes = self.nodes().map(|(name, kind)| format!("  \"{name}\" [label=\"{name}\\n{kind}\"];\n"));
        let edges = self.edges().into_iter().map(|edge| format!("  \"{}\" -> \"{}\";\n", edge.from, edge.to));
        let body: String = nodes.chain(edges).collect();
        format!("digraph stack {{\n  rankdir=LR;\n  node [shape=box];\n{body}}}\n")
    }
}

/// What the nodes of a graph turned out to be, as far as it is known.
#[derive(Default)]
pub struct Outputs {
    slots: Vec<OnceLock<Value>>,
    given: Vec<Value>,
}

impl Outputs {
    pub(crate) fn new(graph: &Graph) -> Self {
        Self { slots: graph.nodes.iter().map(|_| OnceLock::new()).collect(), given: graph.given.clone() }
    }

    pub(crate) fn put(&self, index: usize, value: Value) {
        // A node finishes once; a second value cannot come.
        let _ = self.slots[index].set(value);
    }

    pub(crate) fn knows(&self, index: usize) -> bool {
        self.slots[index].get().is_some()
    }

    /// A node's output, if it can be used; in a plan, a stand-in for what is yet to be made.
    pub fn get<O: Output>(&self, handle: Handle<O>) -> Option<&O> {
        let value = match handle.index.checked_sub(GIVEN) {
            Some(given) => self.given.get(given),
            None => self.slots.get(handle.index)?.get(),
        };
        value?.downcast_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Delta, Id, Identity, Maybe, Offline, State};

    struct Thing;

    impl Kind for Thing {
        const NAME: &'static str = "a/thing";
        const ACTIONS: &'static [Action] = &[];
        const IDENTITY: Identity = Identity::Name;
        type Desired = ();
        type Observed = Id;
        type Output = Id;

        fn variant((): &()) -> Option<String> {
            None
        }

        fn id(have: &Id) -> Id {
            have.clone()
        }

        fn holds(_: &Id) -> Vec<Id> {
            vec![]
        }

        fn diff((): &(), _: &Id) -> Delta {
            Delta::Same
        }

        fn state(have: &Id) -> State<Id> {
            State::Ready(have.clone())
        }
    }

    fn kind() -> Bound<Thing> {
        Bound::new(std::sync::Arc::new(Offline))
    }

    /// One node that needs others in every way there is.
    fn mixed() -> Graph {
        let mut graph = Graph::new();
        let one = graph.add("one", &kind(), (), |()| ());
        let two = graph.add("two", &kind(), one, |_| ());
        let three = graph.add("three", &kind(), (), |()| ());
        graph.add("all", &kind(), (one, Some(two), None::<Handle<Id>>, vec![three, one]), |_| ());
        graph
    }

    #[test]
    fn inputs_are_edges_each_once() {
        let edges: Vec<_> = mixed().edges().into_iter().map(|edge| (edge.from, edge.to)).collect();
        let wanted = [("one", "two"), ("one", "all"), ("two", "all"), ("three", "all")];
        assert_eq!(edges, wanted.map(|(from, to)| (from.to_owned(), to.to_owned())));
        assert_eq!(mixed().below(0), [false, true, false, true]);
        assert_eq!(mixed().below(2), [false, false, false, true]);
    }

    #[test]
    fn inputs_are_known_when_all_of_them_are() {
        let graph = mixed();
        let outputs = Outputs::new(&graph);
        for (index, known) in [(0, false), (1, false), (2, true)] {
            outputs.put(index, std::sync::Arc::new(Id::from("x")));
            assert_eq!(graph.nodes[3].want(&outputs).is_some(), known);
        }
    }

    #[test]
    fn an_output_is_waited_for_until_it_is_as_asked_or_not_at_all() {
        let mut graph = Graph::new();
        let one = graph.add("one", &kind(), (), |()| ());
        let done = one.when(|id| id.as_str() == "done");
        graph.add("waits", &kind(), done, |_| ());
        graph.add("goes on", &kind(), Maybe(done), |_| ());
        assert_eq!(graph.edges().len(), 2);
        for (found, waits) in [(None, true), (Some("begun"), true), (Some("done"), false)] {
            let outputs = Outputs::new(&graph);
            if let Some(found) = found {
                outputs.put(0, std::sync::Arc::new(Id::from(found)));
            }
            assert_eq!(graph.nodes[1].want(&outputs).is_none(), waits, "{found:?}");
            assert!(graph.nodes[2].want(&outputs).is_some(), "{found:?}");
            assert_eq!(Maybe(done).value(&outputs).flatten().is_none(), waits, "{found:?}");
        }
    }

    #[test]
    fn what_is_given_is_known_from_the_start_and_no_node() {
        let mut graph = Graph::new();
        let given = graph.given(Id::from("theirs"));
        let made = graph.add("made", &kind(), (), |()| ());
        graph.add("both", &kind(), (given, made), |_| ());
        assert_eq!((graph.len(), graph.edges().len()), (2, 1));
        let outputs = Outputs::new(&graph);
        assert_eq!(outputs.get(given), Some(&Id::from("theirs")));
        assert!(outputs.get(made).is_none() && graph.nodes[1].want(&outputs).is_none());
    }

    #[test]
    fn dot_names_nodes_kinds_and_edges() {
        let dot = mixed().dot();
        assert!(dot.starts_with("digraph stack {") && dot.ends_with("}\n"));
        assert!(dot.contains("\"two\" [label=\"two\\na/thing\"]") && dot.contains("\"one\" -> \"two\""));
    }

    #[test]
    #[should_panic(expected = "two nodes are named one")]
    fn a_name_is_taken_once() {
        let mut graph = mixed();
        graph.add("one", &kind(), (), |()| ());
    }

    #[test]
    #[should_panic(expected = "a node of another graph")]
    fn a_handle_belongs_to_its_graph() {
        let mut graph = mixed();
        let far = graph.add("far", &kind(), (), |()| ());
        Graph::new().add("near", &kind(), far, |_| ());
    }
}
