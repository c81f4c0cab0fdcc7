//! The table of kinds: one row says where AWS keeps a thing's id, state and secrets of timing.
//!
//! Paths are those of [`Tree`]: the root's name left out, `*` is every child of a list.
//! Times are AWS's, in seconds, as operators see them; a [`Profile`](super::profile::Profile) scales them.

mod compute;
mod data;
mod edge;
mod keep;
mod media;
mod money;
mod names;
mod network;
mod watch;

use super::protocol::{Params, Tree};

/// One kind of thing in the cloud.
#[derive(Debug)]
pub struct Row {
    /// Its name here, such as `ec2/nat-gateway`.
    pub kind: &'static str,
    /// Signing name of its service.
    pub service: &'static str,
    /// Path of the id inside an item; several, joined by `+`, where only together they say which one it is.
    pub id: &'static str,
    /// Path of the name inside an item; empty where the id is the name.
    pub name: &'static str,
    /// Actions that show it; the first lists all.
    pub reads: &'static [Read],
    /// Actions that make one.
    pub creates: &'static [Create],
    /// Actions that change one, and take time.
    pub modifies: &'static [Modify],
    /// Actions that delete one.
    pub deletes: &'static [Delete],
    /// Where its state is, if it has one.
    pub states: Option<States>,
    /// The error for an unknown id; `None` where AWS answers an empty list.
    pub missing: Option<Error>,
    /// The error for an unknown name, where that is another.
    pub missing_name: Option<Error>,
    /// The error for a name that is in use; `None` where names may repeat.
    pub exists: Option<Error>,
    /// Where its tags are.
    pub tags: Tags,
    /// What its list is asked per, where AWS has no list of all.
    pub under: Option<Under>,
    /// How AWS tells that one of the list has come to its end, or was never anybody's.
    pub ended: Option<Ended>,
    /// The words that its list is asked by one after the other, where AWS wants one: parameter and words.
    pub each: Option<(&'static str, &'static [&'static str])>,
    /// Whose it is where it has no tags: the owner's kind, and the path of the owner's id inside an item.
    pub owner: Option<(&'static str, &'static str)>,
    /// Which items of its list are of this kind, where the list shows others too.
    pub only: fn(&Tree) -> bool,
}

/// An action that shows items.
#[derive(Debug)]
pub struct Read {
    /// The action.
    pub action: &'static str,
    /// Path of the items in the answer.
    pub items: &'static str,
    /// Parameters that ask for one by id or name.
    pub ask: &'static [&'static str],
    /// Parameters without which it would list something else.
    pub with: &'static [(&'static str, &'static str)],
    /// Set where the items only mirror the kind: path of its id in them.
    pub mirror: Option<Mirror>,
}

/// Items of another sort that live and die with the kind (the clusters of a replication group).
#[derive(Debug)]
pub struct Mirror {
    /// Path of the kind's id inside such an item.
    pub id: &'static str,
    /// Where such an item has its state.
    pub states: States,
}

/// An action that makes things.
#[derive(Debug)]
pub struct Create {
    /// The action.
    pub action: &'static str,
    /// Path of the made items in the answer.
    pub items: &'static str,
    /// The parameter that names it, where the answer shows no item.
    pub param: &'static str,
    /// How long AWS takes.
    pub secs: u32,
}

/// An action that changes a thing.
#[derive(Debug)]
pub struct Modify {
    /// The action.
    pub action: &'static str,
    /// The parameter that names it.
    pub param: &'static str,
    /// Path of the item in the answer.
    pub items: &'static str,
    /// How long AWS takes.
    pub secs: u32,
    /// The flag without which it waits for the maintenance window instead; empty: there is none.
    pub flag: &'static str,
    /// Parameters that take no time.
    pub at_once: &'static [&'static str],
}

/// An action that deletes things.
#[derive(Debug)]
pub struct Delete {
    /// The action.
    pub action: &'static str,
    /// The parameter that names them.
    pub param: &'static str,
    /// How long AWS takes.
    pub secs: u32,
    /// What AWS answers meanwhile.
    pub reply: Reply,
}

