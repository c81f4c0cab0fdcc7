//! What instances are made from. See "Create a launch template" and "Manage launch template versions" in the Amazon EC2
//! Auto Scaling and Amazon EC2 User Guides.
//!
//! A version cannot be changed, so a change is a new version that becomes the default. The version's description carries
//! a digest of what we asked for: what AWS answers about it is for people, not for comparing. It also says which WordPress
//! the version's instances have: so it is known what runs, and what an edit replaces.
//!
//! # Guarantees
//! No version is made of an older WordPress than the fleet has: the database was upgraded, and no way leads back.

use wpc_api::v1alpha1::VolumeType;
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, Output, State, hex_digest};

use super::code::{self, Code, Upgrade};
use super::group;
use super::image::Image;
use crate::encryption;

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeLaunchTemplates");
/// Reads its versions.
pub const DESCRIBE_VERSIONS: Action = Action::read("ec2:DescribeLaunchTemplateVersions");
/// Finds the newest image.
pub const DESCRIBE_IMAGES: Action = Action::read("ec2:DescribeImages");
/// Makes it, with its first version.
pub const CREATE: Action = Action::write("ec2:CreateLaunchTemplate");
/// Makes another version.
pub const CREATE_VERSION: Action = Action::write("ec2:CreateLaunchTemplateVersion");
/// Makes a version the default.
pub const MODIFY: Action = Action::write("ec2:ModifyLaunchTemplate");
/// Removes it, all versions included.
pub const DELETE: Action = Action::write("ec2:DeleteLaunchTemplate");

/// Part of the digest: to be raised when what every version has in common changes (metadata service version 2 only,
/// encrypted disk, detailed monitoring).
const LAYOUT: &str = "1";

/// The kind.
#[derive(Debug, Clone)]
pub struct LaunchTemplate;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The machine image.
    pub image: Image,
    /// The preferred instance type.
    pub instance_type: String,
    /// The instance profile's name.
    pub profile: Id,
    /// Who may reach the instances.
    pub security_groups: Vec<Id>,
    /// Whether each has an IPv6 address.
    pub ipv6: bool,
    /// Their own disk.
    pub volume: Volume,
    /// The key that it is encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
    /// What they do when they start first.
    pub user_data: String,
    /// The WordPress that this gives them.
    pub code: Code,
}

/// An instance's own disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    /// Its size in GiB.
    pub gibibytes: i32,
    /// Its kind.
    pub kind: VolumeType,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The version that is used where none is named: the one that stands.
    pub default: Version,
    /// The newest one: another than the default after a crash between making it and making it the default, or when
    /// somebody else makes versions.
    pub latest: Version,
    /// The newest image of what the default version's was resolved for.
    pub newest: Option<String>,
    /// The versions in use: first the one that the group makes instances from, then those that instances were made from.
    pub running: Vec<Version>,
    /// The subnets' IPv6 addresses, of which its instances have some.
    pub addresses: Vec<Id>,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version {
    /// Its number.
    pub number: i64,
    /// Digest of what was asked for; none in versions that others made.
    pub content: Option<String>,
    /// What its image was resolved for.
    pub origin: Option<String>,
    /// The WordPress that its instances have.
    pub code: Option<Code>,
    /// Its image.
    pub image: Option<String>,
    /// Its preferred instance type.
    pub instance_type: Option<String>,
    /// Its disk's size in GiB.
    pub gibibytes: Option<i32>,
    /// Digest of what its instances do when they start first.
    pub user_data: Option<String>,
    /// The instance profile's name.
    pub profile: Option<Id>,
    /// Who may reach its instances.
    pub security_groups: Vec<Id>,
    /// Whether each of its instances has an IPv6 address.
    pub ipv6: bool,
    /// The key that its disk is encrypted with.
    pub key: Option<Id>,
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: Id,
    /// The version that stands; the one that the group has, where that is the same but for its number.
    pub version: i64,
    /// That version's image.
    pub image: Option<String>,
    /// The WordPress that the group's instances get, and the other one that this version gives them.
    pub upgrade: Option<Upgrade>,
}

