//! The instances' doors into the file system: to uploads and, where its files were restored, to the whole of it. See "Working with access points" in the Amazon EFS User
//! Guide.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

use super::Phase;
use super::file_system::TAG;

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticfilesystem:DescribeAccessPoints");
/// Makes it.
pub const CREATE: Action = Action::write("elasticfilesystem:CreateAccessPoint");
/// Removes it.
pub const DELETE: Action = Action::write("elasticfilesystem:DeleteAccessPoint");

/// The folder for uploads.
pub const PATH: &str = "/uploads";
/// Its permissions when it is made.
pub const PERMISSIONS: &str = "0755";
/// User and group of every file, whoever writes it. The access point puts this number in the place of the client's, so
/// it need not be the number of the web server's user, which differs from image to image.
pub const OWNER: u32 = 1033;

/// The kind.
#[derive(Debug, Clone)]
pub struct AccessPoint;

/// The component of the door to uploads.
pub const UPLOADS: &str = "storage/access-point";
/// The component of the door to the whole file system.
pub const WHOLE: &str = "storage/restore-access-point";

/// Where a door leads, and as whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// To [`PATH`], as [`OWNER`].
    Uploads,
    /// To all of it, as root: what was restored is moved to where uploads are.
    Whole,
}

impl Door {
    /// The folder that clients see as their root.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Uploads => PATH,
            Self::Whole => "/",
        }
    }

    /// User and group of who comes through it.
    pub const fn owner(self) -> u32 {
        match self {
            Self::Uploads => OWNER,
            Self::Whole => 0,
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The file system behind it.
    pub file_system: Id,
    /// Where it leads.
    pub door: Door,
}

/// What was found. Nothing of an access point can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The file system behind it.
    pub file_system: Id,
    /// Where it is in its life.
    pub phase: Phase,
}

impl Kind for AccessPoint {
    const NAME: &'static str = "efs/access-point";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { file_system, door }: &Desired) -> Option<String> {
        Some(digest(&[&file_system.0, door.path(), PERMISSIONS, &door.owner().to_string()]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.file_system.clone()]
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        have.phase.state(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_system_has_another_door() {
        let variant = |id: &str, door| AccessPoint::variant(&Desired { file_system: id.into(), door });
        assert_ne!(variant("fs-1", Door::Uploads), variant("fs-2", Door::Uploads));
        assert_ne!(variant("fs-1", Door::Uploads), variant("fs-1", Door::Whole));
        let have = Observed { id: "fsap-1".into(), file_system: "fs-1".into(), phase: Phase::Available };
        assert_eq!(AccessPoint::holds(&have), [Id::from("fs-1")]);
        assert_eq!(AccessPoint::state(&have), State::Ready("fsap-1".into()));
    }
}
