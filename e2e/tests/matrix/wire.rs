//! The wire between one life's operators and AWS: under the SDK, so that its own repeats pass here too.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader};
use aws_credential_types::Credentials;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use http::{HeaderMap, HeaderName, HeaderValue};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use wpc_e2e::gateway::protocol::answer::Refusal;
use wpc_e2e::gateway::protocol::{Answer, Request};

/// What happens to calls on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Every call fails once before it takes effect.
    EachFails,
    /// Every call takes effect, and its answer is lost once.
    EachLost,
    /// So many calls of a hundred fail or lose their answer, and at most so many in all.
    Some {
        /// Of a hundred calls.
        percent: u32,
        /// In all.
        most: u32,
    },
    /// The n-th call fails, or its answer is lost.
    Nth {
        /// Counts from 1.
        n: u64,
        /// Does it take effect?
        lost: bool,
        /// Count writes only?
        writes: bool,
    },
}

/// What one call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lot {
    Passes,
    /// Refused, or not even connected.
    Fails(u8),
    /// It takes effect, and its answer is lost.
    Lost,
}

/// A guard of the operator taken away, to see that the matrix notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mutation {
    /// Every create has a client token that nobody has seen before.
    FreshTokens,
    /// What is theirs looks like ours.
    Blind {
        /// The stack tag of somebody else.
        theirs: String,
        /// Ours.
        ours: String,
    },
}

/// The wire of one life; its memory outlives the operators.
#[derive(Debug)]
pub struct Wire {
    mutation: Option<Mutation>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    trouble: Option<Trouble>,
    random: StdRng,
    /// Calls by what they ask, with the SDK's invocation that met trouble.
    seen: HashMap<u64, (String, Lot)>,
    /// The lot of each invocation, for trouble that does not ask what a call asks.
    drawn: HashMap<String, Lot>,
    count: u64,
    struck: u32,
}

