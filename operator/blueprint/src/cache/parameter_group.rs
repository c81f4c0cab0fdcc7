//! How the cache's engine is set up. See "Configuring engine parameters using ElastiCache parameter groups" in the
//! Amazon ElastiCache User Guide.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

use super::replication_group::{LIST_TAGS, TAG};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticache:DescribeCacheParameterGroups");
/// Reads its parameters, which the list does not show.
pub const DESCRIBE_PARAMETERS: Action = Action::read("elasticache:DescribeCacheParameters");
/// Makes it, with the family's defaults.
pub const CREATE: Action = Action::write("elasticache:CreateCacheParameterGroup");
/// Sets parameters.
pub const MODIFY: Action = Action::write("elasticache:ModifyCacheParameterGroup");
/// Removes it, once no node uses it.
pub const DELETE: Action = Action::write("elasticache:DeleteCacheParameterGroup");

/// The parameter that says what goes when memory is full.
pub const MAXMEMORY_POLICY: &str = "maxmemory-policy";
/// Whatever was not used for longest. The default, `volatile-lru`, drops sessions before objects: they expire.
pub const ALLKEYS_LRU: &str = "allkeys-lru";

/// The kind.
#[derive(Debug, Clone)]
pub struct ParameterGroup;

/// What is wanted: a family's defaults, but [`ALLKEYS_LRU`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The engine and major version it is for.
    pub family: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: Id,
    /// Its ARN, which its tags are read and written by.
    pub arn: String,
    /// What goes when memory is full, where it is not the default.
    pub maxmemory_policy: Option<String>,
}

/// The path of the change of what goes when memory is full.
pub const POLICY: &str = "cache.maxmemoryPolicy";

impl Kind for ParameterGroup {
    const NAME: &'static str = "elasticache/parameter-group";
    const ACTIONS: &'static [Action] = &[DESCRIBE, DESCRIBE_PARAMETERS, LIST_TAGS, CREATE, MODIFY, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { family }: &Desired) -> Option<String> {
        Some(digest(&[family]))
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(Desired { family: _ }: &Desired, have: &Observed) -> Delta {
        let Observed { name: _, arn: _, maxmemory_policy } = have;
        let mut changes = Changes::new();
        changes.compare(POLICY, &maxmemory_policy.as_deref(), &Some(ALLKEYS_LRU), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_policy_differs() {
        let want = Desired { family: "valkey8".into() };
        let diff = |policy: Option<&str>| {
            let maxmemory_policy = policy.map(Into::into);
            ParameterGroup::diff(&want, &Observed { name: "params".into(), arn: "arn".into(), maxmemory_policy })
        };
        assert_eq!(diff(Some(ALLKEYS_LRU)), Delta::Same);
        for other in [None, Some("volatile-lru")] {
            let Delta::Update(changes) = diff(other) else { panic!("no change from {other:?}") };
            assert_eq!((changes[0].path.as_str(), changes[0].to.as_str()), (POLICY, ALLKEYS_LRU));
        }
        let next = Desired { family: "valkey9".into() };
        assert_ne!(ParameterGroup::variant(&next), ParameterGroup::variant(&want));
    }
}
