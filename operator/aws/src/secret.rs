use std::collections::{BTreeMap, HashMap};

use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, SecretListEntry, Tag};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::{Map, Value, json};
use wpc_blueprint::TAG_STACK;
use wpc_blueprint::cdn::{ORIGIN_SECRET, proof};
use wpc_blueprint::secret::{
    CREATE, DELETE, DESCRIBE, Desired, Format, LIST, Observed, RECOVERY_DAYS, RESTORE, Stored, StoredSecret, TAG, VALUE,
};
use wpc_engine::{Change, Class, Data, Fault, Found, Id, Key, Removal, Secret, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["ResourceNotFoundException"];
/// The second one is also what AWS says of a name that a deleted secret still has.
const TAKEN: &[&str] = &["ResourceExistsException", "InvalidRequestException"];
/// Tag of a secret whose loss does not matter. One without it is taken for data.
const DISPOSABLE_TAG: &str = "wordpresscluster.dev/disposable";

impl Verbs<StoredSecret> for Cloud {
    /// A secret in its recovery window is gone, as far as anybody needs it; only `create` looks for it.
    async fn list(&self) -> Result<Vec<Found<StoredSecret>>, Fault> {
        let every_stack = Filter::builder().key(FilterNameStringType::TagKey).values(TAG_STACK).build();
        let request = self
            .clients
            .secrets
            .list_secrets()
            .filters(every_stack)
            .into_paginator()
            .stop_on_duplicate_token(false)
            .send();
        let pages = self.shared(LIST.name, self.call(LIST, request.collect::<Result<Vec<_>, _>>())).await?;
        let secrets = pages.iter().flat_map(|page| page.secret_list());
        let mut found: Vec<Found<StoredSecret>> =
            secrets.filter_map(|sdk| self.listed(&tags(sdk.tags()), listed(sdk)?)).collect();
        for found in &mut found {
            found.have.digest = self.secret_digest(&found.key, &found.have).await?;
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<StoredSecret>>, Fault> {
        let found = self.describe_secret(key, &id.0).await?.filter(|(_, deleted)| !deleted);
        let Some((mut found, _)) = found else { return Ok(None) };
        found.have.digest = self.secret_digest(key, &found.have).await?;
        Ok(Some(found))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, 512);
        let mut tags = self.tags(key, |name, value| Tag::builder().key(name).value(value).build());
        if want.data == Data::None {
            tags.push(Tag::builder().key(DISPOSABLE_TAG).value("true").build());
        }
        let request = self
            .clients
            .secrets
            .create_secret()
            .name(&name)
            .description(&want.description)
            .client_request_token(self.token(key))
            .secret_string(generate(want).expose())
            .set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()))
            .set_tags(Some(tags))
            .send();
        match self.call(CREATE, request).await {
            Ok(made) => CREATE.id(made.arn),
            Err(fault) if fault.is(TAKEN) => self.take_up(key, &name, fault).await,
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, removal: Removal) -> Result<(), Fault> {
        let request = self.clients.secrets.delete_secret().secret_id(&have.arn.0);
        let request = match have.data == Data::None || removal == Removal::Delete {
            true => request.force_delete_without_recovery(true),
            false => request.recovery_window_in_days(RECOVERY_DAYS),
        };
        gone(self.call(DELETE, request.send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let tags = self.tags(key, |name, value| Tag::builder().key(name).value(value).build());
        let request = self.clients.secrets.tag_resource().secret_id(&have.arn.0).set_tags(Some(tags)).send();
        self.call(TAG, request).await.map(drop)
    }
}

impl Cloud {
    /// A secret's value, for the one call that needs it.
    pub(crate) async fn secret_value(&self, stored: &Stored) -> Result<Secret, Fault> {
        let request = self.clients.secrets.get_secret_value().secret_id(&stored.arn.0);
        let value = self.call(VALUE, request.set_version_id(stored.version.clone()).send()).await?;
        let value = value.secret_string.map(Secret::new);
        value.ok_or_else(|| Fault::invalid(format!("{} holds no text", stored.arn)).in_action(VALUE))
    }

    /// The password of a [`Format::Login`].
    pub(crate) async fn secret_password(&self, stored: &Stored) -> Result<Secret, Fault> {
        let value = self.secret_value(stored).await?;
        let login: Option<Value> = serde_json::from_str(value.expose()).ok();
        let password = login.as_ref().and_then(|login| login["password"].as_str()).map(Secret::new);
        password.ok_or_else(|| Fault::invalid(format!("{} has no \"password\"", stored.arn)).in_action(VALUE))
    }

    /// The digest of a value that others are told and that is compared with what they know: asked for once a version.
    async fn secret_digest(&self, key: &Key, have: &Observed) -> Result<Option<String>, Fault> {
        if key.name != ORIGIN_SECRET {
            return Ok(None);
        }
        let about = format!("{} {} digest", have.arn, have.version.as_deref().unwrap_or_default());
        let stored = Stored { arn: have.arn.clone(), version: have.version.clone(), digest: None };
        let digest = self.seldom(&about, async { Ok(proof(self.secret_value(&stored).await?.expose())) });
        absent(digest.await, NOT_FOUND)
    }

    /// The name is taken: by our own secret, which may have to come back from its recovery window, or by another's.
    async fn take_up(&self, key: &Key, name: &str, refused: Fault) -> Result<Id, Fault> {
        let Some((found, deleted)) = self.describe_secret(key, name).await? else {
            // Deleted without recovery a moment ago; the name is free soon.
            return Err(Fault { class: Class::Busy, reason: Class::Busy.reason(), ..refused });
        };
        let arn = claim(CREATE, Some(found))?;
        if deleted {
            self.call(RESTORE, self.clients.secrets.restore_secret().secret_id(&arn.0).send()).await?;
        }
        Ok(arn)
    }

    /// A secret by name or ARN, and whether it is in its recovery window.
    async fn describe_secret(&self, key: &Key, id: &str) -> Result<Option<(Found<StoredSecret>, bool)>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.secrets.describe_secret().secret_id(id).send()).await;
        let Some(sdk) = absent(answer, NOT_FOUND)? else { return Ok(None) };
        let stages = sdk.version_ids_to_stages();
        let have = DESCRIBE.id(sdk.arn()).map(|arn| observed(arn, stages, sdk.tags(), sdk.kms_key_id()))?;
        Ok(Some((self.at(key, &tags(sdk.tags()), have), sdk.deleted_date().is_some())))
    }
}

/// The value is made here, goes into the one request, and is kept nowhere.
fn generate(want: &Desired) -> Secret {
    let generated = || Alphanumeric.sample_string(&mut rand::rng(), want.length);
    match &want.format {
        Format::Bare => Secret::new(generated()),
        Format::Login { username } => Secret::new(json!({"username": username, "password": generated()}).to_string()),
        Format::Keys(names) => {
            let keys: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), generated().into())).collect();
            Secret::new(Value::Object(keys).to_string())
        }
    }
}

