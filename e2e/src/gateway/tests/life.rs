//! AWS's time.

use super::super::record::Outcome;
use super::*;

const ONE: &str = "DescribeDBInstancesResult/DBInstances/DBInstance";
const NO_DATABASE: &str = "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances/></DescribeDBInstancesResult></DescribeDBInstancesResponse>";

async fn database(bench: &Bench) -> (String, bool) {
    let answer = bench.call("rds", "DescribeDBInstances", &[("DBInstanceIdentifier", "db-a")]).await;
    let state = text(&answer, &format!("{ONE}/DBInstanceStatus")).unwrap_or_else(|| error(&answer).1);
    (state, text(&answer, &format!("{ONE}/Endpoint/Address")).is_some())
}

fn is(state: &str, endpoint: bool) -> (String, bool) {
    (state.to_owned(), endpoint)
}

#[tokio::test]
async fn a_database_from_creating_to_gone() {
    let bench = Bench::slow().await;
    bench.cloud.after("DeleteDBInstance", "DescribeDBInstances", NO_DATABASE);
    let created = bench.call("rds", "CreateDBInstance", &[("DBInstanceIdentifier", "db-a")]).await;
    let item = "CreateDBInstanceResult/DBInstance";
    assert_eq!(text(&created, &format!("{item}/DBInstanceStatus")).as_deref(), Some("creating"));
    assert_eq!(text(&created, &format!("{item}/Endpoint/Address")), None, "hidden in the first answer too");
    assert_eq!(database(&bench).await, is("creating", false));
    let name = [("DBInstanceIdentifier", "db-a")];
    let change = [name[0], ("DBInstanceClass", "db.m7g.xlarge"), ("ApplyImmediately", "true")];
    let early = bench.call("rds", "ModifyDBInstance", &change).await;
    assert_eq!(error(&early), (400, "InvalidDBInstanceState".into()));
    let skip = [name[0], ("SkipFinalSnapshot", "true")];
    assert_eq!(error(&bench.call("rds", "DeleteDBInstance", &skip).await).1, "InvalidDBInstanceState");
    bench.minutes(11).await;
    assert_eq!(database(&bench).await, is("available", true));
    let modified = bench.call("rds", "ModifyDBInstance", &change).await;
    assert_eq!(text(&modified, "ModifyDBInstanceResult/DBInstance/DBInstanceStatus").as_deref(), Some("modifying"));
    assert_eq!(database(&bench).await, is("modifying", true));
    bench.minutes(6).await;
    let deleted = bench.call("rds", "DeleteDBInstance", &skip).await;
    assert_eq!(text(&deleted, "DeleteDBInstanceResult/DBInstance/DBInstanceStatus").as_deref(), Some("deleting"));
    assert_eq!(database(&bench).await, is("deleting", true));
    assert_eq!(bench.cloud.count("DeleteDBInstance"), 0, "the cloud hears of it when the time is up");
    assert_eq!(error(&bench.call("rds", "DeleteDBInstance", &skip).await).1, "InvalidDBInstanceState");
    let again = bench.call("rds", "CreateDBInstance", &name).await;
    assert_eq!(error(&again), (400, "DBInstanceAlreadyExists".into()));
    bench.minutes(5).await;
    assert_eq!(bench.cloud.last("DeleteDBInstance").unwrap().params.get("SkipFinalSnapshot"), Some("true"));
    assert_eq!(database(&bench).await, is("DBInstanceNotFound", false));
    let delete = bench.gateway.writes().into_iter().find(|call| call.action == "DeleteDBInstance" && call.status < 400);
    assert_eq!(delete.unwrap().outcome, Outcome::Deferred);
    assert_eq!(bench.gateway.effects()["rds:DeleteDBInstance"], 1, "counted once, when it was asked for");
}

