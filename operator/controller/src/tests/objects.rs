use std::time::Duration;

use wpc_api::annotations::{FINALIZER, RECONCILE_AT, Scope};
use wpc_api::v1alpha1::ChangePolicy;
use wpc_engine::{Class, Event, Fault, Id, Step, Verb};

use super::*;
use crate::context::Hints;
use crate::reconcile::{self, Done};
use crate::{project, run, status};

fn scope() -> Scope {
    Scope {
        account: "210987654321".into(),
        region: "eu-west-1".into(),
        role: None,
        stack: "default/press/gazette".into(),
    }
}

fn unsupported() -> WordPressCluster {
    let mut object = WordPressCluster::fixture();
    object.spec.hibernate = true;
    object
}

async fn with_hints<T>(context: &Context, act: impl AsyncFnOnce(&mut Hints) -> T) -> T {
    let hints = context.hints("5f0c8a52");
    let mut hints = hints.lock().await;
    act(&mut hints).await
}

#[tokio::test]
async fn finalizer_and_scope_come_first_and_in_one_write() {
    let (client, kube) = Kube::new();
    let context = context(client);
    let mut object = WordPressCluster::fixture();
    object.metadata.finalizers = Some(vec!["someone.else/finalizer".into()]);
    let wrote = reconcile::enrol(&context, &object, &scope()).await;
    assert!(wrote.expect("a write"));
    let [call] = kube.taken().try_into().expect("one write");
    assert_eq!(call.word(), "PATCH object");
    assert_eq!(
        call.body["metadata"],
        json!({
            "finalizers": ["someone.else/finalizer", FINALIZER],
            "annotations": { "wordpresscluster.dev/scope": scope().to_annotation() },
            "resourceVersion": "707",
        })
    );

    let enrolled =
        WordPressCluster::fixture().finalized().annotated("wordpresscluster.dev/scope", &scope().to_annotation());
    let wrote = reconcile::enrol(&context, &enrolled, &scope()).await;
    assert!(!wrote.expect("no write"));
    assert!(kube.taken().is_empty());
}

#[tokio::test]
async fn a_conflict_is_retried_soon_and_is_no_failure() {
    let (client, _) = Kube::with(|call| (call.method == Method::PATCH).then(|| refusal(409, "Conflict")));
    let context = context(client);
    let object = readable(WordPressCluster::fixture().paused());
    let error = pass(&object, &context).await.expect_err("a conflict");
    let action = run::retry(object, &error, context);
    assert_eq!(action, Action::requeue(Duration::from_millis(200)));
}

#[tokio::test]
async fn an_api_that_is_away_is_asked_again() {
    let (client, kube) = Kube::with(|_| Some(refusal(503, "ServiceUnavailable")));
    let context = context(client);
    let object = readable(WordPressCluster::fixture().paused());
    let error = pass(&object, &context).await.expect_err("no API");
    assert_eq!(run::retry(object.clone(), &error, context.clone()), Action::requeue(Duration::from_secs(5)));
    kube.taken();
    assert!(pass(&object, &context).await.is_err());
    assert!(!kube.taken().is_empty(), "the failed pass is made again, not taken for done");
}

#[tokio::test(start_paused = true)]
async fn a_paused_object_gets_one_write_of_its_status() {
    let (client, kube) = Kube::new();
    let context = context(client);
    let mut object = WordPressCluster::fixture().paused();
    pass(&readable(object.clone()), &context).await.expect("a pass");
    let [call] = kube.taken().try_into().expect("one write");
    assert_eq!(call.word(), "PATCH status");
    assert!(call.query.contains("fieldManager=wordpress-operator"), "{}", call.query);
    object.status = serde_json::from_value(call.body["status"].clone()).expect("a status");
    // The write wakes us: no pass is due.
    pass(&readable(object.clone()), &context).await.expect("no pass");
    // One is due, and finds nothing new; also after a request for one, but for its echo.
    tokio::time::advance(Duration::from_secs(3600)).await;
    pass(&readable(object.clone()), &context).await.expect("a pass");
    assert!(kube.words().is_empty());
    let asked = object.annotated(RECONCILE_AT, "now");
    pass(&readable(asked), &context).await.expect("a pass");
    assert_eq!(kube.words(), ["PATCH status"]);
}

#[tokio::test]
async fn a_status_that_says_nothing_new_is_not_written() {
    let (client, kube) = Kube::new();
    let context = context(client);
    let mut object = WordPressCluster::fixture();
    let status = project::paused(&object, jiff::Timestamp::UNIX_EPOCH);
    object.status = Some(status.clone());
    status::write(&context, &object, status.clone()).await.expect("nothing to do");
    assert!(kube.taken().is_empty());
    object.metadata.generation = Some(5);
    let newer = project::paused(&object, jiff::Timestamp::UNIX_EPOCH);
    status::write(&context, &object, newer).await.expect("a write");
    let [call] = kube.taken().try_into().expect("one write");
    assert_eq!(call.body["metadata"]["uid"], json!(object.metadata.uid), "never to another object of this name");
    assert_eq!(call.body["spec"], Value::Null);
}

