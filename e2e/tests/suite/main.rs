//! The end-to-end suite: one binary, so that its tests share one control plane and its clouds.

mod adoption;
mod bad_input;
mod clouds;
mod control_plane;
mod crashes;
mod deletion;
mod drift;
mod edits;
mod engines;
mod existing;
mod gateway;
mod leadership;
mod lifecycle;
mod media;
mod models;
mod money;
mod monitoring;
mod permissions;
mod preflight;
mod processes;
mod rights;
mod roles;
mod rules;
mod secrets;
mod tenants;
