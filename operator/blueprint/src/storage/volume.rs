//! The disk that holds the uploads of a site with one instance. See "Amazon EBS volumes", "Amazon EBS Elastic Volumes" and
//! "Amazon EBS snapshots" in the Amazon EBS User Guide.
//!
//! It lies in one zone, and the instance is where it is: so the zone of a disk that is there decides.
//!
//! Backups of it carry its tags, the stack's among them. So its last snapshot is told from them by the moment at which its
//! end began, which stands on the disk and on the snapshot: that one has everything.

use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Kind, Output, State};

use crate::{Unfit, encryption};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeVolumes");
/// Reads what is under way.
pub const DESCRIBE_MODIFICATIONS: Action = Action::read("ec2:DescribeVolumesModifications");
/// Finds the last snapshot of it, and the one that it begins with.
pub const DESCRIBE_SNAPSHOTS: Action = Action::read("ec2:DescribeSnapshots");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateVolume");
/// Lets it grow; AWS allows it once in six hours.
pub const MODIFY: Action = Action::write("ec2:ModifyVolume");
/// Takes its last snapshot.
pub const SNAPSHOT: Action = Action::write("ec2:CreateSnapshot");
/// Writes its tags, also at creation.
pub const TAG: Action = Action::write("ec2:CreateTags");
/// Takes the mark of its end off it, when it lives on.
pub const UNTAG: Action = Action::write("ec2:DeleteTags");
/// Removes it, once no instance has it.
pub const DELETE: Action = Action::write("ec2:DeleteVolume");

/// The disk's component.
pub const VOLUME: &str = "storage/volume";
/// The kind of EBS volume that it is.
pub const GP3: &str = "gp3";

/// The kind.
#[derive(Debug, Clone)]
pub struct Volume;

/// What is wanted. It is always encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The zones that it may lie in; a new one lies in the first.
    pub zones: Vec<String>,
    /// Its size in GiB, at least.
    pub gibibytes: i32,
    /// The key that it is encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
    /// The snapshot that it begins with.
    pub snapshot: Option<String>,
}

/// A snapshot that a disk is to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// The size of what it was taken of, in GiB.
    pub gibibytes: i32,
    /// Whether it is complete, or failed; neither while it is taken.
    pub complete: Option<bool>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// Where it lies.
    pub zone: String,
    /// Its size in GiB, or what it grows to.
    pub gibibytes: i32,
    /// Its kind, as AWS writes it, or what it becomes.
    pub kind: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key that it is encrypted with.
    pub key: Option<Id>,
    /// Since when its last snapshot is taken, in seconds since 1970, if it is to go.
    pub leaving_since: Option<String>,
    /// The instances that have it.
    pub attached: Vec<Id>,
    /// Where it is in its life.
    pub phase: Phase,
}

/// Where a disk is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Being made.
    Creating,
    /// Ready for an instance, or in use.
    Available,
    /// As available, with a change under way: AWS takes no other until that is over, which may last hours.
    Modifying,
    /// Being removed.
    Deleting,
    /// AWS lost it.
    Failed,
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Its id.
    pub id: Id,
    /// Where it lies, and so where the instance must be.
    pub zone: String,
}

impl Output for Disk {
    fn unknown(node: &str) -> Self {
        let Id(text) = Id::unknown(node);
        Self { id: Id(text.clone()), zone: text }
    }
}

/// The path of the change of its size.
pub const SIZE: &str = "sharedStorage.size";
/// The path of the change of its kind.
pub const KIND: &str = "sharedStorage.volumeType";
/// The path of the change that says that it lives on.
pub const LEAVING: &str = "sharedStorage.leaving";

impl Kind for Volume {
    const NAME: &'static str = "ec2/volume";
    const ACTIONS: &'static [Action] =
        &[DESCRIBE, DESCRIBE_MODIFICATIONS, DESCRIBE_SNAPSHOTS, CREATE, MODIFY, SNAPSHOT, TAG, UNTAG, DELETE];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Disk;

    /// It holds the site's files.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.key.iter().cloned().collect()
    }

    /// A larger one is right: somebody let it grow, and none shrinks.
    fn diff(Desired { zones, gibibytes, key, snapshot: _ }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, zone, gibibytes: size, kind, encrypted, key: sealed, leaving_since, attached: _, phase } =
            have;
        let mut changes = Changes::new();
        changes.refuse("sharedStorage.encrypted", encrypted, &true);
        if key.is_some() {
            changes.refuse(encryption::PATH, sealed, key);
        }
        if !zones.contains(zone) {
            changes.refuse("network.availabilityZones", zone, &zones.join(","));
        }
        if *phase != Phase::Modifying {
            changes.compare(SIZE, size, size.max(gibibytes), Disruption::None);
            changes.compare(KIND, &kind.as_str(), &GP3, Disruption::None);
        }
        changes.compare(LEAVING, leaving_since, &None, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Disk> {
        let disk = || Disk { id: have.id.clone(), zone: have.zone.clone() };
        match have.phase {
            Phase::Creating => State::Settling { usable: None, reason: "Creating" },
            Phase::Available | Phase::Modifying => State::Ready(disk()),
            Phase::Deleting => State::Leaving,
            Phase::Failed => State::Dead { message: "Amazon EBS reports the state \"error\"".into() },
        }
    }

    /// Its delete leaves a snapshot.
    fn data(_: &Observed) -> Data {
        Data::Copied
    }
}

