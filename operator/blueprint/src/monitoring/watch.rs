//! What is watched, and when it is wrong. The numbers are those of "CloudWatch metrics" in the user guides of Amazon RDS,
//! Amazon EC2, Elastic Load Balancing and Amazon ElastiCache.

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

fn instance(name: &Id) -> [(&str, &str); 1] {
    [("DBInstanceIdentifier", name.as_str())]
}

/// The database computes too much.
pub fn database_cpu(name: &Id, percent: u8) -> Watch {
    let metric = metric(DATABASE, "CPUUtilization", "Average", &instance(name));
    let path = "monitoring.thresholds.databaseCPUPercent";
    above(path, metric, percent.into(), quarter(), "The database is busy: a larger class, or fewer queries")
}

/// The database has too many clients.
pub fn database_connections(name: &Id, connections: u32) -> Watch {
    let metric = metric(DATABASE, "DatabaseConnections", "Average", &instance(name));
    let path = "monitoring.thresholds.databaseConnections";
    above(path, metric, connections.into(), quarter(), "The database is near the most connections that it takes")
}

/// The database's disk is nearly full.
pub fn database_storage(name: &Id, bytes: u64) -> Watch {
    let metric = metric(DATABASE, "FreeStorageSpace", "Minimum", &instance(name));
    let path = "monitoring.thresholds.databaseFreeStoragePercent";
    // Exact up to eight petabytes.
    #[allow(clippy::cast_precision_loss)]
    let bytes = bytes as f64;
    below(path, metric, bytes, lasting(300, (1, 1), Missing::Unknown), "The database's storage is nearly full")
}

/// A replica is late.
pub fn replica_lag(name: &Id, seconds: u32) -> Watch {
    let metric = metric(DATABASE, "ReplicaLag", "Average", &instance(name));
    let path = "monitoring.thresholds.replicaLagSeconds";
    above(path, metric, seconds.into(), lasting(60, (5, 5), Missing::Unknown), "A replica is behind its source")
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

/// The name of a replication group's node.
pub fn node(group: &Id, number: u8) -> String {
    format!("{group}-{number:03}")
}

fn cache(node: &str, name: &str, statistic: &str) -> Metric {
    metric(CACHE, name, statistic, &[("CacheClusterId", node)])
}

/// A node's engine, which has one thread, computes too much.
pub fn cache_cpu(node: &str, percent: u8) -> Watch {
    let metric = cache(node, "EngineCPUUtilization", "Average");
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
        assert_eq!(node(&"gazette-cache".into(), 2), "gazette-cache-002");
        assert_eq!(cache_hits("gazette-001", 50).comparison, "LessThanThreshold");
    }

    #[test]
    fn what_stops_counting_is_wrong_and_what_counts_nothing_is_fine() {
        let (balancer, group) = (Id::from("lb"), Id::from("tg"));
        assert_eq!(no_hosts(&balancer, &group).evaluation.missing, "breaching");
        assert_eq!(web_errors(&balancer, &group, 20).evaluation.missing, "notBreaching");
        assert_eq!(database_cpu(&"db".into(), 80).evaluation.missing, "missing");
    }
}
