//! How many calls AWS takes: token buckets at its published rates, for each account and region, by the wall clock.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::protocol::service::{EC2, ELB, RDS, SECRETS};
use super::protocol::{Request, Scope};

/// One of AWS's limits.
#[derive(Debug)]
pub struct Limit {
    /// Signing name of the service.
    pub service: &'static str,
    /// The calls that draw from it.
    pub of: Of,
    /// Has each action a bucket of its own, or do they share one?
    pub each: bool,
    /// Tokens that the bucket holds.
    pub capacity: u32,
    /// Tokens that it gains in a second.
    pub refill: f64,
    /// The AWS page it follows.
    pub page: &'static str,
}

/// Calls that a limit is about. A call draws from the first limit of its service that names it, and from those on all.
#[derive(Debug)]
pub enum Of {
    /// These actions.
    Actions(&'static [&'static str]),
    /// These actions, when asked without a filter or a page's length.
    Unfiltered(&'static [&'static str]),
    /// Reads that no other limit names.
    Reads,
    /// Writes that no other limit names.
    Writes,
    /// Every call, beside its own limit.
    All,
}

const EC2_PAGE: &str = "Amazon EC2 Developer Guide: Request throttling for the Amazon EC2 API";
const ELB_PAGE: &str = "Elastic Load Balancing User Guide: Request throttling for the Elastic Load Balancing API";
const RDS_PAGE: &str = "Amazon RDS User Guide: Request throttling for the Amazon RDS API";
const SECRETS_PAGE: &str = "AWS Secrets Manager User Guide: AWS Secrets Manager quotas";
const ROUTE53_PAGE: &str = "Amazon Route 53 Developer Guide: Throttling for Amazon Route 53 API requests";

const fn each(service: &'static str, of: Of, capacity: u32, refill: f64, page: &'static str) -> Limit {
    Limit { service, of, each: true, capacity, refill, page }
}

const fn shared(service: &'static str, of: Of, capacity: u32, refill: f64, page: &'static str) -> Limit {
    Limit { service, of, each: false, capacity, refill, page }
}

const UNFILTERED: &[&str] = &[
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSpotInstanceRequests",
    "DescribeVolumes",
];

/// Every limit that AWS publishes and that our calls can meet.
pub const LIMITS: &[Limit] = &[
    each(EC2, Of::Actions(&["CreateVpcEndpoint", "ModifyVpcEndpoint", "DeleteVpcEndpoints"]), 4, 0.3, EC2_PAGE),
    each(EC2, Of::Actions(&["CreateNatGateway", "DeleteNatGateway"]), 10, 1.0, EC2_PAGE),
    each(EC2, Of::Actions(&["CreateLaunchTemplateVersion", "ModifyLaunchTemplate"]), 100, 5.0, EC2_PAGE),
    each(EC2, Of::Actions(&["CreateTags", "DeleteTags"]), 100, 10.0, EC2_PAGE),
    each(EC2, Of::Actions(&["RunInstances", "StartInstances"]), 5, 2.0, EC2_PAGE),
    each(EC2, Of::Actions(&["TerminateInstances", "CreateVolume", "CreateSnapshot"]), 100, 5.0, EC2_PAGE),
    each(EC2, Of::Unfiltered(UNFILTERED), 50, 10.0, EC2_PAGE),
    each(EC2, Of::Reads, 100, 20.0, EC2_PAGE),
    each(EC2, Of::Writes, 50, 5.0, EC2_PAGE),
    shared(ELB, Of::Actions(&["CreateLoadBalancer", "SetSubnets"]), 10, 0.2, ELB_PAGE),
    shared(ELB, Of::Actions(&["RegisterTargets", "DeregisterTargets"]), 20, 4.0, ELB_PAGE),
    shared(ELB, Of::Reads, 40, 10.0, ELB_PAGE),
    shared(ELB, Of::Writes, 20, 3.0, ELB_PAGE),
    shared(ELB, Of::All, 40, 10.0, ELB_PAGE),
    shared(RDS, Of::All, 300, 12.0, RDS_PAGE),
    shared(SECRETS, Of::Actions(&["ListSecrets"]), 100, 100.0, SECRETS_PAGE),
    each(SECRETS, Of::Writes, 50, 50.0, SECRETS_PAGE),
    shared("route53", Of::All, 50, 10.0, ROUTE53_PAGE),
];

impl Limit {
    fn names(&self, request: &Request) -> bool {
        let is = |actions: &[&str]| actions.contains(&request.action.as_str());
        let narrow =
            |(name, _): (&str, &str)| name.starts_with("Filter") || name == "MaxResults" || name == "NextToken";
        match self.of {
            Of::Actions(actions) => is(actions),
            Of::Unfiltered(actions) => is(actions) && !request.params.iter().any(narrow),
            Of::Reads => request.is_read(),
            Of::Writes => !request.is_read(),
            Of::All => false,
        }
    }