impl Wire {
    /// A wire that works.
    pub fn new(seed: u64, mutation: Option<Mutation>) -> Arc<Self> {
        let (seen, drawn) = Default::default();
        let random = StdRng::seed_from_u64(seed);
        Arc::new(Self {
            mutation,
            inner: Mutex::new(Inner { trouble: None, random, seen, drawn, count: 0, struck: 0 }),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this trouble; what was counted is counted anew.
    pub fn set(&self, trouble: Option<Trouble>) {
        let mut inner = self.inner();
        (inner.trouble, inner.count, inner.struck) = (trouble, 0, 0);
        inner.drawn.clear();
    }

    /// Is there trouble now?
    pub fn troubled(&self) -> bool {
        self.inner().trouble.is_some()
    }

    /// How many calls met trouble since it was set.
    pub fn struck(&self) -> u32 {
        self.inner().struck
    }

    /// A loader of the SDK's configuration: this account, this endpoint, this wire.
    pub fn loader(self: &Arc<Self>, account: &str, url: &str) -> ConfigLoader {
        aws_config::defaults(BehaviorVersion::latest())
            .credentials_provider(Credentials::new(account, "secret", None, None, "matrix"))
            .endpoint_url(url)
            .sleep_impl(Hasty)
            .http_client(self.client())
    }

    /// A client per loader: pooled connections belong to the operator's runtime.
    fn client(self: &Arc<Self>) -> SharedHttpClient {
        let (wire, below) = (self.clone(), aws_smithy_http_client::Builder::new().build_http());
        http_client_fn(move |settings, components| {
            let connector = below.http_connector(settings, components);
            SharedHttpConnector::new(Connector { wire: wire.clone(), connector })
        })
    }

    fn lot(&self, call: &Request, invocation: &str) -> Lot {
        let mut inner = self.inner();
        // STS only says who we are.
        let Some(trouble) = inner.trouble.filter(|_| call.service != "sts") else { return Lot::Passes };
        let asks = asks(call);
        let lot = match trouble {
            Trouble::EachFails | Trouble::EachLost => match inner.seen.get(&asks) {
                // Half of the calls fail as often as the SDK repeats them, so that the operator hears of it.
                Some((first, lot)) if first == invocation && asks.is_multiple_of(2) => *lot,
                Some(_) => Lot::Passes,
                None => {
                    let lot = match trouble {
                        Trouble::EachLost => Lot::Lost,
                        _ => Lot::Fails(asks.to_le_bytes()[1] % 4),
                    };
                    inner.seen.insert(asks, (invocation.to_owned(), lot));
                    lot
                }
            },
            Trouble::Some { percent, most } => {
                if let Some(lot) = inner.drawn.get(invocation) {
                    *lot
                } else {
                    let hit = inner.struck < most && inner.random.random_range(0..100) < percent;
                    let lot = match (hit, inner.random.random()) {
                        (false, _) => Lot::Passes,
                        (true, true) => Lot::Lost,
                        (true, false) => Lot::Fails(inner.random.random_range(0..4)),
                    };
                    inner.drawn.insert(invocation.to_owned(), lot);
                    lot
                }
            }
            Trouble::Nth { n, lost, writes } => {
                if let Some(lot) = inner.drawn.get(invocation) {
                    *lot
                } else {
                    inner.count += u64::from(!writes || !call.is_read());
                    let counts = !writes || !call.is_read();
                    let lot = match (counts && inner.count == n, lost) {
                        (false, _) => Lot::Passes,
                        (true, true) => Lot::Lost,
                        (true, false) => Lot::Fails(n.to_le_bytes()[0] % 4),
                    };
                    inner.drawn.insert(invocation.to_owned(), lot);
                    lot
                }
            }
        };
        inner.struck += u32::from(lot != Lot::Passes);
        lot
    }
}

/// The same call asks the same, whatever secret it carries.
fn asks(call: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&call.service, &call.action, call.params.masked()).hash(&mut hasher);
    hasher.finish()
}

/// The SDK's pauses between its repeats, shortened; its time limits as they are.
#[derive(Debug)]
struct Hasty;

impl AsyncSleep for Hasty {
    fn sleep(&self, duration: Duration) -> Sleep {
        let pause = duration < Duration::from_secs(5);
        Sleep::new(tokio::time::sleep(if pause { duration / 20 } else { duration }))
    }
}

#[derive(Debug)]
struct Connector {
    wire: Arc<Wire>,
    connector: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if self.wire.mutation.is_none() && !self.wire.troubled() {
            return self.connector.call(request);
        }
        let call = parse(&request);
        let invocation = request.headers().get("amz-sdk-invocation-id").unwrap_or_default().to_owned();
        let lot = self.wire.lot(&call, &invocation);
        if self.wire.mutation == Some(Mutation::FreshTokens) {
            refresh(&call, &mut request);
        }
        let (wire, connector) = (self.wire.clone(), self.connector.clone());
        HttpConnectorFuture::new(async move {
            match lot {
                Lot::Fails(how) => fail(&call, how),
                Lot::Lost => {
                    connector.call(request).await?;
                    Err(ConnectorError::io("the connection broke before the answer".into()))
                }
                Lot::Passes => match &wire.mutation {
                    Some(Mutation::Blind { theirs, ours }) => blind(connector.call(request).await?, theirs, ours).await,
                    _ => connector.call(request).await,
                },
            }
        })
    }
}

/// Ways for a call to fail without effect.
fn fail(call: &Request, how: u8) -> Result<HttpResponse, ConnectorError> {
    let (status, code) = match how {
        0 => (503, "RequestLimitExceeded"),
        1 => (500, "InternalError"),
        2 => (503, "ServiceUnavailable"),
        _ => return Err(ConnectorError::io("tcp connect error: Connection refused".into())),
    };
    let mut answer = Answer::refusal(call, &Refusal::new(status, code, "not now"));
    answer.name_error_in_header();
    let mut response =
        HttpResponse::new(answer.status.as_u16().try_into().expect("a status"), SdkBody::from(answer.body.to_vec()));
    for (name, value) in &answer.headers {
        response.headers_mut().insert(name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned());
    }
    Ok(response)
}

fn parse(request: &HttpRequest) -> Request {
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    let body = request.body().bytes().unwrap_or_default().to_vec();
    let uri: http::Uri = request.uri().parse().unwrap_or_default();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Request::parse(request.method().parse().unwrap_or_default(), path, headers, body.into())
}

/// Writes another client token into a create.
fn refresh(call: &Request, request: &mut HttpRequest) {
    const TOKENS: &[&str] = &["ClientToken", "CreationToken", "CallerReference", "ClientRequestToken"];
    let create = call.action.starts_with("Create");
    let Some(token) = TOKENS.iter().find_map(|name| call.params.find(name)).filter(|_| create) else { return };
    let body = String::from_utf8_lossy(&call.body).replace(token, &uuid::Uuid::new_v4().simple().to_string());
    let length = body.len().to_string();
    *request.body_mut() = SdkBody::from(body);
    request.headers_mut().insert("content-length", length);
}

/// Writes our stack's name over theirs in an answer.
async fn blind(response: HttpResponse, theirs: &str, ours: &str) -> Result<HttpResponse, ConnectorError> {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = ByteStream::new(response.into_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    // CloudWatch's answers are no text, and show nobody's tags.
    let body = match std::str::from_utf8(&body) {
        Ok(text) => text.replace(theirs, ours).into_bytes(),
        Err(_) => body.to_vec(),
    };
    let mut blinded = HttpResponse::new(status, SdkBody::from(body));
    for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")) {
        blinded.headers_mut().insert(name.to_owned(), value.to_owned());
    }
    Ok(blinded)
}
