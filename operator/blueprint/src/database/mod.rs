//! The database: RDS for MySQL with a standby in another zone, and its read replicas.

pub mod end;
pub mod instance;
pub mod parameter_group;
pub mod primary;
pub mod replica;
pub mod storage;
pub mod subnet_group;
mod version;
