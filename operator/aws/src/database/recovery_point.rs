use aws_sdk_rds::types::{DbClusterSnapshot, DbSnapshot};
use wpc_blueprint::database::cluster::{self, Cluster};
use wpc_blueprint::database::primary::Primary;
use wpc_blueprint::database::recovery_point::{
    COMPONENT, CREATE, CREATE_CLUSTER, DELETE, DELETE_CLUSTER, DESCRIBE, DESCRIBE_CLUSTER, Desired, OLDER, Observed,
    Phase, Point, RecoveryPoint, TAKE, id, prefix,
};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Standing, Verbs};

use super::restore::NO_SNAPSHOT;
use super::{cluster as clusters, instance};
use crate::Cloud;
use crate::call::{absent, gone};
use crate::compute::standing;

impl Verbs<RecoveryPoint> for Cloud {
    /// It is there as long as its database is.
    async fn list(&self) -> Result<Vec<Found<RecoveryPoint>>, Fault> {
        let mut found = vec![];
        for primary in Verbs::<Primary>::list(self).await? {
            let instance = primary.have.instance;
            let points = self.snapshots(None).await?;
            found.push(beside((instance.name, instance.resource, false), &primary.standing, &points));
        }
        for cluster in Verbs::<Cluster>::list(self).await? {
            let points = self.cluster_snapshots(None).await?;
            found.push(beside((cluster.have.name, cluster.have.resource, true), &cluster.standing, &points));
        }
        Ok(found)
    }

    async fn read(&self, _: &Key, id: &Id) -> Result<Option<Found<RecoveryPoint>>, Fault> {
        let database = Id::from(id.0.rsplit_once('/').map_or(id.as_str(), |(database, _)| database));
        let key = Key::of(PRIMARY);
        if let Some(primary) = Verbs::<Primary>::read(self, &key, &database).await? {
            let instance = primary.have.instance;
            let points = self.snapshots(Some(&database)).await?;
            return Ok(Some(beside((instance.name, instance.resource, false), &primary.standing, &points)));
        }
        let key = Key::of(cluster::COMPONENT);
        let Some(cluster) = Verbs::<Cluster>::read(self, &key, &database).await? else { return Ok(None) };
        let points = self.cluster_snapshots(Some(&database)).await?;
        Ok(Some(beside((cluster.have.name, cluster.have.resource, true), &cluster.standing, &points)))
    }

    /// There is nothing to take: it is taken when there is an upgrade.
    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        Ok(id(&want.database))
    }

    async fn update(&self, key: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let asked = |path: &str| changes.iter().any(|change| change.path == path);
        if asked(OLDER) {
            for point in have.superfluous(want.upgrade.as_ref()) {
                self.remove_snapshot(&point.name, have.cluster).await?;
            }
        }
        match &want.upgrade {
            Some(upgrade) if asked(TAKE) => {
                // One for each upgrade: the tag tells them apart as the name does.
                let key = Key { variant: Some(upgrade.slug()), ..key.clone() };
                self.take_snapshot(&key, have, have.name(upgrade)).await
            }
            _ => Ok(()),
        }
    }

    /// It goes with its database, which takes the snapshots along where its data go.
    async fn delete(&self, _: &Key, _: &Observed, _: Removal) -> Result<(), Fault> {
        Ok(())
    }
}

impl Cloud {
    async fn take_snapshot(&self, key: &Key, have: &Observed, name: String) -> Result<(), Fault> {
        let rds = &self.clients.rds;
        // The name says of which database it is, and before which upgrade: one that is there is the one.
        match have.cluster {
            false => {
                let request = rds.create_db_snapshot().db_instance_identifier(&have.database.0);
                let request = request.db_snapshot_identifier(name).set_tags(self.rds_tags(key)).send();
                absent(self.call(CREATE, request).await, instance::SNAPSHOT_EXISTS).map(drop)
            }
            true => {
                let request = rds.create_db_cluster_snapshot().db_cluster_identifier(&have.database.0);
                let request = request.db_cluster_snapshot_identifier(name).set_tags(self.rds_tags(key)).send();
                absent(self.call(CREATE_CLUSTER, request).await, clusters::SNAPSHOT_EXISTS).map(drop)
            }
        }
    }

    async fn remove_snapshot(&self, name: &str, cluster: bool) -> Result<(), Fault> {
        let rds = &self.clients.rds;
        let answer = match cluster {
            false => self.call(DELETE, rds.delete_db_snapshot().db_snapshot_identifier(name).send()).await.map(drop),
            true => {
                let request = rds.delete_db_cluster_snapshot().db_cluster_snapshot_identifier(name).send();
                self.call(DELETE_CLUSTER, request).await.map(drop)
            }
        };
        gone(answer, NO_SNAPSHOT)
    }

    /// Removes what upgrades have left, with a database whose data go.
    pub(super) async fn remove_recovery_points(&self, (database, resource, cluster): Place<'_>) -> Result<(), Fault> {
        let points = match cluster {
            false => self.snapshots(Some(database)).await?,
            true => self.cluster_snapshots(Some(database)).await?,
        };
        let ours = prefix(database, resource);
        for point in points.iter().filter(|point| point.name.starts_with(&ours)) {
            if point.phase == Phase::Taking {
                let message = format!("the snapshot {} is being taken; the database goes once it is gone", point.name);
                return Err(Fault::new(Class::Busy, message).in_action(DELETE));
            }
            self.remove_snapshot(&point.name, cluster).await?;
        }
        Ok(())
    }

    /// The snapshots of one instance, or of all.
    async fn snapshots(&self, of: Option<&Id>) -> Result<Vec<Point>, Fault> {
        self.manual_snapshots(of).await?.iter().filter_map(|sdk| point(sdk).transpose()).collect()
    }

    /// The snapshots of one cluster, or of all.
    async fn cluster_snapshots(&self, of: Option<&Id>) -> Result<Vec<Point>, Fault> {
        self.manual_cluster_snapshots(of).await?.iter().filter_map(|sdk| cluster_point(sdk).transpose()).collect()
    }
}

/// The component of the instance that is written to.
const PRIMARY: &str = "database/primary";

/// A database's identifier, what tells it from an earlier one of that name, and whether it is a cluster.
type Place<'a> = (&'a Id, &'a str, bool);

fn beside((database, resource, cluster): (Id, String, bool), whose: &Standing, all: &[Point]) -> Found<RecoveryPoint> {
    let ours = prefix(&database, &resource);
    let points = all.iter().filter(|point| point.name.starts_with(&ours)).cloned().collect();
    let have = Observed { id: id(&database), database, resource, cluster, points };
    Found { key: Key::of(COMPONENT), have, standing: standing(whose) }
}

/// `None` for one that is on its way out.
fn point(sdk: &DbSnapshot) -> Result<Option<Point>, Fault> {
    let name = DESCRIBE.id(sdk.db_snapshot_identifier())?.0;
    let taken = sdk.original_snapshot_create_time().or(sdk.snapshot_create_time()).map(|time| time.secs());
    Ok(Phase::of(sdk.status().unwrap_or_default()).map(|phase| Point { name, taken, phase }))
}

fn cluster_point(sdk: &DbClusterSnapshot) -> Result<Option<Point>, Fault> {
    let name = DESCRIBE_CLUSTER.id(sdk.db_cluster_snapshot_identifier())?.0;
    let taken = sdk.snapshot_create_time().map(|time| time.secs());
    Ok(Phase::of(sdk.status().unwrap_or_default()).map(|phase| Point { name, taken, phase }))
}
