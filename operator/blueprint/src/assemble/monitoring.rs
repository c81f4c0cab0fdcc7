use std::collections::BTreeSet;

use wpc_api::v1alpha1::CacheEngine;
use wpc_engine::{Graph, Handle, Id, Inputs};

use super::{Cache, Cdn, Compute, Database, Encryption, Traffic};
use crate::cache::replication_group::Endpoints;
use crate::monitoring::alarm::{self, AlarmOutput, Says, Tells};
use crate::monitoring::board::Board;
use crate::monitoring::log_group::{self, LogGroupOutput, Writer};
use crate::monitoring::topic::{self, TOPIC, TopicOutput};
use crate::monitoring::watch::{self, Server, Watch};
use crate::monitoring::{composite_alarm, dashboard};
use crate::{Blueprint, Kinds};

/// What watches the site.
#[derive(Debug, Clone, Copy)]
pub struct Monitoring {
    /// Where the instances' logs go.
    pub web_log: Handle<LogGroupOutput>,
    /// Whom alarms tell.
    pub topic: Option<Handle<TopicOutput>>,
    /// The alarms that end a replacement of the instances: visitors see errors.
    pub gate: Option<[Handle<AlarmOutput>; 2]>,
}

/// What is watched.
pub(super) struct Watched<'a> {
    pub(super) traffic: &'a Traffic,
    pub(super) compute: &'a Compute,
    pub(super) database: &'a Database,
    pub(super) cache: Option<&'a Cache>,
    pub(super) cdn: Option<&'a Cdn>,
}

/// A group for the instances' logs, alarms that tell a topic, and a dashboard.
pub(super) fn monitoring(
    graph: &mut Graph,
    kinds: &Kinds,
    (blueprint, encryption): (&Blueprint, &Encryption),
    watched: &Watched<'_>,
) -> Monitoring {
    let spec = &blueprint.spec.monitoring;
    let web_log = log_group(graph, kinds, (blueprint, encryption), "web", (Writer::Any, &blueprint.spec.region));
    let alarms = spec.alarms.then(|| alarms(graph, kinds, (blueprint, encryption), watched));
    if spec.dashboard {
        dashboard(graph, kinds, blueprint, watched);
    }
    Monitoring { web_log, topic: alarms.map(|(topic, _)| topic), gate: alarms.map(|(_, gate)| gate) }
}

/// A group for logs of one sort, in a region: that of the stack, or us-east-1 for what belongs to CloudFront. A key belongs
/// to a region, and encrypts nothing in another.
pub(super) fn log_group(
    graph: &mut Graph,
    kinds: &Kinds,
    (blueprint, encryption): (&Blueprint, &Encryption),
    what: &str,
    (writer, region): (Writer, &str),
) -> Handle<LogGroupOutput> {
    let retention_days = blueprint.spec.monitoring.log_retention_days;
    let encryption = if region == blueprint.spec.region { encryption.clone() } else { Encryption::default() };
    let (region, key) = (region.to_owned(), encryption.key());
    let name = format!("{}{what}", log_group::PREFIX);
    graph.add(name, &kinds.log_group, encryption.made, move |made| log_group::Desired {
        writer,
        region: region.clone(),
        retention_days,
        key: key(made),
    })
}

/// Adds alarms that tell the same.
struct Ringer<'a> {
    graph: &'a mut Graph,
    kinds: &'a Kinds,
    topic: Handle<TopicOutput>,
    others: BTreeSet<Id>,
}

impl Ringer<'_> {
    /// An alarm about what components are.
    fn add<I: Inputs>(
        &mut self,
        what: impl std::fmt::Display,
        about: I,
        watch: impl Fn(I::Value) -> Watch + Send + Sync + 'static,
    ) -> Handle<AlarmOutput> {
        let tells = self.tells();
        let name = format!("{}{what}", alarm::PREFIX);
        self.graph.add(name, &self.kinds.alarm, (self.topic, about), move |(topic, outputs)| {
            let Watch { path, description, metric, comparison, threshold, evaluation } = watch(outputs);
            let tells = tells(topic);
            alarm::Desired { says: Says { description, metric, comparison, threshold, evaluation, tells }, path }
        })
    }

    /// Whom all of them tell, once the topic is known.
    fn tells(&self) -> impl Fn(TopicOutput) -> Tells + Clone + Send + Sync + use<> {
        let others = self.others.clone();
        move |topic| Tells::all(others.iter().cloned().chain([topic.arn]))
    }
}

