//! A generated value that nobody needs to know: database credentials, an auth token. See "Create an AWS Secrets Manager
//! secret" and "Delete an AWS Secrets Manager secret" in the AWS Secrets Manager User Guide.
//!
//! The value is made in the call that stores it and read in the call that uses it; it is part of nothing here.

use wpc_engine::{Action, Data, Delta, Id, Identity, Kind, Output, State};

/// Lists.
pub const LIST: Action = Action::read("secretsmanager:ListSecrets");
/// Reads one, without its value.
pub const DESCRIBE: Action = Action::read("secretsmanager:DescribeSecret");
/// Reads the value; an action of the kinds that use it.
pub const VALUE: Action = Action::read("secretsmanager:GetSecretValue");
/// Makes it.
pub const CREATE: Action = Action::write("secretsmanager:CreateSecret");
/// Takes it back out of its recovery window, in which its name is taken.
pub const RESTORE: Action = Action::write("secretsmanager:RestoreSecret");
/// Writes its tags.
pub const TAG: Action = Action::write("secretsmanager:TagResource");
/// Removes it.
pub const DELETE: Action = Action::write("secretsmanager:DeleteSecret");

/// For how many days a deleted secret with [`Data::Copied`] can be restored.
pub const RECOVERY_DAYS: i64 = 30;

/// The kind.
#[derive(Debug, Clone)]
pub struct StoredSecret;

/// What the value looks like. Generated parts are letters and digits, which every service, shell and configuration
/// file takes as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// The generated text alone.
    Bare,
    /// `{"username": ..., "password": <generated>}`, as RDS and its drivers write it.
    Login {
        /// Whose password it is.
        username: String,
    },
    /// A JSON object with these keys, and a generated text for each.
    Keys(&'static [&'static str]),
}

/// What is wanted: how the value is made, not the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// For people: what it opens.
    pub description: String,
    /// What the value looks like.
    pub format: Format,
    /// How many characters are generated.
    pub length: usize,
    /// Whether its loss would matter: a deleted one can be restored for [`RECOVERY_DAYS`].
    pub data: Data,
    /// The key that it is encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
}

/// What was found. Nothing of it is compared: a value that a person or a rotation has set is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// The version that is current, if the list shows it.
    pub version: Option<String>,
    /// Whether its loss would matter.
    pub data: Data,
    /// The key that it is encrypted with.
    pub key: Option<Id>,
    /// The value's digest, of what is compared with what others were told.
    pub digest: Option<String>,
}

/// Where the value is: what dependants learn, and all that they may keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The secret's ARN.
    pub arn: Id,
    /// The version that is current, if it is known.
    pub version: Option<String>,
    /// The value's digest, where others were told the value and what they know is compared.
    pub digest: Option<String>,
}

impl Output for Stored {
    fn unknown(node: &str) -> Self {
        Self { arn: Id::unknown(node), version: None, digest: None }
    }
}

impl Kind for StoredSecret {
    const NAME: &'static str = "secretsmanager/secret";
    const ACTIONS: &'static [Action] = &[LIST, DESCRIBE, VALUE, CREATE, RESTORE, TAG, DELETE];
    /// A repeated create brings another generated value, which no client token would take for the same.
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Stored;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.key.iter().cloned().collect()
    }

    fn diff(_: &Desired, _: &Observed) -> Delta {
        Delta::Same
    }

    fn state(have: &Observed) -> State<Stored> {
        let Observed { arn, version, data: _, key: _, digest } = have;
        State::Ready(Stored { arn: arn.clone(), version: version.clone(), digest: digest.clone() })
    }

    fn data(have: &Observed) -> Data {
        have.data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_as_soon_as_it_is_there_and_says_what_its_loss_would_mean() {
        let have = Observed {
            arn: "arn:aws:s".into(),
            version: Some("v1".into()),
            data: Data::Copied,
            key: None,
            digest: Some("d1".into()),
        };
        let stored = Stored { arn: "arn:aws:s".into(), version: Some("v1".into()), digest: Some("d1".into()) };
        assert_eq!(StoredSecret::state(&have), State::Ready(stored));
        assert_eq!(StoredSecret::data(&have), Data::Copied);
        assert_eq!(StoredSecret::data(&Observed { data: Data::None, ..have }), Data::None);
    }
}
