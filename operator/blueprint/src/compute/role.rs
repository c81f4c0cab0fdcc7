//! What the web instances may do. See "IAM roles for Amazon EC2" in the Amazon EC2 User Guide.

use serde_json::{Value, json};
use wpc_api::annotations::TAG_STACK;
use wpc_engine::{Action, Changes, Delta, Id, Identity, Kind, State};

use crate::iam::{self, Own, RoleOutput, document};
use crate::media::UPLOADS;

/// The name of its one policy.
pub const POLICY_NAME: &str = "site";
/// The statement about the disk that instances attach to themselves.
const DISK: &str = "Disk";

/// The kind.
#[derive(Debug, Clone)]
pub struct Role;

/// What is wanted: the things that the instances may use, and nothing else of their kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The stack, which the names of its log groups begin with.
    pub stack: String,
    /// The region that it is in.
    pub region: String,
    /// ARNs of the secrets that they may read.
    pub secrets: Vec<Id>,
    /// The key that these are encrypted with; AWS's own where there is none.
    pub key: Option<Id>,
    /// The files that they may read and write.
    pub files: Option<Files>,
    /// ARN of the bucket whose uploads they may read and write.
    pub bucket: Option<String>,
    /// The policy that says how much it can be allowed at most, if the operator is to set one.
    pub boundary: Option<String>,
    /// The disk that they may attach to themselves.
    pub disk: Option<Id>,
}

/// A file system, and the one way into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The file system's id.
    pub file_system: Id,
    /// The access point's id.
    pub access_point: Id,
    /// The id of the access point to the whole of it, where its files were restored and are to be moved.
    pub whole: Option<Id>,
}

/// The path of the change of who may wear it.
pub const TRUST: &str = "compute.role.trust";
/// The path of the change of what it may do.
pub const POLICY: &str = "compute.role.policy";
/// The path of the change of how much it can be allowed at most.
pub const BOUNDARY: &str = "compute.role.permissionsBoundary";

/// What Systems Manager needs for sessions, commands and patches: `AmazonSSMManagedInstanceCore` without the right to
/// read every parameter of the account.
const MANAGED: &[&str] = &[
    "ec2messages:AcknowledgeMessage",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
    "ec2messages:GetEndpoint",
    "ec2messages:GetMessages",
    "ec2messages:SendReply",
    "ssm:DescribeAssociation",
    "ssm:DescribeDocument",
    "ssm:GetDeployablePatchSnapshotForInstance",
    "ssm:GetDocument",
    "ssm:GetManifest",
    "ssm:ListAssociations",
    "ssm:ListInstanceAssociations",
    "ssm:PutComplianceItems",
    "ssm:PutConfigurePackageResult",
    "ssm:PutInventory",
    "ssm:UpdateAssociationStatus",
    "ssm:UpdateInstanceAssociationStatus",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
];

/// Who may wear it: instances.
pub const SERVICE: &str = "ec2.amazonaws.com";

