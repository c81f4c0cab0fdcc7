//! `spec.database`: the database and its replicas.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Architecture, VolumeType};
use crate::{
    quantity::Size,
    schema::{rule, text_map},
};

/// The database and its replicas, on Amazon RDS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule(
        "self.readReplicas == 0 || self.backupRetentionDays >= 1",
        "read replicas are made from backups: set database.backupRetentionDays to 1 or more, or readReplicas to 0",
    ),
    rule(
        "self.engine != 'AuroraMySQL' || self.backupRetentionDays >= 1",
        "Aurora always keeps backups: set database.backupRetentionDays to 1 or more",
    ),
    rule(
        "self.engine != 'AuroraMySQL' || !self.multiAZ || self.readReplicas >= 1",
        "Aurora's standby is a reader: set database.readReplicas to 1 or more, or multiAZ to false",
    ),
    rule(
        "!has(self.serverless) || !has(self.instanceClass)",
        "database.serverless has no machines of a fixed size: leave instanceClass out, or serverless",
    ),
    rule(
        "!has(self.serverless) || self.engine == 'AuroraMySQL'",
        "database.serverless is Aurora's: set engine to AuroraMySQL, or leave serverless out",
    ),
    rule(
        "has(self.restoreFrom) == has(oldSelf.restoreFrom) && (!has(self.restoreFrom) || self.restoreFrom == oldSelf.restoreFrom)",
        "database.restoreFrom is immutable: a database is restored when it is made; create another WordPressCluster",
    ),
]))]
pub struct Database {
    /// The engine. Immutable.
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self == oldSelf",
        "database.engine is immutable: create another WordPressCluster with the new engine and move the data",
    )]))]
    pub engine: DatabaseEngine,

    /// The engine's version; a prefix such as `8.4` leaves the rest to AWS. Left out: `8.4` for MySQL and Aurora, `11.8` for MariaDB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[0-9]+([.][0-9a-z_]+)*$')",
        "database.version is none: write one such as 8.4 or 8.4.6",
    )]))]
    pub version: Option<String>,

    /// The size of its machines. Left out: `db.m7g.large`, for Aurora `db.r7g.large`, on x86_64 `m7i` and `r7i`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40), extend("x-kubernetes-validations" = [rule(
        "self.matches('^db[.][a-z0-9-]+[.][a-z0-9-]+$')",
        "database.instanceClass is none: write one such as db.m7g.large",
    )]))]
    pub instance_class: Option<String>,

    /// The disk. Aurora has its own, that grows by itself.
    pub storage: DatabaseStorage,

    /// Keeps a standby in another zone that takes over when the primary fails. Aurora's standbys are its readers.
    #[serde(rename = "multiAZ")]
    pub multi_az: bool,

    /// How many replicas to read from, 0 to 15, spread over the zones.
    #[schemars(range(min = 0, max = 15))]
    pub read_replicas: u8,

    /// Aurora without machines of a fixed size. Left out: machines of `instanceClass`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serverless: Option<Serverless>,

    /// For how many days it can be restored to any second, 1 to 35; 0 switches backups off, which only a
    /// database without replicas can.
    #[schemars(range(min = 0, max = 35))]
    pub backup_retention_days: u8,

    /// Engine parameters other than the operator's own, such as `max_connections: "500"`.
    #[schemars(schema_with = "text_map", extend("x-kubernetes-validations" = [rule(
        "self.all(name, name.matches('^[a-z][a-z0-9_.-]{0,127}$') && self[name].matches('^[A-Za-z0-9 _.,:/*+=(){}-]*$'))",
        "database.parameters holds what is no parameter: write lower-case names and plain values, such as max_connections: \"500\"",
    )]))]
    pub parameters: BTreeMap<String, String>,

    /// AWS's own protection against deletion. Deleting the object switches it off as a step of deletion.
    pub deletion_protection: bool,

    /// Begins with the data of a snapshot, or of another database at a certain time. Immutable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_from: Option<DatabaseRestore>,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            engine: DatabaseEngine::default(),
            version: None,
            instance_class: None,
            storage: DatabaseStorage::default(),
            multi_az: true,
            read_replicas: 2,
            serverless: None,
            backup_retention_days: 7,
            parameters: BTreeMap::new(),
            deletion_protection: true,
            restore_from: None,
        }
    }
}

