//! One call, understood.

use anyhow::{Context, Result, bail};
use axum::body::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::{Value, json};

use super::cbor;
use super::params::Params;
use super::route;
use super::service::{self, Protocol, Service};
use super::xml::Element;

/// Who calls, and where: the credential scope of a signature.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Access key id; emulators derive the account from it.
    pub access_key: String,
    /// AWS region.
    pub region: String,
}

impl Scope {
    /// A scope with the access key that emulators expect.
    pub fn new(region: &str) -> Self {
        Self { access_key: "test".into(), region: region.into() }
    }

    /// Where a service is at home: those without regions are signed for one.
    #[must_use]
    pub fn home(&self, service: &str) -> Self {
        let region = if [service::IAM, service::CDN, service::DNS, service::BUDGETS].contains(&service) {
            "us-east-1"
        } else {
            &self.region
        };
        Self { access_key: self.access_key.clone(), region: region.into() }
    }

    /// In another account.
    #[must_use]
    pub fn account(mut self, access_key: &str) -> Self {
        access_key.clone_into(&mut self.access_key);
        self
    }
}

/// A request: as it came, and what it means.
#[derive(Debug, Clone)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path and query.
    pub uri: String,
    /// Headers as they came.
    pub headers: HeaderMap,
    /// Body as it came.
    pub body: Bytes,
    /// Signing name of the service, or `unknown`.
    pub service: String,
    /// Action, or method and path where it is not known.
    pub action: String,
    /// Credential scope.
    pub scope: Scope,
    /// The role that it is made under, by its ARN.
    pub role: Option<String>,
    /// What it asks.
    pub params: Params,
    /// Who asks: the SDK's app name, else the first word of the user agent.
    pub client: String,
}

impl Request {
    /// Understands an HTTP request. Never fails: what is not understood is forwarded as it is.
    pub fn parse(method: Method, uri: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (service, scope) = scope(&headers);
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let (action, params) = understand(&service, &method, (path, query), &headers, &body)
            .unwrap_or_else(|| (format!("{method} {path}"), Params::from_form(query)));
        let client = client(&headers);
        Self { uri: uri.into(), method, headers, body, service, action, scope, role: None, params, client }
    }

    /// A call of our own, unsigned: emulators want the credential scope only, to route by.
    pub fn build(service: &str, action: &str, params: &[(&str, &str)], scope: &Scope) -> Result<Self> {
        let service = service::find(service).with_context(|| format!("unknown service {service}"))?;
        let mut headers = HeaderMap::new();
        let credential = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{}/aws4_request, SignedHeaders=host, Signature=00",
            scope.access_key, scope.region, service.name
        );
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&credential)?);
        headers.insert(header::USER_AGENT, HeaderValue::from_static("app/wpc-gateway"));
        let (method, uri, body) = encode(service, action, params, &mut headers)?;
        Ok(Self::parse(method, &uri, headers, body))
    }

    /// Another body than its parameters make: XML, or JSON in the form that the service takes.
    pub fn put(&mut self, body: &str) -> Result<()> {
        self.body = match self.protocol() {
            Protocol::Cbor => cbor::from_json(&serde_json::from_str(body)?).into(),
            _ => body.to_owned().into(),
        };
        Ok(())
    }

    /// The wire protocol.
    pub fn protocol(&self) -> Protocol {
        service::find(&self.service).map_or(Protocol::Unknown, |service| service.protocol)
    }

    /// Does the action only look?
    pub fn is_read(&self) -> bool {
        const READS: &[&str] =
            &["Describe", "List", "Get", "Head", "Lookup", "Search", "BatchGet", "Assume", "GET ", "HEAD "];
        READS.iter().any(|prefix| self.action.starts_with(prefix)) || self.params.get("DryRun") == Some("true")
    }
}

fn scope(headers: &HeaderMap) -> (String, Scope) {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential = authorization.split_once("Credential=").map_or("", |(_, rest)| rest);
    let mut parts = credential.split([',', ' ']).next().unwrap_or_default().split('/');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (access_key, _date, region, name) = (next(), next(), next(), next());
    let name = if name.is_empty() { "unknown".into() } else { service::canonical(&name) };
    (name, Scope { access_key, region })
}

