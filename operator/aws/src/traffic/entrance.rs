use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, FixedResponseActionConfig, HttpHeaderConditionConfig, Rule, RuleCondition,
};
use wpc_blueprint::cdn::{ORIGIN_HEADER, proof};
use wpc_blueprint::traffic::entrance::{
    CREATE, DELETE, DESCRIBE, Desired, Entrance, MODIFY, OTHERS, Observed, PRIORITY, SECRET, TARGET_GROUP,
};
use wpc_blueprint::traffic::listener;
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{NOT_FOUND, leads_to, refuses};
use crate::Cloud;
use crate::call::{absent, claim, gone};

impl Verbs<Entrance> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Entrance>>, Fault> {
        let doors = self.doors().await?;
        let of = |rules: &Vec<Rule>| -> Vec<Found<Entrance>> {
            let ours = |rule: &Rule| self.listed(&doors.tags(rule.rule_arn()), observed(rule, rules)?);
            rules.iter().filter_map(ours).collect()
        };
        Ok(doors.rules.iter().flat_map(of).collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Entrance>>, Fault> {
        let port = port_of(&id.0);
        let port = port.ok_or_else(|| Fault::invalid(format!("{id} is no ARN of a rule")).in_action(DESCRIBE))?;
        self.found_rule(key, &self.rules_of_port(&port).await?, |rule| rule.rule_arn() == Some(id.as_str())).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let secret = self.secret_value(&want.secret).await?;
        let request = self
            .clients
            .elb
            .create_rule()
            .listener_arn(&want.listener.0)
            .priority(PRIORITY.into())
            .conditions(sends([secret.expose().to_owned()]))
            .actions(forward(want))
            .set_tags(Some(self.new_elb_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, &["PriorityInUse"])? {
            Some(made) => CREATE.id(made.rules().first().and_then(|made| made.rule_arn())),
            None => {
                let rules = self.rules_of_port(&want.listener.0).await?;
                let taken = |rule: &Rule| rule.priority() == Some(PRIORITY.to_string().as_str());
                claim::<Entrance>(CREATE, self.found_rule(key, &rules, taken).await?)
            }
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let request = self.clients.elb.modify_rule().rule_arn(&have.id.0);
        if changed(SECRET) {
            let known = if want.proven() { BTreeSet::new() } else { self.known_secrets(have).await? };
            let secret = self.secret_value(&want.secret).await?.expose().to_owned();
            let request = request.clone().conditions(sends(known.into_iter().chain([secret])));
            self.call(MODIFY, request.send()).await?;
        }
        if changed(TARGET_GROUP) {
            self.call(MODIFY, request.actions(forward(want)).send()).await?;
        }
        if changed(OTHERS) {
            let request = self.clients.elb.modify_listener().listener_arn(&have.listener.0);
            self.call(listener::MODIFY, request.default_actions(refuse()).send()).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        gone(self.call(DELETE, self.clients.elb.delete_rule().rule_arn(&have.id.0).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_elb(key, &have.id).await
    }
}

impl Cloud {
    /// The rules of a port, the one of its default action among them.
    pub(super) async fn rules_of_port(&self, listener: &str) -> Result<Vec<Rule>, Fault> {
        let request = self.clients.elb.describe_rules().listener_arn(listener);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let answer = self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>()).await;
        Ok(absent(answer, NOT_FOUND)?.unwrap_or_default())
    }

    async fn found_rule(
        &self,
        key: &Key,
        rules: &[Rule],
        which: impl Fn(&Rule) -> bool,
    ) -> Result<Option<Found<Entrance>>, Fault> {
        let found = rules.iter().find(|rule| which(rule)).and_then(|rule| observed(rule, rules));
        let Some(have) = found else { return Ok(None) };
        let tags = self.elb_tags(&have.id.0).await?;
        Ok(Some(self.at(key, &tags, have)))
    }

    /// What lets in now.
    async fn known_secrets(&self, have: &Observed) -> Result<BTreeSet<String>, Fault> {
        let rules = self.rules_of_port(&have.listener.0).await?;
        let ours = rules.iter().filter(|rule| rule.rule_arn() == Some(have.id.as_str()));
        Ok(ours.flat_map(secrets).map(str::to_owned).collect())
    }
}

/// A rule's ARN is its port's, with its own id at the end.
fn port_of(rule: &str) -> Option<String> {
    Some(rule.rsplit_once('/')?.0.replacen(":listener-rule/", ":listener/", 1))
}

fn sends(secrets: impl IntoIterator<Item = String>) -> RuleCondition {
    let header = HttpHeaderConditionConfig::builder().http_header_name(ORIGIN_HEADER);
    let header = header.set_values(Some(secrets.into_iter().collect())).build();
    RuleCondition::builder().field("http-header").http_header_config(header).build()
}

fn forward(want: &Desired) -> Action {
    Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&want.target_group.0).build()
}

fn refuse() -> Action {
    let answer = FixedResponseActionConfig::builder().status_code("403").content_type("text/plain").build();
    Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(answer).build()
}

/// What a rule wants to be sent.
fn secrets(rule: &Rule) -> impl Iterator<Item = &str> {
    let headers = rule.conditions().iter().filter_map(|condition| condition.http_header_config());
    let ours = headers.filter(|header| header.http_header_name() == Some(ORIGIN_HEADER));
    ours.flat_map(|header| header.values()).map(String::as_str)
}

/// Secrets are known by their digests from here on.
fn observed(rule: &Rule, all: &[Rule]) -> Option<Observed> {
    if rule.is_default() == Some(true) {
        return None;
    }
    let arn = rule.rule_arn()?;
    let default = all.iter().find(|rule| rule.is_default() == Some(true));
    Some(Observed {
        id: Id(arn.to_owned()),
        listener: Id(port_of(arn)?),
        target_groups: leads_to(rule.actions()),
        accepts: secrets(rule).map(proof).collect(),
        closed: default.is_some_and(|rule| rule.actions().iter().any(refuses)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_as_it_was_written_without_its_secret() {
        let port = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/lb/1/2";
        let rule =
            |id: &str| Rule::builder().rule_arn(format!("{}/{id}", port.replace(":listener/", ":listener-rule/")));
        let want = Desired {
            listener: port.into(),
            target_group: "arn:tg".into(),
            secret: wpc_blueprint::secret::Stored { arn: "arn:s".into(), version: None, digest: None },
            sent: None,
        };
        let ours = rule("3").is_default(false).conditions(sends(["hush".to_owned()])).actions(forward(&want)).build();
        let default = |action: Action| rule("4").is_default(true).actions(action).build();
        let have = observed(&ours, &[ours.clone(), default(refuse())]).unwrap();
        assert_eq!((have.listener.as_str(), have.closed), (port, true));
        assert_eq!((have.target_groups, have.accepts), (["arn:tg".into()].into(), [proof("hush")].into()));
        assert!(!observed(&ours, &[default(forward(&want))]).unwrap().closed);
        assert_eq!(observed(&default(refuse()), &[]), None);
    }
}
