//! The gateway before a tiny cloud of recorded answers, in one process, on virtual time.

mod deaf;
pub(crate) mod fake;
mod faults;
mod holds;
mod life;
mod memory;
mod proxy;
mod rows;
mod sessions;
mod stops;
mod tokens;

use std::time::Duration;

use super::protocol::{Answer, Request, Scope};
use super::upstream::Upstreams;
use super::{Config, Gateway, Profile};
use fake::Fake;

const REGION: &str = "eu-central-1";

/// A minute of AWS, in these tests: an hour, so that no real second counts.
const MINUTE: Duration = Duration::from_secs(3600);

/// A gateway, the cloud behind it, and a client before it.
struct Bench {
    cloud: Fake,
    gateway: Gateway,
    client: Upstreams,
}

impl Bench {
    async fn new(profile: Profile) -> Self {
        let cloud = Fake::start().await;
        let gateway = Gateway::start(Config::new(cloud.url()).profile(profile)).await.unwrap();
        let client = Upstreams::new(&gateway.url(), &Default::default()).unwrap();
        Self { cloud, gateway, client }
    }

    /// AWS's times, everything visible at once.
    async fn slow() -> Self {
        Self::new(Profile::aws(MINUTE).visible_after(0.0)).await
    }

    async fn instant() -> Self {
        Self::new(Profile::instant()).await
    }

    async fn call(&self, service: &str, action: &str, params: &[(&str, &str)]) -> Answer {
        self.client.forward(&build(service, action, params)).await.unwrap()
    }

    async fn call_with(&self, service: &str, action: &str, params: &[(&str, &str)], body: &str) -> Answer {
        self.client.forward(&with_body(build(service, action, params), body)).await.unwrap()
    }

    /// A client with connections of its own, as after a restart.
    fn restart(&mut self) {
        self.client = Upstreams::new(&self.gateway.url(), &Default::default()).unwrap();
    }

    /// Lets minutes of AWS pass.
    async fn minutes(&self, minutes: u32) {
        self.gateway.advance(MINUTE * minutes).await;
    }
}

fn build(service: &str, action: &str, params: &[(&str, &str)]) -> Request {
    Request::build(service, action, params, &Scope::new(REGION)).unwrap()
}

fn with_body(mut request: Request, body: &str) -> Request {
    request.body = body.to_owned().into();
    request
}

fn text(answer: &Answer, path: &str) -> Option<String> {
    answer.tree()?.text(path)
}

/// Status and error code.
fn error(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.error_code().unwrap_or_default())
}
