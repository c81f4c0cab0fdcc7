//! One pass: list everything, then move each wanted thing one step nearer, then remove what nobody claims.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};

use crate::erased::{AnyKind, Item, Items, Value};
use crate::node::Node;
use crate::report::{Component, Event, Observer, Outcome, Report, Step, Verb};
use crate::state::State;
use crate::step::{Advance, advance};
use crate::sweep::{Removal, sweep};
use crate::{Change, Graph, Id, Key, Memory, Outputs};

/// Whether a pass may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Reads and writes.
    Apply,
    /// Only reads, and says what Apply would do; outputs that are not known yet have stand-ins.
    Plan,
}

/// Why a change that is wanted is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Hold {
    /// Somebody else owns the field; it is not even reported as drift.
    Ignored,
    /// It is reported, not corrected.
    Reported,
    /// It waits for a maintenance window or an approval.
    Awaiting,
}

/// A step that is about to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// The component.
    pub component: &'a str,
    /// What would be done.
    pub verb: Verb,
    /// The field, for updates.
    pub change: Option<&'a Change>,
}

/// How a pass is made.
pub struct Options<'a> {
    /// Whether it may write.
    pub mode: Mode,
    /// What may happen to unclaimed things that hold data.
    pub removal: Removal,
    /// How long an empty list is doubted where a create could repeat one that no list shows yet.
    pub settle: Duration,
    /// How many nodes and lists at a time.
    pub concurrency: usize,
    /// Says which wanted steps are not taken, and why.
    pub hold: &'a (dyn Fn(Proposal<'_>) -> Option<Hold> + Send + Sync),
    /// Says whether to stop starting writes: the process is asked to end, or no longer leads.
    pub halted: &'a (dyn Fn() -> bool + Send + Sync),
    /// Hears of events as they happen.
    pub observer: Observer<'a>,
}

impl Options<'static> {
    /// An applying pass with nothing held, which keeps data.
    pub fn apply() -> Self {
        Self {
            mode: Mode::Apply,
            removal: Removal::Live,
            settle: Duration::from_secs(5),
            concurrency: 16,
            hold: &|_| None,
            halted: &|| false,
            observer: &|_| {},
        }
    }

    /// A pass that only reads and compares.
    pub fn plan() -> Self {
        Self { mode: Mode::Plan, ..Self::apply() }
    }
}

/// What the nodes and the sweep share.
pub(crate) struct World<'a> {
    pub(crate) options: &'a Options<'a>,
    pub(crate) listed: HashMap<&'static str, Items>,
    pub(crate) memory: Mutex<&'a mut Memory>,
}

impl World<'_> {
    pub(crate) fn memory<T>(&self, f: impl FnOnce(&mut Memory) -> T) -> T {
        f(&mut self.memory.lock().expect("no panic while the memory is held"))
    }

    pub(crate) fn applying(&self) -> bool {
        self.options.mode == Mode::Apply
    }

    /// Everything that was listed, of every kind.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.listed.values().flatten().flatten()
    }

    /// Who keeps this id from being deleted.
    pub(crate) fn holders<'w>(&'w self, item: &Item) -> Vec<&'w Item> {
        let holds = |other: &&Item| !same(other, item) && other.holds.contains(&item.id);
        self.items().filter(holds).collect()
    }

    pub(crate) fn held(&self, component: &str, verb: Verb, change: Option<&Change>) -> Option<Hold> {
        (self.options.hold)(Proposal { component, verb, change })
    }

    pub(crate) fn done(&self, component: &Key, id: &Id, step: &Step) {
        (self.options.observer)(Event::Done { component: component.name.clone(), id: id.clone(), step: step.clone() });
    }
}

/// Whether two items are one and the same thing.
pub(crate) fn same(a: &Item, b: &Item) -> bool {
    a.kind == b.kind && a.id == b.id && a.key == b.key
}

