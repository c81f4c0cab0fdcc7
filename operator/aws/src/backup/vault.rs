use std::collections::BTreeSet;

use aws_sdk_backup::types::{RecoveryPointByBackupVault as Point, RecoveryPointStatus};
use wpc_blueprint::TAG_STACK;
use wpc_blueprint::backup::vault::{
    CREATE, DELETE, DELETE_POINT, DESCRIBE, Desired, LIST, LIST_POINTS, LOCK, LOCKED, Observed, UNLOCK, Vault,
};
use wpc_blueprint::backup::{ROLE, VAULT};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use super::{EXISTS, NAME_LENGTH, NOT_FOUND};
use crate::Cloud;
use crate::call::{absent, claim, gone};

/// Tag of the vault in the site's region: the other regions that one was ever made in.
const REGIONS_TAG: &str = "wordpresscluster.dev/copies";
/// What AWS says of a vault that holds backups, those included that are on their way out.
const NOT_EMPTY: &[&str] = &["InvalidRequestException"];

impl Verbs<Vault> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Vault>>, Fault> {
        let mut found = vec![];
        let mut regions = BTreeSet::from([self.clients.scope().region.clone()]);
        let mut asked = BTreeSet::new();
        while let Some(region) = regions.difference(&asked).next().cloned() {
            for listed in self.vaults_in(&region).await? {
                let Some(tags) = self.tags_of_backup(&listed.arn.0).await? else { continue };
                if tags.get(TAG_STACK) != Some(&self.labels.stack.to_string()) {
                    continue;
                }
                regions.extend(tags.get(REGIONS_TAG).into_iter().flat_map(|text| text.split(' ')).map(str::to_owned));
                let Some(have) = self.observe_vault(listed).await? else { continue };
                found.extend(self.listed(&tags, have));
            }
            asked.insert(region);
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Vault>>, Fault> {
        self.forget(&id.0);
        let name = name_of(id);
        let request = self.clients.backup_of(&id.0).describe_backup_vault().backup_vault_name(name).send();
        let Some(sdk) = absent(self.call(DESCRIBE, request).await, NOT_FOUND)? else { return Ok(None) };
        let Some(tags) = self.tags_of_backup(&id.0).await? else { return Ok(None) };
        let listed = Listed {
            arn: DESCRIBE.id(sdk.backup_vault_arn())?,
            name: name.to_owned(),
            lock_days: lock(sdk.locked(), sdk.min_retention_days()),
            key: sdk.encryption_key_arn,
        };
        let have = self.observe_vault(listed).await?;
        Ok(have.map(|have| self.at(key, &tags, have)))
    }

    /// Before one is made in another region, the one at home knows of that region: else nobody would find it again.
    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        if let Some(region) = &want.region {
            self.note_region(region).await?;
        }
        let region = want.region.as_ref().unwrap_or(&self.clients.scope().region);
        let name = self.name(key, NAME_LENGTH);
        let request = self
            .clients
            .backup_in(region)
            .create_backup_vault()
            .backup_vault_name(&name)
            .creator_request_id(self.token(key))
            .set_encryption_key_arn(want.key.as_ref().map(|key| key.0.clone()))
            .set_backup_vault_tags(Some(self.backup_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, EXISTS)? {
            Some(made) => CREATE.id(made.backup_vault_arn),
            None => claim::<Vault>(CREATE, Verbs::<Vault>::read(self, key, &self.vault_arn(region, &name)).await?),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if !changes.iter().any(|change| change.path == LOCKED) {
            return Ok(());
        }
        let Some(days) = want.lock_days else { return self.unlock(have).await };
        let backup = self.clients.backup_of(&have.arn.0);
        let request = backup.put_backup_vault_lock_configuration().backup_vault_name(&have.name);
        self.call(LOCK, request.min_retention_days(days).send()).await.map(drop)
    }

    /// Once it was confirmed that data may go, what is in it goes first, which takes a while.
    async fn delete(&self, _: &Key, have: &Observed, removal: Removal) -> Result<(), Fault> {
        let backup = self.clients.backup_of(&have.arn.0);
        if removal == Removal::Delete {
            if have.lock_days.is_some() {
                self.unlock(have).await?;
            }
            let leaving = |point: &&Point| point.status() == Some(&RecoveryPointStatus::Deleting);
            for point in self.points_in(&have.arn).await?.unwrap_or_default().iter().filter(|point| !leaving(point)) {
                let request = backup.delete_recovery_point().backup_vault_name(&have.name);
                let request = request.set_recovery_point_arn(point.recovery_point_arn.clone()).send();
                gone(self.call(DELETE_POINT, request).await, NOT_FOUND)?;
            }
        }
        let done = self.call(DELETE, backup.delete_backup_vault().backup_vault_name(&have.name).send()).await;
        self.forget(&have.arn.0);
        match gone(done, NOT_FOUND) {
            Err(fault) if fault.is(NOT_EMPTY) => {
                Err(Fault { class: Class::Busy, reason: Class::Busy.reason(), ..fault })
            }
            answer => answer,
        }
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.tag_backup(&have.arn.0, self.backup_tags(key)).await
    }
}

impl Cloud {
    async fn unlock(&self, have: &Observed) -> Result<(), Fault> {
        let backup = self.clients.backup_of(&have.arn.0);
        let request = backup.delete_backup_vault_lock_configuration().backup_vault_name(&have.name).send();
        gone(self.call(UNLOCK, request).await, NOT_FOUND)
    }

    /// The vaults in a region whose names could be ours.
    async fn vaults_in(&self, region: &str) -> Result<Vec<Listed>, Fault> {
        let request = self.clients.backup_in(region).list_backup_vaults().into_paginator();
        let request = request.stop_on_duplicate_token(false).items().send();
        let question = format!("{} {region}", LIST.name);
        let vaults = self.shared(question, self.call(LIST, request.collect::<Result<Vec<_>, _>>())).await?;
        let mut ours = vec![];
        for sdk in vaults.iter() {
            let name = LIST.id(sdk.backup_vault_name())?.0;
            if self.labels.stack.may_have_named(&name) {
                let arn = LIST.id(sdk.backup_vault_arn())?;
                let lock_days = lock(sdk.locked(), sdk.min_retention_days());
                ours.push(Listed { arn, name, key: sdk.encryption_key_arn.clone(), lock_days });
            }
        }
        Ok(ours)
    }

    /// The vault at home, if it is there: what the last copy of the files goes to.
    pub(crate) async fn home_vault(&self) -> Result<Option<Id>, Fault> {
        let name = self.name(&Key::of(VAULT), NAME_LENGTH);
        let vaults = self.vaults_in(&self.clients.scope().region).await?;
        let Some(Listed { arn, .. }) = vaults.into_iter().find(|found| found.name == name) else { return Ok(None) };
        let tags = self.tags_of_backup(&arn.0).await?.unwrap_or_default();
        Ok((tags.get(TAG_STACK) == Some(&self.labels.stack.to_string())).then_some(arn))
    }

    fn vault_arn(&self, region: &str, name: &str) -> Id {
        let scope = self.clients.scope();
        Id(format!("arn:{}:backup:{region}:{}:backup-vault:{name}", scope.partition, scope.account))
    }

    /// The vault that a plan names, which is in the plan's region.
    pub(super) fn vault_named(&self, name: &str) -> Id {
        self.vault_arn(&self.clients.scope().region, name)
    }

    async fn note_region(&self, region: &str) -> Result<(), Fault> {
        let home = self.vault_named(&self.name(&Key::of(VAULT), NAME_LENGTH));
        self.forget(&home.0);
        let tags = self.tags_of_backup(&home.0).await?.unwrap_or_default();
        let mut regions: BTreeSet<&str> = tags.get(REGIONS_TAG).into_iter().flat_map(|text| text.split(' ')).collect();
        match regions.insert(region) {
            true => {
                let text = regions.into_iter().collect::<Vec<_>>().join(" ");
                self.tag_backup(&home.0, [(REGIONS_TAG.to_owned(), text)].into()).await
            }
            false => Ok(()),
        }
    }

    /// `None` for a vault that is gone meanwhile. How many backups it says that it holds is an estimate of AWS's.
    async fn observe_vault(&self, listed: Listed) -> Result<Option<Observed>, Fault> {
        let Listed { arn, name, key, lock_days } = listed;
        let Some(points) = self.points_in(&arn).await? else { return Ok(None) };
        let complete = points.iter().filter(|point| point.status() == Some(&RecoveryPointStatus::Completed));
        let begun = complete.filter_map(|point| Some(point.creation_date()?.secs()));
        let home = self.vault_named(&self.name(&Key::of(VAULT), NAME_LENGTH));
        Ok(Some(Observed {
            points: points.len(),
            lock_days,
            oldest: begun.clone().min(),
            newest: begun.max(),
            known_by: Some(home).filter(|home| *home != arn),
            role: self.role_name(&Key::of(ROLE)),
            key: key.filter(|key| !key.is_empty()).map(Id),
            arn,
            name,
        }))
    }

    async fn points_in(&self, vault: &Id) -> Result<Option<Vec<Point>>, Fault> {
        let request = self.clients.backup_of(&vault.0).list_recovery_points_by_backup_vault();
        let request = request.backup_vault_name(name_of(vault)).into_paginator();
        let request = request.stop_on_duplicate_token(false).items().send();
        absent(self.call(LIST_POINTS, request.collect::<Result<Vec<_>, _>>()).await, NOT_FOUND)
    }
}

/// A vault as a list shows it.
struct Listed {
    arn: Id,
    name: String,
    key: Option<String>,
    lock_days: Option<i64>,
}

fn lock(locked: Option<bool>, days: Option<i64>) -> Option<i64> {
    (locked == Some(true)).then(|| days.unwrap_or_default())
}

/// A vault's name is the end of its ARN.
fn name_of(arn: &Id) -> &str {
    arn.0.rsplit(':').next().unwrap_or_default()
}