    /// The bucket's name, for people.
    fn bucket(&self, request: &Request) -> String {
        let what = match self.of {
            _ if self.each => request.action.as_str(),
            Of::Actions(actions) | Of::Unfiltered(actions) => actions.first().copied().unwrap_or_default(),
            Of::Reads => "reads",
            Of::Writes => "writes",
            Of::All => "all",
        };
        format!("{}:{what} {} at {}/s", self.service, self.capacity, self.refill)
    }
}

/// The limits that a call draws from.
pub fn limits(request: &Request) -> impl Iterator<Item = &'static Limit> {
    let of_service = || LIMITS.iter().filter(|limit| limit.service == request.service);
    let own = of_service().find(|limit| limit.names(request));
    own.into_iter().chain(of_service().filter(|limit| matches!(limit.of, Of::All)))
}

/// The buckets that calls have drawn from.
#[derive(Debug, Default)]
pub struct Buckets(Mutex<HashMap<(Scope, String), Arc<DefaultDirectRateLimiter>>>);

impl Buckets {
    /// Draws a token from each bucket of a call; the name of the one that is empty, if one is.
    pub fn draw(&self, request: &Request) -> Option<String> {
        limits(request).find_map(|limit| {
            let name = limit.bucket(request);
            let bucket = {
                let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let bucket = buckets.entry((request.scope.clone(), name.clone()));
                bucket.or_insert_with(|| Arc::new(RateLimiter::direct(quota(limit)))).clone()
            };
            bucket.check().is_err().then_some(name)
        })
    }
}

fn quota(limit: &Limit) -> Quota {
    let one = Duration::from_secs_f64(1.0 / limit.refill);
    let burst = NonZeroU32::new(limit.capacity).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(one).unwrap_or(Quota::per_second(burst)).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(service: &str, action: &str, params: &[(&str, &str)], region: &str) -> Request {
        Request::build(service, action, params, &Scope::new(region)).unwrap()
    }

    fn drawn(service: &str, action: &str, params: &[(&str, &str)]) -> Vec<(u32, f64)> {
        limits(&request(service, action, params, "r")).map(|limit| (limit.capacity, limit.refill)).collect()
    }

    #[test]
    fn a_call_draws_from_its_own_limit_and_from_those_on_all() {
        assert_eq!(drawn("ec2", "CreateVpcEndpoint", &[]), [(4, 0.3)]);
        assert_eq!(drawn("ec2", "DescribeVpcs", &[]), [(100, 20.0)]);
        assert_eq!(drawn("ec2", "CreateVpc", &[]), [(50, 5.0)]);
        assert_eq!(drawn("ec2", "DescribeSecurityGroups", &[("GroupId.1", "sg-1")]), [(50, 10.0)]);
        assert_eq!(drawn("ec2", "DescribeSecurityGroups", &[("Filter.1.Name", "vpc-id")]), [(100, 20.0)]);
        assert_eq!(drawn("elbv2", "CreateLoadBalancer", &[]), [(10, 0.2), (40, 10.0)]);
        assert_eq!(drawn("elbv2", "DescribeTags", &[]), [(40, 10.0), (40, 10.0)]);
        assert_eq!(drawn("rds", "CreateDBInstance", &[]), [(300, 12.0)]);
        assert_eq!(drawn("iam", "CreateRole", &[]), [], "AWS publishes none");
    }

    #[test]
    fn a_bucket_holds_so_many_and_belongs_to_its_account_region_and_action() {
        let buckets = Buckets::default();
        let draw = |action: &str, region: &str| buckets.draw(&request("ec2", action, &[], region));
        // Three seconds refill one: no test is that slow for four calls.
        for _ in 0..4 {
            assert_eq!(draw("CreateVpcEndpoint", "r"), None);
        }
        assert_eq!(draw("CreateVpcEndpoint", "r").as_deref(), Some("ec2:CreateVpcEndpoint 4 at 0.3/s"));
        assert_eq!(draw("DeleteVpcEndpoints", "r"), None);
        assert_eq!(draw("CreateVpcEndpoint", "other"), None);
        let elsewhere =
            Request { scope: Scope::new("r").account("2"), ..request("ec2", "CreateVpcEndpoint", &[], "r") };
        assert_eq!(buckets.draw(&elsewhere), None);
    }

    #[test]
    fn actions_of_one_category_share_where_aws_says_so() {
        let buckets = Buckets::default();
        let draw = |action: &str| buckets.draw(&request("elbv2", action, &[], "r"));
        assert!((0..10).all(|_| draw("CreateLoadBalancer").is_none()));
        assert!(draw("SetSubnets").is_some());
    }

    #[test]
    fn every_limit_names_its_page() {
        assert!(LIMITS.iter().all(|limit| !limit.page.is_empty() && limit.capacity > 0 && limit.refill > 0.0));
    }
}
