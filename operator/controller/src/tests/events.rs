//! Each distinct note is an event; what is the very same is counted; an object has its bounds.

use std::time::Duration;

use kube::Resource;
use wpc_engine::{Change, Disruption, Event, Id, Step, Verb};

use super::*;
use crate::events::Note;

fn updated(size: &str) -> Note {
    let change = Change { path: "size".into(), from: "1".into(), to: size.into(), disruption: Disruption::None };
    let step = Step { verb: Verb::Update, changes: vec![change] };
    Note::of(&Event::Done { component: "cache/group".into(), id: Id("c-1".into()), step }).expect("a note")
}

async fn tell(context: &Context, note: Note) {
    context.events.tell(&WordPressCluster::fixture().object_ref(&()), note).await;
}

/// The notes of new events, and the names and counts of those that came again.
fn told(kube: &Kube) -> (Vec<String>, Vec<String>) {
    let (new, again): (Vec<_>, Vec<_>) = kube.taken().into_iter().partition(|call| call.method == Method::POST);
    let name = |call: &Call| call.path.rsplit('/').next().unwrap_or_default().to_owned();
    let again: Vec<_> = again.iter().map(|call| format!("{} {}", name(call), call.body["series"]["count"])).collect();
    (new.iter().map(|call| call.body["note"].as_str().unwrap_or_default().to_owned()).collect(), again)
}

#[tokio::test(start_paused = true)]
async fn two_edits_of_one_component_are_two_events() {
    let (client, kube) = Kube::new();
    let context = context(client);
    tell(&context, updated("2")).await;
    let first = kube.taken()[0].body["metadata"]["name"].as_str().expect("a name").to_owned();
    for size in ["3", "2", "2"] {
        tell(&context, updated(size)).await;
    }
    let text = |size: &str| format!("cache/group (c-1): changed size: 1 -> {size}");
    assert_eq!(told(&kube), (vec![text("3")], vec![format!("{first} 2"), format!("{first} 3")]));
    // Long after, it is news.
    tokio::time::advance(Duration::from_secs(3600)).await;
    tell(&context, updated("2")).await;
    assert_eq!(told(&kube), (vec![text("2")], vec![]));
}

#[tokio::test]
async fn an_event_is_what_the_api_server_takes() {
    let (client, kube) = Kube::new();
    let context = context(client);
    tell(&context, Note::warning("Broken", "ä".repeat(2000))).await;
    let [call] = kube.taken().try_into().expect("one event");
    assert_eq!(call.path, "/apis/events.k8s.io/v1/namespaces/press/events");
    let text = |field: &str| call.body[field].as_str().unwrap_or_default().to_owned();
    assert_eq!([text("type"), text("reason"), text("action")], ["Warning", "Broken", "Reconcile"]);
    assert!(text("note").len() <= 1024 && text("note").ends_with("..."));
    assert!(!text("eventTime").is_empty() && !text("reportingController").is_empty());
    assert!(!text("reportingInstance").is_empty());
    assert_eq!(call.body["metadata"]["namespace"], "press");
    assert!(call.body["metadata"]["name"].as_str().is_some_and(|name| name.starts_with("gazette.")));
    assert_eq!(call.body["regarding"]["uid"], json!(WordPressCluster::fixture().metadata.uid));
}

#[tokio::test]
async fn an_event_that_was_deleted_is_told_anew() {
    let (client, kube) = Kube::with(|call| (call.method == Method::PATCH).then(|| refusal(404, "NotFound")));
    let context = context(client);
    tell(&context, updated("2")).await;
    tell(&context, updated("2")).await;
    assert_eq!(kube.words(), ["POST event", "PATCH event", "POST event"]);
}

#[tokio::test(start_paused = true)]
async fn one_object_does_not_flood_the_api() {
    let (client, kube) = Kube::new();
    let context = context(client);
    for size in 0..1000 {
        tell(&context, updated(&size.to_string())).await;
    }
    assert_eq!(kube.taken().len(), 500);
    tokio::time::advance(Duration::from_secs(30)).await;
    for size in 1000..2000 {
        tell(&context, updated(&size.to_string())).await;
    }
    assert_eq!(kube.taken().len(), 3);
    let other = WordPressCluster::fixture().named("press", "herald");
    let mut about = other.object_ref(&());
    about.uid = Some("another".into());
    context.events.tell(&about, updated("2")).await;
    assert_eq!(kube.taken().len(), 1, "others have bounds of their own");
}
