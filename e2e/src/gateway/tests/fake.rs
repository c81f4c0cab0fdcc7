//! A cloud that answers what it was told to.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::gateway::protocol::{Answer, Request};

/// Which recorded cloud.
pub const MINISTACK: &str = "ministack";

/// The body of a recorded answer, if that cloud knows the call.
pub fn recorded(cloud: &str, action: &str) -> Option<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/gateway/testdata");
    ["xml", "json"].iter().find_map(|form| std::fs::read_to_string(format!("{folder}/{cloud}/{action}.{form}")).ok())
}

#[derive(Debug, Default)]
struct World {
    answers: HashMap<String, Answer>,
    after: HashMap<String, Vec<(String, Answer)>>,
    seen: Vec<Request>,
}

/// The cloud.
#[derive(Debug)]
pub struct Fake {
    world: Arc<Mutex<World>>,
    /// Each call takes a permit for its answer; tests that take them away hold the cloud up.
    pub pace: Arc<Semaphore>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

type Shared = (Arc<Mutex<World>>, Arc<Semaphore>);

async fn answer(State((world, pace)): State<Shared>, request: axum::extract::Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let uri = parts.uri.path_and_query().unwrap().as_str();
    let request = Request::parse(parts.method, uri, parts.headers, body);
    let answer = {
        let mut world = world.lock().unwrap();
        let (service, action) = (request.service.clone(), request.action.clone());
        world.seen.push(request);
        let answer = world.answers.get(&action).cloned().or_else(|| {
            let mut answer = Answer::empty(200);
            answer.body =
                recorded(MINISTACK, &format!("{service}.{action}")).or_else(|| recorded(MINISTACK, &action))?.into();
            Some(answer)
        });
        for (other, body) in world.after.remove(&action).unwrap_or_default() {
            world.answers.insert(other, body);
        }
        answer.unwrap_or_else(|| Answer::empty(200))
    };
    let _turn = pace.acquire().await.unwrap();
    (answer.status, answer.headers, answer.body)
}

fn answer_of(status: u16, body: &str) -> Answer {
    let mut answer = Answer::empty(status);
    answer.body = body.to_owned().into();
    answer
}

impl Fake {
    /// Starts it: it answers MiniStack's recorded answers.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (world, pace) = (Arc::<Mutex<World>>::default(), Arc::new(Semaphore::new(1000)));
        let router = Router::new().fallback(answer).with_state((world.clone(), pace.clone()));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { world, pace, address, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Another answer to an action.
    pub fn put(&self, action: &str, status: u16, body: &str) {
        self.world.lock().unwrap().answers.insert(action.into(), answer_of(status, body));
    }

    /// Another answer to `other` once `action` was called.
    pub fn after(&self, action: &str, other: &str, body: &str) {
        let mut world = self.world.lock().unwrap();
        world.after.entry(action.into()).or_default().push((other.into(), answer_of(200, body)));
    }

    /// How often an action was called.
    pub fn count(&self, action: &str) -> usize {
        self.world.lock().unwrap().seen.iter().filter(|request| request.action == action).count()
    }

    /// The last call of an action.
    pub fn last(&self, action: &str) -> Option<Request> {
        self.world.lock().unwrap().seen.iter().rfind(|request| request.action == action).cloned()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}
