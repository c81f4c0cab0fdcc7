//! The end-to-end suite: one binary, so that its tests share one control plane and its clouds.

mod clouds;
mod control_plane;
mod gateway;
mod processes;
