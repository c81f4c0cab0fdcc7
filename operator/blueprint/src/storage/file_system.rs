//! The file system that all instances share for uploads. See "Creating EFS file systems", "Amazon EFS performance
//! specifications" and "Managing storage lifecycle" in the Amazon EFS User Guide.

use wpc_api::v1alpha1::ThroughputMode;
use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Kind, State};

use super::Phase;

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticfilesystem:DescribeFileSystems");
/// Reads when files move to Infrequent Access, which the list does not show.
pub const DESCRIBE_LIFECYCLE: Action = Action::read("elasticfilesystem:DescribeLifecycleConfiguration");
/// Makes it.
pub const CREATE: Action = Action::write("elasticfilesystem:CreateFileSystem");
/// Sets how throughput is paid for; AWS allows it once in 24 hours.
pub const UPDATE: Action = Action::write("elasticfilesystem:UpdateFileSystem");
/// Sets when files move to Infrequent Access.
pub const PUT_LIFECYCLE: Action = Action::write("elasticfilesystem:PutLifecycleConfiguration");
/// Writes tags, of file systems and access points.
pub const TAG: Action = Action::write("elasticfilesystem:TagResource");
/// Removes it, once it has no mount target.
pub const DELETE: Action = Action::write("elasticfilesystem:DeleteFileSystem");

/// The kind.
#[derive(Debug, Clone)]
pub struct FileSystem;

/// What is wanted. It is always encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// How throughput is paid for.
    pub throughput_mode: ThroughputMode,
    /// Files unread for so many days move to Infrequent Access.
    pub transition_to_ia_days: Option<u16>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// Whether it is encrypted at rest.
    pub encrypted: bool,
    /// How throughput is paid for, as AWS writes it.
    pub throughput_mode: String,
    /// Files unread for so many days move to Infrequent Access; read only while it is available.
    pub transition_to_ia_days: Option<u16>,
    /// Where it is in its life.
    pub phase: Phase,
}

/// The path of the change of how throughput is paid for.
pub const THROUGHPUT_MODE: &str = "sharedStorage.throughputMode";
/// The path of the change of when files move to Infrequent Access.
pub const TRANSITION_TO_IA: &str = "sharedStorage.transitionToIADays";

/// A throughput mode as AWS writes it.
pub fn aws_mode(mode: ThroughputMode) -> &'static str {
    match mode {
        ThroughputMode::Elastic => "elastic",
        ThroughputMode::Bursting => "bursting",
    }
}

impl Kind for FileSystem {
    const NAME: &'static str = "efs/file-system";
    const ACTIONS: &'static [Action] = &[DESCRIBE, DESCRIBE_LIFECYCLE, CREATE, UPDATE, PUT_LIFECYCLE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// It holds the site's files.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// Nothing: it is its mount targets that lie in the network, and they go even where it is kept.
    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(Desired { throughput_mode, transition_to_ia_days }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, encrypted, throughput_mode: mode, transition_to_ia_days: days, phase: _ } = have;
        let mut changes = Changes::new();
        changes.refuse("sharedStorage.encrypted", encrypted, &true);
        changes.compare(THROUGHPUT_MODE, &mode.as_str(), &aws_mode(*throughput_mode), Disruption::None);
        changes.compare(TRANSITION_TO_IA, days, transition_to_ia_days, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        have.phase.state(have.id.clone())
    }

    /// It has no snapshot of its own; only AWS Backup could leave a copy.
    fn data(_: &Observed) -> Data {
        Data::Kept
    }
}

#[cfg(test)]
mod tests {
    use wpc_engine::Removal;

    use super::*;

    fn have() -> Observed {
        Observed {
            id: "fs-1".into(),
            encrypted: true,
            throughput_mode: "elastic".into(),
            transition_to_ia_days: Some(14),
            phase: Phase::Available,
        }
    }

    #[test]
    fn diff_knows_each_field() {
        let want = Desired { throughput_mode: ThroughputMode::Elastic, transition_to_ia_days: Some(14) };
        let table = [
            (have(), vec![]),
            (Observed { throughput_mode: "bursting".into(), ..have() }, vec![(THROUGHPUT_MODE, "bursting", "elastic")]),
            // Just made, or switched off by hand.
            (Observed { transition_to_ia_days: None, ..have() }, vec![(TRANSITION_TO_IA, "", "14")]),
            (Observed { transition_to_ia_days: Some(90), ..have() }, vec![(TRANSITION_TO_IA, "90", "14")]),
        ];
        for (have, expected) in table {
            let found = match FileSystem::diff(&want, &have) {
                Delta::Same => vec![],
                Delta::Update(changes) => changes,
                Delta::Refused(changes) => panic!("{changes:?}"),
            };
            let found: Vec<_> = found.iter().map(|c| (c.path.as_str(), c.from.as_str(), c.to.as_str())).collect();
            assert_eq!(found, expected);
        }
        let never = Desired { transition_to_ia_days: None, ..want.clone() };
        assert!(matches!(FileSystem::diff(&never, &have()), Delta::Update(changes) if changes[0].to.is_empty()));
        let plain = Observed { encrypted: false, ..have() };
        assert!(matches!(FileSystem::diff(&want, &plain), Delta::Refused(_)));
    }

    #[test]
    fn it_stays_until_deletion_is_confirmed_and_keeps_nothing_with_it() {
        let data = FileSystem::data(&have());
        assert!([Removal::Live, Removal::Retain, Removal::Snapshot].iter().all(|removal| removal.keeps(data)));
        assert!(!Removal::Delete.keeps(data));
        assert_eq!(FileSystem::holds(&have()), []);
        assert_eq!(FileSystem::state(&have()), State::Ready("fs-1".into()));
    }
}