fn client(headers: &HeaderMap) -> String {
    let agents = [HeaderName::from_static("x-amz-user-agent"), header::USER_AGENT];
    let agents: Vec<&str> = agents.iter().filter_map(|name| headers.get(name)?.to_str().ok()).collect();
    let app = agents.iter().find_map(|agent| agent.split(' ').find_map(|word| word.strip_prefix("app/")));
    app.or_else(|| agents.last()?.split(' ').next()).unwrap_or_default().to_owned()
}

fn understand(
    service: &str,
    method: &Method,
    (path, query): (&str, &str),
    headers: &HeaderMap,
    body: &Bytes,
) -> Option<(String, Params)> {
    let json = || Params::from_json(&serde_json::from_slice(body).unwrap_or_default());
    if let Some(target) = headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
        return Some((target.rsplit('.').next()?.to_owned(), json()));
    }
    let mut params = Params::from_form(query);
    match service::find(service).map_or(Protocol::Unknown, |service| service.protocol) {
        protocol @ (Protocol::RestJson | Protocol::RestXml) => {
            let (action, in_path) = route::action(service, method, path, query)?;
            in_path.iter().for_each(|(name, value)| params.push(name, value));
            if protocol == Protocol::RestJson {
                params.extend(json());
            } else if let Ok(root) = Element::parse(body) {
                params.extend(Params::from_xml(&root));
            }
            Some((action, params))
        }
        Protocol::Cbor => {
            let action = path.rsplit_once("/operation/")?.1;
            params.extend(Params::from_json(&cbor::to_json(body).unwrap_or_default()));
            Some((action.to_owned(), params))
        }
        Protocol::Json => None,
        Protocol::Ec2 | Protocol::Query | Protocol::Unknown => {
            params.extend(Params::from_form(std::str::from_utf8(body).unwrap_or_default()));
            Some((params.get("Action")?.to_owned(), params.without("Action").without("Version")))
        }
    }
}

