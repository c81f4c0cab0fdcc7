//! A server in the place of AWS that answers every call as told, and the kinds of a stack that talk to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use wpc_aws::{Access, Account, Accounts, Labels, Login};
use wpc_blueprint::{Kinds, Stack};

/// One call, as far as an answer depends on it.
pub struct Call {
    /// `DescribeVpcs`.
    pub operation: String,
    pub protocol: Protocol,
    /// Which call it is, from 0.
    pub number: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// EC2, and what speaks AWS Query: XML whose root is named after the operation.
    Query,
    /// EFS, AWS Backup, KMS and Secrets Manager.
    Json,
    /// CloudFront.
    RestXml,
    /// CloudWatch.
    Cbor,
}

/// Where paths of EFS and AWS Backup begin.
const REST_JSON: [&str; 3] = ["/2015-02-01/", "/backup", "/tags/"];

type Answers = Arc<dyn Fn(&Call) -> Response + Send + Sync>;

#[derive(Clone)]
struct Server {
    answers: Answers,
    calls: Arc<AtomicUsize>,
}

/// The account that the server shows, and the number of calls so far.
pub async fn account(answers: impl Fn(&Call) -> Response + Send + Sync + 'static) -> (Account, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let server = Server { answers: Arc::new(answers), calls: calls.clone() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(answer).with_state(server);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let login = Login::of(move || {
        let keys = aws_credential_types::Credentials::new("AKIDEXAMPLE", "not-a-secret", None, None, "test");
        aws_config::defaults(aws_config::BehaviorVersion::latest()).credentials_provider(keys).endpoint_url(&endpoint)
    });
    let account = Accounts::default().login(login).open("eu-west-1", None).await.expect("STS answers");
    (account, calls)
}

/// The kinds of a stack in it.
pub fn kinds(account: &Account) -> Kinds {
    let stack = Stack::new("default", "press", "gazette");
    let labels = Labels { stack, operator: "uid-1".into(), user: BTreeMap::new(), adopt: false };
    account.kinds(labels, Access::ReadWrite)
}

async fn answer(State(server): State<Server>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8_lossy(&body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    if action == Some("GetCallerIdentity") {
        let result = "<GetCallerIdentityResult><Arn>arn:aws:iam::210987654321:user/press</Arn><Account>210987654321</Account></GetCallerIdentityResult>";
        return format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>").into_response();
    }
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()?.rsplit('.').next());
    let path = uri.path();
    let (protocol, operation) = match (action, target) {
        (Some(action), _) => (Protocol::Query, action.to_owned()),
        (None, Some(target)) => (Protocol::Json, target.to_owned()),
        (None, None) if path.contains("/operation/") => {
            (Protocol::Cbor, path.rsplit('/').next().unwrap_or_default().to_owned())
        }
        (None, None) if REST_JSON.iter().any(|start| path.starts_with(start)) => {
            (Protocol::Json, format!("{method} {path}"))
        }
        (None, None) => (Protocol::RestXml, format!("{method} {path}")),
    };
    let number = server.calls.fetch_add(1, Ordering::SeqCst);
    (server.answers)(&Call { operation, protocol, number })
}
