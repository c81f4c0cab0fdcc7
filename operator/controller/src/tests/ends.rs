use kube::ResourceExt;
use wpc_api::annotations::{FINALIZER, SCOPE};

use super::*;

fn finalizers(kube: &Kube) -> Value {
    let calls = kube.taken();
    let write = calls.iter().find(|call| call.word() == "PATCH object").unwrap_or_else(|| panic!("{calls:?}"));
    assert_eq!(write.body["metadata"]["resourceVersion"], "707", "somebody else's change would be lost");
    write.body["metadata"]["finalizers"].clone()
}

#[tokio::test]
async fn a_deleted_object_without_our_finalizer_is_left_alone() {
    let (client, kube) = Kube::new();
    let mut object = WordPressCluster::fixture().deleting().annotated(SCOPE, "{}");
    object.metadata.finalizers = Some(vec!["someone.else/finalizer".into()]);
    let action = pass(&readable(object), &context(client)).await.expect("a pass");
    assert_eq!(action, Action::await_change());
    assert!(kube.taken().is_empty());
}

#[tokio::test]
async fn a_deleted_object_without_a_scope_is_released() {
    let (client, kube) = Kube::new();
    let mut object = WordPressCluster::fixture().deleting();
    object.metadata.finalizers.get_or_insert_default().push("someone.else/finalizer".into());
    // What is not built yet is no reason to stay.
    object.spec.hibernate = true;
    let action = pass(&readable(object), &context(client)).await.expect("a pass");
    assert_eq!(action, Action::await_change());
    assert_eq!(finalizers(&kube), json!(["someone.else/finalizer"]));
}

/// An API in which somebody writes to the object between our read and our first write: what the object is then.
fn busy(latest: WordPressCluster) -> (Client, Kube) {
    let mut latest = json!(latest);
    latest["metadata"]["resourceVersion"] = json!("708");
    Kube::with(move |call| match (&call.method, call.body["metadata"]["resourceVersion"].as_str()) {
        (&Method::GET, _) => Some((200, latest.clone())),
        (&Method::PATCH, Some("707")) => Some(refusal(409, "Conflict")),
        _ => None,
    })
}

#[tokio::test]
async fn somebody_who_writes_all_the_time_does_not_keep_an_object() {
    let object = WordPressCluster::fixture().deleting();
    let (client, kube) = busy(object.clone().annotated("someone.else/note", "again"));
    let action = pass(&readable(object), &context(client)).await.expect("a pass");
    assert_eq!(action, Action::await_change());
    assert_eq!(kube.words(), ["PATCH object", "GET object", "PATCH object"]);
}

#[tokio::test]
async fn an_object_that_got_a_stack_meanwhile_is_not_released() {
    let object = WordPressCluster::fixture().deleting();
    let (client, kube) = busy(object.clone().annotated(SCOPE, "{}"));
    let released = pass(&readable(object), &context(client)).await;
    assert!(released.is_err_and(|error| error.to_string().contains("the API said no")));
    assert_eq!(kube.words(), ["PATCH object", "GET object"]);
}

#[tokio::test]
async fn a_scope_that_cannot_be_read_keeps_the_object() {
    for scope in ["{", r#"{"account":"1","region":"eu-west-1","stack":"default/press/gazette","partition":"aws"}"#] {
        let (client, kube) = Kube::new();
        let object = WordPressCluster::fixture().deleting().annotated(SCOPE, scope);
        let action = pass(&readable(object), &context(client)).await.expect("a pass");
        assert_ne!(action, Action::await_change());
        let calls = kube.taken();
        assert_eq!(calls.iter().map(Call::word).collect::<Vec<_>>(), ["POST event", "PATCH status"]);
        assert!(calls[0].body["note"].as_str().is_some_and(|note| note.contains(SCOPE)));
    }
}

#[tokio::test]
async fn a_deleted_object_that_is_paused_stays() {
    let (client, kube) = Kube::new();
    let object = readable(WordPressCluster::fixture().deleting().paused());
    let action = pass(&object, &context(client)).await.expect("a pass");
    assert_ne!(action, Action::await_change());
    assert_eq!(kube.words(), ["PATCH status"]);
}

/// An API that has the object as a newer operator might have allowed it.
fn odd(spec: Value) -> (Client, Kube) {
    Kube::with(move |call| {
        let mut object = json!(WordPressCluster::fixture().deleting());
        object["spec"] = spec.clone();
        (call.method == Method::GET).then_some((200, object))
    })
}

#[tokio::test]
async fn an_object_that_cannot_be_read_can_be_deleted() {
    let (client, kube) = odd(json!({ "deletionPolicy": "Archive" }));
    let object = unreadable(WordPressCluster::fixture().deleting());
    let action = pass(&object, &context(client)).await.expect("a pass");
    assert_eq!(action, Action::await_change());
    assert_eq!(finalizers(&kube), json!([]));
}

#[tokio::test]
async fn of_an_object_that_cannot_be_read_what_can_be_is_honoured() {
    let (client, kube) = odd(json!({ "paused": true, "site": 5 }));
    let object = unreadable(WordPressCluster::fixture().deleting());
    pass(&object, &context(client)).await.expect("a pass");
    assert_eq!(kube.words(), ["GET object", "PATCH status"]);

    let (client, _) = odd(json!({ "deletionPolicy": "Retain", "site": 5 }));
    let metadata = WordPressCluster::fixture().metadata;
    let object = crate::finalize::stand_in(&context(client), metadata).await.expect("an object");
    assert_eq!(object.spec.deletion_policy, wpc_api::v1alpha1::DeletionPolicy::Retain);
    assert!(!object.finalizers().iter().any(|name| name == FINALIZER), "metadata is the watch's");
}

#[tokio::test]
async fn after_the_end_nothing_is_written() {
    let (client, kube) = Kube::new();
    let context = context(client);
    context.leadership.end();
    for object in
        [WordPressCluster::fixture(), WordPressCluster::fixture().paused(), WordPressCluster::fixture().deleting()]
    {
        pass(&readable(object), &context).await.expect("no pass");
    }
    assert!(kube.taken().is_empty());
    assert!(matches!(context.access(), wpc_aws::Access::While(may) if may().is_none()));
}
