//! What is watched, and when it is wrong. The numbers are those of "CloudWatch metrics" in the user guides of Amazon RDS,
//! Amazon EC2, Elastic Load Balancing and Amazon ElastiCache.

use wpc_api::v1alpha1::{CacheEngine, DatabaseEngine};
use wpc_engine::Id;

use super::alarm::{Evaluation, Metric};

/// A number, and when it is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// The path of the threshold, as the spec has it.
    pub path: &'static str,
    /// What is wrong then, for people.
    pub description: String,
    /// What is measured.
    pub metric: Metric,
    /// `GreaterThanThreshold` or `LessThanThreshold`.
    pub comparison: String,
    /// What it is compared with.
    pub threshold: f64,
    /// How long it must last.
    pub evaluation: Evaluation,
}

const DATABASE: &str = "AWS/RDS";
const BALANCER: &str = "AWS/ApplicationELB";
const CACHE: &str = "AWS/ElastiCache";

/// How a number that is not there is taken.
#[derive(Clone, Copy)]
enum Missing {
    /// Nothing is known: the alarm says so.
    Unknown,
    /// Nothing happened.
    Fine,
    /// What should count has stopped.
    Wrong,
}

impl Missing {
    fn name(self) -> &'static str {
        match self {
            Self::Unknown => "missing",
            Self::Fine => "notBreaching",
            Self::Wrong => "breaching",
        }
    }
}

/// For so long: seconds of one measurement, and how many of how many.
fn lasting(period: i32, (points, of): (i32, i32), missing: Missing) -> Evaluation {
    Evaluation { period, points, of, missing: missing.name().into() }
}

fn metric(namespace: &str, name: &str, statistic: &str, dimensions: &[(&str, &str)]) -> Metric {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Metric { namespace: namespace.into(), name: name.into(), statistic: statistic.into(), dimensions }
}

fn above(path: &'static str, metric: Metric, threshold: f64, evaluation: Evaluation, description: &str) -> Watch {
    let comparison = "GreaterThanThreshold".to_owned();
    Watch { path, description: description.into(), metric, comparison, threshold, evaluation }
}

fn below(path: &'static str, metric: Metric, threshold: f64, evaluation: Evaluation, description: &str) -> Watch {
    let comparison = "LessThanThreshold".to_owned();
    Watch { comparison, ..above(path, metric, threshold, evaluation, description) }
}

/// A quarter of an hour, without a break.
fn quarter() -> Evaluation {
    lasting(300, (3, 3), Missing::Unknown)
}

/// What the numbers of a database are named by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// An instance.
    Instance,
    /// A cluster of Aurora, by its writer.
    Cluster,
}

impl Server {
    /// What an engine has.
    pub fn of(engine: DatabaseEngine) -> Self {
        match engine {
            DatabaseEngine::AuroraMySql => Self::Cluster,
            DatabaseEngine::MySql | DatabaseEngine::MariaDb => Self::Instance,
        }
    }

    fn metric(self, metric: &str, name: &Id) -> Metric {
        match self {
            Self::Instance => instance(metric, "Average", name),
            Self::Cluster => {
                let dimensions = [("DBClusterIdentifier", name.as_str()), ("Role", "WRITER")];
                self::metric(DATABASE, metric, "Average", &dimensions)
            }
        }
    }
}

fn instance(name: &str, statistic: &str, id: &Id) -> Metric {
    metric(DATABASE, name, statistic, &[("DBInstanceIdentifier", id.as_str())])
}

/// The database computes too much.
pub fn database_cpu(server: Server, name: &Id, percent: u8) -> Watch {
    let metric = server.metric("CPUUtilization", name);
    let path = "monitoring.thresholds.databaseCPUPercent";
    above(path, metric, percent.into(), quarter(), "The database is busy: a larger class, or fewer queries")
}

/// The database has too many clients.
pub fn database_connections(server: Server, name: &Id, connections: u32) -> Watch {
    let metric = server.metric("DatabaseConnections", name);
    let path = "monitoring.thresholds.databaseConnections";
    above(path, metric, connections.into(), quarter(), "The database is near the most connections that it takes")
}