fn form(params: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

/// Parameters by their `Dotted.1.Names`, as objects and lists.
fn nested(params: &[(&str, &str)]) -> Value {
    let mut root = json!({});
    for (name, value) in params {
        let slot = name.split('.').fold(&mut root, |at, part| match part.parse::<usize>() {
            Ok(number) => {
                if !at.is_array() {
                    *at = json!([]);
                }
                let items = at.as_array_mut().expect("it is a list now");
                items.resize(items.len().max(number), Value::Null);
                &mut items[number.saturating_sub(1)]
            }
            Err(_) => {
                if !at.is_object() {
                    *at = json!({});
                }
                &mut at[part]
            }
        });
        *slot = Value::from(*value);
    }
    root
}

fn encode(
    service: &Service,
    action: &str,
    params: &[(&str, &str)],
    headers: &mut HeaderMap,
) -> Result<(Method, String, Bytes)> {
    let mut content = |kind: &'static str| headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    match service.protocol {
        Protocol::Ec2 | Protocol::Query => {
            content("application/x-www-form-urlencoded");
            let body = form(&[&[("Action", action), ("Version", service.version)], params].concat());
            Ok((Method::POST, "/".into(), body.into()))
        }
        Protocol::Json => {
            content("application/x-amz-json-1.1");
            headers.insert("x-amz-target", HeaderValue::from_str(&format!("{}.{action}", service.namespace))?);
            Ok((Method::POST, "/".into(), nested(params).to_string().into()))
        }
        Protocol::Cbor => {
            content("application/cbor");
            headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
            let path = format!("/service/{}/operation/{action}", service.namespace);
            Ok((Method::POST, path, cbor::from_json(&nested(params)).into()))
        }
        Protocol::RestJson | Protocol::RestXml => {
            let (method, pattern, marker) = route::of_action(service.name, action).context("no such REST action")?;
            let mut path = match route::is_versioned(service.name) {
                true => format!("/{}/{pattern}", service.version),
                false => format!("/{pattern}"),
            };
            let mut query: Vec<String> =
                Some(marker.to_owned()).into_iter().filter(|marker| !marker.is_empty()).collect();
            for (name, value) in params {
                let quoted = |part: &str| {
                    percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC).to_string()
                };
                let (slot, whole) = (format!("{{{name}}}"), format!("{{{name}+}}"));
                if path.contains(&slot) {
                    path = path.replace(&slot, &quoted(value));
                } else if path.contains(&whole) {
                    let parts: Vec<String> = value.split('/').map(quoted).collect();
                    path = path.replace(&whole, &parts.join("/"));
                } else {
                    query.push(form(&[(name, value)]));
                }
            }
            let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
            Ok((method, format!("{path}{query}"), Bytes::new()))
        }
        Protocol::Unknown => bail!("cannot speak to {}", service.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(service: &str, target: Option<&'static str>, method: Method, uri: &str, body: &'static str) -> Request {
        let mut headers = HeaderMap::new();
        let value = format!(
            "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-central-1/{service}/aws4_request, SignedHeaders=host"
        );
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        headers.insert(header::USER_AGENT, HeaderValue::from_static("aws-sdk-rust/1.3 os/linux app/wpc lang/rust"));
        if let Some(target) = target {
            headers.insert("x-amz-target", HeaderValue::from_static(target));
        }
        Request::parse(method, uri, headers, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn every_protocol_is_understood() {
        let ec2 = parse("ec2", None, Method::POST, "/", "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16");
        assert_eq!((ec2.service.as_str(), ec2.action.as_str(), ec2.is_read()), ("ec2", "CreateVpc", false));
        assert_eq!(ec2.params.get("CidrBlock"), Some("10.0.0.0/16"));
        assert_eq!(ec2.scope, Scope { access_key: "AKIA".into(), region: "eu-central-1".into() });
        assert_eq!(ec2.client, "wpc");
        let secret =
            parse("secretsmanager", Some("secretsmanager.DescribeSecret"), Method::POST, "/", r#"{"SecretId":"s"}"#);
        assert_eq!(
            (secret.action.as_str(), secret.params.get("SecretId"), secret.is_read()),
            ("DescribeSecret", Some("s"), true)
        );
        let efs = parse("elasticfilesystem", None, Method::DELETE, "/2015-02-01/mount-targets/fsmt-1", "");
        assert_eq!((efs.action.as_str(), efs.params.get("MountTargetId")), ("DeleteMountTarget", Some("fsmt-1")));
        let cdn = parse(
            "cloudfront",
            None,
            Method::PUT,
            "/2020-05-31/distribution/E1/config",
            "<DistributionConfig><Enabled>false</Enabled></DistributionConfig>",
        );
        assert_eq!((cdn.action.as_str(), cdn.params.find("Enabled")), ("UpdateDistribution", Some("false")));
        let bucket = parse("s3", None, Method::PUT, "/bucket", "");
        assert_eq!((bucket.service.as_str(), bucket.action.as_str(), bucket.is_read()), ("s3", "CreateBucket", false));
        let other = parse("s3", None, Method::POST, "/bucket/a?uploads", "");
        assert_eq!((other.action.as_str(), other.is_read()), ("POST /bucket/a", false));
    }

    #[test]
    fn what_we_build_we_understand() {
        let scope = Scope::new("eu-central-1");
        for (service, action, params) in [
            ("ec2", "DescribeVpcs", [("VpcId.1", "vpc-1")]),
            ("rds", "DescribeDBInstances", [("DBInstanceIdentifier", "db")]),
            ("secretsmanager", "DescribeSecret", [("SecretId", "arn:aws:x")]),
            ("efs", "DescribeMountTargets", [("FileSystemId", "fs-1")]),
            ("cloudfront", "GetDistribution", [("Id", "E1")]),
            ("cloudwatch", "DescribeAlarms", [("AlarmNames.1", "a")]),
            ("s3", "GetBucketPolicy", [("Bucket", "media")]),
        ] {
            let request = Request::build(service, action, &params, &scope).unwrap();
            assert_eq!(request.action, action);
            assert_eq!(request.service, service::canonical(service));
            assert_eq!(request.params.get(params[0].0), Some(params[0].1), "{action}");
            assert_eq!(request.scope, scope);
        }
        let key = [("Bucket", "media"), ("Key", "a/b c.png")];
        assert_eq!(Request::build("s3", "GetObject", &key, &scope).unwrap().uri, "/media/a/b%20c%2Epng");
        assert!(Request::build("nothing", "X", &[], &scope).is_err());
    }
}
