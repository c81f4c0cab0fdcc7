use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::{Change, Fault, Hold, Id, Key, Outputs};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Verb {
    /// Makes the thing.
    Create,
    /// Changes it in place.
    Update,
    /// Writes its labels again.
    Relabel,
    /// Removes it.
    Delete,
}

/// One step that was taken, or that a plan would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it does.
    pub verb: Verb,
    /// The fields it changes, for updates.
    pub changes: Vec<Change>,
}

impl Step {
    /// A step that changes no field: a create, a delete.
    pub fn of(verb: Verb) -> Self {
        Self { verb, changes: vec![] }
    }
}

/// A field that is left for a while, since writing it helps nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contest {
    /// The field, as found and as wanted.
    pub change: Change,
    /// How often it was written to what is wanted.
    pub writes: usize,
    /// Whether it then was as wanted for a while: somebody changes it back. Else the cloud accepts the write and goes on
    /// answering something else.
    pub took: bool,
}

impl Contest {
    /// The reason for conditions and events: static, CamelCase.
    pub fn reason(&self) -> &'static str {
        if self.took { "ChangedBack" } else { "NotTaken" }
    }
}

impl fmt::Display for Contest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { change, writes, took } = self;
        let why = if *took { "changed back each time" } else { "accepted and not shown" };
        write!(f, "{change}: written {writes} times, {why}")
    }
}

/// What came of one thing in a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is as wanted.
    Ready,
    /// The cloud is at work on it.
    Settling {
        /// Static, CamelCase.
        reason: &'static str,
        /// Dependants go on meanwhile.
        usable: bool,
    },
    /// No list shows it, but one made moments ago might not be listed yet: nothing is created until that is sure.
    Doubted {
        /// How long until an empty list is believed.
        left: Duration,
    },
    /// It needs what is not there yet.
    Waiting {
        /// The nodes it waits for.
        on: Vec<String>,
    },
    /// It needs what a failure keeps from being there.
    Blocked {
        /// The nodes that failed, or wait for one that did.
        by: Vec<String>,
    },
    /// It does not exist; in a plan, or because its create is held back.
    Absent,
    /// A wanted change cannot be made while its data lives.
    Refused(Vec<Change>),
    /// These fields were written as often as they may be, and are not as wanted; all else about it is.
    Contested(Vec<Contest>),
    /// It exists and does not work.
    Broken(String),
    /// A call failed.
    Failed(Fault),
    /// Nobody claims it; it is being deleted.
    Deleting,
    /// It must go, or must make room for what is wanted, and waits for what holds it.
    Held {
        /// The holders: component names, or ids where a holder has none.
        by: Vec<String>,
    },
    /// Nobody claims it; it goes once what is wanted is ready and the lists are believed, unless that is held back.
    Unclaimed,
    /// Nobody claims it; the deletion policy keeps it, or it is held by what is kept.
    Kept,
    /// Nobody claimed it; it is gone.
    Gone,
}

impl Outcome {
    /// One static word for status and metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Settling { .. } => "Settling",
            Self::Doubted { .. } => "Settling",
            Self::Waiting { .. } => "Waiting",
            Self::Blocked { .. } => "Blocked",
            Self::Absent => "Absent",
            Self::Refused(_) => "Refused",
            Self::Contested(_) => "Contested",
            Self::Broken(_) => "Broken",
            Self::Failed(_) => "Failed",
            Self::Deleting => "Deleting",
            Self::Held { .. } => "Held",
            Self::Unclaimed => "Unclaimed",
            Self::Kept => "Kept",
            Self::Gone => "Gone",
        }
    }

    /// Why, for people; empty where the word says it all.
    pub fn detail(&self) -> String {
        match self {
            Self::Settling { reason, .. } => (*reason).to_owned(),
            Self::Doubted { .. } => "Verifying".to_owned(),
            Self::Waiting { on } => format!("needs {}", on.join(", ")),
            Self::Blocked { by } => format!("needs {}", by.join(", ")),
            Self::Refused(changes) => {
                changes.iter().map(|c| format!("{}: {} -> {}", c.path, c.from, c.to)).collect::<Vec<_>>().join("; ")
            }
            Self::Contested(fields) => fields.iter().map(Contest::to_string).collect::<Vec<_>>().join("; "),
            Self::Broken(message) => message.clone(),
            Self::Failed(fault) => fault.to_string(),
            Self::Held { by } => format!("held by {}", by.join(", ")),
            Self::Ready | Self::Absent | Self::Deleting | Self::Unclaimed | Self::Kept | Self::Gone => String::new(),
        }
    }

    /// What must stay the same for a thing to count as being in one state: no text of the cloud's, which changes with
    /// every request.
    pub(crate) fn state(&self) -> String {
        match self {
            Self::Failed(fault) => format!("{} {}", self.word(), fault.reason),
            Self::Broken(_) => self.word().to_owned(),
            _ => format!("{} {}", self.word(), self.detail()),
        }
    }
}

