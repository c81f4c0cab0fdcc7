//! What a pass does for a thing that is there: make what differs as wanted.

use crate::erased::{Item, Want};
use crate::memory::Last;
use crate::node::Node;
use crate::pass::outcome_of;
use crate::report::{Outcome, Step, Verb};
use crate::state::State;
use crate::step::Advance;
use crate::world::World;
use crate::{Change, Delta, Disruption, Fault, Hold, Key, Standing};

/// Updates that one thing may get in one pass.
const WRITES_PER_PASS: usize = 4;

/// Makes what differs as wanted, as far as that is legal now and not held back. `verified`: the thing was read by id
/// since it was last written to.
pub(crate) async fn settle(
    node: &dyn Node,
    world: &World<'_>,
    (key, want): (&Key, &Want),
    mut item: Item,
    mut verified: bool,
) -> Advance {
    if matches!(item.state, State::Ready(())) {
        world.memory(|memory| memory.lives(&(item.kind, key.clone())));
    }
    let (mut steps, mut held): (Vec<Step>, _) = (vec![], vec![]);
    let outcome = loop {
        // What the cloud is still at work on is not pulled at.
        if world.applying() && !matches!(item.state, State::Ready(()) | State::Broken { .. }) {
            break outcome_of(&item);
        }
        let wish = wish(node, world, key, want, &item);
        held = wish.held;
        if !world.applying() {
            steps = wish.steps;
            break wish.refused.unwrap_or_else(|| outcome_of(&item));
        }
        let Some(step) = wish.steps.into_iter().next() else {
            break wish.refused.unwrap_or_else(|| outcome_of(&item));
        };
        if world.halted() {
            break Outcome::Settling { reason: "Halted", usable: item.usable.is_some() };
        }
        // The cloud still answers what it answered before the write: look again in the next pass.
        if steps.last() == Some(&step) || steps.len() >= WRITES_PER_PASS {
            break updating(&item);
        }
        let answer = match verified || !world.outdated(&item) {
            true => match write(node, world, want, &item, &step).await {
                Ok(()) => {
                    world.done(key, &item.id, &step);
                    steps.push(step);
                    node.kind().read(key, &item.id).await
                }
                Err(fault) => Err(fault),
            },
            false => node.kind().read(key, &item.id).await,
        };
        verified = true;
        match answer {
            // A read does not move a thing to another key.
            Ok(Some(next)) => item = Item { key: item.key, ..next },
            Ok(None) => break updating(&item),
            Err(fault) => break Outcome::Failed(fault),
        }
    };
    let usable = item.usable.clone();
    Advance { item: Some(item), steps, held, usable, ..Advance::of(key.clone(), outcome) }
}

fn updating(item: &Item) -> Outcome {
    Outcome::Settling { reason: "Updating", usable: item.usable.is_some() }
}

async fn write(node: &dyn Node, world: &World<'_>, want: &Want, item: &Item, step: &Step) -> Result<(), Fault> {
    let _writing = world.writing(item, Last::Written);
    match step.verb {
        Verb::Relabel => node.relabel(item).await,
        _ => node.update(want, item, &step.changes).await,
    }
}

/// What a found thing needs.
struct Wish {
    /// In order.
    steps: Vec<Step>,
    /// What is wanted and cannot be.
    refused: Option<Outcome>,
    /// What is wanted and must wait.
    held: Vec<(Change, Hold)>,
}

fn wish(node: &dyn Node, world: &World<'_>, key: &Key, want: &Want, item: &Item) -> Wish {
    let mut wish = Wish { steps: vec![], refused: None, held: vec![] };
    if let Standing::Mislabelled(which) = &item.standing {
        let (from, to) = (which.clone(), String::new());
        wish.ask(
            world,
            key,
            Verb::Relabel,
            vec![Change { path: "tags".into(), from, to, disruption: Disruption::None }],
        );
    }
    match node.diff(want, item) {
        Delta::Same => {}
        Delta::Refused(changes) => wish.refused = Some(Outcome::Refused(changes)),
        Delta::Update(changes) => wish.ask(world, key, Verb::Update, changes),
    }
    wish
}

impl Wish {
    /// Wants these changes, less what is held back.
    fn ask(&mut self, world: &World<'_>, key: &Key, verb: Verb, wanted: Vec<Change>) {
        let mut changes = vec![];
        for change in wanted {
            match world.held(&key.name, verb, Some(&change)) {
                Some(hold) => self.held.push((change, hold)),
                None => changes.push(change),
            }
        }
        if !changes.is_empty() {
            self.steps.push(Step { verb, changes });
        }
    }
}
