//! The engine's parameters, for the primary and its replicas. See "Parameter groups for Amazon RDS" in the Amazon RDS
//! User Guide.

use std::collections::BTreeMap;

use wpc_engine::{Action, Change, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

use super::AURORA;
use super::version::family;

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("rds:DescribeDBParameterGroups");
/// Reads the parameters, and which of them wait for a restart.
pub const PARAMETERS: Action = Action::read("rds:DescribeDBParameters");
/// Reads its tags, which no list shows.
pub const TAGS: Action = Action::read("rds:ListTagsForResource");
/// Makes it.
pub const CREATE: Action = Action::write("rds:CreateDBParameterGroup");
/// Sets up to [`AT_ONCE`] parameters.
pub const MODIFY: Action = Action::write("rds:ModifyDBParameterGroup");
/// Gives up to [`AT_ONCE`] parameters their defaults again.
pub const RESET: Action = Action::write("rds:ResetDBParameterGroup");
/// Writes its tags.
pub const TAG: Action = Action::write("rds:AddTagsToResource");
/// Removes it.
pub const DELETE: Action = Action::write("rds:DeleteDBParameterGroup");

/// How many parameters one call takes.
pub const AT_ONCE: usize = 20;

/// What every stack sets: connections are encrypted, and text is what WordPress writes. It wins over the user's.
fn ours(engine: &str) -> [(&'static str, &'static str); 3] {
    [
        // Aurora writes it as a word.
        ("require_secure_transport", if engine == AURORA { "ON" } else { "1" }),
        ("character_set_server", "utf8mb4"),
        ("collation_server", "utf8mb4_unicode_520_ci"),
    ]
}

/// The kind.
#[derive(Debug, Clone)]
pub struct ParameterGroup;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The engine and its release: `mysql8.4`.
    pub family: String,
    /// The parameters that are set.
    pub parameters: BTreeMap<String, String>,
}

impl Desired {
    /// The group of an engine's version, with the user's parameters. RDS has no empty values: one is the default.
    pub fn new(engine: &str, version: &str, parameters: &BTreeMap<String, String>) -> Self {
        let mut parameters = parameters.clone();
        parameters.retain(|_, value| !value.is_empty());
        parameters.extend(ours(engine).map(|(name, value)| (name.to_owned(), value.to_owned())));
        Self { family: family(engine, version), parameters }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub name: Id,
    /// Its ARN.
    pub arn: String,
    /// The parameters that somebody has set.
    pub parameters: BTreeMap<String, String>,
}

/// What the path of a change to one parameter begins with.
const PATH: &str = "database.parameters.";

/// The parameter that a change is about.
pub fn parameter(change: &Change) -> Option<&str> {
    change.path.strip_prefix(PATH)
}

/// One change per parameter; one that goes back to its default has nothing as its new value. Static ones wait for the
/// restart that each instance reports for itself.
pub(super) fn diff(Desired { family: _, parameters }: &Desired, have: &Observed) -> Delta {
    let Observed { name: _, arn: _, parameters: found } = have;
    let mut changes = Changes::new();
    for name in parameters.keys().chain(found.keys().filter(|name| !parameters.contains_key(*name))) {
        changes.compare(
            &format!("{PATH}{name}"),
            &found.get(name).cloned(),
            &parameters.get(name).cloned(),
            Disruption::None,
        );
    }
    changes.delta()
}

impl Kind for ParameterGroup {
    const NAME: &'static str = "rds/parameter-group";
    const ACTIONS: &'static [Action] = &[DESCRIBE, PARAMETERS, TAGS, CREATE, MODIFY, RESET, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// Another release needs another group; an upgrade moves the instances to it.
    fn variant(want: &Desired) -> Option<String> {
        Some(digest(&[&want.family]))
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        diff(want, have)
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    fn have(parameters: BTreeMap<String, String>) -> Observed {
        Observed { name: "group".into(), arn: "arn".into(), parameters }
    }

    #[test]
    fn each_parameter_is_compared_and_what_is_left_out_goes_back_to_its_default() {
        let want = Desired::new("mysql", "8.4.7", &map([("max_connections", "500"), ("wait_timeout", "")]));
        assert_eq!(ParameterGroup::diff(&want, &have(want.parameters.clone())), Delta::Same);

        let mut found = want.parameters.clone();
        found.extend(map([("max_connections", "100"), ("wait_timeout", "60")]));
        let Delta::Update(changes) = ParameterGroup::diff(&want, &have(found)) else { panic!("a difference") };
        let shown = changes.iter().map(|change| (parameter(change).unwrap(), change.from.as_str(), change.to.as_str()));
        assert_eq!(shown.collect::<Vec<_>>(), [("max_connections", "100", "500"), ("wait_timeout", "60", "")]);
    }

    #[test]
    fn ours_win_and_another_release_is_another_group() {
        let want = Desired::new("mysql", "8.4", &map([("require_secure_transport", "0")]));
        assert_eq!(want.parameters["require_secure_transport"], "1");
        assert_eq!(Desired::new("aurora-mysql", "8.4", &map([])).parameters["require_secure_transport"], "ON");
        let patch = Desired::new("mysql", "8.4.7", &map([]));
        assert_eq!(ParameterGroup::variant(&want), ParameterGroup::variant(&patch));
        assert_ne!(ParameterGroup::variant(&want), ParameterGroup::variant(&Desired::new("mysql", "8.0", &map([]))));
    }
}
