//! Who may use a bucket. See "Bucket policies for Amazon S3" in the Amazon S3 User Guide, and "Restrict access to an
//! Amazon S3 origin" in the Amazon CloudFront Developer Guide.
//!
//! It is a thing of its own since it names what is made after the bucket: the distribution that reads from it. What
//! writes into a bucket waits for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

use super::bucket::{self, BucketOutput};

/// Reads it.
pub const GET: Action = Action::read("s3:GetBucketPolicy");
/// Writes it.
pub const PUT: Action = Action::write("s3:PutBucketPolicy");

/// The path of the change of who may use the bucket.
pub const DOCUMENT: &str = "media.policy";

/// The kind.
#[derive(Debug, Clone)]
pub struct BucketPolicy;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The bucket.
    pub bucket: BucketOutput,
    /// What is allowed; that nothing is without TLS is added.
    pub allowed: Vec<Value>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The bucket's name.
    pub bucket: Id,
    /// What it says.
    pub document: Value,
}

impl Desired {
    /// The policy.
    pub fn document(&self) -> Value {
        let arn = &self.bucket.arn;
        let mut statements = vec![json!({
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        })];
        statements.extend(self.allowed.iter().cloned());
        json!({"Version": "2012-10-17", "Statement": statements})
    }
}

/// The one distribution that may read uploads, and nothing beside them. What the instances never show, neither does it:
/// code, which S3 would send as text, and files whose names begin with a dot.
pub fn distribution(bucket: &BucketOutput, distribution: &str) -> [Value; 2] {
    let uploads = format!("{}/{}", bucket.arn, super::UPLOADS);
    let hidden = [".*", "*/.*", "*.php", "*.phtml", "*.phar"].map(|name| uploads.replace('*', name));
    let statement = |sid: &str, effect: &str, resource: Value| {
        json!({
            "Sid": sid,
            "Effect": effect,
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": resource,
            "Condition": {"StringEquals": {"AWS:SourceArn": distribution}},
        })
    };
    [statement("Distribution", "Allow", json!(uploads)), statement("DistributionHides", "Deny", json!(hidden))]
}

/// The account's load balancers. See "Enable access logs for your Application Load Balancer" in the Elastic Load Balancing
/// User Guide.
pub fn load_balancers(bucket: &BucketOutput) -> Value {
    json!({
        "Sid": "LoadBalancerLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": logs(bucket),
    })
}

/// What CloudWatch delivers for the account's distributions. See "Logs sent to Amazon S3" in the Amazon CloudWatch Logs
/// User Guide: this is the statement that AWS adds where it finds none.
pub fn deliveries(bucket: &BucketOutput) -> Value {
    let (account, partition) = (&bucket.account, bucket.arn.split(':').nth(1).unwrap_or("aws"));
    json!({
        "Sid": "DistributionLogs",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": logs(bucket),
        "Condition": {
            "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": format!("arn:{partition}:logs:us-east-1:{account}:delivery-source:*")},
        },
    })
}

/// One trail, by its ARN. See "Amazon S3 bucket policy for CloudTrail" in the AWS CloudTrail User Guide.
pub fn trail(bucket: &BucketOutput, trail: &str) -> [Value; 2] {
    let statement = |sid: &str, action: &str, resource: &str, condition: Value| {
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": action,
            "Resource": resource,
            "Condition": {"StringEquals": condition},
        })
    };
    let owned = json!({"AWS:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"});
    [
        statement("TrailLooks", "s3:GetBucketAcl", &bucket.arn, json!({"AWS:SourceArn": trail})),
        statement("TrailWrites", "s3:PutObject", &logs(bucket), owned),
    ]
}

/// Where AWS puts an account's logs.
fn logs(bucket: &BucketOutput) -> String {
    format!("{}/AWSLogs/{}/*", bucket.arn, bucket.account)
}

/// The id of a bucket's policy; AWS has none for it.
pub fn id(bucket: &Id) -> Id {
    Id(format!("{bucket}/policy"))
}

/// The bucket that an id of ours names.
pub fn bucket_of(id: &Id) -> Id {
    Id(id.0.strip_suffix("/policy").unwrap_or(&id.0).to_owned())
}

/// The component of the policy of a bucket's component.
pub fn key_of(bucket: &Key) -> Key {
    Key::of(format!("{}-policy", bucket.name))
}

impl Kind for BucketPolicy {
    const NAME: &'static str = "s3/bucket-policy";
    const ACTIONS: &'static [Action] = &[bucket::LIST, bucket::GET_TAGS, GET, PUT];
    /// By its bucket.
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    /// Its bucket, once it may be used.
    type Output = Id;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        id(&have.bucket)
    }

    /// A bucket is removed with its policy.
    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    /// Documents are compared by their meaning as JSON, not by their text.
    fn diff(want: &Desired, Observed { bucket: _, document }: &Observed) -> Delta {
        let wanted = want.document();
        let mut changes = Changes::new();
        if *document != wanted {
            changes.push(DOCUMENT, summary(document), summary(&wanted), Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.bucket.clone())
    }
}

