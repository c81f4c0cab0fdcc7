//! What AWS Backup may do, in the site's name. See "IAM service roles" and "Managed policies for AWS Backup" in the AWS
//! Backup Developer Guide.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

use crate::compute::role::{
    CREATE, DELETE, DELETE_POLICY, DETACH_POLICY, GET, LIST_ATTACHED, LIST_POLICIES, RoleOutput, TAG, UPDATE_TRUST,
};

/// Gives it one of AWS's policies.
pub const ATTACH: Action = Action::write("iam:AttachRolePolicy");

/// AWS's own policies for making backups and for restoring them.
pub const POLICIES: [&str; 2] =
    ["service-role/AWSBackupServiceRolePolicyForBackup", "service-role/AWSBackupServiceRolePolicyForRestores"];

/// The kind.
#[derive(Debug, Clone)]
pub struct Role;

/// What is wanted: AWS Backup wears it and may do what [`POLICIES`] say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub id: Id,
    /// Its ARN.
    pub arn: String,
    /// Who may wear it.
    pub trust: Option<Value>,
    /// The ARNs of the policies that it has.
    pub policies: BTreeSet<String>,
}

/// The path of the change of who may wear it.
pub const TRUST: &str = "backup.role.trust";
/// The path of the change of what it may do.
pub const ATTACHED: &str = "backup.role.policies";

/// Who may wear it.
pub fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Backup",
        "Effect": "Allow",
        "Principal": {"Service": "backup.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }]})
}

/// The ARNs of [`POLICIES`]; the role's own says in which partition.
pub fn policies(role: &str) -> BTreeSet<String> {
    let partition = role.split(':').nth(1).unwrap_or("aws");
    POLICIES.iter().map(|policy| format!("arn:{partition}:iam::aws:policy/{policy}")).collect()
}

impl Observed {
    /// The policies that it lacks.
    pub fn missing(&self) -> BTreeSet<String> {
        policies(&self.arn).difference(&self.policies).cloned().collect()
    }
}

impl Kind for Role {
    const NAME: &'static str = "iam/backup-role";
    const ACTIONS: &'static [Action] =
        &[GET, LIST_POLICIES, LIST_ATTACHED, CREATE, UPDATE_TRUST, ATTACH, TAG, DELETE_POLICY, DETACH_POLICY, DELETE];
    const IDENTITY: Identity = Identity::Name;
    /// The last copy of what else goes is made under it.
    const LAST: bool = true;
    type Desired = Desired;
    type Observed = Observed;
    type Output = RoleOutput;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    /// A policy that somebody has added is theirs.
    fn diff(Desired: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, arn: _, trust: found, policies: attached } = have;
        let mut changes = Changes::new();
        if found.as_ref() != Some(&trust()) {
            let sid = |document: &Value| document["Statement"][0]["Sid"].as_str().unwrap_or("unnamed").to_owned();
            changes.push(TRUST, found.as_ref().map(sid).unwrap_or_default(), sid(&trust()), Disruption::None);
        }
        let missing = have.missing();
        if !missing.is_empty() {
            let names = |policies: &BTreeSet<String>| -> BTreeSet<String> {
                policies.iter().map(|arn| arn.rsplit('/').next().unwrap_or(arn).to_owned()).collect()
            };
            let wanted = attached.union(&missing).cloned().collect();
            changes.compare(ATTACHED, &names(attached), &names(&wanted), Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<RoleOutput> {
        State::Ready(RoleOutput { name: have.id.clone(), arn: have.arn.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws-cn:iam::210987654321:role/wordpresscluster/gazette-backup";

    fn have() -> Observed {
        Observed { id: "gazette-backup".into(), arn: ARN.into(), trust: Some(trust()), policies: policies(ARN) }
    }

    fn paths(have: &Observed) -> Vec<String> {
        match Role::diff(&Desired, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|c| c.path).collect(),
        }
    }

    #[test]
    fn it_has_awss_policies_of_its_partition_and_keeps_what_somebody_added() {
        assert_eq!(paths(&have()), [""; 0]);
        assert!(
            have()
                .policies
                .iter()
                .all(|policy| policy.starts_with("arn:aws-cn:iam::aws:policy/service-role/AWSBackup"))
        );
        let mut more = have();
        more.policies.insert("arn:aws-cn:iam::210987654321:policy/s3".into());
        assert_eq!(paths(&more), [""; 0]);
        assert_eq!(paths(&Observed { policies: BTreeSet::new(), ..have() }), [ATTACHED]);
        assert_eq!(paths(&Observed { trust: Some(json!({})), ..have() }), [TRUST]);
    }
}