impl Database {
    /// The engine's version, or the beginning of it.
    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or(match self.engine {
            DatabaseEngine::MySql | DatabaseEngine::AuroraMySql => "8.4",
            DatabaseEngine::MariaDb => "11.8",
        })
    }

    /// The size of its machines.
    pub fn instance_class(&self, architecture: Architecture) -> &str {
        if self.serverless.is_some() {
            return "db.serverless";
        }
        // Aurora has no m classes.
        self.instance_class.as_deref().unwrap_or(match (self.engine, architecture) {
            (DatabaseEngine::AuroraMySql, Architecture::Arm64) => "db.r7g.large",
            (DatabaseEngine::AuroraMySql, Architecture::X86_64) => "db.r7i.large",
            (_, Architecture::Arm64) => "db.m7g.large",
            (_, Architecture::X86_64) => "db.m7i.large",
        })
    }
}

/// The database's engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DatabaseEngine {
    /// RDS for MySQL.
    #[default]
    #[serde(rename = "MySQL")]
    MySql,
    /// Aurora MySQL.
    #[serde(rename = "AuroraMySQL")]
    AuroraMySql,
    /// RDS for MariaDB.
    #[serde(rename = "MariaDB")]
    MariaDb,
}

impl DatabaseEngine {
    /// The name that RDS uses.
    pub const fn name(self) -> &'static str {
        match self {
            DatabaseEngine::MySql => "mysql",
            DatabaseEngine::AuroraMySql => "aurora-mysql",
            DatabaseEngine::MariaDb => "mariadb",
        }
    }
}

/// The database's disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rule(
        "!isQuantity(self.size) || !isQuantity(self.max) || quantity(self.max).compareTo(quantity(self.size)) >= 0",
        "database.storage.max is below size: raise max to size or more",
    ),
    rule(
        "!isQuantity(self.size) || quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0",
        "database.storage.size cannot shrink: keep the old size or a larger one",
    ),
]))]
pub struct DatabaseStorage {
    /// Its size when the database is made, 20Gi to 64Ti. It never shrinks.
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self.matches('^[1-9][0-9]{0,4}(Gi|Ti)$') && quantity(self).compareTo(quantity('20Gi')) >= 0 && quantity(self).compareTo(quantity('64Ti')) <= 0",
        "database.storage.size is none: write one from 20Gi to 64Ti, such as 50Gi",
    )]))]
    pub size: Size,
    /// How far it may grow by itself; the same as `size`: not at all.
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self.matches('^[1-9][0-9]{0,4}(Gi|Ti)$') && quantity(self).compareTo(quantity('64Ti')) <= 0",
        "database.storage.max is none: write one up to 64Ti, such as 200Gi",
    )]))]
    pub max: Size,
    /// Its kind of EBS volume.
    #[serde(rename = "type")]
    pub kind: VolumeType,
}

impl Default for DatabaseStorage {
    fn default() -> Self {
        Self { size: Size::gibibytes(50), max: Size::gibibytes(200), kind: VolumeType::default() }
    }
}

/// Aurora's capacity, in steps of half an Aurora capacity unit (about 1 GiB of memory).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "!self.minCapacity.matches('^[0-9]+([.]5)?$') || !self.maxCapacity.matches('^[0-9]+([.]5)?$') || double(self.minCapacity) <= double(self.maxCapacity)",
    "database.serverless.minCapacity is above maxCapacity: lower min, or raise max",
)]))]
pub struct Serverless {
    /// At least so much, `"0"` to `"256"`; `"0"` lets it pause.
    #[schemars(length(max = 5), extend("x-kubernetes-validations" = [rule(
        "self.matches('^([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])([.]5)?$|^256$')",
        "database.serverless.minCapacity is none: write 0 to 256 in steps of a half, such as \"0.5\"",
    )]))]
    pub min_capacity: String,
    /// At most so much, `"1"` to `"256"`.
    #[schemars(length(max = 5), extend("x-kubernetes-validations" = [rule(
        "self.matches('^([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])([.]5)?$|^256$')",
        "database.serverless.maxCapacity is none: write 1 to 256 in steps of a half, such as \"8\"",
    )]))]
    pub max_capacity: String,
}

impl Default for Serverless {
    fn default() -> Self {
        Self { min_capacity: "0.5".into(), max_capacity: "8".into() }
    }
}

/// Where the first data come from: a snapshot, or another database at a certain time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "has(self.snapshotId) != has(self.sourceId) && has(self.sourceId) == has(self.time)",
    "database.restoreFrom needs either snapshotId, or sourceId and time",
)]))]
pub struct DatabaseRestore {
    /// A snapshot's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z][A-Za-z0-9:-]*$')",
        "database.restoreFrom.snapshotId is no snapshot's id: copy it from RDS",
    )]))]
    pub snapshot_id: Option<String>,
    /// Another database's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z][A-Za-z0-9:-]*$')",
        "database.restoreFrom.sourceId is no database's id: copy it from RDS",
    )]))]
    pub source_id: Option<String>,
    /// The time of whose data, such as `2026-01-31T12:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 35), extend("format" = "date-time"))]
    pub time: Option<Timestamp>,
}
