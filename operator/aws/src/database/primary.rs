use aws_sdk_rds::types::DbInstance as Sdk;
use wpc_blueprint::database::cluster_instance::is_member;
use wpc_blueprint::database::end::end;
use wpc_blueprint::database::primary::{BACKUP_DAYS, CREATE, Desired, MULTI_AZ, Observed, PROTECTED, Primary};
use wpc_blueprint::database::replica::is_replica;
use wpc_blueprint::database::restore::{PASSWORD, PASSWORD_TAG};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::instance::{self, number, seconds, security_groups};
use super::settings::instance_settings;
use super::tags;
use crate::Cloud;

impl Verbs<Primary> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Primary>>, Fault> {
        let all = self.instances().await?;
        let primary = |key: &Key| !is_replica(key) && !is_member(key);
        all.iter().filter_map(|sdk| self.owned(sdk, primary, observed(sdk, &all))).collect()
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Primary>>, Fault> {
        let Some(sdk) = self.instance(id).await? else { return Ok(None) };
        let replicas = self.instances_named(sdk.read_replica_db_instance_identifiers()).await?;
        Ok(observed(&sdk, &replicas).map(|have| self.at(key, &tags(sdk.tag_list()), have)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        if let Some(origin) = &want.origin {
            return self.restore_instance(key, want, origin).await;
        }
        let (name, shape) = (self.instance_name(key), &want.shape);
        let password = self.secret_password(&want.credentials).await?;
        let grows = shape.storage.max > shape.storage.size;
        let request = self
            .clients
            .rds
            .create_db_instance()
            .db_instance_identifier(&name)
            .engine(want.engine)
            .engine_version(&shape.version)
            .db_name(want.database)
            .master_username(want.username)
            .master_user_password(password.expose())
            .set_max_allocated_storage(grows.then_some(number(shape.storage.max)))
            .storage_encrypted(true)
            .set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()))
            .set_monitoring_interval(seconds(shape.monitoring.as_ref()))
            .set_monitoring_role_arn(shape.monitoring.clone());
        let request = instance_settings!(request, want).set_tags(self.rds_tags(key)).send();
        let answer = self.call(CREATE, request).await;
        self.named::<Primary, _>(CREATE, key, name, answer).await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let request = self.modification(&have.instance, &want.shape, changes);
        let request = changes.iter().fold(request, |request, change| match change.path.as_str() {
            MULTI_AZ => request.multi_az(want.multi_az),
            BACKUP_DAYS => request.backup_retention_period(number(want.backup_days)),
            PROTECTED => request.deletion_protection(want.protected),
            _ => request,
        });
        if !changes.iter().any(|change| change.path == PASSWORD) {
            return self.modify(&have.instance, changes, request).await;
        }
        let password = self.secret_password(&want.credentials).await?;
        self.modify(&have.instance, changes, request.master_user_password(password.expose())).await?;
        self.own_password(&have.instance.arn).await
    }

    async fn delete(&self, _: &Key, have: &Observed, removal: Removal) -> Result<(), Fault> {
        self.end(&have.instance, end(have.instance.ending(), removal)).await
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_rds(key, &have.instance.arn.0).await
    }
}

/// `others` are the instances among which its replicas are.
fn observed(sdk: &Sdk, others: &[Sdk]) -> Option<Observed> {
    let instance = instance::observed(sdk)?;
    let replicates = |other: &&Sdk| other.read_replica_source_db_instance_identifier() == Some(&instance.name.0);
    let replicas = others.iter().filter(replicates).filter_map(instance::observed);
    let replicas = replicas.map(|replica| replica.running.version).collect();
    let pending = sdk.pending_modified_values();
    Some(Observed {
        engine: sdk.engine()?.to_owned(),
        username: sdk.master_username()?.to_owned(),
        foreign_password: tags(sdk.tag_list()).contains_key(PASSWORD_TAG),
        encrypted: sdk.storage_encrypted().unwrap_or_default(),
        multi_az: pending.and_then(|pending| pending.multi_az()).or(sdk.multi_az()).unwrap_or_default(),
        replicas,
        instance,
    })
}
