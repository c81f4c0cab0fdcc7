//! That what a distribution tells of its requests goes to the bucket. See "Configure standard logging (v2)" in the Amazon
//! CloudFront Developer Guide.
//!
//! Which fields are told is left to who reads them: CloudFront's own choice at first.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

use crate::monitoring::log_group;

/// Lists.
pub const DESCRIBE: Action = Action::read("logs:DescribeDeliveries");
/// Reads one.
pub const GET: Action = Action::read("logs:GetDelivery");
/// Makes it.
pub const CREATE: Action = Action::write("logs:CreateDelivery");
/// Ends it.
pub const DELETE: Action = Action::write("logs:DeleteDelivery");

/// The component.
pub const COMPONENT: &str = "cdn/log-delivery";

/// The kind.
#[derive(Debug, Clone)]
pub struct LogDelivery;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The source's ARN.
    pub source: Id,
    /// The destination's ARN.
    pub destination: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The id that AWS gave it.
    pub id: Id,
    /// Its ARN, by which it is tagged.
    pub arn: Id,
    /// The source's ARN.
    pub source: Id,
    /// The destination's ARN.
    pub destination: Id,
}

impl Kind for LogDelivery {
    const NAME: &'static str = "logs/delivery";
    const ACTIONS: &'static [Action] = &[DESCRIBE, GET, log_group::LIST_TAGS, CREATE, log_group::TAG, DELETE];
    /// By its two ends: there is one between them.
    const IDENTITY: Identity = Identity::Name;
    /// A source has one delivery to a bucket.
    const COEXISTS: bool = false;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { source, destination }: &Desired) -> Option<String> {
        Some(digest(&[&source.0, &destination.0]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// AWS refuses to remove either end while it is there.
    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.source.clone(), have.destination.clone()]
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_before_both_its_ends() {
        let have =
            Observed { id: "d-1".into(), arn: "arn:d-1".into(), source: "arn:s".into(), destination: "arn:d".into() };
        assert_eq!(LogDelivery::holds(&have), ["arn:s", "arn:d"].map(Id::from));
        assert_eq!((LogDelivery::id(&have), LogDelivery::state(&have)), ("d-1".into(), State::Ready("d-1".into())));
        let want = Desired { source: "arn:s".into(), destination: "arn:d".into() };
        assert_eq!(LogDelivery::diff(&want, &have), Delta::Same);
        let others = [
            Desired { source: "arn:2".into(), ..want.clone() },
            Desired { destination: "arn:2".into(), ..want.clone() },
        ];
        assert!(others.iter().all(|other| LogDelivery::variant(other) != LogDelivery::variant(&want)));
    }
}
