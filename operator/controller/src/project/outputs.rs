//! The parts of the status that a stack gives: endpoints, instances, database.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use wpc_api::v1alpha1::{
    ComputeStatus, DatabaseStatus, DnsRecord, Endpoints, Recovery, Refresh, ReplicaStatus, Tls, UpgradeSnapshot,
};
use wpc_api::{WordPressClusterSpec, WordPressClusterStatus};
use wpc_blueprint::database::output::Member;
use wpc_blueprint::{Assembly, Database};
use wpc_engine::Outputs;

/// What is known of a stack's outputs. What is not known at the moment stays as it was: an endpoint does not come and go
/// with AWS's moods. What is not wanted any more goes.
pub(super) fn set(
    status: &mut WordPressClusterStatus,
    spec: &WordPressClusterSpec,
    assembly: &Assembly,
    outputs: &Outputs,
) {
    let before = status.endpoints.take().unwrap_or_default();
    let endpoints = endpoints(before, spec, assembly, outputs);
    status.dns_records = dns_records(std::mem::take(&mut status.dns_records), spec, assembly, &endpoints, outputs);
    status.endpoints = Some(endpoints).filter(|endpoints| *endpoints != Endpoints::default());
    status.compute = compute(assembly, outputs).or(status.compute.take());
    status.database = database(&assembly.database, outputs).or(status.database.take());
    status.recovery = recovery(status.recovery.take(), assembly, outputs);
}

/// How often the status follows the database's own backups, which reach further every few minutes.
const STEP: SignedDuration = SignedDuration::from_hours(1);

/// The newest backup, by AWS Backup or by the database itself, and the oldest one that is still kept.
fn recovery(before: Option<Recovery>, assembly: &Assembly, outputs: &Outputs) -> Option<Recovery> {
    let vault = assembly.backup.as_ref().and_then(|backup| outputs.get(backup.vault));
    let database = outputs.get(assembly.database.primary).and_then(|output| output.restorable);
    let newest = vault.and_then(|vault| vault.newest).max(database).and_then(time);
    let last_backup = later(before.as_ref().and_then(|before| before.last_backup.clone()), newest);
    let kept = vault.map(|vault| vault.oldest.and_then(time));
    let recoverable_since = kept.unwrap_or_else(|| before.as_ref().and_then(|before| before.recoverable_since.clone()));
    let point = outputs.get(assembly.rollout.recovery_point);
    let point = point
        .map(|taken| taken.newest().map(|(id, taken)| UpgradeSnapshot { id: id.clone(), taken: taken.and_then(time) }));
    let upgrade_snapshot = point.unwrap_or_else(|| before.and_then(|before| before.upgrade_snapshot));
    Some(Recovery { last_backup, recoverable_since, upgrade_snapshot })
        .filter(|recovery| *recovery != Recovery::default())
}

fn time(secs: i64) -> Option<Time> {
    Timestamp::from_second(secs).ok().map(Time)
}

/// What is newer by a step, or the first that is known.
fn later(known: Option<Time>, newest: Option<Time>) -> Option<Time> {
    match (known, newest) {
        (Some(known), Some(newest)) if newest.0.duration_since(known.0) < STEP => Some(known),
        (known, newest) => newest.or(known),
    }
}

/// The records that a person must make; none where a hosted zone is named. Without HTTPS a distribution cannot serve the
/// site's names, so nothing leads them there.
fn dns_records(
    before: Vec<DnsRecord>,
    spec: &WordPressClusterSpec,
    assembly: &Assembly,
    endpoints: &Endpoints,
    outputs: &Outputs,
) -> Vec<DnsRecord> {
    if spec.dns.is_some() {
        return vec![];
    }
    let record = |name: &str, value: &str, purpose: &str| DnsRecord {
        name: name.to_owned(),
        type_: "CNAME".into(),
        value: value.to_owned(),
        purpose: purpose.into(),
    };
    let certificates: Vec<_> = assembly.certificates.requested().map(|handle| outputs.get(handle)).collect();
    let told = certificates.iter().flatten().flat_map(|certificate| certificate.records.values());
    let mut records: Vec<_> = told.map(|cname| record(&cname.name, &cname.value, VALIDATION)).collect();
    if certificates.iter().any(Option::is_none) {
        records.extend(before.into_iter().filter(|known| known.purpose == VALIDATION));
    }
    // ACM gives one record for every certificate of a name.
    records.sort_by(|one, other| one.name.cmp(&other.name));
    records.dedup();
    let door = match spec.cdn.enabled {
        true => endpoints.cdn.as_ref().filter(|_| spec.tls == Tls::Managed),
        false => endpoints.load_balancer.as_ref(),
    };
    records.extend(door.into_iter().flat_map(|door| spec.site.domains.iter().map(|name| record(name, door, "Site"))));
    records
}

