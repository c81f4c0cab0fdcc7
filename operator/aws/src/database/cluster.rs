use std::sync::Arc;

use aws_sdk_rds::types::{DbCluster as Sdk, ServerlessV2ScalingConfiguration};
use wpc_blueprint::TAG_COMPONENT;
use wpc_blueprint::database::AURORA;
use wpc_blueprint::database::cluster::{
    CREATE, Capacity, Cluster, DELETE, DESCRIBE, DESCRIBE_SNAPSHOTS, Desired, MAX_CAPACITY, MIN_CAPACITY, MODIFY,
    Observed,
};
use wpc_blueprint::database::end::{End, end};
use wpc_blueprint::database::instance::{COPIES_TAGS, PARAMETER_GROUP, SECURITY_GROUPS, VERSION};
use wpc_blueprint::database::primary::{BACKUP_DAYS, PROTECTED};
use wpc_blueprint::database::restore::{PASSWORD, PASSWORD_TAG};
use wpc_engine::{Action, Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use super::instance::{endpoint, natural, number};
use super::settings::cluster_settings;
use super::tags;
use crate::Cloud;
use crate::call::{absent, claim, gone};

pub(super) const NOT_FOUND: &[&str] = &["DBClusterNotFoundFault"];
const EXISTS: &[&str] = &["DBClusterAlreadyExistsFault"];
const SNAPSHOT_EXISTS: &[&str] = &["DBClusterSnapshotAlreadyExistsFault"];

impl Verbs<Cluster> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Cluster>>, Fault> {
        let clusters = self.database_clusters().await?;
        // A restored copy has the original's tags, but not its name: it is somebody else's.
        let named = |sdk: &Sdk| {
            let tags = tags(sdk.tag_list());
            let Ok(key) = tags.get(TAG_COMPONENT)?.parse::<Key>();
            (sdk.db_cluster_identifier() == Some(&self.instance_name(&key))).then_some(tags)
        };
        let found = clusters.iter().filter_map(|sdk| Some((named(sdk)?, observed(sdk))));
        self.ours::<Cluster>(DESCRIBE, found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Cluster>>, Fault> {
        let sdk = self.database_cluster(id).await?;
        Ok(sdk.and_then(|sdk| Some(self.at(key, &tags(sdk.tag_list()), observed(&sdk)?))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        if let Some(origin) = &want.origin {
            return self.restore_cluster(key, want, origin).await;
        }
        let name = Id(self.instance_name(key));
        let password = self.secret_password(&want.credentials).await?;
        let request = self
            .clients
            .rds
            .create_db_cluster()
            .db_cluster_identifier(&name.0)
            .engine(AURORA)
            .engine_version(&want.version)
            .database_name(want.database)
            .master_username(want.username)
            .master_user_password(password.expose())
            .storage_encrypted(true);
        let request = cluster_settings!(request, want).set_tags(self.rds_tags(key)).send();
        let answer = self.call(CREATE, request).await;
        self.named_cluster(CREATE, key, name, answer).await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let request = self.clients.rds.modify_db_cluster().db_cluster_identifier(&have.name.0);
        let request = request.apply_immediately(true);
        let request = changes.iter().fold(request, |request, change| match change.path.as_str() {
            VERSION => request.engine_version(&want.version).allow_major_version_upgrade(true),
            PARAMETER_GROUP => request.db_cluster_parameter_group_name(&want.parameter_group.0),
            SECURITY_GROUPS => request.set_vpc_security_group_ids(Some(security_groups(want))),
            BACKUP_DAYS => request.backup_retention_period(number(want.backup_days)),
            PROTECTED => request.deletion_protection(want.protected),
            COPIES_TAGS => request.copy_tags_to_snapshot(true),
            MIN_CAPACITY | MAX_CAPACITY => request.set_serverless_v2_scaling_configuration(want.capacity.map(bounds)),
            _ => request,
        });
        if !changes.iter().any(|change| change.path == PASSWORD) {
            return self.call(MODIFY, request.send()).await.map(drop);
        }
        let password = self.secret_password(&want.credentials).await?;
        self.call(MODIFY, request.master_user_password(password.expose()).send()).await?;
        self.own_password(&have.arn).await
    }

    async fn delete(&self, _: &Key, have: &Observed, removal: Removal) -> Result<(), Fault> {
        match end(have.ending(), removal) {
            End::Unprotect => {
                let request = self.clients.rds.modify_db_cluster().db_cluster_identifier(&have.name.0);
                let request = request.deletion_protection(false).apply_immediately(true).send();
                gone(self.call(MODIFY, request).await, NOT_FOUND)
            }
            End::Refused(why) => Err(Fault::invalid(why).in_action(DELETE)),
            End::Delete { snapshot, backups } => match self.delete_cluster(have, snapshot.as_deref(), backups).await {
                Err(fault) if fault.is(SNAPSHOT_EXISTS) => {
                    self.is_last_cluster_snapshot(snapshot.as_deref().unwrap_or_default(), have).await?;
                    self.delete_cluster(have, None, backups).await
                }
                answer => answer,
            },
        }
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_rds(key, &have.arn.0).await
    }
}

impl Cloud {
    /// The id of what a create or a restore has made, or has found under its own name.
    pub(super) async fn named_cluster<T>(
        &self,
        action: Action,
        key: &Key,
        name: Id,
        answer: Result<T, Fault>,
    ) -> Result<Id, Fault> {
        match answer {
            Ok(_) => Ok(name),
            Err(fault) if fault.is(EXISTS) => claim(action, Verbs::<Cluster>::read(self, key, &name).await?),
            Err(fault) => Err(fault),
        }
    }

    /// Every cluster: one list for them and their instances.
    pub(super) async fn database_clusters(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request = self.clients.rds.describe_db_clusters();
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await
    }

    /// One cluster by its identifier.
    pub(super) async fn database_cluster(&self, id: &Id) -> Result<Option<Sdk>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.rds.describe_db_clusters().db_cluster_identifier(&id.0).send());
        let clusters = absent(answer.await, NOT_FOUND)?.and_then(|answer| answer.db_clusters);
        Ok(clusters.unwrap_or_default().into_iter().next())
    }

    async fn delete_cluster(&self, have: &Observed, snapshot: Option<&str>, backups: bool) -> Result<(), Fault> {
        let request = self
            .clients
            .rds
            .delete_db_cluster()
            .db_cluster_identifier(&have.name.0)
            .skip_final_snapshot(snapshot.is_none())
            .set_final_db_snapshot_identifier(snapshot.map(str::to_owned))
            .delete_automated_backups(backups)
            .send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    /// Whether the snapshot of this name is a complete one of this very cluster, made by a delete that failed later.
    async fn is_last_cluster_snapshot(&self, name: &str, have: &Observed) -> Result<(), Fault> {
        let request = self.clients.rds.describe_db_cluster_snapshots().db_cluster_snapshot_identifier(name).send();
        let answer = self.call(DESCRIBE_SNAPSHOTS, request).await?;
        let snapshot = answer.db_cluster_snapshots().first();
        match snapshot.map(|snapshot| (snapshot.db_cluster_resource_id() == Some(&have.resource), snapshot.status())) {
            Some((false, _)) => Err(Fault::not_ours(format!("snapshot {name}"), None).in_action(DELETE)),
            Some((true, Some("available"))) => Ok(()),
            _ => Err(Fault::new(Class::Busy, format!("snapshot {name} is not complete yet")).in_action(DELETE)),
        }
    }
}

pub(super) fn security_groups(want: &Desired) -> Vec<String> {
    want.security_groups.iter().map(|group| group.0.clone()).collect()
}

pub(super) fn bounds(Capacity { min, max }: Capacity) -> ServerlessV2ScalingConfiguration {
    ServerlessV2ScalingConfiguration::builder().min_capacity(min).max_capacity(max).build()
}

/// What was found of a cluster. What is about to change counts as changed.
fn observed(sdk: &Sdk) -> Option<Observed> {
    let pending = sdk.pending_modified_values();
    let version = pending.and_then(|pending| pending.engine_version()).or(sdk.engine_version());
    let days = pending.and_then(|pending| pending.backup_retention_period()).or(sdk.backup_retention_period());
    let writer = sdk.db_cluster_members().iter().find(|member| member.is_cluster_writer() == Some(true));
    let groups = sdk.vpc_security_groups().iter().filter(|group| group.status() != Some("removing"));
    let capacity = sdk.serverless_v2_scaling_configuration();
    Some(Observed {
        name: Id(sdk.db_cluster_identifier()?.to_owned()),
        arn: Id(sdk.db_cluster_arn()?.to_owned()),
        resource: sdk.db_cluster_resource_id()?.to_owned(),
        status: sdk.status()?.to_owned(),
        engine: sdk.engine()?.to_owned(),
        version: version?.to_owned(),
        username: sdk.master_username()?.to_owned(),
        encrypted: sdk.storage_encrypted().unwrap_or_default(),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        restorable: sdk.latest_restorable_time().map(|time| time.secs()),
        endpoint: endpoint(sdk.endpoint(), sdk.port()),
        reader: endpoint(sdk.reader_endpoint(), sdk.port()),
        writer: writer.and_then(|writer| writer.db_instance_identifier()).map(Id::from),
        subnet_group: Id(sdk.db_subnet_group()?.to_owned()),
        parameter_group: Id(sdk.db_cluster_parameter_group()?.to_owned()),
        security_groups: groups.filter_map(|group| Some(Id(group.vpc_security_group_id()?.to_owned()))).collect(),
        backup_days: days.map(natural).unwrap_or_default(),
        protected: sdk.deletion_protection().unwrap_or_default(),
        copies_tags: sdk.copy_tags_to_snapshot().unwrap_or_default(),
        foreign_password: tags(sdk.tag_list()).contains_key(PASSWORD_TAG),
        capacity: capacity.and_then(|found| Some(Capacity { min: found.min_capacity()?, max: found.max_capacity()? })),
    })
}
