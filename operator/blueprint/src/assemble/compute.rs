use std::collections::{BTreeMap, BTreeSet};

use wpc_api::v1alpha1::{RolloutPolicy, Scaling, SharedStorageType, UpdatePolicy};
use wpc_engine::{Data, Graph, Handle, Id};

use super::{Cache, Encryption, Network, Traffic};
use crate::bootstrap::{self, Bound, Replica};
use crate::compute::code::Code;
use crate::compute::image::Image;
use crate::compute::launch_template::{Template, Volume};
use crate::compute::policy::Metric;
use crate::compute::{self, Launch, group, instance_profile, launch_template, policy, role, schedule};
use crate::database::output::{Database, Member};
use crate::iam::RoleOutput;
use crate::media::bucket::BucketOutput;
use crate::secret::{self, Format, Stored};
use crate::storage::volume::Disk;
use crate::{Blueprint, Kinds};

/// Letters and digits of each of WordPress's keys, as many as its own generator makes.
const KEY_LENGTH: usize = 64;

/// The compute pool.
#[derive(Debug, Clone, Copy)]
pub struct Compute {
    /// What instances may do.
    pub role: Handle<RoleOutput>,
    /// How they wear it.
    pub profile: Handle<Id>,
    /// What they are made from.
    pub launch_template: Handle<Template>,
    /// The instances.
    pub group: Handle<group::Fleet>,
}

/// What the instances use of other areas.
#[derive(Debug, Clone)]
pub struct Uses {
    /// The database, and the secrets of its master user and of WordPress's own.
    pub database: (Handle<Database>, Handle<Stored>, Handle<Stored>),
    /// The database's replicas, which reads go to.
    pub replicas: Vec<Handle<Member>>,
    /// The cache, where there is one.
    pub cache: Option<Cache>,
    /// The file system, and the access point to it.
    pub files: Option<(Handle<Id>, Handle<Id>)>,
    /// The key that these and their own disks are encrypted with.
    pub encryption: Encryption,
    /// The bucket for uploads.
    pub bucket: Option<Handle<BucketOutput>>,
    /// The only instance's disk for uploads.
    pub disk: Option<Handle<Disk>>,
}

/// A group of instances over the zones, behind the load balancer.
pub(super) fn compute(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    (network, traffic): (&Network, &Traffic),
    uses: Uses,
) -> Compute {
    let (encryption, disk) = (uses.encryption.clone(), uses.disk);
    let seal = encryption.key();
    let keys = graph.add(compute::KEYS, &kinds.secret, encryption.made, move |made| secret::Desired {
        description: "WordPress's keys and salts, and the administrator's first password".into(),
        format: Format::Keys(&bootstrap::KEYS),
        length: KEY_LENGTH,
        data: Data::Copied,
        key: seal(made),
    });
    let (role, profile) = identity(graph, kinds, blueprint, &uses, keys);
    let launch_template = template(graph, kinds, blueprint, network, (profile, keys, uses));

    let spec = blueprint.spec.compute.clone();
    let spot = spec.spot_percent;
    let manual = spec.rollout.policy == RolloutPolicy::Manual;
    let healthy = healthy(blueprint);

    // Instances that start before there is a way out cannot install anything.
    let places = (network.private.clone(), disk);
    let inputs = (launch_template, places, traffic.target_group, network.ways_out.clone());
    let zones: Vec<String> = blueprint.zones.iter().map(|zone| zone.name.clone()).collect();
    let made_from = launch(blueprint);
    let replicas = spec.replicas.clone();
    let schedules = spec.scaling.schedules.iter();
    let scheduled: BTreeMap<String, (i32, i32)> =
        schedules.map(|it| (it.name.clone(), (it.min.into(), it.max.into()))).collect();
    let group = graph.add(compute::GROUP, &kinds.group, inputs, move |(template, (subnets, disk), target_group, _)| {
        group::Desired {
            // Another WordPress comes when a person says so, not with the next instance.
            follows: manual && template.upgrade.is_none(),
            launch: made_from(template),
            min: replicas.min.into(),
            max: replicas.max.into(),
            scheduled: scheduled.clone(),
            // A second instance could not have the disk.
            rebalance: spot > 0 && disk.is_none(),
            subnets: reachable(&zones, subnets, disk.as_ref()),
            target_group,
            healthy,
        }
    });
    scaling(graph, kinds, &spec.scaling, group, traffic);
    Compute { role, profile, launch_template, group }
}

