//! The bucket that a distribution's requests are told to. See "Send logs to Amazon S3" in the Amazon CloudFront Developer
//! Guide.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

use crate::monitoring::log_group;

/// Lists.
pub const DESCRIBE: Action = Action::read("logs:DescribeDeliveryDestinations");
/// Reads one.
pub const GET: Action = Action::read("logs:GetDeliveryDestination");
/// Makes it. AWS takes a second one of the same name only without tags.
pub const CREATE: Action = Action::write("logs:PutDeliveryDestination");
/// Removes it.
pub const DELETE: Action = Action::write("logs:DeleteDeliveryDestination");

/// The component.
pub const COMPONENT: &str = "cdn/log-destination";

/// What the log looks like: as programs that read logs have known CloudFront's for long. Parquet would cost.
pub const FORMAT: &str = "w3c";

/// The kind.
#[derive(Debug, Clone)]
pub struct LogDestination;

/// What is wanted: the log in [`FORMAT`]. Nothing of it is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The bucket's name.
    pub bucket: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// The bucket's name.
    pub bucket: Id,
    /// What the log looks like.
    pub format: String,
}

/// The variant of one for a bucket and a format.
pub fn variant(bucket: &Id, format: &str) -> String {
    digest(&[&bucket.0, format])
}

impl Kind for LogDestination {
    const NAME: &'static str = "logs/delivery-destination";
    const ACTIONS: &'static [Action] = &[DESCRIBE, GET, log_group::LIST_TAGS, CREATE, log_group::TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { bucket }: &Desired) -> Option<String> {
        Some(variant(bucket, FORMAT))
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    /// A bucket that is still written to would fill again.
    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.bucket.clone()]
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.arn.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_bucket_or_format_is_another_one() {
        let want = Desired { bucket: "b-1".into() };
        let have = Observed { arn: "arn:1".into(), bucket: "b-1".into(), format: FORMAT.into() };
        assert_eq!(LogDestination::variant(&want), Some(variant(&have.bucket, &have.format)));
        assert_ne!(LogDestination::variant(&want), LogDestination::variant(&Desired { bucket: "b-2".into() }));
        assert_ne!(LogDestination::variant(&want), Some(variant(&have.bucket, "json")));
        assert_eq!(LogDestination::diff(&want, &have), Delta::Same);
        assert_eq!(LogDestination::holds(&have), [Id::from("b-1")]);
        assert_eq!(LogDestination::state(&have), State::Ready("arn:1".into()));
    }
}
