//! Token buckets and counters that every call passes, shared by the whole process.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use wpc_engine::{Access, Action, Class, Fault};

/// What a call is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CallLabels {
    /// `ec2`.
    pub service: &'static str,
    /// `CreateVpc`.
    pub operation: &'static str,
    /// `ok`, or the fault's reason.
    pub result: &'static str,
}

/// Calls by service, operation and result.
pub type Calls = Family<CallLabels, Counter>;

/// Token buckets by what their tokens are for.
pub(crate) type Buckets = Mutex<HashMap<Bucket, Arc<DefaultDirectRateLimiter>>>;

/// A pass does not wait longer than this for its turn: the next one comes back for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The way to AWS of one account and region: how fast calls may go, and how many went.
#[derive(Default)]
pub struct Gate {
    pub(crate) regional: Arc<Buckets>,
    /// Of the services that know no region.
    pub(crate) global: Arc<Buckets>,
    /// Calls by service, operation and result.
    pub(crate) calls: Calls,
}

/// What a bucket's tokens are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bucket {
    /// One action.
    Action(&'static str),
    /// Actions that cost AWS the most.
    Costly(&'static str),
    /// All reads or all writes of a service.
    Class(&'static str, Access),
    /// All calls of a service.
    Service(&'static str),
}

/// Tokens that a bucket holds, and gains in a second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate {
    burst: u32,
    second: f64,
}

impl Gate {
    /// Waits until the call may go. Where that is long from now, it is a fault that nothing was sent for.
    pub(crate) async fn pass(&self, action: Action) -> Result<(), Fault> {
        // A firewall's calls go to its region or to us-east-1: they share a bucket as if all went to one.
        let global = matches!(action.service(), "iam" | "cloudfront" | "budgets" | "wafv2");
        let buckets = if global { &self.global } else { &self.regional };
        for (name, rate) in rates(action) {
            let bucket = {
                let mut buckets = buckets.lock().expect("no panic while the buckets are held");
                buckets.entry(name).or_insert_with(|| Arc::new(RateLimiter::direct(rate.quota()))).clone()
            };
            let began = tokio::time::Instant::now();
            while let Err(early) = bucket.check() {
                let wait = early.wait_time_from(DefaultClock::default().now());
                if began.elapsed() + wait > PATIENCE {
                    let message =
                        format!("AWS takes few of these calls ({:.2} a second); waiting for a turn", rate.second);
                    return Err(Fault::new(Class::Busy, message).in_action(action));
                }
                tokio::time::sleep(wait).await;
            }
        }
        Ok(())
    }

    pub(crate) fn count(&self, action: Action, result: &'static str) {
        let labels = CallLabels { service: action.service(), operation: action.operation(), result };
        self.calls.get_or_create(&labels).inc();
    }
}

impl Rate {
    /// A part of what AWS publishes: half of the burst, since a restarted operator begins with full buckets and AWS's
    /// are not, and three quarters of the rest, since others use the account too.
    fn published(burst: u32, second: f64) -> Self {
        Self { burst: burst / 2, second: second * 0.75 }
    }

    /// Where AWS publishes none.
    fn ours(burst: u32, second: f64) -> Self {
        Self { burst, second }
    }

    fn quota(self) -> Quota {
        let burst = NonZeroU32::new(self.burst).expect("the table has no zero");
        Quota::with_period(Duration::from_secs_f64(1.0 / self.second)).expect("nor here").allow_burst(burst)
    }
}

/// The buckets that a call takes a token from.
///
/// See "Request throttling for the Amazon EC2 API" in its developer guide, "Request throttling" in the user guides of
/// Elastic Load Balancing and Amazon RDS, "CloudWatch service quotas" and "AWS WAF quotas": EC2 and AWS WAF count each
/// action, Elastic Load Balancing each category, and all calls together as RDS does. AWS WAF publishes no bursts: a second
/// or two of its rate.
fn rates(action: Action) -> Vec<(Bucket, Rate)> {
    let service = action.service();
    let own = Bucket::Action(action.name);
    let class = Bucket::Class(service, action.access);
    let all = Bucket::Service(service);
    match (service, action.operation(), action.access) {
        ("ec2", "CreateVpcEndpoint" | "ModifyVpcEndpoint" | "DeleteVpcEndpoints", _) => {
            vec![(own, Rate::published(4, 0.3))]
        }
        ("ec2", "CreateNatGateway" | "DeleteNatGateway", _) => vec![(own, Rate::published(10, 1.0))],
        // The smaller bucket of questions without a filter.
        ("ec2", "DescribeSecurityGroups" | "DescribeInstances" | "DescribeNetworkInterfaces", _) => {
            vec![(own, Rate::published(50, 10.0))]
        }
        ("ec2", _, Access::Read) => vec![(own, Rate::published(100, 20.0))],
        ("ec2", _, Access::Write) => vec![(own, Rate::published(50, 5.0))],
        ("elasticloadbalancing", operation, access) => {
            let category = match (operation, access) {
                ("CreateLoadBalancer" | "SetSubnets", _) => (Bucket::Costly(service), Rate::published(10, 0.2)),
                (_, Access::Read) => (class, Rate::published(40, 10.0)),
                (_, Access::Write) => (class, Rate::published(20, 3.0)),
            };
            vec![category, (all, Rate::published(40, 10.0))]
        }
        ("rds", ..) => vec![(all, Rate::published(300, 12.0))],
        // AWS publishes three and nine a second, and no burst.
        ("cloudwatch", "PutMetricAlarm" | "PutCompositeAlarm" | "DeleteAlarms", _) => vec![(own, Rate::ours(12, 2.25))],
        ("cloudwatch", "DescribeAlarms", _) => vec![(own, Rate::ours(9, 6.75))],
        ("cloudfront", _, Access::Write) => vec![(class, Rate::ours(10, 2.0))],
        ("wafv2", "AssociateWebACL" | "DisassociateWebACL", _) => vec![(own, Rate::published(2, 0.5))],
        ("wafv2", "ListResourcesForWebACL" | "GetWebACLForResource", _) => vec![(own, Rate::published(2, 1.0))],
        ("wafv2", _, Access::Read) => vec![(own, Rate::published(10, 5.0))],
        ("wafv2", _, Access::Write) => vec![(own, Rate::published(2, 1.0))],
        (_, _, Access::Read) => vec![(class, Rate::ours(50, 10.0))],
        (_, _, Access::Write) => vec![(class, Rate::ours(30, 5.0))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's own figures: what they are for, their burst and their rate.
    const PUBLISHED: &[(&[Action], u32, f64)] = &[
        (&[Action::write("ec2:CreateVpcEndpoint")], 4, 0.3),
        (&[Action::write("ec2:DeleteNatGateway")], 10, 1.0),
        (&[Action::write("ec2:CreateSecurityGroup")], 50, 5.0),
        (&[Action::read("ec2:DescribeVpcs")], 100, 20.0),
        (&[Action::write("elasticloadbalancing:CreateLoadBalancer")], 10, 0.2),
        (
            &[
                Action::write("elasticloadbalancing:CreateListener"),
                Action::write("elasticloadbalancing:DeleteTargetGroup"),
            ],
            20,
            3.0,
        ),
        (
            &[
                Action::write("elasticloadbalancing:CreateListener"),
                Action::read("elasticloadbalancing:DescribeLoadBalancers"),
            ],
            40,
            10.0,
        ),
        (&[Action::write("wafv2:AssociateWebACL")], 2, 0.5),
        (&[Action::read("wafv2:ListResourcesForWebACL")], 2, 1.0),
        (&[Action::write("wafv2:UpdateWebACL")], 2, 1.0),
        (&[Action::read("wafv2:ListWebACLs")], 10, 5.0),
        (&[Action::write("rds:CreateDBInstance"), Action::read("rds:DescribeDBInstances")], 300, 12.0),
    ];

    #[test]
    fn what_aws_counts_together_shares_a_bucket_under_its_rate() {
        for (actions, burst, second) in PUBLISHED {
            let shares =
                |bucket: &Bucket| actions.iter().all(|action| rates(*action).iter().any(|(own, _)| own == bucket));
            let under = |rate: Rate| rate.burst * 2 <= *burst && rate.second < *second;
            let found = rates(actions[0]).into_iter().any(|(bucket, rate)| shares(&bucket) && under(rate));
            assert!(found, "{actions:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_far_off_is_a_fault_and_no_wait() {
        let gate = Gate::default();
        let create = Action::write("elasticloadbalancing:CreateLoadBalancer");
        for _ in 0..5 {
            gate.pass(create).await.unwrap();
        }
        // The buckets keep real time, which stands still here beside tokio's.
        let fault = gate.pass(create).await.unwrap_err();
        assert_eq!(fault.class, Class::Busy);
        assert!(fault.message.contains("0.15 a second"), "{fault}");
        gate.pass(Action::read("elasticloadbalancing:DescribeLoadBalancers")).await.unwrap();
    }
}