/// The database's disk is nearly full.
pub fn database_storage(name: &Id, bytes: u64) -> Watch {
    let metric = instance("FreeStorageSpace", "Minimum", name);
    let path = "monitoring.thresholds.databaseFreeStoragePercent";
    // Exact up to eight petabytes.
    #[allow(clippy::cast_precision_loss)]
    let bytes = bytes as f64;
    below(path, metric, bytes, lasting(300, (1, 1), Missing::Unknown), "The database's storage is nearly full")
}

/// A replica is late. Aurora counts in milliseconds, and nothing of the one that is the writer.
pub fn replica_lag(server: Server, name: &Id, seconds: u32) -> Watch {
    let (metric, unit, missing) = match server {
        Server::Instance => ("ReplicaLag", 1.0, Missing::Unknown),
        Server::Cluster => ("AuroraReplicaLag", 1000.0, Missing::Fine),
    };
    let path = "monitoring.thresholds.replicaLagSeconds";
    let (metric, limit) = (instance(metric, "Average", name), f64::from(seconds) * unit);
    above(path, metric, limit, lasting(60, (5, 5), missing), "A replica is behind its source")
}

/// The web instances compute too much, though Auto Scaling adds some.
pub fn web_cpu(group: &Id, percent: u8) -> Watch {
    let metric = metric("AWS/EC2", "CPUUtilization", "Average", &[("AutoScalingGroupName", group.as_str())]);
    let path = "monitoring.thresholds.webCPUPercent";
    above(path, metric, percent.into(), quarter(), "The web instances are busy: are there as many as may be?")
}

/// What an ARN of Elastic Load Balancing is in a dimension: its last part.
pub(super) fn dimension(arn: &Id) -> &str {
    let tail = arn.0.rsplit(':').next().unwrap_or(&arn.0);
    tail.strip_prefix("loadbalancer/").unwrap_or(tail)
}

fn targets(balancer: &Id, group: &Id, name: &str, statistic: &str) -> Metric {
    let dimensions = [("LoadBalancer", dimension(balancer)), ("TargetGroup", dimension(group))];
    metric(BALANCER, name, statistic, &dimensions)
}

/// Instances fail their health check.
pub fn unhealthy_hosts(balancer: &Id, group: &Id, hosts: u16) -> Watch {
    let metric = targets(balancer, group, "UnHealthyHostCount", "Maximum");
    let path = "monitoring.thresholds.unhealthyHosts";
    above(path, metric, hosts.into(), lasting(60, (5, 5), Missing::Fine), "Web instances fail their health check")
}

/// Nobody serves.
pub fn no_hosts(balancer: &Id, group: &Id) -> Watch {
    let metric = targets(balancer, group, "HealthyHostCount", "Maximum");
    let path = "monitoring.alarms.noHosts";
    below(path, metric, 1.0, lasting(60, (2, 2), Missing::Wrong), "No web instance is healthy")
}

/// Instances answer with errors.
pub fn web_errors(balancer: &Id, group: &Id, errors: u32) -> Watch {
    let metric = targets(balancer, group, "HTTPCode_Target_5XX_Count", "Sum");
    let path = "monitoring.thresholds.serverErrorsPerMinute";
    above(path, metric, errors.into(), lasting(60, (3, 5), Missing::Fine), "WordPress answers with errors (5xx)")
}

/// The load balancer answers with errors of its own: it finds nobody, or nobody answers in time.
pub fn load_balancer_errors(balancer: &Id, errors: u32) -> Watch {
    let dimensions = [("LoadBalancer", dimension(balancer))];
    let metric = metric(BALANCER, "HTTPCode_ELB_5XX_Count", "Sum", &dimensions);
    let path = "monitoring.thresholds.serverErrorsPerMinute";
    let evaluation = lasting(60, (3, 5), Missing::Fine);
    above(path, metric, errors.into(), evaluation, "The load balancer answers with errors of its own (5xx)")
}

