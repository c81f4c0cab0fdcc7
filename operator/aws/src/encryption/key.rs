use std::collections::BTreeMap;

use aws_sdk_kms::types::{AliasListEntry, KeyMetadata, Tag};
use serde_json::Value;
use wpc_blueprint::TAG_STACK;
use wpc_blueprint::encryption::KEY;
use wpc_blueprint::encryption::key::{
    ALIAS, CANCEL_DELETION, CREATE, CREATE_ALIAS, DESCRIBE, Desired, ENABLE, ENABLE_ROTATION, ENABLED, GET_POLICY,
    GET_ROTATION, Key as KmsKey, LIST, LIST_ALIASES, LIST_TAGS, Observed, POLICY, PUT_POLICY, ROTATION,
    SCHEDULE_DELETION, TAG, UPDATE_ALIAS, WINDOW_DAYS, policy,
};
use wpc_blueprint::storage::volume;
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::network::every_stack;

const NOT_FOUND: &[&str] = &["NotFoundException"];
const EXISTS: &[&str] = &["AlreadyExistsException"];
/// A key that waits for its end already.
const ENDING: &[&str] = &["KMSInvalidStateException", "NotFoundException"];
const PENDING: &str = "PendingDeletion";
/// KMS has one policy for each key, by this name.
const DEFAULT: &str = "default";

impl Verbs<KmsKey> for Cloud {
    /// A key that waits for its end is gone, as far as anybody needs it; only `create` looks for it.
    async fn list(&self) -> Result<Vec<Found<KmsKey>>, Fault> {
        let keys = self.own_keys().await?;
        Ok(keys.into_iter().filter(|found| found.have.status != PENDING).collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<KmsKey>>, Fault> {
        self.forget_key(id);
        let Some(sdk) = self.describe_key(&id.0).await? else { return Ok(None) };
        let tags = self.key_tags(&id.0).await?;
        let aliases = self.aliases().await?;
        let have = self.observe_key(id, &sdk, &aliases).await?;
        Ok((have.status != PENDING).then(|| self.at(key, &tags, have)))
    }

    /// A key of ours that waits for its end comes back: what is kept may be encrypted with it.
    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        if let Some(found) = self.own_keys().await?.into_iter().find(|found| found.key == *key) {
            let waits = found.have.status == PENDING;
            let arn = claim(CREATE, Some(found))?;
            if waits {
                self.call(CANCEL_DELETION, self.clients.kms.cancel_key_deletion().key_id(&arn.0).send()).await?;
            }
            return Ok(arn);
        }
        let anywhere = self.clients.scope().arn("kms", "key/new");
        let request = self
            .clients
            .kms_once
            .create_key()
            .description(&want.description)
            .policy(policy(&anywhere).to_string())
            .set_tags(Some(self.kms_tags(key)))
            .send();
        let made = self.call(CREATE, request).await?;
        CREATE.id(made.key_metadata.and_then(|made| made.arn))
    }

    async fn update(&self, key: &Key, _: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let (kms, arn) = (&self.clients.kms, &have.arn.0);
        if changed(ENABLED) {
            self.call(ENABLE, kms.enable_key().key_id(arn).send()).await?;
        }
        if changed(ALIAS) {
            self.name_key(key, arn).await?;
        }
        if changed(ROTATION) {
            self.call(ENABLE_ROTATION, kms.enable_key_rotation().key_id(arn).send()).await?;
        }
        if changed(POLICY) {
            let request = kms.put_key_policy().key_id(arn).policy_name(DEFAULT).policy(policy(arn).to_string());
            self.call(PUT_POLICY, request.send()).await?;
        }
        Ok(())
    }

    /// Its alias stays with it, and comes back with it.
    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.kms.schedule_key_deletion().key_id(&have.arn.0);
        let done = self.call(SCHEDULE_DELETION, request.pending_window_in_days(WINDOW_DAYS).send()).await;
        self.forget_key(&have.arn);
        gone(done, ENDING)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let request = self.clients.kms.tag_resource().key_id(&have.arn.0).set_tags(Some(self.kms_tags(key))).send();
        let done = self.call(TAG, request).await;
        self.forget_key(&have.arn);
        done.map(drop)
    }
}

impl Cloud {
    /// The stack's keys, also those that wait for their end. Only tags say whose a key is, and a call each reads them;
    /// one that has a name of somebody else's is not asked.
    async fn own_keys(&self) -> Result<Vec<Found<KmsKey>>, Fault> {
        let request = self.clients.kms.list_keys().into_paginator().stop_on_duplicate_token(false).items().send();
        let keys = self.shared(LIST.name, self.call(LIST, request.collect::<Result<Vec<_>, _>>())).await?;
        let aliases = self.aliases().await?;
        let ours = self.key_alias(&Key::of(KEY));
        let mut found = vec![];
        for sdk in keys.iter() {
            let arn = LIST.id(sdk.key_arn())?;
            let mut names = aliases.iter().filter(|alias| alias.target_key_id() == sdk.key_id());
            let named = names.clone().any(|alias| alias.alias_name() == Some(&ours));
            if !named && names.next().is_some() {
                continue;
            }
            let tags = match self.key_tags(&arn.0).await {
                // Its policy keeps us out: it is not one of ours, whose policies never do.
                Err(fault) if !named && fault.class == Class::Denied => continue,
                tags => tags?,
            };
            if tags.get(TAG_STACK) != Some(&self.labels.stack.to_string()) {
                continue;
            }
            let Some(sdk) = self.describe_key(&arn.0).await? else { continue };
            let have = self.observe_key(&arn, &sdk, &aliases).await?;
            found.extend(self.listed(&tags, have));
        }
        Ok(found)
    }

