//! The cache's nodes: a primary and its replicas. See "High availability using replication groups", "Version management
//! for ElastiCache" and "Authenticating with the AUTH command" in the Amazon ElastiCache User Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, Output, State, digest};

use super::{Engine, version_change};
use crate::secret::{Stored, VALUE};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticache:DescribeReplicationGroups");
/// Reads the nodes, which alone say their version and groups.
pub const DESCRIBE_NODES: Action = Action::read("elasticache:DescribeCacheClusters");
/// Reads tags, of everything in ElastiCache.
pub const LIST_TAGS: Action = Action::read("elasticache:ListTagsForResource");
/// Makes it.
pub const CREATE: Action = Action::write("elasticache:CreateReplicationGroup");
/// Changes everything but the number of nodes.
pub const MODIFY: Action = Action::write("elasticache:ModifyReplicationGroup");
/// Adds nodes.
pub const INCREASE: Action = Action::write("elasticache:IncreaseReplicaCount");
/// Removes nodes.
pub const DECREASE: Action = Action::write("elasticache:DecreaseReplicaCount");
/// Writes tags, of everything in ElastiCache.
pub const TAG: Action = Action::write("elasticache:AddTagsToResource");
/// Removes it.
pub const DELETE: Action = Action::write("elasticache:DeleteReplicationGroup");

/// The kind.
#[derive(Debug, Clone)]
pub struct ReplicationGroup;

/// What is wanted. Data are always encrypted at rest, connections always by TLS, and the token is always asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The engine.
    pub engine: Engine,
    /// Its version, to any number of places.
    pub version: String,
    /// The size of its nodes.
    pub node_type: String,
    /// How many nodes; from two on they lie in several zones, and one takes over when the primary fails.
    pub nodes: u8,
    /// Where the nodes lie.
    pub subnet_group: Id,
    /// How the engine is set up.
    pub parameter_group: Id,
    /// Who may talk to it.
    pub security_groups: BTreeSet<Id>,
    /// Where the token is that clients must show.
    pub auth_token: Stored,
    /// The key that data are encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
}

/// What was found. What only nodes say is missing until there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: Id,
    /// Its ARN, which its tags are read and written by.
    pub arn: String,
    /// The engine's version, or the one that is on its way.
    pub version: Option<String>,
    /// The size of its nodes, or the one that is on its way.
    pub node_type: String,
    /// How many nodes.
    pub nodes: u8,
    /// Whether one takes over when the primary fails, in another zone.
    pub failover: bool,
    /// Whether connections may be, or must be, by TLS.
    pub transit: Transit,
    /// Where the nodes lie.
    pub subnet_group: Option<Id>,
    /// How the engine is set up.
    pub parameter_group: Option<Id>,
    /// Who may talk to it.
    pub security_groups: BTreeSet<Id>,
    /// The key that data are encrypted with.
    pub key: Option<Id>,
    /// Where it answers, once it does.
    pub endpoints: Option<Endpoints>,
    /// Where it is in its life.
    pub phase: Phase,
}

/// Whether connections are encrypted. AWS goes from one to the next only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transit {
    /// They are not.
    Disabled,
    /// They may be.
    Preferred,
    /// They must be.
    Required,
}

impl Transit {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Preferred => "preferred",
            Self::Required => "required",
        }
    }
}

/// Where a cache is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Being made.
    Creating,
    /// In service.
    Available,
    /// In service, with AWS at work on it.
    Modifying,
    /// Being removed.
    Deleting,
    /// AWS could not make it.
    Failed,
}

impl Phase {
    /// What it means for dependants.
    pub(super) fn state(self, endpoints: Option<&Endpoints>) -> State<Endpoints> {
        match (self, endpoints) {
            (Self::Available, Some(endpoints)) => State::Ready(endpoints.clone()),
            (Self::Modifying, endpoints) => State::Settling { usable: endpoints.cloned(), reason: "Modifying" },
            (Self::Creating, _) | (Self::Available, None) => State::Settling { usable: None, reason: "Creating" },
            (Self::Deleting, _) => State::Leaving,
            (Self::Failed, _) => State::Dead { message: "Amazon ElastiCache could not make it".into() },
        }
    }
}