#[tokio::test]
async fn nobody_has_to_call_for_a_delete_to_happen() {
    let bench = Bench::new(Profile::aws(Duration::from_millis(60)).visible_after(0.0)).await;
    let skip = [("DBInstanceIdentifier", "db-a"), ("SkipFinalSnapshot", "true")];
    assert!(bench.call("rds", "DeleteDBInstance", &skip).await.ok());
    while bench.cloud.count("DeleteDBInstance") == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_cloud_that_will_not_delete_keeps_the_thing() {
    let bench = Bench::slow().await;
    let refused = "<ErrorResponse><Error><Code>DBSnapshotAlreadyExists</Code></Error></ErrorResponse>";
    bench.cloud.put("DeleteDBInstance", 400, refused);
    let last = [("DBInstanceIdentifier", "db-a"), ("FinalDBSnapshotIdentifier", "last")];
    let none = super::fake::recorded("ministack", "DescribeDBSnapshots").unwrap().replace("snap-a", "other");
    bench.cloud.put("DescribeDBSnapshots", 200, &none);
    assert!(bench.call("rds", "DeleteDBInstance", &last).await.ok());
    bench.minutes(10).await;
    assert_eq!(database(&bench).await, is("available", true));
}

#[tokio::test]
async fn a_change_is_pending_until_it_is_in_force() {
    let bench = Bench::slow().await;
    let small = super::fake::recorded("ministack", "DescribeDBInstances").unwrap();
    let large = small.replace("db.m7g.large", "db.m7g.xlarge");
    bench.cloud.after("ModifyDBInstance", "DescribeDBInstances", &large);
    let change = [("DBInstanceIdentifier", "db-a"), ("DBInstanceClass", "db.m7g.xlarge"), ("ApplyImmediately", "true")];
    assert!(bench.call("rds", "ModifyDBInstance", &change).await.ok());
    let class = async |path: &str| {
        let shown = bench.call("rds", "DescribeDBInstances", &[("DBInstanceIdentifier", "db-a")]).await;
        text(&shown, &format!("{ONE}/{path}DBInstanceClass"))
    };
    assert_eq!(class("").await.as_deref(), Some("db.m7g.large"));
    assert_eq!(class("PendingModifiedValues/").await.as_deref(), Some("db.m7g.xlarge"));
    bench.minutes(6).await;
    assert_eq!(class("").await.as_deref(), Some("db.m7g.xlarge"));
    assert_eq!(class("PendingModifiedValues/").await, None);
}

#[tokio::test]
async fn some_changes_take_no_time_or_wait_for_the_window() {
    let bench = Bench::slow().await;
    let name = ("DBInstanceIdentifier", "db-a");
    for change in [
        [name, ("DeletionProtection", "false"), ("ApplyImmediately", "true")].as_slice(),
        [name, ("DBInstanceClass", "db.m7g.xlarge")].as_slice(),
    ] {
        assert!(bench.call("rds", "ModifyDBInstance", change).await.ok());
        assert_eq!(database(&bench).await, is("available", true));
    }
}

#[tokio::test]
async fn the_name_of_a_final_snapshot_may_be_taken() {
    let bench = Bench::slow().await;
    let last = [("DBInstanceIdentifier", "db-a"), ("FinalDBSnapshotIdentifier", "snap-a")];
    assert_eq!(error(&bench.call("rds", "DeleteDBInstance", &last).await), (400, "DBSnapshotAlreadyExists".into()));
}

#[tokio::test]
async fn a_create_that_only_finds_takes_no_time() {
    let bench = Bench::slow().await;
    bench.call("elbv2", "CreateLoadBalancer", &[]).await;
    bench.minutes(3).await;
    let found = bench.call("elbv2", "CreateLoadBalancer", &[]).await;
    let state = text(&found, "CreateLoadBalancerResult/LoadBalancers/member/State/Code");
    assert_eq!(state.as_deref(), Some("active"));
}

#[tokio::test]
async fn a_replica_wants_a_source_that_is_available() {
    let bench = Bench::slow().await;
    bench.call("rds", "CreateDBInstance", &[("DBInstanceIdentifier", "db-a")]).await;
    let replica = [("DBInstanceIdentifier", "db-r"), ("SourceDBInstanceIdentifier", "db-a")];
    let early = bench.call("rds", "CreateDBInstanceReadReplica", &replica).await;
    assert_eq!(error(&early), (400, "InvalidDBInstanceState".into()));
    bench.minutes(11).await;
    assert!(bench.call("rds", "CreateDBInstanceReadReplica", &replica).await.ok());
    assert_eq!(bench.gateway.effects().get("rds:CreateDBInstanceReadReplica"), Some(&1));
}

#[tokio::test]
async fn new_things_are_invisible_for_a_while() {
    let bench = Bench::new(Profile::aws(MINUTE)).await;
    let created = bench.call("ec2", "CreateSubnet", &[]).await;
    let id = text(&created, "subnet/subnetId").unwrap();
    let by_id = bench.call("ec2", "DescribeSubnets", &[("SubnetId.1", &id)]).await;
    assert_eq!(error(&by_id), (400, "InvalidSubnetID.NotFound".into()));
    let count = async || bench.call("ec2", "DescribeSubnets", &[]).await.tree().unwrap().items("subnetSet/*").len();
    let before = count().await;
    bench.minutes(1).await;
    assert!(bench.call("ec2", "DescribeSubnets", &[("SubnetId.1", &id)]).await.ok());
    assert_eq!(count().await, before + 1);
}

#[tokio::test]
async fn a_filter_by_state_sees_the_states_that_are_shown() {
    let bench = Bench::slow().await;
    bench.call("ec2", "CreateNatGateway", &[]).await;
    let count = async |state| {
        let filter = [("Filter.1.Name", "state"), ("Filter.1.Value.1", state)];
        bench.call("ec2", "DescribeNatGateways", &filter).await.tree().unwrap().items("natGatewaySet/*").len()
    };
    assert_eq!((count("available").await, count("pending").await), (0, 1));
    bench.minutes(2).await;
    assert_eq!((count("available").await, count("pending").await), (1, 1), "the fake cloud does not filter");
}

#[tokio::test]
async fn a_nat_gateway_hides_its_ip_until_it_is_available() {
    let bench = Bench::slow().await;
    // MiniStack leaves the address out; moto does not.
    for action in ["CreateNatGateway", "DescribeNatGateways"] {
        bench.cloud.put(action, 200, &super::fake::recorded("moto", action).unwrap());
    }
    bench.call("ec2", "CreateNatGateway", &[]).await;
    let path = "natGatewaySet/item/natGatewayAddressSet/item";
    let pending = bench.call("ec2", "DescribeNatGateways", &[]).await;
    assert!(text(&pending, &format!("{path}/allocationId")).is_some());
    assert_eq!(text(&pending, &format!("{path}/publicIp")), None);
    bench.minutes(2).await;
    let ready = bench.call("ec2", "DescribeNatGateways", &[]).await;
    assert!(text(&ready, &format!("{path}/publicIp")).is_some());
}

#[tokio::test]
async fn the_clusters_of_a_replication_group_follow_it() {
    let bench = Bench::slow().await;
    bench.call("elasticache", "CreateReplicationGroup", &[("ReplicationGroupId", "rg-a")]).await;
    let clusters = bench.call("elasticache", "DescribeCacheClusters", &[]).await.tree().unwrap();
    for cluster in clusters.items("DescribeCacheClustersResult/CacheClusters/*") {
        // Memcached is of no group.
        let follows = cluster.text("ReplicationGroupId").as_deref() == Some("rg-a");
        let status = if follows { "creating" } else { "available" };
        assert_eq!(cluster.text("CacheClusterStatus").as_deref(), Some(status));
    }
    let name = [("ReplicationGroupId", "rg-a")];
    let early = bench.call("elasticache", "DeleteReplicationGroup", &name).await;
    assert_eq!(error(&early), (400, "InvalidReplicationGroupState".into()));
    bench.minutes(6).await;
    let deleted = bench.call("elasticache", "DeleteReplicationGroup", &name).await;
    assert_eq!(text(&deleted, "DeleteReplicationGroupResult/ReplicationGroup/Status").as_deref(), Some("deleting"));
    let again = bench.call("elasticache", "CreateReplicationGroup", &name).await;
    assert_eq!(error(&again), (400, "ReplicationGroupAlreadyExists".into()));
}

#[tokio::test]
async fn a_mount_target_wants_an_available_file_system_and_goes_slowly() {
    let bench = Bench::slow().await;
    let created = bench.call_with("efs", "CreateFileSystem", &[], r#"{"CreationToken": "t"}"#).await;
    let id = text(&created, "FileSystemId").unwrap();
    assert_eq!(text(&created, "LifeCycleState").as_deref(), Some("creating"));
    let target = format!(r#"{{"FileSystemId": "{id}", "SubnetId": "subnet-1"}}"#);
    let early = bench.call_with("efs", "CreateMountTarget", &[], &target).await;
    assert_eq!(error(&early), (409, "IncorrectFileSystemLifeCycleState".into()));
    assert_eq!(early.headers["x-amzn-errortype"], "IncorrectFileSystemLifeCycleState");
    bench.minutes(1).await;
    let made = bench.call_with("efs", "CreateMountTarget", &[], &target).await;
    bench.minutes(3).await;
    let mount = text(&made, "MountTargetId").unwrap();
    assert_eq!(bench.call("efs", "DeleteMountTarget", &[("MountTargetId", &mount)]).await.status, 204);
    assert_eq!(bench.cloud.count("DeleteMountTarget"), 0);
    let shown = bench.call("efs", "DescribeMountTargets", &[("MountTargetId", &mount)]).await;
    assert_eq!(shown.tree().unwrap().items("MountTargets/*")[0].text("LifeCycleState").as_deref(), Some("deleting"));
    let busy = bench.call("efs", "DeleteFileSystem", &[("FileSystemId", &id)]).await;
    assert_eq!(error(&busy), (409, "FileSystemInUse".into()));
    bench.minutes(2).await;
    assert_eq!(bench.cloud.count("DeleteMountTarget"), 1);
}

#[tokio::test]
async fn a_distribution_goes_only_disabled_and_deployed() {
    let bench = Bench::slow().await;
    let created = bench.call_with("cloudfront", "CreateDistributionWithTags", &[], "").await;
    let id = text(&created, "Id").unwrap();
    assert_eq!(text(&created, "Status").as_deref(), Some("InProgress"));
    let delete = async || bench.call("cloudfront", "DeleteDistribution", &[("Id", &id)]).await;
    assert_eq!(error(&delete().await), (409, "DistributionNotDisabled".into()));
    bench.minutes(5).await;
    let disabled = super::fake::recorded("ministack", "UpdateDistribution").unwrap();
    assert!(bench.call_with("cloudfront", "UpdateDistribution", &[("Id", &id)], "").await.ok());
    bench.cloud.put("GetDistribution", 200, &disabled);
    assert_eq!(error(&delete().await), (409, "DistributionNotDisabled".into()), "disabled, not deployed");
    bench.minutes(4).await;
    assert!(delete().await.ok());
    assert_eq!(bench.cloud.count("DeleteDistribution"), 1, "then at once");
}

#[tokio::test]
async fn an_instance_refresh_runs_alone() {
    let bench = Bench::slow().await;
    let group = [("AutoScalingGroupName", "asg-a")];
    assert!(bench.call("autoscaling", "StartInstanceRefresh", &group).await.ok());
    let path = "DescribeInstanceRefreshesResult/InstanceRefreshes/member";
    let running = bench.call("autoscaling", "DescribeInstanceRefreshes", &group).await;
    assert_eq!(text(&running, &format!("{path}/Status")).as_deref(), Some("InProgress"));
    assert_eq!(text(&running, &format!("{path}/PercentageComplete")), None);
    let second = bench.call("autoscaling", "StartInstanceRefresh", &group).await;
    assert_eq!(error(&second), (400, "InstanceRefreshInProgress".into()));
    bench.minutes(6).await;
    assert!(bench.call("autoscaling", "StartInstanceRefresh", &group).await.ok());
}

#[tokio::test]
async fn a_group_has_its_old_template_until_the_refresh_is_done() {
    let bench = Bench::slow().await;
    let group = super::fake::recorded("ministack", "DescribeAutoScalingGroups").unwrap();
    let next = group.replace("<Version>1</Version>", "<Version>2</Version>");
    bench.cloud.after("StartInstanceRefresh", "DescribeAutoScalingGroups", &next);
    assert!(bench.call("autoscaling", "StartInstanceRefresh", &[("AutoScalingGroupName", "asg-a")]).await.ok());
    let version = async || {
        let shown = bench.call("autoscaling", "DescribeAutoScalingGroups", &[]).await;
        text(&shown, "DescribeAutoScalingGroupsResult/AutoScalingGroups/member/LaunchTemplate/Version")
    };
    assert_eq!(version().await.as_deref(), Some("1"));
    bench.minutes(6).await;
    assert_eq!(version().await.as_deref(), Some("2"));
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let bench = Bench::slow().await;
    bench.call("rds", "CreateDBInstance", &[("DBInstanceIdentifier", "db-a")]).await;
    assert_eq!(database(&bench).await, is("creating", false));
    let other = Scope::new(REGION).account("123456789012");
    let request = Request::build("rds", "DescribeDBInstances", &[], &other).unwrap();
    let answer = bench.client.forward(&request).await.unwrap();
    assert_eq!(text(&answer, &format!("{ONE}/DBInstanceStatus")).as_deref(), Some("available"));
    assert_eq!(bench.gateway.calls().last().unwrap().account, "123456789012");
}

#[tokio::test]
async fn a_group_shows_that_it_is_going() {
    let bench = Bench::slow().await;
    let group = [("AutoScalingGroupName", "asg-a"), ("ForceDelete", "true")];
    assert!(bench.call("autoscaling", "DeleteAutoScalingGroup", &group).await.ok());
    let shown = bench.call("autoscaling", "DescribeAutoScalingGroups", &[]).await;
    let status = text(&shown, "DescribeAutoScalingGroupsResult/AutoScalingGroups/member/Status");
    assert_eq!(status.as_deref(), Some("Delete in progress"));
    let again = bench.call("autoscaling", "CreateAutoScalingGroup", &[("AutoScalingGroupName", "asg-a")]).await;
    assert_eq!(error(&again), (400, "AlreadyExists".into()));
}

#[tokio::test]
async fn a_load_balancer_is_provisioned_and_vanishes_at_once() {
    let bench = Bench::slow().await;
    let path = "LoadBalancers/member";
    let created = bench.call("elbv2", "CreateLoadBalancer", &[]).await;
    let state = text(&created, &format!("CreateLoadBalancerResult/{path}/State/Code"));
    assert_eq!(state.as_deref(), Some("provisioning"));
    bench.minutes(3).await;
    let shown = bench.call("elbv2", "DescribeLoadBalancers", &[("Names.member.1", "lb-a")]).await;
    let state = text(&shown, &format!("DescribeLoadBalancersResult/{path}/State/Code"));
    assert_eq!(state.as_deref(), Some("active"));
    let arn = text(&shown, &format!("DescribeLoadBalancersResult/{path}/LoadBalancerArn")).unwrap();
    assert!(bench.call("elbv2", "DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]).await.ok());
    assert_eq!(bench.cloud.count("DeleteLoadBalancer"), 1);
}

#[tokio::test]
async fn on_the_instant_profile_nothing_takes_time() {
    let bench = Bench::instant().await;
    let name = [("DBInstanceIdentifier", "db-a")];
    let created = bench.call("rds", "CreateDBInstance", &name).await;
    assert_eq!(text(&created, "CreateDBInstanceResult/DBInstance/DBInstanceStatus").as_deref(), Some("available"));
    assert!(bench.call("rds", "ModifyDBInstance", &name).await.ok());
    assert!(bench.call("rds", "DeleteDBInstance", &[name[0], ("SkipFinalSnapshot", "true")]).await.ok());
    assert_eq!(bench.cloud.count("DeleteDBInstance"), 1);
}