/// How many things of a cache have numbers of their own: each node of a replication group; of Memcached the cluster.
pub fn nodes(engine: CacheEngine, nodes: u8) -> u8 {
    if engine == CacheEngine::Memcached { 1 } else { nodes }
}

/// The name of a replication group's node, or of a cluster of Memcached.
pub fn node(engine: CacheEngine, cache: &Id, number: u8) -> String {
    match engine {
        CacheEngine::Memcached => cache.0.clone(),
        CacheEngine::Valkey | CacheEngine::Redis | CacheEngine::None => format!("{cache}-{number:03}"),
    }
}

/// What tells how busy a cache is: its engine's one thread, or the nodes of Memcached, which has many.
pub(super) fn busy(engine: CacheEngine) -> &'static str {
    if engine == CacheEngine::Memcached { "CPUUtilization" } else { "EngineCPUUtilization" }
}

fn cache(node: &str, name: &str, statistic: &str) -> Metric {
    metric(CACHE, name, statistic, &[("CacheClusterId", node)])
}

/// A node computes too much.
pub fn cache_cpu(engine: CacheEngine, node: &str, percent: u8) -> Watch {
    let metric = cache(node, busy(engine), "Average");
    let path = "monitoring.thresholds.cacheCPUPercent";
    above(path, metric, percent.into(), quarter(), "The cache is busy: a larger node type")
}

/// A node drops what it should keep.
pub fn cache_evictions(node: &str, evictions: u32) -> Watch {
    let metric = cache(node, "Evictions", "Sum");
    let path = "monitoring.thresholds.cacheEvictionsPerMinute";
    let evaluation = lasting(60, (5, 5), Missing::Fine);
    above(path, metric, evictions.into(), evaluation, "The cache is full and drops what is in use: a larger node type")
}

/// A node rarely has what it is asked for.
pub fn cache_hits(node: &str, percent: u8) -> Watch {
    let metric = cache(node, "CacheHitRate", "Average");
    let path = "monitoring.thresholds.cacheHitPercent";
    let evaluation = lasting(900, (4, 4), Missing::Fine);
    below(path, metric, percent.into(), evaluation, "The cache rarely has what it is asked for")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_the_names_that_cloudwatch_knows() {
        let balancer = Id::from("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/gazette/50dc6c495c0c9188");
        let group = Id::from("arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/gazette/6d0ecf831eec9f09");
        let watch = unhealthy_hosts(&balancer, &group, 0);
        assert_eq!(
            watch.metric.to_string(),
            "AWS/ApplicationELB UnHealthyHostCount Maximum of \
             LoadBalancer=app/gazette/50dc6c495c0c9188,TargetGroup=targetgroup/gazette/6d0ecf831eec9f09"
        );
        assert_eq!(node(CacheEngine::Valkey, &"gazette-cache".into(), 2), "gazette-cache-002");
        assert_eq!(node(CacheEngine::Memcached, &"gazette-cache".into(), 1), "gazette-cache");
        let lag = |server| replica_lag(server, &"db".into(), 30);
        assert_eq!((lag(Server::Instance).threshold, lag(Server::Cluster).threshold), (30.0, 30_000.0));
        assert_eq!(
            database_cpu(Server::Cluster, &"db".into(), 80).metric.to_string(),
            "AWS/RDS CPUUtilization Average of DBClusterIdentifier=db,Role=WRITER"
        );
        assert_eq!(cache_hits("gazette-001", 50).comparison, "LessThanThreshold");
    }

    #[test]
    fn what_stops_counting_is_wrong_and_what_counts_nothing_is_fine() {
        let (balancer, group) = (Id::from("lb"), Id::from("tg"));
        assert_eq!(no_hosts(&balancer, &group).evaluation.missing, "breaching");
        assert_eq!(web_errors(&balancer, &group, 20).evaluation.missing, "notBreaching");
        assert_eq!(database_cpu(Server::Instance, &"db".into(), 80).evaluation.missing, "missing");
    }
}
