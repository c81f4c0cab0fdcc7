//! What primary, replicas and members of clusters have in common.

use std::iter::once;
use std::sync::Arc;

use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder as Modification;
use aws_sdk_rds::types::{DbInstance as Sdk, Filter};
use wpc_blueprint::TAG_COMPONENT;
use wpc_blueprint::database::end::End;
use wpc_blueprint::database::instance::{
    CLASS, COPIES_TAGS, DELETE, DESCRIBE, DESCRIBE_SNAPSHOTS, Instance, MINOR_UPGRADES, MODIFY, MONITORING,
    MONITORING_SECONDS, PARAMETER_GROUP, PUBLIC, REBOOT, RESTART, Running, SECURITY_GROUPS, Shape, VERSION,
};
use wpc_blueprint::database::output::Endpoint;
use wpc_blueprint::database::storage::{KIND, MAX, SIZE};
use wpc_engine::{Action, Change, Class, Fault, Found, Id, Key, Kind, Verbs};

use super::tags;
use crate::Cloud;
use crate::call::{absent, claim, gone};

pub(super) const NOT_FOUND: &[&str] = &["DBInstanceNotFound", "DBInstanceNotFoundFault"];
const EXISTS: &[&str] = &["DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault"];
pub(super) const SNAPSHOT_EXISTS: &[&str] = &["DBSnapshotAlreadyExists", "DBSnapshotAlreadyExistsFault"];

impl Cloud {
    /// An instance's identifier.
    pub(super) fn instance_name(&self, key: &Key) -> String {
        self.name(key, 63)
    }

    /// Every DB instance: one list for primaries, replicas and members of clusters.
    pub(super) async fn instances(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        let request =
            self.clients.rds.describe_db_instances().into_paginator().stop_on_duplicate_token(false).items().send();
        self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await
    }

    /// This stack's among them. A restored copy has the original's tags, but not its name: it is somebody else's.
    pub(super) fn owned<K: Kind>(
        &self,
        sdk: &Sdk,
        mine: impl Fn(&Key) -> bool,
        have: Option<K::Observed>,
    ) -> Option<Result<Found<K>, Fault>> {
        let tags = tags(sdk.tag_list());
        let Ok(key) = tags.get(TAG_COMPONENT)?.parse::<Key>();
        if !mine(&key) || sdk.db_instance_identifier() != Some(&self.instance_name(&key)) {
            return None;
        }
        self.ours::<K>(DESCRIBE, once((tags, have))).map(|found| found.into_iter().next()).transpose()
    }

