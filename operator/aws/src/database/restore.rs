//! A database that begins with the data of another one.

use aws_sdk_rds::primitives::DateTime;
use aws_sdk_rds::types::{DbCluster, DbClusterSnapshot, DbInstance, DbSnapshot, Tag};
use wpc_blueprint::database::restore::{
    CLUSTER_FROM_SNAPSHOT, CLUSTER_TO_TIME, FROM_SNAPSHOT, OF_SOURCE, Origin, PASSWORD_TAG, Source, TO_TIME, UNTAG,
    Wish, judge,
};
use wpc_blueprint::database::{AURORA, cluster, instance, primary};
use wpc_engine::{Action, Class, Fault, Id, Key};

use super::cluster::NOT_FOUND as NO_CLUSTER;
use super::instance::{NOT_FOUND, natural, number, security_groups};
use super::settings::{cluster_settings, instance_settings};
use crate::call::absent;
use crate::{Account, Cloud};

const NO_SNAPSHOT: &[&str] =
    &["DBSnapshotNotFound", "DBSnapshotNotFoundFault", "DBClusterSnapshotNotFoundFault", "DBClusterSnapshotNotFound"];

/// Reads what an id stands for; by `$ask`, which a stack and an account each have.
macro_rules! source {
    ($self:ident.$ask:ident, $engine:expr, $origin:expr) => {{
        let rds = &$self.clients.rds;
        // Those of other accounts are named by their ARN, and shown on demand.
        let shared = |id: &str| id.starts_with("arn:").then_some(true);
        let instance = async |id: &str| {
            let request = rds.describe_db_snapshots().db_snapshot_identifier(id).set_include_shared(shared(id)).send();
            let answer = absent($self.$ask(instance::DESCRIBE_SNAPSHOTS, request).await, NO_SNAPSHOT)?;
            let found = answer.as_ref().and_then(|answer| answer.db_snapshots().first());
            read(instance::DESCRIBE_SNAPSHOTS, found.map(of_snapshot))
        };
        let cluster = async |id: &str| {
            let request = rds.describe_db_cluster_snapshots().db_cluster_snapshot_identifier(id);
            let request = request.set_include_shared(shared(id)).send();
            let answer = absent($self.$ask(cluster::DESCRIBE_SNAPSHOTS, request).await, NO_SNAPSHOT)?;
            let found = answer.as_ref().and_then(|answer| answer.db_cluster_snapshots().first());
            read(cluster::DESCRIBE_SNAPSHOTS, found.map(of_cluster_snapshot))
        };
        match ($origin, $engine == AURORA) {
            // Where there is none, the other sort is looked for: so that is said, and not that nothing is there.
            (Origin::Snapshot(id), true) => match cluster(id).await? {
                None => instance(id).await,
                found => Ok(found),
            },
            (Origin::Snapshot(id), false) => match instance(id).await? {
                None => cluster(id).await,
                found => Ok(found),
            },
            (Origin::Time(id, _), true) => {
                let request = rds.describe_db_clusters().db_cluster_identifier(id).send();
                let answer = absent($self.$ask(cluster::DESCRIBE, request).await, NO_CLUSTER)?;
                let found = answer.as_ref().and_then(|answer| answer.db_clusters().first());
                read(cluster::DESCRIBE, found.map(of_cluster))
            }
            (Origin::Time(id, _), false) => {
                let request = rds.describe_db_instances().db_instance_identifier(id).send();
                let answer = absent($self.$ask(instance::DESCRIBE, request).await, NOT_FOUND)?;
                let found = answer.as_ref().and_then(|answer| answer.db_instances().first());
                read(instance::DESCRIBE, found.map(of_instance))
            }
        }
    }};
}

/// What was found; something that is there and says nothing of itself is a fault.
fn read(action: Action, found: Option<Option<Source>>) -> Result<Option<Source>, Fault> {
    let nonsense = || Fault::new(Class::Transient, "the answer shows something without its engine or its state");
    found.map(|source| source.ok_or_else(|| nonsense().in_action(action))).transpose()
}

impl Account {
    /// What a database is to begin with, if it is there.
    pub(crate) async fn origin(&self, engine: &str, origin: &Origin) -> Result<Option<Source>, Fault> {
        source!(self.ask, engine, origin)
    }
}

impl Cloud {
    /// What a database is to begin with, if it fits.
    async fn fitting(&self, action: Action, origin: &Origin, wish: Wish<'_>) -> Result<Source, Fault> {
        let found = source!(self.call, wish.engine, origin)?;
        if let Err(unfit) = judge(origin, found.as_ref(), wish) {
            let class = if unfit.passes { Class::Busy } else { Class::Invalid };
            return Err(Fault::new(class, unfit.message).in_action(action));
        }
        found.ok_or_else(|| Fault::invalid("nothing to restore").in_action(action))
    }

