//! The services that the gateway knows, by the name they have in a signature's credential scope.

/// Elastic Compute Cloud.
pub const EC2: &str = "ec2";
/// Relational Database Service.
pub const RDS: &str = "rds";
/// ElastiCache.
pub const CACHE: &str = "elasticache";
/// Elastic Load Balancing (version 2).
pub const ELB: &str = "elasticloadbalancing";
/// Auto Scaling.
pub const SCALING: &str = "autoscaling";
/// Identity and Access Management.
pub const IAM: &str = "iam";
/// Security Token Service.
pub const STS: &str = "sts";
/// Elastic File System.
pub const EFS: &str = "elasticfilesystem";
/// CloudFront.
pub const CDN: &str = "cloudfront";
/// Secrets Manager.
pub const SECRETS: &str = "secretsmanager";
/// Certificate Manager.
pub const ACM: &str = "acm";
/// AWS Backup.
pub const BACKUP: &str = "backup";
/// Budgets.
pub const BUDGETS: &str = "budgets";
/// CloudTrail.
pub const TRAIL: &str = "cloudtrail";
/// CloudWatch.
pub const WATCH: &str = "monitoring";
/// Key Management Service.
pub const KMS: &str = "kms";
/// CloudWatch Logs.
pub const LOGS: &str = "logs";
/// Price List.
pub const PRICING: &str = "pricing";
/// Service Quotas.
pub const QUOTAS: &str = "servicequotas";
/// Route 53.
pub const DNS: &str = "route53";
/// Simple Storage Service.
pub const S3: &str = "s3";
/// Simple Notification Service.
pub const SNS: &str = "sns";
/// Web Application Firewall.
pub const WAF: &str = "wafv2";

/// How a service puts calls on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form in, XML with `item` lists out.
    Ec2,
    /// Form in, XML with `<Action>Result` out.
    Query,
    /// JSON in and out, action in `x-amz-target`.
    Json,
    /// CBOR in and out, the path names the action: Smithy RPC v2.
    Cbor,
    /// Method and path name the action, JSON bodies.
    RestJson,
    /// Method and path name the action, XML bodies.
    RestXml,
    /// Not known: forwarded as it is.
    Unknown,
}

/// One service.
#[derive(Debug)]
pub struct Service {
    /// Signing name.
    pub name: &'static str,
    /// Other names in use, such as the suffix of `AWS_ENDPOINT_URL_<SERVICE>`.
    pub also: &'static [&'static str],
    /// Wire protocol.
    pub protocol: Protocol,
    /// API version, for calls of our own.
    pub version: &'static str,
    /// XML namespace of its answers, prefix of its targets, or what its paths call it.
    pub namespace: &'static str,
}

const fn service(
    name: &'static str,
    also: &'static [&'static str],
    protocol: Protocol,
    version: &'static str,
    namespace: &'static str,
) -> Service {
    Service { name, also, protocol, version, namespace }
}

/// Every service of the table.
pub const SERVICES: &[Service] = &[
    service(EC2, &[], Protocol::Ec2, "2016-11-15", "http://ec2.amazonaws.com/doc/2016-11-15/"),
    service(RDS, &[], Protocol::Query, "2014-10-31", "http://rds.amazonaws.com/doc/2014-10-31/"),
    service(CACHE, &[], Protocol::Query, "2015-02-02", "http://elasticache.amazonaws.com/doc/2015-02-02/"),
    service(
        ELB,
        &["elbv2", "elastic_load_balancing_v2", "elasticloadbalancingv2"],
        Protocol::Query,
        "2015-12-01",
        "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    ),
    service(
        SCALING,
        &["auto_scaling"],
        Protocol::Query,
        "2011-01-01",
        "http://autoscaling.amazonaws.com/doc/2011-01-01/",
    ),
    service(IAM, &[], Protocol::Query, "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"),
    service(STS, &[], Protocol::Query, "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"),
    service(SECRETS, &["secrets_manager"], Protocol::Json, "2017-10-17", "secretsmanager"),
    service(EFS, &["efs"], Protocol::RestJson, "2015-02-01", ""),
    service(ACM, &[], Protocol::Json, "2015-12-08", "CertificateManager"),
    service(BACKUP, &[], Protocol::RestJson, "2018-11-15", ""),
    service(BUDGETS, &[], Protocol::Json, "2016-10-20", "AWSBudgetServiceGateway"),
    service(TRAIL, &[], Protocol::Json, "2013-11-01", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"),
    service(KMS, &[], Protocol::Json, "2014-11-01", "TrentService"),
    service(LOGS, &["cloudwatch_logs", "cloudwatchlogs"], Protocol::Json, "2014-03-28", "Logs_20140328"),
    service(PRICING, &[], Protocol::Json, "2017-10-15", "AWSPriceListService"),
    service(QUOTAS, &["service_quotas", "service-quotas"], Protocol::Json, "2019-06-24", "ServiceQuotasV20190624"),
    service(DNS, &["route_53"], Protocol::RestXml, "2013-04-01", "https://route53.amazonaws.com/doc/2013-04-01/"),
    service(S3, &[], Protocol::RestXml, "2006-03-01", "http://s3.amazonaws.com/doc/2006-03-01/"),
    service(SNS, &[], Protocol::Query, "2010-03-31", "http://sns.amazonaws.com/doc/2010-03-31/"),
    service(WAF, &[], Protocol::Json, "2019-07-29", "AWSWAF_20190729"),
    service(WATCH, &["cloudwatch"], Protocol::Cbor, "2010-08-01", "GraniteServiceVersion20100801"),
    service(CDN, &[], Protocol::RestXml, "2020-05-31", "http://cloudfront.amazonaws.com/doc/2020-05-31/"),
];

/// The signing names of all services.
pub fn names() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|service| service.name)
}

/// Looks a service up by any of its names.
pub fn find(name: &str) -> Option<&'static Service> {
    let name = name.to_ascii_lowercase();
    SERVICES.iter().find(|service| service.name == name || service.also.contains(&name.as_str()))
}

/// The signing name for any name of a service.
pub fn canonical(name: &str) -> String {
    find(name).map_or_else(|| name.to_ascii_lowercase(), |service| service.name.into())
}