/// A document's statements by name: a plan need not show all of it.
fn summary(document: &Value) -> String {
    let statements = document["Statement"].as_array().into_iter().flatten();
    let names: BTreeSet<&str> = statements.map(|statement| statement["Sid"].as_str().unwrap_or("unnamed")).collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        let bucket = BucketOutput {
            name: "b-1".into(),
            arn: "arn:aws:s3:::b-1".into(),
            domain: "b-1.s3.example.com".into(),
            account: "210987654321".into(),
            moved: false,
        };
        Desired { allowed: distribution(&bucket, "arn:aws:cloudfront::1:distribution/E1").into(), bucket }
    }

    #[test]
    fn nothing_goes_without_tls_and_only_the_distribution_reads() {
        let document = want().document();
        let [tls, reads, hides] = document["Statement"].as_array().unwrap().as_slice() else { panic!("{document}") };
        assert_eq!((&tls["Effect"], &tls["Principal"], &tls["Action"]), (&json!("Deny"), &json!("*"), &json!("s3:*")));
        assert_eq!(tls["Resource"], json!(["arn:aws:s3:::b-1", "arn:aws:s3:::b-1/*"]));
        assert_eq!((&reads["Effect"], &reads["Action"]), (&json!("Allow"), &json!("s3:GetObject")));
        assert_eq!(reads["Resource"], json!("arn:aws:s3:::b-1/wp-content/uploads/*"));
        let one = json!({"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::1:distribution/E1"}});
        assert_eq!((&reads["Condition"], &hides["Condition"], &hides["Effect"]), (&one, &one, &json!("Deny")));
        let uploads = "arn:aws:s3:::b-1/wp-content/uploads/";
        let hidden = [".*", "*/.*", "*.php", "*.phtml", "*.phar"].map(|name| format!("{uploads}{name}"));
        assert_eq!(hides["Resource"], json!(hidden), "what nginx answers with 404");
    }

    #[test]
    fn logs_are_written_under_the_prefix_of_their_account() {
        let bucket = want().bucket;
        let statement = load_balancers(&bucket);
        assert_eq!(statement["Principal"], json!({"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}));
        assert_eq!(statement["Resource"], json!("arn:aws:s3:::b-1/AWSLogs/210987654321/*"));
        let arn = "arn:aws:cloudtrail:eu-west-1:210987654321:trail/t";
        let [looks, writes] = trail(&bucket, arn);
        assert_eq!((&looks["Action"], &looks["Resource"]), (&json!("s3:GetBucketAcl"), &json!("arn:aws:s3:::b-1")));
        assert_eq!(writes["Resource"], statement["Resource"]);
        for statement in [looks, writes] {
            assert_eq!(statement["Condition"]["StringEquals"]["AWS:SourceArn"], json!(arn), "another trail may write");
        }
    }

    #[test]
    fn only_the_accounts_own_logs_are_delivered() {
        let statement = deliveries(&want().bucket);
        assert_eq!(statement["Resource"], json!("arn:aws:s3:::b-1/AWSLogs/210987654321/*"));
        let condition = &statement["Condition"];
        assert_eq!(condition["StringEquals"]["aws:SourceAccount"], json!("210987654321"));
        let sources = "arn:aws:logs:us-east-1:210987654321:delivery-source:*";
        assert_eq!(condition["ArnLike"]["aws:SourceArn"], json!(sources));
    }

    #[test]
    fn diff_compares_meanings() {
        let have = |document| Observed { bucket: "b-1".into(), document };
        let text = serde_json::to_string_pretty(&want().document()).unwrap();
        assert_eq!(BucketPolicy::diff(&want(), &have(serde_json::from_str(&text).unwrap())), Delta::Same);
        let bare = Desired { allowed: vec![], ..want() };
        let Delta::Update(changes) = BucketPolicy::diff(&bare, &have(want().document())) else { panic!() };
        let [change] = changes.as_slice() else { panic!("{changes:?}") };
        let told = (change.path.as_str(), change.from.as_str(), change.to.as_str());
        assert_eq!(told, (DOCUMENT, "Distribution,DistributionHides,OnlyTls", "OnlyTls"));
    }

    #[test]
    fn its_id_names_its_bucket() {
        assert_eq!(bucket_of(&id(&"b-1".into())), "b-1".into());
        assert_eq!(key_of(&Key::of("media/bucket")), Key::of("media/bucket-policy"));
        assert_eq!(
            BucketPolicy::state(&Observed { bucket: "b-1".into(), document: json!({}) }),
            State::Ready("b-1".into())
        );
    }
}
