//! What dependants learn of a database, whichever engine it has.

use wpc_engine::{Id, Output};

/// Where an instance or a cluster answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name in DNS.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// The database that is written to: an instance, or a cluster of Aurora.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Its identifier, for those that replicate it or belong to it.
    pub name: Id,
    /// Its ARN.
    pub arn: Id,
    /// Where it answers writes; it stays the same when another instance takes over.
    pub endpoint: Endpoint,
    /// Where all that is only read from answers, of a cluster.
    pub reader: Option<Endpoint>,
    /// The instance that is written to now, of a cluster.
    pub writer: Option<Id>,
    /// The zone it is in now, of an instance: it moves when the standby takes over.
    pub zone: Option<String>,
    /// The engine's version.
    pub version: String,
    /// Up to when it can be restored, in seconds since 1970.
    pub restorable: Option<i64>,
}

impl Output for Database {
    fn unknown(node: &str) -> Self {
        let name = Id::unknown(node);
        let endpoint = Endpoint { host: name.0.clone(), port: 3306 };
        let version = name.0.clone();
        Self { arn: name.clone(), endpoint, reader: None, writer: None, zone: None, version, restorable: None, name }
    }
}

/// One instance of a database: a read replica, or a member of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its identifier.
    pub name: Id,
    /// Where it answers.
    pub endpoint: Endpoint,
    /// The zone it is in.
    pub zone: Option<String>,
    /// RDS's word for its state.
    pub state: String,
}

impl Output for Member {
    fn unknown(node: &str) -> Self {
        let name = Id::unknown(node);
        let endpoint = Endpoint { host: name.0.clone(), port: 3306 };
        Self { endpoint, zone: None, state: String::new(), name }
    }
}
