use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use wpc_blueprint::price::Prices;

use crate::{Election, Tenancy};

/// How the operator runs.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where health and metrics are served.
    pub http_addr: SocketAddr,
    /// The namespaces it works in; all of them where empty.
    pub namespaces: Vec<String>,
    /// The first part of every stack id: two clusters that share an account need two of them.
    pub cluster_id: String,
    /// Who may work under which role.
    pub tenancy: Tenancy,
    /// How often a stack that is as wanted is looked at again.
    pub resync: Duration,
    /// How many objects are worked on at a time; also the nodes of one stack.
    pub concurrency: u16,
    /// How long an empty list is doubted after a restart.
    pub settle: Duration,
    /// Price lists that count before those that this release knows.
    pub prices: Arc<[Prices]>,
    /// The longest that one write to AWS or Kubernetes may take.
    pub write_timeout: Duration,
    /// How replicas agree on one that acts; none where there is only one.
    pub election: Option<Election>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http_addr: ([0, 0, 0, 0], 8080).into(),
            namespaces: vec![],
            cluster_id: "default".into(),
            tenancy: Tenancy::default(),
            resync: Duration::from_secs(600),
            concurrency: 16,
            settle: Duration::from_secs(5),
            prices: Arc::default(),
            write_timeout: Duration::from_secs(20),
            election: None,
        }
    }
}