/// What instances are made from, as a function of the template.
pub(super) fn launch(blueprint: &Blueprint) -> impl Fn(Template) -> Launch + Clone + Send + Sync + 'static {
    let (types, spot) = (blueprint.spec.compute.instance_types(), blueprint.spec.compute.spot_percent);
    move |template| Launch::new(template.id, template.version, &types, spot)
}

/// How many percent of the instances stay healthy while they are replaced, and how many there may be.
pub(super) fn healthy(blueprint: &Blueprint) -> (i32, i32) {
    let rollout = &blueprint.spec.compute.rollout;
    match blueprint.spec.shared_storage.kind {
        // One instance at a time can have the disk: the old goes first.
        SharedStorageType::Ebs => (0, 100),
        _ => (rollout.min_healthy_percent.into(), rollout.max_healthy_percent.into()),
    }
}

/// The subnets from which an instance reaches its disk: all, or the one in the disk's zone.
fn reachable(zones: &[String], subnets: Vec<Id>, disk: Option<&Disk>) -> BTreeSet<Id> {
    let there = |zone: &String| disk.is_none_or(|disk| disk.zone == *zone);
    let near: BTreeSet<Id> =
        zones.iter().zip(&subnets).filter(|(zone, _)| there(zone)).map(|(_, subnet)| subnet.clone()).collect();
    match near.is_empty() {
        // Where the disk will lie is not known yet: in the first zone.
        true => subnets.into_iter().take(1).collect(),
        false => near,
    }
}

/// When there are more of them: by their load, and at certain times.
fn scaling(graph: &mut Graph, kinds: &Kinds, spec: &Scaling, group: Handle<group::Fleet>, traffic: &Traffic) {
    let cpu = f64::from(spec.target_cpu_utilization);
    graph.add(compute::CPU_POLICY, &kinds.scaling_policy, group, move |group| policy::Desired {
        group: group.name,
        metric: Metric::Cpu,
        target: cpu,
    });
    if let Some(requests) = spec.target_requests_per_instance {
        // AWS wants the target group behind the load balancer, and the group of instances in it.
        let inputs = (group, traffic.load_balancer, traffic.target_group, traffic.listener);
        graph.add(compute::REQUESTS_POLICY, &kinds.scaling_policy, inputs, move |(group, door, target_group, _)| {
            policy::Desired {
                group: group.name,
                metric: Metric::requests(&door.arn, &target_group),
                target: requests.into(),
            }
        });
    }
    for schedule in spec.schedules.clone() {
        graph.add(schedule::name(&schedule.name), &kinds.schedule, group, move |group| schedule::Desired {
            group: group.name,
            recurrence: schedule.cron.clone(),
            time_zone: schedule.time_zone.clone(),
            min: schedule.min.into(),
            max: schedule.max.into(),
        });
    }
}

