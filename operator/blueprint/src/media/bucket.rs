//! A bucket: closed to the public, owned by the account alone, encrypted. See "Blocking public access to your Amazon S3
//! storage", "Controlling ownership of objects", "Managing the lifecycle of objects" and "Deleting a general purpose
//! bucket" in the Amazon S3 User Guide.
//!
//! # Caveats
//! A bucket's name is its own in the whole partition, so it carries a digest of account and region beside the stack's.
//! Who has versions can only suspend them: the old ones stay.

use std::collections::BTreeSet;
use std::fmt;

use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Key, Kind, Output, State, hex_digest};

use crate::Stack;

/// Lists.
pub const LIST: Action = Action::read("s3:ListAllMyBuckets");
/// Reads the tags, which the list does not show.
pub const GET_TAGS: Action = Action::read("s3:GetBucketTagging");
/// Reads whether the public is shut out.
pub const GET_ACCESS: Action = Action::read("s3:GetBucketPublicAccessBlock");
/// Reads whose its objects are.
pub const GET_OWNERSHIP: Action = Action::read("s3:GetBucketOwnershipControls");
/// Reads how it is encrypted.
pub const GET_ENCRYPTION: Action = Action::read("s3:GetEncryptionConfiguration");
/// Reads whether old versions are kept.
pub const GET_VERSIONING: Action = Action::read("s3:GetBucketVersioning");
/// Reads which sites' pages may use it.
pub const GET_CORS: Action = Action::read("s3:GetBucketCORS");
/// Reads what is archived and removed, and when.
pub const GET_LIFECYCLE: Action = Action::read("s3:GetLifecycleConfiguration");
/// Makes it.
pub const CREATE: Action = Action::write("s3:CreateBucket");
/// Writes tags at creation.
pub const TAG: Action = Action::write("s3:TagResource");
/// Writes tags again.
pub const PUT_TAGS: Action = Action::write("s3:PutBucketTagging");
/// Shuts the public out.
pub const PUT_ACCESS: Action = Action::write("s3:PutBucketPublicAccessBlock");
/// Sets whose its objects are.
pub const PUT_OWNERSHIP: Action = Action::write("s3:PutBucketOwnershipControls");
/// Sets how it is encrypted.
pub const PUT_ENCRYPTION: Action = Action::write("s3:PutEncryptionConfiguration");
/// Sets whether old versions are kept.
pub const PUT_VERSIONING: Action = Action::write("s3:PutBucketVersioning");
/// Sets which sites' pages may use it, also that none may.
pub const PUT_CORS: Action = Action::write("s3:PutBucketCORS");
/// Sets what is archived and removed, and when.
pub const PUT_LIFECYCLE: Action = Action::write("s3:PutLifecycleConfiguration");
/// Lists what is in it, before it is removed.
pub const LIST_VERSIONS: Action = Action::read("s3:ListBucketVersions");
/// Removes objects.
pub const DELETE_OBJECT: Action = Action::write("s3:DeleteObject");
/// Removes versions of objects.
pub const DELETE_VERSION: Action = Action::write("s3:DeleteObjectVersion");
/// Removes it, once it is empty.
pub const DELETE: Action = Action::write("s3:DeleteBucket");

/// The path of the change that shuts the public out.
pub const ACCESS: &str = "media.publicAccessBlocked";
/// The path of the change of whose objects are.
pub const OWNERSHIP: &str = "media.ownership";
/// The path of the change of encryption.
pub const ENCRYPTION: &str = "media.encryption";
/// The path of the change of whether old versions are kept.
pub const VERSIONING: &str = "media.versioning";
/// The path of the change of which sites' pages may use it.
pub const CORS: &str = "media.cors";
/// The path of the change of what is archived and removed.
pub const LIFECYCLE: &str = "media.archiveAfterDays";

/// Objects belong to the account, whoever wrote them, and access lists are off.
pub const OWNER_ENFORCED: &str = "BucketOwnerEnforced";
/// Encrypted with keys that S3 manages.
pub const SSE_S3: &str = "AES256";
/// Uploads that were begun and never ended cost money unseen.
pub const ABORT_AFTER_DAYS: i32 = 7;

/// The kind.
#[derive(Debug, Clone)]
pub struct Bucket;

/// What is wanted. Public access is always blocked, and all objects are the account's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Whether old versions are kept.
    pub versioning: bool,
    /// The sites whose pages may read from it, such as `https://www.example.com`.
    pub origins: BTreeSet<String>,
    /// What is archived and removed.
    pub lifecycle: BTreeSet<Rule>,
    /// The key that it is encrypted with; none is S3's own.
    pub key: Option<Id>,
}

