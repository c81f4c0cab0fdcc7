//! What the rules remember for a while.

use super::*;

const TEMPLATE: &str = "<R><launchTemplateVersionSet><item><launchTemplateData><iamInstanceProfile><name>prof-a</name>\
                        </iamInstanceProfile></launchTemplateData></item></launchTemplateVersionSet></R>";

#[tokio::test]
async fn storage_grows_once_in_six_hours() {
    let bench = Bench::slow().await;
    let grow = async |to| {
        let change = [("DBInstanceIdentifier", "db-a"), ("AllocatedStorage", to), ("ApplyImmediately", "true")];
        error(&bench.call("rds", "ModifyDBInstance", &change).await).1
    };
    assert_eq!(grow("200").await, "");
    bench.minutes(6).await;
    assert_eq!(grow("300").await, "InvalidParameterCombination");
    bench.minutes(360).await;
    assert_eq!(grow("300").await, "");
}

#[tokio::test]
async fn a_change_that_failed_is_not_remembered() {
    let bench = Bench::slow().await;
    let grow = [("DBInstanceIdentifier", "db-a"), ("AllocatedStorage", "200"), ("ApplyImmediately", "true")];
    bench.cloud.put(
        "ModifyDBInstance",
        400,
        "<ErrorResponse><Error><Code>StorageQuotaExceeded</Code></Error></ErrorResponse>",
    );
    assert_eq!(error(&bench.call("rds", "ModifyDBInstance", &grow).await).1, "StorageQuotaExceeded");
    bench.cloud.put("ModifyDBInstance", 200, &super::fake::recorded("ministack", "ModifyDBInstance").unwrap());
    assert!(bench.call("rds", "ModifyDBInstance", &grow).await.ok());
}

#[tokio::test]
async fn auto_scaling_hears_late_of_an_instance_profile() {
    let bench = Bench::slow().await;
    bench.cloud.put("DescribeLaunchTemplateVersions", 200, TEMPLATE);
    let update = async || {
        let wanted = [("AutoScalingGroupName", "asg-a"), ("LaunchTemplate.LaunchTemplateId", "lt-1")];
        error(&bench.call("autoscaling", "UpdateAutoScalingGroup", &wanted).await).1
    };
    assert_eq!(update().await, "", "an old profile");
    let request =
        Request::build("iam", "CreateInstanceProfile", &[("InstanceProfileName", "prof-a")], &Scope::new("us-east-1"));
    assert!(bench.client.forward(&request.unwrap()).await.unwrap().ok());
    assert_eq!(update().await, "ValidationError");
    bench.minutes(1).await;
    assert_eq!(update().await, "");
}

#[tokio::test]
async fn the_interfaces_of_a_load_balancer_linger() {
    let bench = Bench::slow().await;
    let shown = bench.call("elbv2", "DescribeLoadBalancers", &[]).await;
    let path = "DescribeLoadBalancersResult/LoadBalancers/member";
    let arn = text(&shown, &format!("{path}/LoadBalancerArn")).unwrap();
    let group = text(&shown, &format!("{path}/SecurityGroups/member")).unwrap();
    let others = [
        "DescribeDBInstances",
        "DescribeCacheClusters",
        "DescribeAutoScalingGroups",
        "DescribeSecurityGroupRules",
        "DescribeLaunchTemplates",
    ];
    for action in others {
        bench.cloud.put(action, 200, "<R/>");
    }
    bench.cloud.put("DescribeMountTargets", 200, "{}");
    bench.cloud.after("DeleteLoadBalancer", "DescribeLoadBalancers", "<R/>");
    let delete = async || error(&bench.call("ec2", "DeleteSecurityGroup", &[("GroupId", &group)]).await).1;
    assert_eq!(delete().await, "DependencyViolation", "it is worn");
    assert!(bench.call("elbv2", "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).await.ok());
    assert_eq!(delete().await, "DependencyViolation", "it is gone, its interfaces are not");
    bench.minutes(3).await;
    assert_eq!(delete().await, "");
}
