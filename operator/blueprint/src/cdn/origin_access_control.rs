//! How CloudFront signs what it asks of a bucket. See "Restrict access to an Amazon S3 origin" in the Amazon CloudFront
//! Developer Guide.
//!
//! It takes no tags: it is found by its exact name, and its description says whose it is.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

/// Lists.
pub const LIST: Action = Action::read("cloudfront:ListOriginAccessControls");
/// Reads one, with the version that writes must name.
pub const GET: Action = Action::read("cloudfront:GetOriginAccessControl");
/// Makes it.
pub const CREATE: Action = Action::write("cloudfront:CreateOriginAccessControl");
/// Changes it.
pub const UPDATE: Action = Action::write("cloudfront:UpdateOriginAccessControl");
/// Removes it.
pub const DELETE: Action = Action::write("cloudfront:DeleteOriginAccessControl");

/// The path of the change of how requests are signed.
pub const SIGNING: &str = "cdn.originAccessControl.signing";
/// Every request is signed, by version 4 of AWS's signatures.
pub const ALWAYS: &str = "always sigv4 s3";

/// The component of the control of the bucket for uploads.
pub const MEDIA: &str = "cdn/origin-access-control";

/// Everything that a control can be.
pub fn keys() -> [Key; 1] {
    [Key::of(MEDIA)]
}

/// The kind.
#[derive(Debug, Clone)]
pub struct OriginAccessControl;

/// What is wanted: [`ALWAYS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// When requests are signed, how, and for what sort of origin.
    pub signing: String,
}

impl Kind for OriginAccessControl {
    const NAME: &'static str = "cloudfront/origin-access-control";
    const ACTIONS: &'static [Action] = &[LIST, GET, CREATE, UPDATE, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(_: &Desired, Observed { id: _, signing }: &Observed) -> Delta {
        let mut changes = Changes::new();
        changes.compare(SIGNING, &signing.as_str(), &ALWAYS, Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_always_signed() {
        let have = |signing: &str| Observed { id: "E1".into(), signing: signing.into() };
        assert_eq!(OriginAccessControl::diff(&Desired, &have(ALWAYS)), Delta::Same);
        let Delta::Update(changes) = OriginAccessControl::diff(&Desired, &have("never sigv4 s3")) else { panic!() };
        assert_eq!((changes[0].path.as_str(), changes[0].from.as_str()), (SIGNING, "never sigv4 s3"));
        assert_eq!(OriginAccessControl::state(&have(ALWAYS)), State::Ready("E1".into()));
    }
}
