//! Every row of the table against the recorded answers of both clouds.

use super::super::lifecycle::{Phase, dress};
use super::super::protocol::{Answer, Request, Scope, Tree};
use super::super::table::{self, Create, Row, Tags};
use super::super::{record, record::STACK_TAG};
use super::fake::recorded;

/// What a cloud cannot do at all; the harness sends these services elsewhere.
const LACKS: &[(&str, &str)] = &[
    ("moto", "DescribeBudgets"),
    ("moto", "DescribeBudget"),
    ("moto", "DescribeAlarms"),
    ("moto", "ListDashboards"),
    ("moto", "DescribeInstanceRefreshes"),
    ("moto", "DescribeCacheParameterGroups"),
    ("moto", "ListCachePolicies"),
    ("moto", "GetCachePolicy"),
    ("moto", "ListBackupVaults"),
    ("moto", "DescribeBackupVault"),
    ("moto", "ListBackupPlans"),
    ("moto", "GetBackupPlan"),
    ("moto", "ListBackupSelections"),
    ("moto", "ListRecoveryPointsByBackupVault"),
    ("moto", "ListBackupJobs"),
    ("moto", "DescribeBackupJob"),
    ("moto", "ListRestoreJobs"),
    ("moto", "DescribeRestoreJob"),
    ("moto", "ListOriginAccessControls"),
    ("moto", "GetOriginAccessControl"),
    ("moto", "ListBuckets"),
    ("moto", "DescribeTrails"),
];

const CLOUDS: [&str; 2] = ["ministack", "moto"];

fn answer(cloud: &str, action: &str) -> Option<Answer> {
    let mut answer = Answer::empty(200);
    answer.body = recorded(cloud, action)?.into();
    Some(answer)
}

/// What the recorded call made, by the row alone.
fn made(cloud: &str, row: &Row, create: &Create) -> Option<String> {
    let answer = answer(cloud, create.action)?;
    // An alarm, and one that speaks of it.
    let alarm = if create.action == "PutCompositeAlarm" { "c1" } else { "a1" };
    // Only the names that the answers leave out are needed from the request.
    let names = [
        ("AutoScalingGroupName", "asg-a"),
        ("PolicyName", "pol-a"),
        ("ScheduledActionName", "act-a"),
        ("Bucket", "bucket-a"),
        ("logGroupName", "/wordpresscluster/default/ns/a/web"),
        ("Budget.BudgetName", "bud-a"),
        ("AlarmName", alarm),
        ("DashboardName", "a-dashboard"),
        ("name", "log-a"),
    ];
    let mut request = Request::build("autoscaling", create.action, &names, &Scope::new("eu-central-1")).unwrap();
    request.service = row.service.into();
    let made = record::made(&request, &answer);
    assert_eq!(made.len(), 1, "{cloud} {}: {made:?}", create.action);
    made.into_iter().next()
}

fn find(row: &Row, items: &[Tree], id: &str) -> Option<Tree> {
    items.iter().find(|item| row.id_of(item).as_deref() == Some(id)).cloned()
}

#[test]
fn every_list_shows_what_the_create_made() {
    for cloud in CLOUDS {
        for row in table::rows() {
            let list = &row.reads[0];
            // What one call makes, changes and deletes shows no id in its answer.
            if row.kind == "route53/record" {
                continue;
            }
            let Some(list_answer) = answer(cloud, list.action) else {
                assert!(LACKS.contains(&(cloud, list.action)), "{cloud} has no recorded {}", list.action);
                continue;
            };
            let items = list_answer.tree().unwrap().items(list.items);
            let ids: Vec<String> = row.creates.iter().filter_map(|create| made(cloud, row, create)).collect();
            assert!(!ids.is_empty(), "{cloud}: nothing recorded makes a {}", row.kind);
            for id in ids {
                let item = find(row, &items, &id).unwrap_or_else(|| panic!("{cloud} {}: no {id}", row.kind));
                assert!(row.name_of(&item).is_some(), "{}: no name", row.kind);
                assert!(row.means(&row.name_of(&item).unwrap(), &item));
                if let Tags::Inside(path) = row.tags {
                    let is_ours =
                        |tag: &Tree| ["Key", "key"].iter().any(|key| tag.text(key).as_deref() == Some(STACK_TAG));
                    assert!(item.items(path).iter().any(is_ours), "{cloud} {}: no tags at {path}", row.kind);
                }
            }
        }
    }
}