impl Output for Template {
    fn unknown(node: &str) -> Self {
        Self { id: Id::unknown(node), version: 0, image: None, upgrade: None }
    }
}

/// The path of the change that makes the newest version the default.
pub const DEFAULT_VERSION: &str = "compute.launchTemplate.defaultVersion";

impl Desired {
    /// Digest of all that is asked for.
    pub fn content(&self) -> String {
        // Which WordPress it is follows from the user data.
        let Self { image, instance_type, profile, security_groups, ipv6, volume, key, user_data, code: _ } = self;
        // Whether an image follows the newest changes none that runs.
        let (origin, gibibytes) = (image.origin(), volume.gibibytes.to_string());
        let mut parts = vec![LAYOUT, image.id.as_deref().unwrap_or_default(), &origin, instance_type, &profile.0];
        parts.extend([&gibibytes, volume.kind.name(), user_data]);
        parts.extend(security_groups.iter().chain(key).map(Id::as_str));
        parts.extend(ipv6.then_some("IPv6"));
        hex_digest(&parts, 16)
    }

    /// A version's description.
    pub fn description(&self) -> String {
        format!("{} {} {}", self.content(), self.image.origin(), self.code)
    }

    /// The image that is wanted: the one asked for, or the one resolved before for the same family and processor; in
    /// the latter's place the newest, where it follows that. `None` where one is yet to be found.
    pub fn image(&self, have: Option<&Observed>) -> Option<String> {
        let resolved = have.filter(|have| have.default.origin.as_ref() == Some(&self.image.origin()));
        let newest = resolved.filter(|_| self.image.follows).and_then(|have| have.newest.clone());
        self.image.id.clone().or(newest).or_else(|| resolved?.default.image.clone())
    }

    /// Whether a version is what is wanted.
    fn is(&self, version: &Version, have: &Observed) -> bool {
        let image = self.image(Some(have));
        version.content.as_ref() == Some(&self.content()) && (image.is_none() || version.image == image)
    }
}

impl Observed {
    /// A later WordPress than this, if instances have one. Where there is no group, the one that stands was its.
    fn newer_than(&self, code: &Code) -> Option<&Code> {
        let alone = [&self.default].into_iter().filter(|_| self.running.is_empty());
        let found = self.running.iter().chain(alone).filter_map(|version| version.code.as_ref());
        found.into_iter().find(|found| code.older_than(found))
    }
}

impl Version {
    /// Digest, origin and WordPress, as a description of ours carries them.
    pub fn described(description: &str) -> (Option<String>, Option<String>, Option<Code>) {
        match description.split(' ').collect::<Vec<_>>().as_slice() {
            [content, origin, code] if content.len() == 16 => {
                (Some((*content).to_owned()), Some((*origin).to_owned()), Code::read(code))
            }
            _ => (None, None, None),
        }
    }

    /// Whether instances of both are the same.
    fn is(&self, other: &Self) -> bool {
        self.content.is_some() && (&self.content, &self.image) == (&other.content, &other.image)
    }

    /// Digest of user data.
    pub fn user_data_digest(user_data: &str) -> String {
        hex_digest(&[user_data], 8)
    }
}