impl Desired {
    /// What it may do. The role's own ARN says in which partition and account.
    pub fn policy(&self, role: &str) -> Value {
        let Self { stack, region, secrets, key, files, bucket, boundary: _, disk } = self;
        let mut parts = role.split(':').skip(1);
        let (partition, account) = (parts.next().unwrap_or("aws"), parts.nth(2).unwrap_or_default());
        let arn = |service: &str, resource: String| format!("arn:{partition}:{service}:{region}:{account}:{resource}");
        let logs = arn("logs", format!("log-group:/wordpresscluster/{stack}/*"));
        let mut statements = vec![
            allow("Managed", MANAGED, &["*"]),
            allow("Logs", &["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], &[&logs]),
        ];
        if !secrets.is_empty() {
            let arns: Vec<&str> = secrets.iter().map(Id::as_str).collect();
            statements.push(allow("Secrets", &["secretsmanager:GetSecretValue"], &arns));
        }
        if let Some(key) = key {
            let services = [(!secrets.is_empty(), "secretsmanager"), (bucket.is_some(), "s3")];
            let services = services.into_iter().filter(|(used, _)| *used);
            let services: Vec<String> =
                services.map(|(_, service)| format!("{service}.{region}.amazonaws.com")).collect();
            // Who writes to the bucket has S3 make a key for each file.
            let actions: &[&str] =
                if bucket.is_some() { &["kms:Decrypt", "kms:GenerateDataKey"] } else { &["kms:Decrypt"] };
            let mut unseal = allow("Key", actions, &[key.as_str()]);
            unseal["Condition"] = json!({"StringEquals": {"kms:ViaService": services}});
            statements.extend((!services.is_empty()).then_some(unseal));
        }
        if let Some(Files { file_system, access_point, whole }) = files {
            let actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];
            let of = |resource: String| arn("elasticfilesystem", resource);
            let through = |sid: &str, actions: &[&str], point: &Id| {
                let mut files = allow(sid, actions, &[&of(format!("file-system/{file_system}"))]);
                let point = of(format!("access-point/{point}"));
                files["Condition"] = json!({"StringEquals": {"elasticfilesystem:AccessPointArn": point}});
                files
            };
            statements.push(through("Files", &actions, access_point));
            let root = [actions[0], actions[1], "elasticfilesystem:ClientRootAccess"];
            statements.extend(whole.as_ref().map(|whole| through("RestoredFiles", &root, whole)));
        }
        statements.extend(bucket.iter().flat_map(|bucket| uploads(bucket)));
        if let Some(disk) = disk {
            let resources = [arn("ec2", format!("volume/{disk}")), arn("ec2", "instance/*".into())];
            let mut attach = allow(DISK, &["ec2:AttachVolume"], &resources.each_ref().map(String::as_str));
            // Both ends: the disk, and instances of this very site.
            attach["Condition"] = json!({"StringEquals": {format!("aws:ResourceTag/{TAG_STACK}"): stack}});
            statements.push(attach);
            // Who attaches an encrypted disk lets EC2 use its key. See "Amazon EBS encryption" in the Amazon EBS User Guide.
            if let Some(key) = key {
                let via = json!({"kms:ViaService": format!("ec2.{region}.amazonaws.com")});
                let mut unseal = allow("DiskKey", &["kms:Decrypt", "kms:DescribeKey"], &[key.as_str()]);
                unseal["Condition"] = json!({"StringEquals": via});
                let mut grant = allow("DiskKeyGrants", &["kms:CreateGrant"], &[key.as_str()]);
                grant["Condition"] = json!({"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}});
                statements.extend([unseal, grant]);
            }
        }
        document(statements)
    }
}

/// Files under the path for uploads, and their names.
fn uploads(bucket: &str) -> [Value; 2] {
    let actions = ["AbortMultipartUpload", "DeleteObject", "GetObject", "ListMultipartUploadParts", "PutObject"];
    let actions = actions.map(|action| format!("s3:{action}"));
    let files = allow("Uploads", &actions.each_ref().map(String::as_str), &[&format!("{bucket}/{UPLOADS}")]);
    let mut names = allow("UploadNames", &["s3:ListBucket"], &[bucket]);
    names["Condition"] = json!({"StringLike": {"s3:prefix": UPLOADS}});
    [files, names]
}

fn allow(sid: &str, actions: &[&str], resources: &[&str]) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources})
}

