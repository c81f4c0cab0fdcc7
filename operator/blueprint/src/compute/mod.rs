//! The compute pool: who its instances are, what they are made from, how many there are, how they are replaced.

pub mod code;
pub mod group;
pub mod image;
pub mod instance_profile;
pub mod instance_refresh;
mod launch;
pub mod launch_template;
pub mod policy;
pub mod role;
pub mod schedule;

pub use launch::Launch;

use wpc_engine::Key;

use crate::Stack;

/// The group's component, whose tags instances and their disks carry.
pub const GROUP: &str = "compute/group";
/// How long the group's name may be: it could be longer; people read it.
pub const GROUP_NAME_LENGTH: usize = 64;
/// The component of the secret with WordPress's keys.
pub const KEYS: &str = "compute/keys";
/// The role's component.
pub const ROLE: &str = "compute/role";
/// The instance profile's component.
pub const PROFILE: &str = "compute/profile";
/// The component of the policy that follows the CPU.
pub const CPU_POLICY: &str = "compute/scaling-cpu";
/// The component of the policy that follows the requests.
pub const REQUESTS_POLICY: &str = "compute/scaling-requests";
/// The refresh's component.
pub const REFRESH: &str = "compute/refresh";

/// The name of a stack's group.
pub fn group_name(stack: &Stack) -> String {
    stack.name(&Key::of(GROUP), GROUP_NAME_LENGTH)
}
