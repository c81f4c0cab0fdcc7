//! How a distribution is set up: where answers come from, what is cached under which path, and under which names it serves.

use std::collections::BTreeSet;

use wpc_engine::Id;

use super::media_origin::MediaOrigin;
use super::{ALL_VIEWER_AND_CLOUDFRONT_HEADERS, CACHING_DISABLED};
use crate::secret::Stored;

/// What is wanted of a distribution, and what is found.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Where answers come from.
    pub origin: Origin,
    /// The secret that lets it in there; nothing of what is found.
    pub secret: Option<Stored>,
    /// Where uploads come from, if they do not come from there.
    pub media: Option<MediaOrigin>,
    /// What is cached where, the first match first; the last one is for everything else.
    pub behaviours: Vec<Behaviour>,
    /// Which edge locations serve.
    pub price_class: String,
    /// Who may see it.
    pub countries: Countries,
    /// `http2and3`.
    pub http: String,
    /// Whether it has IPv6 addresses.
    pub ipv6: bool,
    /// The firewall before it.
    pub web_acl: Option<Id>,
    /// Under which names it serves; `None`: as it is, and only its own where it is made.
    pub names: Option<Names>,
}

/// Where answers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its name.
    pub domain: String,
    /// `http-only` or `https-only`; `None`: as it is, and plain where it is made.
    pub protocol: Option<String>,
    /// Its port for HTTP.
    pub port: i32,
    /// Seconds to wait for an answer.
    pub read_timeout: i32,
    /// The digest of the secret that it is sent; `None`: as it is.
    pub proof: Option<String>,
}

/// What is cached under one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// The path's pattern; `*` for everything else.
    pub path: String,
    /// Where answers come from, by the origin's name inside the distribution.
    pub origin: String,
    /// The cache policy.
    pub cache: Id,
    /// The origin request policy.
    pub forward: Option<Id>,
    /// `redirect-to-https`.
    pub viewers: String,
    /// What may be asked.
    pub methods: BTreeSet<String>,
    /// Whether answers are compressed.
    pub compress: bool,
}

/// Who may see it: `none` for everybody, `whitelist`, `blacklist`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countries {
    /// CloudFront's word.
    pub policy: String,
    /// Two letters each.
    pub codes: BTreeSet<String>,
}

/// Under which names a distribution serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Only its own.
    Own,
    /// These.
    Aliases {
        /// The names.
        names: BTreeSet<String>,
        /// Their certificate, in us-east-1.
        certificate: Id,
        /// The oldest TLS that is spoken, with its ciphers.
        tls: String,
    },
}

impl Names {
    /// These names, as browsers of this decade speak TLS.
    pub fn aliases(names: BTreeSet<String>, certificate: Id) -> Self {
        Self::Aliases { names, certificate, tls: "TLSv1.2_2021".into() }
    }
}

/// The load balancer's name inside a distribution.
pub const LOAD_BALANCER: &str = "load-balancer";

/// Everything else's pattern.
pub const DEFAULT: &str = "*";

impl Origin {
    /// The load balancer. Slow pages of WordPress get the longest time that CloudFront gives without being asked.
    pub fn load_balancer(domain: String, protocol: Option<&str>) -> Self {
        Self { domain, protocol: protocol.map(Into::into), port: 80, read_timeout: 60, proof: None }
    }

    /// It is sent a secret with this digest.
    #[must_use]
    pub fn proven(self, proof: Option<String>) -> Self {
        Self { proof, ..self }
    }
}

impl Behaviour {
    /// Everything may be asked under every path: plugins take forms under `/wp-content` too.
    pub fn new(path: &str, cache: Id) -> Self {
        let methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map(String::from).into();
        let (forward, viewers) = (Some(ALL_VIEWER_AND_CLOUDFRONT_HEADERS.into()), "redirect-to-https".into());
        Self { path: path.into(), origin: LOAD_BALANCER.into(), cache, forward, viewers, methods, compress: true }
    }

    /// What WordPress needs: administration and interfaces never cached, code and uploads as static files, everything
    /// else as pages. Without a policy for static files they are not cached either.
    pub fn of_wordpress(pages: Id, static_files: Option<Id>) -> Vec<Self> {
        let never = Id::from(CACHING_DISABLED);
        let static_files = static_files.unwrap_or_else(|| never.clone());
        vec![
            Self::new("/wp-admin/*", never.clone()),
            Self::new("/wp-login.php", never.clone()),
            Self::new("/wp-json/*", never),
            Self::new("/wp-content/*", static_files.clone()),
            Self::new("/wp-includes/*", static_files),
            Self::new(DEFAULT, pages),
        ]
    }
}

impl Countries {
    /// Everybody may.
    pub fn all() -> Self {
        Self { policy: "none".into(), codes: BTreeSet::new() }
    }
}

impl Desired {
    /// With what is left as it is.
    #[must_use]
    pub fn over(&self, have: &Self) -> Self {
        let protocol = self.origin.protocol.clone().or_else(|| have.origin.protocol.clone());
        let proof = self.origin.proof.clone().or_else(|| have.origin.proof.clone());
        let names = self.names.clone().or_else(|| have.names.clone());
        Self { origin: Origin { protocol, proof, ..self.origin.clone() }, names, ..self.clone() }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { domain, protocol, port, read_timeout, proof } = self;
        let proof = proof.as_ref().map(|proof| format!(", secret {proof}")).unwrap_or_default();
        write!(f, "{domain}:{port} ({}, {read_timeout} s{proof})", protocol.as_deref().unwrap_or_default())
    }
}

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own => f.write_str("its own"),
            Self::Aliases { names, certificate, tls } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                write!(f, "{} ({certificate}, {tls})", names.join(","))
            }
        }
    }
}

impl std::fmt::Display for Countries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes: Vec<&str> = self.codes.iter().map(String::as_str).collect();
        write!(f, "{} {}", self.policy, codes.join(","))
    }
}

impl std::fmt::Display for Behaviour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, origin, cache, forward, viewers, methods, compress } = self;
        let forward = forward.as_ref().map_or("nothing", Id::as_str);
        let compress = if *compress { "compressed" } else { "plain" };
        let methods = methods.len();
        write!(f, "{path}: from {origin}, cache {cache}, forward {forward}, {viewers}, {methods} methods, {compress}")
    }
}