impl Kind for Role {
    const NAME: &'static str = "iam/role";
    const ACTIONS: &'static [Action] = Own::ACTIONS;
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Own;
    type Output = RoleOutput;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Own) -> Id {
        have.id.clone()
    }

    /// The disk that its instances attach to themselves: while there may be one, what is on it is not all there is.
    fn holds(have: &Own) -> Vec<Id> {
        let statements = have.policy.as_ref().and_then(|policy| policy["Statement"].as_array()).into_iter().flatten();
        let disks = statements.filter(|statement| statement["Sid"] == DISK);
        let named = disks.flat_map(|statement| statement["Resource"].as_array().into_iter().flatten());
        named.filter_map(|arn| arn.as_str()?.rsplit_once(":volume/").map(|(_, disk)| disk.into())).collect()
    }

    fn diff(want: &Desired, have: &Own) -> Delta {
        let mut changes = Changes::new();
        iam::compare_trust(&mut changes, TRUST, &have.trust, SERVICE);
        have.compare_policy(&mut changes, POLICY, want.policy(&have.arn));
        iam::compare_boundary(&mut changes, BOUNDARY, &have.boundary, &want.boundary);
        changes.delta()
    }

    fn state(have: &Own) -> State<RoleOutput> {
        State::Ready(have.output())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws-cn:iam::210987654321:role/wordpresscluster/gazette-web";

    fn want() -> Desired {
        Desired {
            stack: "default/press/gazette".into(),
            region: "cn-north-1".into(),
            secrets: vec!["arn:secret-1".into()],
            key: Some("arn:key".into()),
            files: Some(Files { file_system: "fs-1".into(), access_point: "fsap-1".into(), whole: None }),
            bucket: Some("arn:aws-cn:s3:::b-1".into()),
            boundary: None,
            disk: None,
        }
    }

    fn have() -> Own {
        let (trust, policy) = (Some(iam::trust(SERVICE)), Some(want().policy(ARN)));
        Own { id: "gazette-web".into(), arn: ARN.into(), trust, policy, boundary: None }
    }

    fn paths(want: &Desired, have: &Own) -> Vec<String> {
        match Role::diff(want, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|c| c.path).collect(),
        }
    }

    #[test]
    fn it_may_do_exactly_what_the_site_needs() {
        let policy = want().policy(ARN);
        let statement = |name: &str| {
            let all = policy["Statement"].as_array().unwrap();
            all.iter().find(|statement| statement["Sid"] == name).cloned().unwrap_or_default()
        };
        assert_eq!(statement("Secrets")["Resource"], json!(["arn:secret-1"]));
        assert_eq!(statement("Key")["Resource"], json!(["arn:key"]));
        let service = &statement("Key")["Condition"]["StringEquals"]["kms:ViaService"];
        let services = ["secretsmanager.cn-north-1.amazonaws.com", "s3.cn-north-1.amazonaws.com"];
        assert_eq!(*service, json!(services));
        let files = "arn:aws-cn:elasticfilesystem:cn-north-1:210987654321";
        assert_eq!(statement("Files")["Resource"], json!([format!("{files}:file-system/fs-1")]));
        let condition = json!({"elasticfilesystem:AccessPointArn": format!("{files}:access-point/fsap-1")});
        assert_eq!(statement("Files")["Condition"]["StringEquals"], condition);
        assert!(statement("RestoredFiles").is_null());
        let whole = Files { whole: Some("fsap-2".into()), ..want().files.unwrap() };
        let restored = Desired { files: Some(whole), ..want() }.policy(ARN);
        let root = restored["Statement"].as_array().unwrap().iter().find(|it| it["Sid"] == "RestoredFiles").unwrap();
        let condition = json!({"elasticfilesystem:AccessPointArn": format!("{files}:access-point/fsap-2")});
        assert_eq!(root["Condition"]["StringEquals"], condition);
        assert!(root["Action"].as_array().unwrap().contains(&json!("elasticfilesystem:ClientRootAccess")));
        let logs = "arn:aws-cn:logs:cn-north-1:210987654321:log-group:/wordpresscluster/default/press/gazette/*";
        assert_eq!(statement("Logs")["Resource"], json!([logs]));

        assert_eq!(statement("Uploads")["Resource"], json!(["arn:aws-cn:s3:::b-1/wp-content/uploads/*"]));
        assert_eq!(statement("UploadNames")["Action"], json!(["s3:ListBucket"]));
        assert_eq!(statement("UploadNames")["Resource"], json!(["arn:aws-cn:s3:::b-1"]));

        let with_disk = Desired { disk: Some("vol-1".into()), ..want() }.policy(ARN);
        let attach = with_disk["Statement"].as_array().unwrap().iter().find(|it| it["Sid"] == "Disk").unwrap();
        let ec2 = "arn:aws-cn:ec2:cn-north-1:210987654321";
        assert_eq!(attach["Resource"], json!([format!("{ec2}:volume/vol-1"), format!("{ec2}:instance/*")]));
        let site = json!({"aws:ResourceTag/wordpresscluster.dev/stack": "default/press/gazette"});
        assert_eq!(attach["Condition"]["StringEquals"], site);

        assert!(with_disk["Statement"].as_array().unwrap().iter().any(|it| it["Sid"] == "DiskKeyGrants"));
        assert_eq!(Role::holds(&Own { policy: Some(with_disk), ..have() }), [Id::from("vol-1")]);

        let bare = Desired { secrets: vec![], files: None, bucket: None, ..want() }.policy(ARN);
        assert_eq!(bare["Statement"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn diff_compares_meanings() {
        assert_eq!(paths(&want(), &have()), [""; 0]);
        let text = serde_json::to_string_pretty(&want().policy(ARN)).unwrap();
        assert_eq!(paths(&want(), &Own { policy: serde_json::from_str(&text).ok(), ..have() }), [""; 0]);
        assert_eq!(paths(&want(), &Own { policy: None, ..have() }), [POLICY]);
        assert_eq!(paths(&Desired { secrets: vec![], ..want() }, &have()), [POLICY]);
        assert_eq!(paths(&want(), &Own { trust: Some(json!({})), ..have() }), [TRUST]);
    }

    #[test]
    fn a_secret_more_is_another_value_of_the_policy() {
        let to = |secrets: &[&str]| {
            let secrets = secrets.iter().map(|secret| Id::from(*secret)).collect();
            match Role::diff(&Desired { secrets, ..want() }, &Own { policy: None, ..have() }) {
                Delta::Update(changes) => changes[0].to.clone(),
                other => panic!("{other:?}"),
            }
        };
        assert_ne!(to(&["arn:secret-1"]), to(&["arn:secret-1", "arn:secret-2"]), "each may be written");
    }

    #[test]
    fn a_boundary_is_set_and_never_taken_away() {
        let bounded = Desired { boundary: Some("arn:b".into()), ..want() };
        let theirs = Own { boundary: Some("arn:theirs".into()), ..have() };
        assert_eq!(paths(&bounded, &have()), [BOUNDARY]);
        assert_eq!(paths(&bounded, &theirs), [BOUNDARY]);
        assert_eq!(paths(&want(), &theirs), [""; 0]);
    }

    #[test]
    fn it_is_ready_as_soon_as_it_is_there() {
        assert!(matches!(Role::state(&have()), State::Ready(RoleOutput { arn, .. }) if arn == ARN));
        assert_eq!((Role::variant(&want()), Role::holds(&have())), (None, vec![]));
    }
}