/// Where a cache answers: what dependants learn, whichever engine it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The group's id, with which its nodes' names begin; the cluster's id.
    pub id: Id,
    /// The host that writes go to; it stays the same when another node takes over. Of Memcached: where clients learn
    /// of the nodes.
    pub primary: String,
    /// The host that reads may go to.
    pub reader: String,
    /// The port of both.
    pub port: u16,
}

impl Output for Endpoints {
    fn unknown(node: &str) -> Self {
        let id = Id::unknown(node);
        Self { primary: id.0.clone(), reader: id.0.clone(), port: PORT, id }
    }
}

/// The port that it answers on.
pub const PORT: u16 = 6379;

/// The path of the change of the engine's version.
pub const VERSION: &str = "cache.version";
/// The path of the change of how the engine is set up.
pub const PARAMETER_GROUP: &str = "cache.parameterGroup";
/// The path of the change of the size of nodes.
pub const NODE_TYPE: &str = "cache.nodeType";
/// The path of the change of the number of nodes.
pub const NODES: &str = "cache.nodes";
/// The path of the change of whether one takes over when the primary fails.
pub const FAILOVER: &str = "cache.failover";
/// The path of the change of who may talk to it.
pub const SECURITY_GROUPS: &str = "cache.securityGroups";
/// The path of the change of whether connections are encrypted.
pub const TRANSIT: &str = "cache.transitEncryption";

