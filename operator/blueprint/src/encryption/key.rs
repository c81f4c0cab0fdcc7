//! The key that everything of the site is encrypted with at rest. See "Create a symmetric encryption KMS key", "Key
//! policies in AWS KMS" and "Delete AWS KMS keys" in the AWS Key Management Service Developer Guide.
//!
//! What is encrypted with it is lost with it. So it is kept unless deletion was confirmed and nothing that somebody keeps
//! is encrypted with it, and even then it can be had back for [`WINDOW_DAYS`].

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Kind, State};

use crate::database::{cluster, instance};
use crate::storage::volume;

/// Lists all keys of the account and region, without anything about them.
pub const LIST: Action = Action::read("kms:ListKeys");
/// Lists their aliases.
pub const LIST_ALIASES: Action = Action::read("kms:ListAliases");
/// Reads one.
pub const DESCRIBE: Action = Action::read("kms:DescribeKey");
/// Reads its tags.
pub const LIST_TAGS: Action = Action::read("kms:ListResourceTags");
/// Reads who may use it.
pub const GET_POLICY: Action = Action::read("kms:GetKeyPolicy");
/// Reads whether AWS renews its material.
pub const GET_ROTATION: Action = Action::read("kms:GetKeyRotationStatus");
/// Makes it.
pub const CREATE: Action = Action::write("kms:CreateKey");
/// Gives it a name.
pub const CREATE_ALIAS: Action = Action::write("kms:CreateAlias");
/// Gives its name back to it.
pub const UPDATE_ALIAS: Action = Action::write("kms:UpdateAlias");
/// Switches it on again.
pub const ENABLE: Action = Action::write("kms:EnableKey");
/// Has AWS renew its material.
pub const ENABLE_ROTATION: Action = Action::write("kms:EnableKeyRotation");
/// Sets who may use it.
pub const PUT_POLICY: Action = Action::write("kms:PutKeyPolicy");
/// Writes its tags.
pub const TAG: Action = Action::write("kms:TagResource");
/// Removes it, when [`WINDOW_DAYS`] are over.
pub const SCHEDULE_DELETION: Action = Action::write("kms:ScheduleKeyDeletion");
/// Takes it back from its end.
pub const CANCEL_DELETION: Action = Action::write("kms:CancelKeyDeletion");

/// For how many days a deleted key can be had back.
pub const WINDOW_DAYS: i32 = 30;

/// Whether AWS can use it.
pub const ENABLED: &str = "encryption.key.enabled";
/// The path of the change of its name.
pub const ALIAS: &str = "encryption.key.alias";
/// The path of the change of whether AWS renews its material.
pub const ROTATION: &str = "encryption.key.rotation";
/// The path of the change of who may use it.
pub const POLICY: &str = "encryption.key.policy";

/// The kind.
#[derive(Debug, Clone)]
pub struct Key;

/// What is wanted: a symmetric key whose material AWS renews each year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// For people: whose it is.
    pub description: String,
}

/// What was found. A key that waits for its end is found by nobody but who makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its ARN, which is how everything that uses it names it.
    pub arn: Id,
    /// AWS's word for its state: `Enabled`.
    pub status: String,
    /// Whether it has its name.
    pub alias: bool,
    /// Whether AWS renews its material each year.
    pub rotates: bool,
    /// Who may use it.
    pub policy: Option<Value>,
    /// Snapshots that somebody keeps and that are encrypted with it.
    pub snapshots: Vec<String>,
}