/// Makes one pass over the graph.
///
/// `kinds` are all the kinds that the stack may own, wanted or not: what is listed of them and claimed by no node is
/// removed, so the empty graph removes the stack. Every kind of the graph must be among them.
///
/// # Guarantees
/// In [`Mode::Plan`] nothing is written. A failure stops only what depends on it. Nothing is removed unless every list
/// was complete and every wanted thing is usable. What holds data is removed only as `removal` says.
pub async fn run(graph: &Graph, kinds: &[Arc<dyn AnyKind>], memory: &mut Memory, options: &Options<'_>) -> Report {
    let mut world = World { options, listed: list(kinds, options).await, memory: Mutex::new(memory) };
    let outputs = Outputs::new(graph.len());
    let advanced = walk(graph, &world, &outputs).await;
    let swept = sweep(&mut world, kinds, &advanced).await;

    let mut components: Vec<Component> = graph
        .nodes
        .iter()
        .zip(advanced)
        .map(|(node, advance)| advance.component(node.name(), node.kind().name()))
        .chain(swept)
        .collect();
    let labels = components.iter().map(|c| (c.key.to_string(), format!("{}{}", c.outcome.word(), c.outcome.detail())));
    let ages = world.memory(|memory| memory.ages(labels));
    components.iter_mut().zip(ages).for_each(|(component, age)| component.age = age);
    let unlisted = world.listed.iter().filter_map(|(kind, items)| Some((*kind, items.as_ref().err()?.clone())));
    let mut unlisted: Vec<_> = unlisted.collect();
    unlisted.sort_by_key(|(kind, _)| *kind);
    Report { components, unlisted, halted: (options.halted)(), outputs }
}

async fn list(kinds: &[Arc<dyn AnyKind>], options: &Options<'_>) -> HashMap<&'static str, Items> {
    let lists = futures::stream::iter(kinds.iter().map(|kind| async move { (kind.name(), kind.list().await) }));
    let listed: HashMap<_, _> = lists.buffer_unordered(options.concurrency.max(1)).collect().await;
    for (kind, items) in &listed {
        if let Err(fault) = items {
            (options.observer)(Event::Failed { component: (*kind).to_owned(), fault: fault.clone() });
        }
    }
    listed
}

/// Runs every node once its dependencies are through, as many at a time as allowed.
async fn walk(graph: &Graph, world: &World<'_>, outputs: &Outputs) -> Vec<Advance> {
    let nodes = &graph.nodes;
    let mut done: Vec<Option<Advance>> = nodes.iter().map(|_| None).collect();
    let mut started = vec![false; nodes.len()];
    let mut running = FuturesUnordered::new();
    loop {
        for index in 0..nodes.len() {
            let free = running.len() < world.options.concurrency.max(1);
            let due = !started[index] && nodes[index].edges().iter().all(|edge| done[*edge].is_some());
            if free && due {
                started[index] = true;
                let upstream = upstream(nodes, index, &done, outputs);
                running.push(async move { (index, advance(nodes[index].as_ref(), world, outputs, upstream).await) });
            }
        }
        let Some((index, advance)) = running.next().await else { break };
        if let Some(value) = usable(nodes[index].as_ref(), &advance, world) {
            outputs.put(index, value);
        }
        tell(world, nodes[index].name(), &advance.outcome);
        done[index] = Some(advance);
    }
    done.into_iter().flatten().collect()
}

fn tell(world: &World<'_>, name: &str, outcome: &Outcome) {
    let event = match outcome {
        Outcome::Failed(fault) => Event::Failed { component: name.to_owned(), fault: fault.clone() },
        outcome => Event::Observed { component: name.to_owned(), outcome: outcome.clone() },
    };
    (world.options.observer)(event);
}

/// A plan goes on with a stand-in where Apply would wait.
fn usable(node: &dyn Node, advance: &Advance, world: &World<'_>) -> Option<Value> {
    advance.usable.clone().or_else(|| (!world.applying()).then(|| node.unknown()))
}

/// Which dependencies of a node are not usable, and whether one of them is in trouble.
fn upstream(nodes: &[Box<dyn Node>], index: usize, done: &[Option<Advance>], outputs: &Outputs) -> Outcome {
    let missing = nodes[index].edges().iter().filter(|edge| !outputs.knows(**edge));
    let (mut on, mut by) = (vec![], vec![]);
    for edge in missing {
        let outcome = done[*edge].as_ref().map(|advance| &advance.outcome);
        let waits = matches!(
            outcome,
            Some(Outcome::Settling { .. } | Outcome::Doubted { .. } | Outcome::Waiting { .. } | Outcome::Ready)
        );
        if waits { &mut on } else { &mut by }.push(nodes[*edge].name().to_owned());
    }
    if by.is_empty() { Outcome::Waiting { on } } else { Outcome::Blocked { by } }
}

/// The outcome that a found thing's state alone gives.
pub(crate) fn outcome_of(item: &Item) -> Outcome {
    match &item.state {
        State::Ready(()) => Outcome::Ready,
        State::Settling { usable, reason } => Outcome::Settling { reason, usable: usable.is_some() },
        State::Leaving => Outcome::Settling { reason: "Deleting", usable: false },
        State::Broken { message, .. } | State::Dead { message } => Outcome::Broken(message.clone()),
    }
}
