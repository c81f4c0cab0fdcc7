//! The database: RDS for MySQL or MariaDB with a standby in another zone and its read replicas, or a cluster of Aurora with
//! its instances.

pub mod cluster;
pub mod cluster_instance;
pub mod cluster_parameter_group;
pub mod end;
pub mod instance;
pub mod monitoring_role;
pub mod output;
pub mod parameter_group;
pub mod primary;
pub mod recovery_point;
pub mod replica;
pub mod restore;
pub mod storage;
pub mod subnet_group;
mod version;

/// Aurora, as RDS calls it.
pub const AURORA: &str = "aurora-mysql";
/// The component of the secret with the user of WordPress's own.
pub const USER: &str = "database/user";
/// Who WordPress is in the database: the installer makes it, with rights on WordPress's schema alone.
pub const SITE_USERNAME: &str = "site";
/// The database's master user, who makes the other one.
pub const USERNAME: &str = "wordpress";