/// What AWS answers to a delete that has only begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The item, under this name.
    Item(&'static str),
    /// The id, under this name.
    Id(&'static str),
    /// An empty element of this name: the list of those that failed.
    Nothing(&'static str),
    /// An empty result.
    Bare,
    /// A status without a body.
    Status(u16),
}

/// Where and how a state is shown.
#[derive(Debug, Clone, Copy)]
pub struct States {
    /// Path of the state.
    pub path: &'static str,
    /// While being made; empty: not shown.
    pub creating: &'static str,
    /// While being changed; empty: not shown.
    pub modifying: &'static str,
    /// While being deleted; empty: not shown.
    pub deleting: &'static str,
    /// What AWS hides until it is made.
    pub hidden: &'static [&'static str],
    /// The filter that asks by state.
    pub filter: &'static str,
    /// What a list keeps of it after its end (a deleted NAT gateway stays for an hour).
    pub gone: &'static str,
    /// Where AWS shows the new values of fields until they are in force; empty: nowhere.
    pub pending: &'static str,
    /// Those fields: they go on to show their old values.
    pub fields: &'static [&'static str],
}

/// A status and an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// HTTP status.
    pub status: u16,
    /// Code on the wire.
    pub code: &'static str,
}

/// Where tags are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tags {
    /// AWS keeps none.
    None,
    /// In the item: path of the pairs.
    Inside(&'static str),
    /// Behind a call per item.
    Asked {
        /// The action.
        action: &'static str,
        /// Its parameter.
        param: &'static str,
        /// Path in the item of what the parameter wants.
        of: &'static str,
        /// Path of the pairs in the answer.
        items: &'static str,
    },
    /// Behind a call per item, of an account's own ARN that the item does not show.
    Named {
        /// The action.
        action: &'static str,
        /// Its parameter.
        param: &'static str,
        /// The ARN, with `{account}` and `{id}`.
        arn: &'static str,
        /// Path of the pairs in the answer.
        items: &'static str,
    },
}

/// What tells, for each of a list, that it has come to its end.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// The action that is asked.
    pub action: &'static str,
    /// The parameter that takes the id.
    pub param: &'static str,
    /// Path in the answer and what it says there; one is enough.
    pub says: &'static [(&'static str, &'static str)],
}

/// A list that is asked per parent.
#[derive(Debug, Clone, Copy)]
pub struct Under {
    /// The parent's kind.
    pub kind: &'static str,
    /// The parameter that takes its id.
    pub param: &'static str,
}

/// What rows leave out.
const ROW: Row = Row {
    kind: "",
    service: "",
    id: "",
    name: "",
    reads: &[],
    creates: &[],
    modifies: &[],
    deletes: &[],
    states: None,
    missing: None,
    missing_name: None,
    exists: None,
    tags: Tags::None,
    under: None,
    ended: None,
    each: None,
    owner: None,
    only: |_| true,
};

const STATES: States = States {
    path: "",
    creating: "",
    modifying: "",
    deleting: "",
    hidden: &[],
    filter: "",
    gone: "",
    pending: "",
    fields: &[],
};

const fn read(action: &'static str, items: &'static str, ask: &'static [&'static str]) -> Read {
    Read { action, items, ask, with: &[], mirror: None }
}

const fn create(action: &'static str, items: &'static str, param: &'static str, secs: u32) -> Create {
    Create { action, items, param, secs }
}

const fn modify(action: &'static str, param: &'static str, items: &'static str, secs: u32) -> Modify {
    Modify { action, param, items, secs, flag: "", at_once: &[] }
}

const fn delete(action: &'static str, param: &'static str, secs: u32, reply: Reply) -> Delete {
    Delete { action, param, secs, reply }
}

#[allow(clippy::unnecessary_wraps, reason = "rows read better")]
const fn error(status: u16, code: &'static str) -> Option<Error> {
    Some(Error { status, code })
}

/// Every row.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    let edge = [edge::ROWS, media::ROWS, keep::ROWS, money::ROWS, names::ROWS];
    [network::ROWS, compute::ROWS, data::ROWS, watch::ROWS].into_iter().chain(edge).flatten()
}

