//! Requests against AWS's own models: what they refuse is named, and no story can overlook it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Result;
use wpc_e2e::gateway::model::{Class, Model, Violation};
use wpc_e2e::gateway::protocol::{Request, service};
use wpc_e2e::gateway::upstream::Upstreams;
use wpc_e2e::gateway::{Gateway, Profile, Scope, table};
use wpc_e2e::harness::tools::service_models;
use wpc_e2e::harness::{CloudKind, Endpoints};
use wpc_e2e::permissions::call_of;
use wpc_e2e::stage::{Stage, sample};

/// The gateway of the stories, before a cloud that is not there: it checks before it asks.
async fn gateway() -> Result<Gateway> {
    Gateway::start(Endpoints::only("http://127.0.0.1:1").gateway(Profile::instant())).await
}

/// Sends one request; the body is for the protocols that have one.
async fn send(gateway: &Gateway, service: &str, action: &str, params: &[(&str, &str)], body: &str) -> Result<()> {
    let mut request = Request::build(service, action, params, &Scope::new("us-east-1"))?;
    if !body.is_empty() {
        request.body = body.to_owned().into();
    }
    Upstreams::new(&gateway.url(), &Default::default())?.forward(&request).await?;
    Ok(())
}

/// Service, action, parameters.
type Call<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// Classes and members.
type Broken<'a> = &'a [(Class, &'a str)];

/// Classes and members of what a request breaks.
async fn broken(
    gateway: &Gateway,
    service: &str,
    action: &str,
    params: &[(&str, &str)],
    body: &str,
) -> Result<Vec<(Class, String)>> {
    send(gateway, service, action, params, body).await?;
    Ok(gateway.take_violations().into_iter().map(|violation| (violation.class, violation.member)).collect())
}

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const UUID: &str = "0c1a5ee7-0a88-4b58-8b6a-d9d2ff12ab1c";

#[tokio::test]
async fn each_class_of_violation_is_named() -> Result<()> {
    let gateway = gateway().await?;
    let long = "x".repeat(65);
    let policy = ("AssumeRolePolicyDocument", "{}");
    let instance = [("DBInstanceIdentifier", "blog"), ("Engine", "mysql")];
    let target = ("Name", "blog");
    let nat = ("SubnetId", "subnet-1");
    #[rustfmt::skip]
    let wrong: &[(Call<'_>, Class, &str)] = &[
        (("iam", "CreateRole", &[("RoleName", "a b"), policy]), Class::Pattern, "RoleName"),
        (("iam", "CreateRole", &[("RoleName", &long), policy]), Class::Length, "RoleName"),
        (("ec2", "CreateNatGateway", &[nat, ("ClientToken", TOKEN), ("ConnectivityType", "both")]), Class::Enum, "ConnectivityType"),
        (("elbv2", "CreateTargetGroup", &[target, ("HealthCheckIntervalSeconds", "4")]), Class::Range, "HealthCheckIntervalSeconds"),
        (("rds", "CreateDBInstance", &instance), Class::Required, "DBInstanceClass"),
        (("ec2", "CreateVpc", &[("CidrBlock", "10.0.0.0/16"), ("Colour", "red")]), Class::Unknown, "Colour"),
        (("ec2", "CreateVpc", &[("TagSpecification.1.Tag.1.Kee", "a")]), Class::Unknown, "TagSpecifications.1.Tags.1.Kee"),
        (("ec2", "CreateHouse", &[]), Class::Unknown, ""),
        (("autoscaling", "DeleteAutoScalingGroup", &[("AutoScalingGroupName", "a"), ("ForceDelete", "yes")]), Class::Type, "ForceDelete"),
        (("ec2", "CreateNatGateway", &[nat, ("ClientToken", UUID)]), Class::Token, "ClientToken"),
        (("ec2", "CreateNatGateway", &[nat]), Class::Token, "ClientToken"),
        // What only the pages say.
        (("rds", "CreateDBInstance", &[("DBInstanceIdentifier", "a--b"), ("DBInstanceClass", "db.m7g.large"), ("Engine", "mysql")]), Class::Pattern, "DBInstanceIdentifier"),
        (("elbv2", "CreateLoadBalancer", &[("Name", "internal-blog")]), Class::Pattern, "Name"),
        (("ec2", "CreateTags", &[("ResourceId.1", "vpc-1"), ("Tag.1.Key", "aws:mine"), ("Tag.1.Value", "")]), Class::Pattern, "Tags.1.Key"),
    ];
    for ((service, action, params), class, member) in wrong {
        let found = broken(&gateway, service, action, params, "").await?;
        assert_eq!(found, [(*class, (*member).to_owned())], "{action}");
    }
    Ok(())
}

#[tokio::test]
async fn bodies_are_checked_too() -> Result<()> {
    let gateway = gateway().await?;
    let policies = [r#"{"TransitionToIA": "AFTER_7_DAYS"}"#; 4].join(",");
    let file_system = ("FileSystemId", "fs-0123456789abcdef0");
    let origins = |quantity: u8| {
        let name = "<Name>blog</Name><MinTTL>0</MinTTL>";
        let list = format!("<Quantity>{quantity}</Quantity><Items><Name>a</Name></Items>");
        let cookies = format!("<CookieBehavior>whitelist</CookieBehavior><Cookies>{list}</Cookies>");
        let rest = "<EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip><HeadersConfig><HeaderBehavior>none</HeaderBehavior></HeadersConfig><QueryStringsConfig><QueryStringBehavior>all</QueryStringBehavior></QueryStringsConfig>";
        format!(
            "<CachePolicyConfig>{name}<ParametersInCacheKeyAndForwardedToOrigin>{rest}<CookiesConfig>{cookies}</CookiesConfig></ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig>"
        )
    };
    let (right, miscounted) = (origins(1), origins(2));
    let in_key = "CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.CookiesConfig.Cookies.Quantity";
    let lifecycle = format!(r#"{{"LifecyclePolicies": [{policies}]}}"#);
    let efs = format!(r#"{{"CreationToken": "{TOKEN}", "Encrypted": "true"}}"#);
    let secret = format!(r#"{{"Name": "a b", "ClientRequestToken": "{TOKEN}", "SecretString": ""}}"#);
    #[rustfmt::skip]
    let bodies: &[(Call<'_>, &str, Broken<'_>)] = &[
        (("efs", "PutLifecycleConfiguration", &[file_system]), &lifecycle, &[(Class::Size, "LifecyclePolicies")]),
        (("efs", "CreateFileSystem", &[]), &efs, &[(Class::Type, "Encrypted")]),
        (("efs", "DescribeMountTargets", &[("FileSystemId", "fs-?"), ("Colour", "red")]), "", &[(Class::Unknown, "Colour"), (Class::Pattern, "FileSystemId")]),
        (("cloudfront", "CreateCachePolicy", &[]), &right, &[]),
        (("cloudfront", "CreateCachePolicy", &[]), &miscounted, &[(Class::Size, in_key)]),
        (("secretsmanager", "CreateSecret", &[]), &secret, &[(Class::Pattern, "Name"), (Class::Length, "SecretString")]),
    ];
    for ((service, action, params), body, want) in bodies {
        let found = broken(&gateway, service, action, params, body).await?;
        let want: Vec<_> = want.iter().map(|(class, member)| (*class, (*member).to_owned())).collect();
        assert_eq!(found, want, "{action}");
    }
    Ok(())
}

#[tokio::test]
async fn a_secret_is_not_shown() -> Result<()> {
    let gateway = gateway().await?;
    let body =
        format!(r#"{{"Name": "a", "ClientRequestToken": "{TOKEN}", "SecretString": "{}"}}"#, "hush".repeat(20_000));
    send(&gateway, "secretsmanager", "CreateSecret", &[], &body).await?;
    let password = [("DBInstanceIdentifier", "a"), ("MasterUserPassword", "hush@")];
    send(&gateway, "rds", "ModifyDBInstance", &password, "").await?;
    let found: Vec<Violation> = gateway.take_violations();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(!format!("{found:?}").contains("hush"), "{found:?}");
    Ok(())
}

/// Stories do not ask for violations: the end of their gateway does.
#[tokio::test]
async fn a_gateway_with_violations_does_not_end_well() -> Result<()> {
    let gateway = gateway().await?;
    send(&gateway, "ec2", "CreateVpc", &[("Colour", "red")], "").await?;
    let end = catch_unwind(AssertUnwindSafe(|| drop(gateway))).expect_err("the gateway ended well");
    let message = end.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(message.contains("ec2:CreateVpc") && message.contains("Colour"), "{message}");
    Ok(())
}

/// Names, comments, descriptions and tags made of the longest names that are allowed, over a whole life.
#[tokio::test(flavor = "multi_thread")]
async fn the_longest_names_are_legal_everywhere() -> Result<()> {
    // Helm's releases end at 53 characters, of which 9 tell tests apart; the schema's names at 50.
    let mut stage =
        Stage::with("a-namespace-as-long-as-helm-lets-a-release-b", CloudKind::MiniStack, Profile::instant(), &[])
            .await?;
    let name = "internal.the-longest-name-that-an-object-may-have1";
    assert_eq!((stage.harness.namespace.len(), name.len()), (53, 50));
    stage.apply(name, sample("production.yaml")?).await?;
    stage.ready(name).await?;
    stage.delete(name).await?;
    stage.gone(name).await?;
    assert!(stage.gateway.writes().iter().any(|call| call.action == "DeleteDBInstance"));
    assert_eq!(stage.gateway.violations(), []);
    Ok(())
}

fn model(name: &str) -> std::sync::Arc<Result<Model, String>> {
    Model::of(&service_models(), &service::canonical(name))
}

#[test]
fn the_models_know_every_action_of_ours() {
    // Permissions that are no operations.
    const NONE: [&str; 3] = ["backup-storage:MountCapsule", "elasticloadbalancing:SetWebACL", "iam:PassRole"];
    let kinds = wpc_blueprint::Kinds::offline().all();
    let of_kinds = kinds.iter().flat_map(|kind| kind.actions()).map(|action| action.name.to_owned());
    let of_rows = table::rows().flat_map(|row| {
        let reads = row.reads.iter().map(|read| read.action);
        let creates = row.creates.iter().map(|create| create.action);
        let modifies = row.modifies.iter().map(|modify| modify.action);
        let deletes = row.deletes.iter().map(|delete| delete.action);
        reads.chain(creates).chain(modifies).chain(deletes).map(|action| format!("{}:{action}", row.service))
    });
    let all: BTreeSet<String> = of_kinds.chain(of_rows).collect();
    assert!(all.len() > 100, "{all:?}");
    for action in all.iter().filter(|action| !NONE.contains(&action.as_str())) {
        let service = action.split_once(':').unwrap().0;
        let model = model(service);
        let model = model.as_ref().as_ref().unwrap_or_else(|error| panic!("{action}: {error}"));
        assert!(model.operation(call_of(action)).is_some(), "no {action}");
    }
}

/// Patterns that look ahead cannot be checked: none of them is of a member that we send, but EFS's tag keys, which
/// `limits` has too, an access point's path, which is a constant, a certificate's names, which the schema judges, and a
/// budget's name, which has no character but those of all generated names.
#[test]
fn every_pattern_is_understood_but_these() {
    let mut shapes = Vec::new();
    for service in service::names() {
        let model = model(service);
        let model = model.as_ref().as_ref().unwrap();
        shapes.extend(model.uncompiled().iter().map(|shape| format!("{service}: {shape}")));
    }
    shapes.sort();
    let known = [
        "acm: DomainNameString",
        "backup: AccessPointArn",
        "backup: AccessPointName",
        "budgets: BudgetName",
        "ec2: SecretArn",
        "elasticfilesystem: Path",
        "elasticfilesystem: TagKey",
        "iam: accountAliasType",
        "rds: TargetDBClusterParameterGroupName",
        "rds: TargetDBParameterGroupName",
    ];
    assert_eq!(shapes, known);
}
