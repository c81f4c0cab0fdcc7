use aws_sdk_rds::types::{DbCluster, DbInstance as Sdk};
use wpc_blueprint::database::AURORA;
use wpc_blueprint::database::cluster_instance::{ClusterInstance, Desired, Observed, TIER, is_member};
use wpc_blueprint::database::instance::{CLASS, DELETE, MINOR_UPGRADES, MONITORING, PUBLIC};
use wpc_blueprint::database::primary::CREATE;
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::instance::{self, NOT_FOUND, monitored, seconds};
use super::tags;
use crate::Cloud;
use crate::call::gone;

impl Verbs<ClusterInstance> for Cloud {
    async fn list(&self) -> Result<Vec<Found<ClusterInstance>>, Fault> {
        let (all, clusters) = (self.instances().await?, self.database_clusters().await?);
        all.iter().filter_map(|sdk| self.owned(sdk, is_member, observed(sdk, &clusters))).collect()
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<ClusterInstance>>, Fault> {
        let Some(sdk) = self.instance(id).await? else { return Ok(None) };
        let cluster = match sdk.db_cluster_identifier() {
            Some(cluster) => self.database_cluster(&Id::from(cluster)).await?,
            None => None,
        };
        let have = observed(&sdk, cluster.as_slice());
        Ok(have.map(|have| self.at(key, &tags(sdk.tag_list()), have)))
    }

    /// Version, credentials, disk, backups and security groups are the cluster's; naming them would be refused.
    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.instance_name(key);
        let request = self
            .clients
            .rds
            .create_db_instance()
            .db_instance_identifier(&name)
            .db_cluster_identifier(&want.cluster.0)
            .engine(AURORA)
            .db_instance_class(&want.class)
            .set_availability_zone(want.zone.clone())
            .db_subnet_group_name(&want.subnet_group.0)
            .promotion_tier(want.tier.into())
            .publicly_accessible(false)
            .auto_minor_version_upgrade(true)
            .set_monitoring_interval(seconds(want.monitoring.as_ref()))
            .set_monitoring_role_arn(want.monitoring.clone())
            .set_tags(self.rds_tags(key))
            .send();
        let answer = self.call(CREATE, request).await;
        self.named::<ClusterInstance, _>(CREATE, key, name, answer).await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let request = self.clients.rds.modify_db_instance().db_instance_identifier(&have.instance.name.0);
        let request = request.apply_immediately(true);
        let request = changes.iter().fold(request, |request, change| match change.path.as_str() {
            CLASS => request.db_instance_class(&want.class),
            TIER => request.promotion_tier(want.tier.into()),
            PUBLIC => request.publicly_accessible(false),
            MINOR_UPGRADES => request.auto_minor_version_upgrade(true),
            MONITORING => monitored(request, want.monitoring.clone()),
            _ => request,
        });
        self.modify(&have.instance, changes, request).await
    }

    /// What it shows is the cluster's: it leaves no snapshot.
    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.rds.delete_db_instance().db_instance_identifier(&have.instance.name.0);
        gone(self.call(DELETE, request.skip_final_snapshot(true).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_rds(key, &have.instance.arn.0).await
    }
}

/// `clusters` are those among which its own is.
fn observed(sdk: &Sdk, clusters: &[DbCluster]) -> Option<Observed> {
    let instance = instance::observed(sdk)?;
    let members = clusters.iter().flat_map(|cluster| cluster.db_cluster_members());
    let member = members.into_iter().find(|member| member.db_instance_identifier() == Some(&instance.name.0));
    let tier = sdk.promotion_tier().or(member.and_then(|member| member.promotion_tier()));
    Some(Observed {
        cluster: sdk.db_cluster_identifier().map(Id::from),
        tier: tier.and_then(|tier| tier.try_into().ok()),
        awaits_restart: member.and_then(|member| member.db_cluster_parameter_group_status()) == Some("pending-reboot"),
        instance,
    })
}
