//! How the kinds hang together: the spec becomes a graph. One file per area.

mod database;
mod network;
mod security;
mod ways;

use wpc_engine::Graph;

use crate::{Blueprint, Kinds};
pub use database::Database;
pub use network::Network;
pub use security::SecurityGroups;

/// The graph of a stack, and the handles whose outputs status shows.
pub struct Assembly {
    /// Everything that is wanted.
    pub graph: Graph,
    /// The network's outputs.
    pub network: Network,
    /// The database's outputs.
    pub database: Database,
}

/// Everything that a blueprint wants, bound to the kinds of a cloud.
pub fn assemble(blueprint: &Blueprint, kinds: &Kinds) -> Assembly {
    let mut graph = Graph::new();
    let network = network::network(&mut graph, kinds, blueprint);
    let database = database::database(&mut graph, kinds, blueprint, &network);
    Assembly { graph, network, database }
}