/// One thing of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its key; where inputs are missing, only the name is sure.
    pub key: Key,
    /// Its kind's name.
    pub kind: &'static str,
    /// What the cloud calls it, if it exists.
    pub id: Option<Id>,
    /// What came of it.
    pub outcome: Outcome,
    /// What was done, or would be.
    pub steps: Vec<Step>,
    /// Differences that were seen and left, and why.
    pub held: Vec<(Change, Hold)>,
    /// Whether the graph wants it.
    pub claimed: bool,
    /// How long it has been in this state, as far as this process knows.
    pub age: Duration,
}

impl Component {
    /// Nothing more will be done about it.
    pub fn done(&self) -> bool {
        match self.outcome {
            Outcome::Ready | Outcome::Kept | Outcome::Gone => true,
            // Its delete is held back.
            Outcome::Unclaimed => !self.held.is_empty(),
            _ => false,
        }
    }
}

/// What a pass found and did.
#[derive(Default)]
pub struct Report {
    /// Every wanted thing in the graph's order, then what nobody claims.
    pub components: Vec<Component>,
    /// Kinds that could not be listed, or of which a thing that no node claims could not be read.
    pub unlisted: Vec<(&'static str, Fault)>,
    /// How long it is still open whether the lists show all there is; nothing is removed meanwhile.
    pub doubt: Option<Duration>,
    /// The pass was told to stop before it was through.
    pub halted: bool,
    /// The outputs that are known.
    pub outputs: Outputs,
}

impl Report {
    /// Everything wanted is as wanted or left on purpose, and no list shows anything unclaimed but what policy keeps.
    pub fn settled(&self) -> bool {
        !self.halted && self.unlisted.is_empty() && self.components.iter().all(Component::done)
    }

    /// Everything wanted is ready; leftovers may still be going.
    pub fn ready(&self) -> bool {
        !self.halted
            && self.unlisted.is_empty()
            && self.components.iter().filter(|c| c.claimed).all(|c| c.outcome == Outcome::Ready)
    }

    /// Nothing is left but what policy keeps, and that is certain.
    pub fn removed(&self) -> bool {
        let gone = |c: &Component| matches!(c.outcome, Outcome::Kept | Outcome::Gone);
        !self.halted && self.doubt.is_none() && self.unlisted.is_empty() && self.components.iter().all(gone)
    }

    /// What policy keeps.
    pub fn kept(&self) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(|c| c.outcome == Outcome::Kept)
    }

    /// Every fault, of lists and of components.
    pub fn faults(&self) -> impl Iterator<Item = (&str, &Fault)> {
        let lists = self.unlisted.iter().map(|(kind, fault)| (*kind, fault));
        let components = self.components.iter().filter_map(|c| match &c.outcome {
            Outcome::Failed(fault) => Some((c.key.name.as_str(), fault)),
            _ => None,
        });
        lists.chain(components)
    }
}

/// Something that happened in a pass, told as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A step was taken.
    Done {
        /// The component.
        component: String,
        /// What the cloud calls the thing.
        id: Id,
        /// What was done.
        step: Step,
    },
    /// A step or a read failed.
    Failed {
        /// The component, or the kind where a list failed.
        component: String,
        /// What failed.
        fault: Fault,
    },
    /// A node was looked at; its outcome for now.
    Observed {
        /// The component.
        component: String,
        /// What came of it.
        outcome: Outcome,
    },
}

/// Who wants to hear of events.
pub type Observer<'a> = &'a (dyn Fn(Event) + Send + Sync);