    /// One instance by its identifier.
    pub(super) async fn instance(&self, id: &Id) -> Result<Option<Sdk>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.rds.describe_db_instances().db_instance_identifier(&id.0).send());
        let instances = absent(answer.await, NOT_FOUND)?.and_then(|answer| answer.db_instances);
        Ok(instances.unwrap_or_default().into_iter().next())
    }

    /// Several instances by their identifiers; those that are gone are left out.
    pub(super) async fn instances_named(&self, names: &[String]) -> Result<Vec<Sdk>, Fault> {
        if names.is_empty() {
            return Ok(vec![]);
        }
        let filter = Filter::builder().name("db-instance-id").set_values(Some(names.to_vec())).build();
        let request = self
            .clients
            .rds
            .describe_db_instances()
            .filters(filter)
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        let instances = self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>()).await?;
        let named = |sdk: &Sdk| sdk.db_instance_identifier().is_some_and(|name| names.iter().any(|one| one == name));
        Ok(instances.into_iter().filter(named).collect())
    }

    /// The id of what a create has made, or has found under its own name.
    pub(super) async fn named<K: Kind, T>(
        &self,
        action: Action,
        key: &Key,
        name: String,
        answer: Result<T, Fault>,
    ) -> Result<Id, Fault>
    where
        Self: Verbs<K>,
    {
        match answer {
            Ok(_) => Ok(Id(name)),
            Err(fault) if fault.is(EXISTS) => claim(action, Verbs::<K>::read(self, key, &Id(name)).await?),
            Err(fault) => Err(fault),
        }
    }

    /// A modification with the changes that primaries and replicas share.
    pub(super) fn modification(&self, have: &Instance, want: &Shape, changes: &[Change]) -> Modification {
        let disk = &want.storage;
        let request = self.clients.rds.modify_db_instance().db_instance_identifier(&have.name.0);
        changes.iter().fold(request.apply_immediately(true), |request, change| match change.path.as_str() {
            VERSION => request.engine_version(&want.version).allow_major_version_upgrade(true),
            CLASS => request.db_instance_class(&want.class),
            SIZE => request
                .allocated_storage(number(disk.floor(&have.running)))
                .max_allocated_storage(number(disk.limit(&have.running)))
                .set_iops(disk.iops(&have.running).map(number)),
            MAX => request.max_allocated_storage(number(disk.limit(&have.running))),
            KIND => request.storage_type(disk.kind),
            PARAMETER_GROUP => request.db_parameter_group_name(&want.parameter_group.0),
            SECURITY_GROUPS => request.set_vpc_security_group_ids(Some(security_groups(want))),
            PUBLIC => request.publicly_accessible(false),
            MINOR_UPGRADES => request.auto_minor_version_upgrade(true),
            COPIES_TAGS => request.copy_tags_to_snapshot(true),
            MONITORING => monitored(request, want.monitoring.clone()),
            _ => request,
        })
    }

    /// Sends a modification; where nothing else differs, the restart that parameters wait for.
    pub(super) async fn modify(&self, have: &Instance, changes: &[Change], request: Modification) -> Result<(), Fault> {
        if changes.iter().all(|change| change.path == RESTART) {
            let request = self.clients.rds.reboot_db_instance().db_instance_identifier(&have.name.0).send();
            return self.call(REBOOT, request).await.map(drop);
        }
        self.call(MODIFY, request.send()).await.map(drop)
    }

    /// Takes a step towards an instance's end.
    pub(super) async fn end(&self, have: &Instance, end: End) -> Result<(), Fault> {
        match end {
            End::Unprotect => {
                let request = self.clients.rds.modify_db_instance().db_instance_identifier(&have.name.0);
                let request = request.deletion_protection(false).apply_immediately(true).send();
                gone(self.call(MODIFY, request).await, NOT_FOUND)
            }
            End::Refused(why) => Err(Fault::invalid(why).in_action(DELETE)),
            End::Delete { snapshot, backups } => match self.delete_instance(have, snapshot.as_deref(), backups).await {
                Err(fault) if fault.is(SNAPSHOT_EXISTS) => {
                    self.is_last_snapshot(snapshot.as_deref().unwrap_or_default(), have).await?;
                    self.delete_instance(have, None, backups).await
                }
                answer => answer,
            },
        }
    }

    async fn delete_instance(&self, have: &Instance, snapshot: Option<&str>, backups: bool) -> Result<(), Fault> {
        let request = self
            .clients
            .rds
            .delete_db_instance()
            .db_instance_identifier(&have.name.0)
            .skip_final_snapshot(snapshot.is_none())
            .set_final_db_snapshot_identifier(snapshot.map(str::to_owned))
            .delete_automated_backups(backups)
            .send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    /// Whether the snapshot of this name is a complete one of this very instance, made by a delete that failed later.
    async fn is_last_snapshot(&self, name: &str, have: &Instance) -> Result<(), Fault> {
        let request = self.clients.rds.describe_db_snapshots().db_snapshot_identifier(name).send();
        let answer = self.call(DESCRIBE_SNAPSHOTS, request).await?;
        let snapshot = answer.db_snapshots().first();
        match snapshot.map(|snapshot| (snapshot.dbi_resource_id() == Some(&have.resource), snapshot.status())) {
            Some((false, _)) => Err(Fault::not_ours(format!("snapshot {name}"), None).in_action(DELETE)),
            Some((true, Some("available"))) => Ok(()),
            _ => Err(Fault::new(Class::Busy, format!("snapshot {name} is not complete yet")).in_action(DELETE)),
        }
    }
}