/// Who may use a key, by its ARN, which says in which partition, region and account it is.
///
/// The account's own policies decide about people and about the operator, which uses it on behalf of databases, file
/// systems, caches and secrets. Services that have no such caller are named. Auto Scaling's role comes with the account's
/// first group, and KMS refuses a policy that names a role that is not there: so it is named in a condition.
pub fn policy(key: &str) -> Value {
    let mut parts = key.split(':').skip(1);
    let (partition, region, account) =
        (parts.next().unwrap_or("aws"), parts.nth(1).unwrap_or_default(), parts.next().unwrap_or_default());
    let arn = |service: &str, region: &str, resource: &str| {
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    };
    const USE: &[&str] = &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
    const SEAL: &[&str] = &["kms:Decrypt", "kms:GenerateDataKey*"];
    let statement = |sid: &str, principal: Value, actions: &[&str], condition: Value| {
        let mut statement =
            json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"});
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        statement
    };
    let service = |name: &str| json!({"Service": name});
    let scaling = arn("iam", "", "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling");
    let scaling = json!({"kms:CallerAccount": account, "aws:PrincipalArn": scaling});
    let here = json!({"StringEquals": {"aws:SourceAccount": account}});
    let logs = json!({"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn("logs", region, "*")}});
    let trails = arn("cloudtrail", "*", "trail/*");
    let distributions = json!({"StringLike": {"aws:SourceArn": arn("cloudfront", "", "distribution/*")}});
    json!({"Version": "2012-10-17", "Id": "wordpresscluster", "Statement": [
        statement("Account", json!({"AWS": arn("iam", "", "root")}), &["kms:*"], Value::Null),
        statement("AutoScaling", json!({"AWS": "*"}), USE, json!({"StringEquals": scaling})),
        statement("AutoScalingGrants", json!({"AWS": "*"}), &["kms:CreateGrant"],
            json!({"StringEquals": scaling, "Bool": {"kms:GrantIsForAWSResource": "true"}})),
        statement("Logs", service(&format!("logs.{region}.amazonaws.com")), USE, logs),
        statement("LogDelivery", service("delivery.logs.amazonaws.com"), SEAL, here.clone()),
        statement("CloudFront", service("cloudfront.amazonaws.com"), SEAL, distributions),
        statement("CloudWatch", service("cloudwatch.amazonaws.com"), SEAL, here.clone()),
        statement("CloudTrail", service("cloudtrail.amazonaws.com"), &["kms:GenerateDataKey*", "kms:DescribeKey"],
            json!({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}})),
    ]})
}

/// A policy's statements by name, whatever their order.
fn statements(policy: &Value) -> BTreeMap<&str, &Value> {
    let statements = policy["Statement"].as_array().into_iter().flatten();
    statements.map(|statement| (statement["Sid"].as_str().unwrap_or("unnamed"), statement)).collect()
}

fn names(policy: Option<&Value>) -> String {
    policy.map(statements).unwrap_or_default().into_keys().collect::<Vec<_>>().join(",")
}

impl Kind for Key {
    const NAME: &'static str = "kms/key";
    const ACTIONS: &'static [Action] = &[
        LIST,
        LIST_ALIASES,
        DESCRIBE,
        LIST_TAGS,
        GET_POLICY,
        GET_ROTATION,
        instance::DESCRIBE_SNAPSHOTS,
        cluster::DESCRIBE_SNAPSHOTS,
        volume::DESCRIBE_SNAPSHOTS,
        CREATE,
        CREATE_ALIAS,
        UPDATE_ALIAS,
        ENABLE,
        ENABLE_ROTATION,
        PUT_POLICY,
        TAG,
        SCHEDULE_DELETION,
        CANCEL_DELETION,
    ];
    const IDENTITY: Identity = Identity::Neither;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    /// In the order in which they can be made: the material of a key that is off is not renewed.
    fn diff(Desired { description: _ }: &Desired, have: &Observed) -> Delta {
        let Observed { arn, status, alias, rotates, policy: found, snapshots: _ } = have;
        let mut changes = Changes::new();
        changes.compare(ENABLED, &(status != "Disabled"), &true, Disruption::None);
        changes.compare(ALIAS, alias, &true, Disruption::None);
        changes.compare(ROTATION, rotates, &true, Disruption::None);
        let wanted = policy(&arn.0);
        if found.as_ref().map(statements) != Some(statements(&wanted)) {
            changes.push(POLICY, names(found.as_ref()), names(Some(&wanted)), Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        match have.status.as_str() {
            "Enabled" => State::Ready(have.arn.clone()),
            "Creating" | "Updating" => State::Settling { usable: None, reason: "Creating" },
            status => State::Broken {
                usable: None,
                message: format!("KMS says {status}: nothing that is encrypted with the key can be read"),
            },
        }
    }

    /// What it encrypts may be kept elsewhere, and cannot be read without it.
    fn data(have: &Observed) -> Data {
        if have.snapshots.is_empty() { Data::Kept } else { Data::Needed }
    }
}

#[cfg(test)]
mod tests {
    use wpc_engine::Removal;

    use super::*;

    const ARN: &str = "arn:aws-cn:kms:cn-north-1:210987654321:key/0c1a5ee7";

    fn have() -> Observed {
        Observed {
            arn: ARN.into(),
            status: "Enabled".into(),
            alias: true,
            rotates: true,
            policy: Some(policy(ARN)),
            snapshots: vec![],
        }
    }

    fn paths(have: &Observed) -> Vec<String> {
        match Key::diff(&Desired { description: String::new() }, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|c| c.path).collect(),
        }
    }

    #[test]
    fn diff_knows_each_field() {
        assert_eq!(paths(&have()), [""; 0]);
        let made = Observed { alias: false, rotates: false, ..have() };
        assert_eq!(paths(&made), [ALIAS, ROTATION]);
        assert_eq!(paths(&Observed { status: "Disabled".into(), ..have() }), [ENABLED]);
        assert_eq!(paths(&Observed { policy: None, ..have() }), [POLICY]);
        let mut reordered = policy(ARN);
        reordered["Statement"].as_array_mut().unwrap().reverse();
        assert_eq!(paths(&Observed { policy: Some(reordered), ..have() }), [""; 0]);
        let mut opened = policy(ARN);
        opened["Statement"][0]["Principal"] = json!({"AWS": "*"});
        assert_eq!(paths(&Observed { policy: Some(opened), ..have() }), [POLICY]);
    }

    #[test]
    fn every_service_may_use_it_for_this_account_alone() {
        let policy = policy(ARN);
        let of = |name: &str| statements(&policy)[name].clone();
        assert_eq!(of("Account")["Principal"]["AWS"], "arn:aws-cn:iam::210987654321:root");
        assert_eq!(of("Logs")["Principal"]["Service"], "logs.cn-north-1.amazonaws.com");
        let role =
            "arn:aws-cn:iam::210987654321:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
        for name in ["AutoScaling", "AutoScalingGrants"] {
            assert_eq!(of(name)["Condition"]["StringEquals"]["aws:PrincipalArn"], role);
        }
        for (name, statement) in statements(&policy) {
            let bound = statement["Principal"]["AWS"] == "arn:aws-cn:iam::210987654321:root"
                || statement["Condition"].to_string().contains("210987654321");
            assert!(bound, "{name} is open to other accounts: {statement}");
        }
    }

    #[test]
    fn it_goes_only_when_that_was_confirmed_and_nothing_needs_it() {
        let kept = |have: &Observed| {
            let all = [Removal::Live, Removal::Retain, Removal::Snapshot, Removal::Delete];
            all.map(|removal| removal.keeps(Key::data(have)))
        };
        assert_eq!(kept(&have()), [true, true, true, false]);
        assert_eq!(kept(&Observed { snapshots: vec!["before-the-move".into()], ..have() }), [true; 4]);
    }

    #[test]
    fn a_key_that_is_off_is_no_use() {
        assert_eq!(Key::state(&have()), State::Ready(ARN.into()));
        let off = Observed { status: "Disabled".into(), ..have() };
        assert!(matches!(Key::state(&off), State::Broken { usable: None, .. }));
        assert!(matches!(Key::state(&Observed { status: "Creating".into(), ..have() }), State::Settling { .. }));
    }
}