/// The topic, and everything that tells it.
fn alarms(
    graph: &mut Graph,
    kinds: &Kinds,
    (blueprint, encryption): (&Blueprint, &Encryption),
    watched: &Watched<'_>,
) -> (Handle<TopicOutput>, [Handle<AlarmOutput>; 2]) {
    let spec = &blueprint.spec.monitoring;
    let emails: BTreeSet<String> = spec.notify.iter().filter_map(|notify| notify.email.clone()).collect();
    let key = encryption.key();
    let topic = graph.add(TOPIC, &kinds.topic, encryption.made, move |made| topic::Desired {
        emails: emails.clone(),
        key: key(made),
    });
    let others = spec.notify.iter().filter_map(|notify| notify.topic_arn.clone()).map(Id).collect();
    let mut ringer = Ringer { graph, kinds, topic, others };
    let limits = spec.thresholds.clone();

    let Database { secret: _, user: _, primary, replicas } = watched.database;
    let (cpu, connections) = (limits.database_cpu_percent(), limits.database_connections(&blueprint.spec.database));
    let server = Server::of(blueprint.spec.database.engine);
    ringer.add("database-cpu", *primary, move |primary| watch::database_cpu(server, &primary.name, cpu));
    ringer.add("database-connections", *primary, move |primary| {
        watch::database_connections(server, &primary.name, connections)
    });
    // Aurora's storage grows by itself.
    if server == Server::Instance {
        let free = limits.database_free_storage_bytes(&blueprint.spec.database);
        ringer.add("database-storage", *primary, move |primary| watch::database_storage(&primary.name, free));
    }
    let lag = limits.replica_lag_seconds();
    for (number, replica) in (1..).zip(replicas) {
        ringer.add(format!("replica-lag-{number}"), *replica, move |it| watch::replica_lag(server, &it.name, lag));
    }

    let (cpu, hosts, errors) = (limits.web_cpu_percent(), limits.unhealthy_hosts(), limits.server_errors_per_minute());
    ringer.add("web-cpu", watched.compute.group, move |group| watch::web_cpu(&group.name, cpu));
    let door = watched.traffic.load_balancer;
    let behind = (door, watched.traffic.target_group);
    ringer.add("unhealthy-hosts", behind, move |(door, group)| watch::unhealthy_hosts(&door.arn, &group, hosts));
    let errors_behind =
        ringer.add("web-errors", behind, move |(door, group)| watch::web_errors(&door.arn, &group, errors));
    let no_hosts = ringer.add("no-hosts", behind, |(door, group)| watch::no_hosts(&door.arn, &group));
    let errors_before =
        ringer.add("load-balancer-errors", door, move |door| watch::load_balancer_errors(&door.arn, errors));
    let down = vec![no_hosts, errors_before];

    if let Some(cache) = watched.cache {
        let (cpu, evictions) = (limits.cache_cpu_percent(), limits.cache_evictions_per_minute());
        let (hits, engine) = (limits.cache_hit_percent(), cache.engine);
        for number in 1..=watch::nodes(engine, blueprint.spec.cache.nodes) {
            let node = move |cache: Endpoints| watch::node(engine, &cache.id, number);
            ringer.add(format!("cache-cpu-{number}"), cache.group, move |it| watch::cache_cpu(engine, &node(it), cpu));
            ringer.add(format!("cache-evictions-{number}"), cache.group, move |it| {
                watch::cache_evictions(&node(it), evictions)
            });
            // Memcached counts its hits and misses, and no share.
            if engine != CacheEngine::Memcached {
                ringer.add(format!("cache-hits-{number}"), cache.group, move |it| watch::cache_hits(&node(it), hits));
            }
        }
    }

    let tells = ringer.tells();
    let site = blueprint.spec.site.domains.first().cloned().unwrap_or_default();
    let inputs = (topic, down);
    graph.add(format!("{}site-down", alarm::PREFIX), &kinds.composite_alarm, inputs, move |(topic, down)| {
        composite_alarm::Says {
            description: format!("{site} is down: no healthy instance, or the load balancer answers with errors"),
            rule: composite_alarm::any(&down),
            tells: tells(topic),
        }
    });
    (topic, [errors_behind, errors_before])
}

