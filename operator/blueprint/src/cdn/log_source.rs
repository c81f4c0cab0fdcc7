//! That a distribution tells of its requests. See "Configure standard logging (v2)" in the Amazon CloudFront Developer Guide
//! and "Logging that requires additional permissions [V2]" in the Amazon CloudWatch Logs User Guide.
//!
//! The older way writes with ACLs, which our buckets do not take. This one is CloudWatch's, in us-east-1: a source, a
//! [destination](super::log_destination) and the [delivery](super::log_delivery) between them.

use wpc_engine::{Action, Delta, Id, Identity, Kind, State, digest};

use crate::monitoring::log_group;

/// Lists.
pub const DESCRIBE: Action = Action::read("logs:DescribeDeliverySources");
/// Reads one.
pub const GET: Action = Action::read("logs:GetDeliverySource");
/// Makes it. AWS takes a second one of the same name only without tags.
pub const CREATE: Action = Action::write("logs:PutDeliverySource");
/// Removes it.
pub const DELETE: Action = Action::write("logs:DeleteDeliverySource");

/// The component.
pub const COMPONENT: &str = "cdn/log-source";

/// The longest name that a source or a destination can have.
pub const NAME_LENGTH: usize = 60;

/// What is told: each request.
pub const LOG_TYPE: &str = "ACCESS_LOGS";

/// The kind.
#[derive(Debug, Clone)]
pub struct LogSource;

/// What is wanted. Nothing of it can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The distribution's ARN.
    pub distribution: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// The distribution's ARN.
    pub distribution: String,
}

/// The name in the ARN of a source or a destination.
pub fn name(arn: &Id) -> &str {
    arn.0.rsplit(':').next().unwrap_or_default()
}

impl Kind for LogSource {
    const NAME: &'static str = "logs/delivery-source";
    const ACTIONS: &'static [Action] = &[DESCRIBE, GET, log_group::LIST_TAGS, CREATE, log_group::TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { distribution }: &Desired) -> Option<String> {
        Some(digest(&[distribution]))
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    /// It goes before the distribution: nothing is told of one that is gone.
    fn holds(have: &Observed) -> Vec<Id> {
        have.distribution.rsplit_once('/').map(|(_, id)| Id::from(id)).into_iter().collect()
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
    fn another_distribution_has_another_one_and_it_goes_first() {
        let distribution = "arn:aws:cloudfront::123456789012:distribution/E1".to_owned();
        let arn = Id::from("arn:aws:logs:us-east-1:123456789012:delivery-source:gazette");
        let have = Observed { arn: arn.clone(), distribution: distribution.clone() };
        assert_eq!(LogSource::holds(&have), [Id::from("E1")]);
        assert_eq!((LogSource::state(&have), name(&arn)), (State::Ready(arn.clone()), "gazette"));
        let (want, other) = (Desired { distribution }, Desired { distribution: "arn:other".into() });
        assert_eq!(LogSource::diff(&want, &have), Delta::Same);
        assert_ne!(LogSource::variant(&want), LogSource::variant(&other));
    }
}
