use std::collections::BTreeSet;

use wpc_api::v1alpha1::{DatabaseEngine, KmsKey, NatGateways};
use wpc_engine::Id;

use crate::Blueprint;
use crate::database::USERNAME;
use crate::database::restore::{Origin, Wish};

/// What the account and the region must have room for.
#[derive(Debug, Clone, PartialEq)]
pub struct Needs {
    /// VPCs.
    pub vpcs: u32,
    /// Elastic IP addresses.
    pub addresses: u32,
    /// Instances, at least.
    pub instances: u32,
    /// The instance types, the preferred one first.
    pub instance_types: Vec<String>,
    /// The zones; empty where they are those of subnets that exist.
    pub zones: BTreeSet<String>,
    /// The database's engine, as RDS names it.
    pub engine: &'static str,
    /// The beginning of its version.
    pub version: String,
    /// Its class.
    pub class: String,
    /// Whether it needs a standby.
    pub standby: bool,
    /// Whether it needs replicas.
    pub replicas: bool,
    /// What the database begins with, if not empty.
    pub origin: Option<Origin>,
    /// The size of its disk in GiB.
    pub gibibytes: u32,
    /// The key that was named.
    pub key: Option<Id>,
    /// The snapshot that the disk for uploads begins with, and its size in GiB.
    pub disk: Option<(String, i32)>,
    /// The recovery point that the file system begins with.
    pub recovery_point: Option<String>,
    /// The hosted zone, where there is one.
    pub hosted_zone: Option<String>,
    /// The site's names.
    pub domains: Vec<String>,
}

/// A quota of Service Quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The service's code.
    pub service: &'static str,
    /// The quota's code.
    pub code: &'static str,
    /// The quota's name, as the console shows it.
    pub name: &'static str,
}

impl Quota {
    /// VPCs.
    pub const VPCS: Self = Self { service: "vpc", code: "L-F678F1CE", name: "VPCs per Region" };
    /// Elastic IP addresses.
    pub const ADDRESSES: Self = Self { service: "ec2", code: "L-0263D0A3", name: "EC2-VPC Elastic IPs" };
    /// vCPUs of the usual instances.
    pub const VCPUS: Self = Self {
        service: "ec2",
        code: "L-1216C47A",
        name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    };
}

/// Whether an instance type counts for [`Quota::VCPUS`]. Families with a quota of their own begin with the same letters.
pub fn is_standard(name: &str) -> bool {
    const OWN: [&str; 6] = ["dl", "hpc", "inf", "mac", "trn", "high"];
    let own = OWN.iter().any(|family| name.starts_with(family));
    !own && name.starts_with(['a', 'c', 'd', 'h', 'i', 'm', 'r', 't', 'z'])
}

impl Needs {
    /// What a database is to become that begins with another one's data.
    pub fn wish(&self) -> Wish<'_> {
        let Self { engine, version, gibibytes, key, .. } = self;
        Wish { engine, version, username: USERNAME, gibibytes: *gibibytes, key: key.as_ref() }
    }

    /// What a blueprint needs.
    pub fn of(blueprint: &Blueprint) -> Self {
        let spec = &blueprint.spec;
        let (compute, database, network) = (&spec.compute, &spec.database, &spec.network);
        let own = network.existing.is_none();
        let gateways = match network.nat_gateways {
            NatGateways::PerZone => blueprint.zones.len(),
            NatGateways::Single => 1,
            NatGateways::None => 0,
        };
        let aurora = database.engine == DatabaseEngine::AuroraMySql;
        let class = match database.serverless {
            Some(_) => "db.serverless",
            None => database.instance_class(compute.architecture),
        };
        Self {
            vpcs: own.into(),
            addresses: if own { gateways.try_into().unwrap_or(u32::MAX) } else { 0 },
            instances: compute.replicas.min.into(),
            instance_types: compute.instance_types(),
            zones: blueprint.zones.iter().filter(|_| own).map(|zone| zone.name.clone()).collect(),
            engine: database.engine.name(),
            version: database.version().to_owned(),
            class: class.to_owned(),
            standby: database.multi_az && !aurora,
            replicas: database.read_replicas > 0 && !aurora,
            origin: database.restore_from.as_ref().and_then(Origin::of),
            gibibytes: u32::try_from(database.storage.size.gib()).unwrap_or(u32::MAX),
            key: match &spec.encryption.kms_key {
                KmsKey::Arn(arn) => Some(Id(arn.clone())),
                KmsKey::AwsManaged | KmsKey::Create => None,
            },
            disk: spec.shared_storage.restore_from.as_ref().and_then(|from| from.snapshot_id.clone()).map(|id| {
                let size = spec.shared_storage.size.gib();
                (id, i32::try_from(size).unwrap_or(i32::MAX))
            }),
            recovery_point: spec.shared_storage.recovery_point().map(str::to_owned),
            hosted_zone: spec.dns.as_ref().map(|dns| dns.hosted_zone_id.clone()),
            domains: spec.site.domains.clone(),
        }
    }
}
