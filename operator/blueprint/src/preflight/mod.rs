//! What can be known before the first thing is made: whether the account and the region can hold the site. Pure: what is
//! needed, and what AWS's answers mean. A check that cannot be made is unknown, and never in the way.

mod judge;
mod needs;
#[cfg(test)]
mod tests;

use serde::Serialize;
use wpc_engine::{Action, Fault};

use crate::backup::vault;
use crate::database::{cluster, instance};
use crate::storage::volume;

pub use judge::{
    HostedZone, Offering, Orderable, Usage, database, disk, hosted_zone, instance_types, origin, permitted, quota,
    recovery_point,
};
pub use needs::{Needs, Quota, is_standard};

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked: static, CamelCase.
    pub name: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// The reason, in conditions: static, CamelCase.
    pub reason: &'static str,
    /// For people: what was found, and what to do where that is not good.
    pub message: String,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// It is as needed.
    Passed,
    /// It is not, and a person must act.
    Failed,
    /// It could not be found out.
    Unknown,
}

impl Check {
    /// It is as needed.
    pub fn passed(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Passed, reason: "Passed", message: message.into() }
    }

    /// It is not.
    pub fn failed(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Failed, reason: "PreflightFailed", message: message.into() }
    }

    /// A failure with a reason of its own.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }

    /// It could not be found out. The fault's request is left out: the same finding is the same text.
    pub fn unknown(name: &'static str, fault: &Fault) -> Self {
        let lasting = Fault { request_id: None, ..fault.clone() };
        Self {
            name,
            verdict: Verdict::Unknown,
            reason: fault.reason,
            message: format!("could not be checked: {lasting}"),
        }
    }

    /// It could not be found out, for another reason.
    pub fn unclear(name: &'static str, why: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Unknown, reason: "NotChecked", message: why.into() }
    }
}

/// The credentials and what they permit.
pub const PERMISSIONS: &str = "Permissions";
/// The quota of VPCs.
pub const VPCS: &str = "VpcQuota";
/// The quota of Elastic IP addresses.
pub const ADDRESSES: &str = "ElasticIpQuota";
/// The quota of vCPUs.
pub const VCPUS: &str = "VcpuQuota";
/// Whether the zones offer the instance types.
pub const INSTANCE_TYPES: &str = "InstanceTypes";
/// Whether RDS offers the engine's version on the instance class.
pub const DATABASE: &str = "DatabaseClass";
/// Whether the database can begin with what was named.
pub const DATABASE_ORIGIN: &str = "DatabaseRestore";
/// Whether the disk for uploads, or the file system, can begin with what was named.
pub const DISK_ORIGIN: &str = "StorageRestore";
/// Whether the domains lie in the hosted zone.
pub const HOSTED_ZONE: &str = "HostedZone";
/// Whether the names are free.
pub const NAMES: &str = "Names";

/// Reads a quota of the account.
pub const GET_QUOTA: Action = Action::read("servicequotas:GetServiceQuota");
/// Lists VPCs.
pub const DESCRIBE_VPCS: Action = Action::read("ec2:DescribeVpcs");
/// Lists Elastic IP addresses.
pub const DESCRIBE_ADDRESSES: Action = Action::read("ec2:DescribeAddresses");
/// Lists instances.
pub const DESCRIBE_INSTANCES: Action = Action::read("ec2:DescribeInstances");
/// Says how many vCPUs a type has.
pub const DESCRIBE_TYPES: Action = Action::read("ec2:DescribeInstanceTypes");
/// Says where a type is offered.
pub const DESCRIBE_OFFERINGS: Action = Action::read("ec2:DescribeInstanceTypeOfferings");
/// Says which classes can be ordered with which versions.
pub const DESCRIBE_ORDERABLE: Action = Action::read("rds:DescribeOrderableDBInstanceOptions");
/// Reads a hosted zone.
pub const GET_HOSTED_ZONE: Action = Action::read("route53:GetHostedZone");
/// Asked with `DryRun`, these change nothing.
pub const DRY_RUNS: [Action; 3] =
    [Action::read("ec2:CreateVpc"), Action::read("ec2:AllocateAddress"), Action::read("ec2:CreateInternetGateway")];

/// Everything that is asked, beside what the kinds ask.
pub const ACTIONS: &[Action] = &[
    GET_QUOTA,
    DESCRIBE_VPCS,
    DESCRIBE_ADDRESSES,
    DESCRIBE_INSTANCES,
    DESCRIBE_TYPES,
    DESCRIBE_OFFERINGS,
    DESCRIBE_ORDERABLE,
    GET_HOSTED_ZONE,
    instance::DESCRIBE,
    instance::DESCRIBE_SNAPSHOTS,
    cluster::DESCRIBE,
    cluster::DESCRIBE_SNAPSHOTS,
    volume::DESCRIBE_SNAPSHOTS,
    vault::LIST_TAGS,
];