/// The row of a kind.
pub fn row(kind: &str) -> Option<&'static Row> {
    rows().find(|row| row.kind == kind)
}

impl Modify {
    /// Does this request begin something that takes time?
    pub fn takes_time(&self, params: &Params) -> bool {
        let slow = |name: &str| name != self.param && name != self.flag && !self.at_once.contains(&name);
        let now = self.flag.is_empty() || params.get(self.flag) == Some("true");
        now && (self.at_once.is_empty() || params.iter().any(|(name, _)| slow(name)))
    }
}

impl Row {
    /// Id of an item.
    pub fn id_of(&self, item: &Tree) -> Option<String> {
        let parts: Vec<_> = self.id.split('+').filter_map(|path| Self::at(path, item)).collect();
        let id = parts.join(" ");
        let plain = id.strip_prefix("/hostedzone/").map(str::to_owned);
        Some(plain.unwrap_or(id)).filter(|id| !id.is_empty())
    }

    /// Name of an item; its id where it has no other.
    pub fn name_of(&self, item: &Tree) -> Option<String> {
        if self.name.is_empty() { self.id_of(item) } else { Self::at(self.name, item) }
    }

    /// CloudFront's lists wrap each item once more than its other answers do.
    fn at(path: &str, item: &Tree) -> Option<String> {
        let unwrapped = || item.text(path.split_once('/')?.1);
        item.text(path).or_else(unwrapped).filter(|text| !text.is_empty())
    }

    /// The fixed parameters of its list's questions: one question, or one for each word.
    pub fn questions(&self) -> Vec<Vec<(&'static str, &'static str)>> {
        match self.each {
            Some((param, words)) => words.iter().map(|word| vec![(param, *word)]).collect(),
            None => vec![vec![]],
        }
    }

    /// The id as the table keeps it: where that is a name, an ARN's last part.
    pub fn plain<'a>(&self, asked: &'a str) -> &'a str {
        let arn = asked.starts_with("arn:") && !self.id.to_ascii_lowercase().ends_with("arn");
        let last = if arn { asked.rsplit(':').next().unwrap_or(asked) } else { asked };
        last.strip_prefix("key/").unwrap_or(last)
    }

    /// Does a parameter's value mean this item?
    pub fn means(&self, asked: &str, item: &Tree) -> bool {
        [self.id_of(item), self.name_of(item)].iter().flatten().any(|known| same(known, asked))
    }
}

/// Equal, or one is the other's ARN.
pub fn same(known: &str, asked: &str) -> bool {
    let tail = |arn: &str, name: &str| {
        let last = arn.rsplit(':').next().filter(|_| arn.starts_with("arn:"));
        last.is_some_and(|last| last.strip_prefix("key/").unwrap_or(last) == name)
    };
    known == asked || tail(asked, known) || tail(known, asked)
}

/// Rows and actions that show items by this call.
pub fn reads(service: &str, action: &str) -> impl Iterator<Item = (&'static Row, &'static Read)> {
    found(service, action, |row| row.reads, |read| read.action)
}

/// Rows and actions that make things by this call.
pub fn creates(service: &str, action: &str) -> impl Iterator<Item = (&'static Row, &'static Create)> {
    found(service, action, |row| row.creates, |create| create.action)
}

/// Rows and actions that change things by this call.
pub fn modifies(service: &str, action: &str) -> impl Iterator<Item = (&'static Row, &'static Modify)> {
    found(service, action, |row| row.modifies, |modify| modify.action)
}

/// Rows and actions that delete things by this call.
pub fn deletes(service: &str, action: &str) -> impl Iterator<Item = (&'static Row, &'static Delete)> {
    found(service, action, |row| row.deletes, |delete| delete.action)
}

fn found<T>(
    service: &str,
    action: &str,
    part: fn(&'static Row) -> &'static [T],
    name: fn(&'static T) -> &'static str,
) -> impl Iterator<Item = (&'static Row, &'static T)> {
    rows()
        .filter(move |row| row.service == service)
        .flat_map(move |row| part(row).iter().map(move |entry| (row, entry)))
        .filter(move |(_, entry)| name(entry) == action)
}