fn listed(sdk: &SecretListEntry) -> Option<Observed> {
    let there = sdk.deleted_date().is_none();
    there.then(|| {
        Some(observed(Id(sdk.arn()?.to_owned()), sdk.secret_versions_to_stages(), sdk.tags(), sdk.kms_key_id()))
    })?
}

fn observed(arn: Id, stages: Option<&HashMap<String, Vec<String>>>, sdk_tags: &[Tag], key: Option<&str>) -> Observed {
    let current = |(_, stages): &(&String, &Vec<String>)| stages.iter().any(|stage| stage == "AWSCURRENT");
    let version = stages.into_iter().flatten().find(current).map(|(version, _)| version.clone());
    let data = match tags(sdk_tags).contains_key(DISPOSABLE_TAG) {
        true => Data::None,
        false => Data::Copied,
    };
    Observed { arn, version, data, key: key.filter(|key| !key.is_empty()).map(Id::from), digest: None }
}

fn tags(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_value_has_its_format_and_is_never_the_same() {
        let want =
            Desired { description: String::new(), format: Format::Bare, length: 40, data: Data::None, key: None };
        let (one, two) = (generate(&want), generate(&want));
        assert!(one != two && one.expose().len() == 40 && one.expose().chars().all(|c| c.is_ascii_alphanumeric()));

        let login = generate(&Desired { format: Format::Login { username: "writer".into() }, ..want.clone() });
        let login: Value = serde_json::from_str(login.expose()).unwrap();
        assert_eq!((login["username"].as_str(), login["password"].as_str().map(str::len)), (Some("writer"), Some(40)));

        let keys = generate(&Desired { format: Format::Keys(&["ONE", "OTHER"]), ..want });
        let keys: BTreeMap<String, String> = serde_json::from_str(keys.expose()).unwrap();
        assert!(keys.keys().eq(["ONE", "OTHER"]) && keys["ONE"] != keys["OTHER"]);
    }

    #[test]
    fn the_current_version_counts_and_what_is_not_marked_is_data() {
        let stages = [("old", "AWSPREVIOUS"), ("new", "AWSCURRENT")];
        let stages = stages.map(|(version, stage)| (version.to_owned(), vec![stage.to_owned()])).into();
        let have = observed("arn".into(), Some(&stages), &[], Some("arn:key"));
        assert_eq!((have.version.as_deref(), have.data), (Some("new"), Data::Copied));
        let disposable = Tag::builder().key(DISPOSABLE_TAG).value("true").build();
        assert_eq!(observed("arn".into(), None, &[disposable], None).data, Data::None);
    }
}
