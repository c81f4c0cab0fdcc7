//! The cache's nodes where the engine is Memcached: none knows of another, and clients spread keys over them. See
//! "Managing your node-based clusters", "Adding nodes to a cluster" and "ElastiCache in-transit encryption (TLS)" in the
//! Amazon ElastiCache User Guide for Memcached.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State, digest};

use super::replication_group::{DESCRIBE_NODES, Endpoints, LIST_TAGS, NODES, Phase, SECURITY_GROUPS, TAG};
use super::version_change;

/// Makes it.
pub const CREATE: Action = Action::write("elasticache:CreateCacheCluster");
/// Changes it.
pub const MODIFY: Action = Action::write("elasticache:ModifyCacheCluster");
/// Removes it.
pub const DELETE: Action = Action::write("elasticache:DeleteCacheCluster");

/// The component.
pub const COMPONENT: &str = "cache/cluster";

/// The port that it answers on.
pub const PORT: u16 = 11211;

/// The kind.
#[derive(Debug, Clone)]
pub struct Cluster;

/// What is wanted. Connections are always by TLS; Memcached has no token, and encrypts nothing at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Its version, to any number of places.
    pub version: String,
    /// The size of its nodes.
    pub node_type: String,
    /// How many nodes; they spread over the zones.
    pub nodes: u8,
    /// Where the nodes lie.
    pub subnet_group: Id,
    /// Who may talk to it.
    pub security_groups: BTreeSet<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: Id,
    /// Its ARN, which its tags are read and written by.
    pub arn: String,
    /// The engine's version, or the one that is on its way.
    pub version: String,
    /// How many nodes, or how many there will be.
    pub count: u8,
    /// What its nodes are called within it, once there are any: `0001`.
    pub nodes: Vec<String>,
    /// Where the nodes lie.
    pub subnet_group: Option<Id>,
    /// Who may talk to it.
    pub security_groups: BTreeSet<Id>,
    /// Where clients learn of its nodes, once it answers.
    pub endpoint: Option<Endpoints>,
    /// Where it is in its life.
    pub phase: Phase,
}

impl Observed {
    /// The nodes that go so that `count` are left: the last ones.
    pub fn surplus(&self, count: u8) -> Vec<String> {
        let mut nodes = self.nodes.clone();
        nodes.sort();
        nodes.split_off(usize::from(count).min(nodes.len()))
    }
}

/// The key of the cluster with this variant.
pub fn key(variant: &str) -> Key {
    Key { name: COMPONENT.into(), variant: Some(variant.into()) }
}

impl Kind for Cluster {
    const NAME: &'static str = "elasticache/cluster";
    const ACTIONS: &'static [Action] = &[DESCRIBE_NODES, LIST_TAGS, CREATE, MODIFY, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Endpoints;

    /// Nodes keep their size and subnets; others are another cluster, made beside the old one.
    fn variant(want: &Desired) -> Option<String> {
        Some(digest(&[&want.node_type, &want.subnet_group.0]))
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.subnet_group.iter().chain(&have.security_groups).cloned().collect()
    }

    /// AWS makes one change at a time, and `update` makes the first.
    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { version, node_type: _, nodes, subnet_group: _, security_groups } = want;
        let Observed {
            name: _,
            arn: _,
            version: runs,
            count,
            nodes: _,
            subnet_group: _,
            security_groups: groups,
            endpoint: _,
            phase: _,
        } = have;
        let mut changes = Changes::new();
        version_change(&mut changes, Some(runs), version);
        changes.compare(SECURITY_GROUPS, groups, security_groups, Disruption::None);
        changes.compare(NODES, count, nodes, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Endpoints> {
        have.phase.state(have.endpoint.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::super::replication_group::VERSION;
    use super::*;

    fn want() -> Desired {
        Desired {
            version: "1.6.22".into(),
            node_type: "cache.t4g.small".into(),
            nodes: 2,
            subnet_group: "subnets".into(),
            security_groups: ["sg-1".into()].into(),
        }
    }

    fn have() -> Observed {
        Observed {
            name: "cluster".into(),
            arn: "arn:cluster".into(),
            version: "1.6.22".into(),
            count: 2,
            nodes: vec!["0001".into(), "0002".into()],
            subnet_group: Some("subnets".into()),
            security_groups: ["sg-1".into()].into(),
            endpoint: Some(Endpoints { id: "c".into(), primary: "c".into(), reader: "c".into(), port: PORT }),
            phase: Phase::Available,
        }
    }

    fn paths(want: &Desired, have: &Observed) -> Vec<String> {
        match Cluster::diff(want, have) {
            Delta::Same => vec![],
            Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
            Delta::Refused(changes) => changes.into_iter().map(|change| format!("!{}", change.path)).collect(),
        }
    }

    #[test]
    fn diff_knows_each_field() {
        let table: Vec<(Desired, &[&str])> = vec![
            (want(), &[]),
            (Desired { nodes: 3, ..want() }, &[NODES]),
            (Desired { version: "1.6".into(), ..want() }, &[]),
            (Desired { version: "1.7".into(), ..want() }, &[VERSION]),
            (Desired { version: "1.6.12".into(), ..want() }, &["!cache.version"]),
            (Desired { security_groups: ["sg-2".into()].into(), ..want() }, &[SECURITY_GROUPS]),
        ];
        for (want, expected) in table {
            assert_eq!(paths(&want, &have()), expected, "{want:?}");
        }
    }

    #[test]
    fn other_nodes_are_another_cluster() {
        let same = Cluster::variant(&want());
        assert_eq!(Cluster::variant(&Desired { nodes: 5, version: "1.7".into(), ..want() }), same);
        assert_ne!(Cluster::variant(&Desired { node_type: "cache.m7g.large".into(), ..want() }), same);
        assert_ne!(Cluster::variant(&Desired { subnet_group: "others".into(), ..want() }), same);
    }

    #[test]
    fn the_last_nodes_go_first() {
        let have = Observed { nodes: ["0003", "0001", "0002"].map(str::to_owned).into(), ..have() };
        assert_eq!(have.surplus(1), ["0002", "0003"]);
        assert!(have.surplus(4).is_empty());
        assert_eq!(Cluster::holds(&have), ["subnets", "sg-1"].map(Id::from));
    }
}