#[test]
fn every_read_by_id_shows_an_item() {
    for cloud in CLOUDS {
        for row in table::rows() {
            for read in row.reads {
                let Some(answer) = answer(cloud, read.action) else {
                    // A secret's value is not recorded: its answer has the shape of DescribeSecret.
                    let known = LACKS.contains(&(cloud, read.action)) || read.action == "GetSecretValue";
                    assert!(known, "{cloud} has no recorded {}", read.action);
                    continue;
                };
                let items = answer.tree().unwrap().items(read.items);
                if (cloud, read.action) == ("moto", "DescribeCacheClusters") && read.mirror.is_some() {
                    continue; // moto does not list the clusters of replication groups
                }
                let id = |item: &Tree| read.mirror.as_ref().map_or(row.id_of(item), |mirror| item.text(mirror.id));
                assert!(!items.is_empty() && items.iter().all(|item| id(item).is_some()), "{cloud} {}", read.action);
            }
        }
    }
}

#[test]
fn every_state_is_where_the_row_says() {
    for cloud in CLOUDS {
        for row in table::rows() {
            for read in row.reads {
                let states = read.mirror.as_ref().map_or(row.states, |mirror| Some(mirror.states));
                let (Some(states), Some(answer)) = (states, answer(cloud, read.action)) else { continue };
                for item in answer.tree().unwrap().items(read.items) {
                    // Auto Scaling shows a status only while it deletes.
                    let shown = item.text(states.path);
                    assert!(shown.is_some() || row.kind == "autoscaling/group", "{cloud} {} {}", row.kind, states.path);
                    for (phase, word) in [
                        (Phase::Creating, states.creating),
                        (Phase::Modifying, states.modifying),
                        (Phase::Deleting, states.deleting),
                    ] {
                        let mut dressed = item.clone();
                        dress(&states, &phase.into(), &mut dressed);
                        let want = if word.is_empty() { shown.clone() } else { Some(word.to_owned()) };
                        assert_eq!(dressed.text(states.path), want, "{} {phase:?}", row.kind);
                        for path in states.hidden {
                            let hidden = dressed.items(path).is_empty();
                            assert!(hidden || phase != Phase::Creating, "{} shows {path}", row.kind);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn what_a_row_hides_is_there_to_be_hidden() {
    // MiniStack leaves a NAT gateway's addresses out altogether; moto has them.
    for (kind, cloud, path) in [
        ("rds/instance", "ministack", "Endpoint"),
        ("rds/instance", "moto", "Endpoint"),
        ("elasticache/replication-group", "ministack", "NodeGroups"),
        ("elasticache/replication-group", "moto", "NodeGroups"),
        ("ec2/nat-gateway", "moto", "natGatewayAddressSet/*/publicIp"),
        ("autoscaling/instance-refresh", "ministack", "PercentageComplete"),
    ] {
        let row = table::row(kind).unwrap();
        assert!(row.states.unwrap().hidden.contains(&path));
        let list = answer(cloud, row.reads[0].action).unwrap().tree().unwrap();
        let items = list.items(row.reads[0].items);
        assert!(items.iter().all(|item| !item.items(path).is_empty()), "{cloud} {kind} {path}");
    }
}

#[test]
fn rows_are_complete_and_name_each_action_once() {
    let mut kinds = std::collections::BTreeSet::new();
    for row in table::rows() {
        assert!(kinds.insert(row.kind), "{} twice", row.kind);
        assert!(!row.id.is_empty() && !row.reads.is_empty() && !row.creates.is_empty(), "{}", row.kind);
        assert!(
            row.deletes.is_empty()
                == ["autoscaling/instance-refresh", "backup/restore-job", "route53/record"].contains(&row.kind),
            "{}",
            row.kind
        );
        for delete in row.deletes.iter().filter(|delete| delete.secs > 0) {
            let states = row.states.unwrap_or_else(|| panic!("{} deletes slowly without a state", row.kind));
            assert!(!states.deleting.is_empty());
            assert_eq!(table::deletes(row.service, delete.action).count(), 1);
            assert!(row.reads.iter().any(|read| !read.ask.is_empty()), "{} cannot be asked for by id", row.kind);
        }
        for owner in row.owner.iter().map(|owner| owner.0).chain(row.under.iter().map(|under| under.kind)) {
            assert!(table::row(owner).is_some(), "{}: no kind {owner}", row.kind);
        }
    }
    assert_eq!(kinds.len(), 65);
}
