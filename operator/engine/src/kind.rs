use crate::{Action, Delta, Id, State};

/// How AWS tells a repeated create from a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// By a client token of ours: a repeated create answers with the first one's result.
    Token,
    /// By its name (or its place in a parent): a repeated create fails, and we read what is there.
    Name,
    /// Not at all. It is found by its tag, and after a restart or a lost answer a settle window must pass before an
    /// empty list is believed.
    Neither,
}

/// Whether a thing holds somebody's data, and so what a deletion policy says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// It holds none: it goes when nobody claims it.
    None,
    /// Its delete leaves a copy behind (a final snapshot, a recovery window) unless told otherwise.
    Copied,
    /// Nothing of it would be left: it stays until deletion is confirmed.
    Kept,
    /// What somebody else keeps cannot be read without it: it stays, whatever was confirmed.
    Needed,
}

/// What the nodes that depend on a thing learn of it.
pub trait Output: Clone + Send + Sync + 'static {
    /// A stand-in for a plan, where the thing does not exist yet.
    fn unknown(node: &str) -> Self;
}

impl Output for () {
    fn unknown(_: &str) -> Self {}
}

impl Output for Id {
    fn unknown(node: &str) -> Self {
        Self(format!("(known after apply of {node})"))
    }
}

/// The pure half of one kind of thing: what it is, with no IO.
///
/// # Guarantees
/// The engine calls these functions any number of times and in any order; they have no effects.
///
/// # Assumptions
/// `diff` of what `create` or `update` made is `Same` once the thing is ready, or the engine would write for ever.
pub trait Kind: Send + Sync + 'static {
    /// `service/thing`, as in `ec2/vpc`: metric label, event text, `kind` in status.
    const NAME: &'static str;
    /// What its verbs call.
    const ACTIONS: &'static [Action];
    /// How a repeated create is told from a second one.
    const IDENTITY: Identity;
    /// May the old and the new variant live side by side? Where not, the old goes first, with all that holds it; so
    /// nothing that holds data may hold such a thing, or it can never be replaced.
    const COEXISTS: bool = true;
    /// Does it go only after all else that goes? So does what the others' ends are written to, or need: a vault that takes
    /// the last copy of what is removed.
    const LAST: bool = false;

    /// Does it go on as before until it has settled? What it used before must not go while it may still use it.
    const LEADS_BACK: bool = false;

    /// What is wanted.
    type Desired: Send + Sync + 'static;
    /// What was found.
    type Observed: Send + Sync + 'static;
    /// What dependants learn.
    type Output: Output;

    /// Digest of the immutable fields; `None` where the thing holds data or nothing of it is immutable.
    fn variant(want: &Self::Desired) -> Option<String>;

    /// What the cloud calls the thing.
    fn id(have: &Self::Observed) -> Id;

    /// The ids of what it keeps the cloud from deleting: its subnet, its source database. Ids say nothing of their
    /// kind, so within a stack they must differ between kinds: where they are names, the names must.
    fn holds(have: &Self::Observed) -> Vec<Id>;

    /// How wanted and found differ. It knows each field's meaning: what AWS or a policy rightly moves is no difference.
    fn diff(want: &Self::Desired, have: &Self::Observed) -> Delta;

    /// Whether it can be used.
    fn state(have: &Self::Observed) -> State<Self::Output>;

    /// Whether it holds data.
    fn data(_have: &Self::Observed) -> Data {
        Data::None
    }
}