/// What instances may do, and how they wear it.
fn identity(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    uses: &Uses,
    keys: Handle<Stored>,
) -> (Handle<RoleOutput>, Handle<Id>) {
    let (stack, region) = (blueprint.stack.to_string(), blueprint.spec.region.clone());
    let boundary = blueprint.boundary.clone();
    let key = uses.encryption.key();
    let token = uses.cache.as_ref().and_then(|cache| cache.auth_token);
    let secrets: Vec<_> = [uses.database.1, uses.database.2, keys].into_iter().chain(token).collect();
    let inputs = (secrets, (uses.files, uses.disk), uses.bucket, uses.encryption.made);
    let role =
        graph.add(compute::ROLE, &kinds.role, inputs, move |(secrets, (files, disk), bucket, made)| role::Desired {
            stack: stack.clone(),
            region: region.clone(),
            secrets: secrets.into_iter().map(|secret| secret.arn).collect(),
            key: key(made),
            files: files.map(|(file_system, access_point)| role::Files { file_system, access_point }),
            bucket: bucket.map(|bucket| bucket.arn),
            boundary: boundary.clone(),
            disk: disk.map(|disk| disk.id),
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
    (profile, keys, uses): (Handle<Id>, Handle<Stored>, Uses),
) -> Handle<Template> {
    let spec = &blueprint.spec.compute;
    let image = Image {
        id: spec.image.id.clone(),
        family: spec.image.family,
        architecture: spec.architecture,
        follows: spec.image.update_policy == UpdatePolicy::Automatic,
    };
    let volume = Volume {
        gibibytes: i32::try_from(spec.root_volume.size.gib()).unwrap_or(i32::MAX),
        kind: spec.root_volume.kind,
    };
    let instance_type = spec.instance_types().swap_remove(0);
    let key = uses.encryption.key();
    let blueprint = blueprint.clone();
    let cache = uses.cache.map(|cache| (cache.group, cache.auth_token));
    let bound = ((uses.database, uses.replicas), keys, cache, (uses.files, uses.disk, uses.bucket));
    // An instance is refused an address where there is none.
    let addresses: Vec<_> = network.ipv6.iter().flat_map(|ipv6| ipv6.private.clone()).collect();
    let ipv6 = network.ipv6.is_some();
    let inputs = (profile, (network.security_groups.web, addresses), uses.encryption.made, bound);
    graph.add("compute/launch-template", &kinds.launch_template, inputs, move |(profile, (group, _), made, bound)| {
        let (((database, credentials, user), replicas), keys, cache, (files, disk, bucket)) = bound;
        let bound = Bound {
            replicas: Replica::all(&blueprint.spec, replicas, &database),
            database: database.endpoint,
            credentials: credentials.arn,
            user: user.arn,
            keys: keys.arn,
            cache: cache.map(|(at, token)| bootstrap::Cache::new(&blueprint.spec.cache, at, token)),
            files,
            disk: disk.map(|disk: Disk| disk.id),
            bucket: bucket.map(|bucket| bucket.name),
            log_group: Some(bootstrap::web_log(&blueprint)),
            hook: Some(bootstrap::Hook::of(&blueprint)),
        };
        launch_template::Desired {
            image: image.clone(),
            instance_type: instance_type.clone(),
            profile,
            security_groups: vec![group],
            ipv6,
            volume,
            key: key(made),
            user_data: bootstrap::script(&blueprint, &bound),
            code: Code::of(&blueprint.spec),
        }
    })
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::Schedule;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn the_only_instance_is_where_its_disk_is() {
        let zones = ["eu-west-1a", "eu-west-1b"].map(String::from);
        let subnets = || vec![Id::from("subnet-a"), Id::from("subnet-b")];
        let near = |zone: &str| {
            let disk = Disk { id: "vol-1".into(), zone: zone.into() };
            reachable(&zones, subnets(), Some(&disk)).into_iter().map(|id| id.0).collect::<Vec<_>>()
        };
        assert_eq!(near("eu-west-1b"), ["subnet-b"]);
        assert_eq!(near("(known after apply of storage/volume)"), ["subnet-a"]);
        assert_eq!(reachable(&zones, subnets(), None).len(), 2);
    }

    #[test]
    fn more_of_them_come_by_load_and_by_the_clock() {
        let mut spec = WordPressCluster::fixture().spec;
        spec.compute.scaling.target_requests_per_instance = Some(900);
        let schedule = |name: &str| Schedule {
            name: name.into(),
            cron: "0 6 * * *".into(),
            min: 3,
            max: 9,
            time_zone: "UTC".into(),
        };
        spec.compute.scaling.schedules = vec![schedule("day"), schedule("night")];
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("default", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let above = |name: &str| -> Vec<String> {
            graph.edges().into_iter().filter(|edge| edge.to == name).map(|edge| edge.from).collect()
        };
        let door = ["traffic/load-balancer", "traffic/target-group", "traffic/listener-http", "compute/group"];
        assert_eq!(above("compute/scaling-requests"), door);
        assert_eq!(above("compute/schedule-day"), ["compute/group"]);
        assert_eq!(above("compute/schedule-night"), ["compute/group"]);
    }

    #[test]
    fn the_pool_stands_on_its_door_its_network_and_what_it_uses() {
        let spec = WordPressCluster::fixture().spec;
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("default", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let edges = graph.edges();
        let needs = |to: &str, from: &str| edges.iter().any(|edge| edge.to == to && edge.from == from);

        let named = |area: &'static str| graph.nodes().map(|(name, _)| name).filter(move |name| name.starts_with(area));
        let pool = ["keys", "role", "profile", "launch-template", "group", "scaling-cpu", "refresh"];
        assert!(named("compute/").eq(pool.map(|name| format!("compute/{name}"))));
        let door = ["load-balancer", "target-group", "listener-https", "listener-http", "entrance"];
        assert!(named("traffic/").eq(door.map(|name| format!("traffic/{name}"))));

        for (to, from) in [
            ("compute/role", "database/credentials"),
            ("compute/role", "database/user"),
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
            ("traffic/listener-https", "certificate/load-balancer"),
            ("traffic/listener-http", "traffic/listener-https"),
            ("traffic/listener-http", "cdn/distribution"),
            ("traffic/entrance", "traffic/listener-https"),
            ("traffic/entrance", "cdn/origin-secret"),
            ("traffic/entrance", "cdn/distribution"),
        ] {
            assert!(needs(to, from), "{to} needs {from}");
        }
    }
}
