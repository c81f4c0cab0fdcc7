//! The fleet on one machine: instances of Debian in namespaces boot by the script that the blueprint renders, against
//! MariaDB, Redis, MiniStack behind the gateway, and nginx in the load balancer's place.
//!
//! It needs root and the machine's address 10.77.0.1; where it cannot run it says why, and fails with
//! `WPC_REQUIRE_FLEET=1`. What it does not cover: docs/fleet.md.

mod aws;
mod broken;
mod failover;
mod fleet;
mod front;
mod ground;
mod hostile;
mod instance;
mod load;
mod loss;
mod memcached;
mod moving;
mod pages;
mod replicas;
mod scripts;
mod secrets;
mod serving;
mod site;
mod spotter;
mod trust;
mod twice;
mod visitor;
mod wp;