#[tokio::test]
async fn an_object_that_went_meanwhile_is_no_error() {
    let (client, _) = Kube::with(|_| Some(refusal(404, "NotFound")));
    pass(&readable(WordPressCluster::fixture().paused()), &context(client)).await.expect("nobody to tell");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_supported_is_told_once_with_its_path() {
    let (client, kube) = Kube::new();
    let context = context(client);
    let mut object = unsupported();
    pass(&readable(object.clone()), &context).await.expect("a pass");
    let calls = kube.taken();
    assert_eq!(calls.iter().map(Call::word).collect::<Vec<_>>(), ["POST event", "PATCH status"]);
    assert_eq!(calls[0].body["reason"], "NotSupportedYet");
    assert!(calls[0].body["note"].as_str().is_some_and(|note| note.contains("spec.hibernate")), "{}", calls[0].body);
    object.status = serde_json::from_value(calls[1].body["status"].clone()).expect("a status");
    let stalled = object.status.iter().flat_map(|s| &s.conditions).find(|c| c.type_ == "Stalled").expect("Stalled");
    assert_eq!((stalled.status.as_str(), stalled.reason.as_str()), ("True", "NotSupportedYet"));
    assert!(stalled.message.contains("spec.hibernate"));
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(3600)).await;
        pass(&readable(object.clone()), &context).await.expect("a pass");
    }
    assert_eq!(kube.words(), [""; 0], "an event in every pass");
    object.spec.change_policy = ChangePolicy::Approve;
    object.metadata.generation = Some(5);
    pass(&readable(object), &context).await.expect("a pass");
    assert_eq!(kube.words().len(), 2, "another field is news");
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_the_account_is_told_once_and_asked_again_ever_later() {
    let (client, kube) = Kube::new();
    let context = context(client);
    let mut object = WordPressCluster::fixture();
    let mut waits = vec![];
    for request in ["4f1c", "9e2d", "77aa", "0b0b", "1c1c", "2d2d", "3e3e"] {
        let fault = Fault { request_id: Some(request.into()), ..Fault::new(Class::Transient, "no route") };
        let refused = async |hints: &mut Hints| reconcile::refuse(&context, &object, hints, fault.into()).await;
        waits.push(with_hints(&context, refused).await.expect("a wait"));
        if let Some(call) = kube.taken().into_iter().find(|call| call.word() == "PATCH status") {
            assert_eq!(waits.len(), 1, "another request is no news");
            object.status = serde_json::from_value(call.body["status"].clone()).expect("a status");
        }
    }
    assert!(waits.is_sorted() && waits[0] < Duration::from_secs(2), "{waits:?}");
    assert_eq!(waits.last(), Some(&Duration::from_secs(30)));
    assert!(object.status.is_some());
}

#[tokio::test]
async fn an_unreadable_object_is_told_once_and_breaks_no_other() {
    let (client, kube) = Kube::new();
    let context = context(client);
    let odd = unreadable(WordPressCluster::fixture());
    for _ in 0..3 {
        pass(&odd, &context).await.expect("it is left alone");
    }
    let calls = kube.taken();
    assert_eq!(calls.iter().map(Call::word).collect::<Vec<_>>(), ["POST event"]);
    assert!(calls[0].body["note"].as_str().is_some_and(|note| note.contains("Archive")), "{}", calls[0].body);
    let mut other = WordPressCluster::fixture().named("press", "herald").paused();
    other.metadata.uid = Some("another".into());
    pass(&readable(other), &context).await.expect("a pass");
    assert_eq!(kube.words(), ["PATCH status"]);
}

#[tokio::test]
async fn a_step_is_told_under_its_component() {
    let (client, kube) = Kube::new();
    let context = context(client);
    let done = Done::default();
    let component = || "network/vpc".to_owned();
    done.note(Event::Done { component: component(), id: Id("vpc-1".into()), step: Step::of(Verb::Create) });
    done.note(Event::Failed { component: component(), fault: Fault::invalid("told with the report") });
    done.tell(&context, &WordPressCluster::fixture()).await;
    let [call] = kube.taken().try_into().expect("one event");
    let told =
        ["action", "reason", "type", "note"].map(|field| call.body[field].as_str().unwrap_or_default().to_owned());
    assert_eq!(told, ["Create", "Created", "Normal", "network/vpc (vpc-1): created"]);
    assert_eq!(call.body["regarding"]["name"], "gazette");
}

#[tokio::test]
async fn what_is_over_and_comes_again_is_told_again() {
    let (client, kube) = Kube::new();
    let context = context(client);
    let object = WordPressCluster::fixture();
    let report = |faults: &[(&'static str, Class)]| wpc_engine::Report {
        unlisted: faults.iter().map(|(kind, class)| (*kind, Fault::new(*class, "no"))).collect(),
        ..Default::default()
    };
    let table: [(&[_], usize); 5] = [
        (&[("ec2/vpc", Class::Denied), ("rds/db", Class::Denied)], 2),
        (&[("ec2/vpc", Class::Denied), ("rds/db", Class::Quota)], 1),
        (&[("ec2/vpc", Class::Denied)], 0),
        (&[], 0),
        (&[("ec2/vpc", Class::Denied)], 1),
    ];
    for (faults, told) in table {
        let tell = async |hints: &mut Hints| reconcile::tell(&context, &object, hints, &report(faults)).await;
        with_hints(&context, tell).await;
        assert_eq!(kube.taken().len(), told, "{faults:?}");
    }
}
