use aws_sdk_rds::types::DbInstance as Sdk;
use wpc_blueprint::database::replica::{CREATE, Desired, Observed, Replica, farewell, is_replica};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::instance::{self, number, seconds, security_groups};
use super::tags;
use crate::Cloud;

impl Verbs<Replica> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Replica>>, Fault> {
        let all = self.instances().await?;
        all.iter().filter_map(|sdk| self.owned(sdk, is_replica, observed(sdk))).collect()
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Replica>>, Fault> {
        let Some(sdk) = self.instance(id).await? else { return Ok(None) };
        Ok(observed(&sdk).map(|have| self.at(key, &tags(sdk.tag_list()), have)))
    }

    /// Engine, disk, subnet group and encryption are the source's; naming them would be refused.
    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let (name, shape) = (self.instance_name(key), &want.shape);
        let grows = shape.storage.max > shape.storage.size;
        let request = self
            .clients
            .rds
            .create_db_instance_read_replica()
            .db_instance_identifier(&name)
            .source_db_instance_identifier(&want.source.0)
            .set_availability_zone(want.zone.clone())
            .db_instance_class(&shape.class)
            .set_max_allocated_storage(grows.then_some(number(shape.storage.max)))
            .set_vpc_security_group_ids(Some(security_groups(shape)))
            .publicly_accessible(false)
            .db_parameter_group_name(&shape.parameter_group.0)
            .copy_tags_to_snapshot(true)
            .auto_minor_version_upgrade(true)
            .set_monitoring_interval(seconds(shape.monitoring.as_ref()))
            .set_monitoring_role_arn(shape.monitoring.clone())
            .set_tags(self.rds_tags(key))
            .send();
        let answer = self.call(CREATE, request).await;
        self.named::<Replica, _>(CREATE, key, name, answer).await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let request = self.modification(&have.instance, &want.shape, changes);
        self.modify(&have.instance, changes, request).await
    }

    async fn delete(&self, _: &Key, have: &Observed, removal: Removal) -> Result<(), Fault> {
        self.end(&have.instance, farewell(have, removal)).await
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_rds(key, &have.instance.arn.0).await
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let info = sdk.status_infos().iter().find(|info| info.status_type() == Some("read replication"));
    let replication = info.and_then(|info| info.status()).map(str::to_owned);
    Some(Observed { instance: instance::observed(sdk)?, replication })
}
