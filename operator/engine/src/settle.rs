//! What a pass does for a thing that is there: make what differs as wanted.

use crate::erased::{Item, Want};
use crate::memory::Last;
use crate::node::Node;
use crate::pass::outcome_of;
use crate::report::{Outcome, Step, Verb};
use crate::state::State;
use crate::step::Advance;
use crate::tries::Try;
use crate::world::World;
use crate::{Change, Contest, Delta, Fault, Hold, Key, Standing};

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
        let mut wish = wish(node, world, key, want, &item);
        held = std::mem::take(&mut wish.held);
        if !world.applying() {
            steps = wish.steps;
            break wish.refused.unwrap_or_else(|| outcome_of(&item));
        }
        let unsure = !verified && world.outdated(&item);
        let step = match wish.steps.first().cloned() {
            None if !(unsure && wish.tried()) => break wish.outcome(&item),
            _ if world.halted() => break Outcome::Settling { reason: "Halted", usable: item.usable.is_some() },
            _ if steps.len() >= WRITES_PER_PASS => break updating(&item),
            step => step.filter(|_| !unsure),
        };
        let answer = match step {
            Some(step) => match write(node, world, want, &item, &step).await {
                Ok(()) => {
                    world.tried(&item, &step.changes);
                    world.done(key, &item.id, &step);
                    steps.push(step);
                    node.kind().read(key, &item.id).await
                }
                Err(fault) => Err(fault),
            },
            None => node.kind().read(key, &item.id).await,
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
    /// What is wanted, was written a moment ago and does not show yet.
    awaited: bool,
    /// What is wanted and was written often enough.
    contested: Vec<Contest>,
}

fn wish(node: &dyn Node, world: &World<'_>, key: &Key, want: &Want, item: &Item) -> Wish {
    let mut wish = Wish { steps: vec![], refused: None, held: vec![], awaited: false, contested: vec![] };
    let mut differ = vec![];
    if let Standing::Mislabelled(changes) = &item.standing {
        differ.extend(changes.iter().map(|change| (Verb::Relabel, change.clone())));
    }
    match node.diff(want, item) {
        Delta::Same => {}
        Delta::Refused(changes) => wish.refused = Some(Outcome::Refused(changes)),
        Delta::Update(changes) => differ.extend(changes.into_iter().map(|change| (Verb::Update, change))),
    }
    world.saw(item, &differ.iter().map(|(_, change)| change).collect::<Vec<_>>());
    for (verb, change) in differ {
        wish.ask(world, item, &key.name, verb, change);
    }
    wish
}

impl Wish {
    /// Wants this change, unless it is held back or was written often enough.
    fn ask(&mut self, world: &World<'_>, item: &Item, component: &str, verb: Verb, change: Change) {
        if let Some(hold) = world.held(component, verb, Some(&change)) {
            return self.held.push((change, hold));
        }
        match world.judge(item, &change) {
            Try::Wait => self.awaited = true,
            Try::Stop(contest) => self.contested.push(contest),
            Try::Go => match self.steps.iter_mut().find(|step| step.verb == verb) {
                Some(step) => step.changes.push(change),
                None => self.steps.push(Step { verb, changes: vec![change] }),
            },
        }
    }

    /// Whether something still differs though it was written.
    fn tried(&self) -> bool {
        self.awaited || !self.contested.is_empty()
    }

    /// What comes of the thing when there is nothing left to write.
    fn outcome(self, item: &Item) -> Outcome {
        match (self.refused, outcome_of(item)) {
            (Some(refused), _) => refused,
            (None, _) if self.awaited => updating(item),
            (None, Outcome::Ready) if !self.contested.is_empty() => Outcome::Contested(self.contested),
            (None, outcome) => outcome,
        }
    }
}
