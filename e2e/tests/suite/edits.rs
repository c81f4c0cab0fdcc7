//! Each edit of the spec costs exactly the writes that it needs.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, sample};

use wpc_e2e::invariants::exactly_once;

/// An edit, and the writes that take effect because of it.
struct Edit {
    what: &'static str,
    spec: Value,
    writes: &'static [(&'static str, usize)],
}

fn edits() -> Vec<Edit> {
    let edit = |what, spec, writes| Edit { what, spec, writes };
    vec![
        edit(
            "no logs but the instances'",
            json!({
                "network": { "flowLogs": false },
                "loadBalancer": { "accessLogs": false },
                "cdn": { "accessLogs": false },
                "audit": { "cloudTrail": false },
                "firewall": { "logging": false },
            }),
            &[
                ("ModifyLoadBalancerAttributes", 1),
                ("DeleteDelivery", 1),
                ("DeleteDeliverySource", 1),
                ("DeleteDeliveryDestination", 1),
                ("DeleteTrail", 1),
                ("DeleteLoggingConfiguration", 1),
                ("DeleteFlowLogs", 1),
                ("DeleteRolePolicy", 1),
                ("DeleteRole", 1),
                ("DeleteLogGroup", 2),
            ],
        ),
        edit(
            "a third replica",
            json!({ "database": { "readReplicas": 3 } }),
            &[
                ("CreateDBInstanceReadReplica", 1),
                ("PutMetricAlarm", 1),
                ("PutDashboard", 1),
                // The instances read from it.
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
            ],
        ),
        edit(
            "one replica",
            json!({ "database": { "readReplicas": 1 } }),
            &[
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
                ("DeleteDBInstance", 2),
                ("DeleteAlarms", 2),
                ("PutDashboard", 1),
            ],
        ),
        edit(
            "the evening later, no working day",
            json!({ "compute": { "scaling": {
                "schedules": [{ "name": "evening", "cron": "0 21 * * *", "min": 3, "max": 6 }],
            } } }),
            &[("PutScheduledUpdateGroupAction", 1), ("DeleteScheduledAction", 1)],
        ),
        // The group has its numbers, so it is in force.
        edit(
            "more by night",
            json!({ "compute": { "scaling": {
                "schedules": [{ "name": "evening", "cron": "0 21 * * *", "min": 3, "max": 7 }],
            } } }),
            &[("UpdateAutoScalingGroup", 1), ("PutScheduledUpdateGroupAction", 1)],
        ),
        edit(
            "no schedules, and what they set",
            json!({ "compute": { "scaling": { "schedules": [] } } }),
            &[("DeleteScheduledAction", 1), ("UpdateAutoScalingGroup", 1)],
        ),
        edit(
            "more instances at most",
            json!({ "compute": { "replicas": { "max": 9 } } }),
            &[("UpdateAutoScalingGroup", 1)],
        ),
        edit(
            "scaling earlier",
            json!({ "compute": { "scaling": { "targetCPUUtilization": 45 } } }),
            &[("PutScalingPolicy", 1)],
        ),
        edit(
            "scaling by CPU alone",
            json!({ "compute": { "scaling": { "targetRequestsPerInstance": null } } }),
            &[("DeletePolicy", 1)],
        ),
        edit(
            "half of the instances on spot",
            json!({ "compute": { "spotPercent": 50 } }),
            &[("UpdateAutoScalingGroup", 1), ("StartInstanceRefresh", 1)],
        ),
        edit(
            "all on demand",
            json!({ "compute": { "spotPercent": 0 } }),
            &[("UpdateAutoScalingGroup", 1), ("StartInstanceRefresh", 1)],
        ),
        edit(
            "another instance type",
            json!({ "compute": { "instanceTypes": ["m7g.xlarge"] } }),
            &[("CreateLaunchTemplateVersion", 1), ("ModifyLaunchTemplate", 1), ("StartInstanceRefresh", 1)],
        ),
        // The database is copied first.
        edit(
            "another WordPress",
            json!({ "wordpress": { "version": "6.9.9" } }),
            &[
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("CreateDBSnapshot", 1),
                ("StartInstanceRefresh", 1),
            ],
        ),
        // The copy from before the last one goes once there is another.
        edit(
            "yet another WordPress",
            json!({ "wordpress": { "version": "7.0.7" } }),
            &[
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("CreateDBSnapshot", 1),
                ("StartInstanceRefresh", 1),
                ("DeleteDBSnapshot", 1),
            ],
        ),
        edit(
            "a larger cache",
            json!({ "cache": { "nodeType": "cache.t4g.medium" } }),
            &[("ModifyReplicationGroup", 1)],
        ),
        // The replica, and the primary.
        edit(
            "a larger database",
            json!({ "database": { "instanceClass": "db.m7g.xlarge" } }),
            &[("ModifyDBInstance", 2)],
        ),
        edit(
            "one way out for all zones",
            json!({ "network": { "natGateways": "Single" } }),
            &[("ReplaceRoute", 2), ("DeleteNatGateway", 2), ("ReleaseAddress", 2)],
        ),
        edit(
            "a way out in each zone",
            json!({ "network": { "natGateways": "PerZone" } }),
            &[("AllocateAddress", 2), ("CreateNatGateway", 2), ("ReplaceRoute", 2)],
        ),
        // The cache with its groups, its token and its alarms, and the instances' right to read the token.
        edit(
            "no cache",
            json!({ "cache": { "engine": "None" } }),
            &[
                // Instances are told.
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
                ("DeleteReplicationGroup", 1),
                ("DeleteCacheSubnetGroup", 1),
                ("DeleteCacheParameterGroup", 1),
                ("DeleteSecret", 1),
                ("DeleteAlarms", 6),
                ("PutDashboard", 1),
                ("PutRolePolicy", 1),
            ],
        ),
        edit(
            "a cache again",
            json!({ "cache": { "engine": "Valkey" } }),
            &[
                // Instances are told.
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
                ("CreateReplicationGroup", 1),
                ("CreateCacheSubnetGroup", 1),
                ("CreateCacheParameterGroup", 1),
                ("ModifyCacheParameterGroup", 1),
                ("CreateSecret", 1),
                ("PutMetricAlarm", 6),
                ("PutDashboard", 1),
                ("PutRolePolicy", 1),
            ],
        ),
        edit(
            "fewer logins, a network that may not come and one that always may",
            json!({ "firewall": {
                "loginRateLimit": 100,
                "allowCIDRs": ["203.0.113.0/24"],
                "denyCIDRs": ["198.51.100.0/24", "2001:db8::/32"],
            } }),
            &[("CreateIPSet", 3), ("UpdateWebACL", 1)],
        ),
        edit(
            "another network that may not come",
            json!({ "firewall": { "denyCIDRs": ["192.0.2.0/24", "2001:db8::/32"] } }),
            &[("UpdateIPSet", 1)],
        ),
        edit(
            "nobody is listed",
            json!({ "firewall": { "allowCIDRs": [], "denyCIDRs": [] } }),
            &[("UpdateWebACL", 1), ("DeleteIPSet", 3)],
        ),
        edit(
            "no firewall",
            json!({ "firewall": { "enabled": false } }),
            &[("UpdateDistribution", 1), ("DeleteWebACL", 1)],
        ),
        // The firewall goes from the distribution to the load balancer, and back.
        edit(
            "a firewall, and no content delivery network",
            json!({ "firewall": { "enabled": true }, "cdn": { "enabled": false } }),
            &[
                // Instances are told.
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
                ("AuthorizeSecurityGroupIngress", 4),
                ("SetSecurityGroups", 1),
                ("CreateWebACL", 1),
                ("AssociateWebACL", 1),
                ("UpdateDistribution", 1),
                ("RevokeSecurityGroupIngress", 2),
                ("DeleteSecurityGroup", 1),
                ("DeleteDistribution", 1),
                ("DeleteCachePolicy", 2),
                ("DeleteOriginAccessControl", 1),
                ("PutBucketPolicy", 1),
                ("DeleteCertificate", 1),
                ("PutDashboard", 1),
                // Visitors are let in again, whoever they come from.
                ("ModifyListener", 1),
                ("DeleteRule", 1),
                ("DeleteSecret", 1),
            ],
        ),
        edit(
            "a content delivery network again",
            json!({ "cdn": { "enabled": true } }),
            &[
                // Instances are told.
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
                ("CreateWebACL", 1),
                ("CreateCachePolicy", 2),
                ("CreateDistributionWithTags", 1),
                ("CreateSecurityGroup", 1),
                ("RevokeSecurityGroupEgress", 1),
                ("AuthorizeSecurityGroupIngress", 2),
                ("SetSecurityGroups", 1),
                ("RevokeSecurityGroupIngress", 4),
                ("DisassociateWebACL", 1),
                ("DeleteWebACL", 1),
                ("CreateOriginAccessControl", 1),
                ("PutBucketPolicy", 1),
                ("RequestCertificate", 1),
                ("PutDashboard", 1),
                ("CreateSecret", 1),
                ("CreateRule", 1),
                ("ModifyListener", 1),
            ],
        ),
        // Their buckets were kept, and are taken up again.
        edit(
            "all logs again",
            json!({
                "network": { "flowLogs": true },
                "loadBalancer": { "accessLogs": true },
                "cdn": { "accessLogs": true },
                "audit": { "cloudTrail": true },
                "firewall": { "logging": true },
            }),
            &[
                ("ModifyLoadBalancerAttributes", 1),
                ("PutDeliverySource", 1),
                ("PutDeliveryDestination", 1),
                ("CreateDelivery", 1),
                ("CreateTrail", 1),
                ("StartLogging", 1),
                ("CreateLogGroup", 2),
                ("PutRetentionPolicy", 2),
                ("PutLoggingConfiguration", 1),
                ("CreateRole", 1),
                ("PutRolePolicy", 1),
                ("CreateFlowLogs", 1),
            ],
        ),
        edit("logs for a week", json!({ "monitoring": { "logRetentionDays": 7 } }), &[("PutRetentionPolicy", 3)]),
        // Beside the old cache, which goes once the new one answers; with the rule that lets the instances reach it.
        edit(
            "Memcached",
            json!({ "cache": { "engine": "Memcached", "version": null, "uses": ["ObjectCache"] } }),
            &[
                // Instances are told.
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
                ("CreateCacheCluster", 1),
                ("AuthorizeSecurityGroupIngress", 1),
                ("PutRolePolicy", 1),
                ("DeleteReplicationGroup", 1),
                ("DeleteCacheParameterGroup", 1),
                ("DeleteSecret", 1),
                ("RevokeSecurityGroupIngress", 1),
                ("PutMetricAlarm", 2),
                ("DeleteAlarms", 4),
                ("PutDashboard", 1),
            ],
        ),
        edit("a node less", json!({ "cache": { "nodes": 1 } }), &[("ModifyCacheCluster", 1)]),
        edit(
            "other nodes",
            json!({ "cache": { "nodes": 2, "nodeType": "cache.m7g.large" } }),
            &[
                // Instances are told.
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
                ("CreateCacheCluster", 1),
                ("DeleteCacheCluster", 1),
                ("PutMetricAlarm", 2),
                ("PutDashboard", 1),
            ],
        ),
        edit(
            "Redis",
            json!({ "cache": { "engine": "Redis" } }),
            &[
                // Instances are told.
                ("CreateLaunchTemplateVersion", 1),
                ("ModifyLaunchTemplate", 1),
                ("StartInstanceRefresh", 1),
                ("CreateReplicationGroup", 1),
                ("CreateCacheParameterGroup", 1),
                ("ModifyCacheParameterGroup", 1),
                ("CreateSecret", 1),
                ("AuthorizeSecurityGroupIngress", 1),
                ("PutRolePolicy", 1),
                ("DeleteCacheCluster", 1),
                ("RevokeSecurityGroupIngress", 1),
                ("PutMetricAlarm", 6),
                ("PutDashboard", 1),
            ],
        ),
        edit(
            "an alarm earlier",
            json!({ "monitoring": { "thresholds": { "webCPUPercent": 70 } } }),
            &[("PutMetricAlarm", 1)],
        ),
        edit(
            "somebody else gets mail",
            json!({ "monitoring": { "notify": [{ "email": "late@example.com" }] } }),
            &[("Subscribe", 1)],
        ),
        // The topics of others, beside ours: fifteen alarms of numbers, and one of alarms; and the budget tells them too.
        edit(
            "another topic, too",
            json!({ "monitoring": { "notify": [{ "topicArn": "arn:aws:sns:us-east-1:210987654321:press" }] } }),
            &[("PutMetricAlarm", 15), ("PutCompositeAlarm", 1), ("DeleteBudget", 1), ("CreateBudget", 1)],
        ),
        edit("no alarms", json!({ "monitoring": { "alarms": false } }), &[("DeleteAlarms", 16), ("DeleteTopic", 1)]),
        // Nothing watches the database any more.
        edit(
            "no dashboard",
            json!({ "monitoring": { "dashboard": false } }),
            &[("DeleteDashboards", 1), ("ModifyDBInstance", 2), ("DetachRolePolicy", 1), ("DeleteRole", 1)],
        ),
        edit(
            "alarms again, for nobody",
            json!({ "monitoring": { "alarms": true, "notify": [] } }),
            &[
                ("CreateTopic", 1),
                ("SetTopicAttributes", 1),
                ("PutMetricAlarm", 15),
                ("PutCompositeAlarm", 1),
                ("CreateRole", 1),
                ("AttachRolePolicy", 1),
                ("ModifyDBInstance", 2),
                ("DeleteBudget", 1),
                ("CreateBudget", 1),
            ],
        ),
        edit("files kept for a day", json!({ "cdn": { "staticTTLSeconds": 86400 } }), &[("UpdateCachePolicy", 1)]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_edit_costs_the_writes_that_it_needs() -> Result<()> {
    let mut stage = Stage::new("edits", CloudKind::MiniStack).await?;
    stage.apply("gazette", sample("production.yaml")?).await?;
    stage.ready("gazette").await?;
    let mut wrong = vec![];
    for Edit { what, spec, writes } in edits() {
        let mark = stage.mark();
        stage.edit("gazette", spec).await?;
        let object = stage.ready("gazette").await?;
        exactly_once(&object, &stage.inventory().await?, &stage.stack("gazette"))?;
        let mut made = stage.writes_since(mark);
        if made.contains_key("CreateDistributionWithTags") {
            // It gets its names with its certificate: where that is issued at once, at its creation.
            made.remove("UpdateDistribution");
        }
        let expected: BTreeMap<_, _> = writes.iter().map(|(action, count)| ((*action).to_owned(), *count)).collect();
        if made != expected {
            wrong.push(format!("{what}: made {made:?}, expected {expected:?}"));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
