use std::sync::Arc;

use aws_sdk_wafv2::types::{AllowAction, DefaultAction, VisibilityConfig, WebAcl as Sdk};
use wpc_blueprint::firewall::Scope;
use wpc_blueprint::firewall::web_acl::{
    CREATE, DEFAULT, DELETE, Desired, GET, LIST, Observed, RULES, UPDATE, WebAcl, key,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{Listed, NOT_FOUND, Place, built, described, rules, sdk_scope};
use crate::Cloud;
use crate::answer::bounded;
use crate::call::{absent, claim, gone, unknown};

impl Verbs<WebAcl> for Cloud {
    async fn list(&self) -> Result<Vec<Found<WebAcl>>, Fault> {
        let mut found = vec![];
        for key in Scope::ALL.map(key) {
            let Some(listed) = self.listed_web_acl(&key).await? else { continue };
            let about = format!("{} {}", listed.arn, listed.version);
            let arn = Id(listed.arn.clone());
            let read = async { Ok(self.read_web_acl(&arn).await?.map(|(acl, _)| observed(&acl))) };
            let Some(have) = self.seldom(&about, read).await? else { continue };
            found.push(self.at::<WebAcl>(&key, &self.waf_tags(&listed.arn).await?, have));
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<WebAcl>>, Fault> {
        let Some((acl, _)) = self.read_web_acl(id).await? else { return Ok(None) };
        Ok(Some(self.at(key, &self.waf_tags(&acl.arn).await?, observed(&acl))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let (scope, name) = (want.scope, self.name(key, 128));
        let seen = VisibilityConfig::builder().sampled_requests_enabled(true).cloud_watch_metrics_enabled(true);
        let request = self
            .waf(scope)
            .create_web_acl()
            .name(&name)
            .scope(sdk_scope(scope))
            .default_action(allow())
            .set_rules(Some(rules::all(&want.rules)?))
            .visibility_config(built(seen.metric_name(&name).build())?)
            .set_tags(Some(self.new_waf_tags(key)?))
            .send();
        match self.call(CREATE, request).await {
            Ok(made) => CREATE.id(made.summary.and_then(|summary| summary.arn)),
            Err(fault) if fault.is(&["WAFDuplicateItemException"]) => {
                let acls = bounded(self.list_web_acls(scope)).await?;
                let Some(taken) = acls.iter().find(|acl| acl.name == name) else {
                    return claim::<WebAcl>(CREATE, None);
                };
                claim(CREATE, Verbs::<WebAcl>::read(self, key, &Id(taken.arn.clone())).await?)
            }
            Err(fault) => Err(fault),
        }
    }

    /// AWS WAF takes a firewall only as a whole: what others have set beside its rules stays.
    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let (Place { scope, name, id }, false) = (Place::of(&have.arn)?, changes.is_empty()) else { return Ok(()) };
        let Some((acl, version)) = self.read_web_acl(&have.arn).await? else {
            return Err(Fault::unclear(UPDATE, format!("{} is gone", have.arn)));
        };
        let wanted = if changed(RULES) { Some(rules::all(&want.rules)?) } else { acl.rules };
        let default = if changed(DEFAULT) { Some(allow()) } else { acl.default_action };
        let request = self
            .waf(scope)
            .update_web_acl()
            .name(name)
            .scope(sdk_scope(scope))
            .id(id)
            .set_default_action(default)
            .set_rules(wanted)
            .set_description(described(acl.description))
            .set_visibility_config(acl.visibility_config)
            .set_data_protection_config(acl.data_protection_config)
            .set_custom_response_bodies(acl.custom_response_bodies)
            .set_captcha_config(acl.captcha_config)
            .set_challenge_config(acl.challenge_config)
            .set_token_domains(acl.token_domains)
            .set_association_config(acl.association_config)
            .set_on_source_d_do_s_protection_config(acl.on_source_d_do_s_protection_config)
            .set_application_config(acl.application_config)
            .set_lock_token(version);
        self.call(UPDATE, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let Place { scope, name, id } = Place::of(&have.arn)?;
        let Some((_, version)) = self.read_web_acl(&have.arn).await? else { return Ok(()) };
        let request = self.waf(scope).delete_web_acl().name(name).scope(sdk_scope(scope)).id(id);
        gone(self.call(DELETE, request.set_lock_token(version).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_waf(key, &have.arn).await
    }
}

impl Cloud {
    /// The ARN of a web ACL of ours, by its name.
    pub(super) async fn web_acl_of(&self, key: &Key) -> Result<Option<Id>, Fault> {
        Ok(self.listed_web_acl(key).await?.map(|listed| Id(listed.arn)))
    }

    async fn listed_web_acl(&self, key: &Key) -> Result<Option<Listed>, Fault> {
        let scope = Scope::ALL.into_iter().find(|scope| wpc_blueprint::firewall::web_acl::key(*scope) == *key);
        let Some(scope) = scope else { return Ok(None) };
        let question = format!("{} {}", LIST.name, scope.name());
        let acls: Arc<Vec<Listed>> = self.shared(question, bounded(self.list_web_acls(scope))).await?;
        let name = self.name(key, 128);
        Ok(acls.iter().find(|acl| acl.name == name).cloned())
    }

    /// The SDK has no paginator for these.
    async fn list_web_acls(&self, scope: Scope) -> Result<Vec<Listed>, Fault> {
        let (mut acls, mut marker) = (vec![], None);
        loop {
            let request = self.waf(scope).list_web_acls().scope(sdk_scope(scope)).limit(100).set_next_marker(marker);
            let page = self.call(LIST, request.send()).await?;
            let listed = page.web_acls().iter().map(|acl| Listed::of(acl.arn(), acl.name(), acl.lock_token()));
            acls.extend(listed.collect::<Option<Vec<_>>>().ok_or_else(|| unknown(LIST))?);
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(acls);
            }
        }
    }

    /// A web ACL, and the version that writes must name.
    async fn read_web_acl(&self, arn: &Id) -> Result<Option<(Sdk, Option<String>)>, Fault> {
        let Place { scope, name, id } = Place::of(arn)?;
        let request = self.waf(scope).get_web_acl().name(name).scope(sdk_scope(scope)).id(id).send();
        let answer = absent(self.call(GET, request).await, NOT_FOUND)?;
        Ok(answer.and_then(|answer| Some((answer.web_acl?, answer.lock_token))))
    }
}

fn allow() -> DefaultAction {
    DefaultAction::builder().allow(AllowAction::builder().build()).build()
}

fn observed(sdk: &Sdk) -> Observed {
    let allows = sdk.default_action().is_some_and(|action| action.allow.is_some());
    Observed { arn: Id(sdk.arn.clone()), rules: rules::read(sdk.rules()), allows }
}
