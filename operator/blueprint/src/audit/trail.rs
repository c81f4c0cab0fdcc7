//! A record of the calls that are made to AWS. See "Creating a trail for your AWS account" and "Validating CloudTrail log
//! file integrity" in the AWS CloudTrail User Guide.
//!
//! Much of a site is in no region, and CloudTrail records that in us-east-1 alone: so a trail takes every region's calls.
//! Which calls are recorded beside those that manage things is left to who pays for them.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

use crate::Stack;
use crate::media::bucket::BucketOutput;

/// Lists.
pub const DESCRIBE: Action = Action::read("cloudtrail:DescribeTrails");
/// Reads whether it records.
pub const GET_STATUS: Action = Action::read("cloudtrail:GetTrailStatus");
/// Reads the tags, which the list does not show.
pub const LIST_TAGS: Action = Action::read("cloudtrail:ListTags");
/// Makes it. It does not record yet.
pub const CREATE: Action = Action::write("cloudtrail:CreateTrail");
/// Changes it.
pub const UPDATE: Action = Action::write("cloudtrail:UpdateTrail");
/// Has it record.
pub const START: Action = Action::write("cloudtrail:StartLogging");
/// Writes tags, also at creation.
pub const TAG: Action = Action::write("cloudtrail:AddTags");
/// Removes it.
pub const DELETE: Action = Action::write("cloudtrail:DeleteTrail");

/// The component.
pub const TRAIL: &str = "audit/trail";

/// The longest name that a trail can have.
pub const NAME_LENGTH: usize = 128;

/// The path of the change of where it writes.
pub const BUCKET: &str = "audit.trail.bucket";
/// The path of the change of the key.
pub const KEY: &str = "encryption.kmsKey";
/// The path of the change of whether it takes every region's calls.
pub const REGIONS: &str = "audit.trail.everyRegion";
/// The path of the change of whether it takes calls that are in no region.
pub const GLOBAL: &str = "audit.trail.globalServices";
/// The path of the change of whether its files can be proven to be as they were written.
pub const VALIDATION: &str = "audit.trail.validation";
/// The path of the change of whether it records.
pub const LOGGING: &str = "audit.trail.logging";

/// The kind.
#[derive(Debug, Clone)]
pub struct Trail;

/// What is wanted: it records what manages things in every region, into files that can be validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The bucket that it writes to.
    pub bucket: Id,
    /// The ARN of the key that encrypts its files; `None`: S3's own.
    pub key: Option<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// The bucket that it writes to.
    pub bucket: Id,
    /// What its files' names begin with.
    pub prefix: String,
    /// The ARN of the key that encrypts its files.
    pub key: Option<Id>,
    /// Whether it takes every region's calls.
    pub regions: bool,
    /// Whether it takes calls that are in no region.
    pub global: bool,
    /// Whether its files can be validated.
    pub validation: bool,
    /// Whether it records.
    pub logging: bool,
    /// What S3 said when it last could not write.
    pub error: Option<String>,
}

/// The ARN that a stack's trail has beside its bucket, known before the trail is there.
pub fn arn(stack: &Stack, region: &str, bucket: &BucketOutput) -> String {
    let partition = bucket.arn.split(':').nth(1).unwrap_or("aws");
    let name = stack.name(&Key::of(TRAIL), NAME_LENGTH);
    format!("arn:{partition}:cloudtrail:{region}:{}:trail/{name}", bucket.account)
}

impl Kind for Trail {
    const NAME: &'static str = "cloudtrail/trail";
    const ACTIONS: &'static [Action] = &[DESCRIBE, GET_STATUS, LIST_TAGS, CREATE, UPDATE, START, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    /// A bucket that it still writes to would fill again.
    fn holds(have: &Observed) -> Vec<Id> {
        [have.bucket.clone()].into_iter().chain(have.key.clone()).collect()
    }

    /// A key that somebody gave it is no difference where none is asked for.
    fn diff(Desired { bucket, key }: &Desired, have: &Observed) -> Delta {
        let Observed { arn: _, bucket: found, prefix, key: found_key, regions, global, validation, logging, error: _ } =
            have;
        let mut changes = Changes::new();
        changes.compare(BUCKET, &format!("{found}/{prefix}"), &format!("{bucket}/"), Disruption::None);
        if key.is_some() {
            changes.compare(KEY, found_key, key, Disruption::None);
        }
        changes.compare(REGIONS, regions, &true, Disruption::None);
        changes.compare(GLOBAL, global, &true, Disruption::None);
        changes.compare(VALIDATION, validation, &true, Disruption::None);
        changes.compare(LOGGING, logging, &true, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        match &have.error {
            None => State::Ready(have.arn.clone()),
            Some(error) => State::Broken {
                usable: Some(have.arn.clone()),
                message: format!("the trail could not write to the bucket {}: {error}", have.bucket),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        Desired { bucket: "b-1".into(), key: Some("arn:key".into()) }
    }

    fn have(change: impl FnOnce(&mut Observed)) -> Observed {
        let mut have = Observed {
            arn: "arn:trail".into(),
            bucket: "b-1".into(),
            prefix: String::new(),
            key: Some("arn:key".into()),
            regions: true,
            global: true,
            validation: true,
            logging: true,
            error: None,
        };
        change(&mut have);
        have
    }

    #[test]
    fn diff_knows_each_field() {
        type Case = (fn(&mut Observed), &'static [&'static str]);
        let table: &[Case] = &[
            (|_| {}, &[]),
            (|trail| trail.bucket = "b-2".into(), &[BUCKET]),
            (|trail| trail.prefix = "theirs".into(), &[BUCKET]),
            (|trail| trail.key = None, &[KEY]),
            (|trail| trail.regions = false, &[REGIONS]),
            (|trail| trail.global = false, &[GLOBAL]),
            (|trail| trail.validation = false, &[VALIDATION]),
            // As it is when it was just made.
            (|trail| trail.logging = false, &[LOGGING]),
        ];
        for (change, expected) in table {
            let found = match Trail::diff(&want(), &have(change)) {
                Delta::Same => vec![],
                Delta::Update(changes) | Delta::Refused(changes) => changes,
            };
            assert_eq!(found.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), *expected);
        }
        let keyless = Desired { key: None, ..want() };
        assert_eq!(Trail::diff(&keyless, &have(|_| {})), Delta::Same);
    }

    #[test]
    fn it_holds_what_it_writes_to_and_says_when_it_cannot() {
        assert_eq!(Trail::holds(&have(|_| {})), ["b-1", "arn:key"].map(Id::from));
        assert_eq!(Trail::state(&have(|_| {})), State::Ready("arn:trail".into()));
        let State::Broken { usable: Some(_), message } =
            Trail::state(&have(|trail| trail.error = Some("AccessDenied".into())))
        else {
            panic!("it is ready")
        };
        assert!(message.contains("b-1: AccessDenied"), "{message}");
    }

    #[test]
    fn its_arn_is_known_by_its_bucket() {
        let bucket = BucketOutput {
            name: "b-1".into(),
            arn: "arn:aws-cn:s3:::b-1".into(),
            domain: String::new(),
            account: "210987654321".into(),
            moved: false,
        };
        let arn = arn(&Stack::new("default", "sites", "blog"), "cn-north-1", &bucket);
        assert_eq!(arn, "arn:aws-cn:cloudtrail:cn-north-1:210987654321:trail/blog-6b8a99fd-audit-trail");
    }
}
