//! The SDK's clients for one account and region.

use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use wpc_engine::{Access, Action, Fault};

use crate::Role;
use crate::answer::Understood;
use crate::fault::fault;
use crate::wire;

/// Where a stack lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Scope {
    /// `aws`, `aws-cn` or `aws-us-gov`: the second part of every ARN.
    pub partition: String,
    /// The account's number.
    pub account: String,
    /// The region's name.
    pub region: String,
}

impl Scope {
    /// An ARN in this scope.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        self.arn_in(&self.region, service, resource)
    }

    /// An ARN in a region, perhaps another one.
    pub fn arn_in(&self, region: &str, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{resource}", self.partition, self.account)
    }

    /// An ARN of a service that knows no region.
    pub fn global_arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}::{}:{resource}", self.partition, self.account)
    }
}

/// Where CloudFront and what belongs to it lives.
pub(crate) const EDGE: &str = "us-east-1";

/// The longest that one call may take, the SDK's own repeats included.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(60);

/// Where credentials and endpoints come from.
#[derive(Clone)]
pub struct Login(Arc<dyn Fn() -> ConfigLoader + Send + Sync>);

impl Default for Login {
    /// The standard way: `AWS_*` variables, profiles, instance and pod identity.
    fn default() -> Self {
        let http = wire::client();
        Self::of(move || aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone()))
    }
}

impl Login {
    /// By a loader of one's own, such as one with static credentials and an endpoint.
    pub fn of(loader: impl Fn() -> ConfigLoader + Send + Sync + 'static) -> Self {
        Self(Arc::new(loader))
    }

    /// The SDK sets no time limits by itself.
    async fn config(&self, region: &str) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(20))
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        (self.0)()
            .region(Region::new(region.to_owned()))
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard())
            .load()
            .await
    }
}

/// A service's client, whose answers must say something.
macro_rules! client {
    ($sdk:ident, $config:expr) => {
        $sdk::Client::from_conf($sdk::config::Builder::from($config).interceptor(Understood).build())
    };
}

/// One client per service; cheap to clone.
///
/// `edge` clients speak to us-east-1, where CloudFront and what belongs to it lives. No kind names a region.
#[derive(Clone)]
pub struct Clients {
    pub(crate) scope: Scope,
    pub(crate) ec2: aws_sdk_ec2::Client,
    /// Without the SDK's repeats, for creates that nothing tells from a second one.
    pub(crate) ec2_once: aws_sdk_ec2::Client,
    pub(crate) rds: aws_sdk_rds::Client,
    pub(crate) efs: aws_sdk_efs::Client,
    pub(crate) elasticache: aws_sdk_elasticache::Client,
    pub(crate) elb: aws_sdk_elasticloadbalancingv2::Client,
    pub(crate) autoscaling: aws_sdk_autoscaling::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
    pub(crate) cloudfront: aws_sdk_cloudfront::Client,
    pub(crate) waf: aws_sdk_wafv2::Client,
    pub(crate) waf_edge: aws_sdk_wafv2::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) logs_edge: aws_sdk_cloudwatchlogs::Client,
    pub(crate) acm: aws_sdk_acm::Client,
    pub(crate) acm_edge: aws_sdk_acm::Client,
    pub(crate) budgets: aws_sdk_budgets::Client,
    pub(crate) pricing: aws_sdk_pricing::Client,
    pub(crate) quotas: aws_sdk_servicequotas::Client,
    pub(crate) route53: aws_sdk_route53::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    /// Without the SDK's repeats: nothing tells a key from a second one.
    pub(crate) kms_once: aws_sdk_kms::Client,
    pub(crate) trail: aws_sdk_cloudtrail::Client,
    pub(crate) backup: aws_sdk_backup::Client,
    /// What [`Clients::backup_in`] is made of.
    regional: SdkConfig,
}

impl Clients {
    /// Loads credentials and endpoints, assumes the role if there is one, and asks STS whose they are.
    pub async fn load(login: &Login, region: &str, role: Option<&Role>) -> Result<Self, Fault> {
        let own = login.config(region).await;
        let config = match role {
            Some(role) => role.assume(own).await,
            None => own,
        };
        let caller = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
        let whoami = Action { name: "sts:GetCallerIdentity", access: Access::Read };
        let caller = caller.map_err(|error| match role {
            Some(role) => role.advise(fault(whoami, error)),
            None => fault(whoami, error),
        })?;
        let account = whoami.id(caller.account())?.0;
        let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        // One set of credentials for both.
        let edge = config.to_builder().region(Region::from_static(EDGE)).build();
        Ok(Self::new(Scope { partition, account, region: region.to_owned() }, &config, &edge))
    }

    fn new(scope: Scope, regional: &SdkConfig, edge: &SdkConfig) -> Self {
        let once = aws_sdk_ec2::config::Builder::from(regional).retry_config(RetryConfig::disabled());
        let key_once = aws_sdk_kms::config::Builder::from(regional).retry_config(RetryConfig::disabled());
        Self {
            scope,
            ec2: client!(aws_sdk_ec2, regional),
            ec2_once: aws_sdk_ec2::Client::from_conf(once.interceptor(Understood).build()),
            rds: client!(aws_sdk_rds, regional),
            efs: client!(aws_sdk_efs, regional),
            elasticache: client!(aws_sdk_elasticache, regional),
            elb: client!(aws_sdk_elasticloadbalancingv2, regional),
            autoscaling: client!(aws_sdk_autoscaling, regional),
            iam: client!(aws_sdk_iam, edge),
            secrets: client!(aws_sdk_secretsmanager, regional),
            cloudfront: client!(aws_sdk_cloudfront, edge),
            waf: client!(aws_sdk_wafv2, regional),
            waf_edge: client!(aws_sdk_wafv2, edge),
            cloudwatch: client!(aws_sdk_cloudwatch, regional),
            sns: client!(aws_sdk_sns, regional),
            s3: client!(aws_sdk_s3, regional),
            logs: client!(aws_sdk_cloudwatchlogs, regional),
            logs_edge: client!(aws_sdk_cloudwatchlogs, edge),
            acm: client!(aws_sdk_acm, regional),
            acm_edge: client!(aws_sdk_acm, edge),
            budgets: client!(aws_sdk_budgets, edge),
            pricing: client!(aws_sdk_pricing, edge),
            quotas: client!(aws_sdk_servicequotas, regional),
            route53: client!(aws_sdk_route53, edge),
            kms: client!(aws_sdk_kms, regional),
            kms_once: aws_sdk_kms::Client::from_conf(key_once.interceptor(Understood).build()),
            trail: client!(aws_sdk_cloudtrail, regional),
            backup: client!(aws_sdk_backup, regional),
            regional: regional.clone(),
        }
    }

    /// AWS Backup in any region: copies go to another one.
    pub(crate) fn backup_in(&self, region: &str) -> aws_sdk_backup::Client {
        if region == self.scope.region {
            return self.backup.clone();
        }
        let config = self.regional.to_builder().region(Region::new(region.to_owned())).build();
        client!(aws_sdk_backup, &config)
    }

    /// AWS Backup in the region that an ARN names.
    pub(crate) fn backup_of(&self, arn: &str) -> aws_sdk_backup::Client {
        self.backup_in(arn.split(':').nth(3).filter(|region| !region.is_empty()).unwrap_or(&self.scope.region))
    }

    /// Whose they are.
    pub(crate) fn credentials(&self) -> Option<SharedCredentialsProvider> {
        self.regional.credentials_provider()
    }

    /// Where the clients lead.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}
