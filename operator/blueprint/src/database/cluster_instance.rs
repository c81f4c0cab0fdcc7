//! An instance of a cluster of Aurora: one of them is written to, the others are only read from and take over in the
//! order of their tiers. See "Adding Aurora Replicas to a DB cluster" and "High availability for Amazon Aurora" in the
//! Amazon Aurora User Guide.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

use super::instance::{
    CLASS, DELETE, DESCRIBE, Instance, MINOR_UPGRADES, MODIFY, MONITORING, PUBLIC, REBOOT, RESTART, TAG,
};
use super::output::Member;
use super::{cluster, primary};
use crate::iam::PASS;

/// What the names of their components begin with.
const COMPONENT: &str = "database/instance-";

/// The name of an instance's component; they count from 1.
pub fn component(number: usize) -> String {
    format!("{COMPONENT}{number}")
}

/// Whether a component is an instance of a cluster: RDS lists them with primaries and replicas.
pub fn is_member(key: &Key) -> bool {
    key.name.starts_with(COMPONENT)
}

/// The kind.
#[derive(Debug, Clone)]
pub struct ClusterInstance;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The cluster it belongs to.
    pub cluster: Id,
    /// The subnets it may be in: the cluster's.
    pub subnet_group: Id,
    /// The size of its machine, or `db.serverless`.
    pub class: String,
    /// The zone to make it in.
    pub zone: Option<String>,
    /// Who takes over first: the lowest.
    pub tier: u8,
    /// The ARN of the role under which its operating system is monitored, if it is.
    pub monitoring: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What every DB instance has.
    pub instance: Instance,
    /// The cluster it belongs to.
    pub cluster: Option<Id>,
    /// Who takes over first.
    pub tier: Option<u8>,
    /// Parameters of the cluster wait for its restart.
    pub awaits_restart: bool,
}

/// Path of a change: who takes over first.
pub const TIER: &str = "database.promotionTier";

impl Kind for ClusterInstance {
    const NAME: &'static str = "rds/cluster-instance";
    const ACTIONS: &'static [Action] =
        &[DESCRIBE, cluster::DESCRIBE, primary::CREATE, MODIFY, REBOOT, TAG, DELETE, PASS];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Member;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.instance.name.clone()
    }

    /// AWS deletes no cluster that has instances.
    fn holds(have: &Observed) -> Vec<Id> {
        have.instance.holds().into_iter().chain(have.cluster.clone()).collect()
    }

    /// Its zone and whether it is the writer are no difference; version, backups and security groups are the cluster's.
    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { cluster, subnet_group: _, class, zone: _, tier, monitoring } = want;
        let Observed { instance, cluster: belongs, tier: found, awaits_restart } = have;
        let running = &instance.running;
        let mut changes = Changes::new();
        changes.refuse("database.cluster", &belongs.clone().unwrap_or(cluster.clone()), cluster);
        changes.compare(CLASS, &running.class, class, Disruption::Restart);
        changes.compare(TIER, &found.unwrap_or(*tier), tier, Disruption::None);
        changes.compare(RESTART, &(*awaits_restart || running.awaits_restart), &false, Disruption::Restart);
        changes.compare(PUBLIC, &running.public, &false, Disruption::None);
        changes.compare(MINOR_UPGRADES, &running.minor_upgrades, &true, Disruption::None);
        changes.compare(MONITORING, &running.monitoring, monitoring, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Member> {
        have.instance.state(|endpoint| have.instance.member(endpoint))
    }
}

#[cfg(test)]
mod tests {
    use super::super::instance::tests::{instance, paths};
    use super::*;

    fn want() -> Desired {
        Desired {
            cluster: "blog-cluster".into(),
            subnet_group: "subnets".into(),
            class: "db.r7g.large".into(),
            zone: Some("us-east-1b".into()),
            tier: 1,
            monitoring: Some("arn:role".into()),
        }
    }

    fn have() -> Observed {
        let mut instance = instance();
        instance.running.class = "db.r7g.large".into();
        Observed { instance, cluster: Some("blog-cluster".into()), tier: Some(1), awaits_restart: false }
    }

    #[test]
    fn diff_knows_what_is_its_own() {
        let none: [&str; 0] = [];
        let differs = |change: fn(&mut Desired, &mut Observed)| {
            let (mut want, mut have) = (want(), have());
            change(&mut want, &mut have);
            paths(ClusterInstance::diff(&want, &have))
        };
        assert_eq!(differs(|_, _| {}), none);
        assert_eq!(differs(|_, have| have.instance.zone = Some("us-east-1c".into())), none);
        assert_eq!(differs(|_, have| have.instance.backup_days = 1), none, "they are the cluster's");
        assert_eq!(differs(|want, _| want.class = "db.serverless".into()), [CLASS]);
        assert_eq!(differs(|want, _| want.tier = 2), [TIER]);
        assert_eq!(differs(|want, _| want.monitoring = None), [MONITORING]);
        assert_eq!(differs(|_, have| have.awaits_restart = true), [RESTART]);
        assert_eq!(differs(|_, have| have.instance.running.public = true), [PUBLIC]);
        assert_eq!(differs(|_, have| have.instance.running.minor_upgrades = false), [MINOR_UPGRADES]);
        assert_eq!(differs(|want, _| want.cluster = "another".into()), ["!database.cluster"]);
    }

    #[test]
    fn it_goes_before_its_cluster_and_holds_no_data() {
        assert_eq!(ClusterInstance::holds(&have()).last(), Some(&Id::from("blog-cluster")));
        assert_eq!(ClusterInstance::data(&have()), wpc_engine::Data::None);
        assert!(matches!(ClusterInstance::state(&have()), State::Ready(member) if member.state == "available"));
        assert!(is_member(&Key::of(component(3))) && !is_member(&Key::of("database/primary")));
    }
}
