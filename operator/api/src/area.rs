//! The parts that a site is made of. This is the only list of them: folder names, component prefixes
//! and condition types derive from it.

use std::fmt;

/// One part of a site, as conditions, component names and folders know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// `spec.network`: VPC, subnets, gateways, routes, security groups.
    Network,
    /// `spec.compute`: instances and what they need.
    Compute,
    /// `spec.loadBalancer`: the door of the compute pool.
    Traffic,
    /// `spec.database`.
    Database,
    /// `spec.sharedStorage`: the shared file system.
    Storage,
    /// `spec.cache`.
    Cache,
    /// `spec.media`: the bucket for uploads.
    Media,
    /// `spec.cdn`.
    Cdn,
    /// `spec.tls`, `spec.loadBalancer.certificateArn`, `spec.cdn.certificateArn`.
    Certificate,
    /// `spec.dns`.
    Dns,
    /// `spec.firewall`.
    Firewall,
    /// `spec.encryption`.
    Encryption,
    /// `spec.backup`.
    Backup,
    /// `spec.monitoring`.
    Monitoring,
    /// `spec.audit`.
    Audit,
}

impl Area {
    /// Every area, in the order in which a person reads about them.
    pub const ALL: [Area; 15] = [
        Area::Network,
        Area::Compute,
        Area::Traffic,
        Area::Database,
        Area::Storage,
        Area::Cache,
        Area::Media,
        Area::Cdn,
        Area::Certificate,
        Area::Dns,
        Area::Firewall,
        Area::Encryption,
        Area::Backup,
        Area::Monitoring,
        Area::Audit,
    ];

    /// The name in conditions: `Database` of `DatabaseReady`.
    pub const fn name(self) -> &'static str {
        match self {
            Area::Network => "Network",
            Area::Compute => "Compute",
            Area::Traffic => "Traffic",
            Area::Database => "Database",
            Area::Storage => "Storage",
            Area::Cache => "Cache",
            Area::Media => "Media",
            Area::Cdn => "Cdn",
            Area::Certificate => "Certificate",
            Area::Dns => "Dns",
            Area::Firewall => "Firewall",
            Area::Encryption => "Encryption",
            Area::Backup => "Backup",
            Area::Monitoring => "Monitoring",
            Area::Audit => "Audit",
        }
    }

    /// The first part of its components' names: `database` of `database/primary`.
    pub const fn prefix(self) -> &'static str {
        match self {
            Area::Network => "network",
            Area::Compute => "compute",
            Area::Traffic => "traffic",
            Area::Database => "database",
            Area::Storage => "storage",
            Area::Cache => "cache",
            Area::Media => "media",
            Area::Cdn => "cdn",
            Area::Certificate => "certificate",
            Area::Dns => "dns",
            Area::Firewall => "firewall",
            Area::Encryption => "encryption",
            Area::Backup => "backup",
            Area::Monitoring => "monitoring",
            Area::Audit => "audit",
        }
    }

    /// The type of its condition: `DatabaseReady`.
    pub fn condition(self) -> String {
        format!("{}Ready", self.name())
    }

    /// The area of a component's name, such as `database/primary`.
    pub fn of_component(name: &str) -> Option<Area> {
        let (prefix, _) = name.split_once('/')?;
        Area::ALL.into_iter().find(|area| area.prefix() == prefix)
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_each_area_once_in_order() {
        assert!(Area::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(Area::ALL.last(), Some(&Area::Audit));
    }

    #[test]
    fn the_prefix_is_the_name_in_lower_case() {
        for area in Area::ALL {
            assert_eq!(area.prefix(), area.name().to_lowercase());
        }
    }

    #[test]
    fn a_component_names_its_area() {
        assert_eq!(Area::of_component("database/primary"), Some(Area::Database));
        assert_eq!(Area::of_component("network/subnet-a"), Some(Area::Network));
        assert_eq!(Area::of_component("database"), None);
        assert_eq!(Area::of_component("databases/primary"), None);
        assert_eq!(Area::Database.condition(), "DatabaseReady");
    }
}