    async fn aliases(&self) -> Result<std::sync::Arc<Vec<AliasListEntry>>, Fault> {
        let request = self.clients.kms.list_aliases().into_paginator().stop_on_duplicate_token(false).items().send();
        self.shared(LIST_ALIASES.name, self.call(LIST_ALIASES, request.collect::<Result<Vec<_>, _>>())).await
    }

    async fn describe_key(&self, arn: &str) -> Result<Option<KeyMetadata>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.kms.describe_key().key_id(arn).send()).await;
        Ok(absent(answer, NOT_FOUND)?.and_then(|answer| answer.key_metadata))
    }

    async fn key_tags(&self, arn: &str) -> Result<BTreeMap<String, String>, Fault> {
        self.tags_of(arn, async {
            let request = self.clients.kms.list_resource_tags().key_id(arn).into_paginator();
            let request = request.stop_on_duplicate_token(false).items().send();
            let tags = self.call(LIST_TAGS, request.collect::<Result<Vec<_>, _>>()).await?;
            Ok(tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
        })
        .await
    }

    /// What seldom changes by another hand is asked seldom.
    async fn observe_key(&self, arn: &Id, sdk: &KeyMetadata, aliases: &[AliasListEntry]) -> Result<Observed, Fault> {
        let status = DESCRIBE.id(sdk.key_state().map(|state| state.as_str()))?.0;
        let ours = self.key_alias(&Key::of(KEY));
        let alias = aliases.iter().any(|alias| {
            alias.alias_name() == Some(&ours) && alias.target_key_id().is_some_and(|id| id == sdk.key_id())
        });
        let mut have = Observed { arn: arn.clone(), status, alias, rotates: false, policy: None, snapshots: vec![] };
        if have.status == PENDING {
            return Ok(have);
        }
        let kms = &self.clients.kms;
        let about = settings_of(arn);
        let settings = self.seldom(&about, async {
            let request = kms.get_key_policy().key_id(&arn.0).policy_name(DEFAULT).send();
            let found = self.call(GET_POLICY, request).await?.policy;
            let rotation = self.call(GET_ROTATION, kms.get_key_rotation_status().key_id(&arn.0).send()).await?;
            Ok((found.and_then(|text| serde_json::from_str::<Value>(&text).ok()), rotation.key_rotation_enabled))
        });
        (have.policy, have.rotates) = settings.await?;
        have.snapshots = self.snapshots_under(arn).await?;
        Ok(have)
    }

    /// The snapshots that somebody keeps and that are encrypted with a key: of databases all, of disks those of sites.
    async fn snapshots_under(&self, arn: &Id) -> Result<Vec<String>, Fault> {
        let databases = self.manual_snapshots(None).await?;
        let clusters = self.manual_cluster_snapshots(None).await?;
        let request = self.clients.ec2.describe_snapshots().owner_ids("self").filters(every_stack()).into_paginator();
        let request = request.stop_on_duplicate_token(false).items().send();
        let fetch = self.call(volume::DESCRIBE_SNAPSHOTS, request.collect::<Result<Vec<_>, _>>());
        let disks = self.shared(volume::DESCRIBE_SNAPSHOTS.name, fetch).await?;

        let databases = databases.iter().map(|it| (it.kms_key_id(), it.db_snapshot_identifier()));
        let clusters = clusters.iter().map(|it| (it.kms_key_id(), it.db_cluster_snapshot_identifier()));
        let disks = disks.iter().map(|it| (it.kms_key_id(), it.snapshot_id()));
        let under = databases.chain(clusters).chain(disks).filter(|(key, _)| *key == Some(arn.as_str()));
        Ok(under.filter_map(|(_, snapshot)| snapshot).map(str::to_owned).collect())
    }

    async fn name_key(&self, key: &Key, arn: &str) -> Result<(), Fault> {
        let (kms, alias) = (&self.clients.kms, self.key_alias(key));
        let request = kms.create_alias().alias_name(&alias).target_key_id(arn).send();
        match self.call(CREATE_ALIAS, request).await {
            Err(fault) if fault.is(EXISTS) => {
                let request = kms.update_alias().alias_name(&alias).target_key_id(arn).send();
                self.call(UPDATE_ALIAS, request).await.map(drop)
            }
            answer => answer.map(drop),
        }
    }

    fn key_alias(&self, key: &Key) -> String {
        format!("alias/{}", self.name(key, 64))
    }

    fn kms_tags(&self, key: &Key) -> Vec<Tag> {
        self.tags(key, |name, value| Tag::builder().tag_key(name).tag_value(value).build().expect("both are set"))
    }

    fn forget_key(&self, arn: &Id) {
        self.forget(&arn.0);
        self.forget(&settings_of(arn));
    }
}

/// What a key's settings are remembered by; its ARN stands for its tags.
fn settings_of(arn: &Id) -> String {
    format!("{arn} settings")
}
