use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudfront::types::{
    Distribution as Sdk, DistributionConfig, DistributionConfigWithTags, DistributionSummary, Tag, Tags,
};
use wpc_blueprint::cdn::distribution::{
    BEHAVIOURS, COUNTRIES, CREATE, DELETE, Desired, Distribution, DistributionOutput, ENABLED, GET, GET_CONFIG, LIST,
    LIST_TAGS, NAMES, Names, ORIGIN, Observed, PRICE_CLASS, PROTOCOLS, TAG, UPDATE, WEB_ACL,
};
use wpc_blueprint::cdn::mark;
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Secret, Verbs};

use super::built;
use super::config::Settings;
use crate::Cloud;
use crate::call::{absent, gone};

const NOT_FOUND: &[&str] = &["NoSuchDistribution", "NoSuchResource"];

impl Verbs<Distribution> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Distribution>>, Fault> {
        let request =
            self.clients.cloudfront.list_distributions().into_paginator().stop_on_duplicate_token(false).send();
        let pages = self.shared(LIST.name, self.call(LIST, request.collect::<Result<Vec<_>, _>>())).await?;
        let all = pages.iter().filter_map(|page| page.distribution_list()).flat_map(|list| list.items());
        let mine = mark(&self.labels.stack);
        let mut found = vec![];
        for sdk in all.filter(|sdk| sdk.comment == mine) {
            let tags = self.distribution_tags(&sdk.arn).await?;
            found.extend(listed(sdk).and_then(|have| self.listed(&tags, have)));
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Distribution>>, Fault> {
        let answer = self.call(GET, self.clients.cloudfront.get_distribution().id(&id.0).send()).await;
        let Some(have) = absent(answer, NOT_FOUND)?.and_then(|answer| observed(answer.distribution?)) else {
            return Ok(None);
        };
        let tags = self.distribution_tags(&have.output.arn).await?;
        Ok(Some(self.at(key, &tags, have)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let secret = &self.origin_secret(want).await?;
        self.incarnate(key, |token| async move {
            let config = config(want, secret.as_ref(), &token, &mark(&self.labels.stack))?;
            let with_tags = DistributionConfigWithTags::builder().distribution_config(config).tags(self.cdn_tags(key)?);
            let request = self.clients.cloudfront.create_distribution_with_tags();
            let request = request.distribution_config_with_tags(with_tags.build()).send();
            let made = self.call(CREATE, request).await?;
            CREATE.id(made.distribution.map(|distribution| distribution.id))
        })
        .await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let secret = match changes.iter().any(|change| change.path == ORIGIN) {
            true => self.origin_secret(want).await?,
            false => None,
        };
        let settings = Settings::of(&want.over(&have.set), secret.as_ref())?;
        self.change(&have.output.id, |config| changes.iter().for_each(|change| apply(config, &settings, &change.path)))
            .await
    }

    /// First disabled; deleted once every edge location knows.
    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let id = &have.output.id;
        if have.enabled {
            return gone(self.change(id, |config| config.enabled = false).await, NOT_FOUND);
        }
        let request = self.clients.cloudfront.get_distribution_config().id(&id.0).send();
        let Some(answer) = absent(self.call(GET_CONFIG, request).await, NOT_FOUND)? else { return Ok(()) };
        let request = self.clients.cloudfront.delete_distribution().id(&id.0).set_if_match(answer.e_tag).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let arn = &have.output.arn;
        let request = self.clients.cloudfront.tag_resource().resource(arn).tags(self.cdn_tags(key)?).send();
        let written = self.call(TAG, request).await.map(drop);
        self.forget(arn);
        written
    }
}

impl Cloud {
    /// What lets the distribution in at its origin.
    async fn origin_secret(&self, want: &Desired) -> Result<Option<Secret>, Fault> {
        match &want.secret {
            Some(stored) => Ok(Some(self.secret_value(stored).await?)),
            None => Ok(None),
        }
    }

    async fn distribution_tags(&self, arn: &str) -> Result<BTreeMap<String, String>, Fault> {
        let ask = async {
            let request = self.clients.cloudfront.list_tags_for_resource().resource(arn).send();
            let tags = absent(self.call(LIST_TAGS, request).await, NOT_FOUND)?.and_then(|answer| answer.tags);
            let tags = tags.and_then(|tags| tags.items).unwrap_or_default();
            Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
        };
        self.tags_of(arn, ask).await
    }

    fn cdn_tags(&self, key: &Key) -> Result<Tags, Fault> {
        let tags = self.tags(key, |name, value| built(Tag::builder().key(name).value(value).build()));
        Ok(Tags::builder().set_items(Some(tags.into_iter().collect::<Result<_, _>>()?)).build())
    }

    /// CloudFront takes settings only as a whole, with the version that they are a change of.
    async fn change(&self, id: &Id, change: impl FnOnce(&mut DistributionConfig)) -> Result<(), Fault> {
        let request = self.clients.cloudfront.get_distribution_config().id(&id.0).send();
        let answer = self.call(GET_CONFIG, request).await?;
        let mut config = answer.distribution_config.ok_or_else(|| Fault::unclear(GET_CONFIG, "no settings"))?;
        change(&mut config);
        let request = self.clients.cloudfront.update_distribution().id(&id.0).set_if_match(answer.e_tag);
        self.call(UPDATE, request.distribution_config(config).send()).await.map(drop)
    }
}

fn config(want: &Desired, secret: Option<&Secret>, token: &str, comment: &str) -> Result<DistributionConfig, Fault> {
    let Settings { origins, default, behaviours, price_class, restrictions, http, ipv6, web_acl, aliases, viewers } =
        Settings::of(want, secret)?;
    let config = DistributionConfig::builder()
        .caller_reference(token)
        .comment(comment)
        .enabled(true)
        .default_root_object("")
        .set_origins(origins)
        .set_default_cache_behavior(default)
        .set_cache_behaviors(behaviours)
        .set_price_class(price_class)
        .set_restrictions(restrictions)
        .set_http_version(http)
        .set_is_ipv6_enabled(ipv6)
        .set_web_acl_id(web_acl)
        .set_aliases(aliases)
        .set_viewer_certificate(viewers);
    built(config.build())
}

/// Makes one change; what others have set beside it stays.
fn apply(config: &mut DistributionConfig, settings: &Settings, path: &str) {
    let Settings { origins, default, behaviours, price_class, restrictions, http, ipv6, web_acl, aliases, viewers } =
        settings.clone();
    match path {
        ORIGIN => config.origins = origins,
        BEHAVIOURS => (config.default_cache_behavior, config.cache_behaviors) = (default, behaviours),
        PRICE_CLASS => config.price_class = price_class,
        COUNTRIES => config.restrictions = restrictions,
        PROTOCOLS => (config.http_version, config.is_ipv6_enabled) = (http, ipv6),
        NAMES => (config.aliases, config.viewer_certificate) = (aliases, viewers),
        WEB_ACL => config.web_acl_id = web_acl,
        ENABLED => config.enabled = true,
        _ => {}
    }
}

fn listed(sdk: &DistributionSummary) -> Option<Observed> {
    let settings = Settings {
        origins: sdk.origins.clone(),
        default: sdk.default_cache_behavior.clone(),
        behaviours: sdk.cache_behaviors.clone(),
        price_class: Some(sdk.price_class.clone()),
        restrictions: sdk.restrictions.clone(),
        http: Some(sdk.http_version.clone()),
        ipv6: Some(sdk.is_ipv6_enabled),
        aliases: sdk.aliases.clone(),
        viewers: sdk.viewer_certificate.clone(),
        web_acl: Some(sdk.web_acl_id.clone()),
    };
    let (arn, domain) = (sdk.arn.clone(), sdk.domain_name.clone());
    found(Id(sdk.id.clone()), arn, domain, &settings, (sdk.enabled, &sdk.status))
}

fn observed(sdk: Sdk) -> Option<Observed> {
    let config = sdk.distribution_config?;
    let settings = Settings {
        origins: config.origins,
        default: config.default_cache_behavior,
        behaviours: config.cache_behaviors,
        price_class: config.price_class,
        restrictions: config.restrictions,
        http: config.http_version,
        ipv6: config.is_ipv6_enabled,
        aliases: config.aliases,
        viewers: config.viewer_certificate,
        web_acl: config.web_acl_id,
    };
    found(Id(sdk.id), sdk.arn, sdk.domain_name, &settings, (config.enabled, &sdk.status))
}

fn found(id: Id, arn: String, domain: String, settings: &Settings, state: (bool, &str)) -> Option<Observed> {
    let (enabled, deployed) = (state.0, state.1 == "Deployed");
    let set = settings.read()?;
    let names = match &set.names {
        Some(Names::Aliases { names, .. }) => names.clone(),
        _ => BTreeSet::new(),
    };
    let secure = deployed && set.origin.protocol.as_deref() == Some("https-only");
    let proof = set.origin.proof.clone().filter(|_| deployed);
    let output = DistributionOutput { id, arn, domain, names, secure, proof };
    Some(Observed { output, set, enabled, deployed })
}