impl Kind for ReplicationGroup {
    const NAME: &'static str = "elasticache/replication-group";
    const ACTIONS: &'static [Action] =
        &[DESCRIBE, DESCRIBE_NODES, LIST_TAGS, VALUE, CREATE, MODIFY, INCREASE, DECREASE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Endpoints;

    /// What can be changed in place is none. AWS could turn Redis into Valkey in place, but not back; a cache that is
    /// made beside the old one works both ways, and loses nothing that a cache may not lose.
    fn variant(want: &Desired) -> Option<String> {
        let fixed = [want.engine.as_str(), &want.subnet_group.0, &want.auth_token.arn.0];
        let parts: Vec<&str> = fixed.into_iter().chain(want.key.iter().map(Id::as_str)).collect();
        Some(digest(&parts))
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        let groups = have.subnet_group.iter().chain(&have.parameter_group);
        groups.chain(&have.security_groups).chain(&have.key).cloned().collect()
    }

    /// In the order in which they can be made: AWS makes one change at a time, and `update` makes the first.
    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired {
            engine: _,
            version,
            node_type,
            nodes,
            subnet_group: _,
            parameter_group,
            security_groups,
            auth_token: _,
            key: _,
        } = want;
        let Observed {
            name: _,
            arn: _,
            version: runs,
            node_type: size,
            nodes: count,
            failover,
            transit,
            subnet_group: _,
            parameter_group: parameters,
            security_groups: groups,
            key: _,
            endpoints: _,
            phase: _,
        } = have;
        let mut changes = Changes::new();
        let several = *nodes > 1;
        // The last replica goes only once nothing can fail over to it.
        if !several {
            changes.compare(FAILOVER, failover, &several, Disruption::None);
        }
        // A version of another family brings its parameters along.
        let upgraded = version_change(&mut changes, runs.as_deref(), version);
        if parameters.is_some() && !upgraded {
            changes.compare(PARAMETER_GROUP, parameters, &Some(parameter_group.clone()), Disruption::None);
        }
        changes.compare(NODE_TYPE, size, node_type, Disruption::Restart);
        if !groups.is_empty() {
            changes.compare(SECURITY_GROUPS, groups, security_groups, Disruption::None);
        }
        changes.compare(TRANSIT, &transit.as_str(), &Transit::Required.as_str(), Disruption::None);
        changes.compare(NODES, count, nodes, Disruption::None);
        // Nothing can fail over before there is a replica.
        if several {
            changes.compare(FAILOVER, failover, &several, Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<Endpoints> {
        have.phase.state(have.endpoints.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        Desired {
            engine: Engine::Valkey,
            version: "8.1".into(),
            node_type: "cache.t4g.small".into(),
            nodes: 2,
            subnet_group: "subnets".into(),
            parameter_group: "params".into(),
            security_groups: BTreeSet::from(["sg-1".into()]),
            auth_token: Stored { arn: "arn:secret".into(), version: Some("v1".into()), digest: None },
            key: None,
        }
    }

    fn have() -> Observed {
        Observed {
            name: "group".into(),
            arn: "arn:group".into(),
            version: Some("8.1.0".into()),
            node_type: "cache.t4g.small".into(),
            nodes: 2,
            failover: true,
            transit: Transit::Required,
            subnet_group: Some("subnets".into()),
            parameter_group: Some("params".into()),
            security_groups: BTreeSet::from(["sg-1".into()]),
            key: None,
            endpoints: Some(Endpoints { id: "group".into(), primary: "p".into(), reader: "r".into(), port: PORT }),
            phase: Phase::Available,
        }
    }

    fn paths(want: &Desired, have: &Observed) -> Vec<String> {
        match ReplicationGroup::diff(want, have) {
            Delta::Same => vec![],
            Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
            Delta::Refused(changes) => changes.into_iter().map(|change| format!("refused {}", change.path)).collect(),
        }
    }

    #[test]
    fn diff_knows_each_field() {
        let table: Vec<(Desired, Observed, &[&str])> = vec![
            (want(), have(), &[]),
            (Desired { node_type: "cache.m7g.large".into(), ..want() }, have(), &[NODE_TYPE]),
            (Desired { nodes: 3, ..want() }, have(), &[NODES]),
            // The order in which AWS allows it.
            (Desired { nodes: 1, ..want() }, have(), &[FAILOVER, NODES]),
            (want(), Observed { nodes: 1, failover: false, ..have() }, &[NODES, FAILOVER]),
            (Desired { version: "8.2".into(), ..want() }, have(), &[VERSION]),
            (Desired { version: "9.0".into(), parameter_group: "params9".into(), ..want() }, have(), &[VERSION]),
            (Desired { version: "8.0".into(), ..want() }, have(), &["refused cache.version"]),
            (want(), Observed { version: Some("8.1.12".into()), ..have() }, &[]),
            (Desired { version: "8.10".into(), ..want() }, have(), &[VERSION]),
            (Desired { parameter_group: "mine".into(), ..want() }, have(), &[PARAMETER_GROUP]),
            (want(), Observed { transit: Transit::Preferred, ..have() }, &[TRANSIT]),
            (want(), Observed { security_groups: BTreeSet::from(["sg-2".into()]), ..have() }, &[SECURITY_GROUPS]),
            // No node says anything yet.
            (want(), Observed { version: None, parameter_group: None, security_groups: [].into(), ..have() }, &[]),
        ];
        for (want, have, expected) in table {
            assert_eq!(paths(&want, &have), expected, "{want:?} {have:?}");
        }
    }

    #[test]
    fn what_cannot_change_in_place_is_another_cache() {
        let variant = |change: fn(&mut Desired)| {
            let mut want = want();
            change(&mut want);
            ReplicationGroup::variant(&want)
        };
        let same = ReplicationGroup::variant(&want());
        assert_ne!(variant(|want| want.engine = Engine::Redis), same);
        assert_ne!(variant(|want| want.subnet_group = "others".into()), same);
        assert_ne!(variant(|want| want.auth_token.arn = "arn:other".into()), same);
        assert_eq!(variant(|want| want.auth_token.version = None), same);
        assert_eq!(variant(|want| want.nodes = 5), same);
        assert_eq!(variant(|want| want.version = "9.0".into()), same);
    }

    #[test]
    fn it_answers_while_it_is_modified() {
        let state = |phase, endpoints| ReplicationGroup::state(&Observed { phase, endpoints, ..have() });
        let answers = have().endpoints;
        assert_eq!(state(Phase::Available, answers.clone()), State::Ready(answers.clone().unwrap()));
        assert_eq!(state(Phase::Modifying, answers.clone()).usable(), answers.as_ref());
        assert_eq!(state(Phase::Creating, None), State::Settling { usable: None, reason: "Creating" });
        assert_eq!(state(Phase::Available, None), State::Settling { usable: None, reason: "Creating" });
        assert_eq!(state(Phase::Deleting, answers.clone()), State::Leaving);
        assert!(matches!(state(Phase::Failed, answers), State::Dead { .. }));
        assert_eq!(ReplicationGroup::holds(&have()), ["subnets", "params", "sg-1"].map(Id::from));
    }
}