/// What the records are for by which certificates are issued.
const VALIDATION: &str = "Validation";

/// Whether visitors are served under the site's own name, by HTTPS.
fn serves_its_name(spec: &WordPressClusterSpec, assembly: &Assembly, outputs: &Outputs) -> Option<bool> {
    let canonical = spec.site.canonical_domain()?;
    match &assembly.cdn {
        Some(cdn) => Some(outputs.get(cdn.distribution)?.names.contains(canonical)),
        None => Some(assembly.traffic.https.is_some_and(|https| outputs.get(https).is_some())),
    }
}

fn endpoints(before: Endpoints, spec: &WordPressClusterSpec, assembly: &Assembly, outputs: &Outputs) -> Endpoints {
    let Assembly {
        graph: _,
        network: _,
        traffic,
        compute: _,
        rollout: _,
        database,
        storage,
        cache,
        firewall: _,
        cdn,
        media,
        certificates: _,
        monitoring: _,
        backup: _,
    } = assembly;
    let load_balancer = outputs.get(traffic.load_balancer).map(|output| output.dns_name.clone());
    let load_balancer = load_balancer.or(before.load_balancer);
    let primary = outputs.get(database.primary);
    let writer = primary.map(|output| output.endpoint.host.clone());
    let reader = primary.and_then(|output| output.reader.as_ref()).map(|reader| reader.host.clone());
    let readers = database.replicas.iter().filter_map(|replica| outputs.get(*replica));
    let readers: Vec<_> = readers.map(|output| output.endpoint.host.clone()).collect();
    // A cluster has one name for all its readers.
    let readers = reader.or_else(|| (!readers.is_empty()).then(|| readers.join(",")));
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
    let media_bucket = media.as_ref().map(|media| {
        let found = outputs.get(media.bucket).map(|bucket| bucket.name.0.clone());
        found.or(before.media_bucket)
    });
    let site = match (serves_its_name(spec, assembly, outputs), spec.site.canonical_domain()) {
        (Some(true), Some(name)) => Some(format!("https://{name}")),
        (None, _) if before.site.is_some() => before.site,
        // CloudFront answers HTTPS under its own name.
        _ => cdn.as_ref().map(|name| format!("https://{name}")),
    };
    Endpoints {
        site: site.or_else(|| load_balancer.as_ref().map(|name| format!("http://{name}"))),
        load_balancer,
        cdn,
        database_writer: writer.or(before.database_writer),
        database_reader: readers.or(before.database_reader).filter(|_| !database.replicas.is_empty()),
        cache: cache.flatten(),
        file_system: file_system.flatten(),
        media_bucket: media_bucket.flatten(),
        database_secret: outputs.get(database.secret).map(|secret| secret.arn.0.clone()).or(before.database_secret),
    }
}

fn compute(Assembly { compute, rollout, .. }: &Assembly, outputs: &Outputs) -> Option<ComputeStatus> {
    let fleet = outputs.get(compute.group)?;
    let template = outputs.get(compute.launch_template);
    let running = outputs.get(rollout.refresh).filter(|rollout| rollout.running.is_some());
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
    let members: Vec<_> = database.replicas.iter().filter_map(|replica| outputs.get(*replica)).collect();
    let writes = |member: &Member| Some(&member.name) == primary.writer.as_ref();
    let writer = members.iter().find(|member| writes(member));
    let readers = members.iter().filter(|member| !writes(member));
    Some(DatabaseStatus {
        version: Some(primary.version.clone()),
        writer_zone: primary.zone.clone().or_else(|| writer.and_then(|writer| writer.zone.clone())),
        replicas: readers
            .map(|reader| ReplicaStatus {
                id: reader.name.0.clone(),
                zone: reader.zone.clone(),
                state: reader.state.clone(),
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_backup_moves_by_steps_so_that_status_rests() {
        let hour = STEP.as_secs();
        let after = |known: Option<i64>, newest: Option<i64>| later(known.and_then(time), newest.and_then(time));
        assert_eq!(after(None, Some(0)), time(0));
        assert_eq!(after(Some(0), Some(hour - 1)), time(0));
        assert_eq!(after(Some(0), Some(hour)), time(hour));
        assert_eq!(after(Some(hour), None), time(hour), "AWS does not say at the moment");
        assert_eq!(after(None, None), None);
    }
}
