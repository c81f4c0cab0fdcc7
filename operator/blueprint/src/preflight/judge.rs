//! What AWS's answers mean for what is needed.

use std::collections::BTreeSet;

use wpc_engine::{Class, Fault, Outcome, Report};

use crate::Unfit;
use crate::database::restore::{self, Origin, Source};
use crate::storage::recovery_point as beginning;
use crate::storage::volume::{self, Snapshot};

use super::{
    Check, DATABASE, DATABASE_ORIGIN, DISK_ORIGIN, HOSTED_ZONE, INSTANCE_TYPES, NAMES, Needs, PERMISSIONS, Quota,
};

/// How much of a quota there is, and how much is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// As much as the account may have.
    pub limit: u32,
    /// As much as it has.
    pub used: u32,
}

/// An instance type that a zone offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offering {
    /// The type.
    pub instance_type: String,
    /// The zone.
    pub zone: String,
}

/// What RDS offers of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orderable {
    /// The engine's version.
    pub version: String,
    /// Where.
    pub zones: BTreeSet<String>,
    /// Whether it may have a standby.
    pub standby: bool,
    /// Whether it may have replicas.
    pub replicas: bool,
}

/// A hosted zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedZone {
    /// Its name, such as `example.com.`.
    pub name: String,
    /// Whether only VPCs see it.
    pub private: bool,
}

/// Whether a quota leaves room for so many more of something.
pub fn quota(name: &'static str, quota: Quota, unit: &str, more: u32, usage: Result<Usage, Fault>) -> Check {
    let Usage { limit, used } = match usage {
        Ok(usage) => usage,
        Err(fault) => return Check::unknown(name, &fault),
    };
    let found = format!("{used} of {limit} {unit} are in use, {more} more are needed");
    match used.saturating_add(more) <= limit {
        true => Check::passed(name, found),
        false => {
            let Quota { service, code, name: quota } = quota;
            let ask = format!("Ask Service Quotas for more of \"{quota}\" ({service}, {code}), or free some");
            Check::failed(name, format!("{found}. {ask}")).because("QuotaExceeded")
        }
    }
}

/// Whether each zone offers one of the instance types.
pub fn instance_types(needs: &Needs, offered: Result<Vec<Offering>, Fault>) -> Check {
    let offered = match offered {
        Ok(offered) => offered,
        Err(fault) => return Check::unknown(INSTANCE_TYPES, &fault),
    };
    let types = needs.instance_types.join(", ");
    let wanted = |offering: &&Offering| needs.instance_types.contains(&offering.instance_type);
    let have: BTreeSet<_> = offered.iter().filter(wanted).map(|offering| &offering.zone).collect();
    let without: Vec<_> = needs.zones.iter().filter(|zone| !have.contains(zone)).map(String::as_str).collect();
    if have.is_empty() {
        let message = format!("no zone of the region offers {types}. Choose others in compute.instanceTypes");
        return Check::failed(INSTANCE_TYPES, message);
    }
    match without.as_slice() {
        [] => Check::passed(INSTANCE_TYPES, format!("{types}: offered in every zone")),
        without => {
            let zones = have.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let message = format!(
                "{types}: not offered in {}, but in {zones}. Choose others in compute.instanceTypes, or name zones in network.availabilityZones.names",
                without.join(", ")
            );
            Check::failed(INSTANCE_TYPES, message)
        }
    }
}

