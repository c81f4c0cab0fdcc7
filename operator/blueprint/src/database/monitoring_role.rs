//! Under which RDS writes what an instance's operating system does into CloudWatch Logs. See "Setting up and enabling
//! Enhanced Monitoring" in the Amazon RDS User Guide.

use crate::iam::{ServiceRole, Wearer};

/// The component.
pub const COMPONENT: &str = "database/monitoring-role";

/// The kind.
pub type MonitoringRole = ServiceRole<EnhancedMonitoring>;

/// RDS, when it monitors instances.
pub enum EnhancedMonitoring {}

impl Wearer for EnhancedMonitoring {
    const NAME: &'static str = "iam/monitoring-role";
    const COMPONENT: &'static str = COMPONENT;
    const PATH: &'static str = "database.monitoringRole";
    const DESCRIPTION: &'static str = "Under which RDS monitors the instances of a WordPressCluster's database";
    const SERVICE: &'static str = "monitoring.rds.amazonaws.com";
    const POLICIES: &'static [&'static str] = &["service-role/AmazonRDSEnhancedMonitoringRole"];
}
