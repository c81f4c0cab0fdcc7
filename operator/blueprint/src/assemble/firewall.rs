use wpc_engine::{Graph, Handle, Id};

use super::{Encryption, Traffic, monitoring};
use crate::firewall::ip_set::{self, List, Version};
use crate::firewall::{Scope, association, logging, rules, web_acl};
use crate::monitoring::log_group::Writer;
use crate::{Blueprint, Kinds};

/// The firewall's outputs.
#[derive(Debug, Clone, Copy)]
pub struct Firewall {
    /// The web ACL.
    pub web_acl: Handle<Id>,
}

/// A firewall before the content delivery network, which names it; where there is none, before the load balancer.
pub(super) fn firewall(
    graph: &mut Graph,
    kinds: &Kinds,
    (blueprint, encryption): (&Blueprint, &Encryption),
    traffic: &Traffic,
) -> Option<Firewall> {
    let logs = blueprint.spec.firewall.logging;
    let spec = blueprint.spec.firewall.clone();
    if !spec.enabled {
        return None;
    }
    let scope = if blueprint.spec.cdn.enabled { Scope::CloudFront } else { Scope::Regional };
    let mut sets = |list: List, texts: &[String]| {
        let mut handles = vec![];
        for version in [Version::V4, Version::V6] {
            let networks = ip_set::networks(texts, version);
            if !networks.is_empty() {
                let want = ip_set::Desired { scope, list, version, networks };
                handles.push(graph.add(ip_set::component(list, version), &kinds.ip_set, (), move |()| want.clone()));
            }
        }
        handles
    };
    let (deny, allow) = (sets(List::Deny, &spec.deny_cidrs), sets(List::Allow, &spec.allow_cidrs));
    let web_acl = graph.add(web_acl::COMPONENT, &kinds.web_acl, (deny, allow), move |(deny, allow)| web_acl::Desired {
        scope,
        rules: rules(&spec, deny, allow),
    });
    if logs {
        let place = (Writer::Firewall, scope.region(&blueprint.spec.region));
        let log = monitoring::log_group(graph, kinds, (blueprint, encryption), "firewall", place);
        graph.add(logging::COMPONENT, &kinds.firewall_logging, (web_acl, log), move |(web_acl, log)| {
            logging::Desired { scope, web_acl, log_group: log.arn }
        });
    }
    if scope == Scope::Regional {
        let inputs = (web_acl, traffic.load_balancer);
        graph.add(association::COMPONENT, &kinds.web_acl_association, inputs, |(web_acl, door)| association::Desired {
            web_acl,
            load_balancer: door.arn,
        });
    }
    Some(Firewall { web_acl })
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    fn nodes(edit: impl Fn(&mut wpc_api::WordPressClusterSpec)) -> Vec<String> {
        let mut spec = WordPressCluster::fixture().spec;
        edit(&mut spec);
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        let graph = assemble(&blueprint, &Kinds::offline()).graph;
        graph.nodes().map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("firewall/")).collect()
    }

    #[test]
    fn it_stands_before_what_visitors_meet_first() {
        assert_eq!(nodes(|_| {}), [web_acl::COMPONENT]);
        assert_eq!(nodes(|spec| spec.cdn.enabled = false), [web_acl::COMPONENT, association::COMPONENT]);
        assert!(nodes(|spec| spec.firewall.enabled = false).is_empty());
    }

    #[test]
    fn it_writes_only_where_that_is_asked_for() {
        assert_eq!(nodes(|spec| spec.firewall.logging = true), [web_acl::COMPONENT, logging::COMPONENT]);
        let off = |spec: &mut wpc_api::WordPressClusterSpec| {
            spec.firewall.logging = true;
            spec.firewall.enabled = false;
        };
        assert!(nodes(off).is_empty());
    }

    #[test]
    fn there_are_sets_only_of_what_is_listed() {
        let nodes = nodes(|spec| {
            spec.firewall.allow_cidrs = vec!["203.0.113.0/24".into(), "2001:db8::/32".into()];
            spec.firewall.deny_cidrs = vec!["198.51.100.0/24".into()];
        });
        assert_eq!(nodes, ["firewall/deny-ipv4", "firewall/allow-ipv4", "firewall/allow-ipv6", web_acl::COMPONENT]);
    }
}
