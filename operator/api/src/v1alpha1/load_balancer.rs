//! `spec.loadBalancer`: the door of the compute pool.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// The application load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadBalancer {
    /// Reachable only from inside the VPC.
    pub internal: bool,

    /// How it finds out which instances live.
    pub health_check: HealthCheck,

    /// A certificate of the site's region in ACM. Left out: one is requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), extend("x-kubernetes-validations" = [rule(
        "self.matches('^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$')",
        "loadBalancer.certificateArn is no certificate's ARN: write arn:aws:acm:<region>:<account>:certificate/<id>",
    )]))]
    pub certificate_arn: Option<String>,

    /// Which TLS versions and ciphers it speaks. See "Security policies for your Application Load Balancer".
    #[schemars(length(max = 100), extend("x-kubernetes-validations" = [rule(
        "self.matches('^ELBSecurityPolicy-[A-Za-z0-9-]+$')",
        "loadBalancer.tlsPolicy is none: write the name of an ELB security policy, such as ELBSecurityPolicy-TLS13-1-2-2021-06",
    )]))]
    pub tls_policy: String,

    /// Seconds after which an idle connection is closed, 1 to 4000.
    #[schemars(range(min = 1, max = 4000))]
    pub idle_timeout_seconds: u16,

    /// Keeps a log of requests in S3.
    pub access_logs: bool,

    /// AWS's own protection against deletion. Deleting the object switches it off as a step of deletion.
    pub deletion_protection: bool,
}

impl Default for LoadBalancer {
    fn default() -> Self {
        Self {
            internal: false,
            health_check: HealthCheck::default(),
            certificate_arn: None,
            tls_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".into(),
            idle_timeout_seconds: 60,
            access_logs: false,
            deletion_protection: true,
        }
    }
}

/// How the load balancer finds out which instances live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct HealthCheck {
    /// What it asks for. It must not need the database, or a failover would replace every instance.
    #[schemars(length(max = 255), extend("x-kubernetes-validations" = [rule(
        "self.matches('^/[A-Za-z0-9._~/-]*$')",
        "loadBalancer.healthCheck.path is no plain path: write one such as /health",
    )]))]
    pub path: String,
    /// Seconds from one check to the next, 5 to 300.
    #[schemars(range(min = 5, max = 300))]
    pub interval_seconds: u16,
    /// So many good answers make an instance healthy, 2 to 10.
    #[schemars(range(min = 2, max = 10))]
    pub healthy_threshold: u8,
    /// So many bad answers make it unhealthy, 2 to 10.
    #[schemars(range(min = 2, max = 10))]
    pub unhealthy_threshold: u8,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self { path: "/health".into(), interval_seconds: 15, healthy_threshold: 2, unhealthy_threshold: 3 }
    }
}
