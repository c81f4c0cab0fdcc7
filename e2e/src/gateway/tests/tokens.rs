//! Client tokens.

use super::super::record::Outcome;
use super::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_nat_gateway_is_made_once_however_often_and_however_late() {
    let bench = Bench::slow().await;
    let params = [("ClientToken", TOKEN), ("SubnetId", "subnet-1")];
    let create = async || bench.call("ec2", "CreateNatGateway", &params).await;
    let (one, two) = tokio::join!(create(), create());
    assert_eq!(one.body, two.body, "two at once");
    let id = text(&one, "natGateway/natGatewayId").unwrap();
    assert!(bench.call("ec2", "DeleteNatGateway", &[("NatGatewayId", &id)]).await.ok());
    bench.minutes(2).await;
    assert_eq!(bench.cloud.count("DeleteNatGateway"), 1);
    assert_eq!(create().await.body, one.body, "deleted since, and still");
    assert_eq!(bench.cloud.count("CreateNatGateway"), 1);
    let other = bench.call("ec2", "CreateNatGateway", &[("ClientToken", TOKEN), ("SubnetId", "subnet-2")]).await;
    assert_eq!(error(&other), (400, "IdempotentParameterMismatch".into()));
    assert_eq!(bench.gateway.effects()["ec2:CreateNatGateway"], 1);
    let replays = bench.gateway.writes().into_iter().filter(|call| call.outcome == Outcome::Replayed).count();
    assert_eq!(replays, 2);
}

#[tokio::test]
async fn a_failed_create_leaves_its_token_fresh() {
    let bench = Bench::slow().await;
    bench.cloud.put("CreateRouteTable", 500, "");
    let params = [("ClientToken", TOKEN), ("VpcId", "vpc-1")];
    assert_eq!(bench.call("ec2", "CreateRouteTable", &params).await.status, 500);
    bench.cloud.put("CreateRouteTable", 200, &super::fake::recorded("ministack", "CreateRouteTable").unwrap());
    assert!(bench.call("ec2", "CreateRouteTable", &params).await.ok());
    assert_eq!(bench.cloud.count("CreateRouteTable"), 2);
}

#[tokio::test]
async fn a_file_system_with_a_token_in_use_is_refused_with_its_id_until_it_is_gone() {
    let bench = Bench::slow().await;
    let body = format!(r#"{{"CreationToken": "{TOKEN}"}}"#);
    let create = async || bench.call_with("efs", "CreateFileSystem", &[], &body).await;
    let id = text(&create().await, "FileSystemId").unwrap();
    let second = create().await;
    assert_eq!(error(&second), (409, "FileSystemAlreadyExists".into()));
    assert_eq!(text(&second, "FileSystemId").as_deref(), Some(id.as_str()));
    let empty = super::fake::recorded("ministack", "DescribeFileSystems").unwrap();
    bench.cloud.put(
        "DescribeFileSystems",
        200,
        &empty.replace("\"NumberOfMountTargets\": 1", "\"NumberOfMountTargets\": 0"),
    );
    bench.minutes(1).await;
    assert!(bench.call("efs", "DeleteFileSystem", &[("FileSystemId", &id)]).await.ok());
    assert_eq!(error(&create().await).1, "FileSystemAlreadyExists", "while it is being deleted");
    bench.minutes(1).await;
    assert!(create().await.ok());
    assert_eq!(bench.cloud.count("CreateFileSystem"), 2);
}

#[tokio::test]
async fn a_caller_reference_serves_one_distribution_for_ever() {
    let bench = Bench::instant().await;
    let body = |comment: &str| {
        format!(
            "<DistributionConfigWithTags><DistributionConfig><CallerReference>{TOKEN}</CallerReference><Comment>{comment}</Comment></DistributionConfig></DistributionConfigWithTags>"
        )
    };
    let create = async |comment| bench.call_with("cloudfront", "CreateDistributionWithTags", &[], &body(comment)).await;
    let first = create("a").await;
    assert_eq!(create("a").await.body, first.body);
    assert_eq!(error(&create("b").await), (409, "DistributionAlreadyExists".into()));
    bench.cloud.put("GetDistribution", 200, &super::fake::recorded("ministack", "UpdateDistribution").unwrap());
    let id = text(&first, "Id").unwrap();
    assert!(bench.call("cloudfront", "DeleteDistribution", &[("Id", &id)]).await.ok());
    assert_eq!(error(&create("a").await), (409, "DistributionAlreadyExists".into()), "after its end too");
    assert_eq!(bench.cloud.count("CreateDistributionWithTags"), 1);
}

#[tokio::test]
async fn a_secret_is_made_once_and_another_value_is_refused() {
    let bench = Bench::instant().await;
    let create = async |value| {
        let params = [("Name", "sec-a"), ("ClientRequestToken", TOKEN), ("SecretString", value)];
        bench.call("secretsmanager", "CreateSecret", &params).await
    };
    let first = create("one").await;
    assert_eq!(create("one").await.body, first.body);
    assert_eq!(error(&create("two").await), (400, "ResourceExistsException".into()));
    assert_eq!(bench.cloud.count("CreateSecret"), 1);
}
