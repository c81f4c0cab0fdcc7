//! One answer: the cloud's, rewritten, or one of our own.

use axum::body::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cbor;
use super::request::Request;
use super::service::{self, Protocol};
use super::tree::Tree;
use super::xml::Element;

/// Header that carries the error code in the JSON protocols; the SDK for Rust reads it first.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The type of bodies of Smithy RPC v2, the header that names it, and the one with the code of an error.
const CBOR: &str = "application/cbor";
const SMITHY: HeaderName = HeaderName::from_static("smithy-protocol");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// Status, headers and body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers, without those of the connection.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

/// Why AWS says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// AWS's error code on the wire.
    pub code: &'static str,
    /// What it says to people.
    pub message: String,
    /// Another field of the error, such as the id of what exists already.
    pub extra: Option<(&'static str, String)>,
}

impl Refusal {
    /// A refusal.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), extra: None }
    }

    /// With one more field.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.extra = Some((field, value.into()));
        self
    }
}

fn namespace(request: &Request) -> &'static str {
    service::find(&request.service).map_or("", |service| service.namespace)
}

impl Answer {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    fn of(status: u16, kind: &'static str, tree: &Tree) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        answer.put(tree);
        answer
    }

    /// An error as the request's protocol spells it.
    pub fn refusal(request: &Request, refusal: &Refusal) -> Self {
        let extra = refusal.extra.as_ref().map(|(field, value)| (*field, value.as_str()));
        Self::error(request, refusal.status, refusal.code, &refusal.message, extra)
    }

    /// An error of any code, with another field perhaps.
    pub fn error(request: &Request, status: u16, code: &str, message: &str, extra: Option<(&str, &str)>) -> Self {
        let id = Uuid::new_v4().to_string();
        let leaf = |name: &str, text: &str| Element::new(name).with_text(text);
        let mut error =
            Element::new("Error").with(leaf("Type", "Sender")).with(leaf("Code", code)).with(leaf("Message", message));
        let xml = |root: Element| Self::of(status, "text/xml", &Tree::Xml(root));
        match request.protocol() {
            Protocol::Ec2 => {
                error.children.remove(0);
                xml(Element::new("Response").with(Element::new("Errors").with(error)).with(leaf("RequestID", &id)))
            }
            // S3 wraps its errors in nothing.
            Protocol::RestXml if request.service == service::S3 => {
                error.children.remove(0);
                xml(error.with(leaf("RequestId", &id)))
            }
            Protocol::Query | Protocol::RestXml | Protocol::Unknown => {
                let root = Element::new("ErrorResponse").with_attribute("xmlns", namespace(request));
                xml(root.with(error).with(leaf("RequestId", &id)))
            }
            Protocol::Cbor => {
                let body = json!({"__type": code, "message": message});
                let mut answer = Self::of(status, CBOR, &Tree::Json(body));
                answer.headers.insert(SMITHY, HeaderValue::from_static("rpc-v2-cbor"));
                // The code as the Query protocol had it.
                let query = HeaderValue::from_str(&format!("{code};Sender"));
                answer.headers.extend(query.ok().map(|code| (QUERY_ERROR, code)));
                answer
            }
            protocol @ (Protocol::Json | Protocol::RestJson) => {
                let mut body = match protocol {
                    Protocol::Json => json!({"__type": code, "Message": message}),
                    _ => json!({"ErrorCode": code, "Message": message}),
                };
                if let Some((field, value)) = extra {
                    body[field] = Value::String(value.into());
                }
                let mut answer = Self::of(status, "application/json", &Tree::Json(body));
                answer.headers.extend(HeaderValue::from_str(code).ok().map(|code| (ERROR_TYPE, code)));
                answer
            }
        }
    }

    /// A success of the Query protocols: `<ActionResponse>`, with this in its result, or at its root for EC2.
    pub fn success(request: &Request, content: Vec<Element>) -> Self {
        let action = &request.action;
        let id = Uuid::new_v4().to_string();
        let mut root = Element::new(format!("{action}Response")).with_attribute("xmlns", namespace(request));
        if request.protocol() == Protocol::Ec2 {
            root.children = content;
            root = root.with(Element::new("requestId").with_text(id));
        } else {
            let result = Element { children: content, ..Element::new(format!("{action}Result")) };
            let metadata = Element::new("ResponseMetadata").with(Element::new("RequestId").with_text(id));
            root = root.with(result).with(metadata);
        }
        Self::of(200, "text/xml", &Tree::Xml(root))
    }

