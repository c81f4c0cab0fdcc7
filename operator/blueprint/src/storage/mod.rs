//! Shared files: an Amazon EFS file system, a mount target in each zone, and an access point for uploads; or the disk of
//! the only instance.

pub mod access_point;
pub mod file_system;
pub mod mount_target;
pub mod recovery_point;
pub mod volume;

use wpc_engine::State;

/// Where a thing of Amazon EFS is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Being made.
    Creating,
    /// In service.
    Available,
    /// In service, with a change under way.
    Updating,
    /// Being removed, or gone.
    Deleting,
    /// AWS could not make it, or lost it.
    Failed,
}

impl Phase {
    /// The state of a thing in this phase, which dependants know by `output`.
    pub fn state<O>(self, output: O) -> State<O> {
        match self {
            Self::Creating => State::Settling { usable: None, reason: "Creating" },
            Self::Available => State::Ready(output),
            Self::Updating => State::Settling { usable: Some(output), reason: "Updating" },
            Self::Deleting => State::Leaving,
            Self::Failed => State::Dead { message: "Amazon EFS reports the state \"error\"".into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_under_way_blocks_nobody() {
        let usable = |phase: Phase| phase.state(7).usable().copied();
        assert_eq!(Phase::Available.state(7), State::Ready(7));
        assert_eq!(usable(Phase::Updating), Some(7));
        for phase in [Phase::Creating, Phase::Deleting, Phase::Failed] {
            assert_eq!(usable(phase), None, "{phase:?}");
        }
        assert_eq!(Phase::Deleting.state(7), State::Leaving);
        assert!(matches!(Phase::Failed.state(7), State::Dead { .. }));
    }
}