/// What is done with objects when they have become so many days old.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Uploads that were begun and never ended are given up.
    AbortUploads(i32),
    /// Objects move to Glacier.
    Archive(i32),
    /// Old versions move to Glacier, so long after they were replaced.
    ArchiveOldVersions(i32),
    /// Objects are removed.
    Expire(i32),
    /// Something that we never ask for.
    Other(String),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AbortUploads(days) => write!(f, "give up uploads after {days} days"),
            Self::Archive(days) => write!(f, "archive after {days} days"),
            Self::ArchiveOldVersions(days) => write!(f, "archive old versions after {days} days"),
            Self::Expire(days) => write!(f, "remove after {days} days"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// What dependants learn.
    pub output: BucketOutput,
    /// How it is set.
    pub settings: Settings,
}

/// How a bucket is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether all four ways of public access are blocked.
    pub blocked: bool,
    /// Whose its objects are, in S3's word.
    pub ownership: String,
    /// [`SSE_S3`], or a key's ARN.
    pub encryption: String,
    /// Whether old versions are kept.
    pub versioning: bool,
    /// The sites whose pages may read from it; of what we never ask for, a description.
    pub origins: BTreeSet<String>,
    /// What is archived and removed.
    pub lifecycle: BTreeSet<Rule>,
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketOutput {
    /// Its name.
    pub name: Id,
    /// Its ARN.
    pub arn: String,
    /// The name that it answers under.
    pub domain: String,
    /// The account that it is in.
    pub account: String,
    /// Whether the instances have said that all uploads are in it; of the bucket for uploads.
    pub moved: bool,
}

impl Output for BucketOutput {
    fn unknown(node: &str) -> Self {
        let name = Id::unknown(node);
        Self { arn: name.0.clone(), domain: name.0.clone(), account: name.0.clone(), name, moved: false }
    }
}

/// Everything that a bucket of ours can be: the list shows no tags, and it is found by its exact name.
pub fn keys() -> [Key; 4] {
    [super::BUCKET, super::LOAD_BALANCER_LOGS, super::CDN_LOGS, super::AUDIT].map(Key::of)
}

/// A bucket's name: the stack's for the key, and a digest of the account and region that it is in, at most 63
/// characters. S3 keeps some beginnings for itself.
pub fn name(stack: &Stack, key: &Key, account: &str, region: &str) -> String {
    const LONGEST: usize = 63;
    const DIGEST: usize = 8;
    const RESERVED: [&str; 3] = ["sthree-", "amzn-s3-demo-", "aws-"];
    let place = hex_digest(&[account, region], DIGEST);
    let name = stack.name(key, LONGEST - DIGEST - 2);
    let front = if RESERVED.iter().any(|front| name.starts_with(front)) { "w" } else { "" };
    format!("{front}{name}-{place}")
}

