use aws_sdk_elasticache::operation::modify_replication_group::builders::ModifyReplicationGroupFluentBuilder as Modify;
use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster as Node, MultiAzStatus, PendingAutomaticFailoverStatus,
    ReplicationGroup as Sdk, TransitEncryptionMode,
};
use wpc_blueprint::cache::replication_group::{
    CREATE, DECREASE, DELETE, DESCRIBE, DESCRIBE_NODES, Desired, Endpoints, FAILOVER, INCREASE, MODIFY, NODE_TYPE,
    NODES, Observed, PARAMETER_GROUP, PORT, Phase, ReplicationGroup, SECURITY_GROUPS, TRANSIT, Transit, VERSION,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::Marks;
use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["ReplicationGroupNotFoundFault", "ReplicationGroupNotFound"];
const NODE_NOT_FOUND: &[&str] = &["CacheClusterNotFound"];
const EXISTS: &[&str] = &["ReplicationGroupAlreadyExists"];
const LONGEST_NAME: usize = 40;

impl Verbs<ReplicationGroup> for Cloud {
    async fn list(&self) -> Result<Vec<Found<ReplicationGroup>>, Fault> {
        let request = self
            .clients
            .elasticache
            .describe_replication_groups()
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        let groups = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        let mut found = vec![];
        for sdk in groups.iter().filter(|sdk| self.cache_key(sdk.description()).is_some()) {
            let nodes = self.cache_clusters().await?;
            let node = nodes.iter().find(|node| node.replication_group_id() == sdk.replication_group_id());
            if let Some(have) = observed(sdk, node) {
                found.extend(self.cache_listed(marks(sdk), have).await?);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<ReplicationGroup>>, Fault> {
        let request = self.clients.elasticache.describe_replication_groups().replication_group_id(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let groups = answer.and_then(|answer| answer.replication_groups).unwrap_or_default();
        let Some(sdk) = groups.first() else { return Ok(None) };
        let node = self.first_node(sdk).await?;
        match observed(sdk, node.as_ref()) {
            Some(have) => self.cache_at(key, marks(sdk), have).await.map(Some),
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = Id(self.name(key, LONGEST_NAME));
        let token = self.secret_value(&want.auth_token).await?;
        let request = self
            .clients
            .elasticache
            .create_replication_group()
            .replication_group_id(&name.0)
            .replication_group_description(self.cache_description(key))
            .engine(want.engine.as_str())
            .engine_version(&want.version)
            // The version moves with the spec only.
            .auto_minor_version_upgrade(false)
            .cache_node_type(&want.node_type)
            .num_cache_clusters(want.nodes.into())
            .automatic_failover_enabled(want.nodes > 1)
            .multi_az_enabled(want.nodes > 1)
            .cache_subnet_group_name(&want.subnet_group.0)
            .cache_parameter_group_name(&want.parameter_group.0)
            .set_security_group_ids(Some(want.security_groups.iter().map(|id| id.0.clone()).collect()))
            .port(PORT.into())
            .at_rest_encryption_enabled(true)
            .set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()))
            .transit_encryption_enabled(true)
            .auth_token(token.expose())
            .set_tags(Some(self.cache_tags(key)))
            .send();
        match self.call(CREATE, request).await {
            Ok(_) => Ok(name),
            Err(fault) if fault.is(EXISTS) => claim(CREATE, Verbs::<ReplicationGroup>::read(self, key, &name).await?),
            Err(fault) => Err(fault),
        }
    }

    /// The first of the changes: AWS refuses a second one while it is at work on it.
    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let Some(change) = changes.first() else { return Ok(()) };
        if change.path == NODES {
            return self.change_nodes(want, have).await;
        }
        let request = self.clients.elasticache.modify_replication_group().replication_group_id(&have.name.0);
        let request = modification(request.apply_immediately(true), &change.path, want, have);
        self.call(MODIFY, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.elasticache.delete_replication_group().replication_group_id(&have.name.0);
        let done = self.call(DELETE, request.retain_primary_cluster(false).send()).await;
        self.forget(&have.arn);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_cache(key, &have.arn).await
    }
}

impl Cloud {
    async fn change_nodes(&self, want: &Desired, have: &Observed) -> Result<(), Fault> {
        let replicas = i32::from(want.nodes) - 1;
        if want.nodes > have.nodes {
            let request = self.clients.elasticache.increase_replica_count().replication_group_id(&have.name.0);
            let request = request.new_replica_count(replicas).apply_immediately(true).send();
            self.call(INCREASE, request).await.map(drop)
        } else {
            let request = self.clients.elasticache.decrease_replica_count().replication_group_id(&have.name.0);
            let request = request.new_replica_count(replicas).apply_immediately(true).send();
            self.call(DECREASE, request).await.map(drop)
        }
    }

    async fn first_node(&self, sdk: &Sdk) -> Result<Option<Node>, Fault> {
        let Some(node) = sdk.member_clusters().first() else { return Ok(None) };
        let request = self.clients.elasticache.describe_cache_clusters().cache_cluster_id(node).send();
        let answer = absent(self.call(DESCRIBE_NODES, request).await, NODE_NOT_FOUND)?;
        Ok(answer.and_then(|answer| answer.cache_clusters).and_then(|nodes| nodes.into_iter().next()))
    }
}

fn modification(request: Modify, path: &str, want: &Desired, have: &Observed) -> Modify {
    match path {
        // Parameters of another family are refused without the version, and the other way round.
        VERSION => request.engine_version(&want.version).cache_parameter_group_name(&want.parameter_group.0),
        PARAMETER_GROUP => request.cache_parameter_group_name(&want.parameter_group.0),
        NODE_TYPE => request.cache_node_type(&want.node_type),
        SECURITY_GROUPS => {
            request.set_security_group_ids(Some(want.security_groups.iter().map(|id| id.0.clone()).collect()))
        }
        FAILOVER => request.automatic_failover_enabled(want.nodes > 1).multi_az_enabled(want.nodes > 1),
        TRANSIT if have.transit == Transit::Disabled => {
            request.transit_encryption_enabled(true).transit_encryption_mode(TransitEncryptionMode::Preferred)
        }
        TRANSIT => request.transit_encryption_enabled(true).transit_encryption_mode(TransitEncryptionMode::Required),
        _ => request,
    }
}

fn marks(sdk: &Sdk) -> Marks<'_> {
    let readable = sdk.status() == Some("available");
    Marks { arn: sdk.arn().unwrap_or_default(), description: sdk.description(), readable }
}

fn observed(sdk: &Sdk, node: Option<&Node>) -> Option<Observed> {
    let group = sdk.node_groups().first();
    // The group counts nodes that serve; before there are any, those that were asked for.
    let serving = group.map_or(0, |group| group.node_group_members().len());
    let nodes = if serving > 0 { serving } else { sdk.member_clusters().len() };
    let pending = node.and_then(|node| node.pending_modified_values());
    let version = pending.and_then(|pending| pending.engine_version()).or(node.and_then(|node| node.engine_version()));
    let node_type = pending.and_then(|pending| pending.cache_node_type()).or(sdk.cache_node_type());
    let parameters = node.and_then(|node| node.cache_parameter_group()?.cache_parameter_group_name());
    let id = |text: &str| Id(text.to_owned());
    Some(Observed {
        name: id(sdk.replication_group_id()?),
        arn: sdk.arn().unwrap_or_default().to_owned(),
        version: version.map(Into::into),
        node_type: node_type.unwrap_or_default().to_owned(),
        nodes: nodes.try_into().unwrap_or(u8::MAX),
        failover: failover(sdk),
        transit: transit(sdk),
        subnet_group: node.and_then(|node| node.cache_subnet_group_name()).map(id),
        parameter_group: parameters.map(id),
        security_groups: node
            .iter()
            .flat_map(|node| node.security_groups())
            .filter_map(|group| group.security_group_id().map(id))
            .collect(),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        endpoints: endpoints(sdk),
        phase: phase(sdk.status().unwrap_or_default()),
    })
}

fn failover(sdk: &Sdk) -> bool {
    let pending = sdk.pending_modified_values().and_then(|pending| pending.automatic_failover_status());
    let automatic = match pending {
        Some(pending) => *pending == PendingAutomaticFailoverStatus::Enabled,
        None => {
            let status = sdk.automatic_failover();
            status.is_some_and(|s| matches!(s, AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling))
        }
    };
    automatic && sdk.multi_az() == Some(&MultiAzStatus::Enabled)
}

/// Engines that know no mode, and answers without one, mean "required".
fn transit(sdk: &Sdk) -> Transit {
    let pending = sdk.pending_modified_values();
    let enabled = pending.and_then(|p| p.transit_encryption_enabled()).or(sdk.transit_encryption_enabled());
    let mode = pending.and_then(|p| p.transit_encryption_mode()).or(sdk.transit_encryption_mode());
    match (enabled.unwrap_or_default(), mode) {
        (false, _) => Transit::Disabled,
        (true, Some(TransitEncryptionMode::Preferred)) => Transit::Preferred,
        (true, _) => Transit::Required,
    }
}

fn endpoints(sdk: &Sdk) -> Option<Endpoints> {
    let group = sdk.node_groups().first()?;
    let primary = group.primary_endpoint()?;
    let reader = group.reader_endpoint().and_then(|endpoint| endpoint.address()).or(primary.address())?;
    Some(Endpoints {
        id: Id(sdk.replication_group_id()?.to_owned()),
        primary: primary.address()?.to_owned(),
        reader: reader.to_owned(),
        port: primary.port()?.try_into().ok()?,
    })
}

fn phase(status: &str) -> Phase {
    match status {
        "available" => Phase::Available,
        "creating" => Phase::Creating,
        "deleting" => Phase::Deleting,
        "create-failed" => Phase::Failed,
        _ => Phase::Modifying,
    }
}
