use wpc_engine::{Graph, Handle};

use super::Encryption;
use crate::monitoring::log_group::{Desired, LogGroupOutput, PREFIX, Writer};
use crate::{Blueprint, Kinds};

/// What watches the site.
#[derive(Debug, Clone, Copy)]
pub struct Monitoring {
    /// Where the instances' logs go.
    pub web_log: Handle<LogGroupOutput>,
}

/// A group for the instances' logs.
pub(super) fn monitoring(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    encryption: &Encryption,
) -> Monitoring {
    let web_log = log_group(graph, kinds, (blueprint, encryption), "web", (Writer::Any, &blueprint.spec.region));
    Monitoring { web_log }
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
    graph.add(format!("{PREFIX}{what}"), &kinds.log_group, encryption.made, move |made| Desired {
        writer,
        region: region.clone(),
        retention_days,
        key: key(made),
    })
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use crate::{Blueprint, Facts, Kinds, Stack, assemble};

    #[test]
    fn the_instances_have_a_log() {
        let spec = WordPressCluster::fixture().spec;
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        let nodes: Vec<_> = graph.nodes().filter(|(name, _)| name.starts_with("monitoring/")).collect();
        assert_eq!(nodes, [("monitoring/log-web", "logs/log-group")]);
    }
}