impl Kind for LaunchTemplate {
    const NAME: &'static str = "ec2/launch-template";
    const ACTIONS: &'static [Action] =
        &[DESCRIBE, DESCRIBE_VERSIONS, DESCRIBE_IMAGES, group::DESCRIBE, CREATE, CREATE_VERSION, MODIFY, DELETE];
    const IDENTITY: Identity = Identity::Token;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Template;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// AWS would let these go, and the next instance could not start.
    fn holds(have: &Observed) -> Vec<Id> {
        let Version { profile, security_groups, key, .. } = &have.default;
        profile.iter().chain(security_groups).chain(key).chain(&have.addresses).cloned().collect()
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, default, latest, newest: _, running: _, addresses: _ } = have;
        let mut changes = Changes::new();
        if let Some(newer) = have.newer_than(&want.code) {
            changes.refuse(code::VERSION, &newer.to_string(), &want.code.to_string());
            return changes.delta();
        }
        if want.is(default, have) {
            return Delta::Same;
        }
        if want.is(latest, have) {
            changes.compare(DEFAULT_VERSION, &default.number, &latest.number, Disruption::Rolling);
            return changes.delta();
        }
        compare(&mut changes, want, have);
        match changes.delta() {
            Delta::Same => {
                let mut changes = Changes::new();
                let content = Some(want.content());
                changes.compare("compute.launchTemplate", &default.content, &content, Disruption::Rolling);
                changes.delta()
            }
            delta => delta,
        }
    }

    fn state(have: &Observed) -> State<Template> {
        let default = &have.default;
        let group = have.running.first();
        let same = group.filter(|group| group.is(default)).unwrap_or(default);
        let codes = group.and_then(|group| group.code.clone()).zip(default.code.clone());
        let upgrade = codes.map(|(from, to)| Upgrade { from, to }).filter(|upgrade| upgrade.from != upgrade.to);
        State::Ready(Template { id: have.id.clone(), version: same.number, image: default.image.clone(), upgrade })
    }
}

/// What a person wants to know of a new version.
fn compare(changes: &mut Changes, want: &Desired, standing: &Observed) {
    let Desired { image, instance_type, profile, security_groups, ipv6, volume, key, user_data, code } = want;
    let (rolling, have) = (Disruption::Rolling, &standing.default);
    if let Some(found) = &have.code {
        changes.compare(code::VERSION, &found.to_string(), &code.to_string(), rolling);
    }
    let wanted = want.image(Some(standing)).unwrap_or_else(|| format!("newest of {}", image.origin()));
    changes.compare("compute.image", &have.image, &Some(wanted), rolling);
    changes.compare("compute.instanceTypes", &have.instance_type, &Some(instance_type.clone()), rolling);
    changes.compare("compute.rootVolume.size", &have.gibibytes, &Some(volume.gibibytes), rolling);
    let digest = Version::user_data_digest(user_data);
    changes.compare("compute.bootstrap", &have.user_data, &Some(digest), rolling);
    changes.compare("compute.profile", &have.profile, &Some(profile.clone()), rolling);
    changes.compare("compute.securityGroups", &have.security_groups, security_groups, rolling);
    changes.compare("network.ipv6", &have.ipv6, ipv6, rolling);
    changes.compare(encryption::PATH, &have.key, key, rolling);
}

#[cfg(test)]
mod tests {
    use wpc_api::v1alpha1::{Architecture, ImageFamily};
    use wpc_engine::Change;

    use super::super::code::tests::code;
    use super::*;

    fn want() -> Desired {
        Desired {
            image: Image {
                id: None,
                family: ImageFamily::AmazonLinux2023,
                architecture: Architecture::Arm64,
                follows: false,
            },
            instance_type: "m7g.large".into(),
            profile: "gazette-profile".into(),
            security_groups: vec!["sg-1".into()],
            ipv6: false,
            volume: Volume { gibibytes: 30, kind: VolumeType::Gp3 },
            key: None,
            user_data: "#!/bin/bash\n".into(),
            code: code("6.8.8"),
        }
    }

    /// What a version that was made from `want` reads as.
    fn version(number: i64, want: &Desired) -> Version {
        let (content, origin, code) = Version::described(&want.description());
        Version {
            number,
            content,
            origin,
            code,
            image: Some("ami-1".into()),
            instance_type: Some(want.instance_type.clone()),
            gibibytes: Some(want.volume.gibibytes),
            user_data: Some(Version::user_data_digest(&want.user_data)),
            profile: Some(want.profile.clone()),
            security_groups: want.security_groups.clone(),
            ipv6: want.ipv6,
            key: want.key.clone(),
        }
    }

    fn have(default: Version, latest: Version) -> Observed {
        let (id, newest) = ("lt-1".into(), Some("ami-1".into()));
        Observed { id, default, latest, newest, running: vec![], addresses: vec![] }
    }

