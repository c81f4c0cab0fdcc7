use std::collections::BTreeSet;

use wpc_api::v1alpha1::RolloutPolicy;
use wpc_engine::{Graph, Handle, Id};

use super::{Network, Traffic};
use crate::compute::bootstrap::Bootstrap;
use crate::compute::launch_template::{Image, Template, Volume};
use crate::compute::{self, Launch, group, instance_profile, instance_refresh, launch_template, policy, role};
use crate::secret::Stored;
use crate::{Blueprint, Kinds};

/// The compute pool.
#[derive(Debug, Clone, Copy)]
pub struct Compute {
    /// What instances may do.
    pub role: Handle<role::RoleOutput>,
    /// How they wear it.
    pub profile: Handle<Id>,
    /// What they are made from.
    pub launch_template: Handle<Template>,
    /// The instances.
    pub group: Handle<group::Fleet>,
    /// How they are replaced.
    pub refresh: Handle<instance_refresh::Rollout>,
}

/// What the instances use of other areas.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    /// The secrets that they read.
    pub secrets: Vec<Handle<Stored>>,
    /// The file system, and the access point to it.
    pub files: Option<(Handle<Id>, Handle<Id>)>,
}

/// A group of instances over the zones, behind the load balancer.
pub(super) fn compute(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    (network, traffic): (&Network, &Traffic),
    uses: Uses,
) -> Compute {
    let (role, profile) = identity(graph, kinds, blueprint, uses);
    let launch_template = template(graph, kinds, blueprint, network, profile);

    let spec = blueprint.spec.compute.clone();
    let types = spec.instance_types();
    let launch = move |template: Template| Launch::new(template.id, template.version, &types);
    let automatic = spec.rollout.policy == RolloutPolicy::Automatic;
    let healthy = (spec.rollout.min_healthy_percent.into(), spec.rollout.max_healthy_percent.into());

    // Instances that start before there is a way out cannot install anything.
    let inputs = (launch_template, network.private.clone(), traffic.target_group, network.ways_out.clone());
    let made_from = launch.clone();
    let replicas = spec.replicas.clone();
    let group =
        graph.add(compute::GROUP, &kinds.group, inputs, move |(template, subnets, target_group, _)| group::Desired {
            launch: made_from(template),
            follows: !automatic,
            min: replicas.min.into(),
            max: replicas.max.into(),
            subnets: BTreeSet::from_iter(subnets),
            target_group,
            healthy,
        });
    let cpu = f64::from(spec.scaling.target_cpu_utilization);
    graph.add(compute::CPU_POLICY, &kinds.scaling_policy, group, move |group| policy::Desired {
        group: group.name,
        cpu,
    });
    let rollout = spec.rollout;
    let refresh =
        graph.add(compute::REFRESH, &kinds.instance_refresh, (group, launch_template), move |(group, template)| {
            instance_refresh::Desired {
                group: group.name,
                launch: launch(template),
                automatic,
                healthy,
                bake: i32::try_from(rollout.bake_seconds).unwrap_or(i32::MAX),
                rollback: rollout.auto_rollback,
            }
        });
    Compute { role, profile, launch_template, group, refresh }
}

/// What instances may do, and how they wear it.
fn identity(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    uses: Uses,
) -> (Handle<role::RoleOutput>, Handle<Id>) {
    let (stack, region) = (blueprint.stack.to_string(), blueprint.spec.region.clone());
    let boundary = blueprint.boundary.clone();
    let role =
        graph.add(compute::ROLE, &kinds.role, (uses.secrets, uses.files), move |(secrets, files)| role::Desired {
            stack: stack.clone(),
            region: region.clone(),
            secrets: secrets.into_iter().map(|secret| secret.arn).collect(),
            files: files.map(|(file_system, access_point)| role::Files { file_system, access_point }),
            boundary: boundary.clone(),
        });
    let profile = graph
        .add(compute::PROFILE, &kinds.instance_profile, role, |role| instance_profile::Desired { role: role.name });
    (role, profile)
}

fn template(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    network: &Network,
    profile: Handle<Id>,
) -> Handle<Template> {
    let spec = &blueprint.spec.compute;
    let image = Image { id: spec.image.id.clone(), family: spec.image.family, architecture: spec.architecture };
    let volume = Volume {
        gibibytes: i32::try_from(spec.root_volume.size.gib()).unwrap_or(i32::MAX),
        kind: spec.root_volume.kind,
    };
    let instance_type = spec.instance_types().swap_remove(0);
    let bootstrap = Bootstrap {
        stack: blueprint.stack.to_string(),
        port: spec.port,
        health_path: blueprint.spec.load_balancer.health_check.path.clone(),
    };
    let user_data = bootstrap.script();
    let inputs = (profile, network.security_groups.web);
    graph.add("compute/launch-template", &kinds.launch_template, inputs, move |(profile, group)| {
        launch_template::Desired {
            image: image.clone(),
            instance_type: instance_type.clone(),
            profile,
            security_groups: vec![group],
            volume,
            user_data: user_data.clone(),
        }
    })
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use crate::{Blueprint, Facts, Kinds, Stack, assemble};

    #[test]
    fn the_pool_stands_on_its_door_its_network_and_what_it_uses() {
        let spec = WordPressCluster::fixture().spec;
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("default", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let edges = graph.edges();
        let needs = |to: &str, from: &str| edges.iter().any(|edge| edge.to == to && edge.from == from);

        let named = |area: &'static str| graph.nodes().map(|(name, _)| name).filter(move |name| name.starts_with(area));
        let pool = ["role", "profile", "launch-template", "group", "scaling-cpu", "refresh"];
        assert!(named("compute/").eq(pool.map(|name| format!("compute/{name}"))));
        let door = ["load-balancer", "target-group", "listener-http"];
        assert!(named("traffic/").eq(door.map(|name| format!("traffic/{name}"))));

        for (to, from) in [
            ("compute/role", "database/credentials"),
            ("compute/role", "cache/auth-token"),
            ("compute/role", "storage/access-point"),
            ("compute/profile", "compute/role"),
            ("compute/launch-template", "compute/profile"),
            ("compute/group", "compute/launch-template"),
            ("compute/group", "traffic/target-group"),
            ("compute/scaling-cpu", "compute/group"),
            ("compute/refresh", "compute/launch-template"),
            ("compute/refresh", "compute/group"),
            ("traffic/listener-http", "traffic/load-balancer"),
        ] {
            assert!(needs(to, from), "{to} needs {from}");
        }
    }
}