/// Whether a disk of so many GiB can begin with what was found under a snapshot's id.
pub fn judge(id: &str, found: Option<Snapshot>, gibibytes: i32) -> Result<(), Unfit> {
    let unfit = |message: String| Err(Unfit { message, passes: false });
    let Some(Snapshot { gibibytes: size, complete }) = found else {
        return unfit(format!(
            "there is no snapshot {id} in this account and region. Correct sharedStorage.restoreFrom.snapshotId"
        ));
    };
    if size > gibibytes {
        return unfit(format!(
            "the snapshot {id} is of a disk of {size}Gi, and sharedStorage.size is {gibibytes}Gi. Write \
             sharedStorage.size: {size}Gi or more"
        ));
    }
    match complete {
        Some(true) => Ok(()),
        Some(false) => {
            unfit(format!("the snapshot {id} failed. Name another one in sharedStorage.restoreFrom.snapshotId"))
        }
        None => {
            Err(Unfit { message: format!("the snapshot {id} is being taken: it can be restored then"), passes: true })
        }
    }
}

#[cfg(test)]
mod tests {
    use wpc_engine::Removal;

    use super::*;

    fn have() -> Observed {
        Observed {
            id: "vol-1".into(),
            zone: "eu-west-1b".into(),
            gibibytes: 50,
            kind: GP3.into(),
            encrypted: true,
            key: None,
            leaving_since: None,
            attached: vec![],
            phase: Phase::Available,
        }
    }

    fn want() -> Desired {
        Desired { zones: vec!["eu-west-1a".into(), "eu-west-1b".into()], gibibytes: 50, key: None, snapshot: None }
    }

    #[test]
    fn diff_knows_each_field() {
        let modifying = Phase::Modifying;
        let table = [
            (want(), have(), ""),
            (want(), Observed { gibibytes: 80, ..have() }, ""),
            (Desired { gibibytes: 80, ..want() }, have(), SIZE),
            (Desired { gibibytes: 80, ..want() }, Observed { phase: modifying, ..have() }, ""),
            (want(), Observed { kind: "gp2".into(), ..have() }, KIND),
            (want(), Observed { encrypted: false, ..have() }, "!sharedStorage.encrypted"),
            (Desired { zones: vec!["eu-west-1a".into()], ..want() }, have(), "!network.availabilityZones"),
            (Desired { key: Some("arn:key".into()), ..want() }, have(), "!encryption.kmsKey"),
            (want(), Observed { leaving_since: Some("7".into()), ..have() }, LEAVING),
        ];
        for (want, have, expected) in table {
            let found = match Volume::diff(&want, &have) {
                Delta::Same => String::new(),
                Delta::Update(changes) => changes[0].path.clone(),
                Delta::Refused(changes) => format!("!{}", changes[0].path),
            };
            assert_eq!(found, expected, "{have:?}");
        }
    }

    #[test]
    fn a_snapshot_that_does_not_fit_says_what_to_write() {
        let of = |found: Option<(i32, Option<bool>)>| {
            judge("snap-1", found.map(|(gibibytes, complete)| Snapshot { gibibytes, complete }), 50)
        };
        assert_eq!(of(Some((50, Some(true)))), Ok(()));
        for (found, words, passes) in [
            (None, "no snapshot snap-1 in this account and region", false),
            (Some((80, Some(true))), "Write sharedStorage.size: 80Gi", false),
            (Some((50, Some(false))), "failed", false),
            (Some((50, None)), "is being taken", true),
        ] {
            let unfit = of(found).unwrap_err();
            assert!(unfit.message.contains(words) && unfit.passes == passes, "{unfit:?}");
        }
    }

    #[test]
    fn each_phase_has_its_meaning() {
        let of = |phase| Volume::state(&Observed { phase, ..have() });
        let disk = Disk { id: "vol-1".into(), zone: "eu-west-1b".into() };
        assert_eq!(of(Phase::Creating), State::Settling { usable: None, reason: "Creating" });
        assert_eq!(of(Phase::Available), State::Ready(disk.clone()));
        assert_eq!(of(Phase::Modifying), State::Ready(disk));
        assert_eq!(of(Phase::Deleting), State::Leaving);
        assert!(matches!(of(Phase::Failed), State::Dead { .. }));
    }

    #[test]
    fn it_goes_with_the_site_and_leaves_a_snapshot() {
        let data = Volume::data(&have());
        assert!([Removal::Live, Removal::Retain].iter().all(|removal| removal.keeps(data)));
        assert!([Removal::Snapshot, Removal::Delete].iter().all(|removal| !removal.keeps(data)));
        assert_eq!((Volume::variant(&want()), Volume::holds(&have())), (None, vec![]));
        assert_eq!(Volume::holds(&Observed { key: Some("arn:key".into()), ..have() }), ["arn:key".into()]);
    }
}
