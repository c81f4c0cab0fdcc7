use std::sync::Arc;

use aws_sdk_route53::types::{HealthCheck as Sdk, HealthCheckConfig, HealthCheckType, Tag, TagResourceType};
use wpc_blueprint::TAG_STACK;
use wpc_blueprint::dns::health_check::{
    COMPONENT, CREATE, DELETE, Desired, GET, HealthCheck, LIST, LIST_TAGS, Observed, PATH, TAG, TARGET, UPDATE,
    reference,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use super::built;
use crate::call::{absent, gone};
use crate::tag_cache::Tags;
use crate::{Cloud, Labels};

const NOT_FOUND: &[&str] = &["NoSuchHealthCheck"];

/// Route 53 takes so many tags at once.
const TAG_BATCH: usize = 10;

/// Seconds from one check to the next, and how many bad answers in a row count: AWS's usual ones.
const INTERVAL: i32 = 30;
const FAILURES: i32 = 3;

impl Verbs<HealthCheck> for Cloud {
    async fn list(&self) -> Result<Vec<Found<HealthCheck>>, Fault> {
        let mut found = vec![];
        for sdk in self.health_checks().await?.iter().filter(|sdk| self.is_my_check(sdk)) {
            found.extend(self.found_check(sdk).await?);
        }
        Ok(found)
    }

    async fn read(&self, _: &Key, id: &Id) -> Result<Option<Found<HealthCheck>>, Fault> {
        let request = self.clients.route53.get_health_check().health_check_id(&id.0).send();
        match absent(self.call(GET, request).await, NOT_FOUND)?.and_then(|answer| answer.health_check) {
            Some(sdk) => self.found_check(&sdk).await,
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let Desired { tls, name, port, path } = want;
        self.incarnate(key, |token| async move {
            let config = HealthCheckConfig::builder()
                .r#type(if *tls { HealthCheckType::Https } else { HealthCheckType::Http })
                .fully_qualified_domain_name(name)
                .port(*port)
                .resource_path(path)
                .request_interval(INTERVAL)
                .failure_threshold(FAILURES)
                .enable_sni(*tls);
            let reference = format!("{}{}", reference(&self.labels.stack), &token[..16]);
            let request = self.clients.route53.create_health_check().caller_reference(reference);
            let made = self.call(CREATE, request.health_check_config(built(config.build())?).send()).await?;
            CREATE.id(made.health_check.map(|check| check.id))
        })
        .await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path).then_some(want);
        let request = self
            .clients
            .route53
            .update_health_check()
            .health_check_id(&have.id.0)
            .health_check_version(have.version)
            .set_fully_qualified_domain_name(changed(TARGET).map(|want| want.name.clone()))
            .set_port(changed(TARGET).map(|want| want.port))
            .set_resource_path(changed(PATH).map(|want| want.path.clone()));
        self.call(UPDATE, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.route53.delete_health_check().health_check_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let tags = self.tags(key, |name, value| Tag::builder().key(name).value(value).build());
        for tags in tags.chunks(TAG_BATCH) {
            let request = self.clients.route53.change_tags_for_resource().resource_type(TagResourceType::Healthcheck);
            let request = request.resource_id(&have.id.0).set_add_tags(Some(tags.to_vec()));
            let written = self.call(TAG, request.send()).await;
            self.forget(&have.id.0);
            written?;
        }
        Ok(())
    }
}

impl Cloud {
    /// The account's.
    async fn health_checks(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request =
            self.clients.route53.list_health_checks().into_paginator().stop_on_duplicate_token(false).items().send();
        self.shared(LIST.name, self.call(LIST, request.collect::<Result<Vec<_>, _>>())).await
    }

    fn is_my_check(&self, sdk: &Sdk) -> bool {
        sdk.caller_reference.starts_with(&reference(&self.labels.stack))
    }

    /// Its caller reference says whose it is; without tags, those are yet to be written.
    async fn found_check(&self, sdk: &Sdk) -> Result<Option<Found<HealthCheck>>, Fault> {
        let Some(have) = observed(sdk) else { return Ok(None) };
        let tags = self.check_tags(&sdk.id).await?;
        let key = Key { name: COMPONENT.to_owned(), variant: HealthCheck::variant(&have.set) };
        let untagged = !tags.contains_key(TAG_STACK) && self.is_my_check(sdk);
        let labels = Labels { adopt: self.labels.adopt || untagged, ..self.labels.clone() };
        Ok(Some(labels.at(&key, &tags, have)))
    }

    async fn check_tags(&self, id: &str) -> Result<Tags, Fault> {
        let ask = async {
            let request = self.clients.route53.list_tags_for_resource().resource_type(TagResourceType::Healthcheck);
            let answer = absent(self.call(LIST_TAGS, request.resource_id(id).send()).await, NOT_FOUND)?;
            let tags = answer.and_then(|answer| answer.resource_tag_set).and_then(|set| set.tags).unwrap_or_default();
            Ok(tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
        };
        self.tags_of(id, ask).await
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let config = sdk.health_check_config()?;
    let set = Desired {
        tls: config.r#type == HealthCheckType::Https,
        name: config.fully_qualified_domain_name().unwrap_or_default().to_ascii_lowercase(),
        port: config.port.unwrap_or_default(),
        path: config.resource_path().unwrap_or_default().to_owned(),
    };
    Some(Observed { id: Id(sdk.id.clone()), set, version: sdk.health_check_version })
}