    /// A success of the JSON protocols.
    pub fn json(body: &Value) -> Self {
        Self::of(200, "application/x-amz-json-1.1", &Tree::Json(body.clone()))
    }

    /// Did it work?
    pub fn ok(&self) -> bool {
        self.status.is_success()
    }

    /// The body, parsed; `None` when there is none or it is no document.
    pub fn tree(&self) -> Option<Tree> {
        if cbor::is_map(&self.body) {
            return cbor::to_json(&self.body).map(Tree::Json);
        }
        match self.body.iter().find(|byte| !byte.is_ascii_whitespace())? {
            b'<' => Element::parse(&self.body).ok().map(Tree::Xml),
            b'{' | b'[' => serde_json::from_slice(&self.body).ok().map(Tree::Json),
            _ => None,
        }
    }

    /// Replaces the body, in the form that it has.
    pub fn put(&mut self, tree: &Tree) {
        let is_cbor = self.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == CBOR);
        self.body = match tree {
            Tree::Json(value) if is_cbor => cbor::from_json(value).into(),
            Tree::Xml(root) => root.to_document().into(),
            Tree::Json(value) => value.to_string().into(),
        };
    }

    /// AWS's error code, if this is an error that names one.
    pub fn error_code(&self) -> Option<String> {
        if self.ok() {
            return None;
        }
        let tree = self.tree()?;
        let paths = ["Errors/Error/Code", "Error/Code", "ErrorCode", "__type", "code", "Code"];
        let code = paths.iter().find_map(|path| tree.text(path))?;
        Some(code.rsplit('#').next().unwrap_or(&code).to_owned())
    }

    /// The error's message.
    pub fn error_message(&self) -> Option<String> {
        let tree = self.tree()?;
        let paths = ["Errors/Error/Message", "Error/Message", "Message", "message"];
        paths.iter().find_map(|path| tree.text(path))
    }

    /// AWS names the error of a JSON service in a header; MiniStack's and moto's EFS only in the body, where the
    /// SDK for Rust does not look.
    pub fn name_error_in_header(&mut self) {
        if self.ok() || self.headers.contains_key(ERROR_TYPE) || !matches!(self.tree(), Some(Tree::Json(_))) {
            return;
        }
        if let Some(value) = self.error_code().and_then(|code| HeaderValue::from_str(&code).ok()) {
            self.headers.insert(ERROR_TYPE, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::Scope;
    use super::*;

    #[test]
    fn a_refusal_is_read_back_in_every_protocol() {
        let scope = Scope::new("eu-central-1");
        let refusal = Refusal::new(409, "TooSoon", "come <later>").with("FileSystemId", "fs-1");
        for (service, action) in [
            ("ec2", "DescribeVpcs"),
            ("rds", "DescribeDBInstances"),
            ("secretsmanager", "ListSecrets"),
            ("efs", "DescribeFileSystems"),
            ("cloudfront", "ListDistributions"),
            ("cloudwatch", "DescribeAlarms"),
        ] {
            let request = Request::build(service, action, &[], &scope).unwrap();
            let answer = Answer::refusal(&request, &refusal);
            assert_eq!(answer.status, 409);
            assert_eq!(answer.error_code().as_deref(), Some("TooSoon"), "{service}");
            assert_eq!(answer.error_message().as_deref(), Some("come <later>"), "{service}");
        }
        let efs = Request::build("efs", "DescribeFileSystems", &[], &scope).unwrap();
        let answer = Answer::refusal(&efs, &refusal);
        assert_eq!(answer.tree().unwrap().text("FileSystemId").as_deref(), Some("fs-1"));
        assert_eq!(answer.headers[ERROR_TYPE], "TooSoon");
    }

    #[test]
    fn an_error_of_a_json_service_is_named_in_the_header() {
        let mut answer = Answer::empty(404);
        answer.body = Bytes::from_static(br#"{"ErrorCode": "FileSystemNotFound", "Message": "no"}"#);
        answer.name_error_in_header();
        assert_eq!(answer.headers[ERROR_TYPE], "FileSystemNotFound");
    }
}