    /// Makes an instance by a restore, with all of its settings that a restore takes; the others follow.
    pub(super) async fn restore_instance(
        &self,
        key: &Key,
        want: &primary::Desired,
        origin: &Origin,
    ) -> Result<Id, Fault> {
        let (name, shape, rds) = (self.instance_name(key), &want.shape, &self.clients.rds);
        let wish = Wish {
            engine: want.engine,
            version: &shape.version,
            username: want.username,
            gibibytes: shape.storage.size,
            key: want.key.as_ref(),
        };
        match origin {
            Origin::Snapshot(snapshot) => {
                self.fitting(FROM_SNAPSHOT, origin, wish).await?;
                let request = rds.restore_db_instance_from_db_snapshot();
                let request = request.db_instance_identifier(&name).db_snapshot_identifier(snapshot);
                let request = instance_settings!(request, want).set_tags(self.restored_tags(key)).send();
                let answer = self.call(FROM_SNAPSHOT, request).await;
                self.named::<primary::Primary, _>(FROM_SNAPSHOT, key, name, answer).await
            }
            Origin::Time(source, time) => {
                self.fitting(TO_TIME, origin, wish).await?;
                let grows = shape.storage.max > shape.storage.size;
                let request = rds
                    .restore_db_instance_to_point_in_time()
                    .target_db_instance_identifier(&name)
                    .source_db_instance_identifier(source)
                    .restore_time(DateTime::from_secs(time.as_second()))
                    .set_max_allocated_storage(grows.then_some(number(shape.storage.max)));
                let request = instance_settings!(request, want).set_tags(self.restored_tags(key)).send();
                let answer = self.call(TO_TIME, request).await;
                self.named::<primary::Primary, _>(TO_TIME, key, name, answer).await
            }
        }
    }

    /// Makes a cluster by a restore.
    pub(super) async fn restore_cluster(
        &self,
        key: &Key,
        want: &cluster::Desired,
        origin: &Origin,
    ) -> Result<Id, Fault> {
        let (name, rds) = (Id(self.instance_name(key)), &self.clients.rds);
        let wish = Wish {
            engine: AURORA,
            version: &want.version,
            username: want.username,
            gibibytes: 0,
            key: want.key.as_ref(),
        };
        match origin {
            Origin::Snapshot(snapshot) => {
                let source = self.fitting(CLUSTER_FROM_SNAPSHOT, origin, wish).await?;
                let request = rds
                    .restore_db_cluster_from_snapshot()
                    .db_cluster_identifier(&name.0)
                    .snapshot_identifier(snapshot)
                    .engine(AURORA)
                    // Left out, AWS takes its default.
                    .engine_version(source.version);
                let request = cluster_settings!(request, want).set_tags(self.restored_tags(key)).send();
                self.named_cluster(CLUSTER_FROM_SNAPSHOT, key, name, self.call(CLUSTER_FROM_SNAPSHOT, request).await)
                    .await
            }
            Origin::Time(source, time) => {
                self.fitting(CLUSTER_TO_TIME, origin, wish).await?;
                let request = rds
                    .restore_db_cluster_to_point_in_time()
                    .db_cluster_identifier(&name.0)
                    .source_db_cluster_identifier(source)
                    .restore_to_time(DateTime::from_secs(time.as_second()));
                let request = cluster_settings!(request, want).set_tags(self.restored_tags(key)).send();
                self.named_cluster(CLUSTER_TO_TIME, key, name, self.call(CLUSTER_TO_TIME, request).await).await
            }
        }
    }

    /// Notes that the password is the site's own.
    pub(super) async fn own_password(&self, arn: &Id) -> Result<(), Fault> {
        let request = self.clients.rds.remove_tags_from_resource().resource_name(&arn.0).tag_keys(PASSWORD_TAG).send();
        self.call(UNTAG, request).await.map(drop)
    }

    fn restored_tags(&self, key: &Key) -> Option<Vec<Tag>> {
        let mark = Tag::builder().key(PASSWORD_TAG).value(OF_SOURCE).build();
        self.rds_tags(key).map(|tags| tags.into_iter().chain([mark]).collect())
    }
}

fn of_snapshot(sdk: &DbSnapshot) -> Option<Source> {
    Some(Source {
        engine: sdk.engine()?.to_owned(),
        version: sdk.engine_version()?.to_owned(),
        username: sdk.master_username()?.to_owned(),
        gibibytes: sdk.allocated_storage().map(natural).unwrap_or_default(),
        encrypted: sdk.encrypted().unwrap_or_default(),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        status: sdk.status()?.to_owned(),
        latest: None,
    })
}

fn of_cluster_snapshot(sdk: &DbClusterSnapshot) -> Option<Source> {
    Some(Source {
        engine: sdk.engine()?.to_owned(),
        version: sdk.engine_version()?.to_owned(),
        username: sdk.master_username()?.to_owned(),
        gibibytes: 0,
        encrypted: sdk.storage_encrypted().unwrap_or_default(),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        status: sdk.status()?.to_owned(),
        latest: None,
    })
}

fn of_instance(sdk: &DbInstance) -> Option<Source> {
    Some(Source {
        engine: sdk.engine()?.to_owned(),
        version: sdk.engine_version()?.to_owned(),
        username: sdk.master_username()?.to_owned(),
        gibibytes: sdk.allocated_storage().map(natural).unwrap_or_default(),
        encrypted: sdk.storage_encrypted().unwrap_or_default(),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        status: sdk.db_instance_status()?.to_owned(),
        latest: sdk.latest_restorable_time().map(|time| time.secs()),
    })
}

fn of_cluster(sdk: &DbCluster) -> Option<Source> {
    Some(Source {
        engine: sdk.engine()?.to_owned(),
        version: sdk.engine_version()?.to_owned(),
        username: sdk.master_username()?.to_owned(),
        gibibytes: 0,
        encrypted: sdk.storage_encrypted().unwrap_or_default(),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        status: sdk.status()?.to_owned(),
        latest: sdk.latest_restorable_time().map(|time| time.secs()),
    })
}
