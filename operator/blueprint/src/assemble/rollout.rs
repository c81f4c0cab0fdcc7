use wpc_api::v1alpha1::RolloutPolicy;
use wpc_engine::{Graph, Handle, Maybe};

use super::{Compute, Database, Monitoring};
use crate::bootstrap::web_log;
use crate::compute::{self, instance_refresh};
use crate::database::recovery_point::{self, Taken};
use crate::{Blueprint, Kinds};

/// How a change reaches the instances.
#[derive(Debug, Clone, Copy)]
pub struct Rollout {
    /// The database's copy from before another WordPress.
    pub recovery_point: Handle<Taken>,
    /// How instances are replaced.
    pub refresh: Handle<instance_refresh::Rollout>,
}

/// A copy of the database before another WordPress comes, and then the replacement of the instances. Where a person
/// replaces them, that person also says when: nothing is copied before.
pub(super) fn rollout(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    (database, compute, monitoring): (&Database, &Compute, &Monitoring),
) -> Rollout {
    let automatic = blueprint.spec.compute.rollout.policy == RolloutPolicy::Automatic;
    let inputs = (database.primary, compute.launch_template);
    let recovery_point =
        graph.add(recovery_point::COMPONENT, &kinds.recovery_point, inputs, move |(database, template)| {
            recovery_point::Desired { database: database.name, upgrade: template.upgrade.filter(|_| automatic) }
        });
    let spec = blueprint.spec.compute.rollout.clone();
    let (launch, healthy) = (super::compute::launch(blueprint), super::compute::healthy(blueprint));
    let logs = web_log(blueprint);
    // An alarm that cannot be made is no reason to leave the instances as they are.
    let alarms = Maybe(monitoring.gate.map(Vec::from));
    let inputs = (compute.group, compute.launch_template, recovery_point, alarms);
    let refresh =
        graph.add(compute::REFRESH, &kinds.instance_refresh, inputs, move |(group, template, taken, alarms)| {
            let snapshot = template.upgrade.as_ref().and_then(|upgrade| taken.before(upgrade));
            instance_refresh::Desired {
                group: group.name,
                snapshot: snapshot.map(|(name, _)| name.clone()),
                upgrade: template.upgrade.clone(),
                launch: launch(template),
                automatic,
                healthy,
                bake: i32::try_from(spec.bake_seconds).unwrap_or(i32::MAX),
                rollback: spec.auto_rollback,
                alarms: alarms.flatten().into_iter().flatten().map(|alarm| alarm.name).collect(),
                logs: logs.clone(),
            }
        });
    Rollout { recovery_point, refresh }
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn instances_are_replaced_once_the_database_is_copied_and_its_alarms_are_there() {
        let mut spec = WordPressCluster::fixture().spec;
        let above = |spec: &wpc_api::WordPressClusterSpec| -> Vec<String> {
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec.clone(), Stack::new("default", "press", "gazette"), &facts).unwrap();
            let edges = assemble(&blueprint, &Kinds::offline()).graph.edges();
            edges.into_iter().filter(|edge| edge.to == compute::REFRESH).map(|edge| edge.from).collect()
        };
        let needs = |name: &str, spec: &wpc_api::WordPressClusterSpec| above(spec).iter().any(|from| from == name);
        assert!(needs(recovery_point::COMPONENT, &spec));
        assert!(needs("monitoring/alarm-web-errors", &spec) && needs("monitoring/alarm-load-balancer-errors", &spec));
        spec.monitoring.alarms = false;
        assert!(needs("compute/group", &spec) && !needs("monitoring/alarm-web-errors", &spec));
    }
}
