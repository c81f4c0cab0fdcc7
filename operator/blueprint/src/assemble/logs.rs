use std::collections::BTreeSet;

use serde_json::Value;
use wpc_engine::{Graph, Handle, Id, Key};

use super::{Cdn, Encryption, Network, monitoring};
use crate::cdn::{log_delivery, log_destination, log_source};
use crate::media::bucket::{ABORT_AFTER_DAYS, BucketOutput, Desired, Rule};
use crate::media::{AUDIT, CDN_LOGS, bucket_policy};
use crate::monitoring::log_group::Writer;
use crate::network::{flow_log, flow_log_role};
use crate::{Blueprint, Kinds};

/// Logs of requests are archived as old uploads are, and removed a year after.
const KEPT_IN_ARCHIVE_DAYS: i32 = 365;

/// A bucket for logs, once those may use it who write there: AWS tries at once. They take only what S3 encrypts with its
/// own keys, or bring a key along. What an audit asks for is never removed.
pub(super) fn bucket(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    component: &'static str,
    allowed: impl Fn(&BucketOutput) -> Vec<Value> + Send + Sync + 'static,
) -> Handle<Id> {
    let archive = i32::from(blueprint.spec.media.archive_after_days);
    let mut lifecycle = BTreeSet::from([Rule::AbortUploads(ABORT_AFTER_DAYS), Rule::Archive(archive)]);
    if component != AUDIT {
        lifecycle.insert(Rule::Expire(archive + KEPT_IN_ARCHIVE_DAYS));
    }
    let want = Desired { versioning: false, origins: BTreeSet::new(), lifecycle, key: None };
    let bucket = graph.add(component, &kinds.bucket, (), move |()| want.clone());
    let name = bucket_policy::key_of(&Key::of(component)).name;
    graph.add(name, &kinds.bucket_policy, bucket, move |bucket| bucket_policy::Desired {
        allowed: allowed(&bucket),
        bucket,
    })
}

/// A log of the distribution's requests, where that is asked for.
pub(super) fn cdn_logs(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, cdn: Option<&Cdn>) {
    let Some(cdn) = cdn.filter(|_| blueprint.spec.cdn.access_logs) else { return };
    let allowed = |bucket: &BucketOutput| vec![bucket_policy::deliveries(bucket)];
    let bucket = bucket(graph, kinds, blueprint, CDN_LOGS, allowed);
    let destination = graph
        .add(log_destination::COMPONENT, &kinds.log_destination, bucket, |bucket| log_destination::Desired { bucket });
    let source = graph.add(log_source::COMPONENT, &kinds.log_source, cdn.distribution, |distribution| {
        log_source::Desired { distribution: distribution.arn }
    });
    graph.add(log_delivery::COMPONENT, &kinds.log_delivery, (source, destination), |(source, destination)| {
        log_delivery::Desired { source, destination }
    });
}

/// A record of the network's traffic, where that is asked for. What a network that exists records is its owner's to say.
pub(super) fn flow_logs(
    graph: &mut Graph,
    kinds: &Kinds,
    (blueprint, encryption): (&Blueprint, &Encryption),
    network: &Network,
) {
    if !blueprint.spec.network.flow_logs || blueprint.existing.is_some() {
        return;
    }
    let place = (Writer::Any, blueprint.spec.region.as_str());
    let log = monitoring::log_group(graph, kinds, (blueprint, encryption), "flow", place);
    let boundary = blueprint.boundary.clone();
    let role = graph.add(flow_log_role::ROLE, &kinds.flow_log_role, log, move |log| flow_log_role::Desired {
        log_group: log.arn,
        boundary: boundary.clone(),
    });
    let inputs = (network.vpc, log, role);
    graph.add(flow_log::FLOW_LOG, &kinds.flow_log, inputs, |(vpc, log, role)| flow_log::Desired {
        vpc,
        log_group: log.name,
        role: role.arn,
    });
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn requests_are_logged_where_there_is_a_distribution_and_the_bucket_may_be_written_to_first() {
        let edges = |enabled| {
            let mut spec = WordPressCluster::fixture().spec;
            (spec.cdn.enabled, spec.cdn.access_logs) = (enabled, true);
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            assemble(&blueprint, &Kinds::offline()).graph.edges()
        };
        let logged = edges(true);
        let needs = |to: &str, from: &str| logged.iter().any(|edge| edge.to == to && edge.from == from);
        assert!(needs("cdn/log-delivery", "cdn/log-source") && needs("cdn/log-delivery", "cdn/log-destination"));
        assert!(needs("cdn/log-source", "cdn/distribution"));
        assert!(needs("cdn/log-destination", "cdn/logs-bucket-policy"));
        assert!(!edges(false).iter().any(|edge| edge.to.starts_with("cdn/log")));
    }

    #[test]
    fn a_network_is_recorded_only_where_that_is_asked_for() {
        let nodes = |flow_logs| {
            let mut spec = WordPressCluster::fixture().spec;
            spec.network.flow_logs = flow_logs;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            let graph = assemble(&blueprint, &Kinds::offline()).graph;
            let flow = |name: &&str| name.contains("flow");
            graph.nodes().map(|(name, _)| name).filter(flow).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(nodes(true), ["monitoring/log-flow", "network/flow-log-role", "network/flow-log"]);
        assert!(nodes(false).is_empty());
    }
}
