//! The last look at the lease, where a request's bytes leave.
//!
//! HTTP connections are tasks of their own. One that has been handed a request when the process is stopped would send
//! it when the process wakes, before the call itself is asked again. So the request's body, which the connection reads
//! right before it sends anything, asks too. A request without a body, such as a delete by id, has no such look.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::GivenUp;

/// Whether the right to write still lasts.
pub(crate) type Lasts = Arc<dyn Fn() -> bool + Send + Sync>;

tokio::task_local! {
    /// Of the write that is being made.
    pub(crate) static LASTS: Lasts;
}

/// The SDK's own client, with a last look at the lease.
pub(crate) fn client() -> SharedHttpClient {
    let tls = Provider::Rustls(CryptoMode::AwsLc);
    SharedHttpClient::new(Fenced(aws_smithy_http_client::Builder::new().tls_provider(tls).build_https()))
}

#[derive(Debug)]
struct Fenced<T>(T);

impl HttpClient for Fenced<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Fenced(self.0.http_connector(settings, components)))
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.validate_base_client_config(components, config)
    }

    fn validate_final_config(&self, components: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.0.validate_final_config(components, config)
    }
}

impl HttpConnector for Fenced<SharedHttpConnector> {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if let Ok(lasts) = LASTS.try_with(Arc::clone)
            && let Some(bytes) = request.body().bytes().filter(|bytes| !bytes.is_empty())
        {
            let body = Once { bytes: Some(Bytes::copy_from_slice(bytes)), lasts };
            *request.body_mut() = SdkBody::from_body_1_x(body);
        }
        self.0.call(request)
    }
}

/// A body in one piece that is only given while the right to write lasts.
struct Once {
    bytes: Option<Bytes>,
    lasts: Lasts,
}

impl Body for Once {
    type Data = Bytes;
    type Error = GivenUp;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, GivenUp>>> {
        let frame = self.bytes.take().map(|bytes| match (self.lasts)() {
            true => Ok(Frame::data(bytes)),
            false => Err(GivenUp::LeaseOver),
        });
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region};
    use axum::Router;
    use axum::body::Bytes as Received;

    use super::*;
    use crate::Leave;

    /// An EC2 that counts what reaches it, and a client of it.
    async fn ec2() -> (aws_sdk_ec2::Client, Arc<AtomicUsize>) {
        let reached = Arc::new(AtomicUsize::default());
        let count = reached.clone();
        let answer = move |body: Received| async move {
            assert!(body.starts_with(b"Action=CreateVpc"), "the whole body");
            count.fetch_add(1, Ordering::SeqCst);
            "<CreateVpcResponse><vpc><vpcId>vpc-1</vpcId></vpc></CreateVpcResponse>"
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let config = aws_sdk_ec2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .endpoint_url(format!("http://{address}"))
            .http_client(client())
            .build();
        (aws_sdk_ec2::Client::from_conf(config), reached)
    }

    /// Whether it was made, and what reached EC2.
    async fn create(lasts: impl Fn() -> bool + Send + Sync + 'static) -> (bool, usize) {
        let (ec2, reached) = ec2().await;
        let leave = Leave { longest: Duration::from_secs(20), lasts: Arc::new(lasts) };
        let made = leave.bound(ec2.create_vpc().send(), Result::is_err).await;
        (matches!(made, Ok(Ok(_))), reached.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn what_a_connection_was_handed_is_not_sent_after_the_lease() {
        assert_eq!(create(|| true).await, (true, 1));
        // In the call the lease lasts, in the connection it is over.
        assert_eq!(create(|| LASTS.try_with(|_| ()).is_ok()).await, (false, 0));
    }

    #[tokio::test]
    async fn who_needs_no_leave_is_not_asked() {
        let (ec2, reached) = ec2().await;
        assert!(ec2.create_vpc().send().await.is_ok());
        assert_eq!(reached.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_body_asks_before_it_gives_anything() {
        let mut body = Once { bytes: Some(Bytes::from_static(b"Action=CreateVpc")), lasts: Arc::new(|| false) };
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(16), false));
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        assert!(matches!(frame, Some(Err(GivenUp::LeaseOver))));
    }
}