/// Enhanced monitoring under this role, or none.
pub(super) fn monitored(request: Modification, role: Option<String>) -> Modification {
    let seconds = role.as_ref().map_or(0, |_| MONITORING_SECONDS);
    request.monitoring_interval(seconds).set_monitoring_role_arn(role)
}

/// How often enhanced monitoring looks, at creation.
pub(super) fn seconds(role: Option<&String>) -> Option<i32> {
    role.map(|_| MONITORING_SECONDS)
}

/// RDS's numbers are signed.
pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The security groups of an instance.
pub(super) fn security_groups(want: &Shape) -> Vec<String> {
    want.security_groups.iter().map(|group| group.0.clone()).collect()
}

/// What was found of an instance. What is about to change counts as changed.
pub(super) fn observed(sdk: &Sdk) -> Option<Instance> {
    let pending = sdk.pending_modified_values();
    let backups = pending.and_then(|pending| pending.backup_retention_period()).or(sdk.backup_retention_period());
    let found = sdk.endpoint();
    let endpoint = found.and_then(|found| endpoint(found.address(), found.port()));
    Some(Instance {
        name: Id(sdk.db_instance_identifier()?.to_owned()),
        arn: Id(sdk.db_instance_arn()?.to_owned()),
        resource: sdk.dbi_resource_id()?.to_owned(),
        status: sdk.db_instance_status()?.to_owned(),
        endpoint,
        zone: sdk.availability_zone().map(str::to_owned),
        subnet_group: Id(sdk.db_subnet_group().and_then(|group| group.db_subnet_group_name())?.to_owned()),
        backup_days: backups.map(natural).unwrap_or_default(),
        protected: sdk.deletion_protection().unwrap_or_default(),
        source: sdk.read_replica_source_db_instance_identifier().filter(|source| !source.is_empty()).map(Id::from),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        restorable: sdk.latest_restorable_time().map(|time| time.secs()),
        running: running(sdk)?,
    })
}

/// Where something answers; RDS says so once it does.
pub(super) fn endpoint(host: Option<&str>, port: Option<i32>) -> Option<Endpoint> {
    let host = host.filter(|host| !host.is_empty())?.to_owned();
    Some(Endpoint { host, port: port?.try_into().ok()? })
}

fn running(sdk: &Sdk) -> Option<Running> {
    let pending = sdk.pending_modified_values();
    let text = |value: Option<&str>, now: Option<&str>| value.or(now).map(str::to_owned);
    let size = pending.and_then(|pending| pending.allocated_storage()).or(sdk.allocated_storage());
    let iops = pending.and_then(|pending| pending.iops()).or(sdk.iops());
    let group = sdk.db_parameter_groups().first();
    let security_groups = sdk.vpc_security_groups().iter().filter(|group| group.status() != Some("removing"));
    Some(Running {
        version: text(pending.and_then(|pending| pending.engine_version()), sdk.engine_version())?,
        class: text(pending.and_then(|pending| pending.db_instance_class()), sdk.db_instance_class())?,
        size: size.map(natural)?,
        max: sdk.max_allocated_storage().map(natural),
        kind: text(pending.and_then(|pending| pending.storage_type()), sdk.storage_type())?,
        iops: iops.map(natural),
        parameter_group: Id(group.and_then(|group| group.db_parameter_group_name())?.to_owned()),
        awaits_restart: group.and_then(|group| group.parameter_apply_status()) == Some("pending-reboot"),
        security_groups: security_groups
            .filter_map(|group| Some(Id(group.vpc_security_group_id()?.to_owned())))
            .collect(),
        public: sdk.publicly_accessible().unwrap_or_default(),
        minor_upgrades: sdk.auto_minor_version_upgrade().unwrap_or(true),
        copies_tags: sdk.copy_tags_to_snapshot().unwrap_or_default(),
        monitoring: sdk.monitoring_role_arn().filter(|_| sdk.monitoring_interval() > Some(0)).map(str::to_owned),
    })
}

pub(super) fn natural(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