    fn paths(want: &Desired, have: &Observed) -> Vec<String> {
        match LaunchTemplate::diff(want, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => {
                assert!(changes.iter().all(|change| change.disruption == Disruption::Rolling));
                changes.into_iter().map(|c| c.path).collect()
            }
        }
    }

    #[test]
    fn diff_says_what_a_new_version_changes() {
        let first = || version(1, &want());
        let standing = have(first(), first());
        let table = [
            ("compute.image", Desired { image: Image { id: Some("ami-2".into()), ..want().image }, ..want() }),
            ("compute.instanceTypes", Desired { instance_type: "m7g.xlarge".into(), ..want() }),
            ("compute.rootVolume.size", Desired { volume: Volume { gibibytes: 50, ..want().volume }, ..want() }),
            ("compute.bootstrap", Desired { user_data: "#!/bin/sh\n".into(), ..want() }),
            ("compute.profile", Desired { profile: "another".into(), ..want() }),
            ("compute.securityGroups", Desired { security_groups: vec![], ..want() }),
            ("network.ipv6", Desired { ipv6: true, ..want() }),
            ("encryption.kmsKey", Desired { key: Some("arn:key".into()), ..want() }),
            ("compute.launchTemplate", Desired { volume: Volume { kind: VolumeType::Gp2, ..want().volume }, ..want() }),
        ];
        assert_eq!(paths(&want(), &standing), [""; 0]);
        for (path, want) in table {
            assert_eq!(paths(&want, &standing), [path]);
        }
    }

    #[test]
    fn a_version_made_before_a_crash_is_used() {
        let edited = Desired { instance_type: "m7g.xlarge".into(), ..want() };
        let crashed = have(version(1, &want()), version(2, &edited));
        assert_eq!(paths(&edited, &crashed), [DEFAULT_VERSION]);
        // A person's own version is not drift as long as ours stands.
        let theirs = Version { number: 3, ..Version::default() };
        assert_eq!(paths(&want(), &have(version(1, &want()), theirs.clone())), [""; 0]);
        assert!(!paths(&want(), &have(theirs.clone(), theirs)).is_empty());
    }

    #[test]
    fn an_image_stays_while_family_and_processor_do() {
        let standing = have(version(1, &want()), version(1, &want()));
        assert_eq!(want().image(Some(&standing)), Some("ami-1".into()));
        assert_eq!(want().image(None), None);
        let intel = Desired { image: Image { architecture: Architecture::X86_64, ..want().image }, ..want() };
        assert_eq!(intel.image(Some(&standing)), None);
        assert_eq!(paths(&intel, &standing), ["compute.image"]);
        let given = Desired { image: Image { id: Some("ami-9".into()), ..want().image }, ..want() };
        assert_eq!(given.image(Some(&standing)), Some("ami-9".into()));
    }

    #[test]
    fn an_image_that_follows_moves_with_the_newest() {
        let following = |id: Option<&str>| Desired {
            image: Image { follows: true, id: id.map(Into::into), ..want().image },
            ..want()
        };
        let standing = have(version(1, &want()), version(1, &want()));
        assert_eq!(paths(&following(None), &standing), [""; 0], "it is the newest");
        let old = Observed { newest: Some("ami-2".into()), ..standing.clone() };
        assert_eq!(paths(&want(), &old), [""; 0], "pinned");
        assert_eq!(paths(&following(None), &old), ["compute.image"]);
        assert_eq!(following(None).image(Some(&old)), Some("ami-2".into()));
        // The version that was made from it becomes the default, and then stays.
        let next = Version { image: Some("ami-2".into()), ..version(2, &want()) };
        assert_eq!(paths(&following(None), &Observed { latest: next.clone(), ..old.clone() }), [DEFAULT_VERSION]);
        assert_eq!(paths(&following(None), &Observed { default: next.clone(), latest: next, ..old.clone() }), [""; 0]);
        // What somebody names does not follow, and what is not known to have a newer one stays.
        assert_eq!(following(Some("ami-9")).image(Some(&old)), Some("ami-9".into()));
        assert_eq!(paths(&following(None), &Observed { newest: None, ..old }), [""; 0]);
    }