impl Kind for Bucket {
    const NAME: &'static str = "s3/bucket";
    const ACTIONS: &'static [Action] = &[
        LIST,
        GET_TAGS,
        GET_ACCESS,
        GET_OWNERSHIP,
        GET_ENCRYPTION,
        GET_VERSIONING,
        GET_CORS,
        GET_LIFECYCLE,
        CREATE,
        TAG,
        PUT_TAGS,
        PUT_ACCESS,
        PUT_OWNERSHIP,
        PUT_ENCRYPTION,
        PUT_VERSIONING,
        PUT_CORS,
        PUT_LIFECYCLE,
        LIST_VERSIONS,
        DELETE_OBJECT,
        DELETE_VERSION,
        DELETE,
    ];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = BucketOutput;

    /// It holds data.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.output.name.clone()
    }

    /// Its policy, which goes with it, and stays where it is kept.
    fn holds(have: &Observed) -> Vec<Id> {
        // What is in it cannot be read without its key.
        let key = Some(&have.settings.encryption).filter(|key| key.starts_with("arn:"));
        let key = key.map(|key| Id(key.clone()));
        [super::bucket_policy::id(&have.output.name)].into_iter().chain(key).collect()
    }

    fn diff(Desired { versioning, origins, lifecycle, key }: &Desired, have: &Observed) -> Delta {
        let Settings { blocked, ownership, encryption, versioning: versions, origins: found, lifecycle: rules } =
            &have.settings;
        let wanted = key.as_ref().map_or(SSE_S3, Id::as_str);
        let mut changes = Changes::new();
        changes.compare(ACCESS, blocked, &true, Disruption::None);
        changes.compare(OWNERSHIP, &ownership.as_str(), &OWNER_ENFORCED, Disruption::None);
        changes.compare(ENCRYPTION, &encryption.as_str(), &wanted, Disruption::None);
        changes.compare(VERSIONING, versions, versioning, Disruption::None);
        changes.compare(CORS, found, origins, Disruption::None);
        if rules != lifecycle {
            changes.push(LIFECYCLE, shown(rules), shown(lifecycle), Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<BucketOutput> {
        State::Ready(have.output.clone())
    }

    /// Nothing of it would be left.
    fn data(_: &Observed) -> Data {
        Data::Kept
    }
}

fn shown(rules: &BTreeSet<Rule>) -> String {
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        Desired {
            versioning: true,
            origins: ["https://www.example.com".to_owned()].into(),
            lifecycle: [Rule::AbortUploads(7), Rule::ArchiveOldVersions(90)].into(),
            key: None,
        }
    }

    fn have(change: impl FnOnce(&mut Settings)) -> Observed {
        let mut settings = Settings {
            blocked: true,
            ownership: OWNER_ENFORCED.into(),
            encryption: SSE_S3.into(),
            versioning: true,
            origins: want().origins,
            lifecycle: want().lifecycle,
        };
        change(&mut settings);
        let output = BucketOutput {
            name: "b-1".into(),
            arn: "arn:aws:s3:::b-1".into(),
            domain: "b-1.s3.example.com".into(),
            account: "210987654321".into(),
            moved: false,
        };
        Observed { output, settings }
    }

    #[test]
    fn each_setting_has_its_path() {
        type Case = (fn(&mut Settings), &'static [(&'static str, &'static str, &'static str)]);
        const LIFECYCLE_WANTED: &str = "give up uploads after 7 days, archive old versions after 90 days";
        let table: &[Case] = &[
            (|_| {}, &[]),
            (|set| set.blocked = false, &[(ACCESS, "false", "true")]),
            (|set| set.ownership = "ObjectWriter".into(), &[(OWNERSHIP, "ObjectWriter", OWNER_ENFORCED)]),
            (|set| set.encryption = "arn:key".into(), &[(ENCRYPTION, "arn:key", SSE_S3)]),
            (|set| set.versioning = false, &[(VERSIONING, "false", "true")]),
            (|set| set.origins.clear(), &[(CORS, "", "https://www.example.com")]),
            (
                |set| {
                    set.lifecycle.pop_first();
                    set.lifecycle.insert(Rule::Other("thumbs".into()));
                },
                &[(LIFECYCLE, "archive old versions after 90 days, thumbs", LIFECYCLE_WANTED)],
            ),
            // As a bucket is without any of it.
            (
                |set| *set = Settings::default(),
                &[
                    (ACCESS, "false", "true"),
                    (OWNERSHIP, "", OWNER_ENFORCED),
                    (ENCRYPTION, "", SSE_S3),
                    (VERSIONING, "false", "true"),
                    (CORS, "", "https://www.example.com"),
                    (LIFECYCLE, "", LIFECYCLE_WANTED),
                ],
            ),
        ];
        for (change, expected) in table {
            let found = match Bucket::diff(&want(), &have(change)) {
                Delta::Same => vec![],
                Delta::Update(changes) => changes,
                Delta::Refused(changes) => panic!("{changes:?}"),
            };
            let found: Vec<_> = found.iter().map(|c| (c.path.as_str(), c.from.as_str(), c.to.as_str())).collect();
            assert_eq!(found, *expected);
        }
        let keyed = Desired { key: Some("arn:key".into()), ..want() };
        assert_eq!(Bucket::diff(&keyed, &have(|set| set.encryption = "arn:key".into())), Delta::Same);
    }

    #[test]
    fn it_stays_until_deletion_is_confirmed_and_its_policy_with_it() {
        assert_eq!(Bucket::data(&have(|_| {})), Data::Kept);
        assert_eq!(Bucket::holds(&have(|_| {})), [Id::from("b-1/policy")]);
        let keyed = have(|set| set.encryption = "arn:key".into());
        assert_eq!(Bucket::holds(&keyed), ["b-1/policy", "arn:key"].map(Id::from));
        assert!(matches!(Bucket::state(&have(|_| {})), State::Ready(output) if output.name == "b-1".into()));
    }

    #[test]
    fn a_name_is_legal_and_its_own_in_every_account_and_region() {
        let key = Key::of(crate::media::BUCKET);
        let stack = Stack::new("default", "sites", "blog");
        assert_eq!(name(&stack, &key, "210987654321", "eu-west-1").rsplit_once('-').unwrap().0, stack.name(&key, 53));
        let names = [("1", "eu-west-1"), ("2", "eu-west-1"), ("1", "eu-west-2")];
        let names: BTreeSet<_> = names.iter().map(|(account, region)| name(&stack, &key, account, region)).collect();
        assert_eq!(names.len(), 3);
        for object in ["sthree-a", "amzn-s3-demo-a", "aws-a", "9", &"long".repeat(20)] {
            let name = name(&Stack::new("default", "sites", object), &key, "1", "eu-west-1");
            assert!((3..=63).contains(&name.len()) && !name.contains("--"), "{name}");
            assert!(!["sthree-", "amzn-s3-demo-", "aws-"].iter().any(|front| name.starts_with(front)), "{name}");
        }
    }
}
