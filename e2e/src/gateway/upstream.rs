//! The clouds behind the gateway.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use http::{HeaderName, header};

use super::protocol::{Answer, Request, service};

/// Headers that belong to one connection only, or that would make the cloud compress.
const OURS: &[HeaderName] = &[
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::ACCEPT_ENCODING,
    header::EXPECT,
    header::TE,
    header::UPGRADE,
];

/// Which cloud answers for which service.
#[derive(Debug, Clone)]
pub struct Upstreams {
    default: String,
    services: BTreeMap<String, String>,
    http: reqwest::Client,
}

impl Upstreams {
    /// One cloud for everything, others for some services.
    pub fn new(default: &str, services: &BTreeMap<String, String>) -> Result<Self> {
        let trim = |url: &str| url.trim_end_matches('/').to_owned();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(120))
            .build()
            .context("HTTP client")?;
        let services = services.iter().map(|(name, url)| (service::canonical(name), trim(url))).collect();
        Ok(Self { default: trim(default), services, http })
    }

    /// The cloud of a service.
    pub fn of(&self, service: &str) -> &str {
        self.services.get(&service::canonical(service)).unwrap_or(&self.default)
    }

    /// Whether a service has no cloud of its own.
    pub fn is_default(&self, service: &str) -> bool {
        !self.services.contains_key(&service::canonical(service))
    }

    /// Hands a request on, as it came.
    pub async fn forward(&self, request: &Request) -> Result<Answer> {
        let url = format!("{}{}", self.of(&request.service), request.uri);
        let mut headers = request.headers.clone();
        OURS.iter().for_each(|name| {
            headers.remove(name);
        });
        let call = self.http.request(request.method.clone(), &url).headers(headers).body(request.body.clone());
        let response = call.send().await.with_context(|| format!("no answer from {url}"))?;
        let (status, mut headers) = (response.status(), response.headers().clone());
        OURS.iter().for_each(|name| {
            headers.remove(name);
        });
        let body = response.bytes().await.with_context(|| format!("half an answer from {url}"))?;
        Ok(Answer { status, headers, body })
    }
}