/// Pictures of everything that has numbers.
fn dashboard(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, watched: &Watched<'_>) {
    let (stack, region) = (blueprint.stack.to_string(), blueprint.spec.region.clone());
    let (server, nodes) = (Server::of(blueprint.spec.database.engine), blueprint.spec.cache.nodes);
    let engine = watched.cache.map_or(CacheEngine::None, |cache| cache.engine);
    let door = (watched.traffic.load_balancer, watched.traffic.target_group, watched.compute.group);
    let database = (watched.database.primary, watched.database.replicas.clone());
    let (cache, cdn) = (watched.cache.map(|cache| cache.group), watched.cdn.map(|cdn| cdn.distribution));
    let inputs = (door, database, cache, cdn);
    graph.add(dashboard::DASHBOARD, &kinds.dashboard, inputs, move |(door, database, cache, cdn)| {
        let ((load_balancer, target_group, group), (primary, replicas)) = (door, database);
        let nodes = cache.map(|cache| {
            (1..=watch::nodes(engine, nodes)).map(|number| watch::node(engine, &cache.id, number)).collect()
        });
        let board = Board {
            stack: stack.clone(),
            region: region.clone(),
            load_balancer: load_balancer.arn,
            target_group,
            group: group.name,
            server,
            primary: primary.name,
            replicas: replicas.into_iter().map(|replica| replica.name).collect(),
            engine,
            nodes: nodes.unwrap_or_default(),
            distribution: cdn.map(|cdn| cdn.id),
        };
        dashboard::Desired { body: board.body() }
    });
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::{CacheEngine, Notify};

    use super::*;
    use crate::{Facts, Stack, assemble};

    fn nodes(change: impl Fn(&mut wpc_api::WordPressClusterSpec)) -> Vec<String> {
        let mut spec = WordPressCluster::fixture().spec;
        change(&mut spec);
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let nodes = graph.nodes().filter_map(|(name, _)| name.strip_prefix("monitoring/"));
        nodes.map(str::to_owned).collect()
    }

    #[test]
    fn everything_that_the_site_has_is_watched() {
        let all = nodes(|spec| {
            spec.database.read_replicas = 2;
            spec.cache.nodes = 2;
        });
        let expected = [
            "log-web",
            "topic",
            "alarm-database-cpu",
            "alarm-database-connections",
            "alarm-database-storage",
            "alarm-replica-lag-1",
            "alarm-replica-lag-2",
            "alarm-web-cpu",
            "alarm-unhealthy-hosts",
            "alarm-web-errors",
            "alarm-no-hosts",
            "alarm-load-balancer-errors",
            "alarm-cache-cpu-1",
            "alarm-cache-evictions-1",
            "alarm-cache-hits-1",
            "alarm-cache-cpu-2",
            "alarm-cache-evictions-2",
            "alarm-cache-hits-2",
            "alarm-site-down",
            "dashboard",
        ];
        assert_eq!(all, expected);
        let less = nodes(|spec| {
            spec.database.read_replicas = 0;
            spec.cache.engine = CacheEngine::None;
        });
        assert!(!less.iter().any(|name| name.contains("cache") || name.contains("lag")), "{less:?}");
        let off = nodes(|spec| {
            spec.monitoring.alarms = false;
            spec.monitoring.dashboard = false;
            spec.monitoring.notify = vec![Notify { email: Some("web@example.com".into()), topic_arn: None }];
        });
        assert_eq!(off, ["log-web"]);
    }
}
