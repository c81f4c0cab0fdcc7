//! Snapshots that people and we take, not those that RDS takes each day: of one database, or the account's, which all
//! stacks share.

use std::sync::Arc;

use aws_sdk_rds::types::{DbClusterSnapshot, DbSnapshot};
use wpc_blueprint::database::{cluster, instance};
use wpc_engine::{Fault, Id};

use crate::Cloud;

const MANUAL: &str = "manual";

impl Cloud {
    /// Of instances.
    pub(crate) async fn manual_snapshots(&self, of: Option<&Id>) -> Result<Arc<Vec<DbSnapshot>>, Fault> {
        let request = self.clients.rds.describe_db_snapshots().snapshot_type(MANUAL);
        let request = request.set_db_instance_identifier(of.map(|id| id.0.clone()));
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(instance::DESCRIBE_SNAPSHOTS, request.collect::<Result<Vec<_>, _>>());
        match of {
            Some(_) => fetch.await.map(Arc::new),
            None => self.shared(instance::DESCRIBE_SNAPSHOTS.name, fetch).await,
        }
    }

    /// Of clusters.
    pub(crate) async fn manual_cluster_snapshots(&self, of: Option<&Id>) -> Result<Arc<Vec<DbClusterSnapshot>>, Fault> {
        let request = self.clients.rds.describe_db_cluster_snapshots().snapshot_type(MANUAL);
        let request = request.set_db_cluster_identifier(of.map(|id| id.0.clone()));
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(cluster::DESCRIBE_SNAPSHOTS, request.collect::<Result<Vec<_>, _>>());
        match of {
            Some(_) => fetch.await.map(Arc::new),
            None => self.shared(cluster::DESCRIBE_SNAPSHOTS.name, fetch).await,
        }
    }
}
