//! Traffic kinds, all of Elastic Load Balancing.

mod entrance;
mod listener;
mod load_balancer;
mod target_group;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::types::{Action, Listener, LoadBalancer, Rule, Tag, TargetGroup};
use wpc_blueprint::traffic::{listener as port, load_balancer as door, target_group as targets};
use wpc_engine::{Class, Fault, Id, Key};

use crate::Cloud;
use crate::call::absent;
use crate::tag_cache::Tags;

/// Any of these is what AWS says of something that was there a moment ago.
pub(crate) const NOT_FOUND: &[&str] =
    &["LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound", "RuleNotFound"];

/// AWS takes so many ARNs in one question for tags.
const TAG_BATCH: usize = 20;

/// Everything of Elastic Load Balancing that bears the stack's names. Its lists show no tags, so they are asked for
/// all of it at once. Rules hold a secret: it has no Debug.
#[derive(Default)]
struct Doors {
    load_balancers: Vec<LoadBalancer>,
    target_groups: Vec<TargetGroup>,
    listeners: Vec<Listener>,
    /// Of each listener.
    rules: Vec<Vec<Rule>>,
    tags: HashMap<String, Tags>,
}

impl Doors {
    fn tags(&self, arn: Option<&str>) -> Tags {
        arn.and_then(|arn| self.tags.get(arn)).cloned().unwrap_or_default()
    }

    fn arns(&self) -> Vec<String> {
        let load_balancers = self.load_balancers.iter().filter_map(|it| it.load_balancer_arn());
        let target_groups = self.target_groups.iter().filter_map(|it| it.target_group_arn());
        let listeners = self.listeners.iter().filter_map(|it| it.listener_arn());
        // The rule of a default action comes and goes with its listener.
        let rules = self.rules.iter().flatten().filter(|it| it.is_default() != Some(true));
        let rules = rules.filter_map(|it| it.rule_arn());
        load_balancers.chain(target_groups).chain(listeners).chain(rules).map(Into::into).collect()
    }
}

impl Cloud {
    /// What the stack has here, asked for once a pass.
    async fn doors(&self) -> Result<Arc<Doors>, Fault> {
        let question = format!("{} {}", door::DESCRIBE_TAGS.name, self.labels.stack);
        self.shared(question, self.find_doors()).await
    }

    async fn find_doors(&self) -> Result<Doors, Fault> {
        let ours = |name: Option<&str>| name.is_some_and(|name| self.labels.stack.may_have_named(name));
        let (load_balancers, target_groups) = futures::try_join!(self.load_balancers(), self.target_groups())?;
        let mut doors = Doors {
            load_balancers: load_balancers.iter().filter(|it| ours(it.load_balancer_name())).cloned().collect(),
            target_groups: target_groups.iter().filter(|it| ours(it.target_group_name())).cloned().collect(),
            ..Doors::default()
        };
        for load_balancer in &doors.load_balancers {
            let arn = load_balancer.load_balancer_arn().unwrap_or_default();
            doors.listeners.extend(self.listeners(arn).await?);
        }
        for listener in &doors.listeners {
            doors.rules.push(self.rules_of_port(listener.listener_arn().unwrap_or_default()).await?);
        }
        doors.tags = self.elb_tags_of(doors.arns()).await?;
        Ok(doors)
    }

    async fn load_balancers(&self) -> Result<Arc<Vec<LoadBalancer>>, Fault> {
        let request =
            self.clients.elb.describe_load_balancers().into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(door::DESCRIBE, request.collect::<Result<Vec<_>, _>>());
        self.shared(door::DESCRIBE.name, fetch).await
    }

    async fn target_groups(&self) -> Result<Arc<Vec<TargetGroup>>, Fault> {
        let request =
            self.clients.elb.describe_target_groups().into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(targets::DESCRIBE, request.collect::<Result<Vec<_>, _>>());
        self.shared(targets::DESCRIBE.name, fetch).await
    }

    async fn listeners(&self, load_balancer: &str) -> Result<Vec<Listener>, Fault> {
        let request = self.clients.elb.describe_listeners().load_balancer_arn(load_balancer);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let answer = self.call(port::DESCRIBE, request.collect::<Result<Vec<_>, _>>()).await;
        Ok(absent(answer, NOT_FOUND)?.unwrap_or_default())
    }

    async fn elb_tags_of(&self, arns: Vec<String>) -> Result<HashMap<String, Tags>, Fault> {
        let fetch = |arns: Vec<String>| async move {
            let mut tags = HashMap::new();
            for batch in arns.chunks(TAG_BATCH) {
                tags.extend(self.describe_elb_tags(batch).await?);
            }
            Ok(tags)
        };
        self.tags_of_each(arns, fetch).await
    }

    /// One unknown ARN fails the whole question: something went while it was asked.
    async fn describe_elb_tags(&self, arns: &[String]) -> Result<Vec<(String, Tags)>, Fault> {
        let request = self.clients.elb.describe_tags().set_resource_arns(Some(arns.to_vec())).send();
        let answer = absent(self.call(door::DESCRIBE_TAGS, request).await, NOT_FOUND)?;
        let gone = || Fault::new(Class::Transient, "something was deleted while its tags were read");
        let described = answer.ok_or_else(gone)?.tag_descriptions.unwrap_or_default();
        Ok(described.iter().map(|of| (of.resource_arn().unwrap_or_default().to_owned(), tags(of.tags()))).collect())
    }

    /// The tags of one thing.
    async fn elb_tags(&self, arn: &str) -> Result<Tags, Fault> {
        Ok(self.elb_tags_of(vec![arn.to_owned()]).await?.remove(arn).unwrap_or_default())
    }

    /// Tags at creation.
    fn new_elb_tags(&self, key: &Key) -> Vec<Tag> {
        self.tags(key, |name, value| Tag::builder().key(name).value(value).build())
    }

    /// Writes a thing's tags again.
    async fn relabel_elb(&self, key: &Key, id: &Id) -> Result<(), Fault> {
        let request = self.clients.elb.add_tags().resource_arns(&id.0).set_tags(Some(self.new_elb_tags(key))).send();
        let written = self.call(door::ADD_TAGS, request).await.map(drop);
        self.forget(&id.0);
        written
    }
}

/// Where visitors go. A single group stands in the action itself and, in newer answers, in its configuration too.
fn leads_to(actions: &[Action]) -> BTreeSet<Id> {
    let single = actions.iter().filter_map(|action| action.target_group_arn());
    let weighted = actions.iter().filter_map(|action| action.forward_config());
    let weighted = weighted.flat_map(|config| config.target_groups()).filter_map(|it| it.target_group_arn());
    single.chain(weighted).map(Id::from).collect()
}

/// Whether an action refuses visitors.
fn refuses(action: &Action) -> bool {
    action.fixed_response_config().is_some_and(|answer| answer.status_code() == Some("403"))
}

fn tags(tags: &[Tag]) -> Tags {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect()
}
