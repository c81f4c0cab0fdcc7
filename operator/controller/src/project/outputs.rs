//! The parts of the status that a stack gives: endpoints, instances, database.

use wpc_api::WordPressClusterStatus;
use wpc_api::v1alpha1::{ComputeStatus, DatabaseStatus, Endpoints, Refresh, ReplicaStatus};
use wpc_blueprint::{Assembly, Compute, Database};
use wpc_engine::Outputs;

/// What is known of a stack's outputs. What is not known at the moment stays as it was: an endpoint does not come and go
/// with AWS's moods. What is not wanted any more goes.
pub(super) fn set(status: &mut WordPressClusterStatus, assembly: &Assembly, outputs: &Outputs) {
    let before = status.endpoints.take().unwrap_or_default();
    status.endpoints =
        Some(endpoints(before, assembly, outputs)).filter(|endpoints| *endpoints != Endpoints::default());
    status.compute = compute(&assembly.compute, outputs).or(status.compute.take());
    status.database = database(&assembly.database, outputs).or(status.database.take());
}

fn endpoints(before: Endpoints, assembly: &Assembly, outputs: &Outputs) -> Endpoints {
    let Assembly { graph: _, network: _, traffic, compute: _, database, storage, cache, firewall: _, cdn } = assembly;
    let load_balancer = outputs.get(traffic.load_balancer).map(|output| output.dns_name.clone());
    let load_balancer = load_balancer.or(before.load_balancer);
    let writer = outputs.get(database.primary).map(|output| output.endpoint.host.clone());
    let readers = database.replicas.iter().filter_map(|replica| outputs.get(*replica));
    let readers: Vec<_> = readers.map(|output| output.endpoint.host.clone()).collect();
    let readers = (!readers.is_empty()).then(|| readers.join(","));
    let cache = cache.as_ref().map(|cache| {
        let found = outputs.get(cache.group).map(|output| output.primary.clone());
        found.or(before.cache)
    });
    let file_system = storage.as_ref().map(|storage| {
        let found = outputs.get(storage.file_system).map(|id| id.0.clone());
        found.or(before.file_system)
    });
    let cdn = cdn.as_ref().map(|cdn| {
        let found = outputs.get(cdn.distribution).map(|output| output.domain.clone());
        found.or(before.cdn)
    });
    let cdn = cdn.flatten();
    // CloudFront answers HTTPS under its own name.
    let site = cdn.as_ref().map(|name| format!("https://{name}"));
    Endpoints {
        site: site.or_else(|| load_balancer.as_ref().map(|name| format!("http://{name}"))),
        load_balancer,
        cdn,
        database_writer: writer.or(before.database_writer),
        database_reader: readers.or(before.database_reader).filter(|_| !database.replicas.is_empty()),
        cache: cache.flatten(),
        file_system: file_system.flatten(),
        media_bucket: None,
        database_secret: outputs.get(database.secret).map(|secret| secret.arn.0.clone()).or(before.database_secret),
    }
}

fn compute(compute: &Compute, outputs: &Outputs) -> Option<ComputeStatus> {
    let fleet = outputs.get(compute.group)?;
    let template = outputs.get(compute.launch_template);
    let running = outputs.get(compute.refresh).filter(|rollout| rollout.running);
    Some(ComputeStatus {
        image_id: template.and_then(|template| template.image.clone()),
        launch_template_version: fleet.version,
        refresh: running.and_then(|rollout| {
            let (id, state) = (rollout.id.clone()?, rollout.status.clone().unwrap_or_default());
            Some(Refresh { id, state, percent: rollout.percent })
        }),
        ..ComputeStatus::new(fleet.desired, fleet.in_service, fleet.healthy)
    })
}

fn database(database: &Database, outputs: &Outputs) -> Option<DatabaseStatus> {
    let primary = outputs.get(database.primary)?;
    let replicas = database.replicas.iter().filter_map(|replica| outputs.get(*replica));
    Some(DatabaseStatus {
        version: Some(primary.version.clone()),
        writer_zone: primary.zone.clone(),
        replicas: replicas
            .map(|replica| ReplicaStatus {
                id: replica.name.0.clone(),
                zone: replica.zone.clone(),
                state: replica.state.clone(),
            })
            .collect(),
    })
}
