use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use wpc_engine::{Class, Fault, Report};

use super::*;
use crate::{Ended, http as served, metrics, run};

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer");
    text
}

#[tokio::test]
async fn it_is_alive_at_once_and_ready_when_every_watch_is_in_sync() {
    let (client, _) = Kube::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (unsynced, watched) = watch::channel(2);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) };
    let serving = tokio::spawn(served::serve(listener, context(client), watched, stopped));
    for (left, expected) in [(2, "HTTP/1.1 503"), (1, "HTTP/1.1 503"), (0, "HTTP/1.1 200")] {
        unsynced.send_replace(left);
        assert!(get(address, "/healthz").await.starts_with("HTTP/1.1 200"));
        let ready = get(address, "/readyz").await;
        assert!(ready.starts_with(expected), "{left}: {ready}");
        assert_eq!(left > 0, ready.contains("is the CRD installed?"));
    }
    let metrics = get(address, "/metrics").await;
    assert!(metrics.contains("content-type: application/openmetrics-text"), "{metrics}");
    assert!(
        metrics.contains("# TYPE wordpress_operator_pass_seconds histogram") && metrics.ends_with("# EOF\n"),
        "{metrics}"
    );
    let _ = stop.send(());
    serving.await.expect("no panic").expect("no error");
}

#[tokio::test]
async fn metrics_name_what_happened_and_forget_what_is_gone() {
    let (client, _) = Kube::new();
    let context = context(client);
    pass(&readable(WordPressCluster::fixture().paused()), &context).await.expect("a pass");
    let report = Report { unlisted: vec![("ec2/vpc", Fault::new(Class::Denied, "secret text"))], ..Report::default() };
    context.metrics.count("press", "gazette", &report);
    context.metrics.passes.get_or_create(&metrics::Result { result: "error" }).inc();
    let text = context.metrics.text();
    for line in [
        r#"wordpress_operator_passes_total{result="ok"} 1"#,
        r#"wordpress_operator_passes_total{result="error"} 1"#,
        "wordpress_operator_pass_seconds_count 1",
        r#"wordpress_operator_components{namespace="press",name="gazette",state="Ready"} 0"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("secret text"));
    let gone = WordPressCluster::fixture().deleting();
    pass(&readable(gone), &context).await.expect("a pass");
    assert!(!context.metrics.text().contains("gazette"));
}

/// An API with nothing in it, whose watches stay open.
fn empty(call: &Call) -> Option<(u16, Value)> {
    let list = json!({
        "apiVersion": "wordpresscluster.dev/v1alpha1", "kind": "WordPressClusterList",
        "metadata": { "resourceVersion": "1" }, "items": [],
    });
    match call.path.as_str() {
        "/api/v1/namespaces/kube-system" => Some((
            200,
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "kube-system", "uid": "u" } }),
        )),
        _ if call.query.contains("watch=true") => Some((0, Value::Null)),
        _ => Some((200, list)),
    }
}

fn local(namespaces: &[&str]) -> Config {
    let namespaces = namespaces.iter().map(|&name| name.to_owned()).collect();
    Config { http_addr: ([127, 0, 0, 1], 0).into(), namespaces, ..Config::default() }
}

#[tokio::test]
async fn it_watches_what_it_is_told_to_and_ends_when_asked() {
    let all = "/apis/wordpresscluster.dev/v1alpha1/wordpressclusters";
    let one = |namespace| format!("/apis/wordpresscluster.dev/v1alpha1/namespaces/{namespace}/wordpressclusters");
    for (namespaces, expected) in
        [(vec![], vec![all.to_owned()]), (vec!["press", "radio"], vec![one("press"), one("radio")])]
    {
        let (stop, stopped) = oneshot::channel::<()>();
        let stop = Mutex::new(Some(stop));
        let open = Mutex::new(namespaces.len().max(1));
        let (client, kube) = Kube::with(move |call| {
            // Asked to end once every watch is open.
            if call.query.contains("watch=true") {
                let mut open = open.lock().expect("no panic while held");
                *open -= 1;
                if *open == 0 {
                    stop.lock().expect("no panic while held").take().map(|stop| stop.send(()));
                }
            }
            empty(call)
        });
        run(client, local(&namespaces), wpc_aws::Accounts::default(), async move { drop(stopped.await) })
            .await
            .expect("a graceful end");
        let mut watched: Vec<_> =
            kube.taken().into_iter().filter(|c| c.query.contains("watch=true")).map(|c| c.path).collect();
        watched.sort();
        assert_eq!(watched, expected);
    }
}

#[tokio::test]
async fn it_does_not_start_without_knowing_who_it_is() {
    let (client, _) = Kube::with(|_| Some(refusal(403, "Forbidden")));
    let ended = run(client, local(&[]), wpc_aws::Accounts::default(), std::future::pending()).await;
    assert!(matches!(ended, Err(Ended::Identity(_))), "{ended:?}");
}
