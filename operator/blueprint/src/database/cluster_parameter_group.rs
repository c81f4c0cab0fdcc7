//! The engine's parameters, for a cluster and all its instances. See "Parameter groups for Amazon Aurora" in the Amazon
//! Aurora User Guide.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

use super::parameter_group::{self, Desired, Observed};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("rds:DescribeDBClusterParameterGroups");
/// Reads the parameters, and which of them wait for a restart.
pub const PARAMETERS: Action = Action::read("rds:DescribeDBClusterParameters");
/// Makes it.
pub const CREATE: Action = Action::write("rds:CreateDBClusterParameterGroup");
/// Sets up to [`AT_ONCE`](parameter_group::AT_ONCE) parameters.
pub const MODIFY: Action = Action::write("rds:ModifyDBClusterParameterGroup");
/// Gives up to [`AT_ONCE`](parameter_group::AT_ONCE) parameters their defaults again.
pub const RESET: Action = Action::write("rds:ResetDBClusterParameterGroup");
/// Removes it.
pub const DELETE: Action = Action::write("rds:DeleteDBClusterParameterGroup");

/// The kind. It holds what a DB parameter group does; Aurora has all of an instance's parameters in it too.
#[derive(Debug, Clone)]
pub struct ClusterParameterGroup;

impl Kind for ClusterParameterGroup {
    const NAME: &'static str = "rds/cluster-parameter-group";
    const ACTIONS: &'static [Action] =
        &[DESCRIBE, PARAMETERS, parameter_group::TAGS, CREATE, MODIFY, RESET, parameter_group::TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// Another release needs another group; an upgrade moves the cluster to it.
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
        parameter_group::diff(want, have)
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_compared_as_an_instances_is() {
        let want = Desired::new("aurora-mysql", "8.4", &[("max_connections".into(), "500".into())].into());
        let have = Observed { name: "group".into(), arn: "arn".into(), parameters: want.parameters.clone() };
        assert_eq!(ClusterParameterGroup::diff(&want, &have), Delta::Same);
        let bare = Observed { parameters: [].into(), ..have };
        assert!(
            matches!(ClusterParameterGroup::diff(&want, &bare), Delta::Update(changes) if changes.len() == want.parameters.len())
        );
        let other = Desired::new("aurora-mysql", "8.0.mysql_aurora.3.10.1", &[].into());
        assert_ne!(ClusterParameterGroup::variant(&want), ClusterParameterGroup::variant(&other));
    }
}
