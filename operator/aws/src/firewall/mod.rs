//! Kinds of the firewall, all of AWS WAF.

mod association;
mod ip_set;
mod logging;
mod rules;
mod web_acl;

use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{Scope as SdkScope, Tag};
use aws_smithy_types::error::operation::BuildError;
use wpc_blueprint::firewall::{LIST_TAGS, Scope, TAG};
use wpc_engine::{Fault, Id, Key};

use crate::Cloud;
use crate::call::absent;
use crate::tag_cache::Tags;

const NOT_FOUND: &[&str] = &["WAFNonexistentItemException"];

/// What lists say of a thing.
#[derive(Debug, Clone)]
struct Listed {
    arn: String,
    name: String,
    /// Another after each write to it.
    version: String,
}

impl Listed {
    fn of(arn: Option<&str>, name: Option<&str>, version: Option<&str>) -> Option<Self> {
        Some(Self { arn: arn?.to_owned(), name: name?.to_owned(), version: version?.to_owned() })
    }
}

/// What calls name a thing by; its ARN tells all of it.
struct Place {
    scope: Scope,
    name: String,
    id: String,
}

impl Place {
    fn of(arn: &Id) -> Result<Self, Fault> {
        let mut parts = arn.as_str().rsplit('/');
        match (parts.next(), parts.next()) {
            (Some(id), Some(name)) => Ok(Self { scope: Scope::of(arn.as_str()), name: name.into(), id: id.into() }),
            _ => Err(Fault::invalid(format!("{arn} is no ARN of AWS WAF"))),
        }
    }
}

fn sdk_scope(scope: Scope) -> SdkScope {
    SdkScope::from(scope.name())
}

/// AWS takes no empty description back.
fn described(found: Option<String>) -> Option<String> {
    found.filter(|text| !text.is_empty())
}

/// What a builder of the SDK made; it refuses what lacks a required field.
fn built<T>(built: Result<T, BuildError>) -> Result<T, Fault> {
    built.map_err(|error| Fault::invalid(error.to_string()))
}

impl Cloud {
    fn waf(&self, scope: Scope) -> &Client {
        match scope {
            Scope::CloudFront => &self.clients.waf_edge,
            Scope::Regional => &self.clients.waf,
        }
    }

    async fn waf_tags(&self, arn: &str) -> Result<Tags, Fault> {
        let ask = async {
            let request = self.waf(Scope::of(arn)).list_tags_for_resource().resource_arn(arn).send();
            let answer = absent(self.call(LIST_TAGS, request).await, NOT_FOUND)?;
            let tags = answer.and_then(|answer| answer.tag_info_for_resource).and_then(|info| info.tag_list);
            Ok(tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
        };
        self.tags_of(arn, ask).await
    }

    fn new_waf_tags(&self, key: &Key) -> Result<Vec<Tag>, Fault> {
        let tags = self.tags(key, |name, value| built(Tag::builder().key(name).value(value).build()));
        tags.into_iter().collect()
    }

    async fn relabel_waf(&self, key: &Key, arn: &Id) -> Result<(), Fault> {
        let request = self.waf(Scope::of(arn.as_str())).tag_resource().resource_arn(&arn.0);
        let written = self.call(TAG, request.set_tags(Some(self.new_waf_tags(key)?)).send()).await.map(drop);
        self.forget(&arn.0);
        written
    }
}