    #[test]
    fn it_is_ready_with_the_version_that_stands() {
        let edited = Desired { instance_type: "m7g.xlarge".into(), ..want() };
        let have = have(version(1, &want()), version(2, &edited));
        let output = Template { id: "lt-1".into(), version: 1, image: Some("ami-1".into()), upgrade: None };
        assert_eq!(LaunchTemplate::state(&have), State::Ready(output));
        assert_eq!(LaunchTemplate::holds(&have), ["gazette-profile", "sg-1"].map(Id::from));
        assert_eq!(Version::described("made by hand"), (None, None, None));
    }

    /// What a template is made of and what runs, by version and WordPress.
    fn fleet(default: (i64, &str), running: &[(i64, &str)]) -> Observed {
        let of = |(number, text): &(i64, &str)| {
            version(*number, &Desired { code: code(text), user_data: (*text).into(), ..want() })
        };
        Observed { running: running.iter().map(of).collect(), ..have(of(&default), of(&default)) }
    }

    #[test]
    fn no_way_leads_back_from_a_newer_wordpress() {
        let back = |have: &Observed, text: &str| {
            let want = Desired { code: code(text), user_data: text.into(), ..want() };
            match LaunchTemplate::diff(&want, have) {
                Delta::Refused(changes) => {
                    let [Change { path, from, to, .. }] = changes.as_slice() else { panic!("{changes:?}") };
                    assert_eq!((path.as_str(), to.as_str()), (code::VERSION, text));
                    Some(from.clone())
                }
                _ => None,
            }
        };
        let newer = Some("6.9.9".to_owned());
        assert_eq!(back(&fleet((1, "6.9.9"), &[(1, "6.9.9")]), "6.8.8"), newer);
        assert_eq!(back(&fleet((1, "6.9.9"), &[]), "6.8.8"), newer, "there is no group now");
        // Half way: one instance is enough to have upgraded the database, and to be seen to have.
        assert_eq!(back(&fleet((2, "6.9.9"), &[(1, "6.8.8"), (2, "6.9.9")]), "6.8.8"), newer);
        // It never came to be: the old one is written back.
        assert_eq!(back(&fleet((2, "6.9.9"), &[(1, "6.8.8")]), "6.8.8"), None);
        assert_eq!(back(&fleet((1, "6.9.9"), &[(1, "6.9.9")]), "7.0.7"), None);
        assert_eq!(back(&fleet((1, "git-00"), &[(1, "git-00")]), "6.8.8"), None, "nobody knows");
    }

    #[test]
    fn it_says_which_wordpress_replaces_which() {
        let told = |have: &Observed| match LaunchTemplate::state(have) {
            State::Ready(Template { version, upgrade, .. }) => (version, upgrade.map(|upgrade| upgrade.slug())),
            state => panic!("{state:?}"),
        };
        let to = |slug: &str| Some(slug.to_owned());
        assert_eq!(told(&fleet((1, "6.8.8"), &[])), (1, None), "a new site");
        assert_eq!(told(&fleet((1, "6.8.8"), &[(1, "6.8.8")])), (1, None));
        assert_eq!(told(&fleet((2, "6.9.9"), &[(1, "6.8.8")])), (2, to("wordpress-6-8-8-to-6-9-9")));
        assert_eq!(told(&fleet((2, "6.9.9"), &[(2, "6.9.9"), (1, "6.8.8")])), (2, None), "the group has moved");
        // Written back before anything ran: what the group has is the same but for its number.
        assert_eq!(told(&fleet((3, "6.8.8"), &[(1, "6.8.8")])), (1, None));
        let edited = Desired { code: code("6.9.9"), user_data: "6.9.9".into(), ..want() };
        let standing = fleet((1, "6.8.8"), &[(1, "6.8.8")]);
        assert_eq!(paths(&edited, &standing), [code::VERSION, "compute.bootstrap"]);
    }
}
