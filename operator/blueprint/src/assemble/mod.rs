//! How the kinds hang together: the spec becomes a graph. One file per area.

mod audit;
mod aurora;
mod backup;
mod budget;
mod cache;
mod cdn;
mod certificate;
mod compute;
mod database;
mod dns;
mod encryption;
mod firewall;
mod ipv6;
mod logs;
mod media;
mod monitoring;
mod network;
mod rollout;
mod security;
mod storage;
mod traffic;
mod ways;

use wpc_engine::Graph;

use crate::{Blueprint, Kinds};
pub use backup::Backup;
pub use cache::Cache;
pub use cdn::Cdn;
pub use certificate::{Certificate, Certificates};
pub use compute::Compute;
pub use database::Database;
pub use encryption::Encryption;
pub use firewall::Firewall;
pub use ipv6::Ipv6;
pub use media::Media;
pub use monitoring::Monitoring;
pub use network::Network;
pub use rollout::Rollout;
pub use security::SecurityGroups;
pub use storage::Storage;
pub use traffic::Traffic;

/// The graph of a stack, and the handles whose outputs status shows.
pub struct Assembly {
    /// Everything that is wanted.
    pub graph: Graph,
    /// The network's outputs.
    pub network: Network,
    /// The load balancer's outputs.
    pub traffic: Traffic,
    /// The compute pool's outputs.
    pub compute: Compute,
    /// How a change reaches it.
    pub rollout: Rollout,
    /// The database's outputs.
    pub database: Database,
    /// The shared files' outputs, where there are any.
    pub storage: Option<Storage>,
    /// The cache's outputs, where there is one.
    pub cache: Option<Cache>,
    /// The firewall's outputs, where there is one.
    pub firewall: Option<Firewall>,
    /// The content delivery network's outputs, where there is one.
    pub cdn: Option<Cdn>,
    /// The bucket for uploads, where there is one.
    pub media: Option<Media>,
    /// What watches the site.
    pub monitoring: Monitoring,
    /// The certificates' outputs.
    pub certificates: Certificates,
    /// The backups' outputs, where there are any.
    pub backup: Option<Backup>,
}

/// Everything that a blueprint wants, bound to the kinds of a cloud.
pub fn assemble(blueprint: &Blueprint, kinds: &Kinds) -> Assembly {
    let mut graph = Graph::new();
    let network = network::network(&mut graph, kinds, blueprint);
    let encryption = encryption::encryption(&mut graph, kinds, blueprint);
    logs::flow_logs(&mut graph, kinds, (blueprint, &encryption), &network);
    let database = database::database(&mut graph, kinds, blueprint, &network, &encryption);
    let restorer = blueprint.spec.shared_storage.recovery_point().map(|_| backup::role(&mut graph, kinds, blueprint));
    let storage = storage::storage(&mut graph, kinds, blueprint, &network, (&encryption, restorer));
    let cache = cache::cache(&mut graph, kinds, blueprint, &network, &encryption);
    let certificates = certificate::certificates(&mut graph, kinds, blueprint);
    let mut traffic = traffic::traffic(&mut graph, kinds, blueprint, &network, &certificates);
    let bucket = media::bucket(&mut graph, kinds, blueprint, &encryption);
    let firewall = firewall::firewall(&mut graph, kinds, (blueprint, &encryption), &traffic);
    let offloaded = bucket.filter(|_| blueprint.spec.media.offload);
    let cdn =
        cdn::cdn(&mut graph, kinds, blueprint, (&traffic, &certificates, &encryption), (offloaded, firewall.as_ref()));
    logs::cdn_logs(&mut graph, kinds, blueprint, cdn.as_ref());
    traffic.listener = Some(traffic::plain(&mut graph, kinds, blueprint, &traffic, cdn.as_ref()));
    traffic::entrance(&mut graph, kinds, &traffic, cdn.as_ref());
    dns::dns(&mut graph, kinds, blueprint, (&traffic, cdn.as_ref()), &certificates);
    let disk = storage::disk(&mut graph, kinds, blueprint, &encryption);
    let uses = compute::Uses {
        disk,
        database: (database.primary, database.secret, database.user),
        replicas: database.followers(blueprint),
        cache: cache.clone(),
        files: storage.as_ref().map(|storage| (storage.file_system, storage.access_point)),
        whole: storage.as_ref().and_then(|storage| storage.whole),
        encryption: encryption.clone(),
        bucket,
    };
    let compute = compute::compute(&mut graph, kinds, blueprint, (&network, &traffic), uses);
    let media = bucket.map(|bucket| media::policy(&mut graph, kinds, bucket, cdn.as_ref()));
    let watched = monitoring::Watched {
        traffic: &traffic,
        compute: &compute,
        database: &database,
        cache: cache.as_ref(),
        cdn: cdn.as_ref(),
    };
    let monitoring = monitoring::monitoring(&mut graph, kinds, (blueprint, &encryption), &watched);
    let rollout = rollout::rollout(&mut graph, kinds, blueprint, (&database, &compute, &monitoring));
    let backup =
        backup::backup(&mut graph, kinds, blueprint, &encryption, (&database, storage.as_ref(), disk), restorer);
    audit::audit(&mut graph, kinds, blueprint, &encryption);
    budget::budget(&mut graph, kinds, blueprint);
    Assembly {
        graph,
        network,
        traffic,
        compute,
        rollout,
        database,
        storage,
        cache,
        firewall,
        cdn,
        media,
        monitoring,
        certificates,
        backup,
    }
}
