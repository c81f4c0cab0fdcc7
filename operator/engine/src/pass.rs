//! One pass: list everything, then move each wanted thing one step nearer, then remove what nobody claims.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};

use crate::erased::{AnyKind, Item, Value};
use crate::node::Node;
use crate::report::{Component, Event, Observer, Outcome, Report, Verb};
use crate::state::State;
use crate::step::{Advance, advance};
use crate::sweep::{Removal, sweep};
use crate::world::World;
use crate::{Change, Fault, Graph, Memory, Outputs};

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

/// Makes one pass over the graph.
///
/// `kinds` are all the kinds that the stack may own, wanted or not: what is listed of them and claimed by no node is
/// removed, so the empty graph removes the stack.
///
/// # Guarantees
/// In [`Mode::Plan`] nothing is written. A failure stops only what depends on it. Nothing is removed unless every list
/// is complete and past doubt, and every wanted thing is usable; what is in the way of a wanted thing goes first, with
/// what holds it. What holds data is removed only as `removal` says. Dropping the future is as safe as a crash, and
/// cheaper: `memory` knows what was under way.
///
/// # Panics
/// When a kind of the graph is not among `kinds`: that is an error in the program, not in its input.
pub async fn run(graph: &Graph, kinds: &[Arc<dyn AnyKind>], memory: &mut Memory, options: &Options<'_>) -> Report {
    let mut world = World::see(kinds, memory, options).await;
    let outputs = Outputs::new(graph);
    let mut advanced = walk(graph, &world, &outputs).await;
    let swept = sweep(&mut world, kinds, graph, &mut advanced).await;

    let unlisted = unlisted(&world, graph, &advanced);
    let mut components: Vec<Component> = graph
        .nodes
        .iter()
        .zip(advanced)
        .map(|(node, advance)| advance.component(node.name(), node.kind().name()))
        .chain(swept)
        .collect();
    let states = components.iter().map(|c| (format!("{} {} {:?}", c.kind, c.key, c.id), c.outcome.state()));
    let ages = world.memory(|memory| memory.ages(states));
    components.iter_mut().zip(ages).for_each(|(component, age)| component.age = age);
    Report { components, unlisted, doubt: world.doubt(), halted: world.halted(), outputs }
}

/// The faults that no component shows.
fn unlisted(world: &World<'_>, graph: &Graph, advanced: &[Advance]) -> Vec<(&'static str, Fault)> {
    let lists = world.listed.iter().filter_map(|(kind, items)| Some((*kind, items.as_ref().err()?.clone())));
    let reads = world.unseen.iter().filter_map(|unseen| {
        let (kind, key) = &unseen.slot;
        let mut nodes = graph.nodes.iter().zip(advanced);
        let shown = nodes.any(|(node, advance)| node.kind().name() == *kind && advance.key.as_ref() == Some(key));
        Some((*kind, unseen.why.as_ref().err().filter(|_| !(unseen.wanted && shown))?.clone()))
    });
    let mut unlisted: Vec<_> = lists.chain(reads).collect();
    unlisted.sort_by_key(|(kind, _)| *kind);
    unlisted
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

pub(crate) fn tell(world: &World<'_>, name: &str, outcome: &Outcome) {
    world.tell(match outcome {
        Outcome::Failed(fault) => Event::Failed { component: name.to_owned(), fault: fault.clone() },
        outcome => Event::Observed { component: name.to_owned(), outcome: outcome.clone() },
    });
}

/// A plan goes on with a stand-in for what Apply would make.
fn usable(node: &dyn Node, advance: &Advance, world: &World<'_>) -> Option<Value> {
    let planned = !world.applying() && advance.steps.iter().any(|step| step.verb == Verb::Create);
    advance.usable.clone().or_else(|| planned.then(|| node.unknown()))
}

/// Which dependencies of a node are not usable, and whether one of them is in trouble.
fn upstream(nodes: &[Box<dyn Node>], index: usize, done: &[Option<Advance>], outputs: &Outputs) -> Outcome {
    let missing = nodes[index].edges().iter().filter(|edge| !outputs.knows(**edge));
    let (mut on, mut by) = (vec![], vec![]);
    for edge in missing {
        let outcome = done[*edge].as_ref().map(|advance| &advance.outcome);
        let trouble = matches!(
            outcome,
            Some(Outcome::Failed(_) | Outcome::Broken(_) | Outcome::Refused(_) | Outcome::Blocked { .. })
        );
        if trouble { &mut by } else { &mut on }.push(nodes[*edge].name().to_owned());
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
