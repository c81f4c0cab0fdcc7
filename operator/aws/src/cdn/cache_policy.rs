use std::sync::Arc;

use aws_sdk_cloudfront::types::{
    CachePolicy as Sdk, CachePolicyConfig, CachePolicyCookieBehavior, CachePolicyCookiesConfig,
    CachePolicyHeaderBehavior, CachePolicyHeadersConfig, CachePolicyQueryStringBehavior, CachePolicyQueryStringsConfig,
    CachePolicyType, CookieNames, Headers, ParametersInCacheKeyAndForwardedToOrigin,
};
use wpc_blueprint::cdn::cache_policy::{CREATE, CachePolicy, DELETE, Desired, GET, LIST, Observed, Ttl, UPDATE, keys};
use wpc_blueprint::cdn::mark;
use wpc_engine::{Action, Change, Disruption, Fault, Found, Id, Key, Owner, Removal, Standing, Verbs};

use super::{built, quantity};
use crate::Cloud;
use crate::answer::bounded;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["NoSuchCachePolicy"];

impl Verbs<CachePolicy> for Cloud {
    async fn list(&self) -> Result<Vec<Found<CachePolicy>>, Fault> {
        let policies = self.cache_policies().await?;
        let names = keys().map(|key| (self.name(&key, 128), key));
        let found = policies.iter().filter_map(|sdk| {
            let name = &sdk.cache_policy_config()?.name;
            let (_, key) = names.iter().find(|(known, _)| known == name)?;
            self.policy(key, sdk)
        });
        Ok(found.collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<CachePolicy>>, Fault> {
        let policy = self.read_policy(id).await?;
        Ok(policy.and_then(|(sdk, _)| self.policy(key, &sdk)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let config = self.policy_config(key, want)?;
        match self.call(CREATE, self.clients.cloudfront.create_cache_policy().cache_policy_config(config).send()).await
        {
            Ok(made) => CREATE.id(made.cache_policy.map(|policy| policy.id)),
            Err(fault) if fault.is(&["CachePolicyAlreadyExists"]) => {
                let name = self.name(key, 128);
                let policies = bounded(self.list_cache_policies()).await?;
                let same = |sdk: &&Sdk| sdk.cache_policy_config().is_some_and(|config| config.name == name);
                claim(CREATE, policies.iter().find(same).and_then(|sdk| self.policy(key, sdk)))
            }
            Err(fault) => Err(fault),
        }
    }

    /// CloudFront takes a policy only as a whole.
    async fn update(&self, key: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        match changes.is_empty() {
            true => Ok(()),
            false => self.write_policy(key, want, &have.id).await,
        }
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let Some((_, version)) = self.read_policy(&have.id).await? else { return Ok(()) };
        let request = self.clients.cloudfront.delete_cache_policy().id(&have.id.0).set_if_match(version).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.write_policy(key, &have.says, &have.id).await
    }
}

impl Cloud {
    /// The account's own policies.
    async fn cache_policies(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        self.shared(LIST.name, bounded(self.list_cache_policies())).await
    }

    /// The SDK has no paginator for these.
    async fn list_cache_policies(&self) -> Result<Vec<Sdk>, Fault> {
        let (mut policies, mut marker) = (vec![], None);
        loop {
            let request = self.clients.cloudfront.list_cache_policies().r#type(CachePolicyType::Custom);
            let page = self.call(LIST, request.set_marker(marker).send()).await?.cache_policy_list;
            let Some(page) = page else { return Ok(policies) };
            policies.extend(page.items.into_iter().flatten().filter_map(|item| item.cache_policy));
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(policies);
            }
        }
    }

    /// A policy, and the version that writes must name.
    async fn read_policy(&self, id: &Id) -> Result<Option<(Sdk, Option<String>)>, Fault> {
        let answer = self.call(GET, self.clients.cloudfront.get_cache_policy().id(&id.0).send()).await;
        let answer = absent(answer, NOT_FOUND)?;
        Ok(answer.and_then(|answer| Some((answer.cache_policy?, answer.e_tag))))
    }

    async fn write_policy(&self, key: &Key, want: &Desired, id: &Id) -> Result<(), Fault> {
        let Some((_, version)) = self.read_policy(id).await? else { return Err(vanished(UPDATE, id)) };
        let config = self.policy_config(key, want)?;
        let request = self.clients.cloudfront.update_cache_policy().id(&id.0).set_if_match(version);
        self.call(UPDATE, request.cache_policy_config(config).send()).await.map(drop)
    }

    fn policy_config(&self, key: &Key, want: &Desired) -> Result<CachePolicyConfig, Fault> {
        let config = CachePolicyConfig::builder()
            .name(self.name(key, 128))
            .comment(mark(&self.labels.stack))
            .min_ttl(want.ttl.least.into())
            .default_ttl(want.ttl.usual.into())
            .max_ttl(want.ttl.most.into())
            .parameters_in_cache_key_and_forwarded_to_origin(parameters(want)?);
        built(config.build())
    }

    /// A policy under one of our names; its comment says whose it is.
    fn policy(&self, key: &Key, sdk: &Sdk) -> Option<Found<CachePolicy>> {
        let comment = sdk.cache_policy_config()?.comment().unwrap_or_default();
        let standing = match (comment == mark(&self.labels.stack), self.labels.adopt) {
            (true, _) => Standing::Ours,
            (false, true) => {
                let (from, to) = (comment.to_owned(), mark(&self.labels.stack));
                Standing::Mislabelled(vec![Change { path: "comment".into(), from, to, disruption: Disruption::None }])
            }
            (false, false) => {
                Standing::Foreign(Owner::Stranger(format!("nobody that says so (its comment is {comment:?})")))
            }
        };
        Some(Found { key: key.clone(), have: observed(sdk)?, standing })
    }
}

/// It was there when the pass began: the next one knows.
fn vanished(action: Action, id: &Id) -> Fault {
    Fault::unclear(action, format!("{id} is gone"))
}

fn parameters(want: &Desired) -> Result<ParametersInCacheKeyAndForwardedToOrigin, Fault> {
    let Desired { ttl: _, cookies, headers, whole } = want;
    let cookies_config = CachePolicyCookiesConfig::builder();
    let cookies_config = match cookies.is_empty() {
        true => cookies_config.cookie_behavior(CachePolicyCookieBehavior::None),
        false => {
            let names = CookieNames::builder().quantity(quantity(cookies));
            let names = names.set_items(Some(cookies.iter().cloned().collect()));
            cookies_config.cookie_behavior(CachePolicyCookieBehavior::Whitelist).cookies(built(names.build())?)
        }
    };
    let headers_config = CachePolicyHeadersConfig::builder();
    let headers_config = match headers.is_empty() {
        true => headers_config.header_behavior(CachePolicyHeaderBehavior::None),
        false => {
            let names = Headers::builder().quantity(quantity(headers));
            let names = names.set_items(Some(headers.iter().cloned().collect()));
            headers_config.header_behavior(CachePolicyHeaderBehavior::Whitelist).headers(built(names.build())?)
        }
    };
    let query_strings = match whole {
        true => CachePolicyQueryStringBehavior::All,
        false => CachePolicyQueryStringBehavior::None,
    };
    let query_strings = CachePolicyQueryStringsConfig::builder().query_string_behavior(query_strings);
    let parameters = ParametersInCacheKeyAndForwardedToOrigin::builder()
        .enable_accept_encoding_gzip(*whole)
        .enable_accept_encoding_brotli(*whole)
        .cookies_config(built(cookies_config.build())?)
        .headers_config(built(headers_config.build())?)
        .query_strings_config(built(query_strings.build())?);
    built(parameters.build())
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let config = sdk.cache_policy_config()?;
    let key = config.parameters_in_cache_key_and_forwarded_to_origin()?;
    let seconds = |ttl: Option<i64>| ttl.and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or_default();
    let cookies = key.cookies_config().and_then(|config| config.cookies()).map(|names| names.items());
    let headers = key.headers_config().and_then(|config| config.headers()).map(|names| names.items());
    let query_strings = key.query_strings_config().map(|config| config.query_string_behavior());
    let ttl =
        Ttl { least: seconds(Some(config.min_ttl)), usual: seconds(config.default_ttl), most: seconds(config.max_ttl) };
    let says = Desired {
        ttl,
        cookies: cookies.into_iter().flatten().cloned().collect(),
        headers: headers.into_iter().flatten().map(|name| name.to_ascii_lowercase()).collect(),
        whole: key.enable_accept_encoding_gzip
            && key.enable_accept_encoding_brotli == Some(true)
            && query_strings == Some(&CachePolicyQueryStringBehavior::All),
    };
    Some(Observed { id: Id(sdk.id.clone()), says })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_as_it_was_written() {
        for want in [Desired::pages(), Desired::static_files(60)] {
            let config = CachePolicyConfig::builder()
                .name("name")
                .min_ttl(want.ttl.least.into())
                .default_ttl(want.ttl.usual.into())
                .max_ttl(want.ttl.most.into())
                .parameters_in_cache_key_and_forwarded_to_origin(parameters(&want).unwrap());
            let sdk = Sdk::builder().id("p-1").cache_policy_config(config.build().unwrap());
            let sdk = sdk.last_modified_time(aws_smithy_types::DateTime::from_secs(0)).build().unwrap();
            assert_eq!(observed(&sdk), Some(Observed { id: "p-1".into(), says: want }));
        }
    }
}
