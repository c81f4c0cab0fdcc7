//! The network's door to the internet. See "Internet gateways" in the Amazon VPC User Guide.
//!
//! # Caveats
//! Making it and attaching it are two calls. One that a crash left between them is listed by its tag, does not work,
//! and gets attached.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("ec2:DescribeInternetGateways");
/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateInternetGateway");
/// Attaches it to the network.
pub const ATTACH: Action = Action::write("ec2:AttachInternetGateway");
/// Detaches it, as deletion needs.
pub const DETACH: Action = Action::write("ec2:DetachInternetGateway");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteInternetGateway");

/// The path of the change that attaches it.
pub const ATTACHMENT: &str = "network.internetGateway.attachment";

/// The kind.
#[derive(Debug, Clone)]
pub struct InternetGateway;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The network it is attached to.
    pub vpc: Id,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id.
    pub id: Id,
    /// The network it is attached to.
    pub vpc: Option<Id>,
    /// Whether AWS is still attaching or detaching it.
    pub moving: bool,
}

impl Kind for InternetGateway {
    const NAME: &'static str = "ec2/internet-gateway";
    const ACTIONS: &'static [Action] = &[DESCRIBE, CREATE, ATTACH, DETACH, DELETE];
    const IDENTITY: Identity = Identity::Neither;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// It can be attached elsewhere.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.vpc.clone().into_iter().collect()
    }

    fn diff(Desired { vpc }: &Desired, Observed { id: _, vpc: found, moving: _ }: &Observed) -> Delta {
        let mut changes = Changes::new();
        changes.compare(ATTACHMENT, found, &Some(vpc.clone()), Disruption::Interruption);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        match (&have.vpc, have.moving) {
            (_, true) => State::Settling { usable: None, reason: "Attaching" },
            (Some(_), false) => State::Ready(have.id.clone()),
            (None, false) => State::Broken { usable: None, message: "it is attached to no network".into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have(vpc: Option<&str>, moving: bool) -> Observed {
        Observed { id: "igw-1".into(), vpc: vpc.map(Id::from), moving }
    }

    #[test]
    fn one_that_is_not_attached_gets_attached() {
        let want = Desired { vpc: "vpc-1".into() };
        assert_eq!(InternetGateway::diff(&want, &have(Some("vpc-1"), false)), Delta::Same);
        for loose in [have(None, false), have(Some("vpc-2"), false)] {
            let Delta::Update(changes) = InternetGateway::diff(&want, &loose) else { panic!("{loose:?} is as wanted") };
            assert_eq!(changes[0].path, ATTACHMENT);
        }
    }

    #[test]
    fn it_works_once_attached() {
        assert!(matches!(InternetGateway::state(&have(None, false)), State::Broken { .. }));
        assert!(matches!(InternetGateway::state(&have(Some("vpc-1"), true)), State::Settling { .. }));
        assert_eq!(InternetGateway::state(&have(Some("vpc-1"), false)), State::Ready("igw-1".into()));
        assert_eq!(InternetGateway::holds(&have(Some("vpc-1"), false)), [Id::from("vpc-1")]);
        assert!(InternetGateway::holds(&have(None, false)).is_empty());
    }
}
