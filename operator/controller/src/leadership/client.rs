//! The one gate to Kubernetes: whatever writes, writes as the leader.

use std::sync::Arc;

use axum::http::{Request, Response};
use kube::Client;
use kube::client::Body;
use tower::{BoxError, service_fn};

use super::Leadership;

/// A client that reads always and writes only with leave.
pub(crate) fn fenced(client: Client, leadership: &Arc<Leadership>) -> Client {
    let namespace = client.default_namespace().to_owned();
    let leadership = leadership.clone();
    let gate = service_fn(move |request: Request<Body>| {
        let (client, leadership) = (client.clone(), leadership.clone());
        async move {
            if request.method().is_safe() {
                return Ok(client.send(request).await?);
            }
            let leave = leadership.kubernetes().ok_or("this replica does not lead, so it writes nothing")?;
            let unclear = |answer: &kube::Result<Response<Body>>| {
                answer.as_ref().map_or(true, |response| response.status().is_server_error())
            };
            Ok::<_, BoxError>(leave.bound(client.send(request), unclear).await??)
        }
    });
    Client::new(gate, namespace)
}
