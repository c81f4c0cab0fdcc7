use wpc_api::annotations::TAG_STACK;
use wpc_engine::{Graph, Handle, Id};

use crate::budget::{self, COMPONENT, Tells};
use crate::{Blueprint, Kinds};

/// A budget, where one is set. It tells the first topic that alarms reach, else the site's administrator.
pub(super) fn budget(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint) -> Option<Handle<Id>> {
    let spec = &blueprint.spec;
    let monthly_usd = spec.budget.monthly_usd?;
    let topic = spec.monitoring.notify.iter().find_map(|notify| notify.topic_arn.clone());
    let tells = topic.map_or_else(|| Tells::Email(spec.site.admin_email.clone()), Tells::Topic);
    let filter = budget::filter(TAG_STACK, &blueprint.stack.to_string());
    let want = budget::Desired { monthly_usd, tells, filter };
    Some(graph.add(COMPONENT, &kinds.budget, (), move |()| want.clone()))
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    #[test]
    fn there_is_one_where_one_is_set() {
        let has = |monthly_usd| {
            let mut spec = WordPressCluster::fixture().spec;
            spec.budget.monthly_usd = monthly_usd;
            let facts = Facts::assumed(&spec.region);
            let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
            assemble(&blueprint, &Kinds::offline()).graph.nodes().any(|(name, _)| name == COMPONENT)
        };
        assert!(has(Some(900)) && !has(None));
    }
}
