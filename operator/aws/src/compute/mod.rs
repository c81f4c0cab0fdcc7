//! Compute kinds: of Amazon EC2, of Auto Scaling, and of IAM.

mod group;
mod instance_profile;
mod instance_refresh;
mod launch;
mod launch_template;
mod policy;
mod role;
mod schedule;

pub(crate) use group::standing;
use wpc_blueprint::compute::GROUP_NAME_LENGTH;

/// Names of profiles, templates and policies could be longer; people read them.
const NAME_LENGTH: usize = GROUP_NAME_LENGTH;