/// Whether RDS offers the engine's version on the class, as it is wanted, in the zones.
pub fn database(needs: &Needs, offered: Result<Vec<Orderable>, Fault>) -> Check {
    let offered = match offered {
        Ok(offered) => offered,
        Err(fault) => return Check::unknown(DATABASE, &fault),
    };
    let Needs { engine, class, version, .. } = needs;
    let failed = |message: String| Check::failed(DATABASE, message);
    if offered.is_empty() {
        return failed(format!(
            "RDS does not offer {class} for {engine} in this region. Choose another in database.instanceClass"
        ));
    }
    let is =
        |found: &str| found.strip_prefix(version.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let mut left: Vec<&Orderable> = offered.iter().filter(|option| is(&option.version)).collect();
    if left.is_empty() {
        let versions: BTreeSet<_> = offered.iter().map(|option| option.version.as_str()).collect();
        let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
        return failed(format!(
            "RDS does not offer {engine} {version} on {class}, but {versions}. Write one of them in database.version, or choose another database.instanceClass"
        ));
    }
    left.retain(|option| (!needs.standby || option.standby) && (!needs.replicas || option.replicas));
    if left.is_empty() {
        return failed(format!(
            "RDS offers {engine} {version} on {class} without the standby (database.multiAZ) or the replicas (database.readReplicas) that are wanted. Choose another database.instanceClass"
        ));
    }
    let zones: BTreeSet<_> =
        left.iter().flat_map(|option| &option.zones).filter(|zone| needs.zones.contains(*zone)).collect();
    let least = if needs.standby { 2 } else { 1 };
    if !needs.zones.is_empty() && zones.len() < least {
        let all: BTreeSet<_> = left.iter().flat_map(|option| &option.zones).map(String::as_str).collect();
        let all = all.into_iter().collect::<Vec<_>>().join(", ");
        return failed(format!(
            "RDS offers {class} in {all}, and {least} of the site's zones are needed. Name zones in network.availabilityZones.names, or choose another database.instanceClass"
        ));
    }
    Check::passed(DATABASE, format!("{engine} {version} on {class}: offered"))
}

/// Whether the database can begin with what was found under the id that was named.
pub fn origin(needs: &Needs, origin: &Origin, found: Result<Option<Source>, Fault>) -> Check {
    let found = match found {
        Ok(found) => found,
        Err(fault) => return Check::unknown(DATABASE_ORIGIN, &fault),
    };
    fits(DATABASE_ORIGIN, "the database", restore::judge(origin, found.as_ref(), needs.wish()))
}

/// Whether a disk of so many GiB can begin with what was found under a snapshot's id.
pub fn disk(id: &str, gibibytes: i32, found: Result<Option<Snapshot>, Fault>) -> Check {
    match found {
        Ok(found) => fits(DISK_ORIGIN, "the disk for uploads", volume::judge(id, found, gibibytes)),
        Err(fault) => Check::unknown(DISK_ORIGIN, &fault),
    }
}

/// Whether files can begin with a recovery point, in a region and an account, that is there or not.
pub fn recovery_point(arn: &str, (region, account): (&str, &str), there: Result<bool, Fault>) -> Check {
    if let Err(Unfit { message, .. }) = beginning::reachable(arn, region, account) {
        return Check::failed(DISK_ORIGIN, message);
    }
    match there {
        Ok(true) => fits(DISK_ORIGIN, "the file system", Ok(())),
        Ok(false) => Check::failed(DISK_ORIGIN, beginning::unknown(arn)),
        Err(fault) => Check::unknown(DISK_ORIGIN, &fault),
    }
}

fn fits(name: &'static str, what: &str, judged: Result<(), Unfit>) -> Check {
    match judged {
        Ok(()) => Check::passed(name, format!("{what} can begin with what restoreFrom names")),
        Err(Unfit { message, passes: true }) => Check::unclear(name, message),
        Err(Unfit { message, passes: false }) => Check::failed(name, message),
    }
}

/// Whether the hosted zone is there, public, and has the domains in it.
pub fn hosted_zone(id: &str, domains: &[String], found: Result<Option<HostedZone>, Fault>) -> Check {
    let zone = match found {
        Ok(Some(zone)) => zone,
        Ok(None) => {
            let message = format!("there is no hosted zone {id} in this account. Correct dns.hostedZoneId");
            return Check::failed(HOSTED_ZONE, message);
        }
        Err(fault) => return Check::unknown(HOSTED_ZONE, &fault),
    };
    let name = zone.name.trim_end_matches('.');
    if zone.private {
        let message = format!(
            "the hosted zone {id} ({name}) is private, visitors do not see it. Name a public one in dns.hostedZoneId"
        );
        return Check::failed(HOSTED_ZONE, message);
    }
    let lies_in =
        |domain: &&String| domain.strip_suffix(name).is_some_and(|host| host.is_empty() || host.ends_with('.'));
    let outside: Vec<_> = domains.iter().filter(|domain| !lies_in(domain)).map(String::as_str).collect();
    match outside.is_empty() {
        true => Check::passed(HOSTED_ZONE, format!("the domains lie in {name}")),
        false => {
            let outside = outside.join(", ");
            let message = format!(
                "{outside} lies outside the hosted zone {id}, which is {name}. Correct dns.hostedZoneId or site.domains"
            );
            Check::failed(HOSTED_ZONE, message)
        }
    }
}

/// What a pass that may not write says of permissions and names; nothing if the stack exists already.
pub fn permitted(report: &Report) -> Option<Vec<Check>> {
    if report.components.iter().any(|component| component.id.is_some() && !foreign(&component.outcome)) {
        return None;
    }
    let faults: Vec<_> = report.faults().collect();
    let of = |class: Class| faults.iter().filter(move |(_, fault)| fault.class == class).collect::<Vec<_>>();
    let text = |found: &[&(&str, &Fault)]| {
        let each =
            found.iter().map(|(name, fault)| format!("{name}: {}", Fault { request_id: None, ..(*fault).clone() }));
        each.collect::<Vec<_>>().join("; ")
    };
    let permissions = match of(Class::Denied).as_slice() {
        [] => match faults.iter().find(|(_, fault)| fault.class != Class::NotOurs) {
            Some((_, fault)) => Check::unknown(PERMISSIONS, fault),
            None => Check::passed(PERMISSIONS, "everything that the site needs can be listed"),
        },
        denied => Check::failed(PERMISSIONS, format!("{}. Allow it to the operator's identity", text(&denied[..1])))
            .because(Class::Denied.reason()),
    };
    let names = match of(Class::NotOurs).as_slice() {
        [] if faults.is_empty() => Check::passed(NAMES, "the names are free"),
        [] => Check::unknown(NAMES, faults[0].1),
        taken => Check::failed(NAMES, text(taken)).because(taken[0].1.reason),
    };
    Some(vec![permissions, names])
}

fn foreign(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(fault) if fault.class == Class::NotOurs)
}
