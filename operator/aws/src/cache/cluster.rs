use aws_sdk_elasticache::types::{AzMode, CacheCluster as Sdk};
use wpc_blueprint::cache::cluster::{CREATE, Cluster, DELETE, Desired, MODIFY, Observed, PORT, key};
use wpc_blueprint::cache::replication_group::{DESCRIBE_NODES, Endpoints, NODES, Phase, SECURITY_GROUPS, VERSION};
use wpc_engine::{Change, Fault, Found, Id, Key, Owner, Removal, Standing, Verbs};

use super::Marks;
use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["CacheClusterNotFound"];
const EXISTS: &[&str] = &["CacheClusterAlreadyExists"];
const LONGEST_NAME: usize = 50;
const ENGINE: &str = "memcached";

impl Verbs<Cluster> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Cluster>>, Fault> {
        let mut found = vec![];
        for sdk in self.cache_clusters().await?.iter() {
            let named = sdk.cache_cluster_id().and_then(|name| self.cluster_key(name));
            if let (Some(key), Some(have)) = (named, observed(sdk)) {
                let cluster = self.cluster_at(&key, sdk, have).await?;
                // Another stack's name may look like ours.
                found.extend(Some(cluster).filter(|cluster| !matches!(cluster.standing, Standing::Foreign(_))));
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Cluster>>, Fault> {
        let request = self.clients.elasticache.describe_cache_clusters().cache_cluster_id(&id.0);
        let answer = self.call(DESCRIBE_NODES, request.show_cache_node_info(true).send()).await;
        let clusters = absent(answer, NOT_FOUND)?.and_then(|answer| answer.cache_clusters).unwrap_or_default();
        let Some(sdk) = clusters.first() else { return Ok(None) };
        match observed(sdk) {
            Some(have) => self.cluster_at(key, sdk, have).await.map(Some),
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = Id(self.name(key, LONGEST_NAME));
        let request = self
            .clients
            .elasticache
            .create_cache_cluster()
            .cache_cluster_id(&name.0)
            .engine(ENGINE)
            .engine_version(&want.version)
            // The version moves with the spec only.
            .auto_minor_version_upgrade(false)
            .cache_node_type(&want.node_type)
            .num_cache_nodes(want.nodes.into())
            .az_mode(if want.nodes > 1 { AzMode::CrossAz } else { AzMode::SingleAz })
            .cache_subnet_group_name(&want.subnet_group.0)
            .set_security_group_ids(Some(want.security_groups.iter().map(|id| id.0.clone()).collect()))
            .port(PORT.into())
            .transit_encryption_enabled(true)
            .set_tags(Some(self.cache_tags(key)))
            .send();
        match self.call(CREATE, request).await {
            Ok(_) => Ok(name),
            Err(fault) if fault.is(EXISTS) => claim(CREATE, Verbs::<Cluster>::read(self, key, &name).await?),
            Err(fault) => Err(fault),
        }
    }

    /// The first of the changes: AWS refuses a second one while it is at work on it.
    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let Some(change) = changes.first() else { return Ok(()) };
        let request = self.clients.elasticache.modify_cache_cluster().cache_cluster_id(&have.name.0);
        let request = request.apply_immediately(true);
        let request = match change.path.as_str() {
            VERSION => request.engine_version(&want.version),
            SECURITY_GROUPS => {
                request.set_security_group_ids(Some(want.security_groups.iter().map(|id| id.0.clone()).collect()))
            }
            NODES => {
                let surplus = Some(have.surplus(want.nodes)).filter(|nodes| !nodes.is_empty());
                let mode = (want.nodes > 1).then_some(AzMode::CrossAz);
                let request = request.num_cache_nodes(want.nodes.into()).set_cache_node_ids_to_remove(surplus);
                request.set_az_mode(mode)
            }
            _ => request,
        };
        self.call(MODIFY, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.elasticache.delete_cache_cluster().cache_cluster_id(&have.name.0);
        let done = self.call(DELETE, request.send()).await;
        self.forget(&have.arn);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_cache(key, &have.arn).await
    }
}

impl Cloud {
    /// The key of a cluster by its name, which ends in the variant.
    fn cluster_key(&self, name: &str) -> Option<Key> {
        let key = key(name.rsplit('-').next()?);
        (self.name(&key, LONGEST_NAME) == name).then_some(key)
    }

    /// Whose a cluster is: by its tags, and while those cannot be read by the subnet group that it lies in, whose
    /// description holds the whole stack id.
    async fn cluster_at(&self, key: &Key, sdk: &Sdk, have: Observed) -> Result<Found<Cluster>, Fault> {
        let readable = sdk.cache_cluster_status() == Some("available");
        let marks = Marks { arn: &have.arn, description: None, readable };
        if let Some(tags) = self.cache_tags_of(&marks).await? {
            return Ok(self.at(key, &tags, have));
        }
        let groups = self.cache_subnet_groups().await?;
        let lies_in = groups.iter().find(|group| group.cache_subnet_group_name() == sdk.cache_subnet_group_name());
        let ours = lies_in.is_some_and(|group| self.cache_key(group.cache_subnet_group_description()).is_some());
        let foreign = || Standing::Foreign(Owner::Stranger("somebody else, by its subnet group".into()));
        let standing = if ours { Standing::Ours } else { foreign() };
        Ok(Found { key: key.clone(), have, standing })
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    if sdk.engine() != Some(ENGINE) {
        return None;
    }
    let pending = sdk.pending_modified_values();
    let version = pending.and_then(|pending| pending.engine_version()).or(sdk.engine_version());
    let count = pending.and_then(|pending| pending.num_cache_nodes()).or(sdk.num_cache_nodes());
    let endpoint = sdk.configuration_endpoint().and_then(|endpoint| {
        let host = endpoint.address()?.to_owned();
        let id = Id(sdk.cache_cluster_id()?.to_owned());
        Some(Endpoints { id, reader: host.clone(), primary: host, port: endpoint.port()?.try_into().ok()? })
    });
    Some(Observed {
        name: Id(sdk.cache_cluster_id()?.to_owned()),
        arn: sdk.arn()?.to_owned(),
        version: version?.to_owned(),
        count: count?.try_into().unwrap_or(u8::MAX),
        nodes: sdk.cache_nodes().iter().filter_map(|node| node.cache_node_id().map(Into::into)).collect(),
        subnet_group: sdk.cache_subnet_group_name().map(|name| Id(name.to_owned())),
        security_groups: sdk
            .security_groups()
            .iter()
            .filter_map(|group| Some(Id(group.security_group_id()?.to_owned())))
            .collect(),
        endpoint,
        phase: phase(sdk.cache_cluster_status().unwrap_or_default()),
    })
}

fn phase(status: &str) -> Phase {
    match status {
        "available" => Phase::Available,
        "creating" => Phase::Creating,
        "deleting" | "deleted" => Phase::Deleting,
        "create-failed" | "restore-failed" | "incompatible-network" => Phase::Failed,
        _ => Phase::Modifying,
    }
}
