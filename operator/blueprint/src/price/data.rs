//! What the areas that hold data cost.

use wpc_api::Area;
use wpc_api::v1alpha1::{CacheEngine, DatabaseEngine, ThroughputMode, VolumeType};

use super::HOURS;
use super::areas::{Bill, one_disk, volume};

/// A standby costs as much as the instance it stands by for. RDS keeps backups of the size of the storage for nothing.
pub(super) fn database(bill: &mut Bill<'_>) {
    let (rates, spec) = (bill.rates, &bill.spec.database);
    for secret in ["database/credentials", "database/user"] {
        bill.add(secret, 1, "secret", (1.0, "months"), rates.secret_month);
    }
    if spec.engine == DatabaseEngine::AuroraMySql {
        return aurora(bill);
    }
    let class = spec.instance_class(bill.spec.compute.architecture).to_owned();
    let list = bill.prices.database.get(spec.engine.name());
    let (copies, replicas) = (if spec.multi_az { 2 } else { 1 }, u32::from(spec.read_replicas));
    bill.machines("database/primary", (1, copies), &class, list);
    bill.machines("database/replica-*", (replicas, 1), &class, list);
    let size = spec.storage.size.gib() as f64;
    let price = match spec.storage.kind {
        VolumeType::Gp3 => rates.database_gp3_gb_month,
        VolumeType::Gp2 => rates.database_gp2_gb_month,
    };
    let item = format!("storage, {}", spec.storage.kind.name());
    bill.add("database/primary", 1, item.clone(), (f64::from(copies) * size, "GB"), price);
    bill.add("database/replica-*", replicas, item, (size, "GB"), price);
}

/// One storage for all instances; it is as large as what is in it.
fn aurora(bill: &mut Bill<'_>) {
    let (rates, assumed, spec) = (bill.rates, bill.assumed, &bill.spec.database);
    let (writer, readers) = ("database/writer", u32::from(spec.read_replicas));
    match &spec.serverless {
        Some(capacity) => {
            let least = capacity.min_capacity.parse().unwrap_or(0.0);
            let hours = least * HOURS;
            bill.add(writer, 1, "capacity units, the fewest", (hours, "ACU hours"), rates.aurora_acu_hour);
            bill.add(
                "database/reader-*",
                readers,
                "capacity units, the fewest",
                (hours, "ACU hours"),
                rates.aurora_acu_hour,
            );
        }
        None => {
            let class = spec.instance_class(bill.spec.compute.architecture).to_owned();
            let list = bill.prices.database.get(spec.engine.name());
            bill.machines(writer, (1, 1), &class, list);
            bill.machines("database/reader-*", (readers, 1), &class, list);
        }
    }
    let used = used_gb(bill);
    bill.assume("database/cluster", 1, "storage", (used, "GB"), rates.aurora_gb_month);
    let requests = (assumed.aurora_million_requests, "million");
    bill.assume("database/cluster", 1, "requests to storage", requests, rates.aurora_million_requests);
}

fn used_gb(bill: &Bill<'_>) -> f64 {
    bill.assumed.database_used * bill.spec.database.storage.size.gib() as f64
}

pub(super) fn storage(bill: &mut Bill<'_>) {
    let (rates, assumed, spec) = (bill.rates, bill.assumed, &bill.spec.shared_storage);
    if one_disk(bill.spec) {
        let (item, price) = volume(VolumeType::Gp3, rates);
        return bill.add("storage/volume", 1, format!("files, {item}"), (spec.size.gib() as f64, "GB"), price);
    }
    let component = "storage/file-system";
    let seldom = if spec.transition_to_ia_days.is_some() { assumed.files_infrequent } else { 0.0 };
    let files = assumed.files_gb;
    bill.assume(component, 1, "files, Standard", ((1.0 - seldom) * files, "GB"), rates.efs_gb_month);
    bill.assume(component, 1, "files, Infrequent Access", (seldom * files, "GB"), rates.efs_infrequent_gb_month);
    if spec.throughput_mode == ThroughputMode::Elastic {
        bill.assume(component, 1, "read", (assumed.files_read_gb, "GB"), rates.efs_elastic_read_gb);
        bill.assume(component, 1, "written", (assumed.files_written_gb, "GB"), rates.efs_elastic_write_gb);
    }
}

pub(super) fn cache(bill: &mut Bill<'_>) {
    let (rates, spec) = (bill.rates, &bill.spec.cache);
    let engine = match spec.engine {
        CacheEngine::Valkey => "valkey",
        CacheEngine::Redis => "redis",
        CacheEngine::Memcached => "memcached",
        CacheEngine::None => return,
    };
    let list = bill.prices.cache.get(engine);
    let own = spec.engine != CacheEngine::Memcached;
    let component = if own { "cache/group" } else { "cache/cluster" };
    bill.machines(component, (1, spec.nodes.into()), &spec.node_type, list);
    if own {
        bill.add("cache/auth-token", 1, "secret", (1.0, "months"), rates.secret_month);
    }
}

pub(super) fn media(bill: &mut Bill<'_>) {
    let (rates, assumed, bucket) = (bill.rates, bill.assumed, "media/bucket");
    bill.assume(bucket, 1, "media, Standard", (assumed.media_gb, "GB"), rates.s3_gb_month);
    bill.assume(bucket, 1, "writes", (assumed.media_thousand_writes, "x 1,000"), rates.s3_thousand_writes);
    bill.assume(bucket, 1, "reads", (assumed.media_thousand_reads, "x 1,000"), rates.s3_thousand_reads);
}

/// The first backup holds everything, each later one what changed; a copy in another region costs as much again, at the
/// prices of this one.
pub(super) fn backup(bill: &mut Bill<'_>) {
    let (rates, assumed, spec) = (bill.rates, bill.assumed, &bill.spec.backup);
    let kept = |gb: f64| gb * (1.0 + assumed.daily_change * f64::from(spec.retention_days));
    let aurora = bill.spec.database.engine == DatabaseEngine::AuroraMySql;
    let price = if aurora { rates.backup_aurora_gb_month } else { rates.backup_database_gb_month };
    let mut data = vec![("database", used_gb(bill), price)];
    if bill.spec.uses(Area::Storage) {
        let price = if one_disk(bill.spec) { rates.backup_ebs_gb_month } else { rates.backup_efs_gb_month };
        data.push(("files", assumed.files_gb, price));
    }
    for (what, gb, price) in data {
        bill.assume("backup/plan", 1, format!("backups of the {what}"), (kept(gb), "GB"), price);
        if let Some(region) = &spec.copy_to_region {
            bill.assume("backup/plan", 1, format!("the same in {region}"), (kept(gb), "GB"), price);
            let moved = gb * assumed.daily_change * 30.0;
            let item = format!("data to {region}");
            bill.assume("backup/plan", 1, item, (moved, "GB"), rates.transfer_between_regions_gb);
        }
    }
}
